"""Whether two sums can be one sum of money, told with more or fewer digits, in words around them, or beside another currency."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.stories.figures import figures
from watchers.stories.sums import MoneyAmount, agree, any_agree, last_place


def sums(text: str, lang: str = "en") -> tuple[MoneyAmount, ...]:
    return figures(text, lang).sums


def only(text: str) -> MoneyAmount:
    """The one sum of a text, which is Vietnamese where its words are."""
    (found,) = sums(text, "vi" if any(word in text for word in ("triệu", "tỷ", "đồng")) else "en")
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$1.1 billion", "1,095 million dollars"),
        ("$1.1 billion", "$1.08bn"),
        ("1,1 tỷ USD", "1.095 triệu USD"),
        ("1.095 triệu USD", "$1,095 million"),
        ("2.000 tỷ đồng", "1.980 tỷ đồng"),
        ("2 nghìn tỷ đồng", "2.000 tỷ đồng"),
        ("$10 billion", "$9.6 billion"),
        ("$1.83 million", "1,8 triệu USD"),
        ("more than $1.8 billion", "$1.87 billion"),
        ("hơn 1,8 tỷ USD", "$1.87 billion"),
        ("nearly $487 million", "$486 million"),
        ("gần 487 tỷ đồng", "486,4 tỷ đồng"),
    ],
)
def test_sums_agree_when_equal_as_the_less_precise_one_is_written(one: str, other: str) -> None:
    assert agree(only(one), only(other))
    assert agree(only(other), only(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$1,095 million", "$1,074 million"),
        ("1.095 triệu USD", "1.074 triệu USD"),
        ("$1,732 million", "$1,648 million"),
        ("$1.1 billion", "$1.2 billion"),
        ("1,1 tỷ USD", "1.160 triệu USD"),
        ("2.000 tỷ đồng", "2.300 tỷ đồng"),
        ("$10 billion", "$12 billion"),
        ("$1.10 billion", "$1.08 billion"),
        ("$1.8 billion", "$1.87 billion"),
        ("nearly $148 million", "$146 million"),
        ("below $148 million", "nearly $147 million"),
        ("$100 million", "€100 million"),
    ],
)
def test_sums_that_differ_where_both_are_precise_contradict(one: str, other: str) -> None:
    assert not agree(only(one), only(other))
    assert not agree(only(other), only(one))


def test_a_sum_converted_from_another_currency_is_as_rough_as_the_rate() -> None:
    one, other = sums("dự án 1 tỷ USD (26.415 tỷ đồng)", "vi"), only("25.900 tỷ đồng")
    assert agree(one[1], other)
    assert not agree(only("26.415 tỷ đồng"), other)
    assert agree(sums("$1.5 billion, or 1,398 million euros")[1], only("€1,380 million"))
    assert not agree(sums("dự án 26.415 tỷ đồng (gồm 14.207 tỷ đồng vốn vay)", "vi")[1], only("13.900 tỷ đồng"))
    assert not agree(sums("dự án 1 tỷ USD. Giai đoạn hai: 26.415 tỷ đồng", "vi")[1], other)


@pytest.mark.parametrize(
    ("digits", "value", "place"),
    [("1.1", 1.1, 0.1), ("1.10", 1.1, 0.01), ("1,095", 1095, 1), ("1.100", 1100, 100), ("500", 500, 100), ("0,05", 0.05, 0.01)],
)
def test_zeros_that_end_a_whole_number_are_no_digits_of_it(digits: str, value: float, place: float) -> None:
    assert last_place(digits, value) == pytest.approx(place)


@given(st.integers(1, 10**15), st.integers(1, 10**15))
def test_agreeing_is_mutual_and_every_sum_agrees_with_itself(one: int, other: int) -> None:
    mine, yours = only(f"${one}"), only(f"${other}")
    assert agree(mine, mine)
    assert agree(mine, yours) == agree(yours, mine)
    assert any_agree((mine, yours), (yours,))
    assert not any_agree((), (yours,))
