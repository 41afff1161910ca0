"""Defines HostGate: how many looks may be under way at one host, and over all. Waiting here costs none of a look's time cap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class HostGate:
    """Counts looks by host. The overall limit is taken second, so that a crowded host does not hold up the others."""

    def __init__(self, *, overall: int, per_host: int) -> None:
        self._overall = asyncio.Semaphore(overall)
        self._per_host = per_host
        self._hosts: dict[str, tuple[asyncio.Semaphore, list[int]]] = {}

    @asynccontextmanager
    async def passing(self, url: str) -> AsyncIterator[None]:
        """Waits for a place at the host of `url`, then for one over all; gives both back at the end."""
        host = host_of(url)
        entry = self._hosts.get(host)
        if entry is None:
            entry = self._hosts[host] = (asyncio.Semaphore(self._per_host), [0])
        places, users = entry
        users[0] += 1
        try:
            async with places, self._overall:
                yield
        finally:
            users[0] -= 1
            if not users[0]:  # thousands of hosts come by; none is remembered once nobody waits for it
                del self._hosts[host]


def host_of(url: str) -> str:
    """The host and port that count as one place, in lower case; "" for what is no address."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
