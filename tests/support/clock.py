"""Defines the clocks of tests: FakeClock, which only sleeping moves, and RunningClock, the machine's time moved by hand or made faster."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
LONG = 1.5
"""Seconds. A longer sleep first lets pending work (a request, a commit) end; if that wakes the sleeper, the time does not move."""
GRACE = 0.05
"""Seconds of real time for that."""


class FakeClock:
    """A `bot.clock.Clock`. One sleeper at a time: each sleep moves the clock by its whole length, so hours pass at once."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._monotonic = 1000.0
        self.slept = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        if seconds > LONG:
            await asyncio.sleep(GRACE)
        self.advance(seconds)
        self.slept += seconds
        await asyncio.sleep(0)

    def advance(self, seconds: float) -> None:
        """Time passes: on the wall clock and on the monotonic one."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set(self, now: datetime) -> None:
        """A person sets the machine's clock: the wall clock jumps, the monotonic one does not."""
        self._now = now


class RunningClock:
    """A `bot.clock.Clock` whose time passes `speed` times as fast as outside, for sleeps too: at 60 a pause of a minute takes a second."""

    def __init__(self, start: datetime | None = None, speed: float = 1.0) -> None:
        """`start`: what it shows now; None: the machine's time."""
        self._start = datetime.now(UTC) if start is None else start
        self._speed = speed
        self._begun = time.monotonic()

    def move(self, by: timedelta) -> None:
        """Moves the wall clock alone, as when a person sets the time."""
        self._start += by

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._begun) * self._speed)

    def monotonic(self) -> float:
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self._speed)
