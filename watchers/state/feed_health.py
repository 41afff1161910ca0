"""Defines what is known of a feed's health from its state: delays, rhythm, and when its silence is an alarm. Pure."""

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
"""Seconds: an item published earlier was put into the listing later; that is no delay of ours."""

SILENCE_FACTOR = 3.0
SHORTEST_SILENCE = timedelta(days=2)
"""Weekends and holidays are quiet; no alarm before this."""
ENOUGH_GAPS = 5
FAILING_LONG = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Health:
    """A feed's health at a moment. Delays and rhythm in seconds; None where too little is known."""

    condition: Literal["new", "ok", "failing", "silent", "parked"]
    says: str
    """One line for people; "" when all is well."""
    median_delay: float | None = None
    """Between publication and first sight."""
    slow_delay: float | None = None
    """The 90th percentile of the same."""
    rhythm: float | None = None
    """The gap between publications that nine of ten stay under."""
    silent_for: float | None = None
    """Since the last new item."""


def health(state: FeedState, now: datetime) -> Health:
    """Judges `state` at `now`."""
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


def is_alarming(found: Health, state: FeedState, now: datetime) -> bool:
    """Whether the digest should carry a line on this feed: parked, silent, or failing for a day."""
    if found.condition in {"parked", "silent"}:
        return True
    return found.condition == "failing" and state.failing_since is not None and now - state.failing_since >= FAILING_LONG


def silence_alarm(rhythm: float) -> float:
    """Seconds of silence that are too long for a feed with this rhythm."""
    return max(rhythm * SILENCE_FACTOR, SHORTEST_SILENCE.total_seconds())


def later_lags(lags: Sequence[float], fresh: Sequence[Item], now: datetime) -> tuple[float, ...]:
    """`lags` with those of `fresh`, first seen `now`, at its end."""
    found = [max(0.0, (now - item.published).total_seconds()) for item in fresh if item.published]
    return (*lags, *(round(lag) for lag in found if lag <= LONGEST_LAG))[-LAGS_KEPT:]


def later_gaps(gaps: Sequence[float], items: Sequence[Item]) -> tuple[float, ...]:
    """The gaps between the publications that a listing shows; `gaps` where it shows too few dates."""
    dates = sorted({item.published for item in items if item.published})[-(GAPS_KEPT + 1) :]
    if len(dates) <= ENOUGH_GAPS:
        return tuple(gaps)
    return tuple(round((later - earlier).total_seconds()) for earlier, later in pairwise(dates))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of `values` do not exceed (nearest rank). `values` must not be empty."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def in_words(span: timedelta) -> str:
    """ "3 days", "5 hours", "12 minutes"."""
    seconds = span.total_seconds()
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size or (size == 60 and seconds >= 60):
            count = round(seconds / size)
            return f"{count} {name}{'s' if count != 1 else ''}"
    return f"{round(seconds)} seconds"
