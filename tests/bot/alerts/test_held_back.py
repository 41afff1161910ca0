"""What quiet hours and caps hold back from a chat that gets no digests goes out later: nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from bot.alerts.held_back import release_held
from bot.config import Config
from bot.store import Store, deliveries
from bot.store.chats import add_chat, change_settings
from tests.bot.alerts.test_plan import NIGHT, NOON, item, rows, texts
from tests.support.news import SEEDS, publish

MORNING = NIGHT + timedelta(hours=8)  # 07:00 in Hanoi
HOUR = timedelta(hours=1)


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    add_chat(store, "telegram:1", settings={"send": ["alert"], "quiet_hours": "22:00-07:00"})
    yield store
    store.close()


def release(store: Store, now: datetime) -> int:
    with store.atomic():
        return release_held(store, SEEDS, Config(), now)


def test_an_alert_of_the_night_goes_out_when_the_quiet_hours_end_with_the_sources_it_has_by_then(store: Store) -> None:
    story = publish(store, item(), NIGHT)
    publish(store, item("AFP"), NIGHT + HOUR, story=story)
    assert release(store, MORNING - timedelta(seconds=1)) == 0
    assert release(store, MORNING) == 1
    assert [row.key for row in deliveries.due(store, MORNING, kinds=("telegram",))] == ["alert:1"]
    assert "2 sources" in texts(store)[0]
    assert release(store, MORNING) == 0


def test_what_is_over_the_cap_goes_out_hour_by_hour(store: Store) -> None:
    change_settings(store, "telegram:1", {"max_per_hour": 2})
    for number in range(5):
        publish(store, item(title=f"Nvidia invests in city {number}"), NOON)
    assert "Further news will come later" in texts(store)[1]
    assert release(store, NOON + HOUR - timedelta(seconds=1)) == 0
    assert release(store, NOON + HOUR) == 2
    assert release(store, NOON + HOUR + timedelta(minutes=1)) == 0
    assert release(store, NOON + 2 * HOUR) == 1
    assert [row["held"] for row in rows(store)] == [None] * 5


def test_a_muted_story_stays_held(store: Store) -> None:
    story = publish(store, item(), NIGHT)
    publish(store, item(title="Nvidia opens a school"), NIGHT)
    change_settings(store, "telegram:1", {"muted_stories": [story]})
    assert release(store, MORNING) == 1
    assert [row["held"] for row in rows(store)] == ["quiet", None]


def test_a_chat_with_digests_waits_for_its_digest(store: Store) -> None:
    change_settings(store, "telegram:1", {"send": ["alert", "digest"]})
    publish(store, item(), NIGHT)
    assert release(store, MORNING) == 0


def test_when_digests_are_switched_off_what_was_held_for_one_goes_out(store: Store) -> None:
    change_settings(store, "telegram:1", {"send": ["alert", "digest"]})
    publish(store, item(), NIGHT)
    change_settings(store, "telegram:1", {"send": ["alert"]})
    assert release(store, MORNING) == 1
