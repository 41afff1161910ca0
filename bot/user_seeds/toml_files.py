"""Defines how the bot writes a person's own seeds: entries put into, and taken out of, the TOML files of the seeds folder.

What people wrote there by hand, comments and order included, stays as it is. A file is replaced in one step, so that nobody ever reads
half of it. Several chats and commands change the same files, so each change holds the folder's lock:

    lock ─► read the files as they are ─► change entries ─► write ─► load everything ─► undo when it does not fit ─► unlock

Whether the whole still fits together is for whoever loads it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Comment

from seeds.feeds import address_identity

KEYS = {"entities": "id", "rules": "id", "feeds": "url"}
"""What tells entries of a file from each other."""
_HEADS = {
    "entities": "Who and what is watched besides what comes with seedwatch; same ids override.",
    "rules": "When an item matters, besides the rules that come with seedwatch; same ids override.",
    "feeds": "What is polled besides the feeds that come with seedwatch; same addresses override.",
}
LOCK = ".lock"
"""The file in the folder that is locked for a change; it stays there, empty."""
WAIT, PAUSE = 60.0, 0.05
"""Seconds: how long a change waits for the ones before it (each holds the lock for about a second), and how often it asks."""


class OwnSeedsError(Exception):
    """A file of the seeds folder cannot be read or written; the message names it."""


def own_entries(folder: Path, table: str) -> dict[str, dict[str, Any]]:
    """The entries of a person's own file, by what tells them apart. Raises OwnSeedsError."""
    document = _read(folder / f"{table}.toml")
    return {str(one.get(KEYS[table])): dict(one.unwrap()) for one in document.get(table, [])}


@dataclass(frozen=True)
class Put:
    """Add this entry to the table's file, or replace the one of the same id (of a feed: the same address)."""

    table: str
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class Take:
    """Take the entry of this id (of a feed: this address) out of the table's file; nothing happens when there is none."""

    table: str
    key: str


Change = Put | Take


@dataclass(frozen=True)
class Written:
    """What a change wrote, so that it can be undone: by table the file before and after, and the changes that bring its entries back."""

    folder: Path
    files: Mapping[str, tuple[bytes | None, bytes]]
    back: Sequence[Change]

    def undo(self) -> None:
        """Takes back this change alone. A file that somebody else wrote meanwhile keeps what they wrote. Raises OwnSeedsError."""
        others = []
        for table, (before, after) in reversed(list(self.files.items())):
            if content_of(self.folder, table) == after:
                restore(self.folder, table, before)
            else:
                others += [change for change in self.back if change.table == table]
        change_entries(self.folder, others)


def change_entries(folder: Path, changes: Iterable[Change]) -> Written:
    """Makes the changes with one read and one write of each file, in the order in which the changes name the tables. Raises OwnSeedsError.

    Call it while `lock_seeds` or `hold_seeds` holds the folder.
    """
    by_table: dict[str, list[Change]] = {}
    for change in changes:
        by_table.setdefault(change.table, []).append(change)
    files: dict[str, tuple[bytes | None, bytes]] = {}
    back: list[Change] = []
    for table, wanted in by_table.items():
        before, document = content_of(folder, table), _read(folder / f"{table}.toml")
        if before is None:
            document.add(tomlkit.comment(_HEADS[table]))
        undo = _change_table(document, table, wanted)
        if undo:
            files[table] = (before, tomlkit.dumps(document).encode())
            back += reversed(undo)
    for place, (table, (_, content)) in enumerate(files.items()):
        try:
            _replace(folder / f"{table}.toml", content)
        except OwnSeedsError:
            Written(folder, dict(list(files.items())[:place]), back).undo()
            raise
    return Written(folder, files, back)


def _change_table(document: tomlkit.TOMLDocument, table: str, changes: Iterable[Change]) -> list[Change]:
    """Changes the document; for each change that did something the one that takes it back."""
    undo: list[Change] = []
    entries = _entries(document, table)
    places = _places(table, entries)
    for change in changes:
        key = str(change.entry[KEYS[table]]) if isinstance(change, Put) else change.key
        place = places.get(_identity(table, key))
        if place is not None:
            undo.append(Put(table, entries[place].unwrap()))
        if isinstance(change, Put):
            if place is not None:
                made, after = _entry(change.entry), _comments_after(entries[place])
                entries[place] = made
                _add_comments(made, after)
                continue
            places[_identity(table, key)] = len(entries)
            entries.append(_entry(change.entry))
            undo.append(Take(table, key))
        elif place is not None:
            after = _comments_after(entries[place])
            del entries[place]
            _add_comments(entries[place - 1] if place else document, after)
            places = _places(table, entries)
    if not len(entries):
        document.remove(table)
    return undo


