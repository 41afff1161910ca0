"""Every command and every key, in both languages, in each kind of chat: pressed one by one until nothing new is left to press."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from bot.alerts.buttons import read_button
from bot.commands import registry
from bot.commands.context import DiscoveredFeed
from bot.i18n.translate import CATALOGS, t_plain
from tests.support.bot_api import Chat, User
from tests.support.bot_api.entities import parse_html
from tests.support.chat_bot import ChatBot, deal, news, open_chat_bot
from watchers.models.problem import Problem, ProblemError

KINDS = ("private", "group", "channel", "topic")
FACTORY = news("Amkor opens its factory in Bac Ninh", "Amkor Technology opened its chip packaging factory in Bac Ninh on Monday.")
ASKED = (
    "latest amkor", "search nvidia", "story 1", "story 999", "timeline", "timeline amkor", "digest", "digest 2020-01-01", "watch",
    "watch add Zorvex", "watch add !!!", "watch edit amkor", "watch remove amkor", "watch rule plants", "watch here", "feeds",
    "feeds add", "feeds add nowhere.example", "feeds add site.example", "feeds remove x", "mute amkor", "mute off amkor", "mute 1",
    "mute off 1", "snooze deals 1h", "snooze deals off", "snooze nothing 1h", "quiet 22:00-07:00", "quiet soon", "quiet off",
    "digesttime 07:30", "digesttime 7", "why", "why 1", "why 99", "status", "export", "export labels", "export x", "invite", "help",
    "start",
)  # fmt: skip
MENUS = ("snz", "fb", "fbe")
ENDS = ("w:keep", "w:yes", "w:cancel")
"""Pressed when there is nothing else left: they end a dialogue."""
LAST = "forget"
"""And this one after all: it ends everything."""
TWICE = 160
"""Presses after which a crawl is going round in circles."""


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[ChatBot]:
    async def discover(address: str) -> list[DiscoveredFeed]:
        if "nowhere" in address:
            raise ProblemError(Problem("no_feed"))
        return [DiscoveredFeed(f"{address}/{one}", f"Feed {one}", 9) for one in ("a", "b")]

    async with open_chat_bot(tmp_path) as running:
        running.services.discover = discover
        yield running
        assert [refusal for refusal in running.server.refusals if "not modified" not in refusal[2]] == [], (
            "what was said passed the server's checks"
        )


WRITER = User(4_000_001, "Writer")
"""Writes a channel, whose posts bear nobody's name; only presses do."""


@dataclass
class Room:
    """A chat, who speaks in it, and in which topic."""

    bot: ChatBot
    chat: Chat
    who: User | None
    thread: int | None
    lang: str

    @property
    def where(self) -> dict[str, int]:
        """The topic."""
        return {} if self.thread is None else {"thread": self.thread}

    async def say(self, text: str, **how: Any) -> None:
        """Somebody writes."""
        await self.bot.answers(self.chat, text, self.who, **self.where, **how)

    async def press(self, key: str) -> None:
        """Somebody presses the key with this label in the chat's language under the newest message that has it."""
        message = next(one for one in reversed(self.chat.from_bot) if any(t_plain(self.lang, key) in label for label in one.buttons))
        await self.bot.press(message, t_plain(self.lang, key), self.who)


async def room(bot: ChatBot, kind: str, lang: str) -> Room:
    """A paired chat of that kind in which an admin speaks."""
    admin = await bot.paired("Admin", language=lang)
    if kind == "private":
        return Room(bot, admin, None, None, lang)
    server = bot.server
    chat = {
        "group": lambda: server.group("Team"), "channel": lambda: server.channel("News"),
        "topic": lambda: server.group("Forum", forum=True, topics=(5, 6)),
    }[kind]()  # fmt: skip
    thread = 5 if kind == "topic" else None
    await bot.admit(chat, admin=True, language=lang, thread=thread)
    chat.admins.add(WRITER.id)
    return Room(bot, chat, WRITER if kind == "channel" else admin.user, thread, lang)


def kind_of(bot: ChatBot, data: str) -> str:
    """What a key does, whatever it does it to."""
    read = read_button(bot.services.secret, data)
    assert read is not None, "every key is signed"
    return read.action if read.action != "w" else f"w:{'.'.join(read.argument.split('.')[1:])}"


async def press_everything(place: Room) -> set[str]:
    """Presses every kind of key that stands anywhere in the chat, menus as often as they hold something new; the kinds pressed."""
    pressed: Counter[str] = Counter()
    for _ in range(TWICE):
        keys = [(one, key["callback_data"]) for one in place.chat.from_bot for row in one.keyboard for key in row if "callback_data" in key]
        open_ = [(kind_of(place.bot, data), message, data) for message, data in keys]
        todo = [one for one in open_ if (not pressed[one[0]] and one[0] != LAST) or (one[0] in MENUS and pressed[one[0]] < 8)]
        todo = todo or [one for one in open_ if one[0] == LAST and not pressed[LAST]]
        if not todo:
            return set(pressed)
        kind, message, data = min(todo, key=lambda one: (pressed[one[0]], one[0] in ENDS, one[0] == "back"))
        pressed[kind] += 1
        press = await place.bot.server.press_data(message, data, place.who)
        await place.bot.settle()
        assert press.answered, data
        assert "not one of mine" not in press.text
    raise AssertionError(f"still keys to press after {TWICE}: {sorted(pressed)}")


