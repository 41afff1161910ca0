"""Defines Entry and ParsedDocument, the result of every feed parser, and `normalize_feed`, which converts them to items.

All parsers use it, so two parsers that read the same raw values produce the same items. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urljoin

from seeds.feeds import Feed
from watchers.http.address_rules import MAX_URL
from watchers.models.item import Item
from watchers.models.polling import ScheduleHints
from watchers.text.dates import parse_date, plausible_date
from watchers.text.html_text import folded, line, plain, sound
from watchers.text.language import SAMPLE, language

Parser = Literal["fast", "feedparser", "json"]

# Categories by which publishers mark paid content, folded.
_PAID_WORDS = """
sponsored, sponsored content, sponsored post, advertorial, paid post, paid content, partner content,
branded content, advertisement, quảng cáo, thông tin doanh nghiệp, bài quảng cáo, nội dung tài trợ,
được tài trợ
"""
_PAID = frozenset(word.strip() for word in _PAID_WORDS.split(","))
_DIGITS = re.compile(r"[0-9]{1,8}")
"""Not str.isdigit, which accepts "²"; int() does not."""
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++")
"""An e-mail address. Starts at the beginning of a word and never backtracks, so that a long word before "@" takes linear time."""
_UPDATE_PERIODS = {"hourly": 3_600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}
LONGEST_FLOOR = 86_400.0
"""Seconds. A longer update period ("yearly") is not believed, because such feeds still publish news."""

LONGEST_GUID = 2_000


@dataclass(slots=True)
class Entry:
    """One entry with its raw values: markup and dates unchanged, "" for missing values."""

    guid: str = ""
    link: str = ""
    title: str = ""
    summary: str = ""
    content: str = ""
    published: str = ""
    updated: str = ""
    author: str = ""
    source: str = ""
    lang: str = ""
    categories: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ParsedDocument:
    """A feed with its raw values, as a parser read it."""

    parser: Parser
    title: str = ""
    link: str = ""
    lang: str = ""
    hub: str = ""
    topic: str = ""
    ttl: str = ""
    update_period: str = ""
    update_frequency: str = ""
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed with its items. `hints` are the update intervals that the document asks for."""

    parser: Parser
    title: str
    lang: str
    items: tuple[Item, ...]
    hints: ScheduleHints
    hub: str = ""
    topic: str = ""
    notes: tuple[str, ...] = ()


def normalize_feed(document: ParsedDocument, *, feed: Feed, base: str, now: datetime, max_items: int = 5_000) -> ParsedFeed:
    """Converts entries to items: plain text, absolute links, UTC dates not after `now`, language. `base` is the address of the response."""
    notes = list(document.notes)
    entries = document.entries
    if len(entries) > max_items:
        notes.append(f"{len(entries):,} entries; the first {max_items:,} are read")
        entries = entries[:max_items]
    items: list[Item] = []
    empty = 0
    resolve = _resolver(base)
    for entry in entries:
        item = _item(entry, feed, document.lang, resolve, now)
        if item is None:
            empty += 1
        else:
            items.append(item)
    if empty:
        notes.append(f"{empty} of {len(entries)} entries are empty")
    if "\ufffd" in "".join([item.title for item in items]):
        notes.append("some letters arrived as �: the source mislabels its charset")
    return ParsedFeed(
        parser=document.parser,
        title=line(document.title),
        lang=sound(document.lang.strip(), 20),
        items=_without_copies(items),
        hints=_hints(document),
        hub=_address(document.hub),
        topic=_address(document.topic),
        notes=tuple(notes),
    )


def _item(entry: Entry, feed: Feed, declared: str, resolve: Callable[[str], str], now: datetime) -> Item | None:
    title = line(entry.title)
    summary = plain(entry.summary) if entry.summary else ""
    text = ""
    if entry.content:
        text = summary if entry.content == entry.summary else plain(entry.content)
        if text == summary:
            summary = ""
    url = resolve(entry.link)
    guid = sound(entry.guid.strip(), LONGEST_GUID)
    if not (title or summary or text or url or guid):
        return None
    source = line(entry.source, 200) if entry.source else ""
    if source and title.endswith(" - " + source):  # search feeds append the publisher to every title
        title = title[: -len(source) - 3].rstrip()
    raw_date = entry.published or entry.updated
    published = parse_date(raw_date, feed.timezone) if raw_date else None
    if published is None and entry.updated and entry.published:
        published = parse_date(entry.updated, feed.timezone)
    return Item(
        feed=feed.url,
        url=url,
        guid=guid,
        title=title,
        summary=summary,
        text=text,
        lang=language(f"{title} {summary[:SAMPLE] or text[:300]}", configured=feed.lang, declared=entry.lang or declared),
        published=plausible_date(published, now),
        source=source,
        author=_author_name(entry.author) if entry.author else "",
        sponsored=bool(entry.categories) and not _PAID.isdisjoint(map(folded, entry.categories)),
    )


def _resolver(base: str) -> Callable[[str], str]:
    def resolve(link: str) -> str:
        if link.startswith(("http://", "https://")) and " " not in link and link.isprintable() and len(link) <= MAX_URL:
            return link  # the common case
        if len(link) > MAX_URL:
            return ""
        link = sound("".join(link.split()) if any(mark in link for mark in "\n\r\t") else link.strip(), MAX_URL)
        if link.startswith(("http://", "https://")):
            return link.replace(" ", "%20")
        if not link or link.lower().startswith(("javascript:", "data:", "mailto:", "tag:", "urn:", "file:")):
            return ""
        try:
            url = urljoin(base, link)
        except ValueError:
            return ""
        return url.replace(" ", "%20") if url.startswith(("http://", "https://")) else ""

    return resolve


def _address(address: str) -> str:
    """Returns the address of a hub or topic without blanks around it; "" if it cannot be sent in a request."""
    address = address.strip()
    return address if len(address) <= MAX_URL and address.isprintable() else ""


def _author_name(author: str) -> str:
    name = line(author, 200)
    if "@" in name:
        name = _MAIL.sub("", name).strip(" ()<>,;")
    return name


def _without_copies(items: list[Item]) -> tuple[Item, ...]:
    """Drops repeated entries. Entries without a guid are equal only if their texts are equal too: some have no address and no title."""
    seen: set[tuple[str, ...]] = set()
    unique = []
    for item in items:
        key = (item.guid, item.url, item.title) if item.guid else (item.url, item.title, item.summary, item.text)
        if key not in seen:
            seen.add(key)
            unique.append(item)
    return tuple(unique)


def _hints(document: ParsedDocument) -> ScheduleHints:
    floor = 0.0
    ttl = document.ttl.strip()
    if _DIGITS.fullmatch(ttl):
        floor = int(ttl) * 60.0
    period = _UPDATE_PERIODS.get(document.update_period.strip().lower(), 0.0)
    if period:
        frequency = document.update_frequency.strip()
        floor = max(floor, period / max(1, int(frequency) if _DIGITS.fullmatch(frequency) else 1))
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    hours = frozenset(int(hour) % 24 for hour in (h.strip() for h in document.skip_hours) if _DIGITS.fullmatch(hour) and int(hour) <= 24)
    skip_days = frozenset(days.index(day) for day in (d.strip().lower() for d in document.skip_days) if day in days)
    # A feed that skips every hour or every day is wrong, so its list is ignored.
    return ScheduleHints(
        floor=min(floor, LONGEST_FLOOR),
        skip_hours=hours if len(hours) < 24 else frozenset(),
        skip_days=skip_days if len(skip_days) < 7 else frozenset(),
    )
