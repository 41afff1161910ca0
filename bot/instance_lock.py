"""Defines hold, the lock that prevents two instances on one database: a file next to it, locked while the process lives.

A POSIX lock ends with its process in any case, and worker processes do not inherit it, so an orphan cannot prevent a restart. Such locks do
not work within one process, so the locked paths are also kept in `_held`.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TRIES, _PAUSE = 5, 0.05
"""`held_by` takes the lock for microseconds, so a start tries several times (pause in seconds)."""
_held: dict[Path, str] = {}
"""The locks of this process with the content of their files: opening and closing such a file here would release the lock (POSIX)."""


class LockedError(Exception):
    """Another instance uses the database; the message is one line for the user."""


@contextmanager
def hold(database: Path | str) -> Iterator[None]:
    """Holds the lock of `database` inside the `with` block.

    Raises LockedError at once if another instance holds it, OSError if the file cannot be created.
    """
    if str(database) == ":memory:":
        yield
        return
    path = lock_path(database)
    if path in _held:
        raise LockedError(_said(database, _held[path]))
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _try_lock(handle):
            raise LockedError(_said(database, _read(path)))
        _held[path] = f"process {os.getpid()} on {socket.gethostname()}"
        try:
            os.ftruncate(handle, 0)
            os.write(handle, _held[path].encode())
            yield
        finally:
            del _held[path]
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def held_by(database: Path | str) -> str | None:
    """Returns which process uses the database ("process 12 on host"), or None. Does not keep the lock."""
    path = lock_path(database)
    if path in _held:
        return _held[path]
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _read(path)
    finally:
        os.close(handle)
    return None


def lock_path(database: Path | str) -> Path:
    """Returns the lock file of a database, with symbolic links resolved."""
    resolved = Path(database).resolve()
    return resolved.with_name(resolved.name + ".lock")


def _try_lock(handle: int) -> bool:
    for attempt in range(_TRIES):
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if attempt < _TRIES - 1:
                time.sleep(_PAUSE)
            continue
        return True
    return False


def _read(path: Path) -> str:
    return path.read_text("utf-8").strip() or "another process"


def _said(database: Path | str, holder: str) -> str:
    return f"{database}: another seedwatch ({holder}) works on this database; stop that one first, or name another with --db"
