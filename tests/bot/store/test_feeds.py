"""What visits leave in the table `feeds`: written briefly where little changed, and read back the same either way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.store import Store
from bot.store.feeds import FeedStateUpdate, known_feeds, save_state, save_states, set_aside, sync_feeds
from seeds.feeds import Feed
from watchers.models.polling import FeedState
from watchers.models.problem import Problem

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=20)
UNREACHED = Problem("poll", {"kind": "dns", "problem": Problem("dns", {"host": "x.example"})})
LOOKED_AT = FeedState(
    etag='W/"a"', last_modified="Mon, 02 Mar 2026 06:00:00 GMT", body_hash="ab" * 16, polls=7, interval=900.0, floor=60.0,
    skip_hours=(1, 2), next_poll_at=NOW, last_ok_at=NOW, last_new_at=NOW, hub="https://hub.example/", topic="https://a.example/feed",
    lags=(4.5,), gaps=(60.0,),
)  # fmt: skip


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(":memory:")
    sync_feeds(opened, [Feed(url=f"https://a.example/{number}") for number in range(150)], NOW)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "after",
    [
        replace(LOOKED_AT, polls=8, interval=1_008.0, next_poll_at=LATER, last_ok_at=NOW),
        replace(LOOKED_AT, polls=8, etag='W/"b"', next_poll_at=LATER),
        replace(LOOKED_AT, polls=8, paced_until=LATER, next_poll_at=LATER),
        replace(LOOKED_AT, polls=8, redirect_to="https://b.example/", redirect_since=NOW, redirect_polls=1),
        replace(LOOKED_AT, failures=1, failing_since=NOW, last_error=str(UNREACHED), problem=UNREACHED, next_poll_at=LATER),
        replace(LOOKED_AT, skip_hours=(), lags=()),
    ],
)
def test_a_state_is_read_back_as_it_was_left_whatever_of_it_changed(store: Store, after: FeedState) -> None:
    for known in known_feeds(store):
        save_state(store, known.id, LOOKED_AT, now=NOW)
    before = known_feeds(store)
    save_states(
        store, [FeedStateUpdate(one.id, one.state, after if place % 3 else one.state, None, NOW) for place, one in enumerate(before)]
    )
    assert [feed.state for feed in known_feeds(store)] == [after if place % 3 else LOOKED_AT for place in range(150)]


def test_a_row_of_an_older_version_has_its_sentence_and_no_problem(store: Store) -> None:
    store.conn.execute("UPDATE feeds SET failures = 1, last_error = 'dns: the name x.example is not known'")
    state = known_feeds(store)[0].state
    assert (state.last_error, state.problem) == ("dns: the name x.example is not known", None)


def test_a_feed_that_is_set_aside_has_another_problem_than_its_last_poll(store: Store) -> None:
    feed = known_feeds(store)[0]
    failed = replace(feed.state, failures=1, last_error=str(UNREACHED), problem=UNREACHED)
    save_states(store, [FeedStateUpdate(feed.id, feed.state, failed, "dns", NOW)])
    set_aside(store, feed.id, LATER, "unexpected trouble", NOW)
    state = known_feeds(store)[0].state
    assert (state.failures, state.last_error, state.problem) == (2, "unexpected trouble", None)


def test_the_kind_of_a_failure_stands_until_a_look_succeeds(store: Store) -> None:
    feed = known_feeds(store)[0]
    failed = replace(feed.state, failures=1, failing_since=NOW, last_error="dns: no")
    save_states(store, [FeedStateUpdate(feed.id, feed.state, failed, "dns", NOW)])
    assert _row(store, feed.id) == ("dns", "2026-03-02T07:00:00Z")
    save_states(
        store, [FeedStateUpdate(feed.id, failed, replace(failed, failures=0, failing_since=None, last_error="", polls=1), None, LATER)]
    )
    assert _row(store, feed.id) == (None, "2026-03-02T07:20:00Z")


def _row(store: Store, feed: int) -> tuple[str | None, str | None]:
    kind, at = store.conn.execute("SELECT error_kind, last_poll_at FROM feeds WHERE id = ?", (feed,)).fetchone()
    return kind, at
