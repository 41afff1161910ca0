"""Defines FeedStateWriter: the states of feeds that brought nothing, written many at a time.

Most visits find nothing new, and nobody waits for their state to be on disk: lost in a crash it costs one more question to the feed. So
they are gathered for a moment and written in one statement; until then the feed counts as busy, lest it be asked again.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable

from bot.store import StoreError, StoreThread
from bot.store.feeds import FeedStateUpdate, save_states

BATCH_WINDOW = 0.05
"""Seconds for which states are gathered: at full speed some hundred of them."""


class FeedStateWriter:
    """Gathers and writes. `failed(feed, error)` is told of each feed whose state could not be written."""

    def __init__(self, store: StoreThread, failed: Callable[[int, Exception], None]) -> None:
        self._store, self._failed = store, failed
        self._waiting: list[FeedStateUpdate] = []
        self._busy: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()

    def __contains__(self, feed: int) -> bool:
        """Whether the feed's state is still to be written."""
        return feed in self._busy

    def add(self, passed: FeedStateUpdate) -> None:
        """Writes the feed's next state soon."""
        self._busy.add(passed.feed)
        self._waiting.append(passed)
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
                    await asyncio.wait_for(self._hurry.wait(), BATCH_WINDOW)
                self._hurry.clear()
                rows, self._waiting = self._waiting, []
                try:
                    await self._write(rows)
                finally:
                    self._busy.difference_update(row.feed for row in rows)
        finally:
            self._task = None

    async def _write(self, rows: list[FeedStateUpdate]) -> None:
        try:
            await self._store.write(save_states, rows)
        except Exception as error:
            if len(rows) == 1 or isinstance(error, sqlite3.OperationalError | StoreError):  # the disk or the database, not a row
                for row in rows:
                    self._failed(row.feed, error)
                return
            for row in rows:  # what cannot be written of one feed takes no other feed's state with it
                await self._write([row])
