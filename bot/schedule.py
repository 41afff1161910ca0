"""Defines Schedule: what the bot does again and again, on APScheduler. It knows when, never what.

Every job must be safe to run twice, late, or not at all for a while: what is due stands in the database. So a job that starts late
runs all the same, several missed runs become one, and a job never overlaps itself. One that fails is logged by name and runs next time.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from bot.store import StoreError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """Something done every so often. Times of day are not the schedule's: a digest job asks often, and the database says what is due."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]
    first_after: timedelta = timedelta()
    """How long after the start the first run is."""


class Schedule:
    """Runs jobs between `start` and `stop`, on the running loop."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._running: set[asyncio.Task[None]] = set()
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
                IntervalTrigger(seconds=job.every.total_seconds()),
                args=[job.name],
                id=job.name,
                next_run_time=now + job.first_after,
            )
        self._scheduler.start()

    async def run_now(self, name: str) -> None:
        """Runs one job and logs what goes wrong in it."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await self._jobs[name].run()
        except (StoreError, sqlite3.Error, OSError) as error:  # a full disk, a locked database: they pass
            log.error("job failed", job=name, error=str(error))
        except Exception:
            log.exception("job failed", job=name)
        finally:
            self._running.discard(task)

    async def stop(self) -> None:
        """No job starts any more; returns when those that run have been broken off."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
            self._scheduler = None
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
