"""Defines when a feed is looked at again, and everything else that a look changes in the feed's state.

Pure: old state, look, what was new, `now` and a number for the jitter in; the next state out.

Rules, in the order in which they win:
1. Retry-After holds exactly: no request before it.
2. What the source asks for (Cache-Control, Expires, ttl, sy:updatePeriod) is a floor under every interval.
3. After good answers the interval follows the news: nothing new makes it an eighth longer, news makes it shorter, by more
   the larger the share of the listing that was new. With news at random that settles at about five looks per item, and
   after a silence of T the interval is at most an eighth of T longer, so that a night costs the first item of the day
   an hour at most.
4. After failures it backs off by kind, doubling, up to `slowest`; after long failure the feed is parked: looked at once a
   week and reported, never dropped.
5. skipHours and skipDays move the time to the next hour that is wanted.
6. A feed whose hub brings its news (WebSub) is looked at once an hour at most, to be safe, as long as these looks find nothing that the hub
   left out; one that does falls under the rules above again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from msgspec.structs import replace

from watchers.models.item import Item
from watchers.models.polling import ErrorKind, FeedState, Limits, PollResult, ScheduleHints
from watchers.models.problem import Problem
from watchers.state.feed_health import later_gaps, later_lags

SLOWER = 1.12
FASTER = 0.6
MUCH_FASTER = 0.3
"""When half of the listing or more was new: the next look must come before items leave the listing unseen."""

JITTER = 0.1
"""The interval is spread by this share to both sides, so that feeds that started together part."""

FIRST_BACK_OFF: Mapping[ErrorKind, timedelta] = {
    "timeout": timedelta(minutes=5),
    "broken": timedelta(minutes=5),
    "server": timedelta(minutes=5),
    "refused": timedelta(minutes=10),
    "throttled": timedelta(minutes=15),
    "dns": timedelta(minutes=30),
    "not_a_feed": timedelta(minutes=30),
    "redirect": timedelta(hours=1),
    "tls": timedelta(hours=1),
    "client": timedelta(hours=1),
    "too_large": timedelta(hours=6),
    "hostile": timedelta(hours=6),
    "address": timedelta(hours=6),
    "gone": timedelta(hours=12),
}
"""After the first failure of a kind; a passing trouble of a busy server ends in minutes, a wrong name does not."""

PARK_AFTER = timedelta(days=14)
PARK_AFTER_GONE = timedelta(days=3)
PARK_FAILURES = 5
PARKED_EVERY = timedelta(days=7)
ADOPT_AFTER = timedelta(days=4)
ADOPT_POLLS = 4
"""Good looks over at least `ADOPT_AFTER` through the same permanent redirect before its target is asked directly."""
LEAVE_ADOPTED_AFTER = timedelta(days=2)
PUSHED_EVERY = timedelta(hours=1)
_DIGITS = 12
"""Of a number of seconds: longer ones are cut, and still mean "longer than any of us lives"."""
LONGEST_RETRY_AFTER = 7 * 86_400.0
"""Seconds. A server that says a year means "never"; that is what parking is for."""


def next_state(
    state: FeedState,
    look: PollResult,
    now: datetime,
    limits: Limits,
    *,
    new: int = 0,
    fresh: Sequence[Item] = (),
    jitter: float = 0.5,
    pushed: bool = False,
) -> FeedState:
    """Gives the state after `look`.

    `new` counts the items never seen before, `fresh` are those of them that are no baseline (their delays are the feed's
    health); `jitter` is in [0, 1), 0.5 for none. `pushed`: a hub has promised to bring the feed's news.
    """
    if look.outcome == "failed":
        return _after_failure(state, look, now, limits, jitter)
    return _after_success(state, look, now, limits, new=max(new, len(fresh)), fresh=fresh, jitter=jitter, pushed=pushed)


def next_state_after_push(state: FeedState, look: PollResult, now: datetime, *, new: int, fresh: Sequence[Item] = ()) -> FeedState:
    """Gives the state after a hub brought `look`: the feed's news and rhythm. Looks and what is known from them stay as they are."""
    if not new and not fresh:
        return state
    lags = later_lags(state.lags, fresh, now) if fresh else state.lags
    return replace(state, last_new_at=now, lags=lags, gaps=later_gaps(state.gaps, look.items))


