"""A second process reads first looks: the same items, keys and matches as this one, and nothing is lost when it is gone."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.polling.first_pass_worker import MIN_NEW_FEEDS, FirstPassWorker
from bot.polling.matcher_thread import MatcherThread
from bot.store.feeds import never_looked_at
from seeds.feeds import Feed
from tests.support.bot_app import packaged_matcher
from watchers.models.polling import Limits
from watchers.parsing.normalize import normalize_feed
from watchers.parsing.parse import read_fast
from watchers.state.identity import identities

FEED = Feed(url="https://news.example/rss")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def rss(*titles: str) -> bytes:
    """A plain feed with these titles."""
    items = "".join(
        f"<item><title>{title}</title><link>https://news.example/{number}</link><guid>g{number}</guid>"
        f"<pubDate>{format_datetime(NOW - timedelta(hours=number))}</pubDate><description>What happened was this.</description></item>"
        for number, title in enumerate(titles)
    )
    return f'<rss version="2.0"><channel><title>News</title><ttl>30</ttl>{items}</channel></rss>'.encode()


BODY = rss("Nvidia to build a data center in Hanoi", "Rain in the hills", "FPT opens an office in Tokyo")


@pytest.fixture
async def beside() -> AsyncIterator[FirstPassWorker]:
    one = FirstPassWorker(packaged_matcher(), Limits())
    one.start()
    await one.attach()
    yield one
    one.close()


async def test_it_gives_what_is_found_here(beside: FirstPassWorker) -> None:
    found = await beside.read(BODY, feed=FEED, content_type="", base=FEED.url, now=NOW)
    channel = read_fast(BODY, "")
    assert found is not None
    assert channel is not None
    here = normalize_feed(channel, feed=FEED, base=FEED.url, now=NOW)
    assert found == (here, identities(here.items))
    matcher = packaged_matcher()
    assert beside.pop_matches(found[0].items) == [matcher.match(item) for item in here.items]


async def test_its_matches_are_given_once_and_the_others_are_made(beside: FirstPassWorker) -> None:
    found = await beside.read(BODY, feed=FEED, content_type="", base=FEED.url, now=NOW)
    assert found is not None
    items = found[0].items
    matching = MatcherThread(packaged_matcher(), beside)
    try:
        other = normalize_feed(read_fast(rss("Nvidia sues"), ""), feed=FEED, base=FEED.url, now=NOW).items  # type: ignore[arg-type]
        mixed = [items[0], other[0], items[1]]
        assert await matching.match(mixed) == [packaged_matcher().match(item) for item in mixed]
        assert beside.pop_matches(items[:2]) == [None, None]
        assert beside.pop_matches(items[2:]) == [packaged_matcher().match(items[2])]
    finally:
        matching.close()


async def test_many_questions_at_once_get_their_own_answers(beside: FirstPassWorker) -> None:
    bodies = [rss(f"Headline number {number} of the day") for number in range(40)]
    found = await asyncio.gather(*(beside.read(body, feed=FEED, content_type="", base=FEED.url, now=NOW) for body in bodies))
    titles = [read[0].items[0].title for read in found if read is not None]
    assert titles == [f"Headline number {number} of the day" for number in range(40)]


@pytest.mark.parametrize("body", [b"", b"<html>", b"\x00\xff", b'<!DOCTYPE x [<!ENTITY a "b">]><rss version="2.0"/>'])
async def test_what_is_not_plain_is_left_to_this_process(beside: FirstPassWorker, body: bytes) -> None:
    assert await beside.read(body, feed=FEED, content_type="", base=FEED.url, now=NOW) is None
    assert await beside.read(BODY, feed=FEED, content_type="", base=FEED.url, now=NOW) is not None


async def test_when_it_is_killed_the_work_is_done_here(beside: FirstPassWorker) -> None:
    waiting = asyncio.gather(*(beside.read(BODY, feed=FEED, content_type="", base=FEED.url, now=NOW) for _ in range(50)))
    await asyncio.sleep(0)
    os.kill(beside.pid, signal.SIGKILL)
    await waiting  # answers that had come, None for the others
    assert await beside.read(BODY, feed=FEED, content_type="", base=FEED.url, now=NOW) is None


async def test_with_other_seeds_nothing_that_it_found_counts(beside: FirstPassWorker) -> None:
    found = await beside.read(BODY, feed=FEED, content_type="", base=FEED.url, now=NOW)
    assert found is not None
    beside.forget()
    assert beside.pop_matches(found[0].items) == [None] * 3
    assert await beside.read(BODY, feed=FEED, content_type="", base=FEED.url, now=NOW) is None


def test_all_feeds_of_a_database_that_is_not_there_yet_are_new(tmp_path: Path) -> None:
    feeds = [Feed(url=f"https://news.example/{number}") for number in range(MIN_NEW_FEEDS)]
    assert never_looked_at(tmp_path / "none.db", feeds) == MIN_NEW_FEEDS
