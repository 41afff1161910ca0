"""Defines open_chat_bot: the real bot's chat side (updates, commands, outbox, Telegram service) against the strict Bot API server.

Nothing runs by itself: `ChatBot.answers` takes what people did, has it answered and delivered, and gives what the chat then saw.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.alerts.plan import plan_deliveries
from bot.clock import Clock
from bot.commands.context import Services
from bot.commands.pairing import create_code, pair_chat, subscribe_allowed
from bot.commands.receiver import UpdateReceiver
from bot.config import Config
from bot.delivery.outbox import Outbox
from bot.delivery.rate_limit import NONE
from bot.delivery.telegram import TelegramChat
from bot.message import RateLimits
from bot.polling.ingest import IncomingItem, WriteResult, write_arrivals
from bot.polling.live_stories import LiveStories
from bot.store import Store, StoreThread
from bot.store.items import MatchedItem
from bot.store.search import fill
from seeds.load import Seeds, load_seeds
from tests.support.bot_api import BotApiServer, Chat, Press, Seen, User
from tests.support.bot_app import packaged_matcher, packaged_seeds
from tests.support.clock import RunningClock
from watchers.match.matcher import Matcher
from watchers.models.item import Item
from watchers.state.identity import identity_keys
from watchers.stories.developments import Development


@dataclass
class ChatBot:
    """The chat side of a bot, and the server that it talks to."""

    server: BotApiServer
    services: Services
    updates: UpdateReceiver
    outbox: Outbox
    stories: LiveStories
    matcher: Matcher

    @property
    def thread(self) -> StoreThread:
        """The database."""
        return self.services.thread

    async def settle(self) -> None:
        """Everything that people did is answered and delivered."""
        while await self.updates.poll_once():
            await self.updates.settled()
        await self.updates.settled()
        await self.outbox.deliver_due()

    async def paired(self, name: str = "An", *, admin: bool = True, language: str = "en") -> Chat:
        """A private chat that is in."""
        chat = self.server.private(name, language=language)
        await self.admit(chat, admin=admin, language=language)
        return chat

    async def admit(self, chat: Chat, *, admin: bool = False, language: str = "en", thread: int | None = None) -> None:
        """Lets a chat in, as its code would."""
        name = f"telegram:{chat.id}" + (f"/{thread}" if thread else "")
        await self.thread.write(pair_chat, name, role="admin" if admin else "reader", title=chat.title, language=language)

    async def answers(self, chat: Chat, text: str, user: User | None = None, **how: Any) -> list[Seen]:
        """Somebody writes; the bot's new messages in that chat."""
        before = len(chat.from_bot)
        await self.server.say(chat, text, user, **how)
        await self.settle()
        return chat.from_bot[before:]

    async def answer(self, chat: Chat, text: str, user: User | None = None, **how: Any) -> Seen:
        """The same where one message is expected."""
        found = await self.answers(chat, text, user, **how)
        assert len(found) == 1, [one.text for one in found]
        return found[0]

    async def press(self, message: Seen, label: str, user: User | None = None) -> Press:
        """Somebody presses a key, and the bot answers."""
        press = await self.server.press(message, label, user)
        await self.settle()
        assert press.answered
        return press

    async def plant(self, *items: Item, origin: str = "poll") -> WriteResult:
        """News arrives: matched, stored, told. Of an archive (`origin` "backfill") nothing is told."""
        now = self.services.clock.now()
        arrivals = [IncomingItem(MatchedItem(one, identity_keys(one), self.matcher.match(one))) for one in items]

        def told(store: Store, *, story: int, item: int, developments: tuple[Development, ...], baseline: bool, now: Any) -> object:
            return plan_deliveries(
                store, story=story, item=item, now=now, seeds=self.services.seeds, config=self.services.config, developments=developments
            )

        written = await self.thread.write(
            write_arrivals,
            arrivals,
            feed=None,
            now=now,
            stories=self.stories,
            plan_deliveries=told if origin == "poll" else None,
            origin=origin,
        )
        self.stories.mark_committed()
        while await self.thread.write(fill):
            pass
        await self.outbox.deliver_due()
        return written

    async def code(self) -> str:
        """A code as `run` prints it."""
        return await self.thread.write(create_code, "admin", self.services.clock.now())


@asynccontextmanager
async def open_chat_bot(
    folder: Path,
    *,
    server: BotApiServer | None = None,
    clock: Clock | None = None,
    seeds: Seeds | None = None,
    limits: RateLimits = NONE,
    telegram: dict[str, object] | None = None,
) -> AsyncIterator[ChatBot]:
    """The bot's chat side on a database in `folder`, with its seeds folder beside it. Flood limits are off unless handed in."""
    own = server or BotApiServer(monotonic=None)
    if server is None:
        await own.open()
    time = clock or RunningClock()
    config = Config.model_validate(
        {"seeds": {"path": str(folder / "seeds")}, "chat": {"telegram": {"base_url": own.base_url} | (telegram or {})}}
    )
    (folder / "seeds").mkdir(exist_ok=True)
    thread = StoreThread(folder / "chat.db")
    thread.start()
    service = TelegramChat(SecretStr(own.token), own.base_url, timeout=2.0)
    await service.start()
    bot: ChatBot

    async def reload() -> Seeds:
        fresh = replace(load_seeds(folder / "seeds", packaged_feeds=False), feeds=bot.services.seeds.feeds)
        bot.matcher = Matcher(fresh)
        return fresh

    services = Services(config, seeds or packaged_seeds(), thread, time, service, reload)
    await thread.write(subscribe_allowed, services.defaults, config)
    outbox = Outbox(thread, {"telegram": service}, time, settings=services.defaults, limits={"telegram": limits})
    updates = UpdateReceiver(services, wake=outbox.wake)
    await updates.start()
    await outbox.start()
    bot = ChatBot(own, services, updates, outbox, LiveStories(timedelta(hours=72)), packaged_matcher())
    try:
        yield bot
    finally:
        await updates.stop()
        await service.stop()
        thread.close()
        if server is None:
            await own.close()


def news(title: str, text: str = "", *, url: str = "", source: str = "Reuters", **more: Any) -> Item:
    """An item as a feed gives it."""
    address = url or f"https://news.example/{abs(hash((title, text, source)))}"
    return Item("https://feed.example/rss", url=address, guid=address, title=title, text=text, source=source, lang="en", **more)


DEAL = "Nvidia has agreed to buy VinBrain, the health technology company of Vingroup, for 200 million dollars, the companies said in Hanoi."


def deal(**more: Any) -> Item:
    """News that the packaged rules alert about."""
    return news("Nvidia buys VinBrain from Vingroup", DEAL, **more)


__all__: Sequence[str] = ["DEAL", "ChatBot", "deal", "news", "open_chat_bot"]
