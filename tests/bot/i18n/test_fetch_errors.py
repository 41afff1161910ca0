"""What went wrong with feeds, in Vietnamese."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import watchers
from bot.i18n.fetch_errors import TROUBLES, trouble_in

SOURCES = " ".join(path.read_text() for path in Path(watchers.__path__[0]).rglob("*.py"))


@pytest.mark.parametrize("english", TROUBLES)
def test_every_sentence_is_one_that_the_watchers_say(english: str) -> None:
    pieces = [piece.strip(" ():,") for literal, _, _, _ in Formatter().parse(english) for piece in re.split(r"[\"']", literal)]
    assert [piece for piece in pieces if piece and piece not in SOURCES] == []


@pytest.mark.parametrize("english", TROUBLES)
def test_every_sentence_is_told_in_vietnamese_with_all_that_it_names(english: str) -> None:
    slots = {slot: "7" for _, slot, _, _ in Formatter().parse(english) if slot}
    assert {slot for _, slot, _, _ in Formatter().parse(TROUBLES[english]) if slot} == slots.keys()
    assert trouble_in("vi", english.format(**slots)) == TROUBLES[english].format(**slots)
    assert trouble_in("en", english.format(**slots)) == english.format(**slots)


def test_a_trouble_within_a_trouble_is_told_too() -> None:
    said = "https://a.example: not a feed: a web page, and no feed is named there or found at the usual places"
    assert trouble_in("vi", said).startswith("https://a.example: không phải nguồn tin mà là trang web; ở đó")
    assert trouble_in("vi", "https://a.example: the name a.example is not known") == "https://a.example: không tìm thấy tên miền a.example"


def test_what_a_server_says_itself_stays_as_it_is() -> None:
    assert trouble_in("vi", "404 Not Found") == "404 Not Found"
    assert trouble_in("vi", "") == ""
