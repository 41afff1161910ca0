"""Defines HostLimiter: how many looks may be under way at one host, and over all. Waiting here costs none of a look's time cap."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import urlsplit

LARGE_AT_ONCE = 3
"""Large bodies in memory at once. They are parsed in worker processes, of which there are two: more would only wait there. 64 feeds of 50
packed kilobytes each once grew us by 540 MB: a body of 10 MB is held two or three times on its way to a worker."""
_USUAL = frozenset({None, 80, 443})
KEPT = 16_384
"""Addresses whose reading is remembered: those of ten thousand feeds come again and again."""


@dataclass(slots=True)
class _HostSlots:
    """One host's."""

    free: asyncio.Semaphore
    users: int = 0
    """Looks that hold a place or wait for one."""


class HostLimiter:
    """Counts looks by host. The overall limit is taken second, so that a crowded host does not hold up the others."""

    def __init__(self, *, overall: int, per_host: int) -> None:
        self.overall = asyncio.Semaphore(overall)
        self.per_host = per_host
        self.hosts: dict[str, _HostSlots] = {}
        self.large = asyncio.Semaphore(LARGE_AT_ONCE)

    def passing(self, url: str) -> _HostSlot:
        """Waits for a place at the host of `url`, then for one over all; gives both back at the end."""
        return _HostSlot(self, host_of(url))

    def at(self, place: str) -> _HostSlot:
        """The same for a place that is no host."""
        return _HostSlot(self, place)

    def crowd(self, place: str) -> int:
        """How many hold a place there or wait for one."""
        entry = self.hosts.get(place)
        return entry.users if entry else 0


class LargeBodySlot:
    """One look's place among those that hold a large body. Taken in the middle of the body, given back where its `with` ends: the body and
    what was made of it are dropped then."""

    __slots__ = ("_held", "_places")

    def __init__(self, gate: HostLimiter) -> None:
        self._places, self._held = gate.large, False

    async def take(self, cap: asyncio.Timeout) -> None:
        """Waits for a place, once. That is our doing and none of the server's, so that `cap` stands still meanwhile."""
        if self._held:
            return
        ends, loop = cap.when(), asyncio.get_running_loop()
        left = None if ends is None else ends - loop.time()
        cap.reschedule(None)
        await self._places.acquire()
        self._held = True
        cap.reschedule(None if left is None else loop.time() + left)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._held = False
            self._places.release()


class _HostSlot:
    """One look's way through the gate. A class, not a generator: each visit goes through here, and most of them do little else."""

    __slots__ = ("_gate", "_host", "_places")

    def __init__(self, gate: HostLimiter, host: str) -> None:
        self._gate, self._host = gate, host

    async def __aenter__(self) -> None:
        hosts = self._gate.hosts
        entry = hosts.get(self._host)
        if entry is None:
            entry = hosts[self._host] = _HostSlots(asyncio.Semaphore(self._gate.per_host))
        self._places = entry
        entry.users += 1
        try:
            await entry.free.acquire()
            try:
                await self._gate.overall.acquire()
            except BaseException:
                entry.free.release()
                raise
        except BaseException:
            self._leave()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._gate.overall.release()
        self._places.free.release()
        self._leave()

    def _leave(self) -> None:
        self._places.users -= 1
        if not self._places.users:  # thousands of hosts come by; none is remembered once nobody waits for it
            del self._gate.hosts[self._host]


@lru_cache(maxsize=KEPT)
def host_of(url: str) -> str:
    """The host and port that count as one place, in lower case; "" for what is no address. One host spelt in several ways is one place."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    return host if port in _USUAL else f"{host}:{port}"
