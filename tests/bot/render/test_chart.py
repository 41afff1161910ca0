"""The picture of the last days: a PNG as wide as a phone, light or dark, and nothing for nothing."""

from __future__ import annotations

import struct
from datetime import date, timedelta

import pytest

from bot.render.chart import DARK, LIGHT, bar_chart_png, bar_chart_text

DAYS = [date(2026, 3, 1) + timedelta(days=n) for n in range(14)]
COUNTS = {"Nvidia": [1, 7, 14, 7, 10, 1, 12, 3, 9, 10, 5, 9, 0, 6], "Amkor": [0] * 14, "Vingroup": [2] * 14}


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_is_as_wide_as_a_phone_and_has_a_row_for_each_that_was_in_the_news(language: str, dark: bool) -> None:
    two = size(bar_chart_png(COUNTS, DAYS, language=language, dark=dark))
    one = size(bar_chart_png({"Nvidia": COUNTS["Nvidia"]}, DAYS, language=language, dark=dark))
    assert two[0] == one[0] == 1080
    assert two[1] > one[1]


def test_nothing_found_is_no_picture() -> None:
    with pytest.raises(ValueError, match="nothing was found"):
        bar_chart_png({"Amkor": [0] * 14}, DAYS)


def test_the_same_numbers_give_the_same_picture() -> None:
    assert bar_chart_png(COUNTS, DAYS) == bar_chart_png(COUNTS, DAYS)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_words_stand_out_from_the_paper(theme: object) -> None:
    """WCAG 2.1: a contrast of 4.5 to 1 for text, 3 to 1 for large text and signs."""
    assert isinstance(theme, type(LIGHT))
    paper = luminance(theme.paper)

    def contrast(colour: str) -> float:
        light, dark = max(paper, luminance(colour)), min(paper, luminance(colour))
        return (light + 0.05) / (dark + 0.05)

    assert contrast(theme.ink) >= 4.5
    assert contrast(theme.faint) >= 3
    assert contrast(theme.last) >= 3


def test_bars_of_a_terminal_keep_the_proportions() -> None:
    assert bar_chart_text([0, 1, 2, 4], width=4) == ["", "█", "██", "████"]
    assert bar_chart_text([1, 16], width=2) == ["▏", "██"]
    assert bar_chart_text([0, 0]) == ["", ""]
