"""Real saved feeds, and the edge cases of other parsers' suites, served on loopback and looked at: each gives items or a clear error."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from seeds.feeds import Feed
from tests.support.feed_server import feed_server
from tests.watchers.parsing.test_parse import FEED_FILES, NOW
from watchers.http.client import open_session
from watchers.models.polling import FeedState, Limits, PollResult
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.feed import FeedWatcher

LIMITS = Limits(allow_private_addresses=True, per_host=16)


@pytest.mark.shared
async def test_every_saved_feed_is_looked_at_without_a_crash(shared: Path) -> None:
    files = [path for path in sorted((shared / "data" / "feeds").rglob("*")) if path.suffix in FEED_FILES | {".json"}]
    workers = ParseWorkers(LIMITS)
    async with feed_server() as server, open_session(LIMITS) as session:
        watcher = FeedWatcher(session, LIMITS, workers)

        async def look(number: int, path: Path) -> PollResult:
            return await watcher.poll(Feed(url=server.play(f"/{number}", path.read_bytes())), FeedState(), NOW)

        looks = await asyncio.gather(*(look(number, path) for number, path in enumerate(files)))
    workers.close()
    outcomes = Counter(poll.error.kind if poll.error else poll.parser for poll in looks)
    assert set(outcomes) <= {"fast", "feedparser", "json", "not_a_feed"}
    assert outcomes["not_a_feed"] < 0.05 * len(files), outcomes
    living = [poll for path, poll in zip(files, looks, strict=True) if "vnexpress" in str(path)]
    assert living
    assert {poll.parser for poll in living} == {"fast"}
    items = [item for poll in living for item in poll.items]
    whole = [item for item in items if item.title and item.url and item.published]
    assert len(whole) >= len(items) - 1  # one entry of them is empty but for its picture
    assert sum(item.lang == "vi" for item in whole) >= 0.9 * len(whole)  # the others are in English, and are found to be
    assert {item.lang for item in whole} == {"vi", "en"}
