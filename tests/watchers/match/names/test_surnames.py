"""Names of companies and states that are letters of a person's or another name."""

from __future__ import annotations

import pytest

from seeds.load import load_seeds
from watchers.match.matcher import Matcher
from watchers.match.names.surnames import as_surname, inside_a_name
from watchers.models.item import Item


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_seeds())


def ids(matcher: Matcher, title: str, text: str = "", lang: str = "en") -> list[str]:
    return [mention.entity for mention in matcher.match(Item(feed="", title=title, text=text, lang=lang)).mentions]


def test_a_man_whose_surname_is_a_companys_is_not_the_company(matcher: Matcher) -> None:
    assert ids(matcher, "Daniel Amkor to lead choir", "Mr Amkor, 34, was elected on Friday. Amkor said he was glad.") == []
    assert ids(matcher, "Choir led by Amkor", "Amkor, 34, was elected on Friday.") == []
    assert ids(matcher, "Thầy giáo làng", "Ngày xưa có ông Amkor dạy học.", "vi") == []


def test_the_company_named_in_full_beside_him_is_the_company(matcher: Matcher) -> None:
    assert set(ids(matcher, "Amkor Technology hires Daniel Amkor", "Amkor said he starts in May.")) == {"amkor"}


@pytest.mark.parametrize("title", ["Authors Sue Nvidia", "US to Grant Nvidia a licence", "Austin Nvidia office opens"])
def test_a_verb_or_a_town_before_a_company_is_no_given_name(matcher: Matcher, title: str) -> None:
    assert "nvidia" in ids(matcher, title)


@pytest.mark.parametrize(("before", "after"), [
    ("khu nhà ở An Huy ", " Việt mở bán"), ("toà xử bà Trương ", " Lan và"), ("nút giao ", " Yên mở"),
])
def test_a_syllable_of_another_name_is_no_state(before: str, after: str) -> None:
    assert inside_a_name(before, after)


@pytest.mark.parametrize(("before", "after"), [
    ("Tổng thống ", " Donald Trump nói"), ("Khi ", " áp thuế"), ("giá tăng. Theo ", " thì"), ("đại sứ ", " Nguyễn Ann"),
    ("đàm phán ", " Trung vừa nối lại"), ("các nghị sĩ Hạ Viện ", " họp"), ("hàng từ ", " và EU"),
])
def test_a_state_beside_other_words_is_a_state(before: str, after: str) -> None:
    assert not inside_a_name(before, after)


def test_an_age_shows_a_person_a_year_does_not() -> None:
    assert as_surname("", ", 34, of Leeds")
    assert not as_surname("", ", 2025, a record")
    assert not as_surname("shares of ", " rose")
