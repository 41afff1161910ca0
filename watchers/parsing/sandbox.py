"""Defines ParseWorkers: parsing in processes of their own, with limits on time and memory.

Everything that is not proven cheap goes here. A parse that exceeds its time is killed with its process and raises
ParseStoppedError; so does one that exceeds its memory. The process that polls is never slowed or grown by a body.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import forkserver
from typing import Any, TypeVar
from xml.parsers import expat

from seeds.feeds import Feed
from watchers.models.item import Item
from watchers.models.polling import Limits
from watchers.models.problem import Problem, ProblemError
from watchers.parsing import fast_xml, json_feed
from watchers.parsing.normalize import ParsedFeed, normalize_feed
from watchers.parsing.parse import NotAFeedError, read_slow
from watchers.state.identity import identities

MAX_ATTRIBUTES = 1_000
"""Of one element. The largest seen in real feeds is 14; a million keep any feed parser busy for minutes."""

MAX_DEPTH = 200
MAX_ENTITIES = 300
"""Declared in a DOCTYPE. The XHTML set has 253; entity bombs need ten."""

MAX_TASKS = 500
"""Bodies parsed before a worker process is replaced: what the parsers leak goes with it."""

QUICK = 100_000
"""Letters of addresses and titles whose keys are made on the loop: 5 ms as a rule, 30 where the addresses are parameters only."""

Result = TypeVar("Result")


class ParseStoppedError(ProblemError):
    """The body was made to hurt, or had to be treated so: the text says which limit it reached."""


class ParseWorkers:
    """A pool of parsing processes, started at the first use. `close` ends them."""

    def __init__(self, limits: Limits, *, workers: int = 2) -> None:
        self._limits = limits
        self._workers = workers
        self._pool: Any = None
        self._changing = threading.Lock()

    async def parse(
        self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime
    ) -> tuple[ParsedFeed, tuple[tuple[str, ...], ...]]:
        """Parses `body` in a worker: the feed, and the keys of its items. Raises NotAFeedError, or ParseStoppedError at a limit."""
        return await self.run(_parse, (body, content_type), feed, base, now, self._limits.max_items)

    async def identify(self, items: Sequence[Item]) -> tuple[tuple[str, ...], ...]:
        """The keys of a look's items; made in a worker where addresses and titles are long. Raises ParseStoppedError at a limit."""
        quick = sum(len(item.url) + len(item.title) for item in items) <= QUICK
        return identities(items) if quick else await self.run(identities, items)

    async def run(self, function: Callable[..., Result], *args: object) -> Result:
        """Calls a function of a module in a worker. Raises what it raises, or ParseStoppedError when a limit was reached.

        A pool that broke is replaced, once for a call: the system may kill a worker that waits, and the others end with it.
        """
        try:
            return await self._call(function, args)
        except _BrokenError as error:
            await asyncio.to_thread(self._drop, error.pool)
            return await self._call(function, args)

    async def _call(self, function: Callable[..., Result], args: tuple[object, ...]) -> Result:
        from pebble import ProcessExpired

        limits = self._limits
        pool = self._pool or await asyncio.to_thread(self._started)
        try:
            future = pool.schedule(function, args=args, timeout=limits.parse_seconds)
        except RuntimeError as error:
            raise _BrokenError(pool) from error
        try:
            result: Result = await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError):
            raise ParseStoppedError(Problem("parsing.seconds", {"seconds": f"{limits.parse_seconds:g}"})) from None
        except (MemoryError, ProcessExpired):
            raise ParseStoppedError(Problem("parsing.memory", {"bytes": f"{limits.parse_memory:,}"})) from None
        except BrokenProcessPool as error:
            raise _BrokenError(pool) from error
        return result

    def _started(self) -> Any:
        """The pool. To start it takes a third of a second, which the loop must not wait."""
        from pebble import ProcessPool

        with self._changing:
            if self._pool is None:
                # Not fork: the process that polls has threads, and a fork would copy their locks. The server that forks
                # instead loads the parsers once, so that a replaced worker starts in milliseconds.
                context = multiprocessing.get_context("forkserver")
                context.set_forkserver_preload(["feedparser", "watchers.parsing.sandbox"])
                with _safe_path():
                    forkserver.ensure_running()
                pool = ProcessPool(
                    max_workers=self._workers,
                    max_tasks=MAX_TASKS,
                    initializer=_limit_memory,
                    initargs=(self._limits.parse_memory,),
                    context=context,
                )
                assert pool.active, "asked for its state, it starts"
                self._pool = pool
            return self._pool

    def _drop(self, pool: Any) -> None:
        with self._changing:
            if self._pool is pool:
                self._pool = None
                pool.stop()
                pool.join()

    def close(self) -> None:
        """Ends the worker processes, parsing or not."""
        if self._pool is not None:
            self._drop(self._pool)


@contextmanager
def _safe_path() -> Iterator[None]:
    """A Python that is started meanwhile looks for no module in the folder where it was started: a folder of our packages' names may stand
    there. (It gets our own search path later, with its first task.)"""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


class _BrokenError(Exception):
    """The pool takes nothing any more."""

    def __init__(self, pool: Any) -> None:
        super().__init__("the parsing processes ended by themselves")
        self.pool = pool


def _limit_memory(limit: int) -> None:
    import feedparser  # noqa: F401  loaded before the limit and before the first body's time runs

    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _parse(
    answer: tuple[bytes, str], feed: Feed, base: str, now: datetime, max_items: int
) -> tuple[ParsedFeed, tuple[tuple[str, ...], ...]]:
    body, content_type = answer
    refuse_hostile(body)
    channel = json_feed.read(body) if json_feed.is_json(body, content_type) else fast_xml.read(body)
    if channel is None:
        channel = read_slow(body, content_type)
    parsed = normalize_feed(channel, feed=feed, base=base, now=now, max_items=max_items)
    return parsed, identities(parsed.items)


def refuse_hostile(body: bytes) -> None:
    """Raises ParseStoppedError for absurd depth, attributes or entities, found in one pass that keeps nothing.

    Broken XML passes as far as expat reads it; the rest is held by the limits on time and memory.
    """
    depth = 0
    entities = 0

    def start(_name: str, attributes: list[str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ParseStoppedError(Problem("parsing.depth", {"count": MAX_DEPTH}))
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise ParseStoppedError(Problem("parsing.attributes", {"count": f"{MAX_ATTRIBUTES:,}"}))

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    def entity(_name: str, _is_parameter: bool, value: str | None, *_rest: object) -> None:
        nonlocal entities
        entities += 1
        if entities > MAX_ENTITIES:
            raise ParseStoppedError(Problem("parsing.entities", {"count": MAX_ENTITIES}))
        if value and value.count("&") > 1:
            raise ParseStoppedError(Problem("parsing.nested_entity"))

    parser = expat.ParserCreate()
    parser.ordered_attributes = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):  # LookupError: an encoding that nobody knows
        return


__all__ = ["MAX_ATTRIBUTES", "NotAFeedError", "ParseStoppedError", "ParseWorkers", "refuse_hostile"]
