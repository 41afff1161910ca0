"""The schedule: jobs run by themselves, one that fails runs again, none overlaps itself, stopping breaks off what runs."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.schedule import Job, Schedule

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

    schedule = Schedule([Job("fails", SOON, fails), Job("works", SOON, works)])
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

    schedule = Schedule([Job("slow", SOON, slow)])
    schedule.start()
    await asyncio.wait_for(started.wait(), 5)
    await asyncio.sleep(0.1)
    await schedule.stop()
    assert (most, ended) == (1, True)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == [], "being stopped is no error"