def fixed_words(lang: str) -> set[str]:
    """The longest fixed piece of each sentence of that language: what shows that it was said."""
    found = set()
    for sentence in CATALOGS[lang].sentences.values():
        pieces = [literal.strip() for literal, _, _, _ in Formatter().parse(parse_html(sentence)[0])]
        longest = max(pieces, key=len)
        if len(longest) > 14:
            found.add(longest)
    return found


@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("kind", KINDS)
async def test_every_command_and_every_key_everywhere(bot: ChatBot, kind: str, lang: str) -> None:
    place = await room(bot, kind, lang)
    await bot.plant(deal(), FACTORY)
    for words in ASKED:
        before = len(place.chat.from_bot)
        await place.say(f"/{words}")
        assert len(place.chat.from_bot) > before, words
    await place.say("/language")
    await place.say("/forget")
    pressed = await press_everything(place)
    assert pressed >= {
        "why", "more", "mute", "unmute", "snz", "snz1", "snzd", "snzw", "back", "fb", "fbn", "fbe", "fbx", "fbr", "hr", "hs", "lang", "f",
        LAST,
    }  # fmt: skip
    assert not set(registry.COMMANDS) - {words.split()[0] for words in (*ASKED, "language", "forget")}, "every command was asked for"
    assert await bot.answers(place.chat, "/status", place.who, **place.where) == [], "forgotten"
    if kind == "topic":
        assert {message.thread for message in place.chat.from_bot} == {5}


async def test_a_vietnamese_chat_reads_no_sentence_of_ours_in_english(bot: ChatBot) -> None:
    place = await room(bot, "private", "vi")
    await bot.plant(deal(), FACTORY)
    for words in ASKED:
        await place.say(f"/{words}")
    for message in [one for one in place.chat.from_bot if one.keyboard]:
        for row in message.keyboard or []:
            for key in row:
                if key.get("callback_data", "").startswith(("why:", "more:", "snz:", "fb:")):
                    await bot.server.press_data(message, key["callback_data"], place.who)
                    await bot.settle()
    english, vietnamese = fixed_words("en") - fixed_words("vi"), fixed_words("vi")
    said = "\n".join((*place.chat.texts, *(press.text for press in bot.server.presses.values())))
    assert sum(piece in said for piece in vietnamese) > 30
    assert [piece for piece in english if piece in said] == []
    for reason in ("leads the title", "in the title", "first sentence", "is named", "named once", "stands in it", "names ", " with "):
        assert reason not in said, reason
    assert "Thương vụ của bốn công ty" in said, "rules too"
    assert "là chủ thể của tiêu đề" in said


async def test_who_only_reads_a_channel_changes_nothing_in_it_and_makes_it_say_nothing(bot: ChatBot) -> None:
    place = await room(bot, "channel", "vi")
    await bot.plant(deal())
    await place.say("/forget")
    await place.say("/watch add Zorvex")
    before = list(place.chat.texts)
    reader = bot.server.user("Reader")
    for message in place.chat.from_bot:
        for row in message.keyboard:
            for key in row:
                if "callback_data" in key:
                    press = await bot.server.press_data(message, key["callback_data"], reader)
                    await bot.settle()
                    assert press.text == t_plain("vi", "only_channel_admin")
    assert place.chat.texts == before
    await bot.plant(FACTORY)
    assert "Amkor" in place.chat.last.text, "nothing is muted, forgotten or snoozed"


@pytest.mark.parametrize(("kind", "lang"), [("private", "vi"), ("group", "en"), ("channel", "vi"), ("topic", "en")])
async def test_the_watch_can_be_run_from_any_kind_of_chat(bot: ChatBot, tmp_path: Path, kind: str, lang: str) -> None:
    place = await room(bot, kind, lang)
    await place.say("/watch add Zorvex")
    for key in ("button.case", "button.case_any", "button.about", "button.about_any", "button.digest", "button.alert", "button.near"):
        if any(t_plain(lang, key) in label for label in place.chat.last.buttons):
            await place.press(key)
    await place.say("factory, chip", reply_to=place.chat.last)
    await place.press("button.keep")
    (entity,) = tomllib.loads((tmp_path / "seeds" / "entities.toml").read_text())["entities"]
    assert entity["names"] == [{"text": "Zorvex", "near": ["factory", "chip"]}]
    await bot.plant(news("Zorvex opens a factory", "Zorvex opened a chip factory in Bac Giang."))
    assert "Zorvex opens a factory" in place.chat.last.text
    await place.say("/watch rule plants")
    await place.press("button.words")
    await place.say("factory", reply_to=place.chat.last)
    await place.press("button.keep")
    assert "plants" in bot.services.seeds.rules
    for name in ("plants", "zorvex"):
        await place.say(f"/watch remove {name}")
        await place.press("button.yes")
    assert not {"plants", "watch-zorvex"} & bot.services.seeds.rules.keys()
    assert "zorvex" not in bot.services.seeds.entities
