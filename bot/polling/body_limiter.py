"""Defines BodyLimiter: how many bodies may be in work at once before no further feed is asked.

Network and writer are not equally fast. What is fetched far ahead of the writer lies in memory, lets the alerts of a full pass wait, and in
the end leaves the writer to work alone. Only our own work holds a place: a visit that waits for other people's servers gives it back.
Visits that read no body pass freely; order and limits of hosts are `bot.polling.visit_queue`' business.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class BodyLimiter:
    """`places` bodies; `elsewhere` tells how many more wait for a second process. Every visit that waited must report its end."""

    def __init__(self, places: int, elsewhere: Callable[[], int]) -> None:
        self._places, self._elsewhere = places, elsewhere
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire_when_free(self) -> None:
        """Returns when there is a place for one more body, in the order of asking. Nobody has to bring one then."""
        if self._left() > 0 and not self._waiting:
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    @contextmanager
    def taken(self) -> Iterator[None]:
        """A body is in work."""
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    @contextmanager
    def released(self) -> Iterator[None]:
        """Inside `taken`: its work rests. Who had a place has it again afterwards, whether one is free or not."""
        self._taken -= 1
        self.notify_waiters()
        try:
            yield
        finally:
            self._taken += 1

    def notify_waiters(self) -> None:
        """A visit has ended, with a body or without: as many of those that wait go on as there are places."""
        left = self._left() if self._waiting else 0
        while self._waiting and left > 0:
            turn = self._waiting.popleft()
            if not turn.done():  # cancelled
                turn.set_result(None)
                left -= 1

    def _left(self) -> int:
        return self._places - self._taken - self._elsewhere()
