"""Defines ShiftedClock, the machine's clock moved by hand (waits stay real), and FastClock, on which days pass in minutes."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta


class ShiftedClock:
    """A Clock whose now is the machine's plus what it was moved by."""

    def __init__(self, start: datetime | None = None) -> None:
        """`start`: what it shows now; None: the machine's time."""
        self._shift = timedelta() if start is None else start - datetime.now(UTC)

    def move(self, by: timedelta) -> None:
        """Moves the wall clock; the monotonic one is not told, as when a person sets the time."""
        self._shift += by

    def now(self) -> datetime:
        """See Clock."""
        return datetime.now(UTC) + self._shift

    def monotonic(self) -> float:
        """See Clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        await asyncio.sleep(max(0.0, seconds))


class FastClock:
    """A Clock on which time passes `speed` times as fast as outside, for waits too: a pause of a minute takes a second at 60."""

    def __init__(self, start: datetime, speed: float) -> None:
        """`start`: what it shows now."""
        self._start, self._speed = start, speed
        self._begun = time.monotonic()

    def move(self, by: timedelta) -> None:
        """Moves the wall clock; the monotonic one is not told."""
        self._start += by

    def now(self) -> datetime:
        """See Clock."""
        return self._start + timedelta(seconds=(time.monotonic() - self._begun) * self._speed)

    def monotonic(self) -> float:
        """See Clock."""
        return time.monotonic() * self._speed

    async def sleep(self, seconds: float) -> None:
        """See Clock."""
        await asyncio.sleep(max(0.0, seconds) / self._speed)
