"""Defines the reference path: feedparser, with its result as a ParsedDocument. It reads broken feeds too and is slow.

It can take minutes or gigabytes on malicious input, so it runs in `sandbox.ParseWorkers` only.
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
"""The closing tag of the document is searched in this number of bytes at the end."""


def read(body: bytes, content_type: str) -> ParsedDocument | None:
    """Parses `body`; None if feedparser finds no feed in it."""
    import feedparser

    parsed = feedparser.parse(
        BytesIO(_join_surrogates(body)),
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
    channel.skip_hours, channel.skip_days = _skip_hours_and_days(body)
    complete = len(parsed.entries) - _is_cut_in_entry(body)
    channel.entries = [_entry(entry) for entry in parsed.entries[:complete]]
    return channel


def _join_surrogates(body: bytes) -> bytes:
    """Replaces two surrogate references ("&#55357;&#56832;") by one reference to their character, and a single surrogate by "\ufffd".

    UTF-16 systems write emoji so. They are invalid XML, and feedparser would lose the complete feed.
    """
    return _HALVES.sub(_joined_reference, body) if b"&#" in body else body


def _joined_reference(match: re.Match[bytes]) -> bytes:
    high, low = (int(hexa, 16) if hexa else int(number or 0) for hexa, number in (match.group(1, 2), match.group(3, 4)))
    if 0xD800 <= high < 0xDC00 <= low < 0xE000:
        return b"&#x%x;" % (0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return b"".join(b"&#xFFFD;" if 0xD800 <= code < 0xE000 else b"&#%d;" % code for code in (high, low) if code)


def _is_cut_in_entry(body: bytes) -> bool:
    """Returns True if the body ends inside its last entry. The incomplete entry is dropped; the next poll reads it complete.

    Some feeds never close their entries; they close the document, and their last entry is kept.
    """
    starts = [(match.start(), match[1]) for match in _ENTRY.finditer(body)]
    if not starts or _CLOSED.search(body[-_TAIL:]):
        return False
    offset, name = starts[-1]
    return body.find(b"</" + name, offset) < 0


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
        # Plain dict access, because attribute access falls back to another date and warns.
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
    for alternate in dict.get(entry, "links") or ():
        if alternate.get("rel", "alternate") == "alternate" and alternate.get("href"):
            return str(alternate["href"])
    guid = _text(entry, "id")
    # After an empty <link/> feedparser does not use the guid of RSS as link.
    return guid if "link" in entry and "guidislink" in entry and guid.startswith(("http://", "https://")) else ""


def _text(holder: Any, key: str) -> str:
    value = dict.get(holder, key)
    return value if isinstance(value, str) else ""


def _content_type(body: bytes, content_type: str) -> str:
    """Returns the content type for feedparser. Servers often send a wrong charset, so the bytes decide: valid UTF-8 is UTF-8."""
    declared = _DECLARED.search(body[:1_000])
    if body.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00", b"\x00\x00")):
        return "application/xml"  # UTF-16 or UTF-32: feedparser finds the charset from the first bytes
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        # The publisher wrote the declaration inside the document, so it is more reliable than the server's header.
        return "application/xml" if declared else content_type or "application/xml"
    return "application/xml; charset=utf-8"


def _skip_hours_and_days(body: bytes) -> tuple[list[str], list[str]]:
    """Reads skipHours and skipDays from the head of the channel, because feedparser drops them."""
    head = body[:20_000]
    hours = re.findall(rb"<hour>\s*(\d{1,2})\s*</hour>", head) if b"skipHours" in head else []
    days = re.findall(rb"<day>\s*([A-Za-z]{6,9})\s*</day>", head) if b"skipDays" in head else []
    return [hour.decode() for hour in hours], [day.decode() for day in days]
