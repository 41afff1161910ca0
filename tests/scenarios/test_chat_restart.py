"""Commands across restarts, lost answers, floods and many people at once: none is lost, none runs twice, limits are kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.commands.receiver import LANE
from bot.message import RateLimits
from bot.store import Store, updates
from tests.support.bot_api import BAD_GATEWAY, RESET, RESET_AFTER, BotApiServer, Chat, Fault
from tests.support.chat_bot import ChatBot, deal, open_chat_bot
from tests.support.clock import FakeClock


async def admitted(bot: ChatBot, chat: Chat) -> Chat:
    await bot.admit(chat, admin=True)
    return chat


async def test_what_was_said_while_the_bot_was_down_is_answered_once_after_the_start(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server:
        chat = server.private()
        async with open_chat_bot(tmp_path, server=server) as bot:
            await admitted(bot, chat)
            await bot.answer(chat, "/quiet 22:00-07:00")
        await server.say(chat, "/digesttime 09:15")
        await server.say(chat, "/status")
        for _ in range(2):
            async with open_chat_bot(tmp_path, server=server) as bot:
                await bot.settle()
        assert [text.split()[0] for text in chat.texts] == ["Quiet", "The", "seedwatch"]
        assert "09:15" in chat.texts[2]


async def test_a_stop_between_receiving_and_answering_loses_no_command_and_repeats_none(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server:
        chat = server.private()
        async with open_chat_bot(tmp_path, server=server) as bot:
            await admitted(bot, chat)
            await server.say(chat, "/mute nvidia")
            await bot.updates.poll_once()
            await bot.updates.stop()  # whatever was begun is broken off
        async with open_chat_bot(tmp_path, server=server) as bot:
            await bot.settle()
        assert len(chat.texts) == 1
        assert "Muted " in chat.texts[0]


async def test_a_stop_before_telegram_forgot_the_update_does_not_run_it_again(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server:
        chat = server.private()
        async with open_chat_bot(tmp_path, server=server) as bot:
            await admitted(bot, chat)
            await server.say(chat, "/invite")
            await bot.updates.poll_once()
            await bot.updates.settled()
            await bot.outbox.deliver_due()
            assert server.waiting, "Telegram still has it"
        async with open_chat_bot(tmp_path, server=server) as bot:
            await bot.settle()
            assert len(chat.texts) == 1

            def codes(store: Store) -> int:
                return int(store.conn.execute("SELECT count(*) FROM secrets WHERE name LIKE 'pairing:%'").fetchone()[0])

            assert await bot.thread.read(codes) == 1


async def test_after_a_silent_week_telegram_may_count_anew_and_is_still_heard(tmp_path: Path) -> None:
    clock = FakeClock()
    async with BotApiServer(monotonic=None) as server:
        chat = server.private()
        async with open_chat_bot(tmp_path, server=server, clock=clock) as bot:
            await admitted(bot, chat)
            await bot.answer(chat, "/latest")
        clock.advance(8 * 86400)
        server._next_update = 1000
        async with open_chat_bot(tmp_path, server=server, clock=clock) as bot:
            assert await bot.answers(chat, "/latest")


async def test_an_answer_that_was_lost_is_repeated_late_and_the_command_is_not(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        chat = await bot.paired()
        bot.server.fail("sendMessage", RESET_AFTER, RESET)
        await bot.answers(chat, "/mute nvidia")
        assert len(chat.texts) == 1
        clock.advance(61)
        await bot.outbox.deliver_due()
        clock.advance(601)
        await bot.outbox.deliver_due()
        assert len(chat.texts) == 2
        assert chat.texts[0] == chat.texts[1]


async def test_getting_updates_survives_whatever_telegram_answers(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        chat = await bot.paired()
        taken = Fault.answer(409, "Conflict: terminated by other getUpdates request")
        bot.server.fail("getUpdates", BAD_GATEWAY, RESET, Fault.flood(7), taken)
        running = asyncio.create_task(bot.updates.run())
        await bot.server.say(chat, "/latest")
        await bot.server.wait_until(lambda: not bot.server.waiting)
        await bot.updates.settled()
        await bot.outbox.deliver_due()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert len(chat.texts) == 1
        assert clock.slept == 1 + 2 + 7 + 8, "longer each time, and as long as Telegram asks"


async def test_a_flood_of_commands_is_answered_within_the_limits_and_its_rest_is_left(tmp_path: Path) -> None:
    clock = FakeClock()
    server = BotApiServer(monotonic=clock.monotonic)
    async with server, open_chat_bot(tmp_path, server=server, clock=clock, limits=RateLimits()) as bot:
        flooder, other = await bot.paired("Eve"), await bot.paired("An")
        for _ in range(60):
            await server.say(flooder, "/latest")
        await server.say(other, "/latest")
        await bot.settle()
        assert len(other.texts) == 1
        assert flooder.texts.count("Nothing yet. Matching news will appear here.") == LANE + 1
        assert sum("a lot at once" in text for text in flooder.texts) == 1
        assert server.limits is not None
        assert server.limits.refused == 0
        assert (await bot.answers(flooder, "/latest"))[0].text.startswith("Nothing yet"), "later commands are answered again"


async def test_fifty_people_at_once_each_get_their_own_answers_in_order(tmp_path: Path) -> None:
    async with open_chat_bot(tmp_path) as bot:
        chats = [await bot.paired(f"P{number}", admin=False, language="vi" if number % 2 else "en") for number in range(50)]
        await bot.plant(deal())
        before = [len(chat.texts) for chat in chats]
        for number, chat in enumerate(chats):
            await bot.server.say(chat, f"/digesttime 0{number % 10}:{number:02d}")
            await bot.server.say(chat, "/digesttime")
        await bot.settle()
        for number, chat in enumerate(chats):
            told = chat.texts[before[number] :]
            assert len(told) == 2
            assert all(f"0{number % 10}:{number:02d}" in one for one in told)


async def test_a_command_that_breaks_says_so_changes_nothing_and_does_not_come_back(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server:
        chat = server.private()
        async with open_chat_bot(tmp_path, server=server) as bot:
            await admitted(bot, chat)

            def break_labels(store: Store) -> None:
                store.conn.execute("ALTER TABLE labels RENAME TO lost")

            await bot.thread.write(break_labels)
            assert "Something went wrong" in (await bot.answer(chat, "/status")).text
            assert await bot.answers(chat, "/latest")
        async with open_chat_bot(tmp_path, server=server) as bot:
            await bot.settle()
            assert len(chat.texts) == 2


async def test_an_update_that_stopped_the_program_three_times_is_set_aside_and_that_is_said(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server:
        chat = server.private()
        async with open_chat_bot(tmp_path, server=server) as bot:
            await admitted(bot, chat)
            await server.say(chat, "/latest")
            (body,) = await bot.services.telegram.updates(None, 0)
            await bot.thread.write(updates.keep, [(f"telegram:{chat.id}", body)], bot.services.clock.now())
            for _ in range(3):  # as three starts that were killed in the middle of it
                assert await bot.thread.write(updates.begin, body["update_id"])
        async with open_chat_bot(tmp_path, server=server) as bot:
            await bot.settle()
            assert [text.partition(" with")[0] for text in chat.texts] == ["Something went wrong"]
            assert await bot.answers(chat, "/latest")


async def test_a_group_that_becomes_a_supergroup_keeps_its_settings(tmp_path: Path) -> None:
    async with open_chat_bot(tmp_path) as bot:
        group = bot.server.group("Team")
        await bot.admit(group)
        boss = bot.server.user("Boss")
        group.admins.add(boss.id)
        await bot.answer(group, "/quiet 22:00-07:00", boss)
        larger = bot.server.group("Team", kind="supergroup")
        group.migrated_to = larger.id
        message = await bot.server.say(group, "x")
        await bot.server.push({"message": message.to_json(bot.server.bot) | {"migrate_to_chat_id": larger.id, "text": None}})
        await bot.settle()
        assert "22:00-07:00" in (await bot.answer(larger, "/status", boss)).text


async def test_updates_that_are_nothing_to_the_bot_are_passed_over(tmp_path: Path) -> None:
    async with open_chat_bot(tmp_path) as bot:
        chat = await bot.paired()
        message = (await bot.server.say(chat, "x")).to_json(bot.server.bot)
        await bot.settle()
        said = len(chat.texts)
        del message["text"]
        await bot.server.push({"message": message | {"photo": [], "caption": "no words"}})
        await bot.server.push({"edited_message": message | {"text": "/latest"}})
        await bot.settle()
        assert len(chat.texts) == said
        assert bot.server.waiting == []
