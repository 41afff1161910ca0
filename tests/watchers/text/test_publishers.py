"""Whose name a headline's last part is."""

from __future__ import annotations

import pytest

from watchers.text.publishers import is_publisher


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ("Yahoo Finance", "finance.yahoo.com"),
        ("Yahoo Finance Singapore", "sg.finance.yahoo.com"),
        ("24/7 Wall St.", "247wallst.com"),
        ("The Motley Fool", "www.fool.com"),
        ("AASTOCKS.com", "aastocks.com"),
        ("Báo Đầu Tư", "báo đầu tư"),
        ("Reuters", "Reuters"),
    ],
)
def test_how_publishers_call_themselves(tail: str, name: str) -> None:
    assert is_publisher(tail, ("", name))


@pytest.mark.parametrize(
    ("tail", "name"),
    [
        ("Campuchia", "Tuổi Trẻ"),
        ("Vietnam deals", "vietnam.example"),
        ("Nvidia deal", "nvidianews.example"),
        ("the quiet giant", "Reuters"),
        ("Iran đạt thỏa thuận", "iranintl.example"),
        ("", "Reuters"),
        ("x" * 61, "x" * 61),
    ],
)
def test_other_words_after_a_dash_are_the_headlines_own(tail: str, name: str) -> None:
    assert not is_publisher(tail, (name, ""))
