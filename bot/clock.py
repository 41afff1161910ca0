"""Defines Clock, the one notion of now: handed in everywhere, so that tests can hold it and nothing reads the system's clock by itself."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the bot may ask about time."""

    def now(self) -> datetime:
        """The instant, aware, UTC. May jump when the machine's clock is set; for waits use `monotonic`."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""

    async def sleep(self, seconds: float) -> None:
        """Waits that many seconds of this clock."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """See Clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        await asyncio.sleep(max(0.0, seconds))


NOTICED = timedelta(seconds=5)
"""A smaller difference is no jump: time servers push a clock by less than a millisecond a second."""


class ClockWatch:
    """Notices that the wall clock was set, by the monotonic clock, which nobody can set."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._apart = self._distance()

    def moved(self) -> timedelta:
        """By how much the wall clock was set since this was last asked, negative when back; zero when it was not.

        A machine that slept looks like a clock set forward.
        """
        before, self._apart = self._apart, self._distance()
        by = self._apart - before
        return by if abs(by) >= NOTICED else timedelta()

    def _distance(self) -> timedelta:
        return self._clock.now() - datetime.fromtimestamp(0, UTC) - timedelta(seconds=self._clock.monotonic())
