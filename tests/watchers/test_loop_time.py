"""What is read on the loop is done in the time that everybody else can wait, however it was made; what may take longer is not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seeds.feeds import Feed
from tests.support.feed_server import rss
from watchers.models.polling import Limits
from watchers.parsing.normalize import Entry, ParsedDocument, normalize_feed
from watchers.parsing.parse import parse_feed, read_fast
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.feed import CHEAP_BODY_BYTES, MAX_FAST_ENTRIES, SMALL_BODY_BYTES, is_cheap
from watchers.state.identity import identities
from watchers.text.dates import parse_date

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
FEED = Feed(url="https://news.example/feed")
LIMITS = Limits()
LONGEST = 0.05
"""Seconds of processor time; 25 ms were measured for the worst, twice that for slower machines."""


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Processor time of this thread, the best of several."""
    best = 10.0
    for _ in range(times):
        begun = time.thread_time()
        work()
        best = min(best, time.thread_time() - begun)
    return best


def on_the_loop(body: bytes) -> bool:
    """Does what a look does with this body on the loop; gives whether it has items then."""
    channel = read_fast(body, "", MAX_FAST_ENTRIES) if is_cheap(body) else None
    if channel is None:
        return False
    identities(normalize_feed(channel, feed=FEED, base=FEED.url, now=NOW).items)
    return True


def filled(piece: str, size: int = CHEAP_BODY_BYTES - 2_000) -> str:
    return piece * (size // len(piece.encode()))


def one(text: str) -> bytes:
    return rss({"title": "T", "description": f"<![CDATA[{filled(text)}]]>"})


def crowd(count: int, entry: Callable[[int], dict[str, str]]) -> bytes:
    return rss(*(entry(number) for number in range(count)))


def xhtml(spaces: int, entries: int, inside: str = "x") -> bytes:
    declared = " ".join(f'xmlns:n{number}="u{number}"' for number in range(spaces))
    entry = (
        '<entry><title>T</title><link href="https://x.example/1"/><id>tag:x,1</id><content type="xhtml">'
        f'<div xmlns="http://www.w3.org/1999/xhtml">{inside}</div></content></entry>'
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {declared}>{entry * entries}</feed>'.encode()


def json_feed(item: dict[str, object], **more: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"} | item], **more}).encode()


def linked(address: str) -> bytes:
    return crowd(70, lambda number: {"title": f"T{number}", "link": address})


HOSTILE: dict[str, Callable[[], bytes]] = {
    "namespaces over entries of XHTML": lambda: xhtml(1_500, 480),
    "fewer of them in 60 KB": lambda: xhtml(700, 250),
    "namespaces used once each": lambda: xhtml(6_000, 1, "".join(f"<n{number}:b/>" for number in range(6_000))),
    "elements of XHTML": lambda: xhtml(0, 1, filled("<b/>")),
    "blocks": lambda: one("<p>"),
    "tags and words": lambda: one("<p>x</p>"),
    "tags with loose quotes": lambda: one("<a b='"),
    "signs that begin no tag": lambda: one("<"),
    "references to nothing": lambda: one("&#1;"),
    "names of no letter": lambda: one("&notzzzzzzzzzzzzzzzzzzzzzzzzzzzz "),
    "lines of one letter": lambda: one("\na"),
    "letters of no use": lambda: one("\u200b\u0081a "),
    "elements of the head": lambda: rss(head=filled("<x/>")),
    "days to skip": lambda: rss(head=filled("<skipDays/>")),
    "pictures": lambda: rss({"title": "T", 'm:content xmlns:m="http://search.yahoo.com/mrss/"': filled("<m:content/>")}),
    "markup in plain text": lambda: json_feed({"content_text": filled("<&")}),
    "authors": lambda: json_feed({"authors": [{}] * 70_000}),
    "tags": lambda: json_feed({"tags": ["a"] * 55_000}),
    "parameters": lambda: linked("https://x.example/?" + "a&amp;" * 680),
    "steps up": lambda: linked("../" * 1_300 + "a"),
    "dates that nearly are": lambda: crowd(499, lambda n: {"title": f"T{n}", "pubDate": f"1 jan 2024 1:00{' ' * 84}+"}),
    "dates in words": lambda: crowd(499, lambda n: {"title": f"T{n}", "pubDate": "1 tháng 1 2024 " + "1h " * 28}),
    "authors that are nearly addresses": lambda: crowd(499, lambda n: {"title": f"T{n}", "author": "a" * 198 + "@"}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_no_small_body_holds_the_loop_for_long(name: str) -> None:
    body = HOSTILE[name]()
    assert len(body) <= CHEAP_BODY_BYTES, "a larger one is no question"
    assert seconds(lambda: on_the_loop(body)) < LONGEST


def article(paragraphs: int) -> str:
    return '<p>Some <a href="https://x.example/a?b=1&amp;c=2">words</a> of an article &amp; more, and so on.</p>' * paragraphs


@pytest.mark.parametrize(("entries", "paragraphs"), [(20, 2), (36, 16), (100, 16)])
def test_ordinary_feeds_are_read_on_the_loop(entries: int, paragraphs: int) -> None:
    body = crowd(entries, lambda n: {"title": f"Story {n}", "description": f"<![CDATA[{article(paragraphs)}]]>"})
    assert len(body) < SMALL_BODY_BYTES or entries == 100
    assert on_the_loop(body)


@pytest.mark.shared
def test_no_real_feed_of_small_size_is_sent_elsewhere_for_its_markup(shared: Path) -> None:
    files = [path for path in sorted((shared / "data" / "feeds").rglob("*")) if path.suffix in {".xml", ".rss", ".atom", ".json"}]
    small = [body for path in files if len(body := path.read_bytes()) <= CHEAP_BODY_BYTES]
    assert len(small) > 600
    assert all(map(is_cheap, small))


async def test_what_is_read_elsewhere_has_the_same_items_and_keys(workers: ParseWorkers) -> None:
    body = crowd(30, lambda n: {"title": f"The story number {n}", "guid": f"https://x.example/?a=1&amp;b={n}"})
    parsed, keys = await workers.parse(body, feed=FEED, content_type="", base=FEED.url, now=NOW)
    here = parse_feed(body, feed=FEED, content_type="", now=NOW)
    assert parsed == here
    assert keys == identities(here.items)


@pytest.mark.parametrize("date", ["1 jan 2024 1:00{}+", "1/1/2024{}x", "2024-12-05{}x"])
def test_a_run_of_blanks_in_a_date_costs_what_one_costs(date: str) -> None:
    def cost(blanks: int) -> float:
        raw = date.format(" " * blanks)
        return seconds(lambda: [parse_date(raw) for _ in range(300)], 5)

    assert cost(80) < 3 * cost(1)


def test_an_author_that_is_nearly_an_address_costs_what_a_name_costs() -> None:
    def cost(author: str) -> float:
        channel = ParsedDocument("fast", entries=[Entry(guid=str(n), author=author) for n in range(300)])
        return seconds(lambda: normalize_feed(channel, feed=FEED, base=FEED.url, now=NOW), 5)

    assert cost("a" * 198 + "@") < 2 * cost("@" + "a" * 198)
