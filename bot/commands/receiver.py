"""Defines UpdateReceiver, which receives updates and has each answered once, in the order of each chat, across restarts.

    get ─► store ─► confirm to Telegram ─► a queue for each chat ─► dispatch ─► response, effect, "handled" together

An update that cannot be read or stored is skipped and logged. While the database cannot be written (a full disk), nothing is skipped:
Telegram keeps what was not stored here, and stored updates wait in their queue. It makes no decisions about commands: `registry` names
them, `context` authorises.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from bot.commands import registry
from bot.commands.context import Services, admit
from bot.commands.dispatcher import Dispatcher
from bot.commands.update import IncomingUpdate, read_update, update_id, well_formed
from bot.commands.webhook import Webhook
from bot.delivery.telegram import TokenRefusedError, UpdatesError
from bot.http_server import CallbackServer
from bot.log import redact
from bot.store import StoreError, updates
from bot.store.secrets import button_secret
from bot.store.store import explain, is_passing

log = structlog.get_logger(__name__)

POLL = 50.0
"""Seconds that Telegram may hold a request open (getUpdates allows up to 50)."""
LANE = 20
"""Maximum commands that wait in one chat; more are dropped, which the chat is told once."""
FIRST_PAUSE = 5.0
LONGEST_PAUSE = 60.0
"""Maximum seconds between two attempts after failures."""


class UpdateReceiver:
    """Receives and answers updates. `wake` is called when a response was written for the outbox."""

    def __init__(self, services: Services, *, wake: Callable[[], None], poll: float = POLL, listener: CallbackServer | None = None) -> None:
        """`listener`: where Telegram brings updates when the configuration names a webhook."""
        self._listener = listener
        self._services = services
        self._serving = Dispatcher(services, wake)
        self._poll = poll
        self._lanes: dict[str, deque[IncomingUpdate]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._scolded: set[str] = set()
        self._offset: int | None = None
        self._asking = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Before `run`: the secret of the keys, and what a former run left unanswered."""
        services = self._services
        services.secret = await services.thread.write(button_secret)
        self._offset = await services.thread.read(updates.next_offset, services.clock.now())
        for kept in await services.thread.read(updates.waiting):
            # What this version cannot read is served as nothing, so that it is marked as handled.
            self._line_up(read_update(kept.body) or IncomingUpdate(kept.id, "message", "", "", ""))

    async def publish(self) -> None:
        """The list that apps show after "/", in both languages; and commands that import much are imported before they are asked.

        Goes on until Telegram has the list and has said the bot's own name, which commands in groups and links need.
        """
        telegram, pause, published = self._services.telegram, FIRST_PAUSE, False
        await asyncio.to_thread(registry.warm_up)
        while True:
            published = published or await telegram.set_commands(registry.menus())
            try:
                await telegram.start()
            except TokenRefusedError as error:
                log.error("telegram", error=str(error))
            if published and telegram.username:
                return
            await self._services.clock.sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 2)

    async def run(self) -> None:
        """Receives updates until cancelled, by polling or at the configured webhook."""
        pause = 1.0
        hooked = self._listener if self._services.config.chat.telegram.webhook else None
        webhook = Webhook(self._services, self.take, hooked) if hooked is not None else None
        try:
            while True:
                try:
                    if webhook is not None:
                        await webhook.run()
                    elif not self._asking:
                        await self._services.telegram.set_webhook("", "")
                        self._asking = True
                    await self.poll_once(self._poll)
                    pause = 1.0
                except Exception as error:  # whatever it is: the bot lives on, and what was not kept comes again
                    wait = (error.wait if isinstance(error, UpdatesError) else None) or pause
                    log.warning("no updates", error=_said(error), again_in=wait)
                    await self._services.clock.sleep(wait)
                    pause = min(LONGEST_PAUSE, pause * 2)
        finally:
            await self.stop()

    async def poll_once(self, wait: float = 0.0) -> int:
        """Requests updates once, waiting at most `wait` seconds; returns their number. Raises UpdatesError, and the database's exceptions.
        """
        found = await self._services.telegram.updates(self._offset, wait)
        before = self._offset
        await self.take(found)
        if found and self._offset == before:
            raise UpdatesError("updates without a number")
        return len(found)

    async def take(self, bodies: Sequence[Any]) -> None:
        """Stores these updates (Telegram's JSON) and queues them; afterwards Telegram may forget them.

        An update that cannot be read or stored is skipped. Raises the database's exception while it cannot be written: then Telegram must
        send that update and the following ones again.
        """
        new: list[IncomingUpdate] = []
        try:
            for body in bodies:
                number = update_id(body)
                if number is None:
                    log.error("update passed over", error="it has no number")
                    continue
                try:
                    new += await self._keep(body)
                except Exception as error:
                    if is_passing(error):
                        raise
                    log.error("update passed over", update=number, error=_said(error))
                self._offset = number + 1
        finally:
            for incoming in new:
                self._line_up(incoming)

    async def _keep(self, body: Mapping[str, Any]) -> Sequence[IncomingUpdate]:
        """Returns the update after it is stored; nothing if it is irrelevant or was stored before."""
        body = well_formed(body)
        incoming = read_update(body)
        if incoming is None or not await self._concerns(incoming):
            return ()
        new = await self._services.thread.write(updates.keep, [(incoming.chat, body)], self._services.clock.now())
        return (incoming,) if new else ()

    async def _concerns(self, incoming: IncomingUpdate) -> bool:
        """Strangers' updates are not stored, unless they may contain a pairing code."""
        if incoming.kind == "message" and (incoming.command("") or ("", ""))[0] == "start":
            return True
        return await self._services.thread.read(admit, incoming, self._services) is not None

    async def settled(self) -> None:
        """Waits until everything that was received is answered (for tests and a clean stop)."""
        await self._idle.wait()

    async def stop(self) -> None:
        """Cancels running work: it is stored and answered after the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- lanes --------------------------------------------------------------------------------------------------------------------------

    def _line_up(self, incoming: IncomingUpdate) -> None:
        lane = self._lanes.get(incoming.chat)
        self._idle.clear()
        if lane is not None:
            lane.append(incoming)
            return
        self._lanes[incoming.chat] = deque([incoming])
        task = asyncio.create_task(self._work(incoming.chat), name=f"commands {incoming.chat}")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not self._tasks:
            self._idle.set()

    async def _work(self, chat: str) -> None:
        lane = self._lanes[chat]
        served = 0
        try:
            while lane:
                incoming = lane.popleft()
                if served >= LANE and len(lane) and incoming.kind == "message":
                    await self._patiently(incoming, self._leave)
                    continue
                await self._patiently(incoming, self._serving.dispatch)
                served += 1
        finally:
            del self._lanes[chat]
            self._scolded.discard(chat)

    async def _leave(self, incoming: IncomingUpdate, _again: bool) -> None:
        await self._serving.drop_excess(incoming, told=incoming.chat in self._scolded, most=LANE)
        self._scolded.add(incoming.chat)

    async def _patiently(self, incoming: IncomingUpdate, serve: Callable[[IncomingUpdate, bool], Awaitable[None]]) -> None:
        """Repeats `serve` until the database can be written; its second argument says whether it was tried before."""
        pause, again = 1.0, False
        while True:
            try:
                return await serve(incoming, again)
            except Exception as error:
                if not is_passing(error):
                    log.error("update not answered", chat=incoming.chat, update=incoming.update, error=_said(error))
                    return None
                log.warning("commands wait", chat=incoming.chat, error=_said(error), again_in=pause)
            await self._services.clock.sleep(pause)
            pause, again = min(LONGEST_PAUSE, pause * 2), True


def _said(error: Exception) -> str:
    """One line for the log."""
    if isinstance(error, UpdatesError | StoreError):
        return str(error)
    return redact(explain(error) if isinstance(error, sqlite3.Error) else f"{type(error).__name__}: {error}")
