"""Defines FirstPassWorker, a second process that parses and matches feeds that are polled for the first time.

    body ─► pipe ─► [ parse ─► items with keys ─► match ] ─► pipe ─► items; their matches wait for `pop_matches`

At a first poll every item is new, so parsing and matching take most of the time; with hundreds of feeds a second process halves it. The
process is forked before any thread runs, shares this process's memory and ends when it is idle. If anything goes wrong in it, the answer is
None and the body is parsed and matched in the usual way.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import socket
import struct
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from bot.polling.matcher_thread import ItemMatcher
from seeds.feeds import Feed
from watchers.match.result import Match
from watchers.models.item import Item
from watchers.models.polling import Limits
from watchers.parsing.normalize import ParsedFeed
from watchers.sources.feed import FeedWithKeys, read_plain

MIN_NEW_FEEDS = 100
"""Number of feeds never polled before from which a second process is started."""

IDLE_TIMEOUT = 30.0
"""Seconds without a request after which the process ends."""

ANSWER_TIMEOUT = 10.0
"""Seconds to wait for an answer, which normally takes milliseconds."""

MAX_CACHED_MATCHES = 20_000
"""Matches kept for `pop_matches`. Beyond this all are dropped, and the items are matched again when needed."""

_SIZE = struct.Struct("<I")
_FEED_FIELDS = [field.name for field in fields(ParsedFeed) if field.name != "items"]


class _Answer(msgspec.Struct, array_like=True):
    """The second process's answer for one feed. The items are sent with msgspec, which is cheaper than pickle."""

    items: tuple[Item, ...]
    keys: tuple[tuple[str, ...], ...]
    without_names: tuple[tuple[str, bool] | None, ...]
    """Language and `sponsored` of an item that names no entity; None for the other items."""
    rest: bytes
    """Pickled: the feed without its items, and the matches of the other items."""


_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(_Answer).decode
_match_without_names = cache(lambda lang, sponsored: Match(lang, sponsored=sponsored))
"""One shared match for all items without names that have the same language and `sponsored`."""


