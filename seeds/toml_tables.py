"""Defines `read_entries`: a TOML file of one kind of entry (`[[entities]]`, `[[rules]]` …) → checked values, and every mistake in it.

Reads one file and knows nothing of the others: what must fit across files is `seeds.references`'s. A mistake is a SeedError in a list,
not raised, so that `seeds check` can name all of them at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from seeds.error_messages import describe, shown, suggest_spelling
from seeds.errors import SeedError

M = TypeVar("M", bound=BaseModel)
_POSITION = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True)
class TableSchema(Generic[M]):
    """One kind of entry: it stands in `table`.toml as `[[table]]`, and `key` tells one from another."""

    table: str
    model: type[M]
    key: str = "id"
    identity: Callable[[str], str] = str
    """Two keys with the same identity are the same entry."""


class Entries(Generic[M]):
    """What one file gave: `values` by identity in file order, `errors` for the entries that are not among them."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[str, M] = {}
        self.errors: list[SeedError] = []

    def add(self, kind: TableSchema[M], value: M) -> None:
        """Takes an entry in; one whose identity stands here already is a mistake."""
        where = str(getattr(value, kind.key))
        identity = kind.identity(where)
        if identity in self.values:
            self.errors.append(SeedError(self.file, where, kind.key, f"stands twice in this file; expected each {kind.key} once"))
        else:
            self.values[identity] = value


def read_entries(folder: Path | Traversable, shown_folder: str, kind: TableSchema[M]) -> Entries[M]:
    """All entries of one kind in its file in `folder`, which errors call `shown_folder`. No file gives nothing."""
    entries: Entries[M] = Entries(f"{shown_folder}/{kind.table}.toml")
    data = _read_toml(folder / f"{kind.table}.toml", entries.file, entries.errors)
    for stray in sorted(data.keys() - {kind.table}):
        problem = f"unknown key{suggest_spelling(stray, [kind.table]) or f'; expected [[{kind.table}]]'}"
        entries.errors.append(SeedError(entries.file, "", stray, problem))
    rows = data.get(kind.table, [])
    if not isinstance(rows, list):
        problem = f"expected [[{kind.table}]] with two brackets, one for each entry"
        entries.errors.append(SeedError(entries.file, "", kind.table, problem))
        return entries
    for place, row in enumerate(rows):
        _read_one(row, place, kind, entries)
    return entries


def _read_one(row: object, place: int, kind: TableSchema[M], entries: Entries[M]) -> None:
    where = f"{kind.table}[{place}]"
    if not isinstance(row, dict):
        entries.errors.append(SeedError(entries.file, where, "", f"expected a table, found {shown(row)}"))
        return
    if isinstance(row.get(kind.key), str) and row[kind.key]:
        where = row[kind.key]
    try:
        value = kind.model.model_validate(row)
    except ValidationError as error:
        entries.errors += [SeedError(entries.file, where, at, problem) for at, problem in describe(error, kind.model)]
        return
    bent = list(_bent(value, row, ""))
    entries.errors += [SeedError(entries.file, where, at, problem) for at, problem in bent]
    if not bent:
        entries.add(kind, value)


def _bent(value: object, row: object, path: str) -> Iterator[tuple[str, str]]:
    """Places where pydantic was too kind: "yes" or 1 taken for true, "3" for a number. In a watch that would be a silent mistake."""
    if isinstance(value, BaseModel) and isinstance(row, dict):
        for key in value.model_fields_set & row.keys():
            yield from _bent(getattr(value, key), row[key], f"{path}.{key}" if path else key)
    elif isinstance(value, tuple) and isinstance(row, list):
        for place, (one, raw) in enumerate(zip(value, row, strict=False)):
            yield from _bent(one, raw, f"{path}[{place}]")
    elif isinstance(value, bool) and not isinstance(row, bool):
        yield path, f"expected true or false, found {shown(row)}"
    elif isinstance(value, int | float) and isinstance(row, str):
        yield path, f"expected a number, found {shown(row)}"


def _read_toml(path: Path | Traversable, name: str, errors: list[SeedError]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        errors.append(SeedError(name, "", "", f"cannot be read: {error.strerror or error}"))
    except UnicodeDecodeError as error:
        errors.append(SeedError(name, "", "", f"is not UTF-8 text (byte {error.start})"))
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        position = _POSITION.search(message)
        where = f"line {position[1]}" if position and position[1] else "end of file"
        said = _POSITION.sub("", message)
        errors.append(SeedError(name, where, "", f"is not TOML: {said[:1].lower()}{said[1:]}"))
    return {}
