"""Runs over archives: what is stored, that nothing is doubled, and that a killed run goes on where it was."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from rich.console import Console

from bot.backfill.download import all_sources, size_of
from bot.backfill.executors import InlineExecutor, ProcessPoolChunkExecutor, WorkerLostError, in_order
from bot.backfill.replay import replay
from bot.backfill.run import Backfill, BackfillCounts
from bot.backfill.worker import ChunkResult, MatchJob
from bot.cli.progress import archive_progress
from bot.config import Config
from bot.digest.schedule import due_digests
from bot.message import Message
from bot.polling.ingest import IncomingItem, write_arrivals
from bot.polling.live_stories import LiveStories
from bot.store import Store, iso
from bot.store.chats import add_chat
from bot.store.items import MatchedItem
from bot.web.backfill_report import render
from seeds.load import Seeds
from seeds.rules import Rule
from tests.bot.backfill.archive import small_seeds, write_archive
from watchers.archives import lines
from watchers.archives.chunk import Chunk
from watchers.match.matcher import Matcher
from watchers.models.item import Item

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[3]
TABLES = {
    "items": "id, feed, url, guid, title, text, lang, published_at",
    "hits": "id, item, rule, story, score, severity, why",
    "stories": "id, title, first_at, last_at, items, sources, lead_item",
    "mentions": 'item, entity, field, start, "end"',
    "events": "id, item, type, actors, targets, amount",
    "seen": "key, item",
}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 8_000)


def job(**changes: Any) -> MatchJob:
    return MatchJob(small_seeds(), 0.15, ("en", "vi"), "", NOW, **changes)


def run(store: Store | None, *paths: Path, the_job: MatchJob | None = None, workers: int = 1) -> BackfillCounts:
    the_job = the_job or job()
    crew = InlineExecutor(the_job) if workers == 1 else ProcessPoolChunkExecutor(the_job, workers)
    try:
        work = Backfill(the_job, crew, store, window=timedelta(hours=72))
        return work.run(all_sources([str(path) for path in paths]), now=lambda: NOW)
    finally:
        crew.close()


def content(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """What is stored, without the times at which it was."""
    return {
        name: [tuple(row) for row in store.conn.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2")] for name, columns in TABLES.items()
    }


def test_hits_are_stored_and_nothing_is_told(tmp_path: Path) -> None:
    store = Store.open(":memory:")
    tally = run(store, write_archive(tmp_path / "a.jsonl", 300))
    assert (tally.read, tally.matched, tally.new) == (300, 60, 60)
    assert tally.candidates < 100
    assert store.conn.execute("SELECT count(*) FROM items").fetchone()[0] == 60
    assert store.conn.execute("SELECT count(*) FROM deliveries").fetchone()[0] == 0
    assert {row[0] for row in store.conn.execute("SELECT DISTINCT origin FROM hits")} == {"backfill"}


def test_the_same_archive_is_not_read_twice_and_a_copy_of_it_doubles_nothing(tmp_path: Path) -> None:
    store = Store.open(":memory:")
    first = write_archive(tmp_path / "a.jsonl", 100)
    run(store, first)
    again = run(store, first)
    assert (again.read, again.known) == (0, 1)
    before = content(store)
    copied = run(store, write_archive(tmp_path / "b.jsonl", 100))
    assert (copied.matched, copied.new) == (20, 0)
    after = content(store)
    assert after["items"] == before["items"]
    assert after["hits"] == before["hits"]


def test_what_is_to_be_told_stands_in_the_next_digest_and_nothing_else_does(tmp_path: Path) -> None:
    store = Store.open(":memory:")
    add_chat(store, "telegram:1")
    morning = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 08:00 in Hanoi
    config = Config()

    def digest(now: datetime) -> list[str]:
        with store.atomic():
            due_digests(store, small_seeds(), config, now)
        return [
            Message.from_json(row["body"]).plain
            for row in store.db.query("SELECT body FROM deliveries WHERE kind = 'digest' AND created_at = ?", [iso(now)])
        ]

    def backfill(name: str, title: str, origin: str, now: datetime) -> None:
        path = tmp_path / name
        path.write_text(json.dumps({"title": title, "published": "2024-01-05"}) + "\n", "utf-8")
        work = Backfill(job(), InlineExecutor(job()), store, window=timedelta(hours=72), origin=origin)
        assert work.run(all_sources([str(path)]), now=lambda: now).hits

    assert digest(morning) == []
    backfill("quiet.jsonl", "Nvidia opens a quiet laboratory in Hue", "backfill", morning + timedelta(hours=1))
    backfill("told.jsonl", "FPT signs a contract in Da Nang", "digest", morning + timedelta(hours=2))
    told = digest(morning + timedelta(days=1))
    assert len(told) == 1
    assert "FPT signs a contract" in told[0]
    assert "quiet laboratory" not in told[0]
    assert digest(morning + timedelta(days=2)) == []


def shown_progress(size: int | None, *counts: BackfillCounts) -> str:
    """The last picture of the bar, in one line; there are 15 seconds between the counts."""
    seconds = 0.0
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, color_system=None, width=160)
    with archive_progress(size, console=console, clock=lambda: seconds) as show:
        for counted in counts:
            seconds += 15
            show(counted)
        pictures = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    return pictures.replace("\r", "\n").strip().splitlines()[-1].strip()


def test_the_time_left_is_told_where_the_size_is_known(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "a.jsonl", 100)
    whole = size_of([str(tmp_path)])
    assert whole == path.stat().st_size
    tally = BackfillCounts(read=50, matched=10, size=whole // 4)
    shown = shown_progress(whole, replace(tally, size=whole // 8), tally)
    assert shown.startswith("50 records, 10 with hits, 0 MB, 0 MB/s ")
    assert re.search(r" 25% 0:01:3[01] left$", shown)
    assert not re.search(r"%", shown_progress(whole, BackfillCounts(size=whole + 1))), "an earlier run read a part of it"
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert size_of([str(tmp_path)]) is None
    assert size_of([str(path), "-"]) is None
    assert shown_progress(None, tally).endswith(" MB/s")


def test_an_item_without_a_date_tells_what_other_undated_ones_tell_and_never_what_is_news_now(tmp_path: Path) -> None:
    store = Store.open(":memory:")
    title = "Nvidia to invest $20 million in a laboratory in Hue"
    text = "Nvidia said it would build a laboratory in Hue, Vietnam, with FPT."
    live = Item("https://f.example/rss", "https://f.example/1", title=title, text=text, source="Paper F")
    found = MatchedItem(live, ("u:f",), Matcher(small_seeds()).match(live))
    with store.atomic():
        write_arrivals(store, [IncomingItem(found)], feed=1, now=NOW, stories=LiveStories(timedelta(hours=72)), plan_deliveries=None)
    for name in ("a", "b"):
        record = {"id": name, "title": title, "text": f"{text} So says {name}.", "url": f"https://{name}.example/1"}
        (tmp_path / f"{name}.jsonl").write_text(json.dumps(record) + "\n", "utf-8")
        run(store, tmp_path / f"{name}.jsonl")
    told = [tuple(row) for row in store.conn.execute("SELECT id, items, sources, first_at, last_at FROM stories ORDER BY id")]
    assert told == [(1, 1, 1, iso(NOW), iso(NOW)), (2, 2, 2, None, None)]


def test_other_rules_read_it_anew(tmp_path: Path) -> None:
    store = Store.open(":memory:")
    path = write_archive(tmp_path / "a.jsonl", 50)
    run(store, path)
    seeds = replace(small_seeds(), rules={"only-quiet": Rule(id="only-quiet", words=("tea",), about=False)})
    tally = run(store, path, the_job=MatchJob(seeds, 0.15, ("en", "vi"), "", NOW))
    assert tally.read == 50
    assert store.conn.execute("SELECT count(*) FROM hits WHERE rule = 'only-quiet'").fetchone()[0] == 40


def test_a_dry_run_needs_no_database(tmp_path: Path) -> None:
    tally = run(None, write_archive(tmp_path / "a.jsonl", 50))
    assert (tally.matched, tally.new, tally.hits) == (10, 0, 0)


def test_worker_processes_give_the_same_database(tmp_path: Path) -> None:
    paths = [write_archive(tmp_path / f"{name}.jsonl", 150) for name in "ab"]
    alone, many = Store.open(":memory:"), Store.open(":memory:")
    run(alone, *paths)
    run(many, *paths, workers=2)
    assert content(many) == content(alone)


def test_broken_archives_are_told_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "bad.bin").write_bytes(b"\x00\x01\x02" * 50)
    tally = run(Store.open(":memory:"), tmp_path / "bad.bin", tmp_path / "none", write_archive(tmp_path / "a.jsonl", 20))
    assert [Path(name).name for name, _ in tally.refused] == ["bad.bin", "none"]
    assert tally.read == 20
    assert not tally.nothing_read
    assert run(None, tmp_path / "bad.bin").nothing_read


def test_replay_shows_what_appears_and_what_disappears(tmp_path: Path) -> None:
    store = Store.open(":memory:")
    run(store, write_archive(tmp_path / "a.jsonl", 50))
    seeds = small_seeds()
    kept = {name: rule for name, rule in seeds.rules.items() if name != "nvidia"}
    changed = Seeds(seeds.entities, seeds.events, {**kept, "towns": Rule(id="towns", words=("Da Lat",), about=False)}, seeds.feeds)
    changes = list(replay(store, Matcher(changed)))
    assert {change.rule for change in changes if change.hit} == {"towns"}
    assert {change.rule for change in changes if not change.hit} == {"nvidia"}


def test_the_report_stands_alone_and_escapes_what_it_shows(tmp_path: Path) -> None:
    store = Store.open(":memory:")
    path = tmp_path / "a.jsonl"
    title = "Nvidia <script>alert(1)</script> invests $5 million in FPT in Hanoi"
    records = [{"title": title, "published": "2024-01-05", "source": name, "url": f"https://{name}.example/1/2"} for name in ("a", "b")]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    run(store, path)
    page = render(store, small_seeds(), now=NOW, missed={("nvidia", "something <b>"): 3})
    assert "<script" not in page
    assert "something &lt;b&gt;" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "<link" not in page
    assert "Nvidia" in page
    assert "2024-01" in page


_SCRIPT = """
import itertools, os, signal, sys
from pathlib import Path
from bot.store import Store
from tests.bot.backfill.test_run import run
from watchers.archives import lines
from watchers.archives.chunk import Chunk
from watchers.models.item import Item

