"""A damaged database: every row on a page that was not destroyed itself is saved, and the new file is sound."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store import Store
from bot.store.chats import add_chat
from bot.store.rescue import Rescued, rescue
from bot.store.search import fill, search
from tests.support.news import publish
from watchers.models.item import Item

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
ITEMS = 400
PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound database of some hundred pages, whose log is written back."""
    path = tmp_path_factory.mktemp("whole") / "a.db"
    store = Store.open(path)
    add_chat(store, "telegram:1")
    with store.atomic():
        for number in range(ITEMS):
            text = f"Nvidia builds plant number {number} in Hà Nội. " * (200 if number % 40 == 0 else 6)
            one = Item("f", f"https://a.example/{number}", guid=f"guid {number}", title=f"Plant {number}", text=text, published=NOW)
            publish(store, one, NOW + timedelta(minutes=number))
    while fill(store):
        pass
    store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


def owners(path: Path) -> dict[int, str]:
    """Which table or index each page belongs to, as SQLite says."""
    conn = sqlite3.connect(path)
    try:
        return {number: f"{name} {kind}" for number, name, kind in conn.execute("SELECT pageno, name, pagetype FROM dbstat")}
    finally:
        conn.close()


def damaged(whole: Path, folder: Path, pages: dict[int, bytes]) -> Path:
    raw = bytearray(whole.read_bytes())
    for number, junk in pages.items():
        raw[(number - 1) * PAGE : number * PAGE] = junk
    path = folder / "damaged.db"
    path.write_bytes(raw)
    return path


def rows(path: Path, table: str) -> set[tuple[object, ...]]:
    conn = sqlite3.connect(path)
    try:
        return set(conn.execute(f"SELECT * FROM {table}"))
    finally:
        conn.close()


def saved(path: Path) -> tuple[Rescued, Path]:
    before = path.read_bytes()
    into = path.with_suffix(".rescued")
    into.unlink(missing_ok=True)
    done = rescue(path, into)
    assert path.read_bytes() == before, "the damaged file stays as it is"
    return done, into


def test_a_sound_database_is_copied_whole(whole: Path, tmp_path: Path) -> None:
    done, into = saved(damaged(whole, tmp_path, {}))
    assert (done.problems, done.repaired) == ([], [])
    assert not +done.unreadable_pages
    for table in done.saved:
        assert rows(into, table) == rows(whole, table), table
    store = Store.open(into)
    assert len(search(store, "ha noi", limit=1000)) == ITEMS
    assert store.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'items'").fetchone()[0] == ITEMS
    store.close()


@pytest.mark.parametrize("seed", range(12))
def test_rows_on_pages_that_are_untouched_survive(whole: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    kinds = owners(whole)
    # What shares a row with a destroyed page is lost with it: texts that go on over several pages, and rows of the leaf itself.
    hit = dice.sample(sorted(kinds), 6)
    junk = {number: dice.choice((dice.randbytes(PAGE), b"\0" * PAGE, b"\xa5" * PAGE)) for number in hit}
    done, into = saved(damaged(whole, tmp_path, junk))
    assert done.problems == []
    lost = {table: [number for number in hit if kinds[number].startswith(f"{table} ")] for table in ("items", "hits", "stories", "chats")}
    for table, pages in lost.items():
        gone = len(rows(whole, table)) - len(rows(into, table))
        cascade = len(rows(whole, "items")) - len(rows(into, "items")) if table == "hits" else 0
        leaves = [number for number in pages if not kinds[number].endswith("internal")]
        assert gone <= 60 * len(leaves) + cascade, (table, [kinds[number] for number in hit])
        if not leaves and not cascade and table != "stories":
            assert rows(into, table) == rows(whole, table), (table, [kinds[number] for number in hit])


def test_inner_pages_lose_no_row(whole: Path, tmp_path: Path) -> None:
    tables = ("items internal", "hits internal")
    inner = {number: b"\0" * PAGE for number, kind in owners(whole).items() if kind in tables}
    assert inner
    done, into = saved(damaged(whole, tmp_path, inner))
    assert done.problems == []
    for table in ("items", "hits", "stories", "chats", "seen"):
        assert rows(into, table) == rows(whole, table), table


@pytest.mark.parametrize("junk", [b"\0" * PAGE, b"\xff" * PAGE], ids=["zeros", "ones"])
def test_without_its_first_page_every_row_is_saved(whole: Path, tmp_path: Path, junk: bytes) -> None:
    done, into = saved(damaged(whole, tmp_path, {1: junk}))
    assert done.problems == []
    for table in ("items", "hits", "stories", "chats", "seen", "feeds", "mentions"):
        assert rows(into, table) == rows(whole, table), table


@pytest.mark.parametrize("zeros", [False, True], ids=["cut", "zeroed"])
def test_a_tail_that_is_gone_costs_what_stood_there(whole: Path, tmp_path: Path, zeros: bool) -> None:
    raw = whole.read_bytes()
    kept = len(raw) * 2 // 3 + 100
    path = tmp_path / "cut.db"
    path.write_bytes(raw[:kept] + b"\0" * (len(raw) - kept) * zeros)
    done, into = saved(path)
    assert done.problems == []
    assert len(rows(into, "items")) > ITEMS // 3
    assert rows(into, "items") <= rows(whole, "items")


def test_what_stands_only_in_the_log_is_saved(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.db"
    path.write_bytes(whole.read_bytes())
    store = Store.open(path)
    publish(store, Item("f", "https://a.example/new", title="Nvidia in the log", text="x", published=NOW), NOW)
    folder = tmp_path / "copy"
    folder.mkdir()
    for name in ("b.db", "b.db-wal"):
        (folder / name).write_bytes((tmp_path / name).read_bytes())
    store.close()
    done, into = saved(folder / "b.db")
    assert done.problems == []
    assert len(rows(into, "items")) == ITEMS + 1


def test_what_is_no_database_gives_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(random.Random(1).randbytes(40_000))
    done, into = saved(path)
    assert (done.problems, done.saved["items"]) == ([], 0)
    Store.open(into).close()


def test_lost_stories_chats_and_keys_are_made_anew(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    path.write_bytes(whole.read_bytes())
    store = Store.open(path)
    store.conn.execute("PRAGMA foreign_keys = OFF")
    for table in ("stories", "chats", "seen"):
        store.conn.execute(f"DELETE FROM {table}")
    store.close()
    done, into = saved(path)
    assert done.problems == []
    assert len(rows(into, "stories")) == len(rows(whole, "stories"))
    assert {row[0] for row in rows(into, "seen")} >= {row[0] for row in rows(whole, "seen")}
    assert {(row[0], row[3]) for row in rows(into, "chats")} == {("telegram:1", "gone")}


def test_a_database_of_the_first_version_is_saved_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    conn = sqlite3.connect(path)
    conn.executescript((Path(__file__).parents[1] / "databases" / "m001.sql").read_text("utf-8"))
    conn.close()
    done, into = saved(path)
    assert (done.problems, done.repaired, done.saved["items"], done.saved["hits"]) == ([], [], 1, 1)
    Store.open(into, readonly=True).close()
