"""Defines FakeClock: a clock that tests hold. Sleeping moves it, so that hours pass in no time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)


LONG = 1.5
"""Seconds. Who sleeps longer lets what is under way (a request, a commit) end first; woken by it, the sleeper moves nothing."""
GRACE = 0.05


class FakeClock:
    """A `bot.clock.Clock`. One sleeper at a time: each sleep moves the clock by its whole length."""

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
        """Time passes: on the wall and by the counter."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set(self, now: datetime) -> None:
        """Somebody sets the machine's clock: the wall jumps, the counter does not."""
        self._now = now
