"""Parses JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from html import escape
from typing import Any

from watchers.parsing.json_rows import JsonRows, parse_broken, parse_valid
from watchers.parsing.normalize import Entry, ParsedDocument


def is_json(body: bytes, content_type: str) -> bool:
    """Returns True if the body starts like a JSON object."""
    head = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and (b"json" in content_type.lower().encode() or b'"' in head)


def read(body: bytes, max_entries: int | None = None) -> ParsedDocument | None:
    """Parses `body`; None if it is not a JSON Feed.

    With `max_entries` the time is bounded: None also for more items, and for broken JSON, which is not repaired then.
    """
    text = body.decode("utf-8-sig", "replace")
    rows = parse_valid(text, "items")
    if rows is None and max_entries is None and "jsonfeed.org" in text:
        rows = parse_broken(text, "items")
    if rows is None or not _is_feed(rows) or (max_entries is not None and len(rows.rows) > max_entries):
        return None
    document = rows.document
    channel = ParsedDocument(
        parser="json",
        title=escape(_text(document.get("title"))),
        link=_text(document.get("home_page_url")),
        lang=_text(document.get("language")),
        topic=_text(document.get("feed_url")),
    )
    for hub in _list(document.get("hubs")):
        if isinstance(hub, dict) and _text(hub.get("type")).lower() == "websub" and not channel.hub:
            channel.hub = _text(hub.get("url"))
    skipped = 0
    for item in rows.rows:
        if isinstance(item, dict):
            channel.entries.append(_entry(item))
        else:
            skipped += 1
    if skipped:
        channel.notes.append(f"{skipped} items are not objects")
    if rows.lost:
        channel.notes.append(f"{rows.lost} of {len(rows.rows) + rows.lost} items are broken JSON")
    return channel


def _is_feed(rows: JsonRows) -> bool:
    """Returns True if the document declares a JSON Feed version and has a list of items that is not completely broken."""
    has_version = "jsonfeed.org/version/" in _text(rows.document.get("version"))
    return has_version and "items" in rows.document and not (rows.lost and not rows.rows)


def _entry(item: dict[str, Any]) -> Entry:
    # `title`, `summary` and `content_text` are plain text, but entries contain markup, so "<" and "&" are escaped.
    html, text = _text(item.get("content_html")), _text(item.get("content_text"))
    authors = _list(item.get("authors")) or [item.get("author")]
    return Entry(
        guid=_text(item.get("id")),
        link=_text(item.get("url")) or _text(item.get("external_url")),
        title=escape(_text(item.get("title")), quote=False),
        summary=escape(_text(item.get("summary")), quote=False),
        content=html or escape(text, quote=False),
        published=_text(item.get("date_published")),
        updated=_text(item.get("date_modified")),
        author=", ".join(_text(author.get("name")) for author in authors if isinstance(author, dict)),
        lang=_text(item.get("language")),
        categories=[_text(tag) for tag in _list(item.get("tags"))],
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, str | int | float) else ""  # ids are numbers in many feeds


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