def _places(table: str, entries: AoT) -> dict[str, int]:
    return {_identity(table, str(entry.get(KEYS[table]))): place for place, entry in enumerate(entries)}


def restore(folder: Path, table: str, content: bytes | None) -> None:
    """Puts back what `content_of` gave."""
    path = folder / f"{table}.toml"
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _replace(path, content)


def content_of(folder: Path, table: str) -> bytes | None:
    """The file as it is, None without one. Raises OwnSeedsError."""
    path = folder / f"{table}.toml"
    try:
        return path.read_bytes() if path.exists() else None
    except OSError as error:
        raise OwnSeedsError(f"{path}: cannot be read: {error.strerror}") from None


# --- one at a time ----------------------------------------------------------------------------------------------------------------


@contextmanager
def lock_seeds(folder: Path) -> Iterator[None]:
    """Holds the folder for one read, change and write, against every other process and task. Waits; raises OwnSeedsError after WAIT."""
    tries = _tries(folder)
    while (handle := next(tries)) is None:
        time.sleep(PAUSE)
    try:
        yield
    finally:
        _unlock(handle)


@asynccontextmanager
async def hold_seeds(folder: Path) -> AsyncIterator[None]:
    """The same for the loop, which goes on with other work meanwhile."""
    tries = _tries(folder)
    while (handle := next(tries)) is None:  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(PAUSE)
    try:
        yield
    finally:
        _unlock(handle)


def _tries(folder: Path) -> Iterator[int | None]:
    """Tries to take the lock: None while somebody else has it, else its handle."""
    end = time.monotonic() + WAIT
    while True:
        try:
            handle = _try_lock(folder)
        except OSError as error:
            raise OwnSeedsError(f"{folder}: cannot be written: {error.strerror}") from None
        if handle is None and time.monotonic() > end:
            raise OwnSeedsError(f"{folder}: somebody else is changing it; try again")
        yield handle


def _try_lock(folder: Path) -> int | None:
    """A lock of the file's opening, not of the process (flock): it also keeps the tasks of one process apart, and ends with its holder."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError:
        os.close(handle)
        raise
    return handle


def _unlock(handle: int) -> None:
    fcntl.flock(handle, fcntl.LOCK_UN)  # said aloud: a forked child still has the handle
    os.close(handle)


# --- the files --------------------------------------------------------------------------------------------------------------------


def _identity(table: str, key: str) -> str:
    try:
        return address_identity(key) if table == "feeds" else key
    except ValueError:  # no address: whoever loads the file says so
        return key


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise OwnSeedsError(f"{path}: cannot be read: {error}") from None


def _entries(document: tomlkit.TOMLDocument, table: str) -> AoT:
    found = document.get(table)
    if found is None:
        document[table] = tomlkit.aot()
        found = document[table]
    if not isinstance(found, AoT):
        raise OwnSeedsError(f"{table}.toml: expected [[{table}]] entries")
    return found


def _comments_after(entry: tomlkit.items.Table) -> list[Comment]:
    """The comments behind the entry's last key: they speak of what comes next, and stay when the entry goes."""
    body = entry.value.body
    last = max((place for place, (key, _) in enumerate(body) if key is not None), default=-1)
    return [item for _, item in body[last + 1 :] if isinstance(item, Comment)]


def _add_comments(where: tomlkit.items.Table | tomlkit.TOMLDocument, comments: Iterable[Comment]) -> None:
    for place, comment in enumerate(comments):
        if not place:
            where.add(tomlkit.nl())
        where.add(comment)


def _entry(entry: Mapping[str, Any]) -> tomlkit.items.Table:
    table = tomlkit.table()
    for key, value in entry.items():
        table[key] = _value(value)
    return table


def _value(value: Any) -> Any:
    """Lists of tables as one inline table a line, which people can read and extend."""
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update({key: _value(one) for key, one in value.items()})
        return inline
    if isinstance(value, (list, tuple)):
        array = tomlkit.array()
        array.extend([_value(one) for one in value])
        return array.multiline(any(isinstance(one, Mapping) for one in value))
    return value


def _replace(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        place = path.resolve()  # a link stays one
        new = place.with_name(f".{place.name}.new")  # always this name: what a crash left is written over
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(place.stat().st_mode & 0o777 if place.exists() else 0o644)
        new.replace(place)
    except OSError as error:
        raise OwnSeedsError(f"{path}: cannot be written: {error.strerror}") from None
