"""What an entry is: new, seen, or another feed's item that is listed again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from watchers.models.item import Item
from watchers.state.identity import identities
from watchers.state.recognition import Verdict, is_own_key_unconfirmed, items_to_compare, recognise

NOW = datetime(2025, 3, 4, 12, tzinfo=UTC)
ONE = Item(
    feed="https://board.example/feed",
    guid="n-1",
    url="https://board.example/current",
    title="The bridge at the old mill is closed",
    summary="From Monday on cars go by the ring road, says the city, because the pillars need new concrete.",
    published=NOW - timedelta(hours=1),
)
OTHER = replace(
    ONE,
    guid="n-2",
    title="Two ferries more in the summer holidays",
    summary="The company hires boats from its neighbours and sells tickets on the quay until the end of August.",
    published=NOW,
)


@dataclass
class Known:
    item: int | None


def judged(stored: Sequence[Item], *listed: Item, dropped: bool = False, whole: bool = True) -> list[Verdict]:
    """The verdicts on a listing, where all of `stored` are known by all their keys; the first one to have a key keeps it."""
    known: dict[str, Known] = {}
    for number, keys in enumerate(identities([item])[0] for item in stored):
        for key in keys:
            known.setdefault(key, Known(number))
    given_keys = identities(listed)
    items = {} if dropped else {number: stored[number] for number in items_to_compare(given_keys, known)}
    return recognise(listed, given_keys, known, items, NOW, is_complete=whole)


def kind(old: Item, new: Item, **more: bool) -> str:
    return judged([old], new, **more)[0].kind


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (OTHER, "new"),
        (replace(OTHER, title=ONE.title), "new"),
        (replace(ONE, guid="n-2", title=OTHER.title), "seen"),
        (replace(ONE, guid="n-2", title="Corrected: " + ONE.title, summary=ONE.summary[:50] + " and so on"), "seen"),
        (replace(ONE, guid="n-2", summary="", title="UPDATE: " + ONE.title), "seen"),
        (replace(OTHER, summary=""), "new"),
        (replace(OTHER, guid=""), "seen"),
        (replace(OTHER, guid="", published=NOW + timedelta(hours=9)), "seen"),
        (replace(ONE, guid="n-2", url="http://www.board.example/current/?utm_source=x"), "seen"),
    ],
    ids=[
        "another notice",
        "another text under one headline",
        "another headline over one text",
        "edited",
        "no text",
        "no text, another headline",
        "no guid any more",
        "no guid any more, and later",
        "address written otherwise",
    ],
)
def test_an_address_in_one_feed(new: Item, expected: str) -> None:
    assert kind(ONE, new) == expected


def test_an_address_without_guids_needs_hours_between_two_items() -> None:
    one, other = replace(ONE, guid=""), replace(OTHER, guid="")
    assert kind(one, other) == "seen"
    assert kind(one, replace(other, published=NOW + timedelta(hours=6))) == "new"
    assert kind(one, replace(one, published=NOW + timedelta(hours=6))) == "seen"


def test_permalinks_that_change_with_their_address_do_not_make_another_item() -> None:
    old = replace(ONE, url="http://board.example/a?utm_source=x", guid="http://board.example/a")
    assert kind(old, replace(OTHER, url="https://board.example/a", guid="https://board.example/a", published=ONE.published)) == "seen"


def test_an_address_in_two_feeds() -> None:
    elsewhere = {"feed": "https://links.example/feed", "guid": "17"}
    (verdict,) = judged([ONE], replace(ONE, title="Bridge at the old mill closed", **elsewhere))
    assert (verdict.kind, verdict.item, verdict.shared) == ("again", 0, ("u:https://board.example/current",))
    (verdict,) = judged([ONE], replace(OTHER, **elsewhere))
    assert (verdict.kind, verdict.item, verdict.shared) == ("new", None, ("u:https://board.example/current",))


@pytest.mark.parametrize(
    ("change", "gone", "listed"),
    [
        ({"summary": OTHER.summary}, "new", "new"),
        ({}, "seen", "seen"),
        ({"summary": ONE.summary[:60]}, "seen", "seen"),
        ({"summary": ""}, "seen", "new"),
        ({"guid": "", "url": ""}, "seen", "seen"),
    ],
    ids=["another text", "the same text", "the same text, cut", "no text on one side", "nothing of its own"],
)
def test_a_headline_on_one_day(change: dict[str, str], gone: str, listed: str) -> None:
    old = replace(ONE, source="The Board", url="https://board.example/1", summary="" if change.get("summary") == "" else ONE.summary)
    new = replace(old, **{"guid": "n-9", "url": "https://board.example/9", **change})
    assert kind(old, new) == gone
    assert [verdict.kind for verdict in judged([old], new, old)] == [listed, "seen"]
    assert kind(old, new, whole=False) == listed, "where not all is listed, nothing counts as gone"


def test_a_headline_in_two_feeds_is_one_item_with_one_text_only() -> None:
    elsewhere = replace(ONE, feed="https://board.example/other", url="https://board.example/9", guid="x")
    assert kind(ONE, elsewhere) == "again"
    assert kind(replace(ONE, summary=""), replace(elsewhere, summary="")) == "new"


def test_in_one_listing() -> None:
    verdicts = judged([], ONE, replace(ONE, guid="n-1b"), replace(OTHER, url="https://board.example/2", title=ONE.title))
    assert [(verdict.kind, verdict.place) for verdict in verdicts] == [("new", None), ("seen", 0), ("new", None)]


def test_what_was_dropped_is_another_item_only_with_a_guid_of_its_own_and_a_date_of_late() -> None:
    assert kind(ONE, OTHER, dropped=True) == "new"
    assert kind(ONE, replace(OTHER, published=NOW - timedelta(days=3)), dropped=True) == "seen"
    assert kind(ONE, replace(OTHER, guid=""), dropped=True) == "seen"
    many = [replace(ONE, guid=f"a{n}", url=f"https://board.example/{n}", title=f"{ONE.title}, part {n}") for n in range(6)]
    renewed = [replace(item, guid=f"b{n}", published=NOW, title=OTHER.title + str(n)) for n, item in enumerate(many)]
    assert {verdict.kind for verdict in judged(many, *renewed, dropped=True)} == {"seen"}


def test_the_address_goes_to_the_item_that_the_feed_gave_it_to() -> None:
    (verdict,) = judged([ONE], OTHER)
    assert verdict.taken == ("u:https://board.example/current",)
    assert verdict.keys[0] == f"g:{ONE.feed}\x1fn-2"


def test_only_a_guid_that_stands_alone_is_doubted() -> None:
    keys = ("g:f\x1f1", "u:https://news.example/a", "t:news.example|a title|2026-01-02")
    mine, another = Known(1), Known(2)
    assert is_own_key_unconfirmed(keys, {keys[0]: mine})
    assert is_own_key_unconfirmed(keys, {keys[0]: mine, keys[1]: another})
    for also in keys[1:]:
        assert not is_own_key_unconfirmed(keys, {keys[0]: mine, also: mine})
        assert not is_own_key_unconfirmed(keys, {keys[0]: Known(None), also: another})
    assert not is_own_key_unconfirmed(keys, {})
    named = ("g:f\x1fhttps://news.example/a", *keys[1:])
    assert is_own_key_unconfirmed(named, {named[0]: mine, keys[1]: mine}), "an address says nothing more of an entry that it names"
    assert not is_own_key_unconfirmed(named[:2], {named[0]: mine, keys[1]: mine}), "without a date there is nothing to ask"


ENTRIES = st.lists(
    st.builds(
        lambda feed, guid, url, title, text: Item(feed, url, guid, title, text, published=NOW),
        st.sampled_from(["https://a.example/f", "https://b.example/f"]),
        st.sampled_from(["", "1", "2", "3"]),
        st.sampled_from(["", "https://a.example/1", "https://a.example/2", "https://a.example/"]),
        st.sampled_from(["", ONE.title, OTHER.title]),
        st.sampled_from(["", ONE.summary, OTHER.summary]),
    ),
    max_size=5,
)


@given(ENTRIES)
def test_no_key_goes_to_two_items_and_each_new_item_has_one(items: list[Item]) -> None:
    verdicts = recognise(items, identities(items), {}, {}, NOW)
    keys = [key for verdict in verdicts for key in verdict.keys]
    assert len(keys) == len(set(keys))
    assert all(verdict.keys for verdict in verdicts if verdict.kind == "new")


@given(ENTRIES)
def test_a_listing_that_was_read_is_seen_when_it_comes_again(items: list[Item]) -> None:
    items = [replace(item, feed="https://a.example/f") for item in items]
    keys = identities(items)
    known: dict[str, Known] = {}
    stored: dict[int, Item] = {}
    for place, verdict in enumerate(recognise(items, keys, known, stored, NOW)):
        number = place if verdict.place is None else verdict.place
        if verdict.kind == "new":
            stored[place] = items[place]
        known.update((key, Known(number)) for key in verdict.keys)
    assert {one.kind for one in recognise(items, keys, known, stored, NOW)} <= {"seen"}
