"""The database in trouble while the bot works: locked by another program, a full disk, a page destroyed."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.store import Store, StoreError
from bot.store.integrity import problems
from tests.support.bot_app import open_bot
from tests.support.clock import RunningClock
from tests.support.feed_server import feed_server, rss

NEWS = "Nvidia to build a data center in Hanoi with FPT"


def news() -> bytes:
    return rss({"title": NEWS, "pubDate": format_datetime(datetime.now(UTC) - timedelta(minutes=5)), "description": "word " * 2000})


async def test_a_poll_waits_while_another_program_holds_the_database(tmp_path: Path) -> None:
    async with feed_server() as server:
        url = server.play("/feed", news())
        async with open_bot(tmp_path / "a.db", [url]) as bot:
            other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO facts VALUES ('somebody', 'was here')")
            polling = asyncio.create_task(bot.app.poll_once())
            done, _ = await asyncio.wait({polling}, timeout=0.3)
            assert not done
            other.execute("COMMIT")
            other.close()
            await polling
            assert (bot.count("items"), bot.shown(NEWS)) == (1, 1)
            assert [report.outcome for report in bot.reports] == ["items"]


async def test_a_program_that_writes_between_a_reading_and_a_write_breaks_nothing(tmp_path: Path) -> None:
    async with open_bot(tmp_path / "a.db") as bot:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)

        def read_then_write(store: Store) -> None:
            store.fact("a")
            store.set_fact("a", str(int(store.fact("a") or 0) + 1))

        for number in range(20):
            other.execute("INSERT OR REPLACE INTO facts VALUES ('other', ?)", (str(number),))
            await bot.app.store.write(read_then_write)
        other.close()
        assert await bot.app.store.read(Store.fact, "a") == "20"


async def test_a_full_disk_loses_nothing_and_asks_no_feed_again_and_again(tmp_path: Path) -> None:
    clock = RunningClock()
    async with feed_server() as server:
        url = server.play("/feed", news())
        async with open_bot(tmp_path / "a.db", [url], clock=clock) as bot:

            def fill_disk(store: Store) -> None:
                pages = store.conn.execute("PRAGMA page_count").fetchone()[0]
                store.conn.execute(f"PRAGMA max_page_count = {pages}")

            await bot.app.store.write_alone(fill_disk)
            await bot.app.poller.visit_all()
            assert [report.outcome for report in bot.reports] == ["unexpected"]
            assert "full" in bot.reports[0].error
            assert bot.count("items") == 0
            await bot.app.poller.visit_all()
            assert server.count("/feed") == 1, "while nothing can be written a feed is left in peace"
            await bot.app.store.write_alone(lambda store: store.conn.execute("PRAGMA max_page_count = 1000000") and None)
        async with open_bot(tmp_path / "a.db", [url], clock=clock) as bot:
            clock.move(timedelta(hours=2))
            await bot.app.poll_once()
            assert (bot.count("items"), bot.shown(NEWS)) == (1, 1)
            assert await bot.app.store.read(problems) == []


async def test_a_destroyed_database_is_named_and_not_made_worse(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    Store.open(database).close()
    raw = bytearray(database.read_bytes())
    raw[100:4096] = b"\xff" * (4096 - 100)
    database.write_bytes(raw)
    with pytest.raises(StoreError, match=r"a\.db: is (damaged|not an SQLite database)"):
        Store.open(database)
    assert database.read_bytes() == bytes(raw)


def test_what_is_wrong_inside_is_found() -> None:
    store = Store.open(":memory:")
    store.conn.execute("INSERT INTO items (feed, first_seen_at) VALUES ('f', '2026-01-01T00:00:00Z')")
    store.conn.execute("INSERT INTO deliveries (chat, kind, key, due_at, created_at) VALUES ('nobody', 'alert', 'k', 'x', 'x')")
    found = problems(store)
    store.close()
    assert len(found) == 2
    assert "without a key" in found[0]
