"""The keys under an alert: what each does, and what becomes of old, forged and strangers' presses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.alerts.buttons import button_data
from bot.i18n.translate import t_plain
from bot.store import Store
from bot.store.feedback import precisions
from tests.support.bot_api import Chat
from tests.support.chat_bot import ChatBot, deal, news, open_chat_bot
from tests.support.clock import FakeClock


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[ChatBot]:
    async with open_chat_bot(tmp_path) as running:
        yield running
        assert [refusal for refusal in running.server.refusals if "not modified" not in refusal[2]] == []


async def alerted(bot: ChatBot, lang: str = "en") -> Chat:
    """A chat whose last message is an alert."""
    chat = await bot.paired(language=lang)
    await bot.plant(deal())
    return chat


@pytest.mark.parametrize(
    ("lang", "keys"),
    [
        ("en", ["Open", "Why?", "More", "Mute story", "Snooze rule…", "Wrong?"]),
        ("vi", ["Mở", "Vì sao?", "Chi tiết", "Tắt tin này", "Tạm tắt quy tắc…", "Sai?"]),
    ],
)
async def test_an_alert_carries_its_keys_in_the_chats_language(bot: ChatBot, lang: str, keys: list[str]) -> None:
    chat = await alerted(bot, lang)
    assert chat.last.buttons == keys


async def test_why_and_more_answer_with_messages(bot: ChatBot) -> None:
    chat = await alerted(bot)
    alert = chat.last
    await bot.press(alert, "Why?")
    assert "Why this came" in chat.last.text
    assert "VinBrain" in chat.last.text
    await bot.press(alert, "More")
    assert "Sources" in chat.last.text


async def test_reasons_rules_and_countries_read_in_vietnamese_in_the_alert_under_why_and_more(bot: ChatBot) -> None:
    chat = await alerted(bot, "vi")
    alert = chat.last
    assert "Lý do: Thương vụ của bốn công ty – “" in alert.text
    assert "Hà Nội" in alert.text
    await bot.press(alert, "Vì sao?")
    assert "là chủ thể của tiêu đề" in chat.last.text
    assert "Mua bán, sáp nhập: Nvidia" in chat.last.text
    assert "leads the title" not in "".join(chat.texts)
    kept = await bot.thread.read(lambda store: [row["why"] for row in store.conn.execute("SELECT why FROM hits")])
    assert all("là chủ thể" not in why for why in kept), "what is stored is English, for every program"


async def test_why_in_words_answers_the_alert_that_it_replies_to(bot: ChatBot) -> None:
    chat = await alerted(bot)
    assert "Why this came" in (await bot.answer(chat, "/why", reply_to=chat.last)).text
    assert "Answer an alert" in (await bot.answer(chat, "/why")).text


async def test_a_muted_story_stays_silent_when_more_sources_come_and_tells_again_when_unmuted(bot: ChatBot) -> None:
    chat = await alerted(bot)
    alert = chat.last
    press = await bot.press(alert, "Mute story")
    assert "Muted" in press.text
    assert "Unmute story" in alert.buttons
    await bot.plant(deal(source="Tuoi Tre", url="https://other.example/1"))
    assert alert.versions == []
    await bot.press(alert, "Unmute story")
    assert "Mute story" in alert.buttons
    assert "Nothing is muted" in (await bot.answer(chat, "/mute")).text


@pytest.mark.parametrize("label", ["1 hour", "Today", "A week"])
async def test_a_rule_can_be_snoozed_from_its_alert(bot: ChatBot, label: str) -> None:
    chat = await alerted(bot)
    alert = chat.last
    await bot.press(alert, "Snooze")
    assert alert.buttons == ["1 hour", "Today", "A week", "‹ Back"]
    press = await bot.press(alert, label)
    assert "silent here until" in press.text
    assert alert.buttons[0] == "Open"
    assert "Snoozed here" in (await bot.answer(chat, "/snooze")).text


async def test_back_brings_the_usual_keys(bot: ChatBot) -> None:
    alert = (await alerted(bot)).last
    usual = alert.buttons
    await bot.press(alert, "Wrong?")
    assert alert.buttons != usual
    await bot.press(alert, "Back")
    assert alert.buttons == usual


@pytest.mark.parametrize(("label", "menu"), [("Snooze", "1 hour"), ("Wrong?", "Not relevant")])
async def test_an_edit_leaves_the_keys_of_the_menu_in_which_somebody_stands(tmp_path: Path, label: str, menu: str) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        alert = (await alerted(bot)).last
        usual = alert.buttons
        await bot.press(alert, label)
        await bot.plant(deal(source="Tuoi Tre", url="https://other.example/1"))
        assert "2 sources" in alert.text
        assert menu in alert.buttons
        await bot.press(alert, "Back")
        clock.advance(120)
        await bot.plant(deal(source="VnExpress", url="https://third.example/1"))
        assert "3 sources" in alert.text
        assert alert.buttons == usual


async def test_a_menu_in_which_nobody_stands_any_more_goes_with_the_next_edit(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_chat_bot(tmp_path, clock=clock) as bot:
        alert = (await alerted(bot)).last
        usual = alert.buttons
        await bot.press(alert, "Snooze")
        clock.advance(timedelta(hours=2).total_seconds())
        await bot.plant(deal(source="Tuoi Tre", url="https://other.example/1"))
        assert alert.buttons == usual


async def test_feedback_becomes_labels_a_precision_and_lines_of_a_labelled_set(bot: ChatBot) -> None:
    chat = await alerted(bot)
    await bot.press(chat.last, "Wrong?")
    await bot.press(chat.last, "Not relevant")
    await bot.plant(news("Amkor opens its factory in Bac Ninh", "Amkor Technology opened its chip packaging factory in Bac Ninh."))
    alert = chat.last
    await bot.press(alert, "Wrong?")
    await bot.press(alert, "It was right")
    found = await bot.thread.read(precisions)
    assert sorted(precision.share for precision in found) == [0.0, 1.0]
    assert "0 % of 1" in (await bot.answer(chat, "/status")).text
    document = (await bot.answer(chat, "/export labels")).document
    assert document is not None
    rows = [json.loads(line) for line in document[1].decode().splitlines()]
    assert {"id", "lang", "source", "published", "title", "text", "labels"} <= rows[0].keys()
    assert {"mentions", "about", "events", "sponsored"} == rows[0]["labels"].keys()


async def test_the_same_mistake_twice_proposes_a_condition_that_then_counts(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    for number, who in ((1, "Hanoi"), (2, "Da Nang")):
        await bot.plant(
            news(
                f"Nvidia Shield Quidditch league opens in {who}",
                f"The Nvidia quidditch league {number} opened an office in {who} for fans of broomsticks.",
            )
        )
        alert = chat.last
        await bot.press(alert, "Wrong?")
        await bot.press(alert, "Wrong name")
        await bot.press(alert, "Nvidia")
    proposal = chat.last
    assert "quidditch" in proposal.text.lower(), proposal.text
    await bot.press(proposal, "Yes")
    assert "does not count near" in chat.last.text
    assert "quidditch" in (tmp_path / "seeds" / "entities.toml").read_text().lower()
    before = len(chat.from_bot)
    planted = await bot.plant(news("Nvidia Quidditch league opens an office in Hue", "Nvidia quidditch opened an office in Hue."))
    assert planted.hits == ()
    assert len(chat.from_bot) == before
    assert (await bot.plant(deal())).hits, "what is meant is still found"


@pytest.mark.parametrize("lang", ["en", "vi"])
async def test_presses_that_are_old_forged_or_from_strangers(bot: ChatBot, lang: str) -> None:
    chat = await alerted(bot, lang)
    alert = chat.last
    secret = bot.services.secret
    for data in ("why:1:AAAAAAAAAAA", "nonsense", "mute:999999:", "why"):
        press = await bot.server.press_data(alert, data)
        await bot.settle()
        assert press.text == t_plain(lang, "forged_button")
    for action in ("why", "more", "mute", "snz", "snz1", "fb", "fbn", "fbr", "fbe", "back"):
        press = await bot.server.press_data(alert, button_data(secret, action, 999999))
        await bot.settle()
        assert press.text == t_plain(lang, "old_button"), action
    for action, argument in (("w", "9.keep"), ("f", "9.0"), ("fbp", "9.yes"), ("lang", "xx"), ("fbx", "1.99"), ("retired", "1")):
        press = await bot.server.press_data(alert, button_data(secret, action, argument))
        await bot.settle()
        assert press.text in {t_plain(lang, "dialogue_over"), t_plain(lang, "old_button")}, action
    stranger = bot.server.private("Eve")
    stray = await bot.server.say(stranger, "x")
    press = await bot.server.press_data(stray, button_data(secret, "more", 1))
    await bot.settle()
    assert not press.answered
    assert stranger.from_bot == []


async def test_a_press_whose_story_retention_dropped_is_answered_sensibly(bot: ChatBot) -> None:
    chat = await alerted(bot)

    def drop(store: Store) -> None:
        store.conn.execute("DELETE FROM items")

    await bot.thread.write(drop)
    for label in ("Why?", "More", "Snooze", "Wrong?"):
        alert = chat.from_bot[0]
        press = await bot.server.press_data(alert, next(k["callback_data"] for row in bot_keys(bot) for k in row if label in k["text"]))
        await bot.settle()
        assert "too old" in press.text, label


def bot_keys(bot: ChatBot) -> list[list[dict[str, str]]]:
    """The keys as they stood under the first alert."""
    sent = next(values for name, values in bot.server.calls if name == "sendMessage" and values.get("reply_markup"))
    rows: list[list[dict[str, str]]] = sent["reply_markup"]["inline_keyboard"]
    return [[key for key in row if "callback_data" in key] for row in rows]


async def test_in_a_group_readers_may_ask_why_but_not_mute_for_all(bot: ChatBot) -> None:
    group = bot.server.group("Team")
    await bot.admit(group)
    await bot.plant(deal())
    alert = group.last
    await bot.press(alert, "Why?")
    assert "Why this came" in group.last.text
    assert "administrators" in (await bot.press(alert, "Mute")).text


async def test_a_press_that_expired_meanwhile_has_its_effect_all_the_same(bot: ChatBot) -> None:
    chat = await alerted(bot)
    press = await bot.server.press(chat.last, "Mute")
    press.expired = True
    await bot.settle()
    bot.server.refusals.clear()
    assert "VinBrain" in (await bot.answer(chat, "/mute")).text


async def test_the_language_can_be_chosen_by_a_key(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.press(await bot.answer(chat, "/language"), "Tiếng Việt")
    assert "Chưa có gì" in (await bot.answer(chat, "/latest")).text
    bot.services.clock.move(timedelta(days=1))  # type: ignore[attr-defined]
    assert "Chưa có gì" in (await bot.answer(chat, "/latest")).text
