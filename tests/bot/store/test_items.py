"""The time at which an item counts is the same in Python and in SQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.store import Store, iso
from bot.store.items import ITEM_TIME, MatchedItem, add_items, item_time
from watchers.models.item import Item

SEEN = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
EARLIER = SEEN - timedelta(days=400)


@pytest.mark.parametrize(
    ("published", "archived", "expected"),
    [
        (EARLIER, False, EARLIER),
        (EARLIER, True, EARLIER),
        (SEEN + timedelta(hours=7), False, SEEN),
        (SEEN + timedelta(hours=7), True, SEEN),
        (None, False, SEEN),
        (None, True, None),
    ],
    ids=["feed", "archive", "feed, to come", "archive, to come", "feed, undated", "archive, undated"],
)
def test_an_item_counts_when_it_was_published_else_when_a_feed_first_listed_it(
    published: datetime | None, archived: bool, expected: datetime | None
) -> None:
    assert item_time(published, SEEN, archived=archived) == expected
    store = Store.open(":memory:")
    with store.atomic():
        add_items(store, [MatchedItem(Item("f", title="t", published=published), ("k",))], None, SEEN, archived=archived)
    at = store.conn.execute(f"SELECT {ITEM_TIME} FROM items").fetchone()[0]
    assert at == (iso(expected) if expected else None)
    plan = store.conn.execute(f"EXPLAIN QUERY PLAN SELECT id FROM items WHERE {ITEM_TIME} > ?", ("",)).fetchall()
    assert "items_time" in plan[0][3], "a look at the last days does not read all items"
    store.close()
