"""A clock that was set back: stored times of the future come nearer, and what an older clock wrote is not waited for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.message import Message
from bot.store import Store, deliveries, iso
from bot.store.clock_change import shift_due_times, shift_due_times_at_start
from bot.store.deliveries import NewDelivery
from bot.store.feeds import due_feeds, known_feeds, save_state, set_aside, sync_feeds
from bot.store.websub_subscriptions import add, read_kept
from seeds.feeds import Feed
from watchers.models.polling import FeedState
from watchers.state.websub import Subscription, asking, confirmed

NOW = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BACK = [HOUR, 2 * DAY]


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(":memory:")
    yield opened
    opened.close()


def polled(store: Store, at: datetime, *, every: timedelta, paced: timedelta | None = None) -> None:
    """One feed, polled at that time and planned again."""
    sync_feeds(store, [Feed(url="https://a.example/feed")], at)
    state = FeedState(polls=3, next_poll_at=at + every, last_ok_at=at, paced_until=at + paced if paced else None)
    save_state(store, known_feeds(store)[0].id, state, now=at)


def alert(store: Store, key: str) -> None:
    """A row written by the right clock, days before it went wrong."""
    deliveries.add(store, NewDelivery("telegram:1", "alert", key, Message("telegram:1", "x", "x"), NOW - 3 * DAY), NOW - 3 * DAY)


def due(store: Store, now: datetime) -> int:
    return len(due_feeds(store, now))


@pytest.mark.parametrize("back", BACK)
def test_a_feed_that_was_polled_later_than_now_is_due(store: Store, back: timedelta) -> None:
    polled(store, NOW, every=DAY)
    assert due(store, NOW + HOUR) == 0
    assert due(store, NOW - back) == 1


@pytest.mark.parametrize("back", BACK)
def test_a_feed_that_was_set_aside_later_than_now_is_due(store: Store, back: timedelta) -> None:
    polled(store, NOW - 3 * DAY, every=HOUR)
    set_aside(store, known_feeds(store)[0].id, NOW + HOUR, "odd", NOW)
    assert due(store, NOW) == 0
    assert due(store, NOW - back) == 1


def test_a_feed_that_is_first_seen_by_a_clock_ahead_is_due_once_that_is_corrected(store: Store) -> None:
    sync_feeds(store, [Feed(url="https://a.example/feed")], NOW)
    assert due(store, NOW - 2 * DAY) == 1


def test_a_feed_that_is_asked_rarely_waits_no_longer_than_it_was_to(store: Store) -> None:
    polled(store, NOW - 3 * HOUR, every=4 * HOUR)
    shift_due_times(store, HOUR, NOW - HOUR)
    assert due(store, NOW - 1.1 * HOUR) == 0
    assert due(store, NOW) == 1


@pytest.mark.parametrize("back", BACK)
def test_a_server_that_asked_for_patience_is_asked_neither_earlier_nor_later(store: Store, back: timedelta) -> None:
    polled(store, NOW, every=3 * HOUR, paced=3 * HOUR)
    shift_due_times(store, back, NOW - back)
    assert due(store, NOW - back + 2.9 * HOUR) == 0
    assert due(store, NOW - back + 3 * HOUR) == 1


@pytest.mark.parametrize("back", BACK)
def test_a_message_that_waits_after_a_flood_goes_out_in_time(store: Store, back: timedelta) -> None:
    for key in ("alert:1", "alert:2"):
        alert(store, key)
    deliveries.claim(store, 1, NOW)
    deliveries.retry(store, 1, "too many", NOW + HOUR)
    deliveries.postpone_chat(store, "telegram:1", NOW + HOUR, "too many")
    assert shift_due_times_at_start(store, NOW - back) == back
    assert shift_due_times_at_start(store, NOW - back) == timedelta(), "a second start brings nothing nearer"
    assert deliveries.due(store, NOW - back + 0.9 * HOUR, kinds=("telegram",)) == []
    assert len(deliveries.due(store, NOW - back + HOUR, kinds=("telegram",))) == 2


def test_what_is_never_sent_again_stays_so(store: Store) -> None:
    alert(store, "alert:1")
    for _ in range(4):
        deliveries.claim(store, 1, NOW)
        deliveries.mark_unconfirmed(store, 1, "no answer", NOW)
    shift_due_times(store, 2 * DAY, NOW - 2 * DAY)
    assert deliveries.due(store, NOW + DAY, kinds=("telegram",)) == []


def test_a_hub_is_asked_again_in_time_and_its_promise_ends_in_time(store: Store) -> None:
    polled(store, NOW - 9 * DAY, every=HOUR)
    one = confirmed(asking(Subscription("https://hub.example/", "t", "https://me.example/w/a", "s", NOW), NOW), {}, NOW)
    add(store, "a", known_feeds(store)[0].id, one)
    before = NOW - 2 * DAY
    assert not one.is_active(before), "what a clock ahead was promised is not believed"
    assert not due_feeds(store, before)[0].pushed
    shift_due_times(store, 2 * DAY, before)
    (kept,) = read_kept(store)
    assert one.next_at is not None
    assert one.until is not None
    assert abs((kept.subscription.next_at or NOW) - (one.next_at - 2 * DAY)) < timedelta(seconds=1)
    assert abs((kept.subscription.until or NOW) - (one.until - 2 * DAY)) < timedelta(seconds=1)


def test_a_start_without_anything_written_later_changes_nothing(store: Store) -> None:
    polled(store, NOW, every=4 * HOUR)
    assert shift_due_times_at_start(store, NOW + HOUR) == timedelta()
    assert known_feeds(store)[0].state == replace(known_feeds(store)[0].state, next_poll_at=NOW + 4 * HOUR)
    assert store.conn.execute("SELECT next_poll_at FROM feeds").fetchone()[0] == iso(NOW + 4 * HOUR)
