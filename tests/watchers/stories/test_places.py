"""What a word that two names have in common does not say, and that one kind of event in two places is two events."""

from __future__ import annotations

import pytest

from seeds.load import load_seeds
from tests.watchers.stories.news import WINDOW, apart, item, match, together
from watchers.match.matcher import Matcher
from watchers.match.result import Event
from watchers.models.item import Item
from watchers.stories import StoryIndex


def joins(one: Item, here: str | None, other: Item, there: str | None, *, kinds: tuple[str, str] = ("facility", "facility")) -> bool:
    """Whether the second joins the first; each tells one event, at that place."""
    index = StoryIndex(WINDOW)
    index.record(1, one, match(one, Event(kinds[0], place=here)))
    return index.place(other, match(other, Event(kinds[1], place=there))).story == 1


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("Lumora to open battery school in Can Tho", "Lumora to open battery school in My Tho", "en"),
        ("Lumora đào tạo thợ điện gió ở Quảng Ninh", "Lumora đào tạo thợ điện gió ở Quảng Nam", "vi"),
        ("Lumora thử xe bán dẫn tại Hải Phòng", "Lumora thử xe bán dẫn tại Hải Dương", "vi"),
        ("Lumora tests solar ferries in New York", "Lumora tests solar ferries in New Delhi", "en"),
        ("Lumora sells turbine arm in South Korea", "Lumora sells turbine arm in South Africa", "en"),
    ],
)
def test_a_word_of_two_names_is_no_shared_name(one: str, other: str, lang: str) -> None:
    assert apart(item(one, lang=lang, source="A"), item(other, hours=1, lang=lang, source="B"))
    assert together(item(one, lang=lang, source="A"), item(one + " next", hours=1, lang=lang, source="B"))


def test_a_name_in_a_longer_or_a_shorter_form_is_the_same_name() -> None:
    assert together(
        item("Veltrix names Linh Adler to lead chip unit", "Chief Linh Adler comes from Lumora.", source="A"),
        item("Veltrix names Adler to lead its chip unit", "President Adler comes from Lumora.", hours=1, source="B"),
    )
    assert together(
        item("Tìm hài cốt liệt sĩ trong hố bom ở Huế", "Việc tìm kiếm diễn ra ở Thừa Thiên Huế.", lang="vi", source="A"),
        item("Huế tìm hài cốt liệt sĩ trong hố bom", "Tàu đưa họ đến Cảng Chân Mây Huế.", hours=1, lang="vi", source="B"),
    )


def test_one_kind_of_event_in_two_places_is_two_events() -> None:
    one, other = item("Lumora opens Veltrix plant in Pleiku", source="A"), item("Lumora opens Veltrix plant in Vinh", hours=1, source="B")
    assert not joins(one, "Pleiku", other, "Vinh")
    same = item("Lumora opens its Veltrix plant in Pleiku", hours=1, source="B")
    assert joins(one, "Pleiku", same, "Pleiku")


@pytest.mark.parametrize(
    ("here", "there", "text"),
    [
        ("Hanoi", "Vietnam", ""),
        ("Hanoi", "Asia", ""),
        ("Đà Nẵng", "Da Nang", ""),
        ("Pleiku", "Pleiku City", ""),
        ("Pleiku", "Kbang", "The plant stands in Kbang, near Pleiku."),
    ],
)
def test_a_place_in_another_is_no_other_place(here: str, there: str, text: str) -> None:
    one = item(f"Lumora opens Veltrix robot plant in {here}", source="A")
    other = item(f"Lumora opens Veltrix robot plant in {there}", text, hours=1, source="B")
    assert joins(one, here, other, there)


@pytest.mark.parametrize(
    ("here", "there"), [("Hanoi", "Japan"), ("Vietnam", "Japan"), ("Hanoi", "Da Nang"), ("New York", "New Delhi"), ("Can Tho", "My Tho")]
)
def test_places_that_cannot_hold_each_other_keep_events_apart(here: str, there: str) -> None:
    one = item(f"Lumora opens Veltrix robot plant in {here}", source="A")
    other = item(f"Lumora opens Veltrix robot plant in {there}", hours=1, source="B")
    assert not joins(one, here, other, there)


def test_a_place_behind_the_headline_or_of_another_kind_of_event_contradicts_nothing() -> None:
    one = item("Lumora opens Veltrix robot plant", "PLEIKU - The plant was opened on Monday.", source="A")
    other = item("Lumora opens its Veltrix robot plant", "VINH - Lumora opened a plant on Monday.", hours=1, source="B")
    assert joins(one, "PLEIKU", other, "VINH")
    one = item("Lumora, Veltrix sign robot plant deal in Pleiku", source="A")
    other = item("Lumora, Veltrix sign deal on robot plant in Vinh", "It was signed in Pleiku.", hours=1, source="B")
    assert joins(one, "Pleiku", other, "Vinh", kinds=("partnership", "facility"))


def test_places_read_by_the_packaged_seeds_keep_factories_apart() -> None:
    matcher, index = Matcher(load_seeds(packaged_feeds=False)), StoryIndex(WINDOW)
    one = item("FPT xây nhà máy bán dẫn tại Cần Thơ", source="A", lang="vi")
    other = item("FPT xây nhà máy bán dẫn tại Pleiku", hours=1, source="B", lang="vi")
    index.record(1, one, matcher.match(one))
    assert index.place(other, matcher.match(other)).story is None
