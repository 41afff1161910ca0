"""Defines who reads chunks: this process or worker processes (`cluster` has Dask's). Each gives the results in the order of the chunks.

So many chunks are under way at once and no more: memory does not grow with the archive. A lost worker costs time only: what was under way
is read again, and what the lost one may have done meanwhile is nobody's result.
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
"""Chunks under way for each worker: one it reads, one that waits for it."""
MAX_ATTEMPTS = 3
"""A chunk over which so many workers died, each while nothing else was read, is left out and counted as broken."""


class ChunkExecutor(Protocol):
    """Reads chunks."""

    def results(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """The result of each chunk, in order."""
        ...

    def close(self) -> None:
        """Ends the workers."""
        ...


class ClusterUnavailableError(Exception):
    """The cluster went away and did not come back in time. What was written stays; the next run goes on there."""


class WorkerLostError(Exception):
    """Work under way is lost. `suspect`: a worker died, perhaps over what it read."""

    def __init__(self, *, suspect: bool) -> None:
        super().__init__("work under way is lost")
        self.suspect = suspect


class InlineExecutor:
    """This process."""

    def __init__(self, job: MatchJob) -> None:
        self._worker = Worker(job)

    def results(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """See Crew."""
        return map(self._worker.do, chunks)

    def close(self) -> None:
        """See Crew."""
        gc.unfreeze()  # what the worker had set aside


class ProcessPoolChunkExecutor:
    """Worker processes on this machine."""

    def __init__(self, job: MatchJob, workers: int) -> None:
        self._job, self._count = job, workers
        self._pool = self._started()

    def _started(self) -> ProcessPoolExecutor:
        # A forked child would inherit open databases and threads.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._count, mp_context=context, initializer=_begin, initargs=(self._job,))

    def results(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """See Crew."""
        return in_order(chunks, lambda: self._count * MAX_IN_FLIGHT, self._submit, self._again)

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

    def _again(self, _suspect: bool) -> None:
        """A worker died and took the pool with it: a new one reads what was under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._started()

    def close(self) -> None:
        """See Crew. What is still being read is nobody's result: it is not waited for."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        self._pool.shutdown(wait=True)


def _begin(job: MatchJob) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the main process's to answer
    threading.Thread(target=_end_with_main, daemon=True).start()
    start_worker(job)


def _end_with_main() -> None:
    """Ends this worker when the main process is gone, however it went. Each worker holds both ends of the queue it waits at, so that
    nothing in the queue would ever tell it.
    """
    main = multiprocessing.parent_process()
    if main is not None:
        main.join()
        os._exit(1)


@dataclass(slots=True)
class _UnderWay:
    chunk: Chunk
    result: Callable[[], ChunkResult] | None
    """Waits for the result; None while nobody reads the chunk."""
    deaths: int = 0
    """Workers that died while this alone was read."""


def in_order(
    chunks: Iterable[Chunk], width: Callable[[], int], submit: Callable[[Chunk], Callable[[], ChunkResult]], again: Callable[[bool], None]
) -> Iterator[ChunkResult]:
    """The result of each chunk, as many under way as `width` says. `submit`, and what it gives, raise LostError; `again` then makes that it
    works again, told whether a worker may have died over what it read.
    """
    under_way: deque[_UnderWay] = deque()
    for chunk in chunks:
        try:
            under_way.append(_UnderWay(chunk, submit(chunk)))
        except WorkerLostError:
            under_way.append(_UnderWay(chunk, None))
        # Suspects are read one by one before anything else, so that the one that kills workers is found and no other is blamed.
        while len(under_way) >= width() or (under_way and under_way[0].result is None):
            yield _next(under_way, submit, again)
    while under_way:
        yield _next(under_way, submit, again)


def _next(under_way: deque[_UnderWay], submit: Callable[[Chunk], Callable[[], ChunkResult]], again: Callable[[bool], None]) -> ChunkResult:
    first = under_way[0]
    while True:
        alone = len(under_way) == 1 or under_way[1].result is None
        try:
            if first.result is None:
                first.result = submit(first.chunk)
            found = first.result()
        except WorkerLostError as error:
            again(error.suspect)
            first.deaths += alone and error.suspect
            if first.deaths >= MAX_ATTEMPTS:
                found = ChunkResult(first.chunk.name, first.chunk.next, broken_count=1)
                found.broken.append(BrokenRecord(first.chunk.name, first.chunk.start, f"{MAX_ATTEMPTS} workers died over this piece"))
                break
            for one in under_way:
                one.result = None
            if not error.suspect:
                _all_again(under_way, submit)
        else:
            break
    under_way.popleft()
    return found


def _all_again(under_way: deque[_UnderWay], submit: Callable[[Chunk], Callable[[], ChunkResult]]) -> None:
    with contextlib.suppress(WorkerLostError):  # lost once more: the first of them sees to it
        for one in under_way:
            one.result = submit(one.chunk)
