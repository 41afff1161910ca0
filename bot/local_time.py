"""Defines local time: the date of an instant in a zone, quiet hours, and the instant at which a digest of a date is due.

Every local date in a key, heading or period comes from `local_date`, so that UTC dates and local dates are never mixed. Pure: the instant
is an argument. Instants are aware datetimes.
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
    """Returns the zone with this name. Raises ValueError if it is unknown."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f'unknown time zone {name!r}; expected a name like "Asia/Ho_Chi_Minh" or "UTC"') from error


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
"""The dates users may enter. In the years 1 and 9999 a conversion between zones can overflow."""


def check_day(on: date) -> date:
    """Returns `on` if users may enter it. Raises ValueError that names the allowed dates."""
    if not FIRST_DAY <= on <= LAST_DAY:
        raise ValueError(f"expected a date from {FIRST_DAY.year} to {LAST_DAY.year}, got {on.isoformat()}")
    return on


def local(instant: datetime, tz: str) -> datetime:
    """Returns the instant as wall-clock time in the zone. Instants in the years 1 and 9999 (old databases) do not overflow."""
    try:
        return instant.astimezone(zone(tz))
    except OverflowError:
        return instant.replace(tzinfo=zone(tz))


def local_date(instant: datetime, tz: str) -> date:
    """Returns the local date of the instant in the zone."""
    return local(instant, tz).date()


def parse_clock(text: str) -> time:
    """ "08:00", "8:05", "8.05", "08h30" → time. Raises ValueError that names the expected form."""
    match = _CLOCK.fullmatch(text.strip())
    if not match:
        raise ValueError(f'expected a time of day like "08:00", got {text!r}')
    return time(int(match[1]), int(match[2]))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to before `end` on the wall clock; across midnight if `end` is earlier."""

    start: time
    end: time

    def covers(self, wall: time) -> bool:
        """Whether the wall-clock time is inside."""
        if self.start <= self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def parse_quiet_hours(text: str) -> QuietHours | None:
    """ "22:00-07:00" → QuietHours; "" → None. Raises ValueError that names the expected form, also for two equal times."""
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
    """Returns the first instant (UTC) at which the wall clock of the zone shows the time `at` on the date `on`, or a later time.

    For a time that occurs twice (the clock is set back) this is the first occurrence; for a skipped time (the clock is set forward) it is
    the moment of the jump.
    """
    wanted = datetime.combine(on, at)
    here = zone(tz)
    first = wanted.replace(tzinfo=here, fold=0).astimezone(UTC)
    if first.astimezone(here).replace(tzinfo=None) == wanted:
        return first
    # The time is skipped: the jump is between the two interpretations of it. Bisection finds it to the second.
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
    """Whether the zone has this date (Apia has no 30 December 2011)."""
    return local_date(first_instant_at(on, time(0), tz), tz) == on


def digest_date(now: datetime, at: time, tz: str) -> tuple[date, datetime]:
    """Returns the latest local date whose digest is due at `now`, and the instant at which it became due.

    That is today once the wall clock has reached `at`, else yesterday; dates that the zone skipped are left out.
    """
    on = local_date(now, tz)
    for back in range(4):
        candidate = on - timedelta(days=back)
        due = first_instant_at(candidate, at, tz)
        if due <= now and date_exists(candidate, tz):
            return candidate, due
    raise AssertionError("three days without a digest time cannot be")
