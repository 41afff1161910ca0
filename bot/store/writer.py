"""Defines StoreThread: the one thread that writes the database, and one that reads it, for use from the event loop.

Writes that queue up while another is being committed share the next transaction, each in a savepoint of its own: one that fails is
undone alone, and nobody hears of success before the common commit. No network, no waiting inside a write.

    await write(fn, …) ──► queue ──► BEGIN · SAVEPOINT fn(store, …) RELEASE · SAVEPOINT … · COMMIT ──► results

Results of a batch go back to the loop in one call: waking it costs more than most of the work (a system call and a change of thread).
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.store.store import Store, StoreError, explain, is_damage
from bot.store.wal_checkpointer import LOG_PAGES, Checkpointer

P = ParamSpec("P")
T = TypeVar("T")

BATCH = 64
"""At most so many writes share a commit: a crash undoes them together, and readers wait for the log to be written."""

BATCH_SECONDS = 0.1
"""And no longer than this, so that the first of them does not wait for the last."""

LOCKED_TRIES = 30
"""How often a batch is tried when another program keeps the database locked: with the busy timeout about five minutes."""


@dataclass(slots=True)
class _Job:
    call: Callable[[Store], Any]
    result: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop
    alone: bool = False


_Outcome = tuple[_Job, Any, BaseException | None]


class StoreThread:
    """Owns a database file. `start` it before use and `close` it after; both may be called from the loop's thread."""

    def __init__(self, path: Path | str, *, on_commit: Callable[[], None] | None = None) -> None:
        """`on_commit` is called on the writer thread after each commit (tests stop the world there)."""
        self.path = str(path)
        self._on_commit = on_commit
        self._writes: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._reads: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._writer: Store | None = None
        self._reader: Store | None = None
        self._checkpointer: Checkpointer | None = None
        self._closed = False
        self.damage: StoreError | None = None
        """Set when a page turned out to be destroyed: nothing is read or written any more, lest it be made worse."""

    def start(self) -> None:
        """Opens the database (here, so that StoreError reaches the caller) and starts the threads."""
        self._writer = Store.open(self.path)
        # A database in memory belongs to its connection: there the reader's work is done by the writer.
        self._reader = None if self.path == ":memory:" else Store.open(self.path, readonly=True)
        if self._reader is not None:
            self._writer.conn.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
            self._checkpointer = Checkpointer(self.path)
            self._checkpointer.start()
            self._launch("store-reader", self._read_loop)
        self._launch("store-writer", self._write_loop)

    def _launch(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    async def write(self, fn: Callable[Concatenate[Store, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(store, …)` on the writer inside a transaction; returns its result once that is committed."""
        return await self._submit(self._writes, lambda store: fn(store, *args, **kwargs))

    async def write_alone(self, fn: Callable[Concatenate[Store, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(store, …)` on the writer outside any transaction: for what cannot run in one (VACUUM), or makes its own."""
        return await self._submit(self._writes, lambda store: fn(store, *args, **kwargs), alone=True)

    async def read(self, fn: Callable[Concatenate[Store, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `fn(store, …)` on the reading connection, which sees what is committed and cannot write."""
        jobs = self._writes if self._reader is None else self._reads
        return await self._submit(jobs, lambda store: fn(store, *args, **kwargs))

    def _submit(self, jobs: queue.SimpleQueue[_Job | None], call: Callable[[Store], T], *, alone: bool = False) -> asyncio.Future[T]:
        """Queues the work. It is done even when nobody waits for it any more."""
        if self._closed or not self._threads:
            raise StoreError(f"{self.path}: the database is closed")
        if self.damage is not None:
            raise self.damage
        loop = asyncio.get_running_loop()
        result: asyncio.Future[T] = loop.create_future()
        jobs.put(_Job(call, result, loop, alone))
        return result

    def close(self) -> None:
        """Finishes what is queued, then closes. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._reads.put(None)
        self._writes.put(None)
        for thread in self._threads:
            thread.join()
        if self._checkpointer is not None:
            self._checkpointer.close()
        for store in (self._reader, self._writer):
            if store is not None:
                store.close()

    def _read_loop(self) -> None:
        assert self._reader is not None
        stop = False
        while not stop and (job := self._reads.get()) is not None:
            done = [(job, *_attempt(job, self._reader))]
            while len(done) < BATCH and not self._reads.empty() and not stop:
                more = self._reads.get()
                if more is None:
                    stop = True
                else:
                    done.append((more, *_attempt(more, self._reader)))
            self._finish(done)

    def _write_loop(self) -> None:
        assert self._writer is not None
        held: _Job | None = None
        while True:
            job = held or self._writes.get()
            held = None
            if job is None:
                return
            if job.alone:
                self._finish([(job, *_attempt(job, self._writer))])
                continue
            held, stop = self._batch(job)
            if stop:
                return

    def _batch(self, first: _Job) -> tuple[_Job | None, bool]:
        """One transaction of `first` and what has queued behind it; gives a job that must run alone next, and whether to stop."""
        done: list[_Outcome] = []
        taken = [first]
        held: _Job | None = None
        stop = committed = False
        for attempt in range(LOCKED_TRIES):
            done.clear()
            try:
                with self._store().atomic():
                    until = time.monotonic() + BATCH_SECONDS
                    index = 0
                    while index < len(taken):
                        done.append((taken[index], *_savepoint(taken[index], self._store())))
                        index += 1
                        if index == len(taken) and held is None and not stop and len(taken) < BATCH and time.monotonic() < until:
                            held, stop = self._take(taken)
                committed = True
                break
            except sqlite3.OperationalError as error:
                if "locked" in str(error) and attempt < LOCKED_TRIES - 1 and not self._closed:
                    continue
                done = [(job, None, error) for job in taken]
                break
            except BaseException as error:
                done = [(job, None, error) for job in taken]
                break
        else:  # pragma: no cover  (the last try always breaks)
            raise AssertionError
        if self._checkpointer is not None:
            self._checkpointer.wrote(self._store().conn.total_changes)
        if self._on_commit is not None and committed:
            self._on_commit()
        self._finish(done)
        return held, stop

    def _finish(self, done: list[_Outcome]) -> None:
        for _, _, error in done:
            if isinstance(error, sqlite3.DatabaseError) and is_damage(error) and self.damage is None:
                self.damage = StoreError(f"{self.path}: {explain(error)}")
        _finish(done)

    def _take(self, taken: list[_Job]) -> tuple[_Job | None, bool]:
        try:
            job = self._writes.get_nowait()
        except queue.Empty:
            return None, False
        if job is None:
            return None, True
        if job.alone:
            return job, False
        taken.append(job)
        return None, False

    def _store(self) -> Store:
        assert self._writer is not None
        return self._writer


def _attempt(job: _Job, store: Store) -> tuple[Any, BaseException | None]:
    try:
        return job.call(store), None
    except BaseException as error:
        return None, error


def _savepoint(job: _Job, store: Store) -> tuple[Any, BaseException | None]:
    """The job's result or its error, its own changes undone; an error that ended the whole transaction is raised."""
    conn = store.conn
    conn.execute("SAVEPOINT job")
    try:
        value = job.call(store)
    except Exception as error:
        if not conn.in_transaction:
            raise
        conn.execute("ROLLBACK TO job")
        conn.execute("RELEASE job")
        return None, error
    conn.execute("RELEASE job")
    return value, None


def _finish(done: list[_Outcome]) -> None:
    """Hands results over to the loops that wait for them; one that has ended waits for nothing."""
    loops: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in done:
        loops.setdefault(outcome[0].loop, []).append(outcome)
    for loop, outcomes in loops.items():
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, outcomes)


def _settle(outcomes: list[_Outcome]) -> None:
    for job, value, error in outcomes:
        if job.result.done():  # cancelled meanwhile
            continue
        if error is None:
            job.result.set_result(value)
        else:
            job.result.set_exception(error)
