"""Computes the next state of a feed after a poll, above all the time of the next poll.

Pure: the old state, the poll result, the new items, `now` and a number for the jitter in; the next state out.

Rules, the strongest first:
1. Retry-After: no request before it.
2. The interval that the source asks for (Cache-Control, Expires, ttl, sy:updatePeriod) is a minimum.
3. After a successful poll the interval follows the rhythm of new items. Without a new item it grows by `SLOWER`, with new items it
   shrinks, more so if a large share of the listing is new. If items arrive at random, this leads to about five polls per item. After a
   silence of T the interval has grown by at most an eighth of T, so that after a night the first item is at most an hour late.
4. After failures the wait depends on the kind of error and doubles up to `slowest`. A feed that fails for long is suspended: polled once
   a week and reported as failing, never removed.
5. skipHours and skipDays move the poll to the next allowed hour.
6. A feed with an active WebSub subscription is polled at most once an hour, as long as these polls find no item that the hub missed.
   After a missed item the rules above apply.
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
"""Used if half of the listing or more was new: the next poll must come before unseen items leave the listing."""

JITTER = 0.1
"""The interval varies by this share in both directions, so that feeds do not stay in step."""

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
"""The wait after the first failure, by kind of error. A busy server recovers in minutes, a wrong host name does not."""

PARK_AFTER = timedelta(days=14)
PARK_AFTER_GONE = timedelta(days=3)
PARK_FAILURES = 5
PARKED_EVERY = timedelta(days=7)
ADOPT_AFTER = timedelta(days=4)
ADOPT_POLLS = 4
"""A permanent redirect is accepted for good after this number of successful polls through it over at least `ADOPT_AFTER`."""
LEAVE_ADOPTED_AFTER = timedelta(days=2)
PUSHED_EVERY = timedelta(hours=1)
_DIGITS = 12
"""Digits read of a number of seconds. A longer number is cut and is still longer than any interval."""
LONGEST_RETRY_AFTER = 7 * 86_400.0
"""Seconds. A longer Retry-After is cut: a feed that does not want to be polled is suspended by its failures."""


def next_state(
    state: FeedState,
    result: PollResult,
    now: datetime,
    limits: Limits,
    *,
    new: int = 0,
    fresh: Sequence[Item] = (),
    jitter: float = 0.5,
    has_push: bool = False,
) -> FeedState:
    """Returns the state after a poll.

    `new` is the number of new items, `fresh` those of them that are not baseline (their delays go into the feed's health). `jitter`
    is in [0, 1), 0.5 for none. `has_push`: a WebSub subscription is active.
    """
    if result.outcome == "failed":
        return _after_failure(state, result, now, limits, jitter)
    return _after_success(state, result, now, limits, new=max(new, len(fresh)), fresh=fresh, jitter=jitter, has_push=has_push)


def next_state_after_push(state: FeedState, result: PollResult, now: datetime, *, new: int, fresh: Sequence[Item] = ()) -> FeedState:
    """Returns the state after a hub pushed items: only the time of the last new item, delays and rhythm change."""
    if not new and not fresh:
        return state
    lags = later_lags(state.lags, fresh, now) if fresh else state.lags
    return replace(state, last_new_at=now, lags=lags, gaps=later_gaps(state.gaps, result.items))


def _after_success(
    state: FeedState, result: PollResult, now: datetime, limits: Limits, *, new: int, fresh: Sequence[Item], jitter: float, has_push: bool
) -> FeedState:
    parsed = result.outcome == "items"
    hints = result.hints
    # A 304 has no document, so the hints of the last document still apply.
    floor = hints.floor if parsed else max(hints.floor, state.floor)
    skip_hours = tuple(sorted(hints.skip_hours)) if parsed else state.skip_hours
    skip_days = tuple(sorted(hints.skip_days)) if parsed else state.skip_days
    interval = _next_interval(state, new, len(result.items), limits)
    minimum = max(floor, PUSHED_EVERY.total_seconds() * _spread(jitter)) if has_push and not new else floor
    due = _due(now, max(interval * _spread(jitter), min(minimum, limits.slowest.total_seconds())), hints.retry_after)
    return replace(
        state,
        etag=result.etag,
        last_modified=result.last_modified,
        body_hash=result.body_hash or state.body_hash,
        polls=state.polls + 1,
        failures=0,
        failing_since=None,
        last_error="",
        problem=None,
        interval=interval,
        floor=floor,
        skip_hours=skip_hours,
        skip_days=skip_days,
        next_poll_at=_next_allowed(due, skip_hours, skip_days),
        last_ok_at=now,
        last_new_at=now if new else state.last_new_at,
        paced_until=now + timedelta(seconds=hints.retry_after) if hints.retry_after else None,
        parked_at=None,
        hub=result.hub if parsed else state.hub,
        topic=result.topic if parsed else state.topic,
        lags=later_lags(state.lags, fresh, now) if fresh else state.lags,
        gaps=later_gaps(state.gaps, result.items) if new else state.gaps,
        **_redirect_fields(state, result, now),
    )


def _next_interval(state: FeedState, new: int, listed: int, limits: Limits) -> float:
    interval = state.interval or limits.every.total_seconds()
    if state.polls == 0:
        pass  # the baseline: all items are new, which shows no rhythm
    elif not new:
        interval *= SLOWER
    elif new * 2 >= listed and new > 1:
        interval *= MUCH_FASTER
    else:
        interval *= FASTER
    return min(max(interval, limits.fastest.total_seconds()), limits.slowest.total_seconds())


def _after_failure(state: FeedState, result: PollResult, now: datetime, limits: Limits, jitter: float) -> FeedState:
    assert result.error is not None
    failures = state.failures + 1
    since = state.failing_since or now
    parked = state.parked_at or (now if _must_suspend(result.error.kind, failures, now - since) else None)
    if parked:
        wait = PARKED_EVERY.total_seconds()
    else:
        first = FIRST_BACK_OFF[result.error.kind].total_seconds()
        interval = state.interval or limits.every.total_seconds()
        slowest = limits.slowest.total_seconds()
        wait = min(max(first * 2 ** min(failures - 1, 20), min(interval, first)), max(slowest, first))
    # Retry-After is applied last, after the jitter, because no request may be sent before it.
    minimum = max(0.0 if parked else state.floor, limits.fastest.total_seconds())
    due = _due(now, max(wait * _spread(jitter), minimum), result.hints.retry_after)
    adopted = state.adopted
    if adopted and now - since >= LEAVE_ADOPTED_AFTER:
        adopted = ""  # the redirect target does not work, so the configured address is polled again
    problem = Problem("poll", {"kind": result.error.kind, "problem": result.error.problem})
    return replace(
        state,
        failures=failures,
        failing_since=since,
        last_error=str(problem),
        problem=problem,
        next_poll_at=_next_allowed(due, state.skip_hours, state.skip_days),
        paced_until=now + timedelta(seconds=result.hints.retry_after) if result.hints.retry_after else state.paced_until,
        parked_at=parked,
        adopted=adopted,
        redirect_to="" if adopted != state.adopted else state.redirect_to,
        redirect_since=None if adopted != state.adopted else state.redirect_since,
        redirect_polls=0,
    )


def _must_suspend(kind: ErrorKind, failures: int, failing_for: timedelta) -> bool:
    return failures >= PARK_FAILURES and failing_for >= (PARK_AFTER_GONE if kind == "gone" else PARK_AFTER)


def _redirect_fields(state: FeedState, result: PollResult, now: datetime) -> dict[str, Any]:
    """Returns the changed fields of a redirect: counts successful polls through the same permanent redirect, and accepts it after days."""
    if not result.redirect:
        return {"redirect_to": "", "redirect_since": None, "redirect_polls": 0} if state.redirect_to else {}
    if result.redirect != state.redirect_to or state.redirect_since is None:
        return {"redirect_to": result.redirect, "redirect_since": now, "redirect_polls": 1}
    polls = state.redirect_polls + 1
    if polls >= ADOPT_POLLS and now - state.redirect_since >= ADOPT_AFTER:
        return {"adopted": result.redirect, "redirect_to": "", "redirect_since": None, "redirect_polls": 0}
    return {"redirect_polls": polls}


def _spread(jitter: float) -> float:
    return 1.0 + JITTER * (2.0 * jitter - 1.0)


def _due(now: datetime, wait: float, retry_after: float) -> datetime:
    return now + timedelta(seconds=max(wait, min(retry_after, LONGEST_RETRY_AFTER)))


def _next_allowed(due: datetime, skip_hours: Sequence[int], skip_days: Sequence[int]) -> datetime:
    """Returns the first time from `due` on outside skipped hours and days; `due` if all are skipped."""
    if not skip_hours and not skip_days:
        return due
    moment = due
    for _ in range(24 * 8):
        if moment.hour not in skip_hours and moment.weekday() not in skip_days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return due


def header_hints(headers: Mapping[str, str], now: datetime) -> ScheduleHints:
    """Reads the hints of response headers: Retry-After, Cache-Control max-age minus Age, Expires minus Date (RFC 9110, 9111)."""
    retry = headers.get("Retry-After")
    control = headers.get("Cache-Control")
    expires = headers.get("Expires")
    if retry is None and control is None and expires is None:
        return _NO_HINTS
    directives = _cache_directives(header_lines(headers, "Cache-Control")) if control is not None else {}
    floor = 0.0
    if directives.keys() & {"no-cache", "no-store"}:
        pass  # the content can change at any time
    elif "max-age" in directives:
        floor = max(0.0, _number(directives["max-age"]) - _number(headers.get("Age", "")))
    elif expires:
        floor = _seconds_until(expires, _parse_http_date(headers.get("Date", "")) or now)
    if not retry and not floor:
        return _NO_HINTS
    return ScheduleHints(retry_after=_retry_after(retry, now) if retry else 0.0, floor=min(floor, 86_400.0))


_NO_HINTS = ScheduleHints()


def join_hints(hints: ScheduleHints, other: ScheduleHints) -> ScheduleHints:
    """Combines two hints: the longer waits, and the skipped hours and days of both."""
    if hints is _NO_HINTS:
        return other
    return ScheduleHints(
        retry_after=max(hints.retry_after, other.retry_after),
        floor=max(hints.floor, other.floor),
        skip_hours=hints.skip_hours | other.skip_hours,
        skip_days=hints.skip_days | other.skip_days,
    )


def header_lines(headers: Mapping[str, str], name: str) -> Sequence[str]:
    """Returns the values of all headers `name`: a server and the caches before it can each add one."""
    if name not in headers:
        return ()
    get_all = getattr(headers, "getall", None)  # a plain mapping has only one value per name
    return get_all(name) if get_all is not None else (headers[name],)


def _cache_directives(lines: Sequence[str]) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in ",".join(lines).lower().split(","))
    # "no-cache" with a value applies only to the headers that the value lists.
    return {name: value.strip('" ') for name, _, value in pairs if name != "no-cache" or not value}


def _retry_after(value: str, now: datetime) -> float:
    seconds = _number(value)
    return min(seconds or _seconds_until(value, now), LONGEST_RETRY_AFTER)


def _seconds_until(value: str, now: datetime) -> float:
    moment = _parse_http_date(value)
    return max(0.0, (moment - now).total_seconds()) if moment else 0.0  # servers send "0" and "-1" for "already expired"


def _parse_http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(value: str) -> float:
    value = value.strip()
    return float(value[:_DIGITS]) if value.isdigit() and value.isascii() else 0.0
