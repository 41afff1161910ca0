"""Lanes: limits over all and per host, hosts that take turns, and an end that waits for what runs."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from bot.polling.visit_queue import VisitQueue


class Work:
    """Visits that end when they are told to."""

    def __init__(self) -> None:
        self.running: dict[str, asyncio.Event] = {}
        self.started: list[str] = []
        self.cancelled: list[str] = []

    async def __call__(self, name: str) -> None:
        self.started.append(name)
        self.running[name] = asyncio.Event()
        try:
            await self.running[name].wait()
        except asyncio.CancelledError:
            self.cancelled.append(name)
            raise
        finally:
            del self.running[name]

    async def finish(self, name: str) -> None:
        self.running[name].set()
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.parametrize(("at_once", "per_host"), [(1, 1), (4, 2), (100, 3)])
async def test_never_more_run_than_allowed_and_all_run_in_the_end(at_once: int, per_host: int) -> None:
    running: Counter[str] = Counter()
    done = []

    async def work(name: str) -> None:
        host = name[0]
        running[host] += 1
        assert running[host] <= per_host
        assert running.total() <= at_once
        await asyncio.sleep(0)
        running[host] -= 1
        done.append(name)

    lanes = VisitQueue(work, concurrency=at_once, per_host=per_host)
    names = [f"{host}{number}" for number in range(20) for host in "abc"]
    for name in names:
        lanes.add(name, name[0], name)
    await lanes.wait_until_idle()
    assert sorted(done) == sorted(names)
    assert len(lanes) == 0


async def test_a_crowded_host_does_not_hold_up_the_others() -> None:
    work = Work()
    lanes = VisitQueue(work, concurrency=3, per_host=1)
    for number in range(50):
        lanes.add(f"slow{number}", "slow", f"slow{number}")
    lanes.add("quick", "other", "quick")
    await settle()
    assert set(work.running) == {"slow0", "quick"}
    await work.finish("slow0")
    assert set(work.running) == {"slow1", "quick"}
    await lanes.stop()


async def test_what_waits_or_runs_is_not_added_twice_and_may_come_back_when_done() -> None:
    work = Work()
    lanes = VisitQueue(work, concurrency=1, per_host=1)
    assert lanes.add(1, "a", "one")
    assert lanes.add(2, "a", "two")
    assert not lanes.add(1, "a", "one")
    assert not lanes.add(2, "a", "two")
    await settle()
    await work.finish("one")
    assert lanes.add(1, "a", "one")
    await lanes.stop()


async def test_stopping_forgets_what_waits_and_ends_what_runs() -> None:
    work = Work()
    lanes = VisitQueue(work, concurrency=1, per_host=1)
    for name in ("one", "two"):
        lanes.add(name, "a", name)
    await settle()
    await lanes.stop()
    await asyncio.wait_for(lanes.wait_until_idle(), 1)
    assert (work.started, work.cancelled) == (["one"], ["one"])
    assert not lanes.add("three", "a", "three")
