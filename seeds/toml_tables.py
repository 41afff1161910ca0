"""Defines `read_entries`: reads a TOML file of one kind of entry (`[[entities]]`, `[[rules]]` …) to checked values and a list of errors.

Reads one file only; `seeds.references` checks references between files. Errors are SeedErrors in a list, not raised, so that
`seeds check` can show all of them at once.
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
    """One kind of entry: the file `table`.toml contains it as `[[table]]`, and `key` identifies an entry."""

    table: str
    model: type[M]
    key: str = "id"
    identity: Callable[[str], str] = str
    """Two keys with the same identity are the same entry."""


class Entries(Generic[M]):
    """The entries of one file: `values` by identity in file order, `errors` for the other entries."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[str, M] = {}
        self.errors: list[SeedError] = []

    def add(self, schema: TableSchema[M], value: M) -> None:
        """Adds an entry; a repeated identity is an error."""
        where = str(getattr(value, schema.key))
        identity = schema.identity(where)
        if identity in self.values:
            self.errors.append(SeedError(self.file, where, schema.key, f"stands twice in this file; expected each {schema.key} once"))
        else:
            self.values[identity] = value


def read_entries(folder: Path | Traversable, shown_folder: str, schema: TableSchema[M]) -> Entries[M]:
    """Reads the entries of one kind from `folder`; none if it has no such file. Errors name the folder as `shown_folder`."""
    entries: Entries[M] = Entries(f"{shown_folder}/{schema.table}.toml")
    data = _read_toml(folder / f"{schema.table}.toml", entries.file, entries.errors)
    for stray in sorted(data.keys() - {schema.table}):
        problem = f"unknown key{suggest_spelling(stray, [schema.table]) or f'; expected [[{schema.table}]]'}"
        entries.errors.append(SeedError(entries.file, "", stray, problem))
    rows = data.get(schema.table, [])
    if not isinstance(rows, list):
        problem = f"expected [[{schema.table}]] with two brackets, one for each entry"
        entries.errors.append(SeedError(entries.file, "", schema.table, problem))
        return entries
    for index, row in enumerate(rows):
        _read_entry(row, index, schema, entries)
    return entries


def _read_entry(row: object, index: int, schema: TableSchema[M], entries: Entries[M]) -> None:
    where = f"{schema.table}[{index}]"
    if not isinstance(row, dict):
        entries.errors.append(SeedError(entries.file, where, "", f"expected a table, found {shown(row)}"))
        return
    if isinstance(row.get(schema.key), str) and row[schema.key]:
        where = row[schema.key]
    try:
        value = schema.model.model_validate(row)
    except ValidationError as error:
        entries.errors += [SeedError(entries.file, where, key, problem) for key, problem in describe(error, schema.model)]
        return
    coerced = list(_coerced_values(value, row, ""))
    entries.errors += [SeedError(entries.file, where, key, problem) for key, problem in coerced]
    if not coerced:
        entries.add(schema, value)


def _coerced_values(value: object, row: object, path: str) -> Iterator[tuple[str, str]]:
    """Yields path and message of values that pydantic converted: "yes" or 1 to true, "3" to a number. They are probably mistakes."""
    if isinstance(value, BaseModel) and isinstance(row, dict):
        for key in value.model_fields_set & row.keys():
            yield from _coerced_values(getattr(value, key), row[key], f"{path}.{key}" if path else key)
    elif isinstance(value, tuple) and isinstance(row, list):
        for index, (element, raw) in enumerate(zip(value, row, strict=False)):
            yield from _coerced_values(element, raw, f"{path}[{index}]")
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
        problem = _POSITION.sub("", message)
        errors.append(SeedError(name, where, "", f"is not TOML: {problem[:1].lower()}{problem[1:]}"))
    return {}
