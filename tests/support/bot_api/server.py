"""Defines BotApiServer: a strict Bot API server on loopback, which real clients talk to and tests look into.

A request goes: token → method → parameters (methods.py) → scripted fault → the method (a function `_sendMessage` …) → what chats see.
Must not be kinder than Telegram: whatever it refuses, it refuses with Telegram's words.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from tests.support.bot_api.chats import Chat, ChatType, Press, Seen, User
from tests.support.bot_api.faults import Fault
from tests.support.bot_api.limits import FloodLimits
from tests.support.bot_api.messages import MessageMethods
from tests.support.bot_api.methods import METHODS
from tests.support.bot_api.parameters import Refused, read_parameters
from tests.support.bot_api.updates import UpdateMethods

TOKEN = "123456789:AAF-loopback_bot-api_server_token_00001"
BOT = {
    "id": 123456789, "is_bot": True, "first_name": "seedwatch", "username": "seedwatch_bot", "can_join_groups": True,
    "can_read_all_group_messages": False, "supports_inline_queries": False,
}  # fmt: skip


class BotApiServer(MessageMethods, UpdateMethods):
    """Serves one bot. `monotonic` drives the flood limits (None: no limits), `now` gives message dates (seconds since 1970)."""

    def __init__(
        self, *, monotonic: Callable[[], float] | None = time.monotonic, now: Callable[[], float] = time.time, token: str = TOKEN
    ) -> None:
        self.token = token
        self.bot: dict[str, Any] = dict(BOT)
        self.chats: dict[int, Chat] = {}
        self.limits = FloodLimits(monotonic) if monotonic else None
        self.calls: list[tuple[str, dict[str, Any]]] = []
        """Every request that passed the parameter check, in order."""
        self.refusals: list[tuple[str, int, str]] = []
        """Every refusal: method, status, description (scripted faults left out)."""
        self.always: Callable[[str, dict[str, Any]], Fault | None] = lambda method, values: None
        """The fault that a request meets each time, by its method and values."""
        self.met: list[tuple[str, Fault]] = []
        """Every scripted fault that a request met, with its method."""
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        """setMyCommands: by (scope as JSON, language)."""
        self.presses: dict[str, Press] = {}
        self.webhook: dict[str, Any] = {"url": ""}
        self.rewrite: Callable[[str], str] = str
        """What becomes of an answer's JSON on its way."""
        self._now = now
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._next_message: defaultdict[int, int] = defaultdict(lambda: 1)
        self._next_user = 1001
        self._queue: deque[dict[str, Any]] = deque()
        self._next_update = 870_001
        self._allowed: frozenset[str] | None = None
        self._poll = 0
        self._changed = asyncio.Condition()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.port = 0

    # --- life ---------------------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Listens on a free port, or on the former one after `close`: what stood in the chats stays."""
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        self._closing.clear()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stops listening: the next connection is refused."""
        self._closing.set()
        async with self._changed:
            self._changed.notify_all()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    @property
    def base_url(self) -> str:
        """For `[chat.telegram] base_url`."""
        return f"http://127.0.0.1:{self.port}/bot"

    # --- what tests do --------------------------------------------------------------------------------------------------------------

    def user(self, name: str, language: str = "en") -> User:
        """A new person."""
        self._next_user += 1
        return User(self._next_user, name, language)

    def private(self, name: str = "An", *, language: str = "en", started: bool = True) -> Chat:
        """A private chat with a new person."""
        person = self.user(name, language)
        return self._add(Chat(person.id, "private", name, user=person, started=started))

    def group(self, title: str = "Team", *, forum: bool = False, topics: tuple[int, ...] = (), kind: ChatType | None = None) -> Chat:
        """A group that the bot is in; a forum is a supergroup with these topics."""
        type_: ChatType = kind or ("supergroup" if forum else "group")
        return self._add(Chat(-(100_000 + len(self.chats)), type_, title, forum=forum, topics=dict.fromkeys(topics, False)))

    def channel(self, title: str = "News") -> Chat:
        """A channel in which the bot may post."""
        return self._add(Chat(-(1_000_000_000_000 + len(self.chats)), "channel", title))

    def _add(self, chat: Chat) -> Chat:
        self.chats[chat.id] = chat
        return chat

    def fail(self, method: str, *faults: Fault) -> None:
        """The next requests of `method` meet these faults, one each."""
        self._faults[method].extend(faults)

    def forget_faults(self) -> None:
        """What was scripted and not met yet will not be."""
        self._faults.clear()

    async def wait_until(self, holds: Callable[[], object], timeout: float = 5.0) -> None:
        """Waits until `holds()` is true; asked again after each request and update. Raises AssertionError after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(lambda: bool(holds()))
        except TimeoutError:
            said = {chat.title: chat.texts for chat in self.chats.values()}
            raise AssertionError(f"not within {timeout} s; the bot said {said}; refusals {self.refusals}") from None

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- requests ---------------------------------------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = self._named(request.match_info["method"])
        try:
            if request.match_info["token"] != self.token:
                raise Refused(401, "Unauthorized")
            if method is None:
                raise Refused(404, "Not Found: method not found")
            values = read_parameters(method, await self._given(request))
            self.calls.append((method, values))
            fault = self._faults[method].popleft() if self._faults[method] else self.always(method, values)
            if fault:
                self.met.append((method, fault))
            if fault and not fault.kind.endswith("_after") and fault.kind != "slow":
                return await self._misbehave(request, fault)
            result = getattr(self, f"_{method}")(values)
            if asyncio.iscoroutine(result):
                result = await result
            await self._notify()
            if fault:
                return await self._misbehave(request, fault, result)
            return web.json_response(text=self.rewrite(json.dumps({"ok": True, "result": result})))
        except Refused as refused:
            self.refusals.append((method or "", refused.status, refused.description))
            await self._notify()
            return self._refusal(refused)

    @staticmethod
    def _named(method: str) -> str | None:
        return next((known for known in METHODS if known.lower() == method.lower()), None)

    @staticmethod
    async def _given(request: web.Request) -> dict[str, Any]:
        if request.content_type == "application/json":
            given = await request.json()
            return dict(given)
        if request.method not in {"GET", "POST"}:
            raise Refused(405, "Method Not Allowed")
        given = dict(request.query)
        attached: dict[str, tuple[str, bytes]] = {}
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                attached[name] = (value.filename, value.file.read())
            else:
                given[name] = str(value)
        for name, value in list(given.items()):
            if isinstance(value, str) and value.startswith("attach://") and (file := attached.pop(value.removeprefix("attach://"), None)):
                given[name] = file
        return given | attached

    @staticmethod
    def _refusal(refused: Refused) -> web.Response:
        body: dict[str, Any] = {"ok": False, "error_code": refused.status, "description": refused.description}
        if refused.parameters:
            body["parameters"] = refused.parameters
        return web.json_response(body, status=refused.status)

    async def _misbehave(self, request: web.Request, fault: Fault, result: Any = None) -> web.StreamResponse:
        if fault.kind == "status":
            more = {"migrate_to_chat_id": fault.migrate_to} if fault.migrate_to else {}
            return self._refusal(Refused(fault.status, fault.description, **more))
        if fault.kind == "flood":
            return self._refusal(Refused(429, f"Too Many Requests: retry after {fault.retry_after}", retry_after=fault.retry_after))
        if fault.kind == "html":
            page = "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"
            return web.Response(status=fault.status, text=page, content_type="text/html")
        if fault.kind in {"reset", "reset_after"}:
            if request.transport:
                request.transport.abort()
            return web.Response()
        if fault.kind in {"hang", "hang_after"}:
            await self._closing.wait()
            return web.Response(status=503)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionResetError):
            for byte in json.dumps({"ok": True, "result": result}).encode():
                await response.write(bytes([byte]))
        return response

    def _getMe(self, _values: dict[str, Any]) -> dict[str, Any]:
        return self.bot

    def _date(self) -> int:
        return int(self._now())

    def _new_message(self, chat: Chat, **values: Any) -> Seen:
        number = self._next_message[chat.id]
        self._next_message[chat.id] += 1
        message = Seen(number, chat, self._date(), **values)
        chat.messages.append(message)
        return message
