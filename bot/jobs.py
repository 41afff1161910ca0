"""Defines which jobs the running bot has and how often each runs. What they do is elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.scheduler import ScheduledJob
from bot.store.retention import retain
from bot.store.search import fill

if TYPE_CHECKING:
    from bot.app import App

TICK = timedelta(seconds=2)
"""How late a due feed may be asked; finding out that none is due costs some 50 µs."""


def jobs_of(app: App) -> list[ScheduledJob]:
    """The jobs of a running bot."""

    async def digests() -> None:
        from bot.digest.select import send_due

        if await send_due(app.store, app.seeds, app.config, app.clock):
            app.outbox.wake()

    async def index() -> None:
        while await app.store.write(fill):
            pass

    async def retention() -> None:
        from bot.commands import membership
        from bot.store import deliveries, updates

        await app.poller.forget_stories()
        await retain(
            app.store,
            now=app.clock.now(),
            keep_items=app.config.store.keep_items,
            keep_hits=app.config.store.keep_hits,
            prunes=(deliveries.prune, updates.prune, membership.forget_gone),
        )

    hubs = [] if app.hubs is None else [ScheduledJob("hubs", timedelta(seconds=30), app.hubs.tick, first_after=timedelta(seconds=3))]
    return [
        *hubs,
        ScheduledJob("poll", TICK, app.poller.start_due),
        ScheduledJob("digests", timedelta(seconds=30), digests, first_after=timedelta(seconds=5)),
        ScheduledJob("index", timedelta(seconds=5), index, first_after=timedelta(seconds=2)),
        ScheduledJob("retention", timedelta(hours=6), retention, first_after=timedelta(minutes=10)),
    ]
