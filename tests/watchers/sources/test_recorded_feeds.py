"""Recorded histories of real feeds played through the watcher: every item is seen exactly once, whatever happens on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.polling.visit_plan import decide, keys_to_verify, needs_title_check
from bot.store import iso
from bot.store.items import SeenKey
from seeds.feeds import Feed
from tests.support.feed_recordings import Step, history
from tests.support.feed_server import Answer, FeedServer, feed_server
from watchers.http.client import open_session
from watchers.models.item import Item
from watchers.models.polling import FeedState, Limits
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.feed import FeedWatcher
from watchers.state.identity import plain_title

LIMITS = Limits(allow_private_addresses=True)
RECORDINGS = ("bbc-technology-2021", "ollama-2026", "the-batch-2026")


@dataclass
class Reader:
    """What the poller and the store do, in memory: keys that were seen, items by standing."""

    server: FeedServer
    watcher: FeedWatcher
    state: FeedState = field(default_factory=FeedState)
    known: dict[str, SeenKey] = field(default_factory=dict)
    stored: list[Item] = field(default_factory=list)
    fresh: list[Item] = field(default_factory=list)

    async def read(self, steps: Iterable[Step]) -> None:
        for step in steps:
            url = self.server.play("/feed", Answer(step.body, validators=True))
            look = await self.watcher.poll(Feed(url=url), self.state, step.time)
            assert look.error is None
            told = {plain_title(item.title): number for number, item in enumerate(self.stored)}
            titles = told if needs_title_check(look, self.known, self.state) else {}
            stored = {number: self.stored[number] for number in keys_to_verify(look, self.known, titles)}
            visit = decide(look, self.known, self.state, step.time, LIMITS, stored_items=stored, titles=titles)
            self.state, moment = visit.state, iso(step.time)
            for new in visit.new:
                self.known.update((key, SeenKey(len(self.stored), moment)) for key in (*new.keys, *new.reassigned_keys))
                self.stored.append(new.item)
            self.fresh += [new.item for new in visit.new if not new.baseline]
            self.known.update((key, SeenKey(owner, moment)) for key, owner in visit.learned_keys)
            self.known.update((key, SeenKey(owner, moment)) for key, owner in visit.reassigned_keys)


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    workers = ParseWorkers(LIMITS)
    async with feed_server() as server, open_session(LIMITS) as session:
        yield Reader(server, FeedWatcher(session, LIMITS, workers))
    workers.close()


def steps_of(shared: Path, name: str) -> list[Step]:
    return history(shared / "data" / "history" / f"{name}.tar.zst")


def guids_in(steps: list[Step]) -> set[str]:
    """Every guid of the history, read without our parsers."""
    found = set()
    for step in steps:
        found |= set(
            re.findall(rb"<guid[^>]*>(?:<!\[CDATA\[)?\s*([^<\]]+?)\s*(?:\]\]>)?</guid>|<entry>.*?<id>([^<]+)</id>", step.body, re.DOTALL)
        )
    return {(one or other).decode() for one, other in found}


@pytest.mark.shared
@pytest.mark.parametrize("name", RECORDINGS)
async def test_every_item_of_a_history_is_seen_exactly_once(shared: Path, reader: Reader, name: str) -> None:
    steps = steps_of(shared, name)
    await reader.read(steps)
    counted = Counter(item.guid for item in reader.stored)
    assert set(counted) == guids_in(steps)
    assert set(counted.values()) == {1}
    assert all(item.published and item.published > steps[0].time - timedelta(days=1) for item in reader.fresh)


def with_new_guids(step: Step) -> Step:
    """The site got a new content system: every guid is another one, and every address has a new parameter and scheme."""
    body = re.sub(rb"(<guid[^>]*>)(?:<!\[CDATA\[)?([^<\]]+)(?:\]\]>)?(</guid>)", rb"\1cms2-\2\3", step.body)
    body = re.sub(rb'isPermaLink="true"', rb'isPermaLink="false"', body)
    return Step(step.time, body.replace(b"<link>https://", b"<link>http://www."))


def at(step: Step, moment: datetime) -> Step:
    return Step(moment, step.body)


@pytest.mark.shared
@pytest.mark.parametrize("name", RECORDINGS[:1])
async def test_guid_churn_in_the_middle_repeats_nothing(shared: Path, reader: Reader, name: str) -> None:
    steps = steps_of(shared, name)
    half = len(steps) // 2
    await reader.read([*steps[:half], *(with_new_guids(step) for step in steps[half:])])
    assert with_new_guids(steps[half]).body != steps[half].body
    assert len(reader.stored) == len(guids_in(steps))


@pytest.mark.shared
@pytest.mark.parametrize("name", RECORDINGS)
async def test_an_old_window_that_is_published_again_alerts_on_nothing(shared: Path, reader: Reader, name: str) -> None:
    steps = steps_of(shared, name)
    late, end = steps[-10:], steps[-1].time
    await reader.read(late)
    before = len(reader.fresh)
    # The first window of the recording comes back: items that this reader never saw, all of them old.
    await reader.read(
        [at(steps[0], end + timedelta(hours=1)), at(steps[0], end + timedelta(hours=2)), at(late[-1], end + timedelta(hours=3))]
    )
    assert len(reader.fresh) == before
    assert max(Counter(item.guid for item in reader.stored).values()) == 1
