"""Messages survive the database, whatever they hold; what is no message is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.message import Button, Message

TEXT = st.text(st.characters(exclude_categories=("Cs",)))
BUTTON = st.builds(Button, TEXT, st.none() | TEXT, st.none() | TEXT)
MESSAGE = st.builds(
    Message,
    chat=TEXT,
    html=TEXT,
    plain=TEXT,
    buttons=st.lists(st.lists(BUTTON, max_size=3).map(tuple), max_size=3).map(tuple),
    photo=st.none() | st.binary(max_size=50),
    document=st.none() | st.tuples(TEXT, st.binary(max_size=50)),
    edit=st.none() | TEXT,
    reply_to=st.none() | TEXT,
    silent=st.booleans(),
)


@given(MESSAGE)
def test_a_message_comes_back_as_it_was_stored(message: Message) -> None:
    assert Message.from_json(message.to_json()) == message


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", "3", "{}", '{"chat": "c", "html": "x"}', '{"chat": 1, "html": "", "plain": "", "buttons": [[3]]}']
)
def test_what_is_no_message_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Message.from_json(body)
