"""What is new in a story is judged over all that its items said, whatever types of event they were read as."""

from __future__ import annotations

import pytest

from watchers.stories.developments import Development, Known, Statement, developments, record_developments
from watchers.stories.figures import figures

LUMORA = frozenset({"lumora"})
VELTRIX = frozenset({"veltrix"})


def said(
    event_type: str, status: str = "planned", amount: float | None = None, currency: str = "USD", who: frozenset[str] = LUMORA
) -> Statement:
    return Statement(event_type, status, amount, currency if amount else "", who)


def news(*items: tuple[Statement, ...]) -> tuple[Development, ...]:
    """What the last item adds to those before it."""
    known = Known()
    for item in items[:-1]:
        known = record_developments(known, item)
    return developments(known, items[-1])


@pytest.mark.parametrize("again", [3e8, 2.96e8, 3.04e8])
def test_a_sum_that_one_event_of_the_story_told_is_not_new_in_another(again: float) -> None:
    first = (said("investment", amount=3e8), said("facility"))
    assert news(first, (said("facility", amount=again),)) == ()


def test_another_sum_of_the_same_story_is_new() -> None:
    first = (said("investment", amount=3e8), said("facility"))
    assert news(first, (said("facility", amount=9e8),)) == (Development("facility", "amount", 9e8, "USD"),)


def test_the_storys_only_sum_in_another_currency_is_taken_for_the_same_one_converted() -> None:
    first = (said("investment", amount=3e8), said("facility"))
    assert news(first, (said("facility", amount=7.9e12, currency="VND"),)) == ()
    both = (said("investment", amount=3e8), said("order", amount=1e12, currency="VND"), said("facility"))
    assert news(both, (said("facility", amount=7.9e12, currency="VND"),)) == (Development("facility", "amount", 7.9e12, "VND"),)


def test_a_sum_that_a_title_named_is_not_new_though_no_event_had_it() -> None:
    known = record_developments(Known(), [said("facility")], figures("Lumora to put $300 million into Da Nang plant").sums)
    assert developments(known, [said("facility", amount=3e8)]) == ()
    assert developments(known, [said("facility", amount=5e8)]) != ()


def test_a_denial_is_new_once_for_the_same_parties() -> None:
    first = (said("investment"), said("facility"))
    denial = (said("investment", "denied"),)
    assert news(first, denial) == (Development("investment", "denied"),)
    assert news(first, denial, (said("facility", "denied"),)) == ()
    assert news((*first, *denial), (said("facility", "denied"),)) == ()


def test_a_denial_by_others_in_the_background_keeps_no_denial_silent() -> None:
    first = (said("investment"), said("legal", "denied", who=VELTRIX))
    assert news(first, (said("investment", "denied"),)) == (Development("investment", "denied"),)


def test_a_plan_carried_out_is_new_once_for_the_same_parties() -> None:
    first = (said("investment"), said("facility"), said("order", who=VELTRIX))
    done = (said("facility", "done"),)
    assert news(first, done) == (Development("facility", "confirmed"),)
    assert news(first, done, (said("investment", "done"),)) == ()
    assert news(first, done, (said("order", "done", who=VELTRIX),)) == (Development("order", "confirmed"),)


def test_what_two_events_of_one_item_tell_alike_is_one_item_of_news() -> None:
    first = (said("investment"), said("facility"))
    assert news(first, (said("investment", "denied"), said("facility", "denied"))) == (
        Development("investment", "denied"),
        Development("facility", "denied"),
    )


def test_an_event_of_a_type_that_was_not_told_before_adds_nothing() -> None:
    assert news((said("visit", "done"),), (said("investment", amount=3e8),)) == ()
