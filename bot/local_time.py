"""Defines the one meaning of "local": the date of an instant in a zone, quiet hours, and the instant at which a digest of a date is due.

Every place that needs a local date, for a key, a heading or a period, asks `local_date`; two meanings side by side are how digests get
lost (one keyed by UTC, the other by the zone). Pure: the instant is an argument. Instants are aware datetimes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_CLOCK = re.compile(r"([01]?\d|2[0-3])[:h.]([0-5]\d)")


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of that name. Raises ValueError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f'unknown time zone {name!r}; expected a name like "Asia/Ho_Chi_Minh" or "UTC"') from error


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""Dates that people may ask for. At the rim of the calendar (the years 1 and 9999) a change of zone overflows."""


def check_day(on: date) -> date:
    """`on`, when a person may ask for it. Raises ValueError that says which dates that are."""
    if not FIRST_DAY <= on <= LAST_DAY:
        raise ValueError(f"expected a date from {FIRST_DAY.year} to {LAST_DAY.year}, got {on.isoformat()}")
    return on


def local(instant: datetime, tz: str) -> datetime:
    """The instant as wall-clock time in the zone. One at the rim of the calendar, as old databases may hold, stays within it."""
    try:
        return instant.astimezone(zone(tz))
    except OverflowError:
        return instant.replace(tzinfo=zone(tz))


def local_date(instant: datetime, tz: str) -> date:
    """The date that a calendar on the wall shows at that instant in the zone."""
    return local(instant, tz).date()


def parse_clock(text: str) -> time:
    """ "08:00", "8:05", "8.05", "08h30" → time. Raises ValueError that says what was expected."""
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        raise ValueError(f'expected a time of day like "08:00", got {text!r}')
    return time(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` up to `end` on the wall clock; over midnight when `end` is the earlier one."""

    start: time
    end: time

    def covers(self, wall: time) -> bool:
        """True when the wall-clock time lies inside."""
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def parse_quiet_hours(text: str) -> QuietHours | None:
    """ "22:00-07:00" → QuietHours; "" → None. Raises ValueError that says what was expected; equal times would silence for ever."""
    if not text.strip():
        return None
    start, _, end = text.replace("–", "-").partition("-")
    try:
        hours = QuietHours(parse_clock(start), parse_clock(end))
    except ValueError:
        raise ValueError(f'expected hours like "22:00-07:00" or "", got {text!r}') from None
    if hours.start == hours.end:
        raise ValueError(f'expected two different times, like "22:00-07:00", got {text!r}; "" switches quiet hours off')
    return hours


def first_instant_at(on: date, at: time, tz: str) -> datetime:
    """The first instant (UTC) at which the wall clock of the zone shows `on` `at` or later.

    A time that occurs twice (the clock set back) gives its first occurrence, a time that is skipped (the clock set forward) the moment of
    the jump, so the answer never lies before the wall clock has reached the time, nor needs the time to exist.
    """
    wanted = datetime.combine(on, at)
    here = zone(tz)
    first = wanted.replace(tzinfo=here, fold=0).astimezone(UTC)
    if first.astimezone(here).replace(tzinfo=None) == wanted:
        return first
    # In a gap: somewhere between the two readings of the missing time lies the jump; found by halving, to the second.
    early = wanted.replace(tzinfo=here, fold=1).astimezone(UTC)
    early, late = min(early, first), max(early, first)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
        if middle.astimezone(here).replace(tzinfo=None) < wanted:
            early = middle
        else:
            late = middle
    return late


def date_exists(on: date, tz: str) -> bool:
    """False for a date that the zone left out (Apia has no 30 December 2011)."""
    return local_date(first_instant_at(on, time(0), tz), tz) == on


def digest_date(now: datetime, at: time, tz: str) -> tuple[date, datetime]:
    """The latest local date whose digest is due at `now`, with the instant at which it became due.

    That is today's once the wall clock has passed `at`, else yesterday's (skipping dates that the zone left out).
    """
    on = local_date(now, tz)
    for back in range(4):
        candidate = on - timedelta(days=back)
        due = first_instant_at(candidate, at, tz)
        if due <= now and date_exists(candidate, tz):
            return candidate, due
    raise AssertionError("three days without a digest time cannot be")
