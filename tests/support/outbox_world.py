"""Defines World: a database, a chat service that a test scripts, and an outbox between them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.delivery.outbox import Outbox
from bot.delivery.rate_limit import NONE
from bot.message import Message, RateLimits
from bot.store import StoreThread, deliveries
from bot.store.chats import ChatSettings, add_chat, change_settings
from bot.store.deliveries import NewDelivery
from tests.support.clock import FakeClock
from tests.support.scripted_chat import ScriptedChat

AN = "telegram:100"
TEAM = "telegram:-200"
BOSS = "telegram:1"


class World:
    """One outbox on one file, which a test may start again."""

    def __init__(self, path: Path, limits: RateLimits = NONE) -> None:
        self.path, self.clock, self.limits = path, FakeClock(), limits
        self.chat = ScriptedChat(time=self.clock.monotonic)
        self.thread = StoreThread(path)
        self.thread.start()
        self.outbox = Outbox(self.thread, {"telegram": self.chat}, self.clock, settings=ChatSettings(), limits={"telegram": limits})

    async def restart(self) -> None:
        """The process is gone and starts again on the same file."""
        self.thread.close()
        self.thread = StoreThread(self.path)
        self.thread.start()
        self.outbox = Outbox(self.thread, {"telegram": self.chat}, self.clock, settings=ChatSettings(), limits={"telegram": self.limits})
        await self.outbox.start()

    async def add(self, chat: str, text: str, *, kind: deliveries.Kind = "alert", key: str = "", **more: object) -> None:
        message = Message(chat, text, text)
        new = NewDelivery(chat, kind, key or f"{kind}:{text}", message, self.clock.now(), **more)  # type: ignore[arg-type]
        await self.thread.write(deliveries.add, new, self.clock.now())

    async def rows(self, columns: str = "state") -> list[object]:
        sql = f"SELECT {columns} FROM deliveries ORDER BY id"
        found = await self.thread.read(lambda store: [tuple(row) for row in store.conn.execute(sql)])
        return [row[0] if len(row) == 1 else row for row in found]

    async def deliver_for(self, time: timedelta) -> None:
        """The loop runs until that much time has passed."""
        until = self.clock.now() + time
        while self.clock.now() < until:
            await self.outbox.deliver_due()
            self.clock.advance(5)


@asynccontextmanager
async def outbox_world(folder: Path) -> AsyncIterator[World]:
    """A world of three chats: a person, a group, and an admin."""
    world = World(folder / "outbox.db")
    for chat in (AN, TEAM, BOSS):
        await world.thread.write(add_chat, chat)
    await world.thread.write(change_settings, BOSS, {"role": "admin"})
    yield world
    world.thread.close()
