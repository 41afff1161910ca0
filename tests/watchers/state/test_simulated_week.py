"""A week of simulated time: 200 feeds of different rhythm, asked as the pace says. No network, no waiting."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import median

import pytest

from watchers.models.item import Item
from watchers.models.polling import FeedState, Limits, PollError, PollResult, ScheduleHints
from watchers.models.problem import Problem
from watchers.state.poll_schedule import next_state

START = datetime(2024, 12, 2, tzinfo=UTC)
WEEK = 7 * 86_400.0
LISTED = 20
NIGHT = frozenset({0, 1, 2, 3, 4})
ITEM = Item(feed="f", title="One of many")


@dataclass
class Simulated:
    """A feed: when it publishes (seconds from the start), what it asks for, when it is down."""

    gap: float
    publications: list[float]
    floor: float = 0.0
    retry_after: float = 0.0
    skip_hours: frozenset[int] = frozenset()
    down: tuple[float, float] = (0.0, 0.0)
    state: FeedState = field(default_factory=FeedState)
    asked: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    seen_until: float = 0.0

    def poll(self, at: float) -> tuple[PollResult, int]:
        if self.down[0] <= at < self.down[1]:
            hints = ScheduleHints(retry_after=self.retry_after)
            error = PollError("throttled" if self.retry_after else "server", Problem("words", {"words": "down"}))
            return PollResult("failed", error=error, hints=hints), 0
        upto, since = bisect_right(self.publications, at), bisect_right(self.publications, self.seen_until)
        listed = self.publications[max(0, upto - LISTED) : upto]
        new = len([moment for moment in listed if moment > self.seen_until]) if self.state.polls else 0
        if self.state.polls:
            self.delays += [at - moment for moment in self.publications[since:upto]]
        self.seen_until = at
        hints = ScheduleHints(floor=self.floor, skip_hours=self.skip_hours)
        return PollResult("items" if new or not self.state.polls else "unchanged", items=(ITEM,) * len(listed), hints=hints), new


def day_and_night(random: Random, gap: float) -> list[float]:
    """Publications with a mean gap over the week, three quarters of the rate by day and a quarter of it by night."""
    moments, at = [], random.random() * gap
    while at < WEEK:
        moments.append(at)
        night = (at % 86_400) > 57_600
        at += random.expovariate(1 / (gap * (2.4 if night else 0.75)))
    return moments


def a_week(seed: int = 7) -> list[Simulated]:
    random, limits = Random(seed), Limits()
    feeds = []
    for number in range(200):
        gap = 1_200.0 * (72.0 ** (number / 199))  # twenty minutes to a day
        feed = Simulated(gap, day_and_night(random, gap))
        if number % 10 == 3:
            feed.floor = 3_600.0
        if number % 10 == 5:
            feed.skip_hours = NIGHT
        if number % 10 == 7:
            feed.down, feed.retry_after = (200_000.0, 290_000.0), 5_400.0 if number % 20 == 7 else 0.0
        feeds.append(feed)
    queue = [(random.random() * 900, number) for number in range(200)]
    heapq.heapify(queue)
    while queue:
        at, number = heapq.heappop(queue)
        if at >= WEEK:
            continue
        feed = feeds[number]
        feed.asked.append(at)
        look, new = feed.poll(at)
        feed.state = next_state(feed.state, look, START + timedelta(seconds=at), limits, new=new, jitter=random.random())
        assert feed.state.next_poll_at is not None
        heapq.heappush(queue, ((feed.state.next_poll_at - START).total_seconds(), number))
    return feeds


@pytest.fixture(scope="module")
def feeds() -> list[Simulated]:
    return a_week()


def gaps(feed: Simulated) -> list[float]:
    return [later - earlier for earlier, later in pairwise(feed.asked)]


def test_no_feed_starves(feeds: list[Simulated]) -> None:
    for feed in feeds:
        assert max(gaps(feed)) <= 1.1 * Limits().slowest.total_seconds()
        assert WEEK - feed.asked[-1] <= 1.1 * Limits().slowest.total_seconds()


def test_none_is_asked_more_often_than_it_allows(feeds: list[Simulated]) -> None:
    for feed in feeds:
        least = max(feed.floor, 0.9 * Limits().fastest.total_seconds())
        assert min(gaps(feed)) >= least - 1e-6


def test_a_server_that_asks_for_a_pause_gets_it(feeds: list[Simulated]) -> None:
    for feed in feeds:
        if feed.retry_after:
            refused = [later - earlier for earlier, later in pairwise(feed.asked) if feed.down[0] <= earlier < feed.down[1]]
            assert refused
            assert min(refused) >= feed.retry_after


def test_hours_that_a_feed_leaves_out_are_left_out(feeds: list[Simulated]) -> None:
    for feed in feeds:
        if feed.skip_hours:
            after_first = feed.asked[1:]  # before the first answer nobody knows
            assert len(after_first) > 6
            assert not [at for at in after_first if int(at % 86_400 // 3_600) in feed.skip_hours]


def test_items_are_seen_with_a_median_delay_under_half_their_feeds_interval(feeds: list[Simulated]) -> None:
    free = [feed for feed in feeds if not feed.floor and not feed.down[1] and not feed.skip_hours and len(feed.delays) >= 5]
    assert len(free) > 120
    for feed in free:
        assert median(feed.delays) < feed.gap / 2


def test_the_polls_of_a_week_stay_in_proportion_to_the_news(feeds: list[Simulated]) -> None:
    for feed in feeds:
        assert len(feed.asked) < 40 + 8 * len(feed.publications)
    assert sum(len(feed.asked) for feed in feeds) < 5 * sum(len(feed.publications) for feed in feeds)
