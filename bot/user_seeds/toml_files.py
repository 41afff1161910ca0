"""Defines how the bot edits the TOML files of a user's seeds folder: entries are added, replaced and removed.

Hand-written content keeps its comments and order. A file is replaced in one step, so that readers never see half of it. Several chats and
commands edit the same files, so each edit holds the lock of the folder:

    lock ─► read the files ─► change entries ─► write ─► load all seeds ─► undo if they are invalid ─► unlock

The caller loads and checks the seeds.
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
"""The key that identifies an entry of each file."""
_FILE_COMMENTS = {
    "entities": "Who and what is watched besides what comes with seedwatch; same ids override.",
    "rules": "When an item matters, besides the rules that come with seedwatch; same ids override.",
    "feeds": "What is polled besides the feeds that come with seedwatch; same addresses override.",
}
LOCK = ".lock"
"""The file in the folder that is locked during an edit. It stays there, empty."""
LOCK_TIMEOUT, RETRY_PAUSE = 60.0, 0.05
"""Seconds: how long an edit waits for the lock (each edit holds it for about a second), and the pause between attempts."""


class OwnSeedsError(Exception):
    """A file of the seeds folder cannot be read or written; the message names it."""


def own_entries(folder: Path, table: str) -> dict[str, dict[str, Any]]:
    """Returns the entries of a user's file by their identifying key. Raises OwnSeedsError."""
    document = _read(folder / f"{table}.toml")
    return {str(entry.get(KEYS[table])): dict(entry.unwrap()) for entry in document.get(table, [])}


@dataclass(frozen=True)
class SaveEntry:
    """Adds an entry to the table's file, or replaces the one with the same id (for a feed: the same address)."""

    table: str
    entry: Mapping[str, Any]


@dataclass(frozen=True)
class RemoveEntry:
    """Removes the entry with this id (for a feed: this address) from the table's file, if it exists."""

    table: str
    key: str


Change = SaveEntry | RemoveEntry


@dataclass(frozen=True)
class UndoRecord:
    """What an edit wrote, to undo it. `files`: by table, the content before and after; `undo_changes`: changes that restore the entries."""

    folder: Path
    files: Mapping[str, tuple[bytes | None, bytes]]
    undo_changes: Sequence[Change]

    def undo(self) -> None:
        """Undoes this edit only. A file that was written by someone else since keeps their changes. Raises OwnSeedsError."""
        changes = []
        for table, (before, after) in reversed(list(self.files.items())):
            if content_of(self.folder, table) == after:
                restore(self.folder, table, before)
            else:
                changes += [change for change in self.undo_changes if change.table == table]
        change_entries(self.folder, changes)


def change_entries(folder: Path, changes: Iterable[Change]) -> UndoRecord:
    """Reads and writes each file once, in the order in which the changes name the tables. Raises OwnSeedsError.

    Call it while `lock_seeds` or `hold_seeds` holds the folder.
    """
    by_table: dict[str, list[Change]] = {}
    for change in changes:
        by_table.setdefault(change.table, []).append(change)
    files: dict[str, tuple[bytes | None, bytes]] = {}
    undo_changes: list[Change] = []
    for table, table_changes in by_table.items():
        before, document = content_of(folder, table), _read(folder / f"{table}.toml")
        if before is None:
            document.add(tomlkit.comment(_FILE_COMMENTS[table]))
        undo = _change_table(document, table, table_changes)
        if undo:
            files[table] = (before, tomlkit.dumps(document).encode())
            undo_changes += reversed(undo)
    for index, (table, (_, content)) in enumerate(files.items()):
        try:
            _replace(folder / f"{table}.toml", content)
        except OwnSeedsError:
            UndoRecord(folder, dict(list(files.items())[:index]), undo_changes).undo()
            raise
    return UndoRecord(folder, files, undo_changes)


def _change_table(document: tomlkit.TOMLDocument, table: str, changes: Iterable[Change]) -> list[Change]:
    """Changes the document. Returns, for each change that had an effect, the change that undoes it."""
    undo: list[Change] = []
    entries = _entries(document, table)
    indexes = _entry_indexes(table, entries)
    for change in changes:
        key = str(change.entry[KEYS[table]]) if isinstance(change, SaveEntry) else change.key
        index = indexes.get(_identity(table, key))
        if index is not None:
            undo.append(SaveEntry(table, entries[index].unwrap()))
        if isinstance(change, SaveEntry):
            if index is not None:
                new_entry, comments = _entry(change.entry), _comments_after(entries[index])
                entries[index] = new_entry
                _add_comments(new_entry, comments)
                continue
            indexes[_identity(table, key)] = len(entries)
            entries.append(_entry(change.entry))
            undo.append(RemoveEntry(table, key))
        elif index is not None:
            comments = _comments_after(entries[index])
            del entries[index]
            _add_comments(entries[index - 1] if index else document, comments)
            indexes = _entry_indexes(table, entries)
    if not len(entries):
        document.remove(table)
    return undo


