"""Defines FeedServer: feeds on loopback that play scripts, one answer after another, and record what they were asked.

It runs on the test's own loop. Well-behaved answers go through aiohttp's server; `raw` ones write bytes to the socket, for
wrong lengths, resets and streams without an end.
"""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import blake2b

from aiohttp import web
from multidict import CIMultiDict


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived. `headers` is case-insensitive."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers once. With `validators` it carries an ETag of its body and a Last-Modified, and gives 304 for them."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    validators: bool = False
    gzip: bool = False
    delay: float = 0.0
    """Seconds of loop time before the answer begins; use `FeedServer.hold` where a test has to decide when."""
    raw: Callable[[asyncio.StreamWriter], Awaitable[None]] | None = None
    """Takes the connection over after the request was read."""


LAST_MODIFIED = "Thu, 05 Dec 2024 02:00:00 GMT"


class FeedServer:
    """Scripts by path. The last answer of a script is repeated for ever; an unknown path is 404."""

    def __init__(self) -> None:
        self.base = ""
        self.asked: list[Asked] = []
        self._scripts: dict[str, list[Answer]] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._turns: defaultdict[str, int] = defaultdict(int)
        self._runner: web.AppRunner | None = None

    def url(self, path: str) -> str:
        """The whole address of `path`."""
        return self.base + path

    def play(self, path: str, *answers: Answer | bytes) -> str:
        """Sets the script of `path` and gives its address. Bytes are a plain 200."""
        self._scripts[path] = [Answer(answer) if isinstance(answer, bytes) else answer for answer in answers]
        self._turns[path] = 0
        return self.url(path)

    def redirect(self, path: str, target: str, status: int = 301) -> str:
        """`path` points to `target`, a path here or a whole address, for ever."""
        return self.play(path, Answer(status=status, headers={"Location": target}))

    def hold(self, path: str) -> asyncio.Event:
        """Requests to `path` wait for the event that is given back."""
        self._held[path] = asyncio.Event()
        return self._held[path]

    def count(self, path: str) -> int:
        """How often `path` was asked."""
        return sum(asked.path == path for asked in self.asked)

    def last(self, path: str) -> Asked:
        """The latest request to `path`."""
        return next(asked for asked in reversed(self.asked) if asked.path == path)

    async def start(self) -> None:
        """Listens on a free port of 127.0.0.1."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        await web.SockSite(self._runner, listener).start()
        self.base = f"http://127.0.0.1:{listener.getsockname()[1]}"

    async def stop(self) -> None:
        """Closes every connection."""
        for event in self._held.values():
            event.set()
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.path_qs
        self.asked.append(Asked(path, request.headers.copy()))
        script = self._scripts.get(path)
        if script is None:
            return web.Response(status=404, text="no such feed")
        if path in self._held:
            await self._held[path].wait()
        turn = self._turns[path]
        self._turns[path] += 1
        answer = script[min(turn, len(script) - 1)]
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.raw:
            return await self._take_over(request, answer.raw)
        headers = CIMultiDict(answer.headers)
        headers.setdefault("Content-Type", "application/xml")
        if answer.validators:
            etag = f'"{blake2b(answer.body, digest_size=6).hexdigest()}"'
            headers.update({"ETag": etag, "Last-Modified": LAST_MODIFIED})
            if request.headers.get("If-None-Match") == etag:
                return web.Response(status=304, headers=headers)
        body = answer.body
        if answer.gzip:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        return web.Response(status=answer.status, body=body, headers=headers)

    async def _take_over(self, request: web.Request, play: Callable[[asyncio.StreamWriter], Awaitable[None]]) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        writer = asyncio.StreamWriter(transport, request.protocol, None, asyncio.get_running_loop())
        try:
            await play(writer)
        except ConnectionError:
            pass  # the other side had enough, which is what such scripts are for
        finally:
            transport.abort() if transport.is_closing() else transport.close()
        return web.Response()


@asynccontextmanager
async def feed_server() -> AsyncIterator[FeedServer]:
    """A running FeedServer, stopped at the end."""
    server = FeedServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def rss(*entries: Mapping[str, str] | str, title: str = "Test feed", head: str = "", lang: str = "en") -> bytes:
    """An RSS 2.0 document. An entry is its title, or a mapping of element names to their (escaped) contents."""
    rows = []
    for number, entry in enumerate(entries):
        parts: Mapping[str, str] = {"title": entry} if isinstance(entry, str) else entry
        given = {"link": f"https://news.example/{_slug(parts.get('title', str(number)))}", **parts}
        rows.append("<item>" + "".join(f"<{name}>{value}</{name.split()[0]}>" for name, value in given.items()) + "</item>")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{title}</title><link>https://news.example/</link>'
        f"<language>{lang}</language>{head}{''.join(rows)}</channel></rss>"
    ).encode()


def _slug(title: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split())


def unchanged_twice(body: bytes) -> Sequence[Answer]:
    """A script of one body with validators: the first answer is whole, the next are 304 for those who send them back."""
    return (Answer(body, validators=True),)
