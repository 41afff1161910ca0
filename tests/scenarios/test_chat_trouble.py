"""Updates that cannot be read and times at which nothing can be kept: each costs itself, and the bot goes on answering."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.store import Store, updates
from tests.support.bot_api import BAD_GATEWAY, RESET, BotApiServer
from tests.support.chat_bot import ChatBot, open_chat_bot
from tests.support.clock import FakeClock
from tests.support.odd_updates import ODD


@asynccontextmanager
async def listening(bot: ChatBot) -> AsyncIterator[asyncio.Task[None]]:
    """The bot asks for updates all the time."""
    running = asyncio.create_task(bot.updates.run())
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def answered(bot: ChatBot) -> None:
    await bot.server.wait_until(lambda: not bot.server.waiting)
    await bot.updates.settled()
    await bot.outbox.deliver_due()


@pytest.mark.parametrize("odd", ODD)
async def test_an_update_that_cannot_be_read_costs_itself_alone_and_does_not_come_again(tmp_path: Path, odd: str) -> None:
    async with open_chat_bot(tmp_path, clock=FakeClock()) as bot:
        chat = await bot.paired()
        async with listening(bot) as running:
            await bot.server.push(ODD[odd])
            await bot.server.say(chat, "/latest")
            await answered(bot)
            assert not running.done()
        assert len(chat.texts) == 1


async def test_half_a_character_is_told_with_the_rest_of_its_message(tmp_path: Path) -> None:
    async with open_chat_bot(tmp_path) as bot:
        chat = await bot.paired()
        assert "“fo?o 1h”" in (await bot.answer(chat, "/snooze fo\ud83do 1h")).text


async def test_an_answer_that_is_no_json_costs_one_update(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        chat = await bot.paired()
        async with listening(bot):
            await bot.server.say(chat, "/latest")
            unreadable = {"message_id": 5, "date": 1, "text": "x", "chat": {"id": 77, "type": "private"}, "more": "DEEP"}
            await bot.server.push({"message": unreadable})
            bot.server.rewrite = lambda body: body.replace('"DEEP"', "[" * 100_000 + "]" * 100_000)
            await bot.server.say(chat, "/status")
            await answered(bot)
        assert len(chat.texts) == 2


async def test_updates_without_a_number_are_not_asked_for_in_a_hurry(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        bot.server._queue.append({"message": {"text": "/latest"}})
        bot.server.rewrite = lambda body: body.replace('"update_id": 870001, ', "")
        await bot.server.push({"message": {"text": "/latest"}})
        bot.server._queue.popleft()
        with capture_logs() as lines:
            async with listening(bot):
                await bot.server.wait_until(lambda: clock.slept > 100)
        assert len(bot.server.calls) < 20
        assert any(line["event"] == "update passed over" for line in lines)


async def test_a_full_disk_delays_what_people_say_and_stops_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        chat = await bot.paired()
        stranger = bot.server.private("Eve")
        async with listening(bot) as running:
            await fill_disk(bot)
            with capture_logs() as lines:
                await bot.server.say(stranger, "/start " + "A" * 8000)
                await bot.server.say(chat, "/search " + "word " * 800)
                await bot.server.wait_until(lambda: clock.slept > 60)
            assert not running.done()
            said = [line for line in lines if line["event"] == "no updates"]
            assert said
            assert all("disk is full" in line["error"] for line in said)
            assert len(bot.server.waiting) == 2, "Telegram keeps them until they are kept here"
            await free_disk(bot)
            await answered(bot)
            assert len(chat.texts) == 1


async def test_a_disk_that_is_full_when_a_command_is_answered_delays_the_answer(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        chat = await bot.paired()
        await bot.server.say(chat, "/mute nvidia")
        await bot.updates.poll_once()
        await read_only(bot, "ON")  # the writer hears this before the command
        while clock.slept < 120:
            await asyncio.sleep(0.01)
        assert chat.texts == []
        await read_only(bot, "OFF")
        await bot.updates.settled()
        await bot.outbox.deliver_due()
        assert len(chat.texts) == 1
        assert "Muted " in chat.texts[0]


async def test_the_bots_name_and_its_list_of_commands_are_asked_for_and_told_until_they_are_known(tmp_path: Path) -> None:
    clock = FakeClock()
    async with BotApiServer(monotonic=None) as server:
        server.fail("getMe", BAD_GATEWAY, BAD_GATEWAY, RESET)
        server.fail("setMyCommands", BAD_GATEWAY)
        async with open_chat_bot(tmp_path, server=server, clock=clock) as bot:
            assert bot.services.telegram.username == ""
            await bot.updates.publish()
            assert bot.services.telegram.username == "seedwatch_bot"
            assert server.commands
            assert 10 < clock.slept < 120
            asked = len(server.calls)
            await bot.updates.publish()
            assert not any(method == "getMe" for method, _ in server.calls[asked:])
            group = server.group()
            await bot.admit(group)
            assert len(await bot.answers(group, "/status@seedwatch_bot")) == 1


async def test_what_strangers_say_does_not_pile_up(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        stranger, chat = bot.server.private("Eve"), await bot.paired()
        for number in range(60):
            await bot.server.say(stranger, f"/start {number}")
            await bot.settle()
        await bot.answer(chat, "/latest")
        assert await rows(bot) == 2
        clock.advance(timedelta(days=9).total_seconds())
        await bot.answer(chat, "/latest")
        while await bot.thread.write(updates.prune, clock.now()):
            pass
        assert await rows(bot) == 1


async def rows(bot: ChatBot) -> int:
    return await bot.thread.read(lambda store: int(store.conn.execute("SELECT count(*) FROM updates").fetchone()[0]))


async def fill_disk(bot: ChatBot) -> None:
    """No page more may be added."""

    def fill(store: Store) -> None:
        store.conn.execute("PRAGMA incremental_vacuum")
        pages = store.conn.execute("PRAGMA page_count").fetchone()[0]
        free = store.conn.execute("PRAGMA freelist_count").fetchone()[0]
        assert free == 0
        store.conn.execute(f"PRAGMA max_page_count = {pages}")

    await bot.thread.write_alone(fill)


async def free_disk(bot: ChatBot) -> None:
    await bot.thread.write_alone(lambda store: store.conn.execute("PRAGMA max_page_count = 1000000") and None)


async def read_only(bot: ChatBot, switch: str) -> None:
    await bot.thread.write_alone(lambda store: store.conn.execute(f"PRAGMA query_only = {switch}") and None)
