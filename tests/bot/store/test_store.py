"""Opening a database: fresh, older, newer, damaged, not one at all; and the transaction everything is written in."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.store import Store, StoreError, from_iso, iso
from bot.store.migrations import MIGRATIONS
from bot.store.store import NewerDatabaseError

PUBLIC = {
    "feeds": "url name etag last_modified next_poll_at last_ok_at failures last_error",
    "items": "id feed url guid title summary text lang published_at first_seen_at sponsored",
    "mentions": "item entity field start end text",
    "events": "id item type actors targets amount currency place date status attributed_to sentence",
    "hits": "id item rule story score severity why created_at",
    "stories": "id title first_at last_at items sources",
    "chats": "id kind title state settings",
    "deliveries": "id chat kind key state attempts due_at sent_at message_id error",
}


@pytest.mark.parametrize("table", PUBLIC)
def test_a_fresh_database_has_every_public_column(table: str) -> None:
    store = Store.open(":memory:")
    columns = {row["name"] for row in store.conn.execute(f"PRAGMA table_info({table})")}
    store.close()
    assert set(PUBLIC[table].split()) <= columns


def test_a_second_opening_changes_nothing_and_keeps_the_log_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Store.open(path).close()
    before = sqlite3.connect(path).execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
    store = Store.open(path)
    assert store.conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert [tuple(row) for row in store.conn.execute("SELECT name FROM _sqlite_migrations ORDER BY id")] == before
    store.close()


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    store = Store.open(path)
    store.db["_sqlite_migrations"].insert({"migration_set": "seedwatch", "name": "m999_from_the_future", "applied_at": "2030-01-01"})
    store.close()
    with pytest.raises(NewerDatabaseError, match="m999_from_the_future"):
        Store.open(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"this is a letter, not a database" * 40, "not an SQLite database"), (None, "cannot be opened")],
)
def test_what_cannot_be_opened_is_said_in_one_line(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "a.db" if content else tmp_path / "nowhere" / "a.db"
    if content:
        path.write_bytes(content)
    with pytest.raises(StoreError, match=said) as caught:
        Store.open(path)
    assert "\n" not in str(caught.value)


def test_reading_only_creates_no_database_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Store.open(tmp_path / "missing.db", readonly=True)
    assert not (tmp_path / "missing.db").exists()
    Store.open(tmp_path / "a.db").close()
    store = Store.open(tmp_path / "a.db", readonly=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.set_fact("a", "b")
    store.close()


def test_a_step_that_fails_is_undone_whole_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MIGRATIONS, "_migrations", list(MIGRATIONS._migrations))
    path = tmp_path / "a.db"
    Store.open(path).close()
    fail = [True]

    @MIGRATIONS(name="m998_halfway")
    def halfway(db) -> None:  # type: ignore[no-untyped-def]
        db.conn.execute("CREATE TABLE half (id INTEGER)")
        if fail:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        Store.open(path)
    assert "half" not in {row[0] for row in sqlite3.connect(path).execute("SELECT name FROM sqlite_master")}
    fail.clear()
    store = Store.open(path)
    assert store.db["half"].exists()
    store.close()


def test_nested_transactions_undo_only_themselves() -> None:
    store = Store.open(":memory:")

    def fail() -> None:
        with store.atomic():
            store.set_fact("inner", "lost")
            raise ValueError("inner")

    with store.atomic():
        store.set_fact("outer", "kept")
        with pytest.raises(ValueError, match="inner"):
            fail()
    assert (store.fact("outer"), store.fact("inner")) == ("kept", None)
    store.close()


def test_times_are_utc_with_z_and_sort_as_text() -> None:
    hanoi = datetime(2026, 1, 2, 6, 30, 5, 999, tzinfo=timezone(timedelta(hours=7)))
    assert iso(hanoi) == "2026-01-01T23:30:05Z"
    assert from_iso(iso(hanoi)) == datetime(2026, 1, 1, 23, 30, 5, tzinfo=UTC)
