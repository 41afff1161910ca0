"""Defines item_from_record and read_lines: turn JSON records into items, for `seedwatch match` and for archives."""

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
    """One line of a JSON Lines file: its item, or the reason why it has none."""

    number: int
    identity: object = None
    """The record's `id`, unchanged."""
    item: Item | None = None
    problem: str = ""
    """Error message with file and line: "items.jsonl, line 3: …"; "" if there is an item."""


def read_lines(raw: bytes, name: str) -> Iterator[ParsedLine]:
    """Yields every non-empty line in order. A line that is not an item gets a `problem`, and reading continues.

    `name` is the file name used in messages.
    """
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
    """Converts one record to an item; its `id` becomes the guid.

    Only `text` or `title` is required. Raises ValueError with the field and the expected type.
    """
    if not isinstance(record, Mapping):
        raise ValueError(f"expected an object with text or title, got {type(record).__name__}")
    values: dict[str, str] = {}
    for key in _TEXTS:
        value = record.get(key)
        if value is not None and not isinstance(value, str):
            raise ValueError(f"{key}: expected text, got {type(value).__name__}")
        values[key] = _without_surrogates(value) if value else ""
    if not (values["title"] or values["text"] or values["summary"]):
        raise ValueError("expected text or title, found neither")
    identity = record.get("id")
    if identity is not None and (isinstance(identity, bool) or not isinstance(identity, (str, int))):
        raise ValueError(f"id: expected text or a number, got {type(identity).__name__}")
    published = record.get("published")
    return Item(
        feed=feed,
        guid="" if identity is None else _without_surrogates(str(identity)),
        published=None if published in (None, "") else parse_iso(published),
        sponsored=record.get("sponsored") is True,
        **values,
    )


def _without_surrogates(text: str) -> str:
    """Replaces lone surrogates, which JSON can contain and SQLite rejects. Offsets do not change."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def parse_iso(value: object) -> datetime:
    """Parses an ISO 8601 date or time to an aware UTC datetime. Without a zone it is UTC. Other formats go to `parse_date`.

    Raises ValueError.
    """
    try:
        published = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        published = None
    if published is None and isinstance(value, str) and (feed_date := parse_date(value)) is not None:
        return feed_date
    if published is None:
        raise ValueError(f'published: expected ISO 8601 like "2024-12-05T09:30:00Z", got {value!r}')
    try:
        return published.replace(tzinfo=UTC) if published.tzinfo is None else published.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"published: {value!r} lies outside the calendar") from None
