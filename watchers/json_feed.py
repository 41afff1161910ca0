"""Defines how a JSON Feed (1.0 and 1.1, https://www.jsonfeed.org/version/1.1/) is read."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from watchers.entries import Channel, Entry


def is_json(body: bytes, content_type: str) -> bool:
    """Whether this body wants to be JSON: an object at its start."""
    head = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(b"{") and (b"json" in content_type.lower().encode() or b'"' in head)


def read(body: bytes, most: int | None = None) -> Channel | None:
    """Reads `body`; None when it is JSON of another kind or no JSON at all, or lists more than `most` items."""
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return None
    if "jsonfeed.org/version/" not in _text(document.get("version")):
        return None
    if most is not None and len(document["items"]) > most:
        return None
    channel = Channel(
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
    for item in document["items"]:
        if isinstance(item, dict):
            channel.entries.append(_entry(item))
        else:
            skipped += 1
    if skipped:
        channel.notes.append(f"{skipped} items are not objects")
    return channel


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
