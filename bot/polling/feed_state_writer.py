"""Defines FeedStateWriter, which writes the states of feeds without new items in batches.

Losing such a state in a crash only costs one extra request, so states are collected for `BATCH_WINDOW` seconds and written in one
statement. Until then the feed counts as busy and is not polled again.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable

from bot.store import StoreError, StoreThread
from bot.store.feeds import FeedStateUpdate, save_states

BATCH_WINDOW = 0.05
"""Seconds during which states are collected."""


class FeedStateWriter:
    """Collects and writes states. `on_failure(feed_id, error)` is called for each feed whose state could not be written."""

    def __init__(self, store: StoreThread, on_failure: Callable[[int, Exception], None]) -> None:
        self._store, self._on_failure = store, on_failure
        self._pending: list[FeedStateUpdate] = []
        self._busy: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._flush_now = asyncio.Event()

    def __contains__(self, feed_id: int) -> bool:
        """Whether the state of this feed is still to be written."""
        return feed_id in self._busy

    def add(self, update: FeedStateUpdate) -> None:
        """Writes the next state of the feed with the next batch."""
        self._busy.add(update.feed)
        self._pending.append(update)
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def flush(self) -> None:
        """Writes the pending states without delay; returns when each is written or has failed."""
        while self._task is not None:
            self._flush_now.set()
            await asyncio.shield(self._task)

    async def _run(self) -> None:
        try:
            while self._pending:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._flush_now.wait(), BATCH_WINDOW)
                self._flush_now.clear()
                updates, self._pending = self._pending, []
                try:
                    await self._write(updates)
                finally:
                    self._busy.difference_update(update.feed for update in updates)
        finally:
            self._task = None

    async def _write(self, updates: list[FeedStateUpdate]) -> None:
        try:
            await self._store.write(save_states, updates)
        except Exception as error:
            if len(updates) == 1 or isinstance(
                error, sqlite3.OperationalError | StoreError
            ):  # the disk or the database failed: single rows would fail, too
                for update in updates:
                    self._on_failure(update.feed, error)
                return
            for update in updates:  # one bad row must not lose the states of the other feeds
                await self._write([update])
