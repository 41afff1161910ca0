"""Which event of a story comes first, and which a later item supersedes; from values alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.stories.event_ranking import EventContext, rank_events
from bot.stories.view import EventView
from tests.support.news import SEEDS

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
CONTEXT = EventContext(
    types={"investment"},
    entities={"nvidia"},
    lead_item=1,
    sponsored_items=(),
    times={number: NOW + timedelta(hours=number) for number in range(9)},
)


def event(item: int, kind: str = "investment", **changes: Any) -> EventView:
    return EventView(kind, {}, item_id=item, **{"parties": frozenset({"nvidia"}), "behaviour": SEEDS.events[kind], **changes})


def order(*events: EventView, context: EventContext = CONTEXT) -> list[int]:
    """Indexes of the events in the order in which they are shown."""
    ranked, _ = rank_events(events, context)
    return [next(index for index, given in enumerate(events) if given is shown) for shown in ranked]


def test_the_type_that_the_rules_look_for_comes_first() -> None:
    assert order(event(1, "acquisition"), event(1)) == [1, 0]
    assert order(event(1, "market"), event(1, "acquisition"), context=replace(CONTEXT, types=())) == [1, 0]


def test_the_entity_that_the_rules_look_for_comes_first() -> None:
    assert order(event(1, parties=frozenset({"fpt"})), event(1)) == [1, 0]


def test_the_lead_the_title_and_the_beginning_come_first() -> None:
    assert order(event(2, in_title=True), event(1, start=900), event(1, start=20), event(1, in_title=True)) == [3, 2, 1, 0]


def test_a_sponsored_item_comes_last() -> None:
    assert order(event(1), event(2), context=replace(CONTEXT, sponsored_items={1})) == [1, 0]


def test_more_arguments_come_first() -> None:
    assert order(event(1), event(1, amount=2e8, place="Hanoi")) == [1, 0]


def test_a_type_that_few_items_have_comes_behind_the_others() -> None:
    assert order(event(1), *(event(item, "acquisition") for item in (2, 3, 4)))[-1] == 0


def test_an_outcome_supersedes_the_plan_and_names_its_item() -> None:
    plan, outcome = event(1, status="planned"), event(2, status="done")
    assert rank_events([plan, outcome], CONTEXT) == ([outcome, plan], 2)


def test_an_outcome_of_other_participants_an_earlier_one_and_one_without_a_time_settle_nothing() -> None:
    plan = event(1, status="planned")
    assert rank_events([plan, event(2, status="done", parties=frozenset({"fpt"}))], CONTEXT)[1] is None
    assert rank_events([plan, event(0, status="done")], CONTEXT)[1] is None
    assert rank_events([plan, event(2, status="done")], replace(CONTEXT, times={1: NOW, 2: None}))[1] is None
    assert rank_events([plan, event(2, status="done")], replace(CONTEXT, sponsored_items={2}))[1] is None


def test_one_outcome_among_five_items_settles_nothing() -> None:
    events = [event(1, status="planned"), *(event(item, status="planned") for item in (2, 3, 4)), event(5, status="denied")]
    assert rank_events(events, CONTEXT)[1] is None


def test_no_events_are_ranked() -> None:
    assert rank_events([], CONTEXT) == ([], None)
