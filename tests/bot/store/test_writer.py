"""The writer thread: order, one commit for many writes, failures that stay alone, other programs that hold the lock."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.store import Store, StoreError, StoreThread


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[StoreThread]:
    one = StoreThread(tmp_path / "a.db")
    one.start()
    yield one
    one.close()


async def test_what_is_written_is_read_back_once_the_write_returns(thread: StoreThread) -> None:
    await thread.write(Store.set_fact, "a", "1")
    assert await thread.read(Store.fact, "a") == "1"


async def test_a_database_in_memory_is_read_by_its_writer() -> None:
    thread = StoreThread(":memory:")
    thread.start()
    await thread.write(Store.set_fact, "a", "1")
    assert await thread.read(Store.fact, "a") == "1"
    thread.close()


async def test_writes_that_queue_up_share_a_commit(tmp_path: Path) -> None:
    commits: list[int] = []
    thread = StoreThread(tmp_path / "a.db", on_commit=lambda: commits.append(1))
    thread.start()
    gate = threading.Event()
    first = asyncio.create_task(thread.write(lambda store: gate.wait(5)))
    await asyncio.sleep(0)
    others = [asyncio.create_task(thread.write(Store.set_fact, f"k{n}", "v")) for n in range(20)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(first, *others)
    count = await thread.read(lambda store: store.conn.execute("SELECT count(*) FROM facts").fetchone()[0])
    thread.close()
    assert count == 20
    assert len(commits) < 20


async def test_a_write_that_fails_is_undone_alone(thread: StoreThread) -> None:
    def broken(store: Store) -> None:
        store.set_fact("broken", "half")
        raise ValueError("a bad feed")

    results = await asyncio.gather(
        thread.write(Store.set_fact, "before", "1"), thread.write(broken), thread.write(Store.set_fact, "after", "1"),
        return_exceptions=True,
    )
    assert isinstance(results[1], ValueError)
    assert [await thread.read(Store.fact, key) for key in ("before", "broken", "after")] == ["1", None, "1"]


async def test_a_lock_of_another_program_is_waited_out(thread: StoreThread) -> None:
    other = sqlite3.connect(thread.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    write = asyncio.create_task(thread.write(Store.set_fact, "a", "1"))
    done, _ = await asyncio.wait({write}, timeout=0.2)
    assert not done
    other.execute("COMMIT")
    other.close()
    await write
    assert await thread.read(Store.fact, "a") == "1"


async def test_closing_finishes_what_is_queued(tmp_path: Path) -> None:
    thread = StoreThread(tmp_path / "a.db")
    thread.start()
    writes = [asyncio.create_task(thread.write(Store.set_fact, f"k{n}", "v")) for n in range(50)]
    await asyncio.sleep(0)
    thread.close()
    await asyncio.gather(*writes)
    store = Store.open(tmp_path / "a.db", readonly=True)
    assert store.conn.execute("SELECT count(*) FROM facts").fetchone()[0] == 50
    store.close()
    with pytest.raises(StoreError, match="closed"):
        await thread.write(Store.set_fact, "late", "1")


async def test_what_cannot_run_in_a_transaction_runs_alone(thread: StoreThread) -> None:
    await thread.write(Store.set_fact, "a", "1")
    await thread.write_alone(lambda store: store.conn.execute("VACUUM") and None)
    assert await thread.read(Store.fact, "a") == "1"


async def test_reading_cannot_write(thread: StoreThread) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await thread.read(Store.set_fact, "a", "1")
