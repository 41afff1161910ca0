"""What a text counts, read into one form for both languages."""

from __future__ import annotations

import pytest

from watchers.stories.figures import figures, number


@pytest.mark.parametrize(
    ("text", "lang", "amounts"),
    [
        ("worth $1.83 million", "en", {"$USD:1.8e+06"}),
        ("trị giá 1,8 triệu USD", "vi", {"$USD:1.8e+06"}),
        ("USD1B financing", "en", {"$USD:1.0e+09"}),
        ("US$ 30 billion", "en", {"$USD:3.0e+10"}),
        ("market cap past $5 trillion", "en", {"$USD:5.0e+12"}),
        ("vốn hóa 5.000 tỷ USD", "vi", {"$USD:5.0e+12"}),
        ("above $5T", "en", {"$USD:5.0e+12"}),
        ("lợi nhuận 35.000 tỉ đồng", "vi", {"$VND:3.5e+13"}),
        ("gần 1,6 triệu tỷ đồng", "vi", {"$VND:1.6e+15"}),
        ("€2.5bn deal", "en", {"$EUR:2.5e+09"}),
        ("five dollars and a dream", "en", set()),
    ],
)
def test_sums_agree_across_spellings_and_languages(text: str, lang: str, amounts: set[str]) -> None:
    assert figures(text, lang).amounts == amounts


def test_numbers_inside_names_are_not_counts() -> None:
    found = figures("H200 and GPT-5 and 5G chips, RTX5090, 58,000 cars in 2026")
    assert found.counts == {"#:58000"}
    assert found.years == {"year:2026"}


@pytest.mark.parametrize(
    ("text", "lang", "days"),
    [
        ("on April 24", "en", {"day:04-24"}),
        ("Moved up on Apr 24", "en", {"day:04-24"}),
        ("on 24th April", "en", {"day:04-24"}),
        ("ngày 24/4", "vi", {"day:04-24"}),
        ("phiên 24.4", "vi", {"day:04-24"}),
        ("ngày 40/15", "vi", set()),
    ],
)
def test_days_are_read_in_both_languages(text: str, lang: str, days: set[str]) -> None:
    assert figures(text, lang).days == days


def test_percentages_are_read() -> None:
    assert figures("up 4.3% and then 12 percent").percents == {"%:4.3", "%:12"}
    assert figures("tăng 4,3%", "vi").percents == {"%:4.3"}


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("58,000", "en", 58_000), ("58.000", "vi", 58_000), ("4.3", "en", 4.3), ("4,3", "vi", 4.3), ("1,234.5", "en", 1234.5),
        ("1.234,5", "vi", 1234.5), ("0.125", "vi", 0.125), ("1.234.567", "en", 1_234_567),
    ],
)  # fmt: skip
def test_separators_mean_what_they_mean_in_the_language(text: str, lang: str, value: float) -> None:
    assert number(text, lang) == value
