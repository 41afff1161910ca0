"""What kind of item it is, told by signs; and the quick way round texts without any."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchers.match.conditions import Reading
from watchers.match.fold import Folded
from watchers.match.kind import _INDEX, _SIGNS, _Signs, kind_of

ALL = [*(signs for _, signs in _SIGNS), _INDEX]


@pytest.mark.parametrize("signs", ALL, ids=[*(name for name, _ in _SIGNS), "index"])
def test_no_text_with_a_sign_is_passed_over(signs: _Signs) -> None:
    @settings(max_examples=150, deadline=None)
    @given(st.from_regex(signs.pattern))
    def holds(text: str) -> None:
        assert signs.search(text) is not None

    holds()


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
    reading = Reading("text", Folded(text), "en")
    assert [text[start:end] for start, end in reading.sentences()] == sentences
