"""Updates as Telegram writes them, and as nobody should."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.update import IncomingUpdate, read_update

CHAT = {"id": -100, "type": "supergroup", "title": "Team"}
PERSON = {"id": 7, "is_bot": False, "first_name": "An", "language_code": "vi-VN"}


def message(**more: Any) -> dict[str, Any]:
    return {"update_id": 1, "message": {"message_id": 5, "date": 0, "chat": CHAT, "from": PERSON, "text": "/latest nvidia"} | more}


def test_a_message_of_a_topic_is_answered_there_and_a_chain_of_answers_is_no_topic() -> None:
    topic = read_update(message(message_thread_id=9, is_topic_message=True, reply_to_message={"message_id": 9}))
    chain = read_update(message(message_thread_id=9, reply_to_message={"message_id": 9, "from": {"is_bot": True}}))
    assert topic is not None
    assert chain is not None
    assert (topic.chat, topic.base, topic.answers) == ("telegram:-100/9", "telegram:-100", "")
    assert (chain.chat, chain.language, chain.person) == ("telegram:-100", "vi", "7")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("/latest", "seedwatch_bot", ("latest", "")),
        ("/Latest@SeedWatch_Bot  FPT  Software ", "seedwatch_bot", ("latest", "FPT  Software")),
        ("/latest@other_bot", "seedwatch_bot", None),
        ("/latest@anybody", "", ("latest", "")),
        ("/watch add\nFoxconn", "", ("watch", "add\nFoxconn")),
        ("latest", "", None),
        ("/", "", None),
        ("//x", "", None),
        ("/tin-mới", "", None),
    ],
)
def test_what_is_a_command_for_this_bot(text: str, name: str, expected: tuple[str, str] | None) -> None:
    assert IncomingUpdate(1, "message", "telegram:1", "telegram:1", "", text=text).command(name) == expected


@pytest.mark.parametrize(
    ("status", "more", "present"),
    [
        ("kicked", {}, False),
        ("left", {}, False),
        ("member", {}, True),
        ("restricted", {"is_member": False}, False),
        ("administrator", {}, True),
    ],
)
def test_membership_says_whether_the_bot_is_there(status: str, more: dict[str, Any], present: bool) -> None:
    change = {"chat": CHAT, "from": PERSON, "date": 0, "old_chat_member": {}, "new_chat_member": {"status": status} | more}
    found = read_update({"update_id": 3, "my_chat_member": change})
    assert found is not None
    assert (found.kind, found.present) == ("membership", present)


def test_a_press_under_a_message_that_is_out_of_reach_is_read_all_the_same() -> None:
    press = {"id": "1", "from": PERSON, "chat_instance": "x", "data": "why:1:x", "message": {"chat": CHAT, "message_id": 5, "date": 0}}
    found = read_update({"update_id": 2, "callback_query": press})
    assert found is not None
    assert (found.kind, found.message, found.data) == ("press", "5", "why:1:x")


KEYS = st.sampled_from(["chat", "id", "type", "message_id", "from", "text", "data", "message", "title", "reply_to_message"])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


@given(st.fixed_dictionaries({"update_id": st.just(7)}, optional=dict.fromkeys(("message", "callback_query", "my_chat_member"), JSON)))
def test_no_update_whatever_stands_in_it_raises(body: dict[str, Any]) -> None:
    found = read_update(body)
    assert found is None or found.update == 7
