"""One scan over many items says of those without a name what matching each by itself says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.rules import Rule
from tests.watchers.match.world import seeds
from watchers.match.matcher import Matcher
from watchers.models.item import Item

_MATCHER = Matcher(seeds())
_WORDS = (
    "Nvidia", "market", "FPT", "Viet Nam", "Việt\u00a0Nam", "việt", "us", "Hoa", "a  b", "advertorial", "\u00ad", "İ", "đầu", "韓国", ".",
    "",
)  # fmt: skip
_texts = st.lists(st.sampled_from(_WORDS) | st.text(max_size=4), max_size=6).map(" ".join)
_items = st.builds(
    Item, feed=st.just("f"), title=_texts, summary=_texts, text=_texts, lang=st.sampled_from(["", "en", "vi"]), sponsored=st.booleans()
)


@given(st.lists(_items, max_size=8))
def test_an_item_without_a_name_gets_the_match_it_gets_alone(items: list[Item]) -> None:
    for item, match in zip(items, _MATCHER.match_without_names(items), strict=True):
        if match is not None:
            assert match == _MATCHER.match(item)


def test_items_with_names_and_items_without_are_told_apart_wherever_they_stand() -> None:
    plain = Item(feed="f", title="Rain in the hills", text="It rained all day. Roads are wet.", lang="en")
    named = Item(feed="f", title="Chips", text="Nvidia opens a plant", lang="en")
    for items in ([plain, named, plain], [named, plain, named], [named], [plain, plain]):
        assert [match is None for match in _MATCHER.match_without_names(items)] == [item is named for item in items]
    assert _MATCHER.match_without_names([]) == []


@pytest.mark.parametrize("field", ["title", "summary", "text"])
def test_a_name_in_any_field_at_its_very_end_is_seen(field: str) -> None:
    texts = {"title": "One", "summary": "two", "text": "three"} | {field: "of Nvidia"}
    item = Item(feed="f", title=texts["title"], summary=texts["summary"], text=texts["text"])
    assert _MATCHER.match_without_names([Item(feed="f", title="x"), item])[1] is None


def test_where_a_rule_takes_items_without_names_all_are_matched() -> None:
    matcher = Matcher(seeds(Rule(id="all", everything=True, feeds=("f",))))
    assert matcher.match_without_names([Item(feed="f", title="Rain")]) == [None]
