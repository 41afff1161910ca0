"""Reading on a Dask cluster: the same database as alone, whatever becomes of its workers and its scheduler."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.backfill.download import all_sources
from bot.backfill.executors import ChunkExecutor, ClusterUnavailableError, InlineExecutor
from bot.backfill.run import Backfill, BackfillCounts
from bot.store import Store
from tests.bot.backfill.archive import write_archive
from tests.bot.backfill.test_run import NOW, ROOT, content, job
from watchers.archives import lines

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")  # Dask leaves sockets and loops to the garbage collector

RECORDS = 600


class Machines:
    """A scheduler and its workers in processes of their own, which can be killed and started again at the same address."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self._port = str(port)
        self._running: list[subprocess.Popen[bytes]] = []
        self.starts = 0

    def start(self, *, workers: int = 1) -> None:
        """One that was there before is a stranger to it. A worker whose scheduler goes away ends, and is started by those who watch it."""
        self.starts += 1
        self._run("dask_scheduler", "--host", "127.0.0.1", "--port", self._port, "--no-dashboard")
        for _ in range(workers):
            self._run("dask_worker", self.address, "--no-nanny", "--nthreads", "2", "--no-dashboard", "--memory-limit", "0")

    def _run(self, what: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"distributed.cli.{what}", *arguments]
        self._running.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def kill(self) -> None:
        """As a power cut does."""
        for popen in self._running:
            popen.kill()
            popen.wait()
        self._running.clear()


@pytest.fixture
def machines() -> Iterator[Machines]:
    made = Machines()
    yield made
    made.kill()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lines, "BLOCK", 8_000)
    return write_archive(tmp_path / "a.jsonl", RECORDS)


def cluster(address: str, workers: int, **more: Any) -> Any:
    from bot.backfill.dask_executor import Cluster

    return Cluster(job(), address, workers, **more)


def run(store: Store, crew: ChunkExecutor, archive: Path, on_progress: Any = lambda _tally: None) -> BackfillCounts:
    work = Backfill(job(), crew, store, window=timedelta(hours=72))
    return work.run(all_sources([str(archive)]), now=lambda: NOW, on_progress=on_progress)


def alone(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What one process stores."""
    store = Store.open(":memory:")
    run(store, InlineExecutor(job()), archive)
    return content(store)


@pytest.mark.parametrize("workers", [2, 1])
def test_a_killed_worker_changes_nothing_in_the_result(archive: Path, workers: int) -> None:
    store, killed = Store.open(":memory:"), list[int]()
    with closing(cluster("local", workers)) as crew:
        pids = list(crew._client.run(os.getpid).values())

        def kill_once(_tally: BackfillCounts) -> None:
            if not killed:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        tally = run(store, crew, archive, kill_once)
        now = list(crew._client.run(os.getpid).values())
    assert killed
    assert killed[0] not in now
    assert (tally.read, tally.broken_count) == (RECORDS, 0)
    assert content(store) == alone(archive)


def test_a_scheduler_started_anew_changes_nothing_in_the_result(archive: Path, machines: Machines) -> None:
    store, told = Store.open(":memory:"), list[str]()
    machines.start()

    def restart(tally: BackfillCounts) -> None:
        if tally.read > RECORDS // 3 and machines.starts == 1:
            machines.kill()
            machines.start()

    with closing(cluster(machines.address, 1, report=told.append)) as crew:
        tally = run(store, crew, archive, restart)
    assert machines.starts == 2
    assert (tally.read, tally.broken_count) == (RECORDS, 0)
    assert content(store) == alone(archive)
    assert sum("is back" in line for line in told) == 1


def test_a_scheduler_that_stays_away_ends_the_run_and_the_next_one_goes_on(archive: Path, machines: Machines) -> None:
    store = Store.open(":memory:")
    machines.start()
    with (
        closing(cluster(machines.address, 1, patience=3.0)) as crew,
        pytest.raises(ClusterUnavailableError, match="did not come back within 3 seconds"),
    ):
        run(store, crew, archive, lambda _tally: machines.kill())
    tally = run(store, InlineExecutor(job()), archive)
    assert 0 < tally.read < RECORDS
    assert content(store) == alone(archive)


def test_a_cluster_without_workers_is_told(machines: Machines) -> None:
    told: list[str] = []
    machines.start(workers=0)
    with pytest.raises(ClusterUnavailableError, match="had no worker for 3 seconds"):
        cluster(machines.address, 1, patience=3.0, report=told.append)
    assert told == [f"{machines.address} has no worker; waiting for one"]
