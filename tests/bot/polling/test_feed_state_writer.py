"""Saves: states of feeds that brought nothing are written together, and one that cannot be written keeps no other back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.polling.feed_state_writer import FeedStateWriter
from bot.store import StoreThread
from bot.store.feeds import FeedStateUpdate, known_feeds, sync_feeds
from seeds.feeds import Feed

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StoreThread]:
    thread = StoreThread(tmp_path / "a.db")
    thread.start()
    yield thread
    thread.close()


async def test_a_state_that_cannot_be_written_keeps_no_other_feeds_back(store: StoreThread) -> None:
    await store.write(sync_feeds, [Feed(url=f"https://a.example/{number}") for number in range(5)], NOW)
    failed: dict[int, str] = {}
    saves = FeedStateWriter(store, lambda feed, error: failed.update({feed: type(error).__name__}))
    feeds = await store.read(known_feeds)
    for place, one in enumerate(feeds):
        etag = "\udcff" if place == 2 else f'"{place}"'  # no UTF-8 can be made of half a surrogate pair
        saves.add(FeedStateUpdate(one.id, one.state, replace(one.state, polls=1, etag=etag), None, NOW))
        assert one.id in saves
    await saves.flush()
    assert failed == {feeds[2].id: "UnicodeEncodeError"}
    assert [one.state.etag for one in await store.read(known_feeds)] == ['"0"', '"1"', "", '"3"', '"4"']
    assert not any(one.id in saves for one in feeds)


async def test_a_database_that_takes_nothing_is_told_of_each_feed(store: StoreThread) -> None:
    await store.write(sync_feeds, [Feed(url=f"https://a.example/{number}") for number in range(3)], NOW)
    feeds, failed = await store.read(known_feeds), list[int]()
    store.close()
    saves = FeedStateWriter(store, lambda feed, error: failed.append(feed))
    for one in feeds:
        saves.add(FeedStateUpdate(one.id, one.state, replace(one.state, polls=1), None, NOW))
    await saves.flush()
    assert failed == [one.id for one in feeds]
    assert not any(one.id in saves for one in feeds)
