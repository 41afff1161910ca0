"""Dates of events, absolute and relative to publication."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from watchers.match.language.date_expressions import _READINGS, _held, read_dates

PUBLISHED = date(2024, 12, 5)  # a Thursday


@pytest.mark.parametrize(("text", "iso"), [
    ("signed on Thursday", "2024-12-05"), ("closed on Tuesday", "2024-12-03"), ("next Monday", "2024-12-09"), ("yesterday", "2024-12-04"),
    ("5 December 2024", "2024-12-05"), ("Dec. 5", "2024-12-05"), ("March 3, 2025", "2025-03-03"), ("2024-11-30", "2024-11-30"),
    ("in April", "2024-04"), ("scheduled for this October", "2025-10"), ("next month", "2025-01"), ("October 2023", "2023-10"),
    ("hôm 28/10", "2024-10-28"), ("sáng 11/2", "2025-02-11"), ("ngày 5/12/2024", "2024-12-05"), ("ngày 19.12", "2024-12-19"),
    ("hôm qua", "2024-12-04"),
    ("chiều nay", "2024-12-05"), ("tháng 10/2025", "2025-10"), ("hồi tháng 8", "2024-08"), ("dự kiến vào tháng 2", "2025-02"),
    ("tháng tới", "2025-01"),
    ("hôm thứ ba", "2024-12-03"), ("Thứ Ba (3/12)", "2024-12-03"), ("ngày 3 tháng 9 năm 2025", "2025-09-03"),
    ("January 2 (last of the year was December 31)", "2025-01-02"),
])
def test_a_date_is_read(text: str, iso: str) -> None:
    assert read_dates(text, PUBLISHED)[0].iso == iso


@pytest.mark.parametrize("text", ["31/2", "tháng 13", "tăng 4/5 phiên", "may rise", "march on", "Sunny day", "Rs 12/40",
    "version 1.2.3", "phiên 9", "nhà máy thứ hai", "cửa hàng thứ 2.500", "đợt thứ 3"])
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert read_dates(text, PUBLISHED) == []


def test_without_a_day_of_publication_only_whole_dates_are_read() -> None:
    assert [expression.iso for expression in read_dates("on Friday, 28/10, and on 3 May 2023", None)] == ["2023-05-03"]


def test_a_date_after_publication_lies_ahead() -> None:
    assert [expression.ahead for expression in read_dates("from 5/3/2025, as said on Monday", PUBLISHED)] == [True, False]


@pytest.mark.parametrize(("needs", "pattern"), [(needs, pattern) for needs, pattern, _ in _READINGS], ids=range(len(_READINGS)))
def test_no_date_is_passed_over_for_what_it_needs(needs: tuple[frozenset[bytes], ...], pattern: re.Pattern[str]) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.from_regex(pattern))
    def holds(text: str) -> None:
        assume(not {"\u017f", "\u212a"} & set(text))  # ſ and the sign of the kelvin, which matching without case takes for letters
        found = pattern.search(text)
        assert all(not _held(text).isdisjoint(group) for group in needs), found

    holds()
