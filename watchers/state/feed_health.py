"""Computes a feed's health from its state: delays, rhythm of publication, failures and unusual silence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

from watchers.models.item import Item
from watchers.models.polling import FeedState

LAGS_KEPT = 50
GAPS_KEPT = 30
LONGEST_LAG = 7 * 86_400.0
"""Seconds. An item with a longer lag was added to the feed late by its publisher, so the lag is not counted."""

SILENCE_FACTOR = 3.0
SHORTEST_SILENCE = timedelta(days=2)
"""No alarm before this, because feeds are quiet on weekends and holidays."""
ENOUGH_GAPS = 5
FAILING_LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Health:
    """A feed's health at a point in time. Delays and rhythm in seconds; None without enough data."""

    condition: Literal["new", "ok", "failing", "silent", "parked"]
    says: str
    """A one-line description; "" if there is no problem."""
    median_delay: float | None = None
    """Median seconds between publication and the poll that found the item."""
    slow_delay: float | None = None
    """The 90th percentile of the same delays."""
    rhythm: float | None = None
    """The 90th percentile of the gaps between publications."""
    silent_for: float | None = None
    """Seconds since the last new item."""


def health(state: FeedState, now: datetime) -> Health:
    """Computes the health of a feed with `state` at `now`."""
    rhythm = percentile(state.gaps, 0.9) if len(state.gaps) >= ENOUGH_GAPS else None
    last = state.last_new_at
    silent_for = (now - last).total_seconds() if last else None
    condition: Literal["new", "ok", "failing", "silent", "parked"] = "ok"
    says = ""
    if state.parked_at:
        condition, says = "parked", f"parked since {state.parked_at:%Y-%m-%d} after {state.failures} failures ({state.last_error})"
    elif state.failures and state.failing_since and now - state.failing_since >= FAILING_LONG:
        condition, says = "failing", f"failing for {in_words(now - state.failing_since)} ({state.last_error})"
    elif state.failures:
        condition, says = "failing", f"failed {state.failures}× ({state.last_error})"
    elif state.polls == 0:
        condition = "new"
    elif rhythm is not None and silent_for is not None and silent_for > silence_alarm(rhythm):
        quiet, usual = in_words(timedelta(seconds=silent_for)), in_words(timedelta(seconds=rhythm))
        condition, says = "silent", f"nothing new for {quiet}; usually every {usual}"
    return Health(
        condition=condition,
        says=says,
        median_delay=percentile(state.lags, 0.5) if state.lags else None,
        slow_delay=percentile(state.lags, 0.9) if state.lags else None,
        rhythm=rhythm,
        silent_for=silent_for,
    )


def is_alarming(health: Health, state: FeedState, now: datetime) -> bool:
    """Returns True if the digest should mention the feed: it is suspended, silent, or failing for a day."""
    if health.condition in {"parked", "silent"}:
        return True
    return health.condition == "failing" and state.failing_since is not None and now - state.failing_since >= FAILING_LONG


def silence_alarm(rhythm: float) -> float:
    """Returns the seconds of silence after which a feed with this rhythm is unusual."""
    return max(rhythm * SILENCE_FACTOR, SHORTEST_SILENCE.total_seconds())


def later_lags(lags: Sequence[float], fresh: Sequence[Item], now: datetime) -> tuple[float, ...]:
    """Returns `lags` followed by the lags of the items `fresh`, which were found at `now`."""
    new_lags = [max(0.0, (now - item.published).total_seconds()) for item in fresh if item.published]
    return (*lags, *(round(lag) for lag in new_lags if lag <= LONGEST_LAG))[-LAGS_KEPT:]


def later_gaps(gaps: Sequence[float], items: Sequence[Item]) -> tuple[float, ...]:
    """Returns the gaps between the dates of `items`; `gaps` if there are too few dates."""
    dates = sorted({item.published for item in items if item.published})[-(GAPS_KEPT + 1) :]
    if len(dates) <= ENOUGH_GAPS:
        return tuple(gaps)
    return tuple(round((later - earlier).total_seconds()) for earlier, later in pairwise(dates))


def percentile(values: Sequence[float], share: float) -> float:
    """Returns the value that `share` of `values` do not exceed (nearest rank). `values` must not be empty."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_words(span: timedelta) -> str:
    """Returns a duration as text: "3 days", "5 hours", "12 minutes"."""
    seconds = span.total_seconds()
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (size == 60 and seconds >= 60):
            count = round(seconds / size)
            return f"{count} {name}{'s' if count != 1 else ''}"
    return f"{round(seconds)} seconds"
