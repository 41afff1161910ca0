"""Stories on their way to Telegram, through the real outbox and service, to the strict Bot API server: whatever fails, each arrives."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zlib import crc32

import pytest
from pydantic import SecretStr

from bot.config import Config
from bot.delivery.outbox import Outbox
from bot.delivery.telegram import TelegramChat
from bot.digest import schedule as digests
from bot.store import Store, StoreThread
from bot.store.chats import ChatSettings, add_chat, change_settings
from tests.bot.render.test_story import HOSTILE
from tests.support.bot_api import BAD_GATEWAY, RESET, RESET_AFTER, SERVER_ERROR, BotApiServer, Chat, Fault
from tests.support.clock import FakeClock
from tests.support.news import SEEDS, investment, publish
from watchers.match.result import Hit, Reason
from watchers.models.item import Item
from watchers.stories.developments import Development

STEP = timedelta(seconds=30)
HITS = (Hit("deals", 0.8, "alert", (Reason("title.subject", {"text": "Nvidia"}),)),)


@dataclass
class Post:
    """A database, an outbox and Telegram."""

    path: Path
    server: BotApiServer
    clock: FakeClock
    thread: StoreThread
    outbox: Outbox
    service: TelegramChat

    def item(self, title: str, source: str = "Reuters", text: str = "") -> Item:
        url = f"https://{source.lower()}.example/{crc32(title.encode())}"
        body = text or f"{title}, said the company. More follows."
        return Item("f", url, title=title, text=body, source=source, published=self.clock.now())

    async def publish(
        self, title: str, source: str = "Reuters", *, text: str = "", story: int | None = None, news: tuple[Development, ...] = ()
    ) -> int:
        item = self.item(title, source, text)
        events = [investment("nvidia", item, amount=2e8, place="Hanoi", status="done" if news else "planned")]
        now = self.clock.now()
        return await self.thread.write(lambda store: publish(store, item, now, hits=HITS, events=events, story=story, developments=news))

    async def pass_by(self, time: timedelta) -> None:
        """The outbox works until that much time is over."""
        until = self.clock.now() + time
        while self.clock.now() < until:
            await self.outbox.deliver_due()
            self.clock.advance(STEP.total_seconds())


@asynccontextmanager
async def open_post(path: Path) -> AsyncIterator[Post]:
    clock = FakeClock()
    async with BotApiServer(monotonic=clock.monotonic, now=lambda: clock.now().timestamp()) as server:
        service = TelegramChat(SecretStr(server.token), server.base_url, timeout=2.0, connect_timeout=2.0)
        await service.start()
        thread = StoreThread(path)
        thread.start()
        outbox = Outbox(thread, {"telegram": service}, clock, settings=ChatSettings())
        yield Post(path, server, clock, thread, outbox, service)
        thread.close()
        await service.stop()


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    async with open_post(tmp_path / "post.db") as post:
        yield post


async def subscribe(post: Post, chat: Chat, **settings: object) -> str:
    name = f"telegram:{chat.id}"
    await post.thread.write(lambda store: add_chat(store, name, settings=settings))
    return name


async def test_a_story_is_one_message_that_grows_and_one_answer_when_there_is_news(post: Post) -> None:
    an = post.server.private("An")
    await subscribe(post, an)
    story = await post.publish("Nvidia to invest in Hanoi")
    await post.outbox.deliver_due()
    await post.publish("Nvidia invests in Hanoi, papers say", "AFP", story=story)
    await post.outbox.deliver_due()
    await post.publish("Nvidia has invested", "AP", story=story, news=(Development("investment", "confirmed"),))
    post.clock.advance(60)
    await post.outbox.deliver_due()
    first, answer = an.messages
    assert first.text.startswith("Nvidia has invested\n"), "a plan that was carried out is headed by whoever says so"
    assert "3 sources" in first.text
    assert len(first.versions) == 2
    assert first.keyboard
    assert answer.text.startswith("Update: Investment: planned before, done now\n")
    assert answer.reply_to == first.id
    assert post.server.refusals == []


@pytest.mark.parametrize("language", ["en", "vi"])
async def test_hostile_feeds_reach_a_chat_as_plain_words(post: Post, language: str) -> None:
    an = post.server.private("An")
    await subscribe(post, an, language=language)
    for words in HOSTILE:
        await post.publish(f"Nvidia {words}", words or "x", text=f"Nvidia {words}")
    await post.pass_by(timedelta(minutes=1))
    assert len(an.messages) == len(HOSTILE)
    assert post.server.refusals == []
    kinds = {entity.type for message in an.messages for entity in message.entities}
    assert kinds <= {"bold", "italic", "text_link"}
    assert not any("tg://" in message.text or "t.me/" in message.text or "\u202e" in message.text for message in an.messages)


async def test_a_long_digest_arrives_in_parts_that_telegram_takes(post: Post) -> None:
    an = post.server.private("An")
    await subscribe(post, an, severity="digest")
    await post.thread.write(lambda store: digests.due_digests(store, SEEDS, Config(), post.clock.now()))
    for number in range(12):
        await post.publish(f"Nvidia story {number} " + "with a long & winding <title> " * 4, text="Nvidia says: 😀 " + "many words " * 60)
    post.clock.advance(86_400)
    await digests.send_due(post.thread, SEEDS, Config(), post.clock)
    await post.pass_by(timedelta(minutes=1))
    assert post.server.refusals == []
    parts = [message for message in an.messages if message.photo is None]
    assert len(parts) > 1
    assert [message.text[-5:] for message in parts] == [f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)]
    assert sum(message.text.count("Nvidia story") for message in parts) >= 12
    assert an.messages[-1].photo is not None


async def test_a_server_that_is_down_for_an_hour_costs_nothing_but_the_hour(post: Post) -> None:
    an = post.server.private("An")
    await subscribe(post, an)
    await post.server.close()
    for number in range(3):
        await post.publish(f"Nvidia {number}")
    await post.pass_by(timedelta(hours=1))
    await post.server.open()
    await post.pass_by(timedelta(minutes=10))
    assert [message.text[:8] for message in an.messages] == ["Nvidia 0", "Nvidia 1", "Nvidia 2"]


async def test_a_kicked_bot_stops_writing_and_an_admin_hears_of_it_once(post: Post) -> None:
    team, boss = post.server.group("Team"), post.server.private("Boss")
    await subscribe(post, team)
    name = await subscribe(post, boss)
    await post.thread.write(lambda store: change_settings(store, name, {"role": "admin", "send": []}))
    post.server.fail("sendMessage", Fault.answer(403, "Forbidden: bot was kicked from the group chat"))
    for number in range(3):
        await post.publish(f"Nvidia {number}")
    await post.pass_by(timedelta(minutes=5))
    assert team.messages == []
    assert len(boss.messages) == 1
    assert "kicked from the group chat" in boss.messages[0].text


async def test_a_group_that_moves_is_followed(post: Post) -> None:
    team = post.server.group("Team")
    new = post.server.group("Team", kind="supergroup")
    await subscribe(post, team)
    moved = Fault("status", 400, description="Bad Request: group chat was upgraded to a supergroup chat", migrate_to=new.id)
    post.server.fail("sendMessage", moved)
    for number in range(2):
        await post.publish(f"Nvidia {number}")
    await post.pass_by(timedelta(minutes=5))
    assert [message.text[:8] for message in new.messages] == ["Nvidia 0", "Nvidia 1"]


async def test_the_limits_of_the_bot_api_are_never_met(post: Post) -> None:
    chats = [post.server.private(f"P{number}") for number in range(8)] + [post.server.group("Team")]
    for chat in chats:
        await subscribe(post, chat, max_per_hour=100)
    for number in range(25):
        await post.publish(f"Nvidia {number}")
    await post.pass_by(timedelta(minutes=3))
    assert [len(chat.messages) for chat in chats] == [25] * 9
    assert post.server.refusals == []


UNPARSED = Fault.answer(400, "Bad Request: can't parse entities: unclosed start tag")
FAULTS = (RESET, RESET_AFTER, SERVER_ERROR, BAD_GATEWAY, Fault.flood(7), Fault.flood(300))


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_telegram_answers_each_story_arrives_and_only_lost_answers_repeat_one(tmp_path: Path, seed: int) -> None:
    await live_through_faults(tmp_path, seed)


@pytest.mark.full
@pytest.mark.timeout(1200)
async def test_whatever_telegram_answers_two_hundred_times_over(tmp_path: Path) -> None:
    for seed in range(6, 206):
        await live_through_faults(tmp_path, seed)


async def live_through_faults(folder: Path, seed: int) -> None:
    """Eight stories to three chats while Telegram misbehaves as the dice say; then hours in which it does not."""
    dice = random.Random(seed)
    async with open_post(folder / f"faults{seed}.db") as post:
        chats = [post.server.private("An"), post.server.private("Binh"), post.server.group("Team")]
        for chat in chats:
            await subscribe(post, chat, max_per_hour=1000)
        post.server.fail("sendMessage", UNPARSED)
        stories = 8
        for number in range(stories):
            await post.publish(f"Nvidia story {number}.")
            post.server.fail("sendMessage", *dice.choices(FAULTS, k=dice.randrange(5)))
            if dice.random() < 0.3:
                await post.pass_by(timedelta(minutes=2))
        await post.pass_by(timedelta(hours=4))
        lost, given_up = await post.thread.read(_lost)
        repeats = missing = 0
        for chat in chats:
            for number in range(stories):
                count = sum(message.text.startswith(f"Nvidia story {number}.") for message in chat.messages)
                missing += count == 0
                repeats += max(0, count - 1)
        assert repeats <= lost
        assert missing <= given_up, "a story that did not arrive is one whose answers were all lost, and the next digest says so"
        await digests_of_all(post)
        said = [message.text for chat in chats for message in chat.messages if "May not have arrived" in message.text]
        assert sum(text.count("without an answer") for text in said) == given_up


async def digests_of_all(post: Post) -> None:
    """The chats' digests begin, and a day later the first goes out."""
    await digests.send_due(post.thread, SEEDS, Config(), post.clock)
    post.clock.advance(86_400)
    await digests.send_due(post.thread, SEEDS, Config(), post.clock)
    await post.pass_by(timedelta(minutes=10))


def _lost(store: Store) -> tuple[int, int]:
    """Answers that were lost, and messages that are not sent again for it."""
    row = store.conn.execute("SELECT sum(lost), sum(state = 'uncertain') FROM deliveries").fetchone()
    return row[0], row[1]
