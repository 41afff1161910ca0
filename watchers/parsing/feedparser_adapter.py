"""Defines the reference path: feedparser on bytes, its result as a Channel. It forgives everything and is slow.

It may take minutes or gigabytes on hostile input, so that the process calls it through `worker` only.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from watchers.parsing.normalize import Entry, ParsedDocument

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")

_ENTRY = re.compile(rb"<((?:[a-z]{1,10}:)?(?:item|entry))[\s>]", re.IGNORECASE)
_CLOSED = re.compile(rb"</(?:[a-z]{1,10}:)?(?:rss|rdf|feed|channel)\s*>", re.IGNORECASE)
_HALF = rb"&#(?:[xX]0*([dD][89a-fA-F][0-9a-fA-F]{2})|0*(5[5-7][0-9]{3}));"
_HALVES = re.compile(_HALF + b"(?:" + _HALF + b")?")
_TAIL = 2_000
"""Bytes at the end in which the document is closed, whatever stands behind it."""


def read(body: bytes, content_type: str) -> ParsedDocument | None:
    """Reads `body`; None when feedparser finds no feed in it."""
    import feedparser

    parsed = feedparser.parse(
        BytesIO(_whole_letters(body)),
        response_headers={"content-type": _content_type(body, content_type)},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not parsed.get("version") and not parsed.entries:
        return None
    head = parsed.feed
    channel = ParsedDocument(
        parser="feedparser",
        title=_text(head, "title"),
        link=_text(head, "link"),
        lang=_text(head, "language"),
        ttl=_text(head, "ttl"),
        update_period=_text(head, "sy_updateperiod"),
        update_frequency=_text(head, "sy_updatefrequency"),
    )
    for link in dict.get(head, "links") or ():
        if link.get("rel") == "hub" and not channel.hub:
            channel.hub = link.get("href", "")
        elif link.get("rel") == "self" and not channel.topic:
            channel.topic = link.get("href", "")
    channel.skip_hours, channel.skip_days = _skips(body)
    whole = len(parsed.entries) - _ends_in_an_entry(body)
    channel.entries = [_entry(entry) for entry in parsed.entries[:whole]]
    return channel


def _whole_letters(body: bytes) -> bytes:
    """Emoji that a UTF-16 system wrote as two references ("&#55357;&#56832;") become the one letter that they are; halves become "\ufffd".

    They are no XML, and feedparser loses the whole feed to one of them.
    """
    return _HALVES.sub(_joined, body) if b"&#" in body else body


def _joined(match: re.Match[bytes]) -> bytes:
    high, low = (int(hexa, 16) if hexa else int(number or 0) for hexa, number in (match.group(1, 2), match.group(3, 4)))
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return b"&#x%x;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return b"".join(b"&#xFFFD;" if 0xD800 <= one < 0xE000 else b"&#%d;" % one for one in (high, low) if one)


def _ends_in_an_entry(body: bytes) -> bool:
    """True for a body that was cut inside its last entry: half a title without a date is no item; the next look brings it whole.
    Feeds that never close their entries close the document, and keep the last one."""
    begun = [(match.start(), match[1]) for match in _ENTRY.finditer(body)]
    if not begun or _CLOSED.search(body[-_TAIL:]):
        return False
    at, name = begun[-1]
    return body.find(b"</" + name, at) < 0


def _entry(entry: Any) -> Entry:
    content = dict.get(entry, "content") or ()
    source = dict.get(entry, "source") or {}
    tags = dict.get(entry, "tags") or ()
    return Entry(
        guid=_text(entry, "id"),
        link=_link(entry),
        title=_text(entry, "title"),
        summary=_text(entry, "summary"),
        content=max((part.get("value") or "" for part in content), key=len, default=""),
        # Plain dict access: the attribute form falls back from one date to another and warns.
        published=_text(entry, "published") or _text(entry, "created"),
        updated=_text(entry, "updated"),
        author=_text(entry, "author"),
        source=_text(source, "title"),
        lang=_text(entry, "language"),
        categories=[tag.get("term") or tag.get("label") or "" for tag in tags],
    )


def _link(entry: Any) -> str:
    link = _text(entry, "link")
    if link:
        return link
    for one in dict.get(entry, "links") or ():
        if one.get("rel", "alternate") == "alternate" and one.get("href"):
            return str(one["href"])
    guid = _text(entry, "id")
    # An empty <link/> keeps feedparser from taking the guid of RSS for the link.
    return guid if "link" in entry and "guidislink" in entry and guid.startswith(("http://", "https://")) else ""


def _text(holder: Any, key: str) -> str:
    value = dict.get(holder, key)
    return value if isinstance(value, str) else ""


def _content_type(body: bytes, content_type: str) -> str:
    """What a server calls a charset is often wrong; bytes that are valid UTF-8 are UTF-8, whatever they are called."""
    declared = _DECLARED.search(body[:1_000])
    if body.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00", b"\x00\x00")):
        return "application/xml"  # UTF-16 or UTF-32: the marks in the bytes know better than any label
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        # A declaration inside the document comes from the one who wrote it; the server's label does not.
        return "application/xml" if declared else content_type or "application/xml"
    return "application/xml; charset=utf-8"


def _skips(body: bytes) -> tuple[list[str], list[str]]:
    """feedparser drops skipHours and skipDays; they stand in the channel's head, in plain words."""
    head = body[:20_000]
    hours = re.findall(rb"<hour>\s*(\d{1,2})\s*</hour>", head) if b"skipHours" in head else []
    days = re.findall(rb"<day>\s*([A-Za-z]{6,9})\s*</day>", head) if b"skipDays" in head else []
    return [hour.decode() for hour in hours], [day.decode() for day in days]
