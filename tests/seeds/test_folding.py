"""Letters typed for đ (Ð, ð, Ɖ, ɖ) count as đ wherever letters are compared."""

from __future__ import annotations

import pytest

from bot.commands.spelling import plain_key
from bot.store.search import fts_query
from seeds.folding import restore_d, without_accents
from watchers.stories.terms import fold


@pytest.mark.parametrize("typed", ["Ðà Nẵng ðón", "Ɖà Nẵng ɖón", "Đà Nẵng đón"])
def test_letters_that_look_like_d_with_a_stroke_count_as_it(typed: str) -> None:
    assert restore_d(typed) == "Đà Nẵng đón"
    assert without_accents(typed) == fold(typed) == "Da Nang don"
    assert plain_key(typed) == "da nang don"
    assert fts_query(typed) == fts_query("Đà Nẵng đón")


def test_names_of_other_languages_keep_their_letters() -> None:
    assert restore_d("Guðrún and Ðorð of Iceland") == "Guðrún and Ðorð of Iceland"
