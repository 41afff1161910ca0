"""The parsing processes: they start beside the loop, and whoever ends them, the next body is read."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from watchers.models.polling import Limits
from watchers.parsing.sandbox import ParseStoppedError, ParseWorkers


@pytest.fixture
def workers() -> Iterator[ParseWorkers]:
    pool = ParseWorkers(Limits(parse_seconds=5.0), workers=1)
    yield pool
    pool.close()


async def ended(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        while Path(f"/proc/{pid}/exe").exists():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("who", [os.getpid, os.getppid], ids=["a process that waits", "the one that makes them"])
async def test_bodies_are_read_on_after_the_system_killed(workers: ParseWorkers, who: Callable[[], int]) -> None:
    """Out of memory, the system kills whom it likes. No page, sitemap or odd feed was read any more until the next start."""
    await ended(await workers.run(who))
    async with asyncio.timeout(5):
        assert await workers.run(os.getpid) == await workers.run(os.getpid)


async def test_many_who_wait_when_it_breaks_are_all_served(workers: ParseWorkers) -> None:
    await ended(await workers.run(os.getpid))
    async with asyncio.timeout(5):
        assert len(set(await asyncio.gather(*(workers.run(os.getpid) for _ in range(20))))) == 1


async def test_who_ends_his_own_process_is_stopped_and_no_other(workers: ParseWorkers) -> None:
    with pytest.raises(ParseStoppedError, match="ended its process"):
        await workers.run(os._exit, 3)
    assert await workers.run(os.getpid) > 0


async def test_the_processes_start_beside_the_loop(workers: ParseWorkers) -> None:
    """A third of a second at the first odd feed."""
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - before)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    await asyncio.gather(*(workers.run(os.getpid) for _ in range(5)))
    ticking.cancel()
    assert longest < 0.15


async def test_after_the_end_they_start_anew(workers: ParseWorkers) -> None:
    before = await workers.run(os.getpid)
    workers.close()
    workers.close()
    assert await workers.run(os.getpid) != before
