"""What loads and is doubtful all the same: rules that never hit, equal rules, names with two owners."""

from __future__ import annotations

import pytest

from seeds.entities import Entity, Name
from seeds.feeds import Feed
from seeds.load import Seeds, load_seeds
from seeds.rules import Rule
from seeds.warnings import check_warnings

ACME = Entity(id="acme", name="Acme", kind="company")
ACME_MOTORS = Entity(id="acme-motors", name="Acme Motors", kind="company", part_of="acme")
FEEDS = (Feed(url="https://example.org/vi.xml", name="Báo", lang="vi"), Feed(url="https://example.org/en.xml", name="Paper", lang="en"))


def doubts(*rules: Rule, entities: tuple[Entity, ...] = (ACME, ACME_MOTORS), feeds: tuple[Feed, ...] = FEEDS) -> list[str]:
    """The doubts about these seeds, in words."""
    seeds = Seeds({entity.id: entity for entity in entities}, {}, {rule.id: rule for rule in rules}, feeds)
    return [str(warning) for warning in check_warnings(seeds)]


def test_the_packaged_seeds_raise_none_about_rules_and_feeds() -> None:
    assert [str(warning) for warning in check_warnings(load_seeds()) if warning.kind != "entities"] == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Rule(id="r", any=("acme",), none=("acme",)), 'rules: r: any: can never hit: "acme" in none too'),
        (Rule(id="r", all=("acme-motors",), none=("acme",)), 'rules: r: all: can never hit: "acme-motors" in none too'),
        (Rule(id="r", groups=(("acme",),)), "rules: r: groups: can never hit: two of the groups must be there"),
        (Rule(id="r", groups=(("acme",), ("acme-motors",)), none=("acme-motors",)), "rules: r: groups: can never hit"),
        (Rule(id="r", words=("Chip",), not_words=("chip",)), "rules: r: words: can never hit: every word stands in not_words too"),
        (Rule(id="r", any=("acme",), feeds=("Papper",)), 'rules: r: feeds: no feed of the seeds is called "Papper"; did you mean "Paper"?'),
        (Rule(id="r", any=("acme",), feeds=("Báo",), languages=("en",)), 'rules: r: languages: can never hit: its feeds are in "vi"'),
    ],
)
def test_a_rule_that_can_never_hit_is_named_with_the_reason(rule: Rule, said: str) -> None:
    found = doubts(rule)
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(id="r", any=("acme", "acme-motors"), none=("acme-motors",)),
        Rule(id="r", all=("acme-motors",), none=("acme",), subsidiaries=False),
        Rule(id="r", words=("chip", "wafer"), not_words=("chip",)),
        Rule(id="r", any=("acme",), feeds=("http://example.org/en.xml",), languages=("en",)),
    ],
)
def test_a_rule_that_can_hit_is_not(rule: Rule) -> None:
    assert doubts(rule) == []


def test_two_rules_with_the_same_conditions_are_named_and_their_conflict_too() -> None:
    assert doubts(Rule(id="a", any=("acme",)), Rule(id="b", any=("acme",), name="other")) == ['rules: b: has the same conditions as "a"']
    [said] = doubts(Rule(id="a", any=("acme",)), Rule(id="b", any=("acme",), severity="digest"))
    assert said.endswith("but with severity alert")


def test_a_rule_that_no_feed_is_held_against_is_named() -> None:
    feeds = (Feed(url="https://example.org/a", rules=("a",)),)
    assert doubts(Rule(id="a", any=("acme",)), Rule(id="b", all=("acme",)), feeds=feeds) == [
        "rules: b: can never hit: every feed names its rules, and none names this one"
    ]


def test_a_name_with_two_owners_is_named_unless_a_condition_tells_them_apart() -> None:
    other = Entity(id="acme-bread", name="ACME", kind="company")
    assert doubts(entities=(ACME, other)) == [
        'entities: acme: names: "acme" is a name of "acme-bread" too; give one of them a condition (near, not_near, lang)'
    ]
    told = Entity(id="acme-bread", name="ACME", kind="company", names=(Name(text="ACME", near=("bread",)),))
    assert doubts(entities=(ACME, told)) == []


def test_two_feeds_of_one_name_are_named() -> None:
    feeds = (Feed(url="https://example.org/a", name="Paper"), Feed(url="https://example.org/b", name="paper"))
    assert doubts(feeds=feeds) == ['feeds: https://example.org/b: name: "paper" is the name of https://example.org/a too']
