"""Defines how hits leave for other programs: CSV, JSON Lines, and an RSS feed that any reader takes. Reads the database, writes text."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape, quoteattr

from bot.export.records import hit_record
from bot.render.headline import matched_sentence
from bot.sanitize import safe_url
from bot.store import from_iso
from bot.store.hits import StoredHit, read_hits
from bot.stories.read import read_story
from bot.stories.view import only_item

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

RSS_ITEMS = 500
"""Readers poll the whole of it each time."""
_FORMULA = frozenset("=+-@\t\r\n\u2212")
NO_SITE = "https://seedwatch.invalid/"
"""RSS wants an address of the channel; this one is valid and leads nowhere for sure (RFC 2606)."""


def export(
    store: Store, form: Literal["csv", "jsonl", "rss"], seeds: Seeds, *, since: datetime | None, now: datetime, site: str = ""
) -> Iterator[str]:
    """The hits of items published since then (`item_time`), in pieces of text, those found first come first (RSS: the 500 items found
    last, the last one first).

    `site`: the address at which the web view can be reached, for RSS; "" for none.
    """
    hits = read_hits(store, since=since)
    if form == "rss":
        return _rss(store, hits, seeds, now, site)
    return _csv(hits) if form == "csv" else _jsonl(hits)


def _csv(hits: Iterable[StoredHit]) -> Iterator[str]:
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
    """Words of a feed must not be a formula where a spreadsheet opens the file (OWASP, "CSV injection").

    Spreadsheets of East Asian languages take full-width signs ("＝") for the plain ones, so other forms of a sign count as that sign.
    """
    if not isinstance(value, str):
        return value
    return f"'{value}" if unicodedata.normalize("NFKC", value[:1])[:1] in _FORMULA else value


def _jsonl(hits: Iterable[StoredHit]) -> Iterator[str]:
    for hit in hits:
        yield json.dumps(hit_record(hit), ensure_ascii=False) + "\n"


def _rss(store: Store, hits: Iterable[StoredHit], seeds: Seeds, now: datetime, site: str) -> Iterator[str]:
    items: dict[int, list[StoredHit]] = {}
    for hit in hits:
        items.setdefault(hit.item, []).append(hit)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">\n<channel>\n'
    yield f"<title>seedwatch</title>\n<link>{_xml(site or NO_SITE)}</link>\n"
    yield "<description>Items that the rules of this watch caught</description>\n"
    yield f"<lastBuildDate>{format_datetime(now)}</lastBuildDate>\n"
    for number, caught in sorted(items.items(), key=lambda pair: -max(hit.id for hit in pair[1]))[:RSS_ITEMS]:
        yield _rss_item(number, caught, seeds, _sentence(store, number, caught, seeds))
    yield "</channel>\n</rss>\n"


def _sentence(store: Store, item: int, caught: list[StoredHit], seeds: Seeds) -> str:
    """The sentence of the item that tells the news, as an alert about it has it; "" where its title says all."""
    story = next((hit.story for hit in caught if hit.story is not None), None)
    view = read_story(store, story, seeds) if story is not None else None
    alone = only_item(view, item) if view is not None else None
    joiner = "\u2060"  # `clean` puts it where Telegram would make a link
    return "" if alone is None else "".join(run.text for run in matched_sentence(alone)).replace(joiner, "")


def _rss_item(number: int, caught: list[StoredHit], seeds: Seeds, sentence: str) -> str:
    first, rules = caught[0], seeds.rules
    lines = ["<item>", f"<title>{_xml(first.title or '(no title)')}</title>"]
    if first.url:
        lines.append(f"<link>{_xml(first.url)}</link>")
    lines.append(f'<guid isPermaLink="false">seedwatch-item-{number}</guid>')
    if first.at:
        lines.append(f"<pubDate>{format_datetime(from_iso(first.at))}</pubDate>")
    if first.outlet:
        lines.append(f"<dc:creator>{_xml(first.outlet)}</dc:creator>")
        if safe_url(first.feed):
            lines.append(f"<source url={quoteattr(first.feed)}>{_xml(first.outlet)}</source>")
    lines += [f"<category>{_xml(rules[hit.rule].title if hit.rule in rules else hit.rule)}</category>" for hit in caught]
    said = [sentence] if sentence else []
    said += [f"{rules[hit.rule].title if hit.rule in rules else hit.rule}: {'; '.join(hit.why)}" for hit in caught]
    paragraphs = "".join(f"<p>{_xml(one)}</p>" for one in said)
    # A description is HTML, escaped once more as text of the feed.
    lines += [f"<description>{escape(paragraphs)}</description>", "</item>", ""]
    return "\n".join(lines)


def _xml(text: str) -> str:
    return escape(_legal(text))


def _legal(text: str) -> str:
    """Without the characters that XML 1.0 has no form for."""
    return "".join(one for one in text if one in "\t\n\r" or " " <= one <= "\ud7ff" or "\ue000" <= one <= "\ufffd" or one > "\uffff")
