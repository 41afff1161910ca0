"""Items count on the day of their publication, whoever brought them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.digest.unusual import unusual_counts
from bot.store import Store
from tests.support.news import SEEDS, publish
from watchers.models.item import Item

NOW = datetime(2026, 3, 20, 5, 0, tzinfo=UTC)  # noon in Hanoi
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TZ = "Asia/Ho_Chi_Minh"


def item(title: str, published: datetime | None) -> Item:
    return Item("f", f"https://a.example/{title.replace(' ', '-')}", title=title, text=f"{title}.", published=published)


def test_an_archive_makes_no_quiet_day_unusual() -> None:
    store = Store.open(":memory:")
    for back in range(1, 21):
        publish(store, item(f"Nvidia day {back}", NOW - back * DAY), NOW - back * DAY)
        for number in range(9):
            publish(store, item(f"Nvidia archive {back} {number}", NOW - back * DAY), NOW, origin="backfill")
    publish(store, item("Nvidia today", NOW - HOUR), NOW - HOUR)
    assert unusual_counts(store, SEEDS, NOW) == ()
    store.close()
