"""Defines Cluster: chunks read on a Dask cluster. Its workers and its scheduler may go and come back; that costs time only.

A client whose scheduler goes away cancels its futures, looks for it for its own short time, and then knows nothing of what it had there
(dask/distributed#5666, #5667); data handed to workers is gone with the last of them. So after any loss the client is given up, and a new
one hands out the job and the chunks under way anew. Must not be imported where Dask is not asked for.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from itertools import chain, repeat
from typing import Any

from distributed import Client, KilledWorker, LocalCluster
from distributed.client import ClosedClientError

from bot.backfill.executors import MAX_IN_FLIGHT, ClusterUnavailableError, WorkerLostError, in_order
from bot.backfill.worker import ChunkResult, MatchJob, process_chunk
from watchers.archives.chunk import Chunk

PATIENCE = 300.0
"""Seconds in which a cluster that lost its scheduler or all its workers is waited for."""
_ANSWER = 15.0
"""Seconds for a scheduler to answer."""
_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between two attempts to reach it; the last for all that follow."""
_LOOK = 5.0
"""Seconds after which one looks whether the cluster is still there while a result is waited for."""


class Cluster:
    """A Dask cluster by the address of its scheduler, or "local" for one of this machine's processes.

    `patience` in seconds; `tell` hears what a person should know. Raises OSError or ValueError where there is no scheduler at first, and
    ClusterLostError where there is no worker, or where what there was does not come back.
    """

    def __init__(
        self, job: MatchJob, address: str, workers: int, *, patience: float = PATIENCE, tell: Callable[[str], None] = lambda _text: None
    ) -> None:
        for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # they would speak of what is seen to here
        self._job, self._key, self._address, self._patience, self._tell = job, job.key(), address, patience, tell
        self._cluster = None
        if address == "local":
            self._cluster = LocalCluster(n_workers=max(1, workers), threads_per_worker=1, dashboard_address=None, silence_logs=50)  # type: ignore[no-untyped-call]
        self._client: Any = None
        self._given: Any = None
        self._count, self._counted_at = 0, 0.0
        self._lost_at: float | None = None
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def results(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """See Crew. Dask itself gives the chunk of a lost worker to another."""
        return in_order(chunks, self._width, self._submit, self._again)

    def close(self) -> None:
        """See Crew."""
        self._leave()
        if self._cluster is not None:
            self._cluster.close()

    def _connect(self) -> None:
        """A new client that has handed the job out. Raises OSError without a scheduler, ClusterLostError without workers."""
        self._leave()
        self._client = Client(self._cluster or self._address, timeout=min(_ANSWER, self._patience), set_as_default=False)  # type: ignore[no-untyped-call]
        self._wait_for_workers()
        self._given = self._client.scatter(self._job, broadcast=True, hash=False, timeout=_ANSWER)

    def _leave(self) -> None:
        if self._client is not None:
            with contextlib.suppress(Exception):  # its scheduler may be gone already, and nothing is owed to it
                self._client.close(timeout=2)
            self._client = None

    def _workers(self) -> int:
        """How many there are now. Raises OSError where the scheduler does not say."""
        scheduler = self._client.scheduler
        if self._client.status != "running" or scheduler is None:
            raise ConnectionError("the connection to the scheduler is lost")
        self._count = len(self._client.sync(scheduler.ncores, callback_timeout=_ANSWER))
        self._counted_at = time.monotonic()
        return self._count

    def _wait_for_workers(self) -> None:
        """Until there is one. Raises ClusterLostError, or OSError where the scheduler goes away meanwhile."""
        since, told = time.monotonic(), False
        while not self._workers():
            waited = time.monotonic() - since
            if waited >= self._patience:
                raise ClusterUnavailableError(f"{self._address} had no worker for {_spell(self._patience)}")
            if not told and waited > 1:
                told = True
                self._tell(f"{self._address} has no worker; waiting for one")
            time.sleep(0.2)

    def _width(self) -> int:
        """Chunks under way at once; workers may join."""
        if time.monotonic() - self._counted_at > _LOOK:
            with contextlib.suppress(OSError):  # who waits for a result sees to it
                self._workers()
        return max(1, self._count) * MAX_IN_FLIGHT

    def _submit(self, chunk: Chunk) -> Callable[[], ChunkResult]:
        if self._client.status != "running" or self._given.cancelled():
            raise WorkerLostError(suspect=False)
        try:
            future = self._client.submit(process_chunk, self._key, chunk, self._given, pure=False)
        except (OSError, CancelledError, ClosedClientError) as error:
            raise WorkerLostError(suspect=False) from error
        return lambda: self._result(future)

    def _result(self, future: Any) -> ChunkResult:
        while True:
            try:
                result: ChunkResult = future.result(timeout=_LOOK)
            except TimeoutError:
                self._look()
            except (CancelledError, OSError, ClosedClientError) as error:  # ends of connections are OSErrors
                raise WorkerLostError(suspect=False) from error
            except KilledWorker as error:
                raise WorkerLostError(suspect=True) from error
            else:
                self._lost_at = None
                return result

    def _look(self) -> None:
        """Whether the cluster is still at work on what is waited for."""
        if self._given.cancelled():
            raise WorkerLostError(suspect=False)
        try:
            if not self._workers():
                self._wait_for_workers()
        except OSError as error:
            raise WorkerLostError(suspect=False) from error

    def _again(self, suspect: bool) -> None:
        """Reaches the cluster anew. Raises ClusterLostError where no result came in all the time since the first loss."""
        self._lost_at = self._lost_at or time.monotonic()
        until = self._lost_at + self._patience
        told = False
        for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
            try:
                if time.monotonic() >= until:
                    raise ConnectionError("lost again and again")
                self._connect()
            except OSError as error:
                if time.monotonic() + pause >= until:
                    raise ClusterUnavailableError(
                        f"{self._address} went away and did not come back within {_spell(self._patience)}"
                    ) from error
                if not told:
                    told = True
                    self._tell(f"{self._address} went away; looking for it for up to {_spell(self._patience)}")
                time.sleep(pause)
            else:
                break
        if not suspect:
            self._tell(f"{self._address} is there again, workers: {self._count}; what was under way is read anew")


def _spell(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"
