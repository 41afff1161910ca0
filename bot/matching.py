"""Defines Matching, how the process matches items without holding up its loop, and InThread, the way it is done.

Rules and text stay in `watchers.match`; here is only where the work runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from watchers.items import Item
from watchers.match.result import Match


class Matches(Protocol):
    """What `watchers.match.matcher.Matcher` is to the process."""

    def match(self, item: Item, *, explain: bool = False) -> Match:
        """What is known about one item."""
        ...


class Matching(Protocol):
    """Somewhere items are matched."""

    async def match(self, items: Sequence[Item]) -> list[Match]:
        """The match of each item, in order."""
        ...


class InThread:
    """One thread that matches one batch after the other: items with a name cost milliseconds, which the loop must not wait for."""

    def __init__(self, matcher: Matches) -> None:
        self._matcher = matcher
        self._pool = ThreadPoolExecutor(1, "matcher")

    async def match(self, items: Sequence[Item]) -> list[Match]:
        """See Matching."""
        if not items:
            return []
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._match, items)

    def replace(self, matcher: Matches) -> None:
        """From the next batch on this one matches."""
        self._matcher = matcher

    def _match(self, items: Sequence[Item]) -> list[Match]:
        matcher = self._matcher
        return [matcher.match(item) for item in items]

    def close(self) -> None:
        """Waits for the batch that runs and ends the thread; safe to call twice."""
        self._pool.shutdown(wait=True, cancel_futures=True)
