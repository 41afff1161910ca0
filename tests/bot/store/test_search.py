"""Full-text search: accents or none, đ or d, composed or not, any query at all."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store import Store
from bot.store.items import MatchedItem, add_items
from bot.store.migrations import m012_letters_like_d
from bot.store.retention import drop_items
from bot.store.search import fill, fts_query, search
from watchers.match.result import Event, Match, Mention
from watchers.models.item import Item

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FACTORY = "Đà Nẵng khởi công nhà máy bán dẫn của Tập đoàn Điện lực"
TEXTS = {
    "factory": FACTORY,
    "nfd": unicodedata.normalize("NFD", "Người Việt ở Thủ Đức chờ tàu điện"),
    "english": "Amkor's plant, near Hanoi (phase 2): $1.6bn",
}


@pytest.fixture
def store() -> Iterator[Store]:
    one = Store.open(":memory:")
    match = Match("vi", mentions=(Mention("fpt", "Điện", "title", 0, 4, part_of="group"),), events=(Event("facility"),))
    with one.atomic():
        add_items(
            one,
            [
                MatchedItem(
                    Item(feed="f", title=title, guid=name, published=NOW - timedelta(days=number)),
                    (f"g:f\x1f{name}",),
                    match if number == 0 else None,
                )
                for number, (name, title) in enumerate(TEXTS.items())
            ],
            None,
            NOW,
        )
    while fill(one):
        pass
    yield one
    one.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Đà Nẵng", "factory"), ("da nang", "factory"), ("DA NANG", "factory"), ("đa năng", "factory"), ("ban dan", "factory"),
        (unicodedata.normalize("NFD", "nhà máy"), "factory"), ('"tap doan dien luc"', "factory"), ("thu duc", "nfd"), ("Thủ Đức", "nfd"),
        ("nguoi viet", "nfd"), ("hano*", "english"), ("amkor plant", "english"), ("1.6bn", "english"),
    ],
)  # fmt: skip
def test_vietnamese_is_found_with_and_without_accents(store: Store, query: str, found: str) -> None:
    assert [one.title for one in search(store, query)] == [TEXTS[found]]


@pytest.mark.parametrize("query", ["nha may o Hue", '"luc dien"', "hanover", "..."])
def test_what_does_not_stand_there_is_not_found(store: Store, query: str) -> None:
    assert search(store, query) == []


def test_an_empty_query_gives_the_newest_first(store: Store) -> None:
    assert [one.title for one in search(store, " ")] == list(TEXTS.values())


def test_conditions_narrow_the_search(store: Store) -> None:
    assert len(search(store, "", since=NOW - timedelta(hours=30))) == 2
    assert [one.title for one in search(store, "", entity="group")] == [FACTORY]
    assert [one.title for one in search(store, "dien", event="facility")] == [FACTORY]
    assert search(store, "dien", event="visit") == []


@given(st.text(max_size=60))
def test_no_query_is_a_syntax_error(query: str) -> None:
    store = Store.open(":memory:")
    try:
        search(store, query)
    finally:
        store.close()


@given(st.lists(st.sampled_from(['"', "*", "AND", "NEAR(", "title:", "-", "^", "(", ")", "a", "{", "}", ":", "đ"]), max_size=8))
def test_the_words_of_the_query_language_are_words(parts: list[str]) -> None:
    query = fts_query(" ".join(parts))
    assert query == "" or query.count('"') % 2 == 0


def test_dropped_items_leave_the_index_whole(store: Store) -> None:
    with store.atomic():
        assert drop_items(store, NOW + timedelta(days=1)) == 3
    assert search(store, "da nang") == []
    store.conn.execute("INSERT INTO search(search) VALUES ('integrity-check')")
    assert store.conn.execute("SELECT count(*) FROM search WHERE search MATCH 'nang OR plant OR duc'").fetchone()[0] == 0


@pytest.mark.parametrize(
    ("summary", "text"),
    [("Đèn đường", ""), ("", "Đèn đường"), ("Plain words", "Đèn đường"), ("Đèn đường", "Plain words"), ("Đèn", "Đèn đường")],
)
def test_every_part_of_a_body_is_folded_and_leaves_nothing_when_it_is_dropped(summary: str, text: str) -> None:
    store = Store.open(":memory:")
    with store.atomic():
        add_items(store, [MatchedItem(Item(feed="f", title="t", summary=summary, text=text), ("g:f\x1f1",))], None, NOW)
    assert fill(store) == 1
    assert [one.item for one in search(store, "đèn")] == [one.item for one in search(store, "den")] == [1]
    with store.atomic():
        drop_items(store, NOW + timedelta(days=1))
    words = "den OR duong OR plain OR t"
    assert store.conn.execute("SELECT count(*) FROM search WHERE search MATCH ?", (words,)).fetchone()[0] == 0
    store.close()


@pytest.mark.parametrize("query", ["Đà Nẵng đón", "da nang don", "Ðà Nẵng ðón"])
def test_letters_typed_for_d_with_a_stroke_are_found_as_it_and_leave_nothing_when_dropped(store: Store, query: str) -> None:
    typed = Item(feed="f", title="Ðà Nẵng ðón khách", guid="eth", published=NOW)
    with store.atomic():
        add_items(store, [MatchedItem(typed, ("g:f\x1feth",))], None, NOW)
    fill(store)
    assert [one.title for one in search(store, query)] == [typed.title]
    with store.atomic():
        drop_items(store, NOW + timedelta(days=1))
    assert store.conn.execute("SELECT count(*) FROM search WHERE search MATCH 'don OR khach'").fetchone()[0] == 0


def test_an_older_index_finds_letters_typed_for_d_with_a_stroke_once_it_is_brought_up_to_date(store: Store) -> None:
    with store.atomic():
        add_items(store, [MatchedItem(Item(feed="f", title="Ðà Nẵng ðón khách", guid="eth", published=NOW), ("g:f\x1feth",))], None, NOW)
        store.conn.execute("INSERT INTO search (rowid, title, body) SELECT id, title, text FROM items WHERE guid = 'eth'")  # as before
        store.set_fact("search.indexed", "4")
        assert search(store, "đón") == []
        m012_letters_like_d(store.db)
    assert [one.title for one in search(store, "đón")] == ["Ðà Nẵng ðón khách"]
    assert len(search(store, "da nang")) == 2
