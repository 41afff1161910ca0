"""The turn that writes new items: nothing twice, whoever wrote it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from bot.polling.ingest import IncomingItem, WriteResult, write_arrivals
from bot.polling.live_stories import LiveStories
from bot.store import Store
from bot.store.items import MatchedItem, known_keys, read_match
from watchers.match.result import Hit, Match, Mention, Reason
from watchers.models.item import Item
from watchers.state.identity import identity_keys

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    one = Store.open(":memory:")
    yield one
    one.close()


def arrival(name: str, *more: str) -> IncomingItem:
    return IncomingItem(MatchedItem(Item(feed="f", title=name), (f"g:f\x1f{name}", *more)))


def write(store: Store, *arrivals: IncomingItem) -> WriteResult:
    with store.atomic():
        return write_arrivals(store, arrivals, feed=None, now=NOW, stories=LiveStories(timedelta(hours=72)), plan_deliveries=None)


def titles(store: Store) -> list[str]:
    return [row[0] for row in store.conn.execute("SELECT title FROM items ORDER BY id")]


def test_items_that_nobody_knows_are_written_in_order(store: Store) -> None:
    assert write(store, arrival("a"), arrival("b")) == WriteResult((1, 2))
    assert titles(store) == ["a", "b"]


def test_what_another_visit_wrote_meanwhile_is_left_out_and_lends_its_item_the_new_keys(store: Store) -> None:
    write(store, arrival("a", "u:https://x.example/a"))
    second = write(store, arrival("b", "u:https://x.example/b"), arrival("other", "u:https://x.example/a"), arrival("c"))
    assert titles(store) == ["a", "b", "c"]
    assert second.items == (2, 3)
    assert {key: seen.item for key, seen in known_keys(store, ["g:f\x1fother", "g:f\x1fb", "u:https://x.example/b"]).items()} == {
        "g:f\x1fother": 1, "g:f\x1fb": 2, "u:https://x.example/b": 2,
    }  # fmt: skip


def test_a_look_of_known_items_alone_writes_nothing(store: Store) -> None:
    write(store, arrival("a"))
    assert write(store, arrival("a")) == WriteResult()
    assert titles(store) == ["a"]


def test_of_a_name_repeated_without_end_the_first_thousand_are_kept_and_every_other_name(store: Store) -> None:
    text = "Nvidia " * 1_500 + "FPT FPT"
    mentions = [Mention("nvidia", "Nvidia", "text", at, at + 6) for at in range(0, 7 * 1_500, 7)]
    mentions += [Mention("fpt", "FPT", "text", at, at + 3) for at in (7 * 1_500, 7 * 1_500 + 4)]
    found = MatchedItem(Item(feed="f", title="t", text=text), ("g:f\x1f1",), Match("en", mentions=tuple(mentions)))
    (number,) = write(store, IncomingItem(found)).items
    assert read_match(store, number).mentions == tuple(mentions[:1_000] + mentions[1_500:1_501])


def test_the_second_of_two_equal_items_is_left_out(store: Store) -> None:
    assert write(store, arrival("a", "u:https://x.example/a"), arrival("b", "u:https://x.example/a")).items == (1,)
    assert titles(store) == ["a"]


PAPER = Item("https://paper.example/feed", "https://paper.example/a", "1", "A bridge is closed", "Cars go by the ring road", published=NOW)
BLOG = Item("https://blog.example/feed", "https://paper.example/a", "9", "What I read today", "Three texts of note", published=NOW)
SECTION = msgspec.structs.replace(PAPER, feed="https://paper.example/section", guid="s1")


def caught(item: Item, *rules: str) -> IncomingItem:
    hits = tuple(Hit(rule, 0.9, "digest", (Reason("everything"),)) for rule in rules)
    return IncomingItem(MatchedItem(item, identity_keys(item), Match("en", hits=hits)))


def owner(store: Store) -> int | None:
    return known_keys(store, ["u:https://paper.example/a"])["u:https://paper.example/a"].item


def test_another_feeds_listing_is_written_only_with_hits_that_the_first_did_not_bring(store: Store) -> None:
    assert write(store, caught(PAPER, "roads")).items == (1,)
    assert write(store, caught(SECTION, "roads")).items == ()
    assert known_keys(store, [identity_keys(SECTION)[0]]), "it is known from now on"
    other = msgspec.structs.replace(SECTION, feed="https://paper.example/late", guid="l1")
    assert write(store, caught(other, "roads", "city")).items == (2,)
    assert owner(store) == 2
    third = msgspec.structs.replace(SECTION, feed="https://paper.example/last", guid="x1")
    assert write(store, caught(third, "city")).items == ()


def test_of_two_feeds_that_write_at_once_nothing_is_lost(store: Store) -> None:
    assert write(store, caught(BLOG), caught(PAPER, "roads")).items == (1, 2)
    assert owner(store) == 2
    assert write(store, caught(SECTION, "roads")).items == ()


def test_an_address_stays_with_the_item_that_says_more(store: Store) -> None:
    write(store, caught(PAPER, "roads"))
    assert write(store, caught(BLOG, "city")).items == (2,)
    assert owner(store) == 1


def test_the_hits_of_a_paid_text_silence_nobody(store: Store) -> None:
    write(store, caught(msgspec.structs.replace(BLOG, title=PAPER.title, sponsored=True), "roads"))
    assert write(store, caught(PAPER, "roads")).items == (2,)
