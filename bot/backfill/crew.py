"""Defines who reads chunks: this process, worker processes, or a Dask cluster. Each gives the results in the order of the chunks.

So many chunks are under way at once and no more: memory does not grow with the archive. A lost worker costs time only: its chunk is read
again by another.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from bot.backfill.task import Job, Result, Worker, do_chunk, start_worker
from watchers.archives.haul import Broken, Chunk

AHEAD = 2
"""Chunks under way for each worker: one it reads, one that waits for it."""
TRIES = 3
"""A chunk at which so many workers died is left out and counted as broken."""


class Crew(Protocol):
    """Reads chunks."""

    def results(self, chunks: Iterable[Chunk]) -> Iterator[Result]:
        """The result of each chunk, in order."""
        ...

    def close(self) -> None:
        """Ends the workers."""
        ...


class Alone:
    """This process."""

    def __init__(self, job: Job) -> None:
        self._worker = Worker(job)

    def results(self, chunks: Iterable[Chunk]) -> Iterator[Result]:
        """See Crew."""
        return map(self._worker.do, chunks)

    def close(self) -> None:
        """Nothing to end."""


class Processes:
    """Worker processes on this machine."""

    def __init__(self, job: Job, workers: int) -> None:
        self._job, self._count = job, workers
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        # A forked child would inherit open databases and threads.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._count, mp_context=context, initializer=_begin, initargs=(self._job,))

    def results(self, chunks: Iterable[Chunk]) -> Iterator[Result]:
        """See Crew."""
        key = self._job.key()
        return _in_order(chunks, self._count * AHEAD, lambda chunk: self._pool.submit(do_chunk, key, chunk), self._again)

    def _again(self, waiting: list[Chunk]) -> list[Future[Result]]:
        """A worker died and took the pool with it: a new one reads what was under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._started()
        key = self._job.key()
        return [self._pool.submit(do_chunk, key, chunk) for chunk in waiting]

    def close(self) -> None:
        """See Crew."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _begin(job: Job) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to answer
    start_worker(job)


class Cluster:
    """A Dask cluster by the address of its scheduler, or "local" for one of this machine's processes."""

    def __init__(self, job: Job, address: str, workers: int) -> None:
        from distributed import Client, LocalCluster

        self._cluster = None
        if address == "local":
            self._cluster = LocalCluster(n_workers=max(1, workers), threads_per_worker=1, dashboard_address=None, silence_logs=50)  # type: ignore[no-untyped-call]
        self._client = Client(self._cluster or address, timeout="15s", set_as_default=False)  # type: ignore[no-untyped-call]
        self._job = job
        self._given = self._client.scatter(job, broadcast=True, hash=False)  # type: ignore[no-untyped-call]
        self._count = max(1, len(self._client.scheduler_info()["workers"]))

    def results(self, chunks: Iterable[Chunk]) -> Iterator[Result]:
        """See Crew. Dask itself gives the chunk of a lost worker to another."""
        return _in_order(chunks, self._count * AHEAD, self._submit, lambda waiting: [self._submit(chunk) for chunk in waiting])

    def _submit(self, chunk: Chunk) -> Any:
        return self._client.submit(do_chunk, self._job.key(), chunk, self._given, pure=False, retries=TRIES)

    def close(self) -> None:
        """See Crew."""
        with contextlib.suppress(Exception):  # the scheduler may be gone already
            self._client.close()  # type: ignore[no-untyped-call]
        if self._cluster is not None:
            self._cluster.close()


def _in_order(
    chunks: Iterable[Chunk], ahead: int, submit: Callable[[Chunk], Any], again: Callable[[list[Chunk]], list[Any]]
) -> Iterator[Result]:
    under_way: deque[tuple[Chunk, Any, int]] = deque()
    for chunk in chunks:
        under_way.append((chunk, submit(chunk), 1))
        while len(under_way) >= ahead:
            yield _next(under_way, again)
    while under_way:
        yield _next(under_way, again)


def _next(under_way: deque[tuple[Chunk, Any, int]], again: Callable[[list[Chunk]], list[Any]]) -> Result:
    while True:
        chunk, future, tries = under_way[0]
        try:
            result: Result = future.result()
        except Exception as error:
            if not _is_loss(error):
                raise
            if tries >= TRIES:
                under_way.popleft()
                lost = Result(chunk.name, chunk.next, broken_count=1)
                lost.broken.append(Broken(chunk.name, chunk.start, f"the workers that read this piece died {tries} times"))
                return lost
            waiting = [one for one, _, _ in under_way]
            futures = again(waiting)
            counts = [tries + 1, *(count for _, _, count in list(under_way)[1:])]
            under_way.clear()
            under_way.extend(zip(waiting, futures, counts, strict=True))
            continue
        under_way.popleft()
        return result


def _is_loss(error: Exception) -> bool:
    """A worker or its scheduler went away, rather than the work failing."""
    lost = {"KilledWorker", "FutureCancelledError", "CancelledError", "CommClosedError"}  # Dask's, which is not imported for this
    return isinstance(error, BrokenProcessPool) or type(error).__name__ in lost
