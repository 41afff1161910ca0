"""Defines AsyncMatcher, the interface that matches items without blocking the event loop, and MatcherThread, its implementation.

It only decides where the work runs. The rules of matching are in `watchers.match`.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from watchers.match.result import Match
from watchers.models.item import Item

log = structlog.get_logger(__name__)


class ItemMatcher(Protocol):
    """The methods of `watchers.match.matcher.Matcher` that the bot uses."""

    def match(self, item: Item, *, explain: bool = False) -> Match:
        """Returns the match of one item."""
        ...

    def match_without_names(self, items: Sequence[Item]) -> list[Match | None]:
        """Returns the matches of items that name no entity; None for items that need `match`."""
        ...


class MatchCache(Protocol):
    """Holds matches that were made before they were requested."""

    def pop_matches(self, items: Sequence[Item]) -> list[Match | None]:
        """Returns the matches that exist; None for the other items."""
        ...


class AsyncMatcher(Protocol):
    """Matches items for the event loop."""

    async def match(self, items: Sequence[Item]) -> list[Match]:
        """Returns the match of each item, in order."""
        ...


@dataclass(slots=True)
class _Batch:
    items: Sequence[Item]
    result: asyncio.Future[list[Match]]
    loop: asyncio.AbstractEventLoop
    matches: list[Match] = field(default_factory=list)
    """The matches of the first items, as far as they are done."""


MAX_BATCH = 8
BATCH_SECONDS = 0.01
"""Waiting batches are matched together, at most `MAX_BATCH` of them and for `BATCH_SECONDS`: each switch between threads costs as much as
matching a text without names."""

MATCH_SLICE = 0.1
"""Maximum seconds spent on one batch before it is put back at the end of the queue, so that one feed with pathological texts cannot delay
other alerts."""


MAX_CHARS_ON_LOOP = 200_000
"""Characters that are scanned for names on the event loop. Longer batches go to the thread completely."""


class MatcherThread:
    """One thread that matches one batch after the other, because items with names take milliseconds. Items without names are matched on the
    event loop: switching threads would cost more."""

    def __init__(self, matcher: ItemMatcher, cache: MatchCache | None = None) -> None:
        self._matcher = matcher
        self._cache = cache
        self._batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="matcher", daemon=True)
        self._thread.start()
        self._closed = False

    async def match(self, items: Sequence[Item]) -> list[Match]:
        """Returns the match of each item, in order. Raises RuntimeError after `close`."""
        if not items:
            return []
        if self._closed:
            raise RuntimeError("matching has ended")
        matches = self._cache.pop_matches(items) if self._cache is not None else [None] * len(items)
        remaining = [item for item, match in zip(items, matches, strict=True) if match is None]
        if not remaining:
            return [match for match in matches if match is not None]
        new_matches = iter(await self._match_all(remaining))
        return [match or next(new_matches) for match in matches]

    async def _match_all(self, items: Sequence[Item]) -> list[Match]:
        if sum(len(item.title) + len(item.text) + len(item.summary) for item in items) > MAX_CHARS_ON_LOOP:
            return await self._submit(items)
        matches = self._matcher.match_without_names(items)
        named = [item for item, match in zip(items, matches, strict=True) if match is None]
        thread_matches = iter(await self._submit(named) if named else ())
        return [match or next(thread_matches) for match in matches]

    def _submit(self, items: Sequence[Item]) -> asyncio.Future[list[Match]]:
        loop = asyncio.get_running_loop()
        batch = _Batch(items, loop.create_future(), loop)
        self._batches.put(batch)
        return batch.result

    def replace(self, matcher: ItemMatcher) -> None:
        """Uses this matcher from the next batch on."""
        self._matcher = matcher

    def close(self) -> None:
        """Matches the waiting batches and ends the thread (idempotent)."""
        if not self._closed:
            self._closed = True
            self._batches.put(None)
            self._thread.join()

    def _run(self) -> None:
        closing = False
        while not (closing and self._batches.empty()):
            complete: list[_Batch] = []
            started = 0.0
            while not complete or (len(complete) < MAX_BATCH and not self._batches.empty() and time.monotonic() < started + BATCH_SECONDS):
                batch = self._batches.get()
                if batch is None:
                    closing = True
                    break
                started = started or time.monotonic()
                # Complete batches are not delayed by a batch that takes long.
                if (complete and batch.matches) or not self._advance(batch, started + (BATCH_SECONDS if complete else MATCH_SLICE)):
                    self._batches.put(batch)
                    break
                complete.append(batch)
            if complete:
                with contextlib.suppress(RuntimeError):  # the event loop is closed
                    complete[0].loop.call_soon_threadsafe(_set_results, complete)

    def _advance(self, batch: _Batch, until: float) -> bool:
        """Matches at least one more item of the batch, until `until` (monotonic seconds). Returns whether the batch is complete or was
        cancelled."""
        if batch.result.done():
            return True
        for item in batch.items[len(batch.matches) :]:
            batch.matches.append(_match_safely(self._matcher, item))
            if time.monotonic() >= until:
                break
        return len(batch.matches) == len(batch.items)


def _match_safely(matcher: ItemMatcher, item: Item) -> Match:
    """Returns the item's match. If the matcher fails, only this item is affected: it is stored without hits and logged. Otherwise the whole
    listing would fail again at every poll."""
    try:
        return matcher.match(item)
    except Exception as error:
        log.exception("item not matched", feed=item.feed, url=item.url, title=item.title, error=f"{type(error).__name__}: {error}")
        return Match(item.lang)


def _set_results(batches: list[_Batch]) -> None:
    for batch in batches:
        if not batch.result.done():  # not cancelled while it was matched
            batch.result.set_result(batch.matches)
