"""Defines Clock, the one notion of now: handed in everywhere, so that tests can hold it and nothing reads the system's clock by itself."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
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
