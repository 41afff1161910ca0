"""Defines Webhook, which receives updates that Telegram posts to this machine, behind a proxy that holds the certificate.

It uses a path of the bot's web server (`bot.http_server`). A request must carry the secret token that only this database and Telegram know;
others get an empty 403 or 404. An update is answered with 200 after it is stored, so that Telegram sends it again after a crash before
that.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets as chance
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from bot.commands.update import update_id
from bot.http_server import CallbackServer, read_body
from bot.log import redact
from bot.store.secrets import read_secret, write_secret

if TYPE_CHECKING:
    from aiohttp import web

    from bot.commands.context import Services
    from bot.store import Store

log = structlog.get_logger(__name__)

NAME = "webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
"""Source: the Bot API, setWebhook, secret_token."""
LARGEST = 1_000_000
"""Maximum bytes of a posted update; real ones have a few kilobytes."""


class Webhook:
    """Receives updates and passes them to `take`, which stores them. The owner starts and stops `listener`."""

    def __init__(self, services: Services, take: Callable[[Sequence[Any]], Awaitable[None]], listener: CallbackServer) -> None:
        self._services = services
        self._take = take
        self._listener = listener
        self._secret = ""

    async def run(self) -> None:
        """Registers the webhook and serves until cancelled. Raises UpdatesError if Telegram rejects the address."""
        telegram = self._services.config.chat.telegram
        self._secret = await self._services.thread.write(_secret, self._services)
        path = urlsplit(telegram.webhook).path
        self._listener.add_route(path, self._receive)
        try:
            await self._services.telegram.set_webhook(telegram.webhook, self._secret)
            log.info("webhook", port=self._listener.port)
            await asyncio.Event().wait()
        finally:
            self._listener.remove_route(path)

    async def _receive(self, request: web.Request) -> web.Response:
        from aiohttp import web

        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        if not hmac.compare_digest(request.headers.get(HEADER, "").encode(), self._secret.encode()):
            return web.Response(status=403)
        raw = await read_body(request, LARGEST)
        if raw is None:
            return web.Response(status=413)
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            body = None
        if update_id(body) is None:
            return web.Response(status=400)
        try:
            await self._take([body])
        except Exception as error:  # the database cannot be written: after 500 Telegram sends it again
            log.error("update not kept", error=redact(f"{type(error).__name__}: {error}"))
            return web.Response(status=500)
        return web.Response()


def _secret(store: Store, services: Services) -> str:
    found = read_secret(store, NAME)
    if found is None:
        found = chance.token_urlsafe(32)
        write_secret(store, NAME, found, services.clock.now())
    return found
