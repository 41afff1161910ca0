"""Defines VisitQueue, which decides which visit starts next, under a limit in total and one per host. It knows nothing of feeds.

Each host has its own queue and limit. Hosts take turns, so that many feeds of one slow host do not delay the others. Only running visits
have a task; a waiting one only costs a queue entry.
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
    """Whether the host is in the list of hosts that may start a visit."""


@dataclass(slots=True)
class _RunningVisit(Generic[T]):
    """A visit that was taken from its queue."""

    key: Hashable
    host: str
    host_queue: _HostQueue[T]
    value: T


class VisitQueue(Generic[T]):
    """Runs `work(value)` for each added value, within the limits. `work` must handle its own exceptions."""

    def __init__(self, work: Callable[[T], Awaitable[None]], *, concurrency: int, per_host: int) -> None:
        self._work, self._concurrency, self._per_host = work, concurrency, per_host
        self._hosts: dict[str, _HostQueue[T]] = {}
        self._ready_hosts: deque[str] = deque()
        self._keys: set[Hashable] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._stopped = False

    def __len__(self) -> int:
        """The number of visits that wait or run."""
        return len(self._keys)

    def add(self, key: Hashable, host: str, value: T) -> bool:
        """Queues `value`. Returns False if `key` already waits or runs, or after `stop`."""
        if self._stopped or key in self._keys:
            return False
        self._keys.add(key)
        self._idle.clear()
        host_queue = self._hosts.setdefault(host, _HostQueue())
        host_queue.waiting.append((key, value))
        self._offer_host(host, host_queue)
        self._start()
        return True

    async def wait_until_idle(self) -> None:
        """Returns when no visit waits or runs."""
        await self._idle.wait()

    async def stop(self) -> None:
        """Drops the waiting visits, cancels the running ones and waits for them to end."""
        self._stopped = True
        for host_queue in self._hosts.values():
            self._keys.difference_update(key for key, _ in host_queue.waiting)
            host_queue.waiting.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._idle.set()

    def _offer_host(self, host: str, host_queue: _HostQueue[T]) -> None:
        if host_queue.waiting and host_queue.running < self._per_host and not host_queue.queued:
            host_queue.queued = True
            self._ready_hosts.append(host)

    def _start(self) -> None:
        while len(self._tasks) < self._concurrency and (visit := self._next()) is not None:
            self._tasks.add(asyncio.ensure_future(self._run(visit)))

    def _next(self) -> _RunningVisit[T] | None:
        """Takes the next visit that may run out of its queue; None if there is none."""
        while self._ready_hosts:
            host = self._ready_hosts.popleft()
            host_queue = self._hosts[host]
            host_queue.queued = False
            if not host_queue.waiting or host_queue.running >= self._per_host:
                continue
            key, value = host_queue.waiting.popleft()
            host_queue.running += 1
            self._offer_host(host, host_queue)
            return _RunningVisit(key, host, host_queue, value)
        return None

    async def _run(self, visit: _RunningVisit[T] | None) -> None:
        """Runs `visit`, then the next ones in the same task: a new task for each would cost more than a short visit."""
        try:
            while visit is not None:
                try:
                    await self._work(visit.value)
                finally:
                    self._finish(visit)
                visit = None if self._stopped else self._next()
        finally:
            task = asyncio.current_task()
            assert task is not None
            self._tasks.discard(task)
            if not self._stopped:
                self._start()

    def _finish(self, visit: _RunningVisit[T]) -> None:
        host_queue = visit.host_queue
        host_queue.running -= 1
        self._keys.discard(visit.key)
        self._offer_host(visit.host, host_queue)
        if not host_queue.waiting and not host_queue.running:
            del self._hosts[visit.host]
        if not self._keys:
            self._idle.set()
