"""The schedule: jobs run by themselves, one that fails runs again, none overlaps itself, stopping breaks off what runs."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from apscheduler.schedulers import base as apscheduler_base

from bot import scheduler as schedule_module
from bot.scheduler import Interval, ScheduledJob, Scheduler

SOON = timedelta(milliseconds=20)


async def test_a_job_that_fails_is_run_again_and_holds_nobody_up() -> None:
    runs: list[str] = []
    twice = asyncio.Event()

    async def fails() -> None:
        runs.append("fails")
        if runs.count("fails") == 2:
            twice.set()
        raise ValueError("a job with a bug")

    async def works() -> None:
        runs.append("works")

    schedule = Scheduler([ScheduledJob("fails", SOON, fails), ScheduledJob("works", SOON, works)])
    schedule.start()
    await asyncio.wait_for(twice.wait(), 5)
    await schedule.stop()
    assert "works" in runs


async def test_a_job_never_overlaps_itself_and_ends_with_the_schedule(caplog: pytest.LogCaptureFixture) -> None:
    running, most, ended = 0, 0, False
    started = asyncio.Event()

    async def slow() -> None:
        nonlocal running, most, ended
        running += 1
        most = max(most, running)
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended = True

    schedule = Scheduler([ScheduledJob("slow", SOON, slow)])
    schedule.start()
    await asyncio.wait_for(started.wait(), 5)
    await asyncio.sleep(0.1)
    await schedule.stop()
    assert (most, ended) == (1, True)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == [], "being stopped is no error"


class MovedTime(datetime):
    """The wall clock that APScheduler reads, as far as a test has moved it."""

    by = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> MovedTime:
        return super().now(tz) + cls.by


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> type[MovedTime]:
    for module in (apscheduler_base, schedule_module):
        monkeypatch.setattr(module, "datetime", MovedTime)
    monkeypatch.setattr(MovedTime, "by", timedelta())
    return MovedTime


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=-2), timedelta(hours=1), timedelta(days=2), timedelta(days=20_000)])
async def test_a_clock_that_is_set_holds_no_job_up(wall: type[MovedTime], by: timedelta) -> None:
    ran = asyncio.Event()

    async def job() -> None:
        ran.set()

    schedule = Scheduler([ScheduledJob("job", SOON, job)])
    schedule.start()
    await asyncio.wait_for(ran.wait(), 5)
    wall.by = by
    schedule.run_all()
    for _ in range(3):
        ran.clear()
        await asyncio.wait_for(ran.wait(), 5)
    await schedule.stop()


def test_runs_keep_their_distance_and_those_that_were_missed_are_one() -> None:
    every, at = timedelta(seconds=10), datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    trigger = Interval(every)
    assert trigger.get_next_fire_time(at, at + timedelta(seconds=1)) == at + every
    late = at + timedelta(days=2)
    assert late < trigger.get_next_fire_time(at, late) <= late + every
    assert trigger.get_next_fire_time(None, at) == at + every
