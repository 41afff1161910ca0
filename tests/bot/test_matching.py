"""Matching beside the loop: what is scanned on it has a bound, whatever it stands in."""

from __future__ import annotations

import time

from bot.matching import InThread
from tests.support.bot_app import packaged_matcher
from watchers.items import Item


async def test_a_crowd_of_long_titles_is_not_scanned_on_the_loop() -> None:
    """Texts and summaries were counted, titles were not: 5,000 of a thousand letters took a second."""
    titles = ("o\u0302\u0300 " * 250)[:1_000]
    items = [Item(feed="f", title=titles, guid=str(number)) for number in range(500)]
    matching = InThread(packaged_matcher())
    try:
        await matching.match([Item(feed="f", title="warm")])
        begun = time.thread_time()
        assert len(await matching.match(items)) == len(items)
        assert time.thread_time() - begun < 0.03
    finally:
        matching.close()
