"""Defines how the bot writes a person's own seeds: entries put into, and taken out of, the TOML files of the seeds folder.

What people wrote there by hand, comments and order included, stays as it is. A file is replaced in one step, so that nobody ever reads
half of it. Whether the whole still fits together is for whoever loads it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

KEYS = {"entities": "id", "rules": "id", "feeds": "url"}
"""What tells entries of a file from each other."""
_HEADS = {
    "entities": "Who and what is watched besides what comes with seedwatch; same ids override.",
    "rules": "When an item matters, besides the rules that come with seedwatch; same ids override.",
    "feeds": "What is polled besides the feeds that come with seedwatch; same addresses override.",
}


class OwnSeedsError(Exception):
    """A file of the seeds folder cannot be read or written; the message names it."""


def own_entries(folder: Path, table: str) -> dict[str, dict[str, Any]]:
    """The entries of a person's own file, by what tells them apart. Raises OwnSeedsError."""
    document = _read(folder / f"{table}.toml")
    return {str(one.get(KEYS[table])): dict(one.unwrap()) for one in document.get(table, [])}


def put_entry(folder: Path, table: str, entry: Mapping[str, Any]) -> Path:
    """Adds the entry, or replaces the one of the same id; the file. Safe to repeat. Raises OwnSeedsError."""
    path = folder / f"{table}.toml"
    document = _read(path)
    if not path.exists():
        document.add(tomlkit.comment(_HEADS[table]))
    made = _entry(entry)
    entries = _entries(document, table)
    for at, one in enumerate(entries):
        if one.get(KEYS[table]) == entry[KEYS[table]]:
            entries[at] = made
            break
    else:
        entries.append(made)
    _write(path, document)
    return path


def take_entry(folder: Path, table: str, name: str) -> bool:
    """Removes the entry; False when there was none. Raises OwnSeedsError."""
    path = folder / f"{table}.toml"
    document = _read(path)
    entries = _entries(document, table)
    for at, one in enumerate(entries):
        if one.get(KEYS[table]) == name:
            del entries[at]
            if not len(entries):
                document.remove(table)
            _write(path, document)
            return True
    return False


def restore(folder: Path, table: str, content: bytes | None) -> None:
    """Puts back what `content_of` gave."""
    path = folder / f"{table}.toml"
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _replace(path, content)


def content_of(folder: Path, table: str) -> bytes | None:
    """The file as it is, None without one."""
    path = folder / f"{table}.toml"
    return path.read_bytes() if path.exists() else None


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


def _write(path: Path, document: tomlkit.TOMLDocument) -> None:
    _replace(path, tomlkit.dumps(document).encode())


def _replace(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        raise OwnSeedsError(f"{path}: cannot be written: {error.strerror}") from None
