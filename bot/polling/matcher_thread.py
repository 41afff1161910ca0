"""Defines AsyncMatcher, how the process matches items without holding up its loop, and MatcherThread, the way it is done.

Rules and text stay in `watchers.match`; here is only where the work runs.
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
    """What `watchers.match.matcher.Matcher` is to the process."""

    def match(self, item: Item, *, explain: bool = False) -> Match:
        """What is known about one item."""
        ...

    def match_without_names(self, items: Sequence[Item]) -> list[Match | None]:
        """The matches of items that name nobody, at once; None for those that must be matched."""
        ...


class MatchCache(Protocol):
    """Where matches may have been made before anybody asked."""

    def pop_matches(self, items: Sequence[Item]) -> list[Match | None]:
        """Those that were; None for the other items."""
        ...


class AsyncMatcher(Protocol):
    """Somewhere items are matched."""

    async def match(self, items: Sequence[Item]) -> list[Match]:
        """The match of each item, in order."""
        ...


@dataclass(slots=True)
class _Batch:
    items: Sequence[Item]
    result: asyncio.Future[list[Match]]
    loop: asyncio.AbstractEventLoop
    made: list[Match] = field(default_factory=list)
    """Of the first so many items."""


MAX_BATCH = 8
BATCH_SECONDS = 0.01
"""Batches that wait are matched in one go, up to so many and for so many seconds: each change between threads costs as much as a text
without names."""

MATCH_SLICE = 0.1
"""Seconds after which a batch goes on behind those that wait: a feed of fifty texts that are made to hurt keeps the matcher busy for half a
minute, and nobody else's alert shall wait for it."""


MAX_CHARS_ON_LOOP = 200_000
"""Characters that are scanned for names on the loop: half a millisecond. Feeds with more go to the thread whole."""


class MatcherThread:
    """One thread that matches one batch after the other: items with a name cost milliseconds, which the loop must not wait for. Those
    without one are sorted out before: a change of threads and back would cost more than all of them."""

    def __init__(self, matcher: ItemMatcher, ahead: MatchCache | None = None) -> None:
        self._matcher = matcher
        self._ahead = ahead
        self._batches: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="matcher", daemon=True)
        self._thread.start()
        self._closed = False

    async def match(self, items: Sequence[Item]) -> list[Match]:
        """See Matching."""
        if not items:
            return []
        if self._closed:
            raise RuntimeError("matching has ended")
        matches = self._ahead.pop_matches(items) if self._ahead is not None else [None] * len(items)
        left = [item for item, match in zip(items, matches, strict=True) if match is None]
        if not left:
            return [match for match in matches if match is not None]
        found = iter(await self._matched(left))
        return [match or next(found) for match in matches]

    async def _matched(self, items: Sequence[Item]) -> list[Match]:
        if sum(len(item.title) + len(item.text) + len(item.summary) for item in items) > MAX_CHARS_ON_LOOP:
            return await self._in_thread(items)
        matches = self._matcher.match_without_names(items)
        named = [item for item, match in zip(items, matches, strict=True) if match is None]
        found = iter(await self._in_thread(named) if named else ())
        return [match or next(found) for match in matches]

    def _in_thread(self, items: Sequence[Item]) -> asyncio.Future[list[Match]]:
        loop = asyncio.get_running_loop()
        batch = _Batch(items, loop.create_future(), loop)
        self._batches.put(batch)
        return batch.result

    def replace(self, matcher: ItemMatcher) -> None:
        """From the next batch on this one matches."""
        self._matcher = matcher

    def close(self) -> None:
        """Finishes what waits and ends the thread; safe to call twice."""
        if not self._closed:
            self._closed = True
            self._batches.put(None)
            self._thread.join()

    def _run(self) -> None:
        ending = False
        while not (ending and self._batches.empty()):
            done: list[_Batch] = []
            begun = 0.0
            while not done or (len(done) < MAX_BATCH and not self._batches.empty() and time.monotonic() < begun + BATCH_SECONDS):
                batch = self._batches.get()
                if batch is None:
                    ending = True
                    break
                begun = begun or time.monotonic()
                # What is done need not wait for one that takes long.
                if (done and batch.made) or not self._finished(batch, begun + (BATCH_SECONDS if done else MATCH_SLICE)):
                    self._batches.put(batch)
                    break
                done.append(batch)
            if done:
                with contextlib.suppress(RuntimeError):  # a loop that has ended waits for nothing
                    done[0].loop.call_soon_threadsafe(_settle, done)

    def _finished(self, batch: _Batch, until: float) -> bool:
        """Goes on with the batch, at least by one item; gives whether it came to its end, or nobody waits for it any more."""
        if batch.result.done():
            return True
        for item in batch.items[len(batch.made) :]:
            batch.made.append(_read(self._matcher, item))
            if time.monotonic() >= until:
                break
        return len(batch.made) == len(batch.items)


def _read(matcher: ItemMatcher, item: Item) -> Match:
    """The item's match. One over which the matcher stumbles costs itself alone: it is stored without hits and named in the log, where
    the whole listing would fail again at every look."""
    try:
        return matcher.match(item)
    except Exception as error:
        log.exception("item not matched", feed=item.feed, url=item.url, title=item.title, error=f"{type(error).__name__}: {error}")
        return Match(item.lang)


def _settle(done: list[_Batch]) -> None:
    for batch in done:
        if not batch.result.done():  # cancelled meanwhile
            batch.result.set_result(batch.made)
