"""Many chats at once, through the real library to a server that keeps Telegram's limits: no refusal, and as fast as they allow."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.delivery.outbox import Outbox
from bot.message import Message, RateLimits
from bot.store import Store, deliveries
from bot.store.deliveries import NewDelivery
from tests.support.bot_api import BotApiServer, Chat
from tests.support.chat_bot import open_chat_bot
from tests.support.clock import FakeClock


class PatientClock(FakeClock):
    """Time passes only while nothing is on its way: else a second of waiting would be over before a request has left."""

    outbox: Outbox

    async def sleep(self, seconds: float) -> None:
        while self.outbox._sending:
            await asyncio.sleep(0)
        await super().sleep(seconds)


@pytest.mark.parametrize(
    ("chats", "groups", "stories"), [(80, 3, 3), pytest.param(1000, 0, 3, marks=pytest.mark.full)], ids=["sampled", "thousand"]
)
async def test_delivery_keeps_the_limits_and_is_as_fast_as_they_allow(tmp_path: Path, chats: int, groups: int, stories: int) -> None:
    clock = PatientClock()
    server = BotApiServer(monotonic=clock.monotonic)
    async with server, open_chat_bot(tmp_path, server=server, clock=clock, limits=RateLimits()) as bot:
        clock.outbox = bot.outbox
        everybody: list[Chat] = [server.private(f"P{number}") for number in range(chats)]
        everybody += [server.group(f"G{number}") for number in range(groups)]

        def write(store: Store) -> None:
            for story in range(stories):
                for chat in everybody:
                    message = Message(f"telegram:{chat.id}", f"<b>Story {story}</b>", f"Story {story}")
                    new = NewDelivery(message.chat, "alert", f"alert:{story}", message, clock.now(), story=story)
                    deliveries.add(store, new, clock.now())

        await bot.thread.write(write)
        start = clock.monotonic()
        await bot.outbox.deliver_due()
        took = clock.monotonic() - start
        assert server.refusals == []
        assert all([one.text for one in chat.from_bot] == [f"Story {story}" for story in range(stories)] for chat in everybody)
        least = len(everybody) * stories / 30
        assert least <= took <= 1.05 * least, (took, least)
