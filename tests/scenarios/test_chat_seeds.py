"""Seeds changed from chats are safe: what exists is not replaced unasked, what was said to be kept is kept, whoever writes beside it."""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.commands.context import DiscoveredFeed
from bot.config import ConfigError
from bot.i18n.translate import t_plain
from bot.user_seeds.feeds import add_feeds
from bot.user_seeds.toml_files import SaveEntry, change_entries, lock_seeds, own_entries
from seeds.load import Seeds, load_seeds
from tests.support.bot_api import Chat, Seen
from tests.support.chat_bot import ChatBot, news, open_chat_bot


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[ChatBot]:
    async with open_chat_bot(tmp_path) as running:
        yield running
        assert running.server.refusals == []


def own(folder: Path, table: str) -> list[dict[str, Any]]:
    path = folder / "seeds" / f"{table}.toml"
    return list(tomllib.loads(path.read_text("utf-8")).get(table, [])) if path.exists() else []


async def at_once(bot: ChatBot, said: Sequence[tuple[Chat, str]]) -> list[Seen]:
    """Several people write before any of them is answered; what each chat then saw."""
    for chat, text in said:
        await bot.server.say(chat, text)
    await bot.settle()
    return [chat.last for chat, _ in said]


async def keep(bot: ChatBot, drafts: Sequence[Seen]) -> None:
    """All press "Keep it" before any of them is answered."""
    for draft in drafts:
        await bot.server.press(draft, "Keep it")
    await bot.settle()


# --- two admins --------------------------------------------------------------------------------------------------------------------


async def test_of_28_names_that_two_admins_keep_at_the_same_time_each_is_kept(bot: ChatBot, tmp_path: Path) -> None:
    chats = [await bot.paired("An"), await bot.paired("Bình")]
    names = [[f"Zorvalex {letter}{number:02}" for number in range(14)] for letter in "AB"]
    for pair in zip(*names, strict=True):
        drafts = await at_once(bot, [(chat, f"/watch add {name}") for chat, name in zip(chats, pair, strict=True)])
        await keep(bot, drafts)
        for chat, name in zip(chats, pair, strict=True):
            assert f"{name} is now watched" in chat.last.text
    wanted = {name for some in names for name in some}
    assert {entry["name"] for entry in own(tmp_path, "entities")} == wanted
    assert {entry["name"] for entry in own(tmp_path, "rules")} == wanted
    assert wanted <= {entity.name for entity in bot.services.seeds.entities.values()}


async def test_a_refusal_takes_back_its_own_change_and_leaves_what_another_admin_kept(bot: ChatBot, tmp_path: Path) -> None:
    chats = [await bot.paired("An"), await bot.paired("Bình")]
    reload = bot.services.reload

    async def refuses_queldor() -> Seeds:
        seeds = await reload()
        if "queldor" in seeds.entities:
            raise ConfigError("Queldor does not fit")
        return seeds

    bot.services.reload = refuses_queldor
    for first, second in (("Queldor", "Tamrisk"), ("Ostrevan", "Queldor")):
        await keep(bot, await at_once(bot, [(chats[0], f"/watch add {first}"), (chats[1], f"/watch add {second}")]))
        for chat, name in zip(chats, (first, second), strict=True):
            assert ("Queldor does not fit" if name == "Queldor" else "is now watched") in chat.last.text
    assert {entry["name"] for entry in own(tmp_path, "entities")} == {"Tamrisk", "Ostrevan"}
    assert {entry["name"] for entry in own(tmp_path, "rules")} == {"Tamrisk", "Ostrevan"}


async def test_who_keeps_a_draft_of_what_another_admin_changed_meanwhile_is_asked(bot: ChatBot) -> None:
    an, binh = await bot.paired("An"), await bot.paired("Bình", language="vi")
    drafts = []
    for chat, words in ((an, "oatmeal"), (binh, "chess")):
        draft = await bot.answer(chat, "/watch edit vingroup")
        await bot.press(draft, t_plain("vi" if chat is binh else "en", "button.not_near"))
        drafts.append(await bot.answer(chat, words, reply_to=chat.last))
    await bot.press(drafts[0], "Keep it")
    await bot.press(drafts[1], "Giữ lại")
    assert "người khác đã thêm hoặc sửa Vingroup" in drafts[1].text
    entity = bot.services.seeds.entities["vingroup"]
    assert all("oatmeal" in name.not_near for name in entity.names), "nothing is replaced before somebody says so"
    await bot.press(drafts[1], "Giữ lại")
    assert "được theo dõi" in binh.last.text
    assert all("chess" in name.not_near for name in bot.services.seeds.entities["vingroup"].names)


async def test_the_same_new_name_from_two_admins_is_kept_once_and_said(bot: ChatBot, tmp_path: Path) -> None:
    an, binh = await bot.paired("An"), await bot.paired("Bình")
    first, second = await at_once(bot, [(an, "/watch add Zorvex"), (binh, "/watch add ZORVEX!")])
    await bot.press(first, "Keep it")
    await bot.press(second, "Keep it")
    assert "Another admin added or changed ZORVEX" in second.text
    assert [entry["name"] for entry in own(tmp_path, "entities")] == ["Zorvex"]
    await bot.press(second, "Cancel")
    assert [entry["name"] for entry in own(tmp_path, "entities")] == ["Zorvex"]


