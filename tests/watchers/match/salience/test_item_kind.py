"""What kind of item it is, told by signs; and where its sentences end."""

from __future__ import annotations

import pytest

from watchers.match.names.conditions import FieldContext
from watchers.match.salience.item_kind import kind_of
from watchers.text.fold import FoldedText


@pytest.mark.parametrize(
    ("title", "lead", "kind"),
    [
        ("three chip stocks to buy now", "", "share list"),
        ("vn-index falls below 1,200 points", "", "market report"),
        ("fpt thắng trận đấu lượt về", "", "match report"),
        ("giá iphone 17 hôm nay", "", "price list"),
        ("ford ranger vs toyota hilux", "", "comparison"),
        ("điểm tin sáng thứ hai", "", "round-up"),
        ("fpt opens an office", "vn-index lost ten points while shares of fpt rose.", "market report"),
        ("fpt opens an office", "the office stands in hanoi.", "news"),
    ],
)
def test_title_and_first_sentence_tell_the_kind(title: str, lead: str, kind: str) -> None:
    assert kind_of(title, lead).name == kind


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("one here. two there", ["one here. ", "two there"]),
        ("inc. of one. two", ["inc. of one. ", "two"]),
        ("one • two • three", ["one • ", "two • ", "three"]),
        ("one| two|three", ["one| two|three"]),
        ("one. • two", ["one. ", "• two"]),
        ("one; two;three", ["one; ", "two;three"]),
    ],
)
def test_sentences_end_at_marks_and_at_bullets_between_spaces(text: str, sentences: list[str]) -> None:
    reading = FieldContext("text", FoldedText(text), "en")
    assert [text[start:end] for start, end in reading.sentences()] == sentences


def test_an_address_is_told_by_what_stands_right_around_the_place() -> None:
    text = "see https://fpt.com.vn/news, or (info@fpt.com.vn); fpt grows"
    reading = FieldContext("text", FoldedText(text), "en")
    places = [at for at in range(len(text)) if text.startswith("fpt", at)]
    assert [reading.in_address(at, at + 3) for at in places] == [True, True, False]
    assert not reading.in_address(text.index("fpt.com.vn);"), len(text))
