"""Defines Scheduler, which runs the bot's periodic jobs on APScheduler. It does not know the content of the jobs.

Every job must tolerate being run twice, late, or not for a while, because the database says what is due. So a late job still runs, several
missed runs become one, and a job never overlaps itself. A job that fails is logged by name and runs again at its next time.

APScheduler stores the time of the next run by the wall clock. If the clock is set back, it would wait until that time; if set forward, its
interval trigger counts through all missed runs, which takes minutes for a jump of years. Therefore `run_all` and `Interval` exist.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.store import StoreError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A periodic job. Times of day are not handled here: a digest job runs often, and the database says what is due."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]
    first_after: timedelta = timedelta()
    """Delay of the first run after the start."""


class Interval(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Starts the next run one interval after the start of the previous run, even if that was late."""

    __slots__ = ("every",)

    def __init__(self, every: timedelta) -> None:
        self.every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """See BaseTrigger. For a `previous_fire_time` in the future, the result is in the future, too."""
        if previous_fire_time is None:
            return now + self.every
        # Runs on time keep their interval; missed runs are not repeated one by one.
        return max(previous_fire_time, now - self.every / 2) + self.every


class Scheduler:
    """Runs jobs between `start` and `stop`, on the running loop."""

    def __init__(self, jobs: Sequence[ScheduledJob]) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._running: dict[asyncio.Future[object], asyncio.Task[None]] = {}
        self._scheduler: AsyncIOScheduler | None = None

    def start(self) -> None:
        """Starts running jobs."""
        # UTC, because intervals need no daylight saving time, and APScheduler would guess the local zone.
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}, executors={}
        )
        now = datetime.now(UTC)
        for job in self._jobs.values():
            self._scheduler.add_job(
                self.run_now,
                Interval(job.every),
                args=[job.name],
                id=job.name,
                next_run_time=now + job.first_after,
            )
        self._scheduler.start()

    def run_all(self) -> None:
        """Runs every job now and then at its interval. Call it after the wall clock was set, when the stored next times are meaningless."""
        if self._scheduler is not None:
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))

    async def run_now(self, name: str) -> None:
        """Runs one job and logs its errors. A job cancelled by `stop` ends silently."""
        job = asyncio.ensure_future(self._jobs[name].run())
        scheduler_task = asyncio.current_task()
        assert scheduler_task is not None
        self._running[job] = scheduler_task
        try:
            await asyncio.wait({job})
        finally:
            job.cancel()
            del self._running[job]
        error = None if job.cancelled() else job.exception()
        if isinstance(error, (StoreError, sqlite3.Error, OSError)):  # temporary, such as a full disk or a locked database
            log.error("job failed", job=name, error=str(error))
        elif error is not None:
            log.error("job failed", job=name, exc_info=error)

    async def stop(self) -> None:
        """Starts no more jobs, cancels the running ones and waits for them to end."""
        if self._scheduler is None:
            return
        self._scheduler.pause()
        await asyncio.sleep(0)  # lets jobs that were just started register in `_running`
        running = dict(self._running)
        for job in running:
            job.cancel()
        # The scheduler logs a traceback for each task it has to cancel itself, so its tasks must end first.
        await asyncio.gather(*running.values(), return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        self._scheduler = None
