"""Defines HostLimiter: limits the number of concurrent requests per host and overall.

The time a poll waits here does not count against its timeout.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import Self
from urllib.parse import urlsplit

LARGE_AT_ONCE = 3
"""Maximum number of large bodies in memory. Two worker processes parse them, so more bodies would only wait there, and a body is copied
two or three times on its way to a worker."""
_DEFAULT_PORTS = frozenset({None, 80, 443})
ADDRESS_CACHE_SIZE = 16_384
"""Parsed addresses that are cached: the same feeds are polled again and again."""


@dataclass(slots=True)
class _HostSlots:
    """The slots of one host."""

    free: asyncio.Semaphore
    users: int = 0
    """Number of requests that hold a slot or wait for one."""


class HostLimiter:
    """Counts requests by host. A request takes its host slot before its overall slot, so that a busy host does not block others."""

    def __init__(self, *, overall: int, per_host: int) -> None:
        self.overall = asyncio.Semaphore(overall)
        self.per_host = per_host
        self.hosts: dict[str, _HostSlots] = {}
        self.large_bodies = asyncio.Semaphore(LARGE_AT_ONCE)

    def slot_for_url(self, url: str) -> _HostSlot:
        """Returns a context manager that waits for a slot at the host of `url`, then for an overall slot, and releases both at the end."""
        return _HostSlot(self, host_and_port(url))

    def slot_for_key(self, key: str) -> _HostSlot:
        """Same as `slot_for_url`, with `key` instead of a host: limits work that is not a request."""
        return _HostSlot(self, key)

    def users_of(self, key: str) -> int:
        """Returns how many callers hold a slot at the host or key, or wait for one."""
        entry = self.hosts.get(key)
        return entry.users if entry else 0


class LargeBodySlot:
    """A slot for a large body. It is acquired while the body is received and released at the end of the `with` block, when the body and
    everything parsed from it are freed."""

    __slots__ = ("_held", "_slots")

    def __init__(self, limiter: HostLimiter) -> None:
        self._slots, self._held = limiter.large_bodies, False

    async def acquire(self, deadline: asyncio.Timeout) -> None:
        """Waits until a slot is free; does nothing if it is held already. The wait does not count against `deadline`."""
        if self._held:
            return
        ends, loop = deadline.when(), asyncio.get_running_loop()
        left = None if ends is None else ends - loop.time()
        deadline.reschedule(None)
        await self._slots.acquire()
        self._held = True
        deadline.reschedule(None if left is None else loop.time() + left)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._held:
            self._held = False
            self._slots.release()


class _HostSlot:
    """Holds one host slot and one overall slot. A class, not a generator: every request uses it, and a class is cheaper."""

    __slots__ = ("_host", "_limiter", "_slots")

    def __init__(self, limiter: HostLimiter, host: str) -> None:
        self._limiter, self._host = limiter, host

    async def __aenter__(self) -> None:
        hosts = self._limiter.hosts
        slots = hosts.get(self._host)
        if slots is None:
            slots = hosts[self._host] = _HostSlots(asyncio.Semaphore(self._limiter.per_host))
        self._slots = slots
        slots.users += 1
        try:
            await slots.free.acquire()
            try:
                await self._limiter.overall.acquire()
            except BaseException:
                slots.free.release()
                raise
        except BaseException:
            self._remove_user()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._limiter.overall.release()
        self._slots.free.release()
        self._remove_user()

    def _remove_user(self) -> None:
        self._slots.users -= 1
        if not self._slots.users:  # frees the entry of a host without users, because thousands of hosts are polled
            del self._limiter.hosts[self._host]


@lru_cache(maxsize=ADDRESS_CACHE_SIZE)
def host_and_port(url: str) -> str:
    """Returns the key by which requests are limited: host in lower case, and port unless it is a default port; "" if `url` is invalid."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    return host if port in _DEFAULT_PORTS else f"{host}:{port}"
