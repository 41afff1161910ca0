"""Defines ReplayingWatcher and replay: recorded items go through the whole bot, poll after poll, on a clock that tests hold."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.app import App, Overrides
from bot.config import Config
from bot.digest.schedule import send_due
from bot.message import Message
from bot.wiring import HttpStack
from seeds.feeds import Feed
from tests.support.bot_app import packaged_matcher, packaged_seeds
from tests.support.clock import FakeClock
from tests.support.scripted_chat import ScriptedChat
from watchers.models.item import Item
from watchers.models.polling import FeedState, PollResult
from watchers.state.identity import identities

CHAT = "telegram:1"
LISTED = timedelta(days=1)
"""How long a feed lists an item."""


class ReplayingWatcher:
    """A Watcher whose feeds list what had come by `now`: items by the moment when they were first seen."""

    def __init__(self, items: Sequence[tuple[datetime, Item]]) -> None:
        self._items = items

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """See Watcher."""
        listed = tuple(item for seen, item in self._items if item.feed == feed.url and now - LISTED < seen <= now)
        return PollResult("items", listed, identities(listed))


class _NoPages:
    async def text_behind(self, item: Item) -> str | None:
        return None


@dataclass
class Told:
    """What the chat got, in order, with the time on the bot's clock."""

    messages: list[tuple[datetime, Message]]

    @property
    def alerts(self) -> list[Message]:
        """Messages that rang: no edits, no digests."""
        return [
            message
            for _, message in self.messages
            if message.edit is None and "Digest, " not in message.plain and message.photo is None and message.buttons
        ]

    @property
    def digests(self) -> list[Message]:
        """The parts of digests."""
        return [message for _, message in self.messages if message.edit is None and not message.buttons and message.reply_to is None]


async def replay(folder: Path, items: Sequence[tuple[datetime, Item]], times: Sequence[datetime]) -> Told:
    """The bot polls at `times` and sends what is due, digests every half hour at least; one Telegram chat, packaged rules."""
    clock = FakeClock(times[0])
    chat = ScriptedChat("telegram", time=lambda: clock.now().timestamp())
    feeds = tuple(Feed(url=url) for url in dict.fromkeys(item.feed for _, item in items))
    telegram = {"telegram": {"allowed_chats": [1]}}
    config = Config.model_validate({"chat": telegram, "digest": {"chart": False}, "poll": {"full_text": "never"}})
    given = Overrides(
        clock=clock,
        seeds=replace(packaged_seeds(), feeds=feeds),
        documents=tuple,
        services={"telegram": chat},
        web=HttpStack({"feed": ReplayingWatcher(items)}, _NoPages()),
        matcher=packaged_matcher(),
        on_report=lambda report: None,
    )
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(App(config, folder / "replay.db", None, given))
        for time in times:
            while clock.now() < time:
                clock.advance(min(1800.0, (time - clock.now()).total_seconds()))
                await send_due(app.store, app.seeds, app.config, clock, app.capabilities)
                await app.outbox.deliver_due()
            clock.set(max(time, clock.now()))
            await app.poll_once(include_not_due=True)
    return Told([(datetime.fromtimestamp(at, times[0].tzinfo), message) for at, message in chat.arrived])
