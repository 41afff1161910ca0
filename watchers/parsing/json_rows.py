"""Defines how a JSON document is read whose rows stand in one list, when it is not sound JSON.

Some writers escape by rules of their own: raw line breaks and quotes inside of strings, "\\'", a backslash before any letter. The
strings are mended, and a row that is still broken is lost alone. Nothing here knows what a row means.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_MARK = re.compile(r'["{}\[\]:,]')
_STRING_MARK = re.compile(r'\\|"')
_ESCAPE = re.compile(r'u[0-9a-fA-F]{4}|["\\/bfnrt]')
_AFTER_KEY = re.compile(r"\s{0,100}+:")
_AFTER_VALUE = re.compile(r'\s{0,100}+(?:,\s{0,100}+(?:"[^"\\]{1,100}+"\s{0,100}+:|[}{])|\}\s{0,100}+(?:[,\]}{]|$)|$)')
"""Behind a value of an object: the next key, or the end of the object. A quote before anything else stands inside of the text."""
_KEY = re.compile(r'[^"\\]{1,100}+"\s{0,100}+:')
_BEFORE_KEY = re.compile(r"(?:\}\s{0,9},?\s{0,9}\{|,)\s{0,9}$")
"""Between a value and the next key, of the same row or of the next one."""
_AFTER_ELEMENT = re.compile(r'\s{0,100}+(?:,\s{0,100}+["\[{\-0-9tfn]|\]|$)')


@dataclass(frozen=True, slots=True)
class JsonRows:
    """What could be read: the document without its list, the rows, and how many rows are lost."""

    document: dict[str, Any]
    rows: list[Any]
    lost: int = 0


def parse_valid(text: str, name: str) -> JsonRows | None:
    """Reads sound JSON: an object that lists its rows under `name`, or does not name them. None for the rest.

    Raw control characters may stand inside of strings.
    """
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):  # also a number of thousands of digits
        return None
    rows = document.get(name, []) if isinstance(document, dict) else None
    return JsonRows(document, rows) if isinstance(rows, list) else None


def parse_broken(text: str, name: str) -> JsonRows | None:
    """Reads JSON that `parse_valid` does not read, row by row. None where no list called `name` begins in it.

    Takes time in proportion to the length of `text`, about a microsecond a mark of JSON.
    """
    start = re.search(rf'"{re.escape(name)}"\s{{0,100}}+:\s{{0,100}}+\[', text)
    if start is None:
        return None
    pieces, end = _rows_from(text, start.end())
    rows, lost = [], 0
    for piece in pieces:
        try:
            rows.append(json.loads(piece, strict=False))
        except (ValueError, RecursionError):
            lost += 1
    return JsonRows(_read_head(text[: start.end()] + "]" + text[end:]), rows, lost)


def _read_head(text: str) -> dict[str, Any]:
    for attempt in (text, text.rpartition("]")[0] + "]}"):  # what follows the list may be broken, too
        pieces, _ = _rows_from(attempt, 0)
        with suppress(ValueError, RecursionError):
            document = json.loads("".join(pieces[:1]), strict=False)
            if isinstance(document, dict):
                return document
    return {}


def _rows_from(text: str, at: int) -> tuple[list[str], int]:
    """The rows of the list that begins at `at`, their strings mended, and where the list ends. The last one may be cut."""
    rows: list[str] = []
    row: list[str] = []
    open_marks: list[str] = []
    """Of the row."""
    key_comes = False
    while (match := _MARK.search(text, at)) is not None:
        mark, between = match[0], text[at : match.start()]
        at = match.end()
        row.append(between)
        if mark == '"':
            inside, at = _string(text, at, _AFTER_KEY if key_comes else _AFTER_VALUE if open_marks[-1:] == ["{"] else _AFTER_ELEMENT)
            row.append(inside)
            continue
        if mark == "{" and key_comes and len(open_marks) == 1:  # a row begins where a key has to stand: the one before was not closed
            rows.append("".join(row).rstrip(", \r\n\t") + "}")
            row, open_marks = [], []
        if not open_marks and mark in "]},":
            if "".join(row).strip():
                rows.append("".join(row))
            row = []
            if mark == "]":
                return rows, at
            continue
        row.append(mark)
        if mark in "{[":
            open_marks.append(mark)
        elif mark in "]}":
            open_marks.pop()
            if not open_marks:
                rows.append("".join(row))
                row = []
        key_comes = mark in "{," and open_marks[-1:] == ["{"]
    row.append(text[at:])
    if "".join(row).strip():
        rows.append("".join(row))
    return rows, len(text)


def _string(text: str, at: int, ends: re.Pattern[str]) -> tuple[str, int]:
    """The string whose first quote stands before `at`, mended and in quotes, and where it ends; cut text has no last quote."""
    parts = ['"']
    while (match := _STRING_MARK.search(text, at)) is not None:
        parts.append(text[at : match.start()])
        at = match.end()
        if match[0] == "\\":
            if text.startswith('\\"', at) and not ends.match(text, at + 2):  # \\" for \"
                parts.append('\\"')
                at += 2
            elif escape := _ESCAPE.match(text, at):
                parts.append("\\" + escape[0])
                at = escape.end()
        elif ends.match(text, at):
            parts.append('"')
            return "".join(parts), at
        elif _KEY.match(text, at) and (unclosed := _BEFORE_KEY.search(text, max(at - 30, at - 1 - len(parts[-1])), at - 1)):
            parts[-1] = parts[-1][: unclosed.start() - at + 1]
            return "".join([*parts, '"']), unclosed.start()
        else:
            parts.append('\\"')
    parts.append(text[at:])
    return "".join(parts), len(text)
