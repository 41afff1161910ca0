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

RECORDED = sorted((Path(__file__).parents[1] / "databases").glob("*.sql"))


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


def test_undated_items_of_archives_lose_the_time_of_their_import(tmp_path: Path) -> None:
    path, imported, published = tmp_path / "old.db", "2026-02-02T00:00:00Z", "2024-03-01T00:00:00Z"
    old = sqlite3.connect(path)
    old.executescript(RECORDED[0].read_text("utf-8"))
    feed = old.execute("SELECT url FROM feeds").fetchone()[0]
    items = {91: ("/old/a.jsonl", None), 92: ("/old/a.jsonl", published), 93: (feed, None), 94: ("https://gone.example/rss", None)}
    for item, (origin_feed, date) in items.items():
        old.execute(
            "INSERT INTO items (id, feed, title, published_at, first_seen_at) VALUES (?, ?, 'Old', ?, ?)",
            (item, origin_feed, date, imported),
        )
    hits = [(91, 81, "backfill"), (91, 82, "backfill"), (92, 82, "backfill"), (93, 83, "backfill"), (94, 84, "poll")]
    stories = [(story, imported, imported) for story in range(81, 85)]
    old.executemany("INSERT INTO stories (id, first_at, last_at) VALUES (?, ?, ?)", stories)
    old.executemany(
        "INSERT INTO hits (item, rule, story, score, severity, created_at, origin) VALUES (?, ?, ?, 1, 'alert', ?, ?)",
        [(item, f"rule-{story}", story, imported, origin) for item, story, origin in hits],
    )
    old.commit()
    old.close()
    store = Store.open(path)
    try:
        archived = dict(store.conn.execute("SELECT id, archived FROM items WHERE id > 90").fetchall())
        assert archived == {91: 1, 92: 1, 93: 0, 94: 0}, "what a feed lists is no archive's"
        times = {row["id"]: (row["first_at"], row["last_at"]) for row in store.conn.execute("SELECT * FROM stories WHERE id > 80")}
        assert times == {81: (None, None), 82: (published, published), 83: (imported, imported), 84: (imported, imported)}
        assert store.conn.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        store.close()
