"""Defines Entry and ParsedDocument, what every feed parser gives, and `normalize_feed`, which makes items of them in one place.

Because all parsers end here, two parsers that read the same raw values give the same items. Pure.
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

# Categories by which newsrooms mark what is paid for, folded.
_PAID_WORDS = """
sponsored, sponsored content, sponsored post, advertorial, paid post, paid content, partner content,
branded content, advertisement, quảng cáo, thông tin doanh nghiệp, bài quảng cáo, nội dung tài trợ,
được tài trợ
"""
_PAID = frozenset(word.strip() for word in _PAID_WORDS.split(","))
_DIGITS = re.compile(r"[0-9]{1,8}")
"""str.isdigit knows "²", int() does not."""
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++")
"""Begun at the beginning of a word only, and never gone back over: else 200 letters before an "@" are read 200 times."""
_UPDATE_PERIODS = {"hourly": 3_600.0, "daily": 86_400.0, "weekly": 604_800.0, "monthly": 2_592_000.0, "yearly": 31_536_000.0}
LONGEST_FLOOR = 86_400.0
"""Seconds: a feed that says "yearly" means that it does not care; news may still come."""

LONGEST_GUID = 2_000


@dataclass(slots=True)
class Entry:
    """One entry as its parser read it: markup and dates as written, "" for what is missing."""

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
    """A feed as its parser read it."""

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
    """A feed as everything after the parsers takes it. `hints` holds what the document itself asks for."""

    parser: Parser
    title: str
    lang: str
    items: tuple[Item, ...]
    hints: ScheduleHints
    hub: str = ""
    topic: str = ""
    notes: tuple[str, ...] = ()


def normalize_feed(channel: ParsedDocument, *, feed: Feed, base: str, now: datetime, max_items: int = 5_000) -> ParsedFeed:
    """Makes items of entries: plain text, absolute links, UTC dates not after `now`, language. `base` is the address that answered."""
    notes = list(channel.notes)
    entries = channel.entries
    if len(entries) > max_items:
        notes.append(f"{len(entries):,} entries; the first {max_items:,} are read")
        entries = entries[:max_items]
    items: list[Item] = []
    empty = 0
    resolve = _resolver(base)
    for entry in entries:
        item = _item(entry, feed, channel.lang, resolve, now)
        if item is None:
            empty += 1
        else:
            items.append(item)
    if empty:
        notes.append(f"{empty} of {len(entries)} entries are empty")
    if "\ufffd" in "".join([item.title for item in items]):
        notes.append("some letters arrived as �: the source mislabels its charset")
    return ParsedFeed(
        parser=channel.parser,
        title=line(channel.title),
        lang=sound(channel.lang.strip(), 20),
        items=_without_copies(items),
        hints=_hints(channel),
        hub=_address(channel.hub),
        topic=_address(channel.topic),
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
    if source and title.endswith(" - " + source):  # search feeds write the publisher behind every title
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
        lang=language(f"{title} {summary[:SAMPLE] or text[:300]}", known=feed.lang, declared=entry.lang or declared),
        published=plausible_date(published, now),
        source=source,
        author=_person(entry.author) if entry.author else "",
        sponsored=bool(entry.categories) and not _PAID.isdisjoint(map(folded, entry.categories)),
    )


def _resolver(base: str) -> Callable[[str], str]:
    def resolve(link: str) -> str:
        if link.startswith(("http://", "https://")) and " " not in link and link.isprintable() and len(link) <= MAX_URL:
            return link  # as most links are
        if len(link) > MAX_URL:
            return ""
        link = sound("".join(link.split()) if any(mark in link for mark in "\n\r\t") else link.strip(), MAX_URL)
        if link.startswith(("http://", "https://")):
            return link.replace(" ", "%20")
        if not link or link.lower().startswith(("javascript:", "data:", "mailto:", "tag:", "urn:", "file:")):
            return ""
        try:
            whole = urljoin(base, link)
        except ValueError:
            return ""
        return whole.replace(" ", "%20") if whole.startswith(("http://", "https://")) else ""

    return resolve


def _address(named: str) -> str:
    """A hub or a topic as the feed names it; "" for what no request can hold."""
    named = named.strip()
    return named if len(named) <= MAX_URL and named.isprintable() else ""


def _person(author: str) -> str:
    name = line(author, 200)
    if "@" in name:
        name = _MAIL.sub("", name).strip(" ()<>,;")
    return name


def _without_copies(items: list[Item]) -> tuple[Item, ...]:
    """The same entry listed twice is one item. Without a guid its texts have to be the same, too: some entries have nothing else."""
    seen: set[tuple[str, ...]] = set()
    kept = []
    for item in items:
        key = (item.guid, item.url, item.title) if item.guid else (item.url, item.title, item.summary, item.text)
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return tuple(kept)


def _hints(channel: ParsedDocument) -> ScheduleHints:
    floor = 0.0
    ttl = channel.ttl.strip()
    if _DIGITS.fullmatch(ttl):
        floor = int(ttl) * 60.0
    period = _UPDATE_PERIODS.get(channel.update_period.strip().lower(), 0.0)
    if period:
        frequency = channel.update_frequency.strip()
        floor = max(floor, period / max(1, int(frequency) if _DIGITS.fullmatch(frequency) else 1))
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    hours = frozenset(int(hour) % 24 for hour in (h.strip() for h in channel.skip_hours) if _DIGITS.fullmatch(hour) and int(hour) <= 24)
    skip_days = frozenset(days.index(day) for day in (d.strip().lower() for d in channel.skip_days) if day in days)
    # A feed that skips every hour or day is mistaken about itself.
    return ScheduleHints(
        floor=min(floor, LONGEST_FLOOR),
        skip_hours=hours if len(hours) < 24 else frozenset(),
        skip_days=skip_days if len(skip_days) < 7 else frozenset(),
    )
