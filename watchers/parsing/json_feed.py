"""Defines how a JSON Feed (1.0 and 1.1, https://www.jsonfeed.org/version/1.1/) is read."""

from __future__ import annotations

from html import escape
from typing import Any

from watchers.parsing.json_rows import JsonRows, parse_broken, parse_valid
from watchers.parsing.normalize import Entry, ParsedDocument


def is_json(body: bytes, content_type: str) -> bool:
    """Whether this body wants to be JSON: an object at its start."""
    head = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and (b"json" in content_type.lower().encode() or b'"' in head)


def read(body: bytes, most: int | None = None) -> ParsedDocument | None:
    """Reads `body`; None when it is JSON of another kind or no JSON at all.

    With `most` it is read in bounded time: None also for more items than that, and for JSON that has to be mended.
    """
    text = body.decode("utf-8-sig", "replace")
    found = parse_valid(text, "items")
    if found is None and most is None and "jsonfeed.org" in text:
        found = parse_broken(text, "items")
    if found is None or not _is_feed(found) or (most is not None and len(found.rows) > most):
        return None
    document = found.document
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
    for item in found.rows:
        if isinstance(item, dict):
            channel.entries.append(_entry(item))
        else:
            skipped += 1
    if skipped:
        channel.notes.append(f"{skipped} items are not objects")
    if found.lost:
        channel.notes.append(f"{found.lost} of {len(found.rows) + found.lost} items are broken JSON")
    return channel


def _is_feed(found: JsonRows) -> bool:
    """Whether the document calls itself a JSON Feed and lists items. A list that is broken throughout is none."""
    named = "jsonfeed.org/version/" in _text(found.document.get("version"))
    return named and "items" in found.document and not (found.lost and not found.rows)


def _entry(item: dict[str, Any]) -> Entry:
    # `title`, `summary` and `content_text` are plain text; entries hold markup, so their "<" and "&" are written as such.
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
