"""When to look again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict

from watchers.models.item import Item
from watchers.models.polling import ErrorKind, FeedState, Limits, PollError, PollResult, ScheduleHints
from watchers.models.problem import Problem
from watchers.state.poll_schedule import ADOPT_POLLS, header_hints, join_hints, next_state

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)  # a Friday
LIMITS = Limits()
LISTED = tuple(Item(feed="f", title=f"t{n}") for n in range(20))
POLLED = FeedState(polls=10, interval=1_800.0, etag='"a"', body_hash="h")


def good(hints: ScheduleHints = ScheduleHints(), *, outcome: str = "items", redirect: str = "") -> PollResult:  # noqa: B008
    return PollResult(outcome, items=LISTED, etag='"b"', body_hash="h2", hints=hints, redirect=redirect)  # type: ignore[arg-type]


def bad(kind: ErrorKind = "timeout", hints: ScheduleHints = ScheduleHints()) -> PollResult:  # noqa: B008
    return PollResult("failed", error=PollError(kind, Problem("words", {"words": "it went wrong"})), hints=hints)


def next_poll(state: FeedState, look: PollResult, *, new: int = 0, jitter: float = 0.5) -> datetime:
    planned = next_state(state, look, NOW, LIMITS, new=new, jitter=jitter).next_poll_at
    assert planned is not None
    return planned


def wait(state: FeedState, look: PollResult, *, new: int = 0, jitter: float = 0.5) -> float:
    return (next_poll(state, look, new=new, jitter=jitter) - NOW).total_seconds()


def test_the_first_interval_is_every_whatever_the_first_listing_holds() -> None:
    assert wait(FeedState(), good(), new=20) == LIMITS.every.total_seconds()


def test_nothing_new_makes_the_interval_longer_and_news_shorter_by_its_share() -> None:
    unchanged = wait(POLLED, good(outcome="unchanged"))
    assert wait(POLLED, good(), new=0) == unchanged > 1_800
    assert wait(POLLED, good(), new=12) < wait(POLLED, good(), new=1) < 1_800


def test_the_interval_stays_between_fastest_and_slowest() -> None:
    state = POLLED
    for _ in range(60):
        state = next_state(state, good(), NOW, LIMITS, new=20)
    assert state.interval == LIMITS.fastest.total_seconds()
    for _ in range(200):
        state = next_state(state, good(), NOW, LIMITS)
    assert state.interval == LIMITS.slowest.total_seconds()


def test_jitter_spreads_the_time_but_never_under_what_the_source_asks() -> None:
    assert wait(POLLED, good(), jitter=0.0) < wait(POLLED, good(), jitter=0.99)
    asked = good(ScheduleHints(floor=7_200))
    assert wait(POLLED, asked, jitter=0.0) == 7_200


def test_what_the_document_asked_for_holds_after_a_304_too() -> None:
    state = next_state(POLLED, good(ScheduleHints(floor=7_200, skip_hours=frozenset({11}))), NOW, LIMITS)
    assert wait(state, good(outcome="unchanged")) >= 7_200
    assert next_state(state, good(outcome="unchanged"), NOW, LIMITS).skip_hours == (11,)


def test_retry_after_wins_over_everything() -> None:
    assert wait(POLLED, good(ScheduleHints(retry_after=90_000))) == 90_000
    assert wait(POLLED, bad("throttled", ScheduleHints(retry_after=90_000)), jitter=0.0) == 90_000


def test_hours_and_days_that_a_feed_skips_are_left_out() -> None:
    every_hour_but_twenty = frozenset(range(24)) - {20}
    assert next_poll(POLLED, good(ScheduleHints(skip_hours=every_hour_but_twenty))) == NOW.replace(hour=20)
    weekend = next_poll(POLLED, good(ScheduleHints(skip_days=frozenset({4, 5, 6}))))
    assert weekend == datetime(2024, 12, 9, 0, 0, tzinfo=UTC)


def test_failures_back_off_by_kind_and_double_up_to_the_slowest() -> None:
    assert wait(POLLED, bad("timeout")) < wait(POLLED, bad("dns")) < wait(POLLED, bad("client")) < wait(POLLED, bad("hostile"))
    state, waits = POLLED, []
    for _ in range(12):
        waits.append(wait(state, bad("timeout")))
        state = next_state(state, bad("timeout"), NOW, LIMITS)
    assert waits[1] == 2 * waits[0]
    assert waits[-1] == LIMITS.slowest.total_seconds()
    assert state.failures == 12
    assert state.last_error == str(state.problem) == "timeout: it went wrong"


def test_a_failure_keeps_validators_and_a_good_answer_clears_the_failures() -> None:
    failed = next_state(POLLED, bad(), NOW, LIMITS)
    assert (failed.etag, failed.body_hash, failed.polls) == ('"a"', "h", 10)
    healed = next_state(failed, good(), NOW, LIMITS)
    assert (healed.failures, healed.failing_since, healed.last_error, healed.problem, healed.etag) == (0, None, "", None, '"b"')


def test_long_failure_parks_and_a_parked_feed_is_still_looked_at_and_can_return() -> None:
    state, now = POLLED, NOW
    while not state.parked_at:
        state = next_state(state, bad("dns"), now, LIMITS)
        assert state.next_poll_at is not None
        now = state.next_poll_at
    assert state.next_poll_at is not None
    assert timedelta(days=14) <= state.parked_at - NOW <= timedelta(days=16)
    assert state.next_poll_at - state.parked_at == timedelta(days=7)
    assert next_state(state, good(), now, LIMITS).parked_at is None


def test_a_feed_that_says_it_is_gone_is_parked_sooner() -> None:
    state, now = POLLED, NOW
    while not state.parked_at:
        state = next_state(state, bad("gone"), now, LIMITS)
        assert state.next_poll_at is not None
        now = state.next_poll_at
    assert state.parked_at - NOW < timedelta(days=6)


def test_a_permanent_redirect_is_adopted_only_after_days_and_several_good_looks() -> None:
    state, now = POLLED, NOW
    moved = good(redirect="https://new.example/feed")
    for look in range(ADOPT_POLLS * 3):
        state = next_state(state, moved, now, LIMITS)
        if state.adopted:
            break
        now += timedelta(hours=12)
        assert look < ADOPT_POLLS * 3
    assert state.adopted == "https://new.example/feed"
    assert now - NOW >= timedelta(days=4)


def test_a_redirect_that_ends_at_no_feed_or_stops_starts_again() -> None:
    moved = good(redirect="https://new.example/feed")
    state = next_state(POLLED, moved, NOW, LIMITS)
    parking = next_state(state, bad("not_a_feed"), NOW + timedelta(days=2), LIMITS)
    assert next_state(parking, moved, NOW + timedelta(days=5), LIMITS).adopted == ""
    stopped = next_state(state, good(), NOW + timedelta(days=2), LIMITS)
    assert stopped.redirect_to == ""


def test_an_adopted_address_that_dies_is_left_for_the_configured_one() -> None:
    state = FeedState(polls=10, adopted="https://new.example/feed", failing_since=NOW - timedelta(days=3), failures=6)
    assert next_state(state, bad("dns"), NOW, LIMITS).adopted == ""


@pytest.mark.parametrize(
    ("headers", "hints"),
    [
        ({}, ScheduleHints()),
        ({"Retry-After": "120"}, ScheduleHints(retry_after=120)),
        ({"Retry-After": "Fri, 06 Dec 2024 09:00:00 GMT"}, ScheduleHints(retry_after=3_600)),
        ({"Retry-After": "Fri, 06 Dec 2019 09:00:00 GMT"}, ScheduleHints()),
        ({"Retry-After": "soon"}, ScheduleHints()),
        ({"Retry-After": "99999999999"}, ScheduleHints(retry_after=7 * 86_400)),
        ({"Cache-Control": "public, max-age=900"}, ScheduleHints(floor=900)),
        ({"Cache-Control": "max-age=900", "Age": "600"}, ScheduleHints(floor=300)),
        ({"Cache-Control": "max-age=31536000"}, ScheduleHints(floor=86_400)),
        ({"Cache-Control": "no-cache, max-age=900"}, ScheduleHints()),
        ({"Cache-Control": "max-age=0", "Expires": "Fri, 06 Dec 2024 09:00:00 GMT"}, ScheduleHints()),
        ({"Retry-After": "-120"}, ScheduleHints()),
        ({"Retry-After": "9" * 400}, ScheduleHints(retry_after=7 * 86_400)),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 -1200"}, ScheduleHints(retry_after=7 * 86_400)),
        ({"Cache-Control": "Public, Max-Age=900", "Expires": "Sat, 07 Dec 2024 08:00:00 GMT"}, ScheduleHints(floor=900)),
        ({"Cache-Control": 'max-age="900", no-cache="Set-Cookie"'}, ScheduleHints(floor=900)),
        ({"Cache-Control": "no-store", "Expires": "Fri, 06 Dec 2024 09:00:00 GMT"}, ScheduleHints()),
        ({"Cache-Control": "max-age=-1"}, ScheduleHints()),
        (CIMultiDict([("Cache-Control", "public"), ("cache-control", "max-age=600")]), ScheduleHints(floor=600)),
        ({"Expires": "Fri, 06 Dec 2024 09:00:00 GMT"}, ScheduleHints(floor=3_600)),
        ({"Expires": "Fri, 06 Dec 2024 19:00:00 GMT", "Date": "Fri, 06 Dec 2024 18:30:00 GMT"}, ScheduleHints(floor=1_800)),
        ({"Expires": "-1"}, ScheduleHints()),
        ({"Expires": "Thu, 99 Foo"}, ScheduleHints()),
    ],
)
def test_headers_tell_how_often(headers: Mapping[str, str], hints: ScheduleHints) -> None:
    assert header_hints(headers, NOW) == hints


def test_hints_of_headers_and_document_both_hold() -> None:
    joined = join_hints(ScheduleHints(floor=60, skip_days=frozenset({6})), ScheduleHints(floor=600, skip_hours=frozenset({1})))
    assert joined == ScheduleHints(floor=600, skip_hours=frozenset({1}), skip_days=frozenset({6}))
