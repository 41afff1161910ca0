"""`seedwatch rescue` as a person runs it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from bot.store import Store
from tests.bot.cli.test_match import seedwatch


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A database in which the page with the feeds is destroyed."""
    path = tmp_path / "seedwatch.db"
    store = Store.open(path)
    store.conn.execute("INSERT INTO chats (id, kind) VALUES ('telegram:1', 'telegram')")
    root = store.conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'feeds'").fetchone()[0]
    store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    raw = bytearray(path.read_bytes())
    raw[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
    path.write_bytes(raw)
    return path


def test_it_says_what_was_saved_and_what_was_lost(damaged: Path) -> None:
    ended = seedwatch("rescue", "seedwatch.db", cwd=damaged.parent)
    assert ended.returncode == 0, ended.stderr
    assert "chats                     1 rows saved\n" in ended.stdout
    assert "feeds                     0 rows saved; 1 pages could not be read\n" in ended.stdout
    assert ended.stdout.endswith("seedwatch.db.rescued: sound; put it in the place of the old one, which you keep, and start again\n")
    conn = sqlite3.connect(damaged.parent / "seedwatch.db.rescued")
    assert conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    conn.close()


def test_it_writes_over_nothing(damaged: Path) -> None:
    (damaged.parent / "there.db").write_bytes(b"mine")
    ended = seedwatch("rescue", "seedwatch.db", "--into", "there.db", cwd=damaged.parent)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "is there already" in ended.stderr
    assert (damaged.parent / "there.db").read_bytes() == b"mine"
    assert seedwatch("rescue", "nothing.db", cwd=damaged.parent).returncode == 2


def test_json_says_the_same(damaged: Path) -> None:
    ended = seedwatch("rescue", "seedwatch.db", "--into", "new.db", "--json", cwd=damaged.parent)
    said = json.loads(ended.stdout)
    assert (said["into"], said["saved"]["chats"], said["unreadable_pages"], said["problems"]) == ("new.db", 1, {"feeds": 1}, [])


def test_doctor_names_it(damaged: Path) -> None:
    ended = seedwatch("doctor", "--offline", cwd=damaged.parent)
    assert ended.returncode == 1
    assert "rescue" in ended.stdout
