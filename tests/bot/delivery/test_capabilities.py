"""A new chat service needs no change outside its own class: the others ask its capabilities."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.delivery.outbox import Outbox
from bot.delivery.rate_limit import NONE
from bot.digest.schedule import send_due
from bot.message import Capabilities, Message, NotSent, Sent
from bot.render.markup import utf16_length
from bot.store import Store, StoreThread
from bot.store.chats import ChatSettings, add_chat
from tests.support.clock import FakeClock
from tests.support.news import SEEDS, investment, publish
from watchers.models.item import Item

CHAT = "board:7"
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 08:00 in Hanoi
DAY = timedelta(days=1)


class NoticeBoard:
    """A made-up chat service: short messages that can be changed, without buttons and pictures."""

    kind = "board"
    capabilities = Capabilities(has_buttons=False, shows_pictures=False, max_units=300, rate_limits=NONE)

    def __init__(self) -> None:
        self.notes: dict[str, Message] = {}
        self.edited: list[str] = []

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    async def send(self, message: Message) -> Sent | NotSent:
        note_id = message.edit or f"n{len(self.notes)}"
        if message.edit:
            self.edited.append(message.edit)
        self.notes[note_id] = message
        return Sent(note_id)


class Office:
    """A database, a notice board, and an outbox between them."""

    def __init__(self, path: Path) -> None:
        self.board, self.clock = NoticeBoard(), FakeClock(MORNING)
        self.thread = StoreThread(path)
        self.thread.start()
        self.outbox = Outbox(self.thread, {"board": self.board}, self.clock, settings=ChatSettings())

    async def publish(self, source: str, **values: Any) -> int:
        title = "Nvidia invests in Hanoi"
        item = Item("f", f"https://{source}.example/1", title=title, text=f"{title}.", source=source, published=self.clock.now())

        def write(store: Store) -> int:
            capabilities = {"board": self.board.capabilities}
            return publish(store, item, self.clock.now(), events=[investment("nvidia", item)], capabilities=capabilities, **values)

        return await self.thread.write(write)

    async def deliver(self) -> list[Message]:
        await send_due(self.thread, SEEDS, Config(), self.clock, {"board": self.board.capabilities})
        await self.outbox.deliver_due()
        return list(self.board.notes.values())


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    office = Office(tmp_path / "office.db")
    await office.thread.write(add_chat, CHAT)
    await office.deliver()
    yield office
    office.thread.close()


async def test_a_service_without_buttons_gets_alerts_without_them_and_edits(office: Office) -> None:
    story = await office.publish("Reuters")
    assert [message.buttons for message in await office.deliver()] == [()]
    office.clock.advance(120)
    await office.publish("AFP", story=story)
    office.clock.advance(120)
    notes = await office.deliver()
    assert office.board.edited == ["n0"]
    assert "AFP" in notes[0].plain
    assert notes[0].buttons == ()


async def test_a_digest_keeps_to_the_length_of_the_service_and_has_no_picture(office: Office) -> None:
    for number in range(8):
        await office.publish(f"Paper{number}")
    office.clock.advance(DAY.total_seconds())
    digest = [message for message in await office.deliver() if message.chat == CHAT][8:]
    assert "".join(message.plain for message in digest).count("Nvidia invests in Hanoi") == 8
    texts = [unescape(re.sub("<[^>]+>", "", message.html)) for message in digest]
    assert max(utf16_length(text) for text in texts) <= NoticeBoard.capabilities.max_units
    assert len(digest) > 1
    assert not any(message.photo for message in digest)
