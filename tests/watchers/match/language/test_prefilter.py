"""The quick way round texts that hold no sign: it passes over none that does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchers.match.language.prefilter import PrefilteredRegex, RegexPrefilter, needed, whole
from watchers.match.names.surnames import _BEFORE
from watchers.match.salience import sponsored
from watchers.match.salience.item_kind import _INDEX, _SIGNS
from watchers.match.salience.lead import _FURNITURE

NAMED: dict[str, PrefilteredRegex] = {
    **dict(_SIGNS), "index": _INDEX, "furniture": _FURNITURE, "person": _BEFORE,
    "title": sponsored._TITLE, "opening": sponsored._OPENING, "closing": sponsored._CLOSING, "wire": sponsored._WIRE,
    "says so": sponsored._SAYS_SO, **{f"bare {number}": regex for number, regex in enumerate(sponsored._BARE.values())},
}  # fmt: skip
ALL = list(NAMED.values())
BOOK = RegexPrefilter(ALL)


@pytest.mark.parametrize("signs", ALL, ids=list(NAMED))
def test_no_text_with_a_sign_is_passed_over(signs: PrefilteredRegex) -> None:
    @settings(max_examples=150, deadline=None)
    @given(st.from_regex(signs.pattern))
    def holds(text: str) -> None:
        assert signs.search(text) is not None
        assert ALL.index(signs) in BOOK.held(text)

    holds()


@pytest.mark.parametrize(
    ("part", "piece"),
    [
        ("cup final", "cup final"),
        (r"\bcups?\b", "\bcup"),
        (r"\bcup\b", "\bcup\b"),
        (r"s&p \d+\b", "s&p "),
        (r"(?:\bno) cup\b", " cup\b"),
        ("(?:a|b) league", " league"),
        ("one|two", ""),
        ("[ab]{2}", ""),
        ("goals? (?:by|of)", "goal"),
    ],
)
def test_the_piece_that_an_expression_needs_is_read_from_it(part: str, piece: str) -> None:
    assert needed(part) == piece


def test_a_stretch_of_a_text_is_searched_as_by_the_expression() -> None:
    signs = PrefilteredRegex.of(("key points$", "read more"))
    text = "the key points of it"
    assert signs.search(text) is None
    found = signs.search(text, 4, 14)
    assert found is not None
    assert found.span() == (4, 14)
    assert signs.search(text, 5, 14) is None


def test_a_piece_with_borders_is_passed_over_inside_words() -> None:
    book = RegexPrefilter([PrefilteredRegex.of((r"\bdow\b",)), PrefilteredRegex(r"(?<!\w)q&a(?!\w)", [whole("q&a")])])
    assert not book.held("down the window")
    assert book.held("the dow, q&a") == {0, 1}
    assert book.held("ứdow") == {0}  # letters that are not ASCII are left to the expression
    assert book.held("xq&a q&ab") == set()


def test_an_expression_that_needs_no_piece_is_always_tried() -> None:
    signs = PrefilteredRegex.of(("[ab]{2}",))
    assert signs.search("xxba") is not None
    assert RegexPrefilter([signs]).held("nothing of it") == {0}
