"""Defines Scheduler: what the bot does again and again, on APScheduler. It knows when, never what.

Every job must be safe to run twice, late, or not at all for a while: what is due stands in the database. So a job that starts late
runs all the same, several missed runs become one, and a job never overlaps itself. One that fails is logged by name and runs next time.

APScheduler keeps the time of each next run by the wall clock. Set back, it would wait until that time comes again; set forward, its own
interval counts through every run that was missed, which takes minutes for a jump of years. Hence `run_all` and a trigger of our own.
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
    """Something done every so often. Times of day are not the schedule's: a digest job asks often, and the database says what is due."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]
    first_after: timedelta = timedelta()
    """How long after the start the first run is."""


class Interval(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """The next run comes one interval after the run before has started, however late that was."""

    __slots__ = ("every",)

    def __init__(self, every: timedelta) -> None:
        self.every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """See BaseTrigger. Asked with a `previous_fire_time` that is not over, it gives one that is not over either."""
        if previous_fire_time is None:
            return now + self.every
        # On time, runs keep their distance; late ones are not counted one by one.
        return max(previous_fire_time, now - self.every / 2) + self.every


class Scheduler:
    """Runs jobs between `start` and `stop`, on the running loop."""

    def __init__(self, jobs: Sequence[ScheduledJob]) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._running: dict[asyncio.Future[object], asyncio.Task[None]] = {}
        self._scheduler: AsyncIOScheduler | None = None

    def start(self) -> None:
        """Starts the clockwork."""
        # UTC: intervals know no daylight saving, and a local zone would be guessed from the machine.
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
        """Every job runs now and then at its interval: the wall clock was set, and the times of the next runs mean nothing any more."""
        if self._scheduler is not None:
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))

    async def run_now(self, name: str) -> None:
        """Runs one job and logs what goes wrong in it. A job that `stop` breaks off ends quietly."""
        job = asyncio.ensure_future(self._jobs[name].run())
        waiting = asyncio.current_task()
        assert waiting is not None
        self._running[job] = waiting
        try:
            await asyncio.wait({job})
        finally:
            job.cancel()
            del self._running[job]
        error = None if job.cancelled() else job.exception()
        if isinstance(error, (StoreError, sqlite3.Error, OSError)):  # a full disk, a locked database: they pass
            log.error("job failed", job=name, error=str(error))
        elif error is not None:
            log.error("job failed", job=name, exc_info=error)

    async def stop(self) -> None:
        """No job starts any more; returns when those that run have been broken off."""
        if self._scheduler is None:
            return
        self._scheduler.pause()
        await asyncio.sleep(0)  # what was started just now gets as far as being known here
        running = dict(self._running)
        for job in running:
            job.cancel()
        # The scheduler must find its own tasks ended: it logs a traceback for each that it has to cancel itself.
        await asyncio.gather(*running.values(), return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        self._scheduler = None
