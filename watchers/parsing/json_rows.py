"""Reads a JSON document with one list of rows, also if it is broken JSON.

Some publishers escape wrongly: raw line breaks and quotes inside strings, "\\'", a backslash before any letter. The strings are repaired;
a row that is still broken is skipped, and the other rows are kept. This module does not interpret the rows.
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
"""What can follow a value in an object: the next key, or the end of the object. A quote before anything else belongs to the text."""
_KEY = re.compile(r'[^"\\]{1,100}+"\s{0,100}+:')
_BEFORE_KEY = re.compile(r"(?:\}\s{0,9},?\s{0,9}\{|,)\s{0,9}$")
"""The text between a value and the next key, in the same row or in the next one."""
_AFTER_ELEMENT = re.compile(r'\s{0,100}+(?:,\s{0,100}+["\[{\-0-9tfn]|\]|$)')


@dataclass(frozen=True, slots=True)
class JsonRows:
    """The document without its list, the rows that could be read, and the number of rows that could not."""

    document: dict[str, Any]
    rows: list[Any]
    lost: int = 0


def parse_valid(text: str, name: str) -> JsonRows | None:
    """Parses valid JSON: an object with its rows in the list `name`, or without that list. None for anything else.

    Raw control characters inside strings are allowed.
    """
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError):  # ValueError also for a number with thousands of digits
        return None
    rows = document.get(name, []) if isinstance(document, dict) else None
    return JsonRows(document, rows) if isinstance(rows, list) else None


def parse_broken(text: str, name: str) -> JsonRows | None:
    """Parses broken JSON row by row. None if `text` has no list `name`. Takes time linear in the length of `text`."""
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
    for attempt in (text, text.rpartition("]")[0] + "]}"):  # second attempt: without the text after the list, which can be broken too
        pieces, _ = _rows_from(attempt, 0)
        with suppress(ValueError, RecursionError):
            document = json.loads("".join(pieces[:1]), strict=False)
            if isinstance(document, dict):
                return document
    return {}


def _rows_from(text: str, offset: int) -> tuple[list[str], int]:
    """Returns the rows of the list that begins at `offset`, with repaired strings, and the offset of its end. The last row can be cut."""
    rows: list[str] = []
    row: list[str] = []
    open_marks: list[str] = []  # the brackets of the current row that are not closed yet
    key_comes = False  # a key must follow
    while (match := _MARK.search(text, offset)) is not None:
        mark, between = match[0], text[offset : match.start()]
        offset = match.end()
        row.append(between)
        if mark == '"':
            followers = _AFTER_KEY if key_comes else _AFTER_VALUE if open_marks[-1:] == ["{"] else _AFTER_ELEMENT
            inside, offset = _string(text, offset, followers)
            row.append(inside)
            continue
        if mark == "{" and key_comes and len(open_marks) == 1:  # a new row begins instead of a key: the previous row was not closed
            rows.append("".join(row).rstrip(", \r\n\t") + "}")
            row, open_marks = [], []
        if not open_marks and mark in "]},":
            if "".join(row).strip():
                rows.append("".join(row))
            row = []
            if mark == "]":
                return rows, offset
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
    row.append(text[offset:])
    if "".join(row).strip():
        rows.append("".join(row))
    return rows, len(text)


def _string(text: str, offset: int, followers: re.Pattern[str]) -> tuple[str, int]:
    """Returns the repaired string in quotes, and the offset of its end. `offset` follows its first quote. A cut string has no end quote."""
    parts = ['"']
    while (match := _STRING_MARK.search(text, offset)) is not None:
        parts.append(text[offset : match.start()])
        offset = match.end()
        if match[0] == "\\":
            if text.startswith('\\"', offset) and not followers.match(text, offset + 2):  # \\" for \"
                parts.append('\\"')
                offset += 2
            elif escape := _ESCAPE.match(text, offset):
                parts.append("\\" + escape[0])
                offset = escape.end()
        elif followers.match(text, offset):
            parts.append('"')
            return "".join(parts), offset
        elif _KEY.match(text, offset) and (unclosed := _BEFORE_KEY.search(text, max(offset - 30, offset - 1 - len(parts[-1])), offset - 1)):
            parts[-1] = parts[-1][: unclosed.start() - offset + 1]
            return "".join([*parts, '"']), unclosed.start()
        else:
            parts.append('\\"')
    parts.append(text[offset:])
    return "".join(parts), len(text)
