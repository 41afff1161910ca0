"""Items count on the day of their publication, whoever brought them and whenever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.store import Store
from bot.store.daily_counts import daily_counts, hits_by_rule, items_by_entity
from tests.support.news import publish
from watchers.models.item import Item

NOW = datetime(2026, 3, 20, 5, 0, tzinfo=UTC)  # noon in Hanoi
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TZ = "Asia/Ho_Chi_Minh"


def item(title: str, published: datetime | None) -> Item:
    return Item("f", f"https://a.example/{title.replace(' ', '-')}", title=title, text=f"{title}.", published=published)


def test_an_item_counts_on_its_day_of_publication_though_an_archive_brought_it_later() -> None:
    store = Store.open(":memory:")
    publish(store, item("Nvidia of old", NOW - 3 * DAY), NOW, origin="backfill")
    publish(store, item("Nvidia for the digest", NOW - 2 * DAY), NOW, origin="digest")
    publish(store, item("Nvidia last night", datetime(2026, 3, 19, 18, 0, tzinfo=UTC)), NOW)
    publish(store, item("Nvidia long ago", NOW - 500 * DAY), NOW, origin="backfill")
    assert daily_counts(store, ["nvidia", "fpt"], NOW, 5, TZ) == {"nvidia": [0, 1, 1, 0, 1], "fpt": [0] * 5}
    store.close()


def test_an_item_without_a_date_counts_when_a_feed_listed_it_and_never_when_it_lay_in_an_archive() -> None:
    store = Store.open(":memory:")
    publish(store, item("Nvidia somewhen", None), NOW - HOUR, origin="backfill")
    assert daily_counts(store, ["nvidia"], NOW, 3, TZ) == {"nvidia": [0, 0, 0]}
    publish(store, item("Nvidia just now", None), NOW - HOUR)
    assert daily_counts(store, ["nvidia"], NOW, 3, TZ) == {"nvidia": [0, 0, 1]}
    store.close()


def test_an_item_counts_once_for_its_group_and_its_parts() -> None:
    store = Store.open(":memory:")
    publish(store, item("VinBrain joins Nvidia and Vingroup", NOW - DAY), NOW - DAY)
    assert daily_counts(store, ["vingroup", "nvidia", "vinbrain"], NOW, 2, TZ) == {
        "vingroup": [1, 0], "nvidia": [1, 0], "vinbrain": [1, 0],
    }  # fmt: skip
    store.close()


def test_hits_of_the_last_month_are_those_of_items_published_in_it() -> None:
    store = Store.open(":memory:")
    for title, published, origin in (
        ("Nvidia and VinBrain last week", NOW - 7 * DAY, "backfill"),
        ("Nvidia and VinBrain last year", NOW - 300 * DAY, "backfill"),
        ("Nvidia and VinBrain somewhen", None, "backfill"),
        ("Nvidia just now", None, "poll"),
    ):
        publish(store, Item("f", title=title, text=f"{title}.", published=published), NOW, origin=origin)
    assert hits_by_rule(store, NOW - 30 * DAY) == {"deals": 2}
    assert items_by_entity(store, NOW - 30 * DAY) == {"nvidia": 2, "vinbrain": 1, "vingroup": 1}
    store.close()
