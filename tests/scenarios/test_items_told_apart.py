"""What makes two entries two items, and one item of two entries, through the real bot: nothing is swallowed, nothing is told twice."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.backfill.download import all_sources
from bot.backfill.executors import InlineExecutor
from bot.backfill.run import Backfill
from bot.backfill.worker import MatchJob
from bot.store import Store
from tests.support.bot_app import Bot, open_bot, packaged_seeds
from tests.support.clock import RunningClock
from tests.support.feed_server import FeedServer, feed_server, rss

Entry = dict[str, str]
HEADLINE = "FPT: Resolution of the shareholders' meeting"
FILINGS = (
    "FPT takes over the software house Blue Dragon for cash and shares",
    "FPT sells its campus in Hue to Nvidia and leases it back",
    "FPT names a new head of its chip design business",
)
NOTICES = (
    ("Nvidia builds a data center in Hanoi with FPT", "Work on it begins in spring"),
    ("Amkor wins a contract for chip packaging from FPT", "The contract runs for five years"),
    ("Vingroup sells VinBrain to Nvidia", "The sale was signed in Hanoi this morning"),
    ("Nvidia hires 500 engineers in Ho Chi Minh City", "The first of them begin next May"),
)
BLOG = ("Links worth reading today", "Three articles that somebody sent in")
OWN = ("Nvidia to buy FPT for $2 billion", "Nvidia will acquire FPT of Vietnam, both firms said on Friday")
ARTICLE = "https://paper.example/business/deal-of-the-year"


class Desk:
    """A bot that can be started again, its feeds, and a clock that is moved by hand."""

    def __init__(self, folder: Path, server: FeedServer) -> None:
        self.folder, self.server, self.clock = folder, server, RunningClock()
        self.bot: Bot
        self._stack = AsyncExitStack()

    async def start(self, *names: str) -> None:
        """(Re)starts the bot with feeds of these names."""
        await self._stack.aclose()
        urls = [self.server.url(f"/{name}") for name in names]
        self.bot = await self._stack.enter_async_context(open_bot(self.folder / "a.db", urls, clock=self.clock))

    async def stop(self) -> None:
        await self._stack.aclose()

    def entry(self, title: str, text: str = "", *, guid: str = "", link: str = "", minutes: float = 1) -> Entry:
        """An entry that was published so many minutes ago."""
        when = format_datetime(self.clock.now() - timedelta(minutes=minutes))
        named = {'guid isPermaLink="false"': guid} if guid else {}
        return {"title": title, "description": text, "pubDate": when, "link": link, **named}

    async def poll(self, **listings: Iterable[Entry]) -> None:
        """Polls all feeds; those that are named list something new. Then ten minutes pass."""
        for name, entries in listings.items():
            self.server.play(f"/{name}", rss(*entries))
        await self.bot.app.poll_once(include_not_due=True)
        assert all(report.error == "" for report in self.bot.reports), self.bot.reports
        self.clock.move(timedelta(minutes=10))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "a.db") as conn:
            return conn.execute(query).fetchall()

    @property
    def texts(self) -> set[str]:
        """What the stored items say; no two may say the same."""
        texts = [row[0] for row in self.rows("SELECT title || ' | ' || summary FROM items")]
        assert len(texts) == len(set(texts)), texts
        return set(texts)

    @property
    def told(self) -> list[str]:
        """Titles of items with a hit."""
        return [row[0] for row in self.rows("SELECT DISTINCT items.title FROM hits JOIN items ON items.id = hits.item ORDER BY items.id")]

    @property
    def alerts(self) -> int:
        return int(self.rows("SELECT count(*) FROM deliveries WHERE kind = 'alert'")[0][0])


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with feed_server() as server:
        one = Desk(tmp_path, server)
        await one.start("desk")
        yield one
        await one.stop()


def said(*entries: tuple[str, str]) -> set[str]:
    return {f"{title} | {text}" for title, text in entries}


def filing(desk: Desk, number: int, text: str | None = None, **more: Any) -> Entry:
    given = {"guid": f"file-{number}", "link": f"https://filings.example/doc/{number}", **more}
    return desk.entry(HEADLINE, FILINGS[number] if text is None else text, **given)


async def test_filings_with_one_headline_on_one_day_are_all_told_in_one_listing(desk: Desk) -> None:
    await desk.poll(desk=[filing(desk, number) for number in range(3)])
    assert desk.texts == said(*((HEADLINE, text) for text in FILINGS))


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_filings_with_one_headline_on_one_day_are_all_told_one_after_the_other(desk: Desk, order: tuple[int, ...]) -> None:
    listed: list[Entry] = []
    for number in order:
        listed = [filing(desk, number), *listed]
        await desk.poll(desk=listed)
        await desk.start("desk")
        await desk.poll(desk=[*listed, filing(desk, order[0], text=FILINGS[order[0]] + ".")])
    assert len(desk.rows("SELECT id FROM items")) == 3


async def test_filings_without_texts_are_told_apart_by_guid_and_address_while_both_are_listed(desk: Desk) -> None:
    listed = [filing(desk, 0, text="")]
    await desk.poll(desk=listed)
    await desk.poll(desk=[filing(desk, 1, text=""), *listed])
    assert len(desk.rows("SELECT id FROM items")) == 2


async def test_an_entry_without_a_text_that_moves_to_a_new_guid_and_address_is_the_same_item(desk: Desk) -> None:
    await desk.poll(desk=[filing(desk, 0, text="")])
    await desk.poll(desk=[filing(desk, 1, text="")])
    await desk.poll(desk=[filing(desk, 2, text="", guid="")])
    assert len(desk.rows("SELECT id FROM items")) == 1


async def test_an_entry_that_moves_with_its_text_to_a_new_guid_and_address_is_the_same_item(desk: Desk) -> None:
    await desk.poll(desk=[filing(desk, 0)])
    await desk.poll(desk=[filing(desk, 0, guid="file-7", link="https://filings.example/doc/7"), filing(desk, 0)])
    assert len(desk.rows("SELECT id FROM items")) == 1


async def test_a_mass_of_filings_with_a_headline_that_was_there_before_is_told(desk: Desk) -> None:
    def other(number: int, title: str, text: str = "") -> Entry:
        return desk.entry(title, text, guid=f"other-{number}", link=f"https://filings.example/other/{number}")

    await desk.poll(desk=[filing(desk, 0), *(other(n, f"Quiet notice of the exchange, number {n}") for n in range(4))])
    moved = [filing(desk, n, guid=f"new-{n}", link=f"https://filings.example/new/{n}") for n in range(3)]
    await desk.poll(desk=[*moved, *(other(n, HEADLINE, f"FPT signs contract number {n} with Nvidia") for n in range(4, 8))])
    assert {f"{HEADLINE} | {text}" for text in FILINGS} <= desk.texts
    assert len(desk.rows("SELECT id FROM items")) == 5 + 2 + 4, "the first filing is known, though it moved"


def notice(desk: Desk, number: int, **more: Any) -> Entry:
    return desk.entry(*NOTICES[number], **{"guid": f"notice-{number}", "link": "https://notices.example/current", **more})


async def test_notices_that_share_one_address_are_all_told(desk: Desk) -> None:
    for number in range(3):
        await desk.poll(desk=[notice(desk, number)])
        await desk.start("desk")
        await desk.poll()
    await desk.poll(desk=[notice(desk, 3), notice(desk, 2)])
    assert desk.texts == said(*NOTICES)
    assert desk.told == [title for title, _ in NOTICES]
    for number in (2, 0, 1, 3):
        await desk.poll(desk=[notice(desk, number)])
    assert len(desk.texts) == 4, "one that comes back is known"


async def test_notices_without_guids_at_one_address_are_told_where_hours_lie_between_them(desk: Desk) -> None:
    await desk.poll(desk=[notice(desk, 0, guid=""), notice(desk, 1, guid="")])
    for number in (2, 3):
        desk.clock.move(timedelta(hours=10))
        await desk.poll(desk=[notice(desk, number, guid="")])
        title, text = NOTICES[number]
        await desk.poll(desk=[desk.entry(f"Correction: {title}", text, link="https://notices.example/current")])
    assert desk.texts == said(*NOTICES)


async def test_a_notice_that_is_edited_under_a_new_guid_is_the_same_item(desk: Desk) -> None:
    title, text = NOTICES[0]
    await desk.poll(desk=[notice(desk, 0)])
    await desk.poll(desk=[desk.entry(f"Corrected: {title}", text, guid="notice-0b", link="https://notices.example/current")])
    await desk.poll(desk=[desk.entry("Another headline", text, guid="notice-0c", link="http://www.notices.example/current?utm_source=rss")])
    assert len(desk.texts) == 1


@pytest.mark.parametrize("guids", [True, False])
@pytest.mark.parametrize("blog_first", [True, False])
async def test_what_a_link_blog_says_of_an_address_silences_nobody(desk: Desk, *, blog_first: bool, guids: bool) -> None:
    await desk.start("blog", "paper")
    blog = desk.entry(*BLOG, guid="link-1" if guids else "", link=ARTICLE)
    paper = desk.entry(*OWN, guid="story-1" if guids else "", link=f"{ARTICLE}?utm_source=rss")
    listings = [{"blog": [blog], "paper": []}, {"paper": [paper], "blog": [blog]}]
    if not blog_first:
        listings = [{"paper": [paper], "blog": []}, {"blog": [blog], "paper": [paper]}]
    for listing in listings:
        await desk.poll(**listing)
        await desk.start("blog", "paper")
        await desk.poll()
    assert desk.told == [OWN[0]]
    assert desk.alerts == 1
    assert desk.texts == said(BLOG, OWN)


async def test_both_listings_of_an_address_in_one_pass_are_told(desk: Desk) -> None:
    await desk.start("blog", "paper")
    await desk.poll(blog=[desk.entry(*BLOG, link=ARTICLE)], paper=[desk.entry(*OWN, link=ARTICLE)])
    assert (desk.told, desk.alerts) == ([OWN[0]], 1)


async def test_what_only_the_second_feed_says_under_the_same_headline_is_told_once(desk: Desk) -> None:
    await desk.start("first", "second", "third")
    headline, bare = "A deal of the year is announced", "Details follow"
    long = f"{bare}. {OWN[0]}. {OWN[1]}."
    await desk.poll(first=[desk.entry(headline, bare, link=ARTICLE)], second=[], third=[])
    assert desk.told == []
    for _ in range(2):
        await desk.poll(second=[desk.entry(headline, long, guid="2", link=ARTICLE)])
    for _ in range(2):
        await desk.poll(third=[desk.entry(headline, long, guid="3", link=ARTICLE)])
        await desk.start("first", "second", "third")
    assert len(desk.texts) == 2
    assert len(desk.rows("SELECT DISTINCT item FROM hits")) == 1
    assert desk.alerts == 1


async def test_one_article_in_two_feeds_of_a_paper_is_one_item(desk: Desk) -> None:
    await desk.start("front", "business")
    title, text = OWN
    front = desk.entry(title, text, guid="front-1", link=ARTICLE)
    business = desk.entry(f"Updated: {title}", f"{text}. More in the paper", guid="business-1", link=ARTICLE.replace("https", "http"))
    await desk.poll(front=[front], business=[])
    for _ in range(2):
        await desk.poll(business=[business])
        await desk.start("front", "business")
    assert desk.texts == said(OWN)
    assert desk.alerts == 1


async def test_what_a_rule_of_the_second_feed_alone_catches_is_told(desk: Desk) -> None:
    await desk.start("blog", "paper")
    paid = {**desk.entry(*OWN, guid="1", link=ARTICLE), "category": "Sponsored"}
    await desk.poll(blog=[paid], paper=[])
    assert desk.alerts == 0
    await desk.poll(paper=[desk.entry(*OWN, guid="2", link=ARTICLE)])
    assert desk.alerts == 1, "what one feed marks as paid for silences nobody"


async def test_a_feed_that_moves_repeats_nothing(desk: Desk) -> None:
    await desk.start("old")
    entries = [notice(desk, number, link=f"https://notices.example/{number}") for number in range(4)]
    await desk.poll(old=entries)
    before = desk.texts, desk.alerts
    await desk.start("old", "moved")
    for _ in range(2):
        await desk.poll(moved=entries)
    assert (desk.texts, desk.alerts) == before


async def test_a_feed_that_changes_all_guids_repeats_nothing(desk: Desk) -> None:
    def listing(site: str, guid: str) -> list[Entry]:
        minor = [desk.entry(f"Minor news number {n} of the day", guid=f"{guid}m{n}", link=f"{site}/m{n}") for n in range(4)]
        return [notice(desk, n, guid=f"{guid}{n}", link=f"{site}/{n}") for n in range(4)] + minor

    await desk.poll(desk=listing("http://notices.example", "a"))
    before = desk.texts, desk.alerts
    for site, guid in (("https://notices.example", "b"), ("https://new.example/posts", "c"), ("https://third.example", "d")):
        await desk.poll(desk=listing(site, guid))
    assert (desk.texts, desk.alerts) == before


async def test_a_reused_guid_at_an_address_that_a_link_blog_listed_before_is_told(desk: Desk) -> None:
    await desk.start("blog", "paper")
    await desk.poll(paper=[notice(desk, 3, guid="current", link="https://paper.example/older")], blog=[desk.entry(*BLOG, link=ARTICLE)])
    for _ in range(2):
        await desk.poll(paper=[desk.entry(*OWN, guid="current", link=ARTICLE)])
    assert desk.told == [NOTICES[3][0], OWN[0]]


@pytest.fixture(scope="module")
def archivist() -> Iterator[Callable[..., None]]:
    """Reads archives of records, one after the other; the bot is stopped. The rules are compiled once."""
    job = MatchJob(packaged_seeds(), 0.15, ("en", "vi"), "", datetime(2026, 12, 1, tzinfo=UTC))
    crew = InlineExecutor(job)
    yield partial(backfilled, job, crew)
    crew.close()


def backfilled(job: MatchJob, crew: InlineExecutor, desk: Desk, *archives: list[dict[str, str]]) -> None:
    store = Store.open(desk.folder / "a.db")
    for number, records in enumerate(archives):
        archive = desk.folder / f"{number}.jsonl"
        archive.write_text("".join(json.dumps({"published": "2026-11-20T03:00:00Z", **record}) + "\n" for record in records), "utf-8")
        tally = Backfill(job, crew, store, window=timedelta(hours=72)).run(all_sources([str(archive)]), now=desk.clock.now)
        assert tally.read == tally.matched == len(records)
    store.close()


@pytest.mark.parametrize("text", [True, False])
async def test_filings_of_an_archive_are_all_stored(desk: Desk, archivist: Callable[..., None], *, text: bool) -> None:
    await desk.stop()
    title = "Nvidia to build a data center in Hanoi with FPT"
    records = [
        {"id": f"acc-{n}", "url": f"https://filings.example/doc/{n}", "title": title, "text": FILINGS[n] if text else ""} for n in range(3)
    ]
    archivist(desk, records[:2], records, records)
    assert [row[0] for row in desk.rows("SELECT guid FROM items ORDER BY id")] == ["acc-0", "acc-1", "acc-2"]


async def test_an_archive_stores_what_it_says_of_an_address_that_a_link_blog_listed(desk: Desk, archivist: Callable[..., None]) -> None:
    await desk.start("blog")
    await desk.poll(blog=[desk.entry(*BLOG, link=ARTICLE)])
    await desk.stop()
    record = {"url": ARTICLE, "title": OWN[0], "text": OWN[1]}
    archivist(desk, [record], [record])
    assert desk.told == [OWN[0]]
    assert len(desk.rows("SELECT id FROM items")) == 2
