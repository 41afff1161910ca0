"""Defines how a JSON record of an item becomes an Item: the form that `seedwatch match` and archives read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from watchers.models.item import Item
from watchers.text.dates import parse_date

_TEXTS = ("title", "summary", "text", "url", "source", "lang", "author")


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line of JSON Lines: its item, or what is wrong with it."""

    number: int
    identity: object = None
    """The record's `id` as it was written."""
    item: Item | None = None
    problem: str = ""
    """For a person, with the place: "items.jsonl, line 3: …"; "" where there is an item."""


def read_lines(raw: bytes, name: str) -> Iterator[ParsedLine]:
    """The lines that are not empty, in order; one that is no item is told, and the rest goes on. `name`: of the file, for people."""
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            item = item_from_record(record, feed=name)
        except (ValueError, RecursionError) as error:
            yield ParsedLine(number, problem=f"{name}, line {number}: {error}")
        else:
            yield ParsedLine(number, record.get("id"), item)


def item_from_record(record: object, *, feed: str = "") -> Item:
    """One record as an item; its `id` becomes the guid.

    Only `text` or `title` is required. Raises ValueError that names the field and says what was expected.
    """
    if not isinstance(record, Mapping):
        raise ValueError(f"expected an object with text or title, got {type(record).__name__}")
    values: dict[str, str] = {}
    for key in _TEXTS:
        value = record.get(key)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{key}: expected text, got {type(value).__name__}")
        values[key] = _sound(value) if value else ""
    if not (values["title"] or values["text"] or values["summary"]):
        raise ValueError("expected text or title, found neither")
    identity = record.get("id")
    if identity is not None and (isinstance(identity, bool) or not isinstance(identity, (str, int))):
        raise ValueError(f"id: expected text or a number, got {type(identity).__name__}")
    published = record.get("published")
    return Item(
        feed=feed,
        guid="" if identity is None else _sound(str(identity)),
        published=None if published in (None, "") else parse_iso(published),
        sponsored=record.get("sponsored") is True,
        **values,
    )


def _sound(text: str) -> str:
    """Without lone surrogates, which JSON can write and no database takes; every other letter keeps its place."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def parse_iso(value: object) -> datetime:
    """An ISO 8601 date or time as an aware UTC datetime; one without a zone is UTC. Other dates are read as feeds write them.

    Raises ValueError.
    """
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None and isinstance(value, str) and (wild := parse_date(value)) is not None:
        return wild
    if found is None:
        raise ValueError(f'published: expected ISO 8601 like "2024-12-05T09:30:00Z", got {value!r}')
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"published: {value!r} lies outside the calendar") from None
