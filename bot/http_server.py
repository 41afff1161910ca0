"""Defines CallbackServer, the web server of the running bot on 127.0.0.1 at `[web] port`, for requests from outside.

Telegram (webhook) and WebSub hubs reach it through the proxy that holds the certificate. Each part registers its own path; other paths give
an empty 404. The web view is a separate process (`seedwatch serve`), so that browsers never delay the bot.
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
"""Maximum seconds to receive a body."""
SHUTDOWN = 5.0
"""Seconds that running requests have to finish when the bot stops."""


class CallbackServer:
    """Listens between `start` and `stop`. Routes may be added and removed at any time."""

    def __init__(self, port: int) -> None:
        """`port` 0 means any free port; `self.port` is the actual one after `start`."""
        self.port = port
        self._handlers: dict[str, Handler] = {}
        self._runner: web.AppRunner | None = None

    def add_route(self, path: str, handler: Handler) -> None:
        """Registers `handler` for this path; a path that ends with a slash covers everything directly below it."""
        self._handlers[path] = handler

    def remove_route(self, path: str) -> None:
        """Removes the route."""
        self._handlers.pop(path, None)

    async def start(self) -> None:
        """Starts to listen. Raises OSError with a readable message if the port is in use."""
        from aiohttp import web

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        # The signature covers the body as sent, so it must not be decompressed.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN, auto_decompress=False)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self.port).start()
        except OSError as error:
            await self.stop()
            raise OSError(f"web.port: cannot listen at {HOST}:{self.port}: {os.strerror(error.errno or 0).lower()}") from error
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stops the server (idempotent)."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.Response:
        from aiohttp import web

        path = request.rel_url.raw_path
        handler = self._handlers.get(path) or self._handlers.get(path[: path.rfind("/") + 1])
        return web.Response(status=404) if handler is None else await handler(request)


async def read_body(request: web.Request, max_bytes: int, seconds: float = SLOWEST_BODY) -> bytes | None:
    """Returns the body as sent; None if it has more than `max_bytes` bytes. Raises web.HTTPRequestTimeout if it does not arrive in time."""
    from aiohttp import web

    if (request.content_length or 0) > max_bytes:
        return None
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > max_bytes:
                    return None
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    return bytes(body)
