"""Matching beside the loop: what is scanned on it has a bound, whatever it stands in."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

import pytest

from bot.polling import matcher_thread as rooms
from bot.polling.matcher_thread import MatcherThread
from tests.support.bot_app import packaged_matcher
from watchers.match.result import Match
from watchers.models.item import Item


async def test_a_crowd_of_long_titles_is_not_scanned_on_the_loop() -> None:
    """Texts and summaries were counted, titles were not: 5,000 of a thousand letters took a second."""
    titles = ("o\u0302\u0300 " * 250)[:1_000]
    items = [Item(feed="f", title=titles, guid=str(number)) for number in range(500)]
    matching = MatcherThread(packaged_matcher())
    try:
        await matching.match([Item(feed="f", title="warm")])
        begun = time.thread_time()
        assert len(await matching.match(items)) == len(items)
        assert time.thread_time() - begun < 0.03
    finally:
        matching.close()


class Held:
    """A matcher that is held at every item until it is let go, and notes the order."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self.at = threading.Event()
        self.go = threading.Semaphore(0)

    def match_without_names(self, items: Sequence[Item]) -> list[Match | None]:
        return [None] * len(items)

    def match(self, item: Item, *, explain: bool = False) -> Match:
        self.at.set()
        self.go.acquire()
        self.order.append(item.title)
        return Match("en")


async def test_a_feed_that_takes_long_lets_others_pass_and_is_matched_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MATCH_SLICE", 0.0)
    matcher = Held()
    matching = MatcherThread(matcher)
    try:
        long = asyncio.create_task(matching.match([Item(feed="f", title=f"long {number}") for number in range(3)]))
        await asyncio.to_thread(matcher.at.wait)
        short = asyncio.create_task(matching.match([Item(feed="g", title="short")]))
        await asyncio.sleep(0)
        matcher.go.release(2)
        assert len(await short) == 1
        assert not long.done()
        matcher.go.release(2)
        assert len(await long) == 3
        assert matcher.order == ["long 0", "short", "long 1", "long 2"]
    finally:
        matching.close()


async def test_what_waits_at_the_end_is_matched_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MATCH_SLICE", 0.0)
    matcher = Held()
    matcher.go.release(5)
    matching = MatcherThread(matcher)
    waiting = [asyncio.create_task(matching.match([Item(feed="f", title=str(number))] * 2)) for number in range(2)]
    await asyncio.sleep(0)
    matcher.go.release(5)
    matching.close()
    assert [len(one) for one in await asyncio.gather(*waiting)] == [2, 2]
