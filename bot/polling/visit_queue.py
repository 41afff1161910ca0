"""Defines VisitQueue: how many visits run at once, over all and at one host. Decides order only; knows nothing of feeds.

Each host has a lane with its own limit and a queue. Hosts take turns, so that a thousand feeds of one slow host hold nobody else up,
and only visits that run have a task: ten thousand waiting feeds cost a queue entry each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _HostQueue(Generic[T]):
    waiting: deque[tuple[Hashable, T]] = field(default_factory=deque)
    running: int = 0
    queued: bool = False
    """Whether the lane stands in the line of those that may start something."""


@dataclass(slots=True)
class _RunningVisit(Generic[T]):
    """Something that runs."""

    key: Hashable
    host: str
    lane: _HostQueue[T]
    value: T


class VisitQueue(Generic[T]):
    """Runs `work(value)` for what is added, within the limits. `work` must not raise: its failures are its own business."""

    def __init__(self, work: Callable[[T], Awaitable[None]], *, at_once: int, per_host: int) -> None:
        self._work, self._at_once, self._per_host = work, at_once, per_host
        self._lanes: dict[str, _HostQueue[T]] = {}
        self._line: deque[str] = deque()
        self._keys: set[Hashable] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopped = False

    def __len__(self) -> int:
        """How many wait or run."""
        return len(self._keys)

    def add(self, key: Hashable, host: str, value: T) -> bool:
        """Queues `value`; False when `key` waits or runs already, or after `stop`."""
        if self._stopped or key in self._keys:
            return False
        self._keys.add(key)
        self._idle.clear()
        lane = self._lanes.setdefault(host, _HostQueue())
        lane.waiting.append((key, value))
        self._join_line(host, lane)
        self._start()
        return True

    async def drained(self) -> None:
        """Returns when nothing waits or runs."""
        await self._idle.wait()

    async def stop(self) -> None:
        """Forgets what waits, cancels what runs, and returns when all of it has ended."""
        self._stopped = True
        for lane in self._lanes.values():
            self._keys.difference_update(key for key, _ in lane.waiting)
            lane.waiting.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._idle.set()

    def _join_line(self, host: str, lane: _HostQueue[T]) -> None:
        if lane.waiting and lane.running < self._per_host and not lane.queued:
            lane.queued = True
            self._line.append(host)

    def _start(self) -> None:
        while len(self._tasks) < self._at_once and (one := self._next()) is not None:
            self._tasks.add(asyncio.ensure_future(self._run(one)))

    def _next(self) -> _RunningVisit[T] | None:
        """Takes what may run now out of the queues, or None."""
        while self._line:
            host = self._line.popleft()
            lane = self._lanes[host]
            lane.queued = False
            if not lane.waiting or lane.running >= self._per_host:
                continue
            key, value = lane.waiting.popleft()
            lane.running += 1
            self._join_line(host, lane)
            return _RunningVisit(key, host, lane, value)
        return None

    async def _run(self, visit: _RunningVisit[T] | None) -> None:
        """Runs `one`, then what may run in its place: a task of its own for each would cost more than a short visit's own work."""
        try:
            while visit is not None:
                try:
                    await self._work(visit.value)
                finally:
                    self._ended(visit)
                visit = None if self._stopped else self._next()
        finally:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.discard(task)
            if not self._stopped:
                self._start()

    def _ended(self, visit: _RunningVisit[T]) -> None:
        lane = visit.lane
        lane.running -= 1
        self._keys.discard(visit.key)
        self._join_line(visit.host, lane)
        if not lane.waiting and not lane.running:
            del self._lanes[visit.host]
        if not self._keys:
            self._idle.set()