def _after_success(
    state: FeedState, look: PollResult, now: datetime, limits: Limits, *, new: int, fresh: Sequence[Item], jitter: float, pushed: bool
) -> FeedState:
    parsed = look.outcome == "items"
    hints = look.hints
    # A 304 has no document; what the last document asked for still holds.
    floor = hints.floor if parsed else max(hints.floor, state.floor)
    skip_hours = tuple(sorted(hints.skip_hours)) if parsed else state.skip_hours
    skip_days = tuple(sorted(hints.skip_days)) if parsed else state.skip_days
    interval = _next_interval(state, new, len(look.items), limits)
    at_least = max(floor, PUSHED_EVERY.total_seconds() * _spread(jitter)) if pushed and not new else floor
    due = _due(now, max(interval * _spread(jitter), min(at_least, limits.slowest.total_seconds())), hints.retry_after)
    return replace(
        state,
        etag=look.etag,
        last_modified=look.last_modified,
        body_hash=look.body_hash or state.body_hash,
        polls=state.polls + 1,
        failures=0,
        failing_since=None,
        last_error="",
        problem=None,
        interval=interval,
        floor=floor,
        skip_hours=skip_hours,
        skip_days=skip_days,
        next_poll_at=_wanted(due, skip_hours, skip_days),
        last_ok_at=now,
        last_new_at=now if new else state.last_new_at,
        paced_until=now + timedelta(seconds=hints.retry_after) if hints.retry_after else None,
        parked_at=None,
        hub=look.hub if parsed else state.hub,
        topic=look.topic if parsed else state.topic,
        lags=later_lags(state.lags, fresh, now) if fresh else state.lags,
        gaps=later_gaps(state.gaps, look.items) if new else state.gaps,
        **_redirect(state, look, now),
    )


def _next_interval(state: FeedState, new: int, listed: int, limits: Limits) -> float:
    interval = state.interval or limits.every.total_seconds()
    if state.polls == 0:
        pass  # the baseline: everything is new, and that says nothing
    elif not new:
        interval *= SLOWER
    elif new * 2 >= listed and new > 1:
        interval *= MUCH_FASTER
    else:
        interval *= FASTER
    return min(max(interval, limits.fastest.total_seconds()), limits.slowest.total_seconds())


def _after_failure(state: FeedState, look: PollResult, now: datetime, limits: Limits, jitter: float) -> FeedState:
    assert look.error is not None
    failures = state.failures + 1
    since = state.failing_since or now
    parked = state.parked_at or (now if _is_parked(look.error.kind, failures, now - since) else None)
    if parked:
        wait = PARKED_EVERY.total_seconds()
    else:
        first = FIRST_BACK_OFF[look.error.kind].total_seconds()
        interval = state.interval or limits.every.total_seconds()
        slowest = limits.slowest.total_seconds()
        wait = min(max(first * 2 ** min(failures - 1, 20), min(interval, first)), max(slowest, first))
    # The other way round than after success: a floor of spread, because Retry-After is a promise.
    due = _due(now, max(wait * _spread(jitter), state.floor if not parked else 0.0, limits.fastest.total_seconds()), look.hints.retry_after)
    adopted = state.adopted
    if adopted and now - since >= LEAVE_ADOPTED_AFTER:
        adopted = ""  # the new address does not work; the configured one is asked again
    problem = Problem("poll", {"kind": look.error.kind, "problem": look.error.problem})
    return replace(
        state,
        failures=failures,
        failing_since=since,
        last_error=str(problem),
        problem=problem,
        next_poll_at=_wanted(due, state.skip_hours, state.skip_days),
        paced_until=now + timedelta(seconds=look.hints.retry_after) if look.hints.retry_after else state.paced_until,
        parked_at=parked,
        adopted=adopted,
        redirect_to="" if adopted != state.adopted else state.redirect_to,
        redirect_since=None if adopted != state.adopted else state.redirect_since,
        redirect_polls=0,
    )


