"""What a feed's state says about its health."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from watchers.models.item import Item
from watchers.models.polling import FeedState
from watchers.state.feed_health import GAPS_KEPT, LAGS_KEPT, health, in_words, is_alarming, later_gaps, later_lags, percentile

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)


def at(age: timedelta) -> Item:
    return Item(feed="f", title="t", published=NOW - age)


def test_delays_are_counted_from_publication_to_first_sight() -> None:
    lags = later_lags((10.0,), [at(timedelta(seconds=90)), at(timedelta(days=30)), Item(feed="f", title="undated")], NOW)
    assert lags == (10.0, 90.0)
    assert len(later_lags(tuple(range(200)), [at(timedelta(seconds=1))], NOW)) == LAGS_KEPT


def test_the_rhythm_comes_from_the_dates_of_a_listing() -> None:
    listing = [at(timedelta(hours=n)) for n in range(60)]
    assert later_gaps((), listing) == (3_600,) * GAPS_KEPT
    assert later_gaps((5.0,), listing[:3]) == (5.0,)


def test_a_healthy_feed_shows_its_delays_and_says_nothing() -> None:
    state = FeedState(polls=9, lags=tuple(float(n) for n in range(1, 101)), gaps=(3_600.0,) * 10, last_new_at=NOW - timedelta(hours=2))
    found = health(state, NOW)
    assert (found.condition, found.says, found.median_delay, found.slow_delay, found.rhythm) == ("ok", "", 51.0, 91.0, 3_600.0)
    assert not is_alarming(found, state, NOW)


def test_a_feed_that_is_silent_for_three_times_its_rhythm_is_reported() -> None:
    daily = FeedState(polls=9, gaps=(86_400.0,) * 10, last_new_at=NOW - timedelta(days=4))
    assert health(daily, NOW).condition == "silent"
    assert health(daily, NOW).says == "nothing new for 4 days; usually every 24 hours"
    assert is_alarming(health(daily, NOW), daily, NOW)
    hourly = FeedState(polls=9, gaps=(3_600.0,) * 10, last_new_at=NOW - timedelta(hours=40))
    assert health(hourly, NOW).condition == "ok"  # a weekend


def test_failure_is_told_at_once_and_alarming_after_a_day() -> None:
    short = FeedState(polls=9, failures=2, failing_since=NOW - timedelta(hours=1), last_error="dns: unknown")
    assert health(short, NOW).condition == "failing"
    assert not is_alarming(health(short, NOW), short, NOW)
    long = FeedState(polls=9, failures=9, failing_since=NOW - timedelta(days=3), last_error="dns: unknown")
    assert health(long, NOW).says == "failing for 3 days (dns: unknown)"
    assert is_alarming(health(long, NOW), long, NOW)


def test_a_parked_and_a_new_feed_are_named_so() -> None:
    parked = FeedState(failures=9, parked_at=NOW, failing_since=NOW, last_error="gone: 410")
    assert health(parked, NOW).condition == "parked"
    assert is_alarming(health(parked, NOW), parked, NOW)
    assert health(FeedState(), NOW).condition == "new"


def test_percentiles_and_words() -> None:
    assert (percentile([3, 1, 2], 0.5), percentile([1], 0.9)) == (2, 1)
    assert [in_words(timedelta(seconds=s)) for s in (5, 61, 7_200, 90_000, 260_000)] == [
        "5 seconds",
        "1 minute",
        "2 hours",
        "25 hours",
        "3 days",
    ]
