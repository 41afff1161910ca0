"""Defines Cluster, an executor that reads chunks on a Dask cluster. Its workers and its scheduler may go away and come back; that only
costs time.

A client that loses its scheduler cancels its futures, looks for the scheduler for a short time and then knows nothing of its data
(dask/distributed#5666, #5667); data scattered to workers is lost with the last of them. So after any loss the client is closed, and a new
one scatters the job and submits the unfinished chunks again. Import it only where Dask is used.
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
"""Seconds to wait for a cluster that lost its scheduler or all its workers."""
_ANSWER_TIMEOUT = 15.0
"""Seconds to wait for an answer of the scheduler."""
_RETRY_PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between attempts to reach the cluster; the last value repeats."""
_CHECK_INTERVAL = 5.0
"""Seconds between two checks of the cluster while a result is awaited."""


class Cluster:
    """A Dask cluster at the address of its scheduler; "local" starts one on this machine.

    `patience` is in seconds; `report` is called with messages for the user. Raises OSError or ValueError if there is no scheduler at first,
    and ClusterUnavailableError if there is no worker, or if the cluster does not come back in time.
    """

    def __init__(
        self, job: MatchJob, address: str, workers: int, *, patience: float = PATIENCE, report: Callable[[str], None] = lambda _text: None
    ) -> None:
        for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # this class handles and reports those errors
        self._job, self._key, self._address, self._patience, self._report = job, job.key(), address, patience, report
        self._cluster = None
        if address == "local":
            self._cluster = LocalCluster(n_workers=max(1, workers), threads_per_worker=1, dashboard_address=None, silence_logs=50)  # type: ignore[no-untyped-call]
        self._client: Any = None
        self._job_future: Any = None
        self._count, self._counted_at = 0, 0.0
        self._lost_since: float | None = None
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def results(self, chunks: Iterable[Chunk]) -> Iterator[ChunkResult]:
        """See ChunkExecutor. Dask itself submits the chunk of a lost worker to another one."""
        return in_order(chunks, self._width, self._submit, self._reconnect)

    def close(self) -> None:
        """See ChunkExecutor."""
        self._close_client()
        if self._cluster is not None:
            self._cluster.close()

    def _connect(self) -> None:
        """Opens a new client and scatters the job. Raises OSError without a scheduler, ClusterUnavailableError without workers."""
        self._close_client()
        self._client = Client(self._cluster or self._address, timeout=min(_ANSWER_TIMEOUT, self._patience), set_as_default=False)  # type: ignore[no-untyped-call]
        self._wait_for_workers()
        self._job_future = self._client.scatter(self._job, broadcast=True, hash=False, timeout=_ANSWER_TIMEOUT)

    def _close_client(self) -> None:
        if self._client is not None:
            with contextlib.suppress(Exception):  # its scheduler may be gone already
                self._client.close(timeout=2)
            self._client = None

    def _count_workers(self) -> int:
        """Returns the number of workers. Raises OSError if the scheduler does not answer."""
        scheduler = self._client.scheduler
        if self._client.status != "running" or scheduler is None:
            raise ConnectionError("the connection to the scheduler is lost")
        self._count = len(self._client.sync(scheduler.ncores, callback_timeout=_ANSWER_TIMEOUT))
        self._counted_at = time.monotonic()
        return self._count

    def _wait_for_workers(self) -> None:
        """Returns when there is a worker. Raises ClusterUnavailableError after `patience`, OSError if the scheduler goes away."""
        since, reported = time.monotonic(), False
        while not self._count_workers():
            waited = time.monotonic() - since
            if waited >= self._patience:
                raise ClusterUnavailableError(f"{self._address} had no worker for {_format_seconds(self._patience)}")
            if not reported and waited > 1:
                reported = True
                self._report(f"{self._address} has no worker; waiting for one")
            time.sleep(0.2)

    def _width(self) -> int:
        """Returns how many chunks may be in flight; workers may have joined."""
        if time.monotonic() - self._counted_at > _CHECK_INTERVAL:
            with contextlib.suppress(OSError):  # `_result` handles the loss
                self._count_workers()
        return max(1, self._count) * MAX_IN_FLIGHT

    def _submit(self, chunk: Chunk) -> Callable[[], ChunkResult]:
        if self._client.status != "running" or self._job_future.cancelled():
            raise WorkerLostError(suspect=False)
        try:
            future = self._client.submit(process_chunk, self._key, chunk, self._job_future, pure=False)
        except (OSError, CancelledError, ClosedClientError) as error:
            raise WorkerLostError(suspect=False) from error
        return lambda: self._result(future)

    def _result(self, future: Any) -> ChunkResult:
        while True:
            try:
                result: ChunkResult = future.result(timeout=_CHECK_INTERVAL)
            except TimeoutError:
                self._check_cluster()
            except (CancelledError, OSError, ClosedClientError) as error:  # closed connections are OSErrors
                raise WorkerLostError(suspect=False) from error
            except KilledWorker as error:
                raise WorkerLostError(suspect=True) from error
            else:
                self._lost_since = None
                return result

    def _check_cluster(self) -> None:
        """Raises WorkerLostError if the cluster no longer works on the awaited result."""
        if self._job_future.cancelled():
            raise WorkerLostError(suspect=False)
        try:
            if not self._count_workers():
                self._wait_for_workers()
        except OSError as error:
            raise WorkerLostError(suspect=False) from error

    def _reconnect(self, suspect: bool) -> None:
        """Connects to the cluster again. Raises ClusterUnavailableError if no result arrived for `patience` seconds since the loss."""
        self._lost_since = self._lost_since or time.monotonic()
        deadline = self._lost_since + self._patience
        reported = False
        for pause in chain(_RETRY_PAUSES, repeat(_RETRY_PAUSES[-1])):
            try:
                if time.monotonic() >= deadline:
                    raise ConnectionError("lost again and again")
                self._connect()
            except OSError as error:
                if time.monotonic() + pause >= deadline:
                    raise ClusterUnavailableError(
                        f"{self._address} went away and did not come back within {_format_seconds(self._patience)}"
                    ) from error
                if not reported:
                    reported = True
                    self._report(f"{self._address} went away; looking for it for up to {_format_seconds(self._patience)}")
                time.sleep(pause)
            else:
                break
        if not suspect:
            self._report(f"{self._address} is back, workers: {self._count}; unfinished chunks are read again")


def _format_seconds(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"
