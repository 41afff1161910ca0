"""Defines how hits leave for other programs: CSV, JSON Lines, and an RSS feed that any reader takes. Reads the database, writes text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from bot.deliver.markup import safe_url
from bot.store import from_iso, iso
from bot.store.hits import StoredHit, hit_record, read_hits
from seeds.rules import Rule

if TYPE_CHECKING:
    from bot.store import Store

RSS_ITEMS = 500
"""Readers poll the whole of it each time."""


def export(store: Store, form: str, rules: Mapping[str, Rule], *, since: datetime | None, now: datetime) -> Iterator[str]:
    """The hits since then as "csv", "jsonl" or "rss", in pieces of text, oldest first (RSS: the newest 500 items, newest first)."""
    hits = read_hits(store, since="" if since is None else iso(since))
    return _FORMS[form](hits, rules, now)


def _csv(hits: Iterable[StoredHit], _rules: Mapping[str, Rule], _now: datetime) -> Iterator[str]:
    columns: list[str] | None = None
    for hit in hits:
        record = {**hit_record(hit), "why": " | ".join(hit.why)}
        row = io.StringIO()
        writer = csv.writer(row, lineterminator="\r\n")  # RFC 4180
        if columns is None:
            columns = list(record)
            writer.writerow(columns)
        writer.writerow([_cell(record[column]) for column in columns])
        yield row.getvalue()
    if columns is None:
        yield "id,item,rule,story,score,severity,why,created_at,title,url,source,feed,lang,published_at,sponsored\r\n"


def _cell(value: object) -> object:
    """Words of a feed must not be a formula where a spreadsheet opens the file (OWASP, "CSV injection")."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _jsonl(hits: Iterable[StoredHit], _rules: Mapping[str, Rule], _now: datetime) -> Iterator[str]:
    for hit in hits:
        yield json.dumps(hit_record(hit), ensure_ascii=False) + "\n"


def _rss(hits: Iterable[StoredHit], rules: Mapping[str, Rule], now: datetime) -> Iterator[str]:
    items: dict[int, list[StoredHit]] = {}
    for hit in hits:
        items.setdefault(hit.item, []).append(hit)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel>\n'
    yield "<title>seedwatch</title>\n<link>http://127.0.0.1/</link>\n<description>Items that the rules of this watch caught</description>\n"
    yield f"<lastBuildDate>{format_datetime(now)}</lastBuildDate>\n"
    for number, caught in sorted(items.items(), key=lambda pair: -max(hit.id for hit in pair[1]))[:RSS_ITEMS]:
        yield _rss_item(number, caught, rules)
    yield "</channel>\n</rss>\n"


def _rss_item(number: int, caught: list[StoredHit], rules: Mapping[str, Rule]) -> str:
    first = caught[0]
    lines = ["<item>", f"<title>{_xml(first.title or '(no title)')}</title>"]
    if first.url:
        lines.append(f"<link>{_xml(first.url)}</link>")
    lines.append(f'<guid isPermaLink="false">seedwatch-item-{number}</guid>')
    lines.append(f"<pubDate>{format_datetime(from_iso(first.published_at or first.created_at))}</pubDate>")
    if first.source:
        lines.append(f"<dc:creator>{_xml(first.source)}</dc:creator>")
        if safe_url(first.feed):
            lines.append(f"<source url={quoteattr(first.feed)}>{_xml(first.source)}</source>")
    lines += [f"<category>{_xml(rules[hit.rule].title if hit.rule in rules else hit.rule)}</category>" for hit in caught]
    why = "<br/>".join(escape(_legal(f"{hit.rule}: {'; '.join(hit.why)}")) for hit in caught)
    # A description is HTML, escaped once more as text of the feed.
    lines += [f"<description>{escape(why)}</description>", "</item>", ""]
    return "\n".join(lines)


def _xml(text: str) -> str:
    return escape(_legal(text))


def _legal(text: str) -> str:
    """Without the characters that XML 1.0 has no form for."""
    return "".join(one for one in text if one in "\t\n\r" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one > "\uffff")


_Form = Callable[[Iterable[StoredHit], Mapping[str, Rule], datetime], Iterator[str]]
_FORMS: dict[str, _Form] = {"csv": _csv, "jsonl": _jsonl, "rss": _rss}
