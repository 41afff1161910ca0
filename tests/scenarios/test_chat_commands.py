"""Every command, in both languages and every kind of chat, with right and wrong words; the server refuses what Telegram would refuse."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.commands import registry
from bot.commands.command import pack
from bot.commands.context import DiscoveredFeed
from bot.i18n.translate import Markup
from bot.polling.live_stories import LiveStories
from bot.store import Store
from tests.support.bot_api import Chat
from tests.support.bot_api.entities import parse_html, utf16_length
from tests.support.chat_bot import ChatBot, deal, news, open_chat_bot

HOSTILE = news(
    "Nvidia & <b>Vingroup</b> sign @everyone </i> 5 < 6",
    "Nvidia agreed with Vingroup in Hanoi. <a href='tg://user?id=1'>x</a> t.me/spam /start",
)


WORDS = (
    "latest nvidia", "latest xyzzy", "story 1", "story abc", "story 999999", "search nvidia", 'search "', "search zzz", "timeline nvidia",
    "timeline xyzzy", "digest yesterday", "digest 2026-02-30", "digest 1/2", "mute nvidia", "mute off nvidia", "mute 1", "mute xyzzy",
    "snooze nvidia", "snooze nvidia 1h", "snooze nvidia soon", "snooze nothing 1h", "snooze nvidia off", "quiet 22:00-07:00",
    "quiet at night", "quiet off", "digesttime 25:00", "digesttime 07:30 Mars/Base", "digesttime 07:30 Europe/Paris", "why 1", "why x",
    "export 0", "export labels", "watch add", "watch here", "watch remove nvidia", "feeds add", "feeds add x.example", "feeds remove zzz",
    "digest 0001-01-01", "digest 31/12/9999",
)  # fmt: skip


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[ChatBot]:
    async with open_chat_bot(tmp_path) as running:
        yield running
        assert running.server.refusals == [], "whatever was said passed the server's checks"


@pytest.mark.parametrize("lang", ["en", "vi"])
async def test_every_command_is_answered_in_the_chats_language_with_and_without_news(bot: ChatBot, lang: str) -> None:
    chat = await bot.paired(language=lang)
    for planted in (False, True):
        if planted:
            await bot.plant(deal(), HOSTILE)
        for name in (*registry.COMMANDS, "start", *WORDS):
            told = await bot.answers(chat, f"/{name}")
            assert told, name
    everything = " ".join(chat.texts)
    assert ("Không tìm thấy" in everything) == (lang == "vi")
    assert ("Nothing found" in everything) == (lang == "en")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
async def test_odd_dates_in_an_old_database_stop_no_command_and_no_new_story(bot: ChatBot, zone: str) -> None:
    chat = await bot.paired()
    await bot.answer(chat, f"/digesttime 08:00 {zone}")
    await bot.plant(deal(), HOSTILE)

    def age(store: Store) -> None:
        for table_, column in (("items", "published_at"), ("stories", "first_at"), ("stories", "last_at")):
            store.conn.execute(f"UPDATE {table_} SET {column} = '9999-12-31T23:59:59Z' WHERE id % 2 = 0")
            store.conn.execute(f"UPDATE {table_} SET {column} = '0001-01-01T00:00:00Z' WHERE id % 2 = 1")

    await bot.thread.write(age)
    for name in ("latest", "story 1", "story 2", "search nvidia", "timeline", "digest", "digest 0001-01-01", "why 1", "export", "status"):
        assert "went wrong" not in (await bot.answer(chat, f"/{name}")).text, name
    bot.stories = LiveStories(timedelta(days=3))  # as a restart does: it reads the stories from the database
    await bot.plant(news("Amkor opens its factory in Bac Ninh", "Amkor Technology opened its chip packaging factory in Bac Ninh."))
    assert "Amkor" in (await bot.answer(chat, "/latest")).text


async def test_help_names_every_command_and_apps_get_the_same_list_in_both_languages(bot: ChatBot) -> None:
    chat = await bot.paired()
    said = (await bot.answer(chat, "/help")).text
    await bot.updates.publish()
    lists = {language: [entry["command"] for entry in entries] for (_, language), entries in bot.server.commands.items()}
    assert lists == {"": list(registry.COMMANDS), "vi": list(registry.COMMANDS)}
    assert all(f"/{name}:" in said for name in registry.COMMANDS)


async def test_latest_lists_stories_and_those_of_one_name_also_by_its_parts(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.plant(deal(), news("Amkor opens its factory in Bac Ninh", "Amkor Technology opened its chip packaging factory in Bac Ninh."))
    assert "Amkor" in (await bot.answer(chat, "/latest")).text
    of_group = await bot.answer(chat, "/latest vingroup")
    assert "VinBrain" in of_group.text
    assert "Amkor" not in of_group.text
    assert of_group.marked("text_link") == ["Nvidia buys VinBrain from Vingroup"]
    assert "Did you mean" in (await bot.answer(chat, "/latest Nvidea")).text


async def test_latest_and_mute_show_the_denial_once_the_news_is_denied(bot: ChatBot) -> None:
    chat = await bot.paired()
    at = bot.services.clock.now() - timedelta(hours=2)
    plan = news("Nvidia to buy VinBrain from Vingroup", "Nvidia plans to buy VinBrain from Vingroup, two people said.", published=at)
    denial = news(
        "Nvidia denies plan to buy VinBrain from Vingroup", "Nvidia denied that it will buy VinBrain from Vingroup.", source="AP",
        published=at + timedelta(hours=1),
    )  # fmt: skip
    await bot.plant(plan, denial)
    assert (await bot.answer(chat, "/latest")).marked("text_link") == ["Nvidia denies plan to buy VinBrain from Vingroup"]
    assert "Nvidia denies plan" in (await bot.answer(chat, "/mute 1")).text


async def test_a_story_shows_its_events_names_and_all_sources(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.plant(deal(), deal(source="Tuoi Tre"))
    said = (await bot.answer(chat, "/story 1")).text
    assert all(part in said for part in ("What happened", "VinBrain", "Reuters", "Tuoi Tre", "Sources")), said


async def test_search_finds_with_and_without_accents_and_so_does_a_plain_text_in_a_private_chat(bot: ChatBot) -> None:
    chat = await bot.paired(language="vi")
    await bot.plant(news("Thủ tướng gặp chủ tịch Nvidia", "Thủ tướng Phạm Minh Chính gặp ông Jensen Huang tại Hà Nội."))
    assert "Thủ tướng" in (await bot.answer(chat, "/search thu tuong")).text
    assert "Thủ tướng" in (await bot.answer(chat, "pham minh chinh")).text


@pytest.mark.parametrize(("lang", "undated"), [("en", "no date"), ("vi", "không rõ ngày")])
async def test_items_of_archives_have_their_own_date_or_none_and_their_outlet(bot: ChatBot, lang: str, undated: str) -> None:
    chat = await bot.paired(language=lang)
    archived = news("Nvidia opens a school in Hue", "Nvidia opened a school in Hue, the company said.", source="")
    await bot.plant(replace(archived, feed="/home/somebody/old/part-7.jsonl", url=""), origin="backfill")
    assert ("today 0 hits" if lang == "en" else "hôm nay 0 lần khớp") in (await bot.answer(chat, "/status")).text
    listed = news("Nvidia shows a chip in Hanoi", "Nvidia showed a chip.", source="", url="https://www.listed.example/1")
    await bot.plant(listed)
    latest = (await bot.answer(chat, "/latest")).text
    assert latest.index("shows a chip") < latest.index("opens a school")
    assert f"part-7.jsonl · {undated}" in latest
    assert latest.count(undated) == 1, "what a feed lists without a date is of now"
    found = (await bot.answer(chat, "/search nvidia")).text
    assert f"part-7.jsonl · {undated}" in found
    assert "listed.example · " in found
    assert "/home" not in latest + found
    assert undated in (await bot.answer(chat, "/story 1")).text


async def test_a_search_says_how_many_it_found(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.plant(*(news(f"Nvidia plan {number} for Hanoi", f"Nvidia has plan {number}.") for number in range(12)))
    assert "12 found for “nvidia”, the best 10" in (await bot.answer(chat, "/search nvidia")).text


async def test_what_feeds_say_can_add_no_markup_mention_nobody_and_fake_nothing(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.plant(HOSTILE)
    for command in ("/latest", "/story 1", "/search nvidia", "/why 1", "/digest", "/mute 1"):
        message = await bot.answer(chat, command)
        assert "<b>Vingroup</" in message.text or command == "/why 1", message.text
        assert not message.marked("text_mention")
        assert not any(word.startswith(("@everyone", "/start")) for word in message.text.split())


async def test_settings_are_kept_and_shown_and_count(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.answer(chat, "/quiet 22:00-07:00")
    await bot.answer(chat, "/digesttime 07:30 Europe/Paris")
    await bot.answer(chat, "/language vi")
    said = (await bot.answer(chat, "/status")).text
    assert all(part in said for part in ("22:00-07:00", "07:30", "Europe/Paris", "quản trị")), said


async def test_a_muted_name_does_not_alert_and_unmuted_it_does(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.answer(chat, "/mute Amkor")
    factory = news("Amkor opens its factory in Bac Ninh", "Amkor Technology opened its chip packaging factory in Bac Ninh.")
    before = len(chat.from_bot)
    assert (await bot.plant(factory)).hits
    assert len(chat.from_bot) == before
    assert "amkor" in (await bot.answer(chat, "/mute")).marked("code")[0]
    await bot.answer(chat, "/mute off amkor")
    await bot.plant(news("Amkor buys a plant in Penang", "Amkor Technology has agreed to buy a plant in Penang for 90 million dollars."))
    assert "Penang" in chat.last.text


@pytest.mark.parametrize("words", ["off amkor", "Amkor off", "OFF Amkor!", "tắt amkor", "amkor bỏ"])
async def test_off_ends_a_mute_before_or_behind_the_name(bot: ChatBot, words: str) -> None:
    chat = await bot.paired()
    await bot.answer(chat, "/mute Amkor")
    assert "Unmuted Amkor" in (await bot.answer(chat, f"/mute {words}")).text
    assert "Nothing is muted" in (await bot.answer(chat, "/mute")).text


@pytest.mark.parametrize("words", ["off deals", "deals off", "Off Deals!", "deals tắt"])
async def test_off_ends_a_snooze_before_or_behind_the_rule(bot: ChatBot, words: str) -> None:
    chat = await bot.paired()
    title, other = bot.services.seeds.rules["deals"].title, next(rule for rule in bot.services.seeds.rules if rule != "deals")
    await bot.answer(chat, "/snooze deals 2h")
    await bot.answer(chat, f"/snooze {other} 1w")
    assert (await bot.answer(chat, f"/snooze {words}")).text == f"{title} alerts again."
    assert (await bot.answer(chat, "/snooze")).marked("code") == [f"/snooze {other} off"]


async def test_off_alone_ends_all_snoozes(bot: ChatBot) -> None:
    chat = await bot.paired(language="vi")
    assert "Không có quy tắc nào" in (await bot.answer(chat, "/snooze off")).text
    for rule in list(bot.services.seeds.rules)[:3]:
        await bot.answer(chat, f"/snooze {rule} 2h")
    assert "lại báo tin" in (await bot.answer(chat, "/snooze tắt")).text
    assert "Không có quy tắc nào" in (await bot.answer(chat, "/snooze")).text


@pytest.mark.parametrize("opened", ["/watch add Zorvex", "/watch edit vingroup", "/watch rule my own", "/feeds add paper.example"])
async def test_cancel_ends_any_dialogue(bot: ChatBot, opened: str) -> None:
    async def discover(url: str) -> list[DiscoveredFeed]:
        return [DiscoveredFeed(f"{url}/{number}", "Paper") for number in range(2)]

    bot.services.discover = discover
    chat = await bot.paired()
    assert "nothing to cancel" in (await bot.answer(chat, "/cancel")).text
    draft = await bot.answer(chat, opened)
    if opened.startswith("/watch"):
        await bot.press(draft, draft.buttons[0])
    assert "Cancelled" in (await bot.answer(chat, "/cancel")).text
    assert "nothing to cancel" in (await bot.answer(chat, "/cancel")).text
    assert "over" in (await bot.press(draft, draft.buttons[-1])).text


async def test_cancel_of_somebody_without_a_dialogue_is_no_word_for_a_group(bot: ChatBot) -> None:
    admin, group = await bot.paired(), bot.server.group("Team")
    await bot.admit(group)
    draft = await bot.answer(group, "/watch add Zorvex", admin.user)
    assert await bot.answers(group, "/cancel", bot.server.user("Other")) == []
    assert "Cancelled" in (await bot.answer(group, "/cancel", admin.user)).text
    assert "over" in (await bot.press(draft, "Keep it", admin.user)).text


async def test_a_snoozed_rule_is_silent_for_its_time(bot: ChatBot) -> None:
    chat = await bot.paired()
    for rule in bot.services.seeds.rules:
        await bot.answer(chat, f"/snooze {rule} 2h")
    before = len(chat.from_bot)
    assert (await bot.plant(deal())).hits
    assert len(chat.from_bot) == before
    assert "/snooze" in (await bot.answer(chat, "/snooze")).marked("code")[0]


async def test_export_gives_a_sheet_without_formulas_and_feedback_as_lines(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.plant(news("=HYPERLINK(1) Nvidia buys VinBrain", "Nvidia has agreed to buy VinBrain from Vingroup for 200 million dollars."))
    message = await bot.answer(chat, "/export")
    assert message.document is not None
    name, content = message.document
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert name == "hits.csv"
    assert rows[0]["title"] == "'=HYPERLINK(1) Nvidia buys VinBrain"


async def test_timeline_is_a_picture(bot: ChatBot) -> None:
    pytest.importorskip("matplotlib")
    chat = await bot.paired()
    await bot.plant(deal())
    message = await bot.answer(chat, "/timeline vingroup")
    assert message.photo is not None
    assert message.photo.startswith(b"\x89PNG")
    assert "Vingroup" in message.text


async def test_forget_asks_first_and_then_knows_the_chat_no_more(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.plant(deal())
    question = await bot.answer(chat, "/forget")
    await bot.press(question, "No")
    assert await bot.answers(chat, "/status")
    await bot.press(await bot.answer(chat, "/forget"), "Yes")
    assert "forgotten" in chat.last.text
    assert await bot.answers(chat, "/status") == []

    def traces(store: object) -> int:
        tables = ("chats", "labels", "dialogues", "digests")
        return sum(store.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)  # type: ignore[attr-defined]

    assert await bot.thread.read(traces) == 0


async def test_groups_channels_and_topics_are_answered_where_they_ask(bot: ChatBot) -> None:
    group, channel = bot.server.group("Team"), bot.server.channel("News")
    forum = bot.server.group("Forum", forum=True, topics=(5, 6))
    for chat in (group, channel, forum):
        await bot.admit(chat)
    assert (await bot.answer(forum, "/latest", thread=6)).thread == 6
    assert "Nothing yet" in (await bot.answer(channel, "/latest")).text
    assert await bot.answers(group, "/latest@other_bot") == []
    assert await bot.answers(group, "/unheard_of") == [], "in a group that may be another bot's"
    assert "Nothing yet" in (await bot.answer(group, "/latest@seedwatch_bot")).text


async def test_in_a_group_only_its_administrators_change_how_it_is_told_and_only_admins_what_is_watched(bot: ChatBot) -> None:
    group: Chat = bot.server.group("Team")
    await bot.admit(group)
    boss, member = bot.server.user("Boss"), bot.server.user("Member")
    group.admins.add(boss.id)
    assert "administrators" in (await bot.answer(group, "/quiet 22:00-07:00", member)).text
    assert "22:00-07:00" in (await bot.answer(group, "/quiet 22:00-07:00", boss)).text
    assert "Only an admin" in (await bot.answer(group, "/watch add Foxconn", boss)).text
    assert await bot.answers(group, "/latest", member)


async def test_each_chat_chooses_its_rules_and_whether_it_is_told_at_once(bot: ChatBot) -> None:
    chat, other = await bot.paired(), await bot.paired("Binh", admin=False)
    question = await bot.answer(other, "/watch here")
    assert sum(label.startswith("✓ ") for label in question.buttons) == len(bot.services.seeds.rules) + 1
    await bot.press(question, "Digest only")
    await bot.plant(deal())
    assert "Nvidia" in chat.last.text
    assert other.last is question, "everything waits for the digest"
    await bot.press(question, "Alerts")
    for rule in list(bot.services.seeds.rules.values())[1:]:
        await bot.press(question, rule.title[:30])
    only = next(iter(bot.services.seeds.rules.values()))
    assert [label for label in question.buttons if label.startswith("✓ ")] == ["✓ Alerts", f"✓ {only.title}"]
    assert "At least one" in (await bot.press(question, only.title)).text
    for rule in list(bot.services.seeds.rules.values())[1:]:
        await bot.press(question, rule.title[:30])
    assert sum(label.startswith("✓ ") for label in question.buttons) == len(bot.services.seeds.rules) + 1


async def test_an_administrator_who_writes_in_the_groups_name_is_one(bot: ChatBot) -> None:
    group = bot.server.group("Team")
    await bot.admit(group)
    message = (await bot.server.say(group, "/quiet 22:00-07:00")).to_json(bot.server.bot)
    bot.server._queue.clear()
    await bot.server.push({"message": message | {"sender_chat": group.to_json()}})
    await bot.settle()
    assert "22:00-07:00" in group.last.text


async def test_a_person_who_is_an_admin_is_one_in_a_group_too(bot: ChatBot) -> None:
    admin, group = await bot.paired(), bot.server.group("Team")
    await bot.admit(group)
    assert admin.user is not None
    assert "code" in (await bot.answer(group, "/invite", admin.user)).html


async def test_an_unknown_command_is_said_so_in_private(bot: ChatBot) -> None:
    chat = await bot.paired()
    assert "frobnicate" in (await bot.answer(chat, "/frobnicate now")).text


def test_long_answers_are_split_between_their_parts_and_a_part_that_is_too_long_goes_over_to_the_next() -> None:
    parts = [Markup(f"<b>{number}</b> " + "😀" * 300) for number in range(20)]
    pages = pack(parts)
    assert "\n".join(pages).split("\n") == parts
    assert all(utf16_length(parse_html(page)[0]) <= 4096 for page in pages)
    assert len(pages) == 4
    pages = [parse_html(page)[0] for page in pack([Markup("<b>" + "5 &lt; 6 😀" * 1000 + "</b>"), Markup("<i>end</i>")])]
    assert "".join("".join(pages).split()) == "5<6😀" * 1000 + "end"
    assert all(utf16_length(page) <= 4096 for page in pages)
    assert pack([Markup("a"), Markup(""), Markup("<b>b</b>")]) == ["a\n\n<b>b</b>"]
