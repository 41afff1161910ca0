"""A text in which Ð was typed for Đ is read as if it had the right letter, at the places of the text as given."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from seeds.load import load_seeds
from seeds.rules import Rule
from watchers.match.matcher import Matcher
from watchers.models.item import Item

RIGHT = Item(feed="", title="FPT Đầu tư 300 triệu USD xây nhà máy ở Đà Nẵng", text="Tập đoàn FPT đầu tư lớn tại Đà Nẵng.", lang="vi")


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    seeds = load_seeds()
    rule = Rule(id="written", any=("fpt",), words=("Đầu tư",), exact=True, about=False)
    seeds.rules[rule.id] = rule  # type: ignore[index]
    return Matcher(seeds)


@pytest.mark.parametrize(("large", "small"), [("Ð", "ð"), ("Ɖ", "ɖ")])
def test_events_rules_and_mentions_are_those_of_the_right_letter(matcher: Matcher, large: str, small: str) -> None:
    typed = replace(RIGHT, **{name: getattr(RIGHT, name).replace("Đ", large).replace("đ", small) for name in ("title", "text")})
    expected, found = matcher.match(RIGHT), matcher.match(typed)
    assert found.events == expected.events
    assert [hit.rule for hit in found.hits] == [hit.rule for hit in expected.hits]
    assert "written" in {hit.rule for hit in found.hits}
    assert [(mention.entity, mention.start, mention.end) for mention in found.mentions] == [
        (mention.entity, mention.start, mention.end) for mention in expected.mentions
    ]
    assert all(getattr(typed, mention.field)[mention.start : mention.end] == mention.text for mention in found.mentions)
