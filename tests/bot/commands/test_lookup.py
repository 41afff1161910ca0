"""Counts of the last 30 days go by publication, whoever brought the items and whenever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.commands.lookup import hits_by_entity, hits_by_rule
from bot.store import Store
from tests.support.news import publish
from watchers.models.item import Item

NOW = datetime(2026, 3, 20, 5, 0, tzinfo=UTC)


def test_hits_of_the_last_month_are_those_of_items_published_in_it() -> None:
    store = Store.open(":memory:")
    for title, published, origin in (
        ("Nvidia and VinBrain last week", NOW - timedelta(days=7), "backfill"),
        ("Nvidia and VinBrain last year", NOW - timedelta(days=300), "backfill"),
        ("Nvidia and VinBrain somewhen", None, "backfill"),
        ("Nvidia just now", None, "poll"),
    ):
        publish(store, Item("f", title=title, text=f"{title}.", published=published), NOW, origin=origin)
    assert hits_by_rule(store, NOW) == {"deals": 2}
    assert hits_by_entity(store, NOW) == {"nvidia": 2, "vinbrain": 1, "vingroup": 1}
    store.close()