def _entry_indexes(table: str, entries: AoT) -> dict[str, int]:
    return {_identity(table, str(entry.get(KEYS[table]))): index for index, entry in enumerate(entries)}


def restore(folder: Path, table: str, content: bytes | None) -> None:
    """Writes the content that `content_of` returned."""
    path = folder / f"{table}.toml"
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _replace(path, content)


def content_of(folder: Path, table: str) -> bytes | None:
    """Returns the content of the file; None if there is none. Raises OwnSeedsError."""
    path = folder / f"{table}.toml"
    try:
        return path.read_bytes() if path.exists() else None
    except OSError as error:
        raise OwnSeedsError(f"{path}: cannot be read: {error.strerror}") from None


# --- the lock ----------------------------------------------------------------------------------------------------------------------


@contextmanager
def lock_seeds(folder: Path) -> Iterator[None]:
    """Holds the folder for one read, change and write, against all other processes and tasks. Blocks; raises OwnSeedsError after
    `LOCK_TIMEOUT`."""
    attempts = _lock_attempts(folder)
    while (handle := next(attempts)) is None:
        time.sleep(RETRY_PAUSE)
    try:
        yield
    finally:
        _unlock(handle)


@asynccontextmanager
async def hold_seeds(folder: Path) -> AsyncIterator[None]:
    """Like `lock_seeds`, but lets the event loop run while it waits."""
    attempts = _lock_attempts(folder)
    while (handle := next(attempts)) is None:  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(RETRY_PAUSE)
    try:
        yield
    finally:
        _unlock(handle)


def _lock_attempts(folder: Path) -> Iterator[int | None]:
    """Yields the handle of the lock, or None while someone else holds it."""
    end = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            handle = _try_lock(folder)
        except OSError as error:
            raise OwnSeedsError(f"{folder}: cannot be written: {error.strerror}") from None
        if handle is None and time.monotonic() > end:
            raise OwnSeedsError(f"{folder}: somebody else is changing it; try again")
        yield handle


def _try_lock(folder: Path) -> int | None:
    """Returns the handle of the lock or None. flock locks the open file, not the process: it also separates tasks of one process, and ends
    with its holder."""
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
    fcntl.flock(handle, fcntl.LOCK_UN)  # explicit, because a forked child may still hold the handle
    os.close(handle)


# --- the files --------------------------------------------------------------------------------------------------------------------


def _identity(table: str, key: str) -> str:
    try:
        return address_identity(key) if table == "feeds" else key
    except ValueError:  # not an address; loading the file reports it
        return key


def _read(path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise OwnSeedsError(f"{path}: cannot be read: {error}") from None


def _entries(document: tomlkit.TOMLDocument, table: str) -> AoT:
    entries = document.get(table)
    if entries is None:
        document[table] = tomlkit.aot()
        entries = document[table]
    if not isinstance(entries, AoT):
        raise OwnSeedsError(f"{table}.toml: expected [[{table}]] entries")
    return entries


def _comments_after(entry: tomlkit.items.Table) -> list[Comment]:
    """Returns the comments after the entry's last key: they belong to the following entry, and stay if this one is removed."""
    body = entry.value.body
    last = max((index for index, (key, _) in enumerate(body) if key is not None), default=-1)
    return [item for _, item in body[last + 1 :] if isinstance(item, Comment)]


def _add_comments(parent: tomlkit.items.Table | tomlkit.TOMLDocument, comments: Iterable[Comment]) -> None:
    for index, comment in enumerate(comments):
        if not index:
            parent.add(tomlkit.nl())
        parent.add(comment)


def _entry(entry: Mapping[str, Any]) -> tomlkit.items.Table:
    table = tomlkit.table()
    for key, value in entry.items():
        table[key] = _value(value)
    return table


def _value(value: Any) -> Any:
    """Converts a value for TOML. A list of tables gets one inline table per line, which people can read and extend."""
    if isinstance(value, Mapping):
        inline = tomlkit.inline_table()
        inline.update({key: _value(element) for key, element in value.items()})
        return inline
    if isinstance(value, (list, tuple)):
        array = tomlkit.array()
        array.extend([_value(element) for element in value])
        return array.multiline(any(isinstance(element, Mapping) for element in value))
    return value


def _replace(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path.resolve()  # keeps a symbolic link
        new = target.with_name(f".{target.name}.new")  # a fixed name, so that a leftover of a crash is overwritten
        with new.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        new.replace(target)
    except OSError as error:
        raise OwnSeedsError(f"{path}: cannot be written: {error.strerror}") from None
