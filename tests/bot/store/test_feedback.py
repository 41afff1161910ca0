"""What people say of hits, and the labelled set that it becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.store import Store
from bot.store.feedback import Verdict, add_label, labelled_items
from bot.store.hits import add_hits
from bot.store.items import MatchedItem, add_items
from seeds.load import load_seeds
from watchers.match.matcher import Matcher
from watchers.match.result import Hit, Match, Reason
from watchers.models.item import Item

SEEDS = load_seeds()
MATCHER = Matcher(SEEDS)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
TITLE = "Nvidia buys VinBrain from Vingroup"
TEXT = (
    "Nvidia has agreed to buy VinBrain, the health technology company of Vingroup, for 200 million dollars, the companies said in Hanoi. "
    "Analysts of another house also hold shares of FPT and of others that had no part in it at all, they said on Monday."
)


def labels_after(*said: tuple[str, Verdict, str], title: str = TITLE, text: str = TEXT) -> dict[str, Any]:
    """The labels of one item after people said (rule, verdict, entity) of its hits."""
    item = Item("f", url="https://a.example/1", guid="g1", title=title, text=text, source="Reuters", lang="en")
    match: Match = MATCHER.match(item)
    store = Store.open(":memory:")
    with store.atomic():
        (number,) = add_items(store, [MatchedItem(item, ("g:1",), match)], None, NOW)
        add_hits(store, number, [Hit(rule, 0.5, "alert", (Reason("everything"),)) for rule, _, _ in said], story=None, now=NOW)
        hits = {row["rule"]: row["id"] for row in store.conn.execute("SELECT id, rule FROM hits")}
        for rule, verdict, entity in said:
            assert add_label(store, hits[rule], verdict, chat="telegram:1", person="1", now=NOW, entity=entity)
    (line,) = labelled_items(store, SEEDS, threshold=0.15)
    store.close()
    found: dict[str, Any] = line["labels"]
    return found


def test_about_is_what_the_item_is_about_and_not_whatever_it_names() -> None:
    found = labels_after(("deals", "relevant", ""))
    assert found["mentions"] == ["fpt", "nvidia", "vingroup"], "groups for their parts, watched names only"
    assert found["about"] == ["nvidia", "vingroup"]


def test_events_name_those_who_take_part_and_not_whatever_the_item_names() -> None:
    found = labels_after(("deals", "relevant", ""))
    assert [one["type"] for one in found["events"]][:1] == ["acquisition"]
    assert found["events"][0]["entities"] == ["nvidia", "vingroup"]


def test_a_wrong_name_is_neither_mentioned_nor_what_it_is_about_nor_part_of_an_event() -> None:
    found = labels_after(("deals", "wrong-entity", "nvidia"))
    assert "nvidia" not in {*found["mentions"], *found["about"], *(who for one in found["events"] for who in one["entities"])}


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ([("nvidia", "irrelevant", "")], ["vingroup"]),
        ([("deals", "irrelevant", "")], ["nvidia", "vingroup"]),
        ([("nvidia", "irrelevant", ""), ("deals", "relevant", "")], ["nvidia", "vingroup"]),
        ([("amkor-named", "irrelevant", "")], ["nvidia", "vingroup"]),
        ([("gone-rule", "irrelevant", "")], ["nvidia", "vingroup"]),
    ],
)
def test_not_relevant_denies_only_what_the_rule_asked_for_by_itself(said: list[tuple[str, Verdict, str]], about: list[str]) -> None:
    assert labels_after(*said)["about"] == about
