"""Defines Updates: receives what people do in chats and has it answered, in the order of each chat, once, whatever stops in between.

    get ─► keep (one transaction) ─► ask from the next one on ─► a lane for each chat ─► serve ─► answers, effect, "handled" together

It decides nothing about commands: table.py names them, desk.py says who may.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.commands import table
from bot.commands.desk import Desk, admit
from bot.commands.incoming import Incoming, read_update
from bot.commands.serving import Serving
from bot.commands.webhook import Webhook
from bot.deliver.telegram import UpdatesError
from bot.listener import Listener
from bot.store import Store, updates
from bot.store.secrets import button_secret

log = structlog.get_logger(__name__)

POLL = 50.0
"""Seconds that Telegram may keep a question open (getUpdates takes up to 50)."""
LANE = 20
"""Commands that may wait in one chat; what is over it is told so once and left."""
KEEP_HANDLED = timedelta(days=8)


class Updates:
    """Hears and answers. `wake` is called when an answer was written for the outbox."""

    def __init__(self, desk: Desk, *, wake: Callable[[], None], poll: float = POLL, listener: Listener | None = None) -> None:
        """`listener`: where Telegram brings updates when the configuration names a webhook."""
        self._listener = listener
        self._desk = desk
        self._serving = Serving(desk, wake)
        self._poll = poll
        self._lanes: dict[str, deque[Incoming]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._scolded: set[str] = set()
        self._offset: int | None = None
        self._asking = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Before `run`: the secret of the keys, and what a former run left unanswered."""
        desk = self._desk
        desk.secret = await desk.thread.write(button_secret)
        await desk.thread.write(updates.forget_before, desk.clock.now() - KEEP_HANDLED)
        self._offset = await desk.thread.read(updates.next_offset, desk.clock.now())
        for kept in await desk.thread.read(updates.waiting):
            self._line_up(read_update(kept.body), kept.id)

    async def publish(self) -> None:
        """The list that apps show after "/", in both languages; and commands that import much are imported before they are asked."""
        await self._desk.telegram.set_commands(table.menus())
        await asyncio.to_thread(table.warm_up)

    async def run(self) -> None:
        """Receives updates until cancelled: by asking, or at the webhook that the configuration names."""
        pause = 1.0
        hooked = self._listener if self._desk.config.chat.telegram.webhook else None
        webhook = Webhook(self._desk, self.take, hooked) if hooked is not None else None
        try:
            while True:
                try:
                    if webhook is not None:
                        await webhook.run()
                    elif not self._asking:
                        await self._desk.telegram.set_webhook("", "")
                        self._asking = True
                    await self.once(self._poll)
                    pause = 1.0
                except UpdatesError as error:
                    wait = error.wait or pause
                    log.warning("no updates", error=str(error), again_in=wait)
                    await self._desk.clock.sleep(wait)
                    pause = min(60.0, pause * 2)
        finally:
            await self.stop()

    async def once(self, wait: float = 0.0) -> int:
        """Asks once, for at most `wait` seconds; how many updates came. Raises UpdatesError."""
        found = await self._desk.telegram.updates(self._offset, wait)
        await self.take(found)
        return len(found)

    async def take(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Keeps these updates (Telegram's JSON) and lines them up; once this returns, Telegram may forget them."""
        read = [(body, read_update(body)) for body in bodies]
        kept = [(incoming.chat, body) for body, incoming in read if incoming is not None and await self._concerns(incoming)]
        known = {body["update_id"] for _, body in kept}
        new = await self._desk.thread.write(_keep_new, kept, self._desk.clock.now())
        for body, incoming in read:
            if body["update_id"] in known and body["update_id"] in new:
                self._line_up(incoming, body["update_id"])
        if bodies:
            self._offset = max(int(body["update_id"]) for body in bodies) + 1

    async def _concerns(self, incoming: Incoming) -> bool:
        """Strangers are not even written down, unless they may hold a code."""
        if incoming.kind == "message" and (incoming.command("") or ("", ""))[0] == "start":
            return True
        return await self._desk.thread.read(admit, incoming, self._desk) is not None

    async def settled(self) -> None:
        """Waits until everything that was received is answered (for tests and a clean stop)."""
        await self._idle.wait()

    async def stop(self) -> None:
        """Drops what is in the middle: it stands in the database and is answered after the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- lanes --------------------------------------------------------------------------------------------------------------------------

    def _line_up(self, incoming: Incoming | None, update: int) -> None:
        if incoming is None:
            incoming = Incoming(update, "message", "", "", "")  # unreadable: served as nothing, so that it is marked as handled
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
                    await self._serving.leave(incoming, told=chat in self._scolded, most=LANE)
                    self._scolded.add(chat)
                    continue
                await self._serving.serve(incoming)
                served += 1
        finally:
            del self._lanes[chat]
            self._scolded.discard(chat)


def _keep_new(store: Store, kept: Sequence[tuple[str, Mapping[str, Any]]], now: datetime) -> set[int]:
    """The ids of those that were not there before."""
    return {body["update_id"] for chat, body in kept if updates.keep(store, [(chat, body)], now)}