lines.BLOCK = 4_000
database, archive, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = Store.open(database)
counted = itertools.count(1)
# The process dies at this statement of the database, be it in a transaction, before its commit or between two.
store.conn.set_trace_callback(lambda _: os.kill(os.getpid(), signal.SIGKILL) if next(counted) == limit else None)
run(store, Path(archive))
"""


_KILLED_WITH_WORKERS = """
import os, signal, sys
from datetime import timedelta
from bot.backfill.executors import ProcessPoolChunkExecutor
from bot.backfill.run import Backfill
from bot.backfill.download import all_sources
from tests.bot.backfill.test_run import NOW, job

if __name__ == "__main__":
    work = Backfill(job(), ProcessPoolChunkExecutor(job(), 2), None, window=timedelta(hours=72))
    work.run(all_sources([sys.argv[1]]), now=lambda: NOW, on_progress=lambda _: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_workers_end_with_a_main_process_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "killed_with_workers.py"
    script.write_text(_KILLED_WITH_WORKERS)
    archive = write_archive(tmp_path / "a.jsonl", 300)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # The workers hold the other end of this pipe: it closes, and this call returns, when the last of them is gone.
    command = [sys.executable, str(script), str(archive)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, timeout=30, check=False)
    assert ended.returncode == -signal.SIGKILL


def statements_of_a_run(tmp_path: Path, archive: Path) -> int:
    """How many statements the database is given in one run to the end."""
    told: list[str] = []
    store = Store.open(tmp_path / "counted.db")
    store.conn.set_trace_callback(told.append)
    run(store, archive)
    store.conn.set_trace_callback(None)
    store.close()
    return len(told)


def killed_and_resumed(tmp_path: Path, kills: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kills so many runs at statements chosen by chance, then lets one end; the database must be that of a clean run."""
    monkeypatch.setattr(lines, "BLOCK", 4_000)
    archive = write_archive(tmp_path / "a.jsonl", 300, every=3)
    database = tmp_path / "x.db"
    # No run comes further than the statement it dies at: by equal shares of the whole none ends before its turn, however few there are.
    share = max(20, statements_of_a_run(tmp_path, archive) // kills)
    chance, killed = Random(7), 0
    for limit in [*(chance.randint(1, share) for _ in range(kills)), 0]:
        ended = subprocess.run([sys.executable, "-c", _SCRIPT, str(database), str(archive), str(limit)], cwd=ROOT, check=False).returncode
        assert ended in {0, -signal.SIGKILL}
        killed += ended != 0
    assert ended == 0
    assert killed >= kills // 2
    clean = Store.open(":memory:")
    run(clean, archive)
    store = Store.open(database)
    assert store.conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert content(store) == content(clean)
    store.close()


def test_a_killed_run_goes_on_to_the_same_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed_and_resumed(tmp_path, 2, monkeypatch)


@pytest.mark.full
@pytest.mark.timeout(900)
def test_fifty_kills_lead_to_the_same_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed_and_resumed(tmp_path, 50, monkeypatch)


def test_only_the_piece_that_kills_workers_is_left_out() -> None:
    deadly = {"3", "7"}
    tried = Counter[str]()
    pool: list[str] = []  # what is read at once; the whole pool dies with any of its workers

    def submit(chunk: Chunk) -> Callable[[], ChunkResult]:
        tried[chunk.name] += 1
        pool.append(chunk.name)

        def result() -> ChunkResult:
            if deadly & set(pool):
                raise WorkerLostError(suspect=True)
            pool.remove(chunk.name)
            return ChunkResult(chunk.name, chunk.next, read=1)

        return result

    def again(suspect: bool) -> None:
        assert suspect
        pool.clear()

    found = list(in_order([Chunk("jsonl", str(number)) for number in range(10)], lambda: 4, submit, again))
    assert [one.name for one in found] == [str(number) for number in range(10)]
    assert [one.name for one in found if one.broken_count] == ["3", "7"]
    assert found[3].broken[0].reason == "3 workers died over this piece"
    assert max(tried.values()) <= 4


def test_a_killed_process_changes_nothing_in_the_result(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "a.jsonl", 300)
    alone, store, killed = Store.open(":memory:"), Store.open(":memory:"), list[int]()
    run(alone, archive)
    crew = ProcessPoolChunkExecutor(job(), 2)

    def kill_twice(_tally: BackfillCounts) -> None:
        pid = next(iter(crew._pool._processes or ()), 0)
        if pid and len(killed) < 2 and pid not in killed:
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    try:
        work = Backfill(job(), crew, store, window=timedelta(hours=72))
        tally = work.run(all_sources([str(archive)]), now=lambda: NOW, on_progress=kill_twice)
    finally:
        crew.close()
    assert len(killed) == 2
    assert (tally.read, tally.broken_count) == (300, 0)
    assert content(store) == content(alone)
