"""Defines BodyLimiter, which limits how many response bodies are being parsed or matched at once.

While the limit is reached, no new request starts: bodies that are fetched far ahead of the writer fill the memory and delay alerts. A visit
releases its slot while it waits for the network. Visits that read no body need no slot. The order of visits and the limits of hosts belong
to `bot.polling.visit_queue`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class BodyLimiter:
    """Has `slots` slots. `offloaded_count` returns how many more bodies wait for the second process. Every visit that called
    `wait_until_free` must call `notify_waiters` when it ends."""

    def __init__(self, slots: int, offloaded_count: Callable[[], int]) -> None:
        self._slots, self._offloaded_count = slots, offloaded_count
        self._in_use = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait_until_free(self) -> None:
        """Waits, first come, first served, until a slot is free. Does not reserve it."""
        if self._free_slots() > 0 and not self._waiting:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter

    @contextmanager
    def hold_slot(self) -> Iterator[None]:
        """Holds a slot while a body is processed."""
        self._in_use += 1
        try:
            yield
        finally:
            self._in_use -= 1

    @contextmanager
    def release_slot(self) -> Iterator[None]:
        """Inside `hold_slot`: releases the slot during the `with` block. Takes it back afterwards without waiting, even above the limit."""
        self._in_use -= 1
        self.notify_waiters()
        try:
            yield
        finally:
            self._in_use += 1

    def notify_waiters(self) -> None:
        """Wakes as many waiting visits as there are free slots. Call it when a visit ends, with or without a body."""
        free = self._free_slots() if self._waiting else 0
        while self._waiting and free > 0:
            waiter = self._waiting.popleft()
            if not waiter.done():  # not cancelled while it waited
                waiter.set_result(None)
                free -= 1

    def _free_slots(self) -> int:
        return self._slots - self._in_use - self._offloaded_count()
