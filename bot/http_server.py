"""Defines CallbackServer: the one web server of the running bot, on 127.0.0.1 at `[web] port`, for whoever calls the bot from outside.

Telegram (webhook) and feed hubs (WebSub) come in here, through the proxy that holds the certificate. Each part answers its own path; what
nobody answers is an empty 404. The web view is another process (`seedwatch serve`): whatever a browser does there never holds up the bot.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiohttp import web

    Handler = Callable[[web.Request], Awaitable[web.Response]]

HOST = "127.0.0.1"
SLOWEST_BODY = 20.0
"""Seconds for a whole body to arrive."""
SHUTDOWN = 5.0
"""Seconds that calls in the middle have when the bot stops."""


class CallbackServer:
    """Listens between `start` and `stop`. Paths may come and go in between."""

    def __init__(self, port: int) -> None:
        """`port` 0: any free one; `self.port` is the real one once it listens."""
        self.port = port
        self._handlers: dict[str, Handler] = {}
        self._runner: web.AppRunner | None = None

    def add_route(self, path: str, handler: Handler) -> None:
        """From now on `handler` answers this path; with a slash at its end, everything directly below it."""
        self._handlers[path] = handler

    def remove_route(self, path: str) -> None:
        """Nobody answers it any more."""
        self._handlers.pop(path, None)

    async def start(self) -> None:
        """Raises OSError with a line for people when the port is taken."""
        from aiohttp import web

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        # A body is signed as it was sent, so it is taken as it was sent: no decompression.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN, auto_decompress=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self.port).start()
        except OSError as error:
            await self.stop()
            raise OSError(f"web.port: cannot listen at {HOST}:{self.port}: {os.strerror(error.errno or 0).lower()}") from error
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Safe to call twice."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.Response:
        from aiohttp import web

        path = request.rel_url.raw_path
        handler = self._handlers.get(path) or self._handlers.get(path[: path.rfind("/") + 1])
        return web.Response(status=404) if handler is None else await handler(request)


async def read_body(request: web.Request, most: int, seconds: float = SLOWEST_BODY) -> bytes | None:
    """The body as it was sent; None when it has more than `most` bytes. Raises web.HTTPRequestTimeout when it comes too slowly."""
    from aiohttp import web

    if (request.content_length or 0) > most:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > most:
                    return None
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)
