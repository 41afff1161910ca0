"""The Bot API server of the tests is as strict as Telegram: otherwise passing its checks would prove nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.bot_api import BotApiServer
from tests.support.bot_api.entities import ParseError, parse_html, utf16_length
from tests.support.bot_api.limits import FloodLimits
from tests.support.bot_api.methods import METHODS, TYPES
from tests.support.bot_api.parameters import fields_of


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(monotonic=None) as running:
        yield running


async def call(server: BotApiServer, method: str, **values: Any) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.post(f"{server.base_url}{server.token}/{method}", json=values) as answer:
        return answer.status, await answer.json()


def test_the_recorded_methods_are_those_of_the_full_description(shared: Path) -> None:
    full = json.loads((shared / "telegram" / "methods.json").read_text())
    short = {"Integer": "int", "String": "str", "Boolean": "bool", "InputFile": "file"}

    def compact(kind: str) -> str:
        return f"[{compact(kind[9:])}]" if kind.startswith("Array of ") else short.get(kind, kind)

    for ours, theirs in ((METHODS, full["methods"]), (TYPES, full["types"])):
        for name, described in ours.items():
            expected = {one["name"]: (tuple(compact(kind) for kind in one["types"]), one["required"]) for one in theirs[name]}
            assert fields_of(described) == expected, name


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("plain <x>text</x>", 'Unsupported start tag "x" at byte offset 6'),
        ("<b>bold", "Can't find end tag corresponding to start tag \"b\""),
        ("<b>một</i>", 'Unmatched end tag at byte offset 8, expected "</b>", found "</i>"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("5 < 6", 'Unsupported start tag "" at byte offset 2'),
        ("5 <6", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href=x/y>z</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href>z</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<!-- note -->", 'Unsupported start tag "!--" at byte offset 0'),
        ("&#xD83D;", "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units"),
    ],
)
def test_wrong_markup_is_refused_in_the_words_of_telegram(html: str, said: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_html(html)
    assert str(caught.value) == said


def test_entities_are_counted_in_utf16_units() -> None:
    text, entities = parse_html("🇻🇳 <b>FPT</b> &amp; <a href='https://a.example/?x=1&amp;y=2'>Nvidia &#8364;</a> &nbsp; &lt")
    assert text == "🇻🇳 FPT & Nvidia € &nbsp; <"
    assert [(entity.type, entity.offset, entity.length, entity.url) for entity in entities] == [
        ("bold", 5, 3, None),
        ("text_link", 11, 8, "https://a.example/?x=1&y=2"),
    ]
    assert utf16_length("🇻🇳") == 4


def test_a_link_that_is_no_address_loses_its_link_and_a_user_link_is_a_mention() -> None:
    assert parse_html('<a href="not an address">x</a>') == ("x", [])
    assert parse_html('<a href="tg://user?id=5">x</a>')[1][0].type == "text_mention"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"text": "x" * 4097}, "Bad Request: message is too long"),
        ({"text": "😀" * 2049}, "Bad Request: message is too long"),
        ({"text": ""}, "Bad Request: message text is empty"),
        ({"text": "  \n "}, "Bad Request: text must be non-empty"),
        ({"text": "x", "chat": "5"}, "Bad Request: unknown parameter 'chat' of sendMessage"),
        ({"text": "x", "chat_id": 5}, "Bad Request: chat not found"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "k", "callback_data": "đ" * 33}]]}},
            "Bad Request: BUTTON_DATA_INVALID",
        ),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "k", "url": "javascript:x"}]]}},
            "Bad Request: inline keyboard button URL 'javascript:x' is invalid: Wrong HTTP URL",
        ),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "Bad Request: message to be replied not found"),
        ({"text": "x", "message_thread_id": 9}, "Bad Request: message thread not found"),
    ],
)
async def test_wrong_messages_are_refused_in_the_words_of_telegram(server: BotApiServer, values: dict[str, Any], said: str) -> None:
    chat = server.private()
    status, body = await call(server, "sendMessage", **({"chat_id": chat.id} | values))
    assert (status, body["description"]) == (400, said)
    assert chat.messages == []


async def test_a_long_message_counts_without_its_markup(server: BotApiServer) -> None:
    chat = server.private()
    status, _ = await call(server, "sendMessage", chat_id=chat.id, text="<b>" + "x" * 4096 + "</b>", parse_mode="HTML")
    assert status == 200
    assert chat.last.marked("bold") == ["x" * 4096]


async def test_unknown_tokens_and_methods_are_refused(server: BotApiServer) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{server.base_url}1:wrong/getMe") as answer:
        assert (answer.status, (await answer.json())["description"]) == (401, "Unauthorized")
    assert await call(server, "sendEverything") == (404, {"ok": False, "error_code": 404, "description": "Not Found: method not found"})


async def test_updates_stay_until_they_are_confirmed(server: BotApiServer) -> None:
    chat = server.private()
    await server.say(chat, "/start")
    await server.say(chat, "/help")
    _, first = await call(server, "getUpdates")
    _, again = await call(server, "getUpdates")
    assert first == again
    _, rest = await call(server, "getUpdates", offset=first["result"][0]["update_id"] + 1)
    assert [one["message"]["text"] for one in rest["result"]] == ["/help"]


async def test_in_a_group_the_bot_hears_only_what_is_meant_for_it(server: BotApiServer) -> None:
    group = server.group()
    for text in ("good morning", "/help", "/help@other_bot", "/latest@seedwatch_bot fpt"):
        await server.say(group, text)
    assert [one["message"]["text"] for one in server.waiting] == ["/help", "/latest@seedwatch_bot fpt"]


def test_flood_limits_let_a_burst_pass_and_then_one_a_second() -> None:
    now = [0.0]
    limits = FloodLimits(lambda: now[0])
    assert [limits.take(1, group=False) for _ in range(4)] == [None, None, None, 1]
    now[0] = 0.5
    assert limits.take(1, group=False) == 1, "who was told to wait is told again"
    assert limits.take(2, group=False) is None, "another chat is not concerned"
    now[0] = 1.0
    assert limits.take(1, group=False) is None


def test_a_group_takes_twenty_messages_a_minute_and_everybody_together_thirty_a_second() -> None:
    now = [0.0]
    limits = FloodLimits(lambda: now[0])
    for second in range(20):
        now[0] = float(second)
        assert limits.take(7, group=True) is None
    now[0] = 20.0
    assert limits.take(7, group=True) == 40
    assert [limits.take(100 + chat, group=False) for chat in range(31)] == [None] * 30 + [1]
