"""Databases as older versions left them, opened by this one: nothing lost, and the tables as a fresh database has them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.store import Store
from bot.store.feeds import known_feeds
from bot.store.integrity import problems
from bot.store.items import read_item, read_match
from bot.store.search import search

RECORDED = sorted((Path(__file__).parent / "databases").glob("*.sql"))


def shape(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every table's columns and every index."""
    tables = [row[0] for row in store.conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search_%'")]
    found = {table: sorted(tuple(row)[1:] for row in store.conn.execute(f"PRAGMA table_info({table})")) for table in tables}
    found[""] = sorted((row[0],) for row in store.conn.execute("SELECT name FROM sqlite_master WHERE type = 'index'"))
    return found


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda path: path.stem)
def test_an_older_database_is_brought_up_to_date_with_all_it_holds(tmp_path: Path, recorded: Path) -> None:
    path = tmp_path / "old.db"
    old = sqlite3.connect(path)
    old.executescript(recorded.read_text("utf-8"))
    counts = {
        table: old.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for table in ("feeds", "items", "seen", "mentions", "events", "hits", "stories", "chats", "deliveries", "facts")
    }
    old.close()
    assert all(counts.values()), "the record has a row in every table"
    store = Store.open(path)
    try:
        assert {table: store.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in counts} == counts
        assert problems(store) == []
        fresh = Store.open(":memory:")
        assert shape(store) == shape(fresh), "released steps never change; a new one brings old and fresh databases to the same tables"
        fresh.close()
        item, match = read_item(store, 1), read_match(store, 1)
        assert item is not None
        assert item.title == "Nvidia mở nhà máy ở Đà Nẵng"
        assert match.events[0].amount is not None
        assert (match.events[0].amount.value, match.salience["nvidia"].value) == (2e8, 0.9)
        assert [one.item for one in search(store, "da nang")] == [1]
        assert known_feeds(store)[0].state.lags == (60.0,)
    finally:
        store.close()


def test_there_is_a_record_of_the_first_version() -> None:
    assert RECORDED