class FirstPassWorker:
    """Create one per process. Call `start` before any thread is started, `attach` from the event loop, and `close` at shutdown
    (idempotent)."""

    def __init__(self, matcher: ItemMatcher, limits: Limits) -> None:
        self._matcher, self._limits = matcher, limits
        self._process: Any = None
        self._socket: socket.socket | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: list[asyncio.Future[bytes | None]] = []
        self._listener: asyncio.Task[None] | None = None
        self._matches: dict[int, tuple[Item, Match]] = {}
        self._idle_timer: asyncio.TimerHandle | None = None

    def waiting(self) -> int:
        """Returns how many bodies wait for their answer."""
        return len(self._waiting)

    def start(self) -> None:
        """Forks the process. If the system refuses, every request is answered with None."""
        own_socket, worker_socket = socket.socketpair()
        try:
            self._process = multiprocessing.get_context("fork").Process(
                target=_serve, args=(worker_socket, own_socket, self._matcher, self._limits.max_items), name="seedwatch-beside", daemon=True
            )
            self._process.start()
        except (OSError, ValueError):
            own_socket.close()
            self._process = None
        else:
            self._socket = own_socket
        finally:
            worker_socket.close()

    @property
    def pid(self) -> int:
        """The process id of the second process; 0 without one."""
        return int(self._process.pid or 0) if self._process is not None else 0

    async def attach(self) -> None:
        """Connects the pipe to the running event loop. Before, every request is answered with None."""
        if self._socket is None:
            return
        reader, self._writer = await asyncio.open_unix_connection(sock=self._socket, limit=2**22)
        self._listener = asyncio.create_task(self._listen(reader))
        self._restart_idle_timer()

    async def read(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> FeedWithKeys | None:
        """Returns the parsed feed and the identity keys of its items; None if the caller must parse the body itself."""
        if self._writer is None or self._writer.is_closing():
            return None
        self._restart_idle_timer()
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        request = pickle.dumps((body, feed, content_type, base, now), pickle.HIGHEST_PROTOCOL)
        self._writer.write(_SIZE.pack(len(request)) + request)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                data = await answer
        except TimeoutError:
            self.close()
            return None
        return self._decode(data) if data else None

    def pop_matches(self, items: Sequence[Item]) -> list[Match | None]:
        """Returns the matches the second process has made, each only once; None for the other items."""
        if not self._matches:
            return [None] * len(items)
        entries = [self._matches.pop(id(item), None) for item in items]
        return [entry[1] if entry is not None else None for entry in entries]

    def close(self) -> None:
        """Ends the process; pending requests are answered with None."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        elif self._socket is not None:
            self._socket.close()
        self._socket = None
        if self._listener is not None:
            self._listener.cancel()
            self._listener = None
        self._cancel_requests()
        if self._process is not None:
            self._process.kill()  # it holds no state that could be lost
            self._process.join()
            self._process.close()
            self._process = None

    def forget(self) -> None:
        """Drops the matches and ends the process, because the seeds have changed."""
        self._matches.clear()
        self.close()

    def _restart_idle_timer(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        self._idle_timer = asyncio.get_running_loop().call_later(IDLE_TIMEOUT, self.close)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                (size,) = _SIZE.unpack(await reader.readexactly(_SIZE.size))
                data = await reader.readexactly(size)
                answer = self._waiting.pop(0)
                if not answer.done():
                    answer.set_result(data)
        except (OSError, asyncio.IncompleteReadError):
            self._cancel_requests()
            if self._writer is not None:
                self._writer.close()

    def _cancel_requests(self) -> None:
        for answer in self._waiting:
            if not answer.done():
                answer.set_result(None)
        self._waiting.clear()

    def _decode(self, data: bytes) -> FeedWithKeys | None:
        answer = _read(data)
        feed, matches = pickle.loads(answer.rest)  # noqa: S301  (data of our own child process over a private pipe)
        if len(self._matches) > MAX_CACHED_MATCHES:
            self._matches.clear()
        remaining = iter(matches)
        for item, common in zip(answer.items, answer.without_names, strict=True):
            self._matches[id(item)] = (item, next(remaining) if common is None else _match_without_names(*common))
        return ParsedFeed(items=answer.items, **feed), answer.keys


def _serve(pipe: socket.socket, parent_end: socket.socket, matcher: ItemMatcher, max_items: int) -> None:
    """Runs in the second process until its socket is closed, which also happens when the first process dies."""
    parent_end.close()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # collections would touch, and so copy, the shared pages
    with contextlib.suppress(OSError, EOFError):
        while True:
            (size,) = _SIZE.unpack(_receive(pipe, _SIZE.size))
            answer = _answer(pickle.loads(_receive(pipe, size)), matcher, max_items)  # noqa: S301
            pipe.sendall(_SIZE.pack(len(answer)) + answer)
    os._exit(0)


def _receive(pipe: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view = memoryview(data)
    received = 0
    while received < size:
        count = pipe.recv_into(view[received:])
        if not count:
            raise EOFError
        received += count
    return bytes(data)


def _answer(request: tuple[bytes, Feed, str, str, datetime], matcher: ItemMatcher, max_items: int) -> bytes:
    """Returns b"" if the fast parser cannot read the body or anything fails: the first process then repeats the work and reports errors."""
    body, feed, content_type, base, now = request
    try:
        result = read_plain(body, feed=feed, content_type=content_type, base=base, now=now, max_items=max_items)
        if result is None:
            return b""
        parsed, keys = result
        items = parsed.items
        common = matcher.match_without_names(items)
        matches = [matcher.match(item) for item, match in zip(items, common, strict=True) if match is None]
        rest = {name: getattr(parsed, name) for name in _FEED_FIELDS}, matches
        without_names = tuple(None if match is None else (match.lang, match.sponsored) for match in common)
        return _write(_Answer(items, keys, without_names, pickle.dumps(rest, pickle.HIGHEST_PROTOCOL)))
    except Exception:
        return b""
