"""/watch and /feeds from the chat: dialogues that show what they would have caught, and seeds that a person can read afterwards."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands.context import DiscoveredFeed
from bot.i18n.translate import t_plain
from bot.user_seeds.toml_files import OwnSeedsError, RemoveEntry, SaveEntry, change_entries, content_of, own_entries, restore
from seeds.feeds import Feed
from seeds.load import load_seeds
from seeds.rules import Rule
from tests.support.chat_bot import ChatBot, deal, news, open_chat_bot
from watchers.match.matcher import Matcher
from watchers.models.problem import Problem, ProblemError

PLANT = "Foxconn, the assembler of the iPhone, has agreed to build a factory in Bac Giang for 300 million dollars."


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[ChatBot]:
    async with open_chat_bot(tmp_path) as running:
        yield running
        assert running.server.refusals == []


@pytest.mark.parametrize(("lang", "near", "keep"), [("en", "Only near", "Keep it"), ("vi", "Chỉ khi gần", "Giữ lại")])
async def test_an_entity_added_from_the_chat_catches_the_next_item_and_stands_in_readable_toml(
    bot: ChatBot, tmp_path: Path, lang: str, near: str, keep: str
) -> None:
    chat = await bot.paired(language=lang)
    plant = news("Zorvex plans factory", PLANT.replace("Foxconn", "Zorvex"))
    await bot.plant(plant, news("A band called Zorvex plays in Hue", "The band Zorvex plays in Hue tonight."))
    draft = await bot.answer(chat, "/watch add Zorvex")
    assert draft.marked("bold")[:2] == ["Zorvex", "2"], "both would have been caught"
    assert {"en": "leads the title", "vi": "là chủ thể của tiêu đề"}[lang] in draft.text, "and why"
    await bot.press(draft, near)
    question = chat.last
    assert question.force_reply
    shown = await bot.answer(chat, "iPhone, factory", reply_to=question)
    assert shown.marked("bold")[:2] == ["Zorvex", "1"]
    assert not (tmp_path / "seeds" / "entities.toml").exists(), "nothing is kept before it is said so"
    await bot.press(shown, keep)
    assert "seeds/entities.toml" in chat.last.text
    written = (tmp_path / "seeds" / "entities.toml").read_text()
    assert written.startswith("# Who and what is watched")
    (entry,) = tomllib.loads(written)["entities"]
    assert entry == {
        "id": "zorvex", "name": "Zorvex", "kind": "company", "watched": True,
        "names": [{"text": "Zorvex", "near": ["iPhone", "factory"]}],
    }  # fmt: skip
    before = len(chat.from_bot)
    await bot.plant(news("Zorvex hires for its factory", "Zorvex will hire 2,000 people for its factory in Bac Giang."))
    assert "Zorvex" in chat.last.text
    assert len(chat.from_bot) == before + 1


async def test_a_name_that_is_known_but_not_watched_is_watched_with_all_that_is_known_of_it(bot: ChatBot) -> None:
    chat = await bot.paired()
    await bot.press(await bot.answer(chat, "/watch add Foxconn"), "Keep it")
    foxconn = bot.services.seeds.entities["foxconn"]
    assert foxconn.watched
    assert foxconn.tickers
    await bot.plant(news("Hon Hai hires for its factory", PLANT.replace("Foxconn", "Hon Hai")))
    assert "Hon Hai" in chat.last.text


async def test_a_draft_can_be_changed_in_every_way_and_cancelled(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    draft = await bot.answer(chat, "/watch add Gemini Labs")
    for label in ("Capitals as written", "Passing mentions too", "Digest only"):
        await bot.press(draft, label)
    assert all(said in draft.text for said in ("Capitals as written: yes", "about it: no", "Delivery: digest only")), draft.text
    await bot.press(draft, "Other spellings")
    shown = await bot.answer(chat, "Gemini Lab; GL Inc", reply_to=chat.last)
    await bot.press(shown, "Never near")
    shown = await bot.answer(chat, "horoscope\nzodiac", reply_to=chat.last)
    assert "Spellings: Gemini Labs, Gemini Lab, GL Inc" in shown.text
    assert "Never near: horoscope, zodiac" in shown.text
    await bot.press(shown, "Cancel")
    assert "Cancelled" in chat.last.text
    assert list((tmp_path / "seeds").iterdir()) == []
    assert "over" in (await bot.press(draft, "Keep it")).text


async def test_names_that_cannot_be_watched_are_said_so(bot: ChatBot) -> None:
    chat = await bot.paired()
    assert "neither letters nor digits" in (await bot.answer(chat, "/watch add !!!")).text
    assert "at most 80 characters" in (await bot.answer(chat, f"/watch add {'x' * 100}")).text
    assert "Keep it" in (await bot.answer(chat, "/watch add 鴻海")).buttons
    assert "watched already" in (await bot.answer(chat, "/watch add NVIDIA")).text
    assert "What should I watch" in (await bot.answer(chat, "/watch add")).text


async def test_what_was_added_is_listed_edited_and_removed_and_packaged_names_are_not(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    await bot.press(await bot.answer(chat, "/watch add Foxconn"), "Keep it")
    assert "Foxconn: 0 (yours)" in (await bot.answer(chat, "/watch")).text
    draft = await bot.answer(chat, "/watch edit Foxconn")
    await bot.press(draft, "Other spellings")
    await bot.press(await bot.answer(chat, "Hon Hai", reply_to=chat.last), "Keep it")
    await bot.plant(news("Hon Hai plans", "Hon Hai has agreed to build a factory in Bac Giang for 300 million dollars."))
    assert "Hon Hai" in chat.last.text
    assert "came with seedwatch" in (await bot.answer(chat, "/watch remove nvidia")).text
    await bot.press(await bot.answer(chat, "/watch remove foxconn"), "Yes")
    assert "not watched any more" in chat.last.text
    assert "foxconn" not in (tmp_path / "seeds" / "entities.toml").read_text()
    assert "foxconn" not in (tmp_path / "seeds" / "rules.toml").read_text()
    assert (await bot.plant(news("Hon Hai plans again", "Hon Hai has agreed to build a plant in Hue for 1 million dollars."))).hits == ()


async def test_editing_a_packaged_name_keeps_all_that_the_dialogue_does_not_speak_of(bot: ChatBot) -> None:
    chat = await bot.paired()
    before = bot.services.seeds.entities["vingroup"]
    draft = await bot.answer(chat, "/watch edit vingroup")
    await bot.press(draft, "Never near")
    await bot.press(await bot.answer(chat, "chess", reply_to=chat.last), "Keep it")
    after = bot.services.seeds.entities["vingroup"]
    assert (after.tickers, after.kind, after.country) == (before.tickers, before.kind, before.country)
    assert {name.text for name in after.names} >= {name.text for name in before.names}
    assert all("chess" in name.not_near for name in after.names)
    assert (await bot.plant(deal())).hits


async def test_a_rule_is_made_by_names_words_and_events(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    await bot.plant(deal(), news("Amkor opens its factory", "Amkor Technology opened its chip packaging factory in Bac Ninh."))
    draft = await bot.answer(chat, "/watch rule chip factories")
    assert "would match everything" in draft.text
    assert "Keep it" not in draft.buttons
    await bot.press(draft, "Names…")
    assert "I do not know Unheard" in (await bot.answer(chat, "Amkor, Unheard", reply_to=chat.last)).text
    shown = await bot.answer(chat, "Amkor, nvidia", reply_to=chat.last)
    await bot.press(shown, "Events")
    assert "Review or price list" not in shown.buttons, "what is never reported cannot be asked for"
    await bot.press(shown, "Facility")
    assert "✓ Facility" in shown.buttons
    await bot.press(shown, "Back")
    assert "Events: Facility" in shown.text
    assert shown.marked("bold")[1] == "1", "only Amkor's factory"
    await bot.press(shown, "Keep it")
    (entry,) = tomllib.loads((tmp_path / "seeds" / "rules.toml").read_text())["rules"]
    assert entry == {
        "id": "chip-factories", "name": "chip factories", "any": ["amkor", "nvidia"], "events": ["facility"], "about": True,
        "severity": "alert",
    }  # fmt: skip
    assert "chip-factories" in (await bot.answer(chat, "/watch")).text
    again = await bot.answer(chat, "/watch rule chip-factories")
    await bot.press(again, "Digest only")
    await bot.press(again, "Keep it")
    assert bot.services.seeds.rules["chip-factories"].severity == "digest"
    await bot.press(await bot.answer(chat, "/watch remove chip-factories"), "Yes")
    assert "chip-factories" not in bot.services.seeds.rules


@pytest.mark.parametrize("lang", ["en", "vi"])
async def test_a_rule_of_the_configuration_file_is_said_to_stand_there_and_is_not_changed_in_vain(
    bot: ChatBot, tmp_path: Path, lang: str
) -> None:
    own = Rule(id="own-rule", name="Own rule", any=("nvidia",))
    bot.services.config = bot.services.config.model_copy(update={"rules": (own,)})
    bot.services.seeds = replace(bot.services.seeds, rules={own.id: own})
    bot.matcher = Matcher(bot.services.seeds)
    chat = await bot.paired(language=lang)
    for words in ("rule own-rule", "edit own-rule", "remove own-rule", "rule Own rule"):
        said = await bot.answer(chat, f"/watch {words}")
        assert "config.toml" in said.text, words
        assert said.buttons == []
    for title, text in (
        ("Nvidia names a quidditch team of its own", "Nvidia gave its name to a team of broomstick riders on Monday."),
        ("Fans in Hue mourn as Nvidia leaves quidditch", "The stadium by the river stands empty and shirts are sold for little money."),
    ):
        await bot.plant(news(title, text))
        await bot.press(chat.last, t_plain(lang, "button.wrong"))
        await bot.press(chat.last, t_plain(lang, "button.irrelevant"))
    assert "config.toml" in chat.last.text
    assert "not_words = [" in chat.last.text
    assert chat.last.buttons == [], "nothing is proposed that would not count"
    assert not (tmp_path / "seeds" / "rules.toml").exists()


async def test_in_a_group_the_dialogue_hears_the_answer_to_its_question_and_nobody_elses(bot: ChatBot) -> None:
    admin, group = await bot.paired(), bot.server.group("Team")
    await bot.admit(group)
    other = bot.server.user("Other")
    draft = await bot.answer(group, "/watch add Foxconn", admin.user)
    await bot.press(draft, "Only near", admin.user)
    question = group.last
    assert "answer this message" in question.text
    assert await bot.answers(group, "iPhone", other, reply_to=question) == []
    shown = await bot.answer(group, "iPhone", admin.user, reply_to=question)
    assert "Only near: iPhone" in shown.text
    assert "Only an admin" in (await bot.press(shown, "Keep it", other)).text


async def test_what_cannot_be_kept_is_undone_and_said(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    broken = "[[rules]]\nid = 'mine'\nany = ['nobody-known']\n"
    draft = await bot.answer(chat, "/watch add Zorvex")
    (tmp_path / "seeds" / "rules.toml").write_text(broken)
    await bot.press(draft, "Keep it")
    assert "could not be saved" in chat.last.text
    assert (tmp_path / "seeds" / "rules.toml").read_text() == broken
    assert not (tmp_path / "seeds" / "entities.toml").exists()
    assert "zorvex" not in bot.services.seeds.entities


async def test_feeds_are_listed_found_at_a_site_added_and_removed(bot: ChatBot, tmp_path: Path) -> None:
    chat = await bot.paired()
    assert "0 feeds" in (await bot.answer(chat, "/feeds")).text
    assert "not possible here" in (await bot.answer(chat, "/feeds add paper.example")).text
    asked: list[str] = []

    async def discover(url: str) -> Sequence[DiscoveredFeed]:
        asked.append(url)
        if "private" in url:
            raise ProblemError(Problem("address.private", {"host": "10.0.0.1"}))
        return [
            DiscoveredFeed("https://paper.example/rss", "Paper <b>News</b>", 20, "vi"),
            DiscoveredFeed("https://paper.example/tech", "Tech", 9),
        ]

    bot.services.discover = discover
    assert "10.0.0.1 is not a public address" in (await bot.answer(chat, "/feeds add http://private.example")).text
    choice = await bot.answer(chat, "/feeds paper.example")
    assert asked[-1] == "https://paper.example"
    await bot.press(choice, "Paper")
    assert "is now polled" in chat.last.text
    (entry,) = tomllib.loads((tmp_path / "seeds" / "feeds.toml").read_text())["feeds"]
    assert (entry["url"], entry["lang"], entry["timezone"]) == ("https://paper.example/rss", "vi", "Asia/Ho_Chi_Minh")
    assert "no feed" not in (await bot.answer(chat, "/feeds")).text
    mine, theirs = Feed(url="https://paper.example/rss", name="Paper"), load_seeds().feeds[0]
    bot.services.seeds = replace(bot.services.seeds, feeds=(mine, theirs))
    assert "not polled any more" in (await bot.answer(chat, "/feeds remove paper")).text
    assert own_entries(tmp_path / "seeds", "feeds") == {}
    assert "not polled any more" in (await bot.answer(chat, f"/feeds remove {theirs.url}")).text
    assert own_entries(tmp_path / "seeds", "feeds") == {theirs.url: {"url": theirs.url, "off": True}}
    assert "I know none" in (await bot.answer(chat, "/feeds remove nothing-like-it")).text


def test_own_seeds_keep_what_people_wrote_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('# my own notes\n[[rules]]\nid = "a"   # the first\nany = ["fpt"]\n\n[[rules]]\nid = "b"\nany = ["amkor"]\n')
    added, changed = {"id": "c", "any": ["nvidia"], "about": True}, {"id": "b", "any": ["nvidia"]}
    change_entries(tmp_path, [SaveEntry("rules", added), SaveEntry("rules", changed)])
    assert change_entries(tmp_path, [RemoveEntry("rules", "c")]).files
    assert not change_entries(tmp_path, [RemoveEntry("rules", "c")]).files
    text = path.read_text()
    assert "# my own notes" in text
    assert "# the first" in text
    assert own_entries(tmp_path, "rules") == {"a": {"id": "a", "any": ["fpt"]}, "b": {"id": "b", "any": ["nvidia"]}}
    before = content_of(tmp_path, "rules")
    change_entries(tmp_path, [RemoveEntry("rules", "a"), RemoveEntry("rules", "b")])
    assert own_entries(tmp_path, "rules") == {}
    restore(tmp_path, "rules", before)
    assert path.read_text() == text
    restore(tmp_path, "rules", None)
    assert not path.exists()
    path.write_text("not = [toml")
    with pytest.raises(OwnSeedsError, match=r"rules\.toml: cannot be read"):
        own_entries(tmp_path, "rules")
