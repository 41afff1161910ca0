"""Defines Saves: the states of feeds that brought nothing, written many at a time.

Most visits find nothing new, and nobody waits for their state to be on disk: lost in a crash it costs one more question to the feed. So
they are gathered for a moment and written in one statement; until then the feed counts as busy, lest it be asked again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime

from bot.store import StoreThread
from bot.store.feeds import save_states
from watchers.watcher import FeedState

GATHER = 0.05
"""Seconds for which states are gathered: at full speed some hundred of them."""


class Saves:
    """Gathers and writes. `failed(feed, error)` is told of each feed whose state could not be written."""

    def __init__(self, store: StoreThread, failed: Callable[[int, Exception], None]) -> None:
        self._store, self._failed = store, failed
        self._waiting: list[tuple[int, FeedState, str | None, datetime]] = []
        self._busy: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def __contains__(self, feed: int) -> bool:
        """Whether the feed's state is still to be written."""
        return feed in self._busy

    def add(self, feed: int, state: FeedState, error_kind: str | None, now: datetime) -> None:
        """Writes the state soon. Of a visit that read no body."""
        self._busy.add(feed)
        self._waiting.append((feed, state, error_kind, now))
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def written(self) -> None:
        """Writes what waits at once; returns when all that was added is written, or has failed."""
        while self._task is not None:
            self._hurry.set()
            await asyncio.shield(self._task)

    async def _run(self) -> None:
        try:
            while self._waiting:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurry.wait(), GATHER)
                self._hurry.clear()
                rows, self._waiting = self._waiting, []
                try:
                    await self._store.write(save_states, rows)
                except Exception as error:
                    for row in rows:
                        self._failed(row[0], error)
                finally:
                    self._busy.difference_update(row[0] for row in rows)
        finally:
            self._task = None
