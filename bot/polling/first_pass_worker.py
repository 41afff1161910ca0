"""Defines FirstPassWorker: a second process that reads and matches feeds which are looked at for the first time.

    body ─► pipe ─► [ parse ─► items with keys ─► match ] ─► pipe ─► items, and their matches kept for `pop_matches`

A first look finds everything new, so that what it costs is parsing and matching; with hundreds of feeds, on more than one processor, that
is worth a process (half of a first pass). It is forked from this one before any thread runs, shares its memory, and ends when nobody has
asked for a while. Whatever goes wrong with it, the answer is None and the work is done where it always is.
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
from watchers.sources.feed import Read, read_plain

MIN_NEW_FEEDS = 100
"""Feeds never looked at from which a second process pays: forking one costs some tens of milliseconds and megabytes."""

IDLE_TIMEOUT = 30.0
"""Seconds without a question after which the process ends."""

ANSWER_TIMEOUT = 10.0
"""Seconds to wait for an answer; what is read here takes milliseconds."""

MAX_CACHED_MATCHES = 20_000
"""Matches kept for items that nobody has asked about; then all are forgotten, and made again where needed."""

_SIZE = struct.Struct("<I")
_OF_FEED = [field.name for field in fields(ParsedFeed) if field.name != "items"]


class _Answer(msgspec.Struct, array_like=True):
    """What the second process found in a feed. Texts come this way for a third of what pickling costs."""

    items: tuple[Item, ...]
    keys: tuple[tuple[str, ...], ...]
    nameless: tuple[tuple[str, bool] | None, ...]
    """Language and whether it is paid for, of an item in which nobody is named; None for the others."""
    rest: bytes
    """The feed without its items, and the other items' matches, pickled."""


_write = msgspec.msgpack.Encoder().encode
_read = msgspec.msgpack.Decoder(_Answer).decode
_nameless = cache(lambda lang, sponsored: Match(lang, sponsored=sponsored))
"""One match for all items of which nothing else is known."""


class FirstPassWorker:
    """One for a process. `start` before any thread, `attach` on the loop; `close` at the end, twice does no harm."""

    def __init__(self, matcher: ItemMatcher, limits: Limits) -> None:
        self._matcher, self._limits = matcher, limits
        self._process: Any = None
        self._socket: socket.socket | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._waiting: list[asyncio.Future[bytes | None]] = []
        self._listening: asyncio.Task[None] | None = None
        self._made: dict[int, tuple[Item, Match]] = {}
        self._ends: asyncio.TimerHandle | None = None

    def waiting(self) -> int:
        """Bodies that wait for their answer."""
        return len(self._waiting)

    def start(self) -> None:
        """Forks. Where that is not to be had, everything is answered with None."""
        mine, its = socket.socketpair()
        try:
            self._process = multiprocessing.get_context("fork").Process(
                target=_serve, args=(its, mine, self._matcher, self._limits.max_items), name="seedwatch-beside", daemon=True
            )
            self._process.start()
        except (OSError, ValueError):
            mine.close()
            self._process = None
        else:
            self._socket = mine
        finally:
            its.close()

    @property
    def pid(self) -> int:
        """The second process's number; 0 where there is none."""
        return int(self._process.pid or 0) if self._process is not None else 0

    async def attach(self) -> None:
        """From now on questions are answered."""
        if self._socket is None:
            return
        reader, self._writer = await asyncio.open_unix_connection(sock=self._socket, limit=2**22)
        self._listening = asyncio.create_task(self._listen(reader))
        self._rest()

    async def read(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> Read | None:
        """The feed and the keys of its items; None where that is to be done here."""
        if self._writer is None or self._writer.is_closing():
            return None
        self._rest()
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        question = pickle.dumps((body, feed, content_type, base, now), pickle.HIGHEST_PROTOCOL)
        self._writer.write(_SIZE.pack(len(question)) + question)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                said = await answer
        except TimeoutError:
            self.close()
            return None
        return self._understood(said) if said else None

    def pop_matches(self, items: Sequence[Item]) -> list[Match | None]:
        """The matches that were made already, each given once; None for the other items."""
        if not self._made:
            return [None] * len(items)
        found = [self._made.pop(id(item), None) for item in items]
        return [one[1] if one is not None else None for one in found]

    def close(self) -> None:
        """Ends the process; who still waits is answered with None."""
        if self._ends is not None:
            self._ends.cancel()
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        elif self._socket is not None:
            self._socket.close()
        self._socket = None
        if self._listening is not None:
            self._listening.cancel()
            self._listening = None
        self._answer_all()
        if self._process is not None:
            self._process.kill()  # it keeps nothing that could be lost
            self._process.join()
            self._process.close()
            self._process = None

    def forget(self) -> None:
        """Other seeds count from now on: what it would find is no longer true."""
        self._made.clear()
        self.close()

    def _rest(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
        self._ends = asyncio.get_running_loop().call_later(IDLE_TIMEOUT, self.close)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                (size,) = _SIZE.unpack(await reader.readexactly(_SIZE.size))
                said = await reader.readexactly(size)
                answer = self._waiting.pop(0)
                if not answer.done():
                    answer.set_result(said)
        except (OSError, asyncio.IncompleteReadError):
            self._answer_all()
            if self._writer is not None:
                self._writer.close()

    def _answer_all(self) -> None:
        for answer in self._waiting:
            if not answer.done():
                answer.set_result(None)
        self._waiting.clear()

    def _understood(self, said: bytes) -> Read | None:
        made = _read(said)
        feed, others = pickle.loads(made.rest)  # noqa: S301  (of our own process, over a pipe that nobody else has)
        if len(self._made) > MAX_CACHED_MATCHES:
            self._made.clear()
        following = iter(others)
        for item, plain in zip(made.items, made.nameless, strict=True):
            self._made[id(item)] = (item, next(following) if plain is None else _nameless(*plain))
        return ParsedFeed(items=made.items, **feed), made.keys


def _serve(asked: socket.socket, others: socket.socket, matcher: ItemMatcher, max_items: int) -> None:
    """Runs in the second process until its socket is closed, which it is when the first one ends, however."""
    others.close()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.freeze()  # what is shared stays shared
    with contextlib.suppress(OSError, EOFError):
        while True:
            (size,) = _SIZE.unpack(_exactly(asked, _SIZE.size))
            said = _answer(pickle.loads(_exactly(asked, size)), matcher, max_items)  # noqa: S301
            asked.sendall(_SIZE.pack(len(said)) + said)
    os._exit(0)


def _exactly(asked: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view = memoryview(data)
    got = 0
    while got < size:
        more = asked.recv_into(view[got:])
        if not more:
            raise EOFError
        got += more
    return bytes(data)


def _answer(question: tuple[bytes, Feed, str, str, datetime], matcher: ItemMatcher, max_items: int) -> bytes:
    """Nothing where the fast parser does not read it, or anything goes wrong: then it goes the usual way, with its errors."""
    body, feed, content_type, base, now = question
    try:
        plainly = read_plain(body, feed=feed, content_type=content_type, base=base, now=now, max_items=max_items)
        if plainly is None:
            return b""
        parsed, keys = plainly
        items = parsed.items
        plain = matcher.match_without_names(items)
        others = [matcher.match(item) for item, match in zip(items, plain, strict=True) if match is None]
        rest = {name: getattr(parsed, name) for name in _OF_FEED}, others
        nameless = tuple(None if match is None else (match.lang, match.sponsored) for match in plain)
        return _write(_Answer(items, keys, nameless, pickle.dumps(rest, pickle.HIGHEST_PROTOCOL)))
    except Exception:
        return b""
