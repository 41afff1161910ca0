"""What is dropped and what must never be: hits, and the keys of what a feed may still list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.store import Store, StoreThread, iso
from bot.store.feeds import sync_feeds
from bot.store.hits import add_hits
from bot.store.integrity import problems
from bot.store.items import MatchedItem, add_items
from bot.store.retention import KEEP_KEYS, PORTION, retain
from bot.store.stories import add_story
from seeds.feeds import Feed
from watchers.match.result import Hit, Match, Mention, Reason
from watchers.models.item import Item

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
HIT = Hit("nvidia", 0.5, "alert", (Reason("named", {"name": "Nvidia"}),))
MATCH = Match("en", mentions=(Mention("nvidia", "Nvidia", "title", 0, 6),), hits=(HIT,))


@pytest.fixture
def thread() -> Iterator[StoreThread]:
    one = StoreThread(":memory:")
    one.start()
    yield one
    one.close()


def plant(store: Store, name: str, age: timedelta, *, hit: bool = False) -> None:
    number = add_items(
        store, [MatchedItem(Item(feed="f", guid=name, title=name), (f"g:f\x1f{name}", f"t:f|{name}"), MATCH if hit else None)], 1, NOW - age
    )[0]
    if hit:
        add_hits(store, number, MATCH.hits, story=add_story(store, number, name, at=NOW - age), now=NOW - age)


async def run(thread: StoreThread, keep_hits: timedelta | None = None) -> tuple[int, int, int]:
    dropped = await retain(thread, now=NOW, keep_items=90 * DAY, keep_hits=keep_hits)
    assert await thread.read(problems) == []
    return dropped.items, dropped.hits, dropped.keys


async def test_items_go_after_their_time_and_items_with_hits_stay_for_ever(thread: StoreThread) -> None:
    await thread.write(plant, "young", 89 * DAY)
    await thread.write(plant, "old", 91 * DAY)
    await thread.write(plant, "hit", 900 * DAY, hit=True)
    assert await run(thread) == (1, 0, 1)
    titles = await thread.read(lambda store: [row[0] for row in store.conn.execute("SELECT title FROM items ORDER BY id")])
    assert titles == ["young", "hit"]


async def test_hits_go_only_when_they_may_and_take_their_story_and_item_along(thread: StoreThread) -> None:
    await thread.write(plant, "old hit", 400 * DAY, hit=True)
    await thread.write(plant, "hit", 10 * DAY, hit=True)
    assert await run(thread, keep_hits=365 * DAY) == (1, 1, 2)
    counts = await thread.read(
        lambda store: [
            store.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("items", "hits", "stories", "mentions")
        ]
    )
    assert counts == [1, 1, 1, 1]


async def test_more_than_one_portion_is_dropped(thread: StoreThread) -> None:
    await thread.write(lambda store: [plant(store, f"old{number}", 100 * DAY) for number in range(PORTION + 3)])
    assert (await run(thread))[0] == PORTION + 3


@pytest.mark.parametrize(
    ("parsed", "active", "dropped"),
    [
        (NOW - 1 * DAY, True, True),  # read since, and not listed then
        (NOW - KEEP_KEYS - 9 * DAY, True, False),  # has answered "unchanged" ever since: still lists it
        (None, True, False),
        (NOW - KEEP_KEYS - 9 * DAY, False, True),  # nobody polls it any more
    ],
)
async def test_a_key_goes_only_when_its_feed_cannot_list_it_any_more(
    thread: StoreThread, parsed: datetime | None, active: bool, dropped: bool
) -> None:
    def prepare(store: Store) -> None:
        sync_feeds(store, [Feed(url="https://a.example/f")], NOW - 500 * DAY)
        plant(store, "old", KEEP_KEYS + 9 * DAY)
        store.conn.execute("UPDATE feeds SET last_parsed_at = ?, active = ?", (iso(parsed) if parsed else None, active))

    await thread.write(prepare)
    assert await run(thread) == (1, 0, 2 * dropped)


async def test_a_guid_outlives_its_item_and_a_title_goes_with_it(thread: StoreThread) -> None:
    await thread.write(plant, "old", 100 * DAY)
    assert await run(thread) == (1, 0, 1)
    assert await thread.read(lambda store: [row[0][:2] for row in store.conn.execute("SELECT key FROM seen")]) == ["g:"]
