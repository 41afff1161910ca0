"""A story is built of rows and seeds alone: who it names, whose words it has, what it says first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.store.story_rows import JoinReason, StoryEventRow, StoryHitRow, StoryItemRow, StoryMentionRow, StoryRow, StoryRows
from bot.stories.build import build_story, title_or_opening
from bot.stories.view import StoryView, only_item
from seeds.entities import Entity
from seeds.load import Seeds
from tests.support.news import SEEDS
from watchers.match.result import Amount, Event, UnknownName

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
BAG = Entity(id="bag", name="Units of old", kind="brand", part_of="vingroup")
CABS = Entity(id="cabs", name="GSM", kind="company", part_of="vingroup")
LAND = Entity(id="land", name="United States", kind="government")
WATCH: Seeds = replace(SEEDS, entities={**SEEDS.entities, "bag": BAG, "cabs": CABS, "land": LAND})
STORY = StoryRow(1, "Stored title", NOW, NOW, 1, 1, ())


def item(item_id: int, **changes: Any) -> StoryItemRow:
    """An item published `item_id` hours after NOW by a paper of its own."""
    at = NOW + item_id * HOUR
    row = StoryItemRow(
        item_id, f"https://p{item_id}.example/", f"Title {item_id}", f"Text {item_id}.", "en", f"Paper {item_id}", at, at, sponsored=False
    )
    return replace(row, **changes)


def hit(item_id: int, rule: str = "deals", score: float = 0.8, severity: str = "alert") -> StoryHitRow:
    return StoryHitRow(10 * item_id + len(rule), item_id, rule, score, severity, (f"{rule} looks for it.",))


def event(item_id: int, kind: str = "investment", **arguments: Any) -> StoryEventRow:
    return StoryEventRow(item_id, Event(type=kind, **{"actors": ("nvidia",), **arguments}), f"Sentence of {item_id}.")


def built(*items: StoryItemRow, seeds: Seeds = SEEDS, **rows: Any) -> StoryView:
    hits = rows.pop("hits", tuple(hit(row.id) for row in items))
    return build_story(StoryRows(rows.pop("story", STORY), items, hits=hits, **rows), seeds)


@pytest.mark.parametrize(
    ("entity", "words", "shown"),
    [
        ("bag", "VinDynamics", "VinDynamics"),
        ("cabs", "Green SM", "Green SM"),
        ("cabs", "GSM Group", "GSM"),
        ("cabs", "XSM", "GSM"),
        ("cabs", "the cabs", "GSM"),
        ("land", "America", "United States"),
    ],
)
def test_a_party_is_called_as_the_item_calls_it_where_its_own_name_would_puzzle(entity: str, words: str, shown: str) -> None:
    mentions = (StoryMentionRow(1, entity, None, words),)
    view = built(item(1), seeds=WATCH, events=(event(1, actors=(entity,)),), mentions=mentions)
    assert view.events[0].actors == (shown,)


def test_parties_that_no_entity_stands_for_keep_their_name_and_lost_entities_their_id() -> None:
    view = built(item(1), events=(event(1, actors=(UnknownName("Samsung"), UnknownName("")), targets=("gone", "fpt")),))
    assert view.events[0].actors == ("Samsung",)
    assert view.events[0].targets == ("gone", "FPT")
    assert view.events[0].parties == {"gone", "fpt"}


def story_of(*told: tuple[str, str, int]) -> StoryView:
    """One story of items, each with a status, a title and the hour when it came."""
    items = tuple(item(number + 1, title=title, at=NOW + hours * HOUR) for number, (_, title, hours) in enumerate(told))
    return built(*items, events=tuple(event(number + 1, status=status) for number, (status, _, _) in enumerate(told)))


@pytest.mark.parametrize(("first", "then"), [("reported", "denied"), ("planned", "done"), ("done", "denied"), ("denied", "done")])
def test_how_it_ended_is_what_the_story_says_from_then_on(first: str, then: str) -> None:
    view = story_of((first, "Nvidia to invest", 0), (then, "Nvidia on its investment", 2))
    assert view.lead.title == "Nvidia on its investment"
    assert [event.status for event in view.events] == [then, first]


@pytest.mark.parametrize(("first", "then"), [("done", "planned"), ("denied", "reported"), ("planned", "reported"), ("planned", "planned")])
def test_what_says_less_than_was_told_leads_nothing(first: str, then: str) -> None:
    assert story_of((first, "Nvidia to invest", 0), (then, "Nvidia on its investment", 2)).lead.title == "Nvidia to invest"


def test_a_plan_told_before_it_was_denied_but_found_later_changes_nothing() -> None:
    view = story_of(("denied", "Nvidia denies", 5), ("reported", "Nvidia to invest", 1))
    assert view.events[0].status == "denied"
    assert view.lead.title == "Nvidia denies"


def test_one_odd_reading_among_many_ends_nothing() -> None:
    view = story_of(*[("planned", "Nvidia to invest", hours) for hours in range(6)], ("done", "Nvidia, a history", 7))
    assert view.lead.title == "Nvidia to invest"
    assert view.events[0].status == "planned"


def test_the_better_source_leads_not_sponsored_no_relay_credited_early() -> None:
    sponsored = item(1, sponsored=True)
    relay = item(2, url="https://news.google.com/x")
    early, credited = item(3), item(4, outlet="Reuters")
    view = built(sponsored, relay, early, credited, events=(event(3, attributed_to="reuters"),))
    assert [source.item_id for source in view.sources] == [4, 3, 2, 1]
    assert view.publishers == ("Reuters", "Paper 3", "Paper 2", "Paper 1")
    assert not view.sponsored
    assert built(sponsored).sponsored


def test_an_item_without_a_time_comes_behind_the_others() -> None:
    assert [source.item_id for source in built(item(1, at=None), item(2)).sources] == [2, 1]


def test_each_rule_gives_its_best_hit_and_the_rules_of_most_items_come_first() -> None:
    hits = (
        hit(1, score=0.4),
        hit(2, score=0.6),
        hit(3, score=0.5),
        hit(1, "fpt", 0.9),
        hit(2, "nvidia", 0.7, "digest"),
        hit(3, "nvidia", 0.6, "digest"),
    )
    view = built(item(1), item(2), item(3), hits=hits, mentions=(StoryMentionRow(2, "nvidia", None, "Nvidia"),))
    assert [(reason.rule, reason.item_id, reason.score) for reason in view.reasons] == [
        ("deals", 2, 0.6),
        ("nvidia", 2, 0.7),
        ("fpt", 1, 0.9),
    ]
    assert [round(reason.share, 2) for reason in view.reasons] == [1.0, 0.67, 0.33]
    assert view.reasons[0].entities == {"nvidia"}
    assert view.reasons[0].title_in("vi") == "Thương vụ"
    assert view.sources[0].rules == ("deals", "fpt")
    assert view.score == 0.9


def test_a_sponsored_hit_comes_behind_and_a_rule_that_is_gone_is_called_by_its_id() -> None:
    view = built(item(1, sponsored=True), item(2), hits=(hit(1, "deals", 0.9), hit(2, "old-rule", 0.1)))
    assert [(reason.title, reason.sponsored) for reason in view.reasons] == [("Old rule", False), ("Deals", True)]


def test_names_are_those_of_watched_entities_and_entities_count_with_their_groups() -> None:
    mentions = (StoryMentionRow(1, "vinbrain", "vingroup", "VinBrain"), StoryMentionRow(1, "hanoi", None, "Hanoi"))
    view = built(item(1), mentions=mentions)
    assert view.names == {"VinBrain"}
    assert view.entities == {"vinbrain", "vingroup", "hanoi"}


def test_an_event_has_its_amount_type_names_and_place_in_the_text() -> None:
    told = event(1, amount=Amount(2e8, "USD"), place="Hanoi", date="2026-03", status="planned", field="title", start=7, end=20)
    shown = built(item(1), events=(told,)).events[0]
    assert (shown.amount, shown.currency, shown.place, shown.date, shown.status) == (2e8, "USD", "Hanoi", "2026-03", "planned")
    assert (shown.in_title, shown.start, shown.sentence, shown.item_id) == (True, 7, "Sentence of 1.", 1)
    assert shown.type_names == {"en": "investment", "vi": "đầu tư"}
    unknown = built(item(1), events=(event(1, "gone"),)).events[0]
    assert (unknown.type_names, unknown.behaviour.deed) == ({}, False)


def test_a_story_is_headed_by_its_lead_or_as_it_is_stored() -> None:
    assert built(item(1)).title == "Title 1"
    assert built(item(1, title="")).title == "Text 1."
    assert built(item(1, title="", body="")).title == "Stored title"
    assert title_or_opening("", "word " * 60) == "word " * 22 + "word…"


def test_reasons_to_join_are_kept_and_one_item_can_be_taken_alone() -> None:
    joined = (JoinReason(2, ("same words",)),)
    view = built(item(1), item(2), story=replace(STORY, join_reasons=joined), events=(event(1), event(2)))
    assert view.join_reasons == joined
    alone = only_item(view, 2)
    assert alone is not None
    assert [source.item_id for source in alone.sources] == [2]
    assert [told.item_id for told in alone.events] == [2]
    assert only_item(view, 3) is None
