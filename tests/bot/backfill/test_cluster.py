"""Reading on a Dask cluster: the same database as alone, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.backfill.crew import Alone, Cluster
from bot.backfill.run import Backfill
from bot.backfill.web import all_sources
from bot.store import Store
from tests.bot.backfill.archive import write_archive
from tests.bot.backfill.test_backfill import NOW, content, job
from watchers.archives import lines

pytest.importorskip("distributed")


@pytest.mark.filterwarnings("default")  # Dask leaves sockets and loops to the garbage collector
def test_a_killed_worker_changes_nothing_in_the_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "BLOCK", 8_000)
    archive = write_archive(tmp_path / "a.jsonl", 600)
    the_job = job()
    alone, clustered = Store.open(":memory:"), Store.open(":memory:")
    Backfill(the_job, Alone(the_job), alone, window=timedelta(hours=72)).run(all_sources([str(archive)]), now=lambda: NOW)
    crew = Cluster(the_job, "local", 2)
    killed = []

    def kill_once(_tally: object) -> None:
        if not killed:
            pids = crew._client.run(os.getpid)
            killed.append(next(iter(pids.values())))
            os.kill(killed[0], signal.SIGKILL)

    try:
        work = Backfill(the_job, crew, clustered, window=timedelta(hours=72))
        work.run(all_sources([str(archive)]), now=lambda: NOW, on_progress=kill_once)
    finally:
        crew.close()
    assert killed
    assert content(clustered) == content(alone)
