"""Runs of letters: no word of Latin letters is missed, whatever stands beside it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.pattern_syntax import WORD
from watchers.match.language.word_runs import as_runs, is_run, word_runs


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("buys 5bn of it's shares", "buys bn of it s shares"),
        ("mua lại “vinbrain”…rồi", "mua lại vinbrain rồi"),
        ("заforма", "for"),
        ("under_score 3d-in", "under score d in"),
        ("", ""),
    ],
)
def test_everything_but_latin_letters_separates(text: str, found: str) -> None:
    assert word_runs(text) == [word.encode() for word in found.split()]


@given(st.lists(st.one_of(st.sampled_from(["for", "tỷ", "đồng", "5", "_", "-", "’", "é", "\u0301", "м", "。", " "]), st.text(max_size=2))))
def test_every_word_that_is_a_run_is_among_them(pieces: list[str]) -> None:
    text = "".join(pieces).lower()
    words = [word for word in WORD.findall(text) if is_run(word)]
    assert as_runs(words) <= set(word_runs(text))