def _is_parked(kind: ErrorKind, failures: int, failing: timedelta) -> bool:
    return failures >= PARK_FAILURES and failing >= (PARK_AFTER_GONE if kind == "gone" else PARK_AFTER)


def _redirect(state: FeedState, look: PollResult, now: datetime) -> dict[str, Any]:
    """Counts good looks through the same permanent redirect and adopts its target after days of them."""
    if not look.redirect:
        return {"redirect_to": "", "redirect_since": None, "redirect_polls": 0} if state.redirect_to else {}
    if look.redirect != state.redirect_to or state.redirect_since is None:
        return {"redirect_to": look.redirect, "redirect_since": now, "redirect_polls": 1}
    polls = state.redirect_polls + 1
    if polls >= ADOPT_POLLS and now - state.redirect_since >= ADOPT_AFTER:
        return {"adopted": look.redirect, "redirect_to": "", "redirect_since": None, "redirect_polls": 0}
    return {"redirect_polls": polls}


def _spread(jitter: float) -> float:
    return 1.0 + JITTER * (2.0 * jitter - 1.0)


def _due(now: datetime, wait: float, retry_after: float) -> datetime:
    return now + timedelta(seconds=max(wait, min(retry_after, LONGEST_RETRY_AFTER)))


def _wanted(due: datetime, skip_hours: Sequence[int], skip_days: Sequence[int]) -> datetime:
    if not skip_hours and not skip_days:
        return due
    moment = due
    for _ in range(24 * 8):
        if moment.hour not in skip_hours and moment.weekday() not in skip_days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due


def header_hints(headers: Mapping[str, str], now: datetime) -> ScheduleHints:
    """What the answer's headers ask for: Retry-After, Cache-Control max-age less Age, Expires less Date (RFC 9110, 9111)."""
    retry = headers.get("Retry-After")
    control = headers.get("Cache-Control")
    expires = headers.get("Expires")
    if retry is None and control is None and expires is None:
        return _SILENT
    said = _said(header_lines(headers, "Cache-Control")) if control is not None else {}
    floor = 0.0
    if said.keys() & {"no-cache", "no-store"}:
        pass  # it may change at any time
    elif "max-age" in said:
        floor = max(0.0, _number(said["max-age"]) - _number(headers.get("Age", "")))
    elif expires:
        floor = _until(expires, _moment(headers.get("Date", "")) or now)
    if not retry and not floor:
        return _SILENT
    return ScheduleHints(retry_after=_retry_after(retry, now) if retry else 0.0, floor=min(floor, 86_400.0))


_SILENT = ScheduleHints()


def join_hints(hints: ScheduleHints, other: ScheduleHints) -> ScheduleHints:
    """Both hold: the longer of two waits, and every hour or day that either leaves out."""
    if hints is _SILENT:
        return other
    return ScheduleHints(
        retry_after=max(hints.retry_after, other.retry_after),
        floor=max(hints.floor, other.floor),
        skip_hours=hints.skip_hours | other.skip_hours,
        skip_days=hints.skip_days | other.skip_days,
    )


def header_lines(headers: Mapping[str, str], name: str) -> Sequence[str]:
    """All headers of that name, which servers and the caches before them write one each; none where there is none."""
    if name not in headers:
        return ()
    every = getattr(headers, "getall", None)  # a plain mapping has one of each
    return every(name) if every is not None else (headers[name],)


def _said(lines: Sequence[str]) -> dict[str, str]:
    """The directives of Cache-Control."""
    pairs = (part.strip().partition("=") for part in ",".join(lines).lower().split(","))
    # "no-cache" with names speaks of these headers alone.
    return {name: value.strip('" ') for name, _, value in pairs if name != "no-cache" or not value}


def _retry_after(value: str, now: datetime) -> float:
    seconds = _number(value)
    return min(seconds or _until(value, now), LONGEST_RETRY_AFTER)


def _until(value: str, now: datetime) -> float:
    moment = _moment(value)
    return max(0.0, (moment - now).total_seconds()) if moment else 0.0  # "0" and "-1" are said for "already expired"


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: str) -> float:
    value = value.strip()
    return float(value[:_DIGITS]) if value.isdigit() and value.isascii() else 0.0
