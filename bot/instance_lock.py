"""Defines the lock that keeps a second instance off a database: a file beside it, locked for as long as its process lives.

A POSIX lock ends with its process however that dies, and worker processes do not inherit it: an orphan cannot keep the bot from
starting again. Such locks do not hold within one process, so the paths held here are remembered too.
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
"""Somebody who only asks (`held_by`) has the lock for microseconds; a start that meets that tries again (pause in seconds)."""
_held: dict[Path, str] = {}
"""What this process holds, and what stands in the file: opening and closing the file here would end the lock (POSIX)."""


class LockedError(Exception):
    """Another seedwatch works on the database; the message is one line for a person."""


@contextmanager
def hold(database: Path | str) -> Iterator[None]:
    """Keeps other instances off `database` while inside.

    Raises LockedError at once when one is at work, OSError when no file can be made.
    """
    if str(database) == ":memory:":
        yield
        return
    path = lock_path(database)
    if path in _held:
        raise LockedError(_said(database, _held[path]))
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _take(handle):
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
    """Who works on the database ("process 12 on host"), or None. Takes nothing."""
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
    """The lock file of a database, the same through every link to it."""
    resolved = Path(database).resolve()
    return resolved.with_name(resolved.name + ".lock")


def _take(handle: int) -> bool:
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
