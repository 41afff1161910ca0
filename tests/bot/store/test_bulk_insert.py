"""Many rows in few statements, and the log moved behind the writer's back."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from bot.store import Store, StoreThread
from bot.store.bulk_insert import insert
from bot.store.wal_checkpointer import ROWS


@pytest.mark.parametrize("count", [0, 1, 3, 4, 63, 64, 85, 200])
def test_rows_are_written_whole_and_in_order_however_many_there_are(count: int) -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT)")
    insert(conn, "a (x, y)", [(number, f"row {number}") for number in range(count)])
    assert conn.execute("SELECT x, y FROM a ORDER BY rowid").fetchall() == [(number, f"row {number}") for number in range(count)]


def test_rows_that_stand_already_are_left_alone() -> None:
    conn = sqlite3.connect(":memory:")
    conn.execute("CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT)")
    insert(conn, "a (x, y)", [(1, "first"), (2, "second")])
    insert(conn, "a (x, y)", [(number, "new") for number in range(100)], "ON CONFLICT DO NOTHING")
    assert conn.execute("SELECT count(*) FROM a WHERE y = 'new'").fetchone() == (98,)


async def test_much_that_was_written_is_moved_into_the_file_without_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    thread = StoreThread(path)
    thread.start()
    before = path.stat().st_size

    def fill(store: Store) -> None:
        rows = [(f"key {number}", None, None, "2024-01-01T00:00:00Z") for number in range(ROWS)]
        insert(store.conn, "seen (key, item, feed, last_seen_at)", rows)

    await thread.write(fill)
    until = time.monotonic() + 10
    while path.stat().st_size == before and time.monotonic() < until:
        await thread.read(lambda store: store.fact("none"))
    assert path.stat().st_size > before
    thread.close()
    with sqlite3.connect(path) as conn:
        assert conn.execute("SELECT count(*) FROM seen").fetchone() == (ROWS,)
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    conn.close()


async def test_a_log_that_cannot_be_moved_holds_nobody_up(tmp_path: Path) -> None:
    thread = StoreThread(tmp_path / "a.db")
    thread.start()
    with sqlite3.connect(tmp_path / "a.db", isolation_level=None) as reader:  # somebody reads an old state all the while
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM seen").fetchone()

        def fill(store: Store, part: int) -> None:
            rows = [(f"{part} {number}", None, None, "2024-01-01T00:00:00Z") for number in range(ROWS)]
            insert(store.conn, "seen (key, item, feed, last_seen_at)", rows)

        for part in range(3):
            await thread.write(fill, part)
        reader.execute("ROLLBACK")
    reader.close()
    assert await thread.read(lambda store: store.conn.execute("SELECT count(*) FROM seen").fetchone()[0]) == 3 * ROWS
    thread.close()
