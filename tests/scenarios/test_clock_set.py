"""The machine's clock is set while the bot runs, or between two runs: polls, hubs and alerts go on."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import iso
from bot.store.feeds import known_feeds
from tests.support.bot_app import open_bot
from tests.support.clock import RunningClock
from tests.support.feed_server import feed_server
from tests.support.hub_watch import NEWS, watching

JUMPS = [timedelta(hours=-1), timedelta(days=-2), timedelta(hours=1), timedelta(days=2)]


@pytest.mark.parametrize("by", JUMPS, ids=str)
async def test_a_running_bot_polls_and_alerts_on_whatever_its_clock_is_set_to(tmp_path: Path, by: timedelta) -> None:
    async with watching(tmp_path) as watch:
        watch.clock.move(by)
        watch.feeds.play("/feed", watch.document("A quiet day at the lake", NEWS))
        await watch.shows(NEWS, 10)


async def test_a_feed_that_is_asked_rarely_is_asked_in_time_after_the_clock_was_set_back(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        now = watch.clock.now().replace(microsecond=0)
        planned, nearer = now + timedelta(hours=1), now
        sql = "UPDATE feeds SET last_poll_at = ?, next_poll_at = ?"
        await watch.bot.app.store.write(lambda store: store.conn.execute(sql, (iso(now - timedelta(hours=3)), iso(planned))))
        watch.clock.move(timedelta(hours=-1))
        async with asyncio.timeout(10):
            while (await watch.bot.app.store.read(known_feeds))[0].state.next_poll_at != nearer:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("by", JUMPS, ids=str)
async def test_the_clock_is_set_between_two_runs(tmp_path: Path, by: timedelta) -> None:
    clock = RunningClock()
    async with feed_server() as feeds:
        url = feeds.play("/feed", b"<rss version='2.0'><channel><title>Lake</title></channel></rss>")
        async with open_bot(tmp_path / "a.db", [url], clock=clock) as bot:
            await bot.app.poll_once()
        clock.move(by)
        async with open_bot(tmp_path / "a.db", [url], clock=clock) as bot:
            assert await bot.app.poll_once() == 1
