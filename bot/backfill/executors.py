"""Defines ChunkExecutor and its implementations in this process and in worker processes (`dask_executor` has Dask's). Each yields the
results in the order of the chunks.

The number of chunks in flight is limited, so memory does not grow with the archive. A lost worker only costs time: its unfinished chunks
are read again, and partial results of the lost worker are dropped.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Protocol

from bot.backfill.worker import ChunkResult, MatchJob, Worker, process_chunk, start_worker
from watchers.archives.chunk import BrokenRecord, Chunk

MAX_IN_FLIGHT = 2
"""Chunks in flight per worker: one that it reads and one that waits."""
MAX_ATTEMPTS = 3
"""A chunk is skipped and counted as broken after this number of workers died while it alone was read."""


class ChunkExecutor(Protocol):
    """Reads and matches chunks."""

    def results(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """Yields the result of each chunk, in order."""
        ...

    def close(self) -> None:
        """Ends the workers."""
        ...


class ClusterUnavailableError(Exception):
    """The cluster went away and did not come back in time. Written chunks are kept; the next run resumes after them."""


class WorkerLostError(Exception):
    """Chunks in flight are lost. `suspect`: a worker died, and the chunk it read may be the cause."""

    def __init__(self, *, suspect: bool) -> None:
        super().__init__("work under way is lost")
        self.suspect = suspect


class InlineExecutor:
    """Reads chunks in the current process."""

    def __init__(self, job: MatchJob) -> None:
        self._worker = Worker(job)

    def results(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """See ChunkExecutor."""
        return map(self._worker.process, chunks)

    def close(self) -> None:
        """See ChunkExecutor."""
        gc.unfreeze()  # the worker froze its compiled rules


class ProcessPoolChunkExecutor:
    """Reads chunks in worker processes on this machine."""

    def __init__(self, job: MatchJob, workers: int) -> None:
        self._job, self._count = job, workers
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        # "spawn": a forked child would inherit open databases and threads.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._count, mp_context=context, initializer=_init_worker, initargs=(self._job,))

    def results(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """See ChunkExecutor."""
        return in_order(chunks, lambda: self._count * MAX_IN_FLIGHT, self._submit, self._restart_pool)

    def _submit(self, chunk: Chunk) -> Callable[[], ChunkResult]:
        try:
            future = self._pool.submit(process_chunk, self._job.key(), chunk)
        except BrokenProcessPool as error:
            raise WorkerLostError(suspect=True) from error

        def result() -> ChunkResult:
            try:
                return future.result()
            except BrokenProcessPool as error:
                raise WorkerLostError(suspect=True) from error

        return result

    def _restart_pool(self, _suspect: bool) -> None:
        """Replaces the pool: one dead worker breaks all of it."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._new_pool()

    def close(self) -> None:
        """See ChunkExecutor. Does not wait for unfinished chunks."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        self._pool.shutdown(wait=True)


def _init_worker(job: MatchJob) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process handles Ctrl-C
    threading.Thread(target=_exit_with_main_process, daemon=True).start()
    start_worker(job)


def _exit_with_main_process() -> None:
    """Ends this worker when the main process has ended for any reason. The queue does not tell: each worker holds both of its ends."""
    main = multiprocessing.parent_process()
    if main is not None:
        main.join()
        os._exit(1)


@dataclass(slots=True)
class _ChunkInFlight:
    chunk: Chunk
    result: Callable[[], ChunkResult] | None
    """Waits for the result; None while no worker has the chunk."""
    deaths: int = 0
    """Workers that died while only this chunk was read."""


def in_order(
    chunks: Iterable[Chunk], width: Callable[[], int], submit: Callable[[Chunk], Callable[[], ChunkResult]], recover: Callable[[bool], None]
) -> Iterator[ChunkResult]:
    """Yields the result of each chunk in order, with at most `width()` chunks in flight.

    `submit` and the function it returns raise WorkerLostError. Then `recover(suspect)` restarts the workers; `suspect` says whether a
    worker may have died because of a chunk.
    """
    in_flight: deque[_ChunkInFlight] = deque()
    for chunk in chunks:
        try:
            in_flight.append(_ChunkInFlight(chunk, submit(chunk)))
        except WorkerLostError:
            in_flight.append(_ChunkInFlight(chunk, None))
        # After a loss, chunks are read one by one first: so the chunk that kills workers is found, and no other is blamed.
        while len(in_flight) >= width() or (in_flight and in_flight[0].result is None):
            yield _next_result(in_flight, submit, recover)
    while in_flight:
        yield _next_result(in_flight, submit, recover)


def _next_result(
    in_flight: deque[_ChunkInFlight], submit: Callable[[Chunk], Callable[[], ChunkResult]], recover: Callable[[bool], None]
) -> ChunkResult:
    first = in_flight[0]
    while True:
        alone = len(in_flight) == 1 or in_flight[1].result is None
        try:
            if first.result is None:
                first.result = submit(first.chunk)
            result = first.result()
        except WorkerLostError as error:
            recover(error.suspect)
            first.deaths += alone and error.suspect
            if first.deaths >= MAX_ATTEMPTS:
                result = ChunkResult(first.chunk.name, first.chunk.next, broken_count=1)
                result.broken.append(BrokenRecord(first.chunk.name, first.chunk.start, f"{MAX_ATTEMPTS} workers died over this piece"))
                break
            for chunk_in_flight in in_flight:
                chunk_in_flight.result = None
            if not error.suspect:
                _resubmit_all(in_flight, submit)
        else:
            break
    in_flight.popleft()
    return result


def _resubmit_all(in_flight: deque[_ChunkInFlight], submit: Callable[[Chunk], Callable[[], ChunkResult]]) -> None:
    with contextlib.suppress(WorkerLostError):  # lost again: waiting for the first result handles it
        for chunk_in_flight in in_flight:
            chunk_in_flight.result = submit(chunk_in_flight.chunk)
