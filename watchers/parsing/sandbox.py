"""Defines ParseWorkers: parses in separate processes, with limits on time and memory.

Every body that the fast path does not take is parsed here. A worker that exceeds its time is killed; it and a worker that exceeds its
memory raise ParseStoppedError. So a malicious body cannot slow down or fill the process that polls.
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
"""Attributes of one element. Real feeds have up to 14; a million would keep any parser busy for minutes."""

MAX_DEPTH = 200
MAX_ENTITIES = 300
"""Entities declared in a DOCTYPE. The XHTML set has 253."""

MAX_TASKS = 500
"""Bodies parsed before a worker process is replaced, to free memory that the parsers leak."""

MAX_CHARS_ON_LOOP = 100_000
"""If the addresses and titles of a poll have more characters, their identity keys are computed in a worker."""

Result = TypeVar("Result")


class ParseStoppedError(ProblemError):
    """Parsing reached a limit, so the body is treated as malicious. The problem names the limit."""


class ParseWorkers:
    """A pool of parsing processes, started at the first use. `close` stops them."""

    def __init__(self, limits: Limits, *, workers: int = 2) -> None:
        self._limits = limits
        self._workers = workers
        self._pool: Any = None
        self._changing = threading.Lock()

    async def parse(
        self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime
    ) -> tuple[ParsedFeed, tuple[tuple[str, ...], ...]]:
        """Parses `body` in a worker to the feed and the identity keys of its items. Raises NotAFeedError or ParseStoppedError."""
        return await self.run(_parse, (body, content_type), feed, base, now, self._limits.max_items)

    async def identify(self, items: Sequence[Item]) -> tuple[tuple[str, ...], ...]:
        """Returns the identity keys of each item, computed in a worker if their texts are long. Raises ParseStoppedError."""
        is_quick = sum(len(item.url) + len(item.title) for item in items) <= MAX_CHARS_ON_LOOP
        return identities(items) if is_quick else await self.run(identities, items)

    async def run(self, function: Callable[..., Result], *args: object) -> Result:
        """Calls a function of a module in a worker. Raises its exceptions, or ParseStoppedError if a limit was reached.

        A broken pool is replaced once per call: if the system kills a waiting worker, the pool stops all others.
        """
        try:
            return await self._call(function, args)
        except _BrokenPoolError as error:
            await asyncio.to_thread(self._drop, error.pool)
            return await self._call(function, args)

    async def _call(self, function: Callable[..., Result], args: tuple[object, ...]) -> Result:
        from pebble import ProcessExpired

        limits = self._limits
        pool = self._pool or await asyncio.to_thread(self._start_pool)
        try:
            future = pool.schedule(function, args=args, timeout=limits.parse_seconds)
        except RuntimeError as error:
            raise _BrokenPoolError(pool) from error
        try:
            result: Result = await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError):
            raise ParseStoppedError(Problem("parsing.seconds", {"seconds": f"{limits.parse_seconds:g}"})) from None
        except (MemoryError, ProcessExpired):
            raise ParseStoppedError(Problem("parsing.memory", {"bytes": f"{limits.parse_memory:,}"})) from None
        except BrokenProcessPool as error:
            raise _BrokenPoolError(pool) from error
        return result

    def _start_pool(self) -> Any:
        """Starts the pool unless it runs, and returns it. Call it in a thread: it takes too long for the event loop."""
        from pebble import ProcessPool

        with self._changing:
            if self._pool is None:
                # Not fork: the process that polls has threads, and a fork would copy their locks. The fork server loads the
                # parsers once, so that a new worker starts fast.
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
                assert pool.active, "the pool starts when its state is read"
                self._pool = pool
            return self._pool

    def _drop(self, pool: Any) -> None:
        with self._changing:
            if self._pool is pool:
                self._pool = None
                pool.stop()
                pool.join()

    def close(self) -> None:
        """Stops the worker processes, even while they parse."""
        if self._pool is not None:
            self._drop(self._pool)


@contextmanager
def _safe_path() -> Iterator[None]:
    """Sets PYTHONSAFEPATH, so that a Python started inside the `with` block does not import modules from the working directory, which can
    contain folders with the names of our packages. The new process receives our search path with its first task."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


class _BrokenPoolError(Exception):
    """The pool accepts no more tasks."""

    def __init__(self, pool: Any) -> None:
        super().__init__("the parsing processes ended by themselves")
        self.pool = pool


def _limit_memory(limit: int) -> None:
    import feedparser  # noqa: F401  loaded before the memory limit is set and before the time of the first body starts

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
    """Raises ParseStoppedError for excessive depth, attributes or entities. Takes one pass that stores nothing.

    Broken XML is checked up to its first error; the limits on time and memory cover the rest.
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
    except (expat.ExpatError, ValueError, LookupError):  # LookupError: an unknown encoding
        return


__all__ = ["MAX_ATTRIBUTES", "NotAFeedError", "ParseStoppedError", "ParseWorkers", "refuse_hostile"]