async def test_a_keep_that_is_answered_again_after_a_stop_is_no_change_of_somebody_else(bot: ChatBot) -> None:
    chat = await bot.paired()
    draft = await bot.answer(chat, "/watch add Zorvex")
    change_entries(bot.services.config.seeds_folder, [
        SaveEntry("entities", {"id": "zorvex", "name": "Zorvex", "kind": "company", "watched": True}),
        SaveEntry("rules", {"id": "watch-zorvex", "name": "Zorvex", "any": ["zorvex"], "about": True, "severity": "alert"}),
    ])  # fmt: skip
    await bot.press(draft, "Keep it")
    assert "is now watched" in chat.last.text


async def test_what_somebody_wrote_into_the_file_beside_the_bot_is_what_a_dialogue_changes(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    await bot.press(await bot.answer(chat, "/watch add Zorvex"), "Keep it")
    path = tmp_path / "seeds" / "entities.toml"
    path.write_text(path.read_text() + 'country = "vietnam"\nnames = ["Zorvex Ltd"]\n')
    draft = await bot.answer(chat, "/watch edit zorvex")
    assert "Zorvex Ltd" in draft.text
    await bot.press(draft, "Never near")
    shown = await bot.answer(chat, "football", reply_to=chat.last)
    path.write_text(path.read_text().replace('"vietnam"', '"china"'))
    await bot.press(shown, "Keep it")
    assert "Another admin" in shown.text
    assert own(tmp_path, "entities")[0]["country"] == "china"


async def test_a_command_beside_the_bot_and_a_chat_add_feeds_to_one_file(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()

    async def discover(url: str) -> Sequence[DiscoveredFeed]:
        return [DiscoveredFeed(f"{url}/rss", "Found", 3, "en")]

    bot.services.discover = discover

    def command() -> None:
        for number in range(10):
            add_feeds(bot.services.config, [{"url": f"https://command-{number}.example/rss"}])

    beside = asyncio.create_task(asyncio.to_thread(command))
    for number in range(10):
        assert "is now polled" in (await bot.answer(chat, f"/feeds add https://chat-{number}.example")).text
    await beside
    assert len(own(tmp_path, "feeds")) == 20


async def test_a_change_waits_for_the_command_that_has_the_folder(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    draft = await bot.answer(chat, "/watch add Zorvex")
    with lock_seeds(tmp_path / "seeds"):
        await bot.server.press(draft, "Keep it")
        waiting = asyncio.create_task(bot.settle())
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
        assert own(tmp_path, "entities") == []
    await waiting
    assert [entry["id"] for entry in own(tmp_path, "entities")] == ["zorvex"]


# --- names as people read them -----------------------------------------------------------------------------------------------------


NVIDIA = ["Nvidia!", "nvidia", "NVIDIA®", "Nvidia™", "ＮＶＩＤＩＡ", "“Nvidia”", "#nvidia", "Nvi\u200bdia", "Nvidia."]


@pytest.mark.parametrize("name", NVIDIA)
async def test_a_name_that_reads_as_one_that_is_watched_is_that_one(bot: ChatBot, tmp_path: Path, name: str) -> None:
    chat = await bot.paired()
    said = await bot.answer(chat, f"/watch add {name}")
    assert "Nvidia is watched already" in said.text
    assert said.buttons == []
    assert not (tmp_path / "seeds" / "entities.toml").exists()


async def test_accents_and_their_encoding_make_no_other_name(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    await bot.press(await bot.answer(chat, "/watch add Hải Đăng Thép"), "Keep it")
    for name in ("hai dang thep", "Ha\u0309i \u0110a\u0306ng The\u0301p", "HẢI-ĐĂNG THÉP!", "Ｈải Ðăng Thép"):
        assert "Hải Đăng Thép is watched already" in (await bot.answer(chat, f"/watch add {name}")).text, name
    assert len(own(tmp_path, "entities")) == 1


@pytest.mark.parametrize(("lang", "keep", "said"), [("en", "Keep it", "changes that one"), ("vi", "Giữ lại", "sẽ sửa quy tắc đó")])
async def test_a_rule_whose_name_reads_as_one_that_is_there_is_said_to_be_that_one(bot: ChatBot, lang: str, keep: str, said: str) -> None:
    chat = await bot.paired(language=lang)
    before = bot.services.seeds.rules["deals"]
    draft = await bot.answer(chat, "/watch rule Deals!")
    assert said in draft.text
    assert "deals" in draft.text
    await bot.press(draft, keep)
    after = bot.services.seeds.rules["deals"]
    assert (after.groups, after.any, after.events, after.title) == (before.groups, before.any, before.events, before.title)


async def test_a_rule_with_the_id_that_a_new_name_would_take_is_not_replaced_unsaid(bot: ChatBot) -> None:
    chat = await bot.paired()
    draft = await bot.answer(chat, "/watch rule watch Zorvex")
    await bot.press(draft, "Words")
    await bot.press(await bot.answer(chat, "broom", reply_to=chat.last), "Keep it")
    draft = await bot.answer(chat, "/watch add Zorvex")
    assert "another rule watch Zorvex" in draft.text
    assert "replaces it" in draft.text


async def test_an_older_key_keeps_no_rule_that_would_catch_everything(bot: ChatBot, tmp_path: Path) -> None:
    chat, other = await bot.paired("An"), await bot.paired("Bình")
    drafts = [await bot.answer(one, "/watch rule Broom news") for one in (chat, other)]
    for one, draft in zip((chat, other), drafts, strict=True):
        await bot.press(draft, "Words")
        await bot.answer(one, "broom", reply_to=one.last)
    full = chat.last
    await bot.press(other.last, "Keep it")
    await bot.press(full, "Words")
    await bot.answer(chat, "-", reply_to=chat.last)
    await bot.press(full, "Keep it")
    assert "could not be saved" in chat.last.text
    assert [entry["words"] for entry in own(tmp_path, "rules")] == [["broom"]]


async def test_two_long_names_that_begin_alike_are_two(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    names = [f"Vietnam National Coal and Mineral Holding {place}" for place in ("North", "South")]
    for name in names:
        await bot.press(await bot.answer(chat, f"/watch add {name}"), "Keep it")
        assert "is now watched" in chat.last.text
    assert [entry["name"] for entry in own(tmp_path, "entities")] == names


# --- spellings ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "label", "keep", "kept", "new"),
    [
        ("en", "Other spellings", "Keep it", "Spellings: Foxconn, Hon Hai", "New spellings: Fii"),
        ("vi", "Cách viết khác", "Giữ lại", "Cách viết: Foxconn, Hon Hai", "Cách viết mới: Fii"),
    ],
)
async def test_other_spellings_are_added_to_those_that_are_known(
    bot: ChatBot, lang: str, label: str, keep: str, kept: str, new: str
) -> None:
    chat = await bot.paired(language=lang)
    await bot.press(await bot.answer(chat, "/watch add Foxconn"), label)
    assert "Hon Hai Precision" in chat.last.text, "the question says what is there"
    shown = await bot.answer(chat, "Fii, Foxconn Industrial Internet", reply_to=chat.last)
    assert kept in shown.text
    assert new in shown.text
    await bot.press(shown, keep)
    names = {name.text for name in bot.services.seeds.entities["foxconn"].all_names()}
    assert names >= {"Foxconn", "Hon Hai", "Hon Hai Precision", "Fii", "Foxconn Industrial Internet"}
    await bot.plant(news("Hon Hai to build a plant", "Hon Hai has agreed to build a server plant in Bac Giang for $300 million."))
    assert "Hon Hai" in chat.last.text


async def test_a_spelling_goes_only_when_it_is_said_so(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.press(await bot.answer(chat, "/watch add Foxconn"), "Other spellings")
    shown = await bot.answer(chat, "-hon hai, Fii", reply_to=chat.last)
    assert "Taken out: Hon Hai\n" in shown.text
    await bot.press(shown, "Keep it")
    names = {name.text for name in bot.services.seeds.entities["foxconn"].names}
    assert "Fii" in names
    assert "Hon Hai" not in names
    assert "Hon Hai Precision" in names


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Sprint", "“Sprint” is an ordinary word"),
        ("Qox", "“Qox” is short: 3 letters"),
        ("Thắng", "“Thắng” is a syllable that other Vietnamese"),
        ("Hy Vọng", "“Hy Vọng” is an ordinary phrase"),
    ],
)
async def test_why_a_name_is_doubtful_is_said(bot: ChatBot, name: str, why: str) -> None:
    chat = await bot.paired()
    said = (await bot.answer(chat, f"/watch add {name}")).text
    assert why in said
    assert "can mean other things" in said


async def test_a_spelling_that_belongs_to_another_name_is_said_to(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.press(await bot.answer(chat, "/watch add Zorvex Group"), "Other spellings")
    shown = await bot.answer(chat, "Amkor!", reply_to=chat.last)
    assert "ambiguous: it is also a name of Amkor" in shown.text


# --- feeds --------------------------------------------------------------------------------------------------------------------------


async def test_a_packaged_feed_that_was_switched_off_comes_back_as_it_was(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    packaged = load_seeds().feeds[0]
    change_entries(tmp_path / "seeds", [SaveEntry("feeds", {"url": packaged.url, "off": True})])

    async def discover(_url: str) -> Sequence[DiscoveredFeed]:
        return [DiscoveredFeed(packaged.url.replace("https:", "http:"), "Another name", 5, "")]

    bot.services.discover = discover
    assert packaged.title in (await bot.answer(chat, "/feeds add https://paper.example")).text
    assert own_entries(tmp_path / "seeds", "feeds") == {}
    assert packaged in bot.services.config.load_seeds().feeds
    assert "polled already" in (await bot.answer(chat, "/feeds add https://paper.example")).text
