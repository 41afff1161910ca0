"""Who gets in, and who gets not even an answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.commands.pairing import ATTEMPTS, code_for_first_chat
from bot.i18n.translate import t_plain
from bot.store.integrity import problems
from tests.support.bot_api import BotApiServer
from tests.support.chat_bot import ChatBot, deal, open_chat_bot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[ChatBot]:
    async with open_chat_bot(tmp_path) as running:
        yield running


async def test_the_code_that_run_prints_pairs_one_chat_as_admin_and_no_second_one(bot: ChatBot) -> None:
    code = await bot.thread.write(code_for_first_chat, bot.services.defaults, bot.services.config, bot.services.clock.now())
    assert code is not None
    first, second = bot.server.private("An", language="vi"), bot.server.private("Binh")
    welcome = await bot.answer(first, f"/start {code.lower()}")
    assert "Chào mừng" in welcome.text, "in the language of the person's app"
    assert await bot.answers(second, f"/start {code}") == []
    assert await bot.thread.write(code_for_first_chat, bot.services.defaults, bot.services.config, bot.services.clock.now()) is None
    assert "quản trị" in (await bot.answer(first, "/status")).text
    await bot.plant(deal())
    assert "Nvidia" in first.last.text
    assert second.from_bot == []


async def test_strangers_get_nothing_whatever_they_do(bot: ChatBot) -> None:
    stranger, group = bot.server.private("Eve"), bot.server.group()
    await bot.paired()
    for text in ("hello", "/help", "/start", "/start WRONGCOD", "/latest", "/status", "x" * 4000):
        assert await bot.answers(stranger, text) == []
    assert await bot.answers(group, "/help@seedwatch_bot") == []
    assert bot.server.refusals == []


async def test_after_five_wrong_codes_even_the_right_one_is_not_taken_for_an_hour(bot: ChatBot) -> None:
    code = await bot.code()
    guesser, other = bot.server.private("Eve"), bot.server.private("An")
    for number in range(ATTEMPTS):
        assert await bot.answers(guesser, f"/start WRONG{number}") == []
    assert await bot.answers(guesser, f"/start {code}") == []
    assert len(await bot.answers(other, f"/start {code}")) == 1, "others are not locked out"
    later = await bot.code()
    bot.services.clock.move(timedelta(minutes=61))  # type: ignore[attr-defined]
    assert len(await bot.answers(guesser, f"/start {later}")) == 1


async def test_an_admin_invites_a_reader_once_and_for_an_hour(bot: ChatBot) -> None:
    admin, group, late = await bot.paired(), bot.server.group("Team"), bot.server.private("Late")
    code = (await bot.answer(admin, "/invite")).marked("code")[0].removeprefix("/start ")
    assert "Welcome" in (await bot.answer(group, f"/start@seedwatch_bot {code}")).text
    assert await bot.answers(late, f"/start {code}") == []
    assert "Only an admin" in (await bot.answer(group, "/invite")).text
    second = (await bot.answer(admin, "/invite")).marked("code")[0].removeprefix("/start ")
    bot.services.clock.move(timedelta(minutes=61))  # type: ignore[attr-defined]
    assert await bot.answers(late, f"/start {second}") == []


async def test_chats_in_the_configuration_are_in_from_the_start_and_people_among_them_are_admins(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server:
        person, group = server.private("An"), server.group("Team")
        async with open_chat_bot(tmp_path, server=server, telegram={"allowed_chats": [person.id, group.id]}) as bot:
            await bot.plant(deal())
            assert "Nvidia" in person.last.text
            assert "Nvidia" in group.last.text
            assert "This chat: admin" in (await bot.answer(person, "/status")).text
            assert "This chat: reader" in (await bot.answer(group, "/status")).text
            assert await bot.thread.write(code_for_first_chat, bot.services.defaults, bot.services.config, bot.services.clock.now()) is None


async def test_a_topic_that_is_paired_by_itself_is_told_in_that_topic(bot: ChatBot) -> None:
    forum = bot.server.group("Team", forum=True, topics=(5, 6))
    await bot.answers(forum, f"/start {await bot.code()}", thread=5)
    assert forum.last.thread == 5
    await bot.plant(deal())
    assert (forum.last.thread, "Nvidia" in forum.last.text) == (5, True)
    assert await bot.answers(forum, "/status", thread=6) == []


async def test_who_throws_the_bot_out_hears_nothing_and_finds_the_settings_again(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.answer(chat, "/quiet 22:00-07:00")
    await bot.server.kick(chat)
    await bot.settle()
    written = await bot.plant(deal())
    assert written.hits
    assert len(chat.from_bot) == 1
    await bot.server.readmit(chat)
    assert "22:00-07:00" in (await bot.answer(chat, "/status")).text


async def test_settings_of_a_chat_that_threw_the_bot_out_go_after_a_month(bot: ChatBot) -> None:
    from bot.commands.membership import forget_gone

    chat = await bot.paired()
    await bot.server.kick(chat)
    await bot.settle()
    now = bot.services.clock.now()
    assert await bot.thread.write(forget_gone, now + timedelta(days=29)) == 0
    assert await bot.thread.write(forget_gone, now + timedelta(days=31)) == 1
    await bot.server.readmit(chat)
    assert await bot.answers(chat, "/help") == []


@pytest.mark.parametrize(("lang", "only", "again"), [("en", "the only chat that may change", "start seedwatch run anew"),
                                                     ("vi", "duy nhất được đổi", "khởi động lại seedwatch run")])  # fmt: skip
async def test_the_only_admin_who_leaves_is_told_what_follows_and_the_next_start_prints_a_code(
    bot: ChatBot, lang: str, only: str, again: str
) -> None:
    admin, reader = await bot.paired(language=lang), await bot.paired("Reader", admin=False)
    assert await bot.thread.write(code_for_first_chat, bot.services.defaults, bot.services.config, bot.services.clock.now()) is None
    question = await bot.answer(admin, "/forget")
    assert only in question.text
    await bot.press(question, t_plain(lang, "button.yes"))
    assert again in admin.last.text
    code = await bot.thread.write(code_for_first_chat, bot.services.defaults, bot.services.config, bot.services.clock.now())
    assert "Welcome" in (await bot.answer(reader, f"/start {code}")).text
    assert "This chat: admin" in (await bot.answer(reader, "/status")).text


async def test_a_group_that_is_paired_first_is_changed_by_those_who_administrate_it(bot: ChatBot) -> None:
    group, boss, member = bot.server.group("Team"), bot.server.user("Boss"), bot.server.user("Member")
    group.admins.add(boss.id)
    assert "may change what is watched" in (await bot.answer(group, f"/start@seedwatch_bot {await bot.code()}", member)).text
    assert "Only an admin" in (await bot.answer(group, "/watch add Zorvex", member)).text
    draft = await bot.answer(group, "/watch add Zorvex", boss)
    assert "Only an admin" in (await bot.press(draft, "Keep it", member)).text
    await bot.press(draft, "Keep it", boss)
    assert "is now watched" in group.last.text
    assert "/start" in (await bot.answer(group, "/invite", boss)).text


async def test_one_of_two_admins_leaves_with_the_usual_question_unless_the_other_was_faster(bot: ChatBot) -> None:
    first, second = await bot.paired("An"), await bot.paired("Bình")
    question = await bot.answer(first, "/forget")
    assert "only chat" not in question.text
    await bot.press(await bot.answer(second, "/forget"), "Yes")
    assert "ask an admin for a code" in second.last.text
    await bot.press(question, "Yes")
    assert "only chat that may change" in first.last.text
    assert "This chat: admin" in (await bot.answer(first, "/status")).text


async def test_a_reader_leaves_with_the_usual_question(bot: ChatBot) -> None:
    await bot.paired()
    reader = await bot.paired("Reader", admin=False)
    assert "only chat" not in (await bot.answer(reader, "/forget")).text


async def test_a_code_is_printed_while_the_configuration_names_only_groups(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server:
        group = server.group("Team")
        for more, wanted in (({}, True), ({"admins": [server.private("An").id]}, False)):
            folder = tmp_path / str(wanted)
            folder.mkdir()
            async with open_chat_bot(folder, server=server, telegram={"allowed_chats": [group.id], **more}) as bot:
                code = await bot.thread.write(code_for_first_chat, bot.services.defaults, bot.services.config, bot.services.clock.now())
                assert bool(code) is wanted


async def test_after_a_farewell_and_answers_in_a_topic_the_database_is_sound(bot: ChatBot) -> None:
    forum = bot.server.group("Forum", forum=True, topics=(5, 6))
    await bot.admit(forum)
    await bot.answer(forum, "/status", thread=6)
    chat = await bot.paired()
    await bot.plant(deal())
    await bot.press(await bot.answer(chat, "/forget"), "Yes")
    assert "forgotten" in chat.last.text
    assert await bot.thread.read(problems) == []


async def test_the_general_topic_of_a_forum_can_be_named_in_the_configuration(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server:
        forum = server.group("Forum", forum=True, topics=(5,))
        async with open_chat_bot(tmp_path, server=server, telegram={"allowed_chats": [f"{forum.id}/1"]}) as bot:
            await bot.plant(deal())
            assert "VinBrain" in forum.last.text
            assert forum.last.thread is None, "Telegram knows the general topic by no number"
            assert (await bot.answer(forum, "/status")).thread is None
            await bot.press(next(one for one in forum.from_bot if one.keyboard), "Why?")
            assert forum.last.thread is None
            assert await bot.answers(forum, "/status", thread=5) == [], "another topic is another chat"
            assert server.refusals == []

