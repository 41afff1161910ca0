"""Defines App, which starts, runs and stops the bot. It connects the parts; tests pass in their own with `Overrides`.

seeds ─► Matcher ─► Poller ─► Store ◄─ Outbox ─► console · Telegram · others
                      ▲                  ▲
Schedule ── tick ─────┘   digests, index, retention, health
"""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO

import structlog
from pydantic import SecretStr

from bot import instance_lock
from bot.clock import Clock, ClockWatch, SystemClock
from bot.config import Config
from bot.http_server import CallbackServer
from bot.log import redact
from bot.polling import bundled_documents
from bot.polling.first_pass_worker import MIN_NEW_FEEDS, FirstPassWorker
from bot.polling.full_text import FullText
from bot.polling.live_stories import LiveStories
from bot.polling.matcher_thread import ItemMatcher, MatcherThread
from bot.polling.poller import Poller, PollerDependencies
from bot.polling.visit_log import ReportLog, VisitReport
from bot.scheduler import ScheduledJob, Scheduler
from bot.store import Store, StoreError, StoreThread
from bot.store.chats import add_configured, default_settings
from bot.store.clock_change import shift_due_times, shift_due_times_at_start
from bot.store.feeds import never_looked_at, sync_feeds
from bot.store.retention import retain
from bot.store.search import MANY, fill
from bot.store.websub_subscriptions import forget_all
from bot.wiring import HttpStack, chat_kind, limits_of, open_matcher, open_services, open_telegram, open_watchers, open_web
from seeds.documents import Document, load_documents
from watchers.stories.developments import Development

if TYPE_CHECKING:
    from bot.commands.receiver import UpdateReceiver
    from bot.delivery.outbox import Outbox
    from bot.message import Capabilities, ChatService
    from bot.polling.websub import WebSubSubscriber
    from seeds.load import Seeds
    from watchers.sources.discovery import FeedDiscovery

__all__ = ["App", "Overrides", "StartError", "open_telegram", "open_watchers"]
log = structlog.get_logger()

THREAD_SWITCH_INTERVAL = 0.0002
"""Seconds after which a computing thread yields the interpreter to a waiting one. With Python's default of 5 ms the matcher delays the
event loop at every socket call, and the writer at every statement."""


INDEX_EVERY = 0.1
"""Seconds between checks whether the search index has work, during a pass."""


TICK = timedelta(seconds=2)
"""Maximum delay of a due feed, in seconds."""


CLOCK_EVERY = 1.0
"""Seconds between checks whether the wall clock was set."""


class StartError(Exception):
    """A chat service that can never work as configured; the message is one line for the user, without secrets."""


@dataclass(slots=True)
class Overrides:
    """Replacements for the default parts, passed in by tests or another program."""

    clock: Clock | None = None
    seeds: Seeds | None = None
    documents: Callable[[], Sequence[Document]] = load_documents
    services: dict[str, ChatService] | None = None
    web: HttpStack | None = None
    matcher: ItemMatcher | None = None
    on_commit: Callable[[], None] | None = None
    out: TextIO | None = None
    """Where the console writes; None for stdout."""
    on_report: Callable[[VisitReport], None] | None = None
    """Called for every visit instead of the log."""


class App:
    """The bot on one database. Use it as `async with App(…) as app`; inside, `poll_once` or `run`."""

    def __init__(self, config: Config, database: Path | str, token: SecretStr | None = None, given: Overrides | None = None) -> None:
        """Opens nothing yet. Raises ConfigError for an invalid chat."""
        self.config = config
        self.given = given or Overrides()
        self.clock: Clock = self.given.clock or SystemClock()
        self.token = token
        self.kind = chat_kind(config, token)
        self.database = database
        self.store = StoreThread(database, on_commit=self.given.on_commit)
        self.stories = LiveStories(config.stories.window)
        self.first_hits: tuple[int, ...] = ()
        """Ids of the hits of the bundled documents, at the first start."""
        self.pairing_code: str | None = None
        """The code that pairs the first Telegram chat; None if a chat is paired or there is no Telegram."""
        self.seeds: Seeds
        self.services: dict[str, ChatService]
        self.outbox: Outbox
        self.poller: Poller
        self.matching: MatcherThread
        self.beside: FirstPassWorker | None = None
        self.hubs: WebSubSubscriber | None = None
        """Subscribes to hubs; None if this machine cannot be reached from outside."""
        self.listener: CallbackServer | None = None
        self._updates: UpdateReceiver | None = None
        self._finder: FeedDiscovery | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def _open(self, stack: AsyncExitStack) -> None:
        """Locks the database, opens the parts in the order of their dependencies, and ingests the bundled documents at the first start."""
        from bot.delivery.outbox import Outbox

        sys.setswitchinterval(THREAD_SWITCH_INTERVAL)
        given, config = self.given, self.config
        self.seeds = given.seeds or config.load_seeds()
        matcher = given.matcher or open_matcher(self.config, self.seeds)
        if given.web is None and (os.cpu_count() or 1) > 1 and never_looked_at(self.database, self.seeds.feeds) >= MIN_NEW_FEEDS:
            for document in given.documents():  # the first match loads the languages; done before the fork, both processes share them
                matcher.match(bundled_documents.item_of(document))
            self.beside = FirstPassWorker(matcher, limits_of(config))
            self.beside.start()
            stack.callback(self.beside.close)
        stack.enter_context(instance_lock.hold(self.database))
        self.store.start()
        stack.callback(self.store.close)
        self.matching = MatcherThread(matcher, self.beside)
        stack.callback(self.matching.close)
        if self.beside is not None:
            await self.beside.attach()
        web = await stack.enter_async_context(open_web(config, self.beside)) if given.web is None else given.web
        self._finder = web.finder
        self.services = given.services if given.services is not None else open_services(config, self.token, given.out or sys.stdout)
        for service in self.services.values():
            stack.push_async_callback(service.stop)
            try:
                await service.start()
            except Exception as error:  # a service only raises if its configuration can never work
                raise StartError(redact(f"{service.kind}: {error}")) from error
        self.outbox = Outbox(self.store, self.services, self.clock, settings=default_settings(config))
        parts = PollerDependencies(
            store=self.store,
            clock=self.clock,
            watchers=web.watchers,
            matching=self.matching,
            full_text=FullText(config.poll.full_text, web.pages, self.matching),
            stories=self.stories,
            plan_deliveries=self._plan_deliveries,
            limits=limits_of(config),
            offloaded_count=self.beside.waiting if self.beside is not None else lambda: 0,
            on_hits=self.outbox.wake,
        )
        if config.web.public_url or config.chat.telegram.webhook:
            self.listener = CallbackServer(config.web.port)
        self.poller = Poller(parts, {feed.url: feed for feed in self.seeds.feeds}, given.on_report or ReportLog())
        stack.push_async_callback(self.poller.stop)
        self.hubs = self._hubs(web)
        await self._first_writes()
        # The objects loaded so far (names, languages, feeds) are never freed. Scanning them in each garbage collection would cost as much
        # as polling hundreds of unchanged feeds.
        gc.collect()
        gc.freeze()
        stack.callback(gc.unfreeze)

    async def _first_writes(self) -> None:
        """Writes at every start: the feeds, the chats, deliveries that a killed run left unsettled; at the first start also the bundled
        documents."""
        now = self.clock.now()
        if by := await self.store.write(shift_due_times_at_start, now):
            log.warning("the clock was set back since the last run", by=str(by))
        await self.store.write(sync_feeds, self.seeds.feeds, now)
        if not self.config.web.public_url:
            await self.store.write(forget_all)
        if self.paired_service is not None:
            from bot.commands import pairing

            defaults = default_settings(self.config)
            await self.store.write(pairing.subscribe_allowed, defaults, self.config)
        await self.store.write(add_configured, self.config, self.kind, now)
        await self.outbox.start()
        told = await bundled_documents.ingest_documents(
            self.given.documents,
            store=self.store,
            matching=self.matching,
            stories=self.stories,
            plan_deliveries=self._plan_deliveries,
            now=now,
        )
        self.first_hits = told.hits

    @property
    def capabilities(self) -> Mapping[str, Capabilities]:
        """The capabilities of the open chat services, by kind."""
        return {kind: service.capabilities for kind, service in self.services.items()}

    @property
    def paired_service(self) -> ChatService | None:
        """The open service whose chats must be paired; None if there is none."""
        return next((service for service in self.services.values() if service.capabilities.needs_pairing), None)

    def _hubs(self, web: HttpStack) -> WebSubSubscriber | None:
        if self.listener is None or web.hubs is None or not self.config.web.public_url:
            return None
        from bot.polling import websub
        from watchers.sources.feed import FeedWatcher

        reader = web.watchers["feed"]
        assert isinstance(reader, FeedWatcher)
        poller = self.poller
        parts = websub.WebSubDependencies(
            self.store, self.clock, web.hubs, reader, limits_of(self.config), poller.feed_at, poller.ingest_pushed
        )
        return websub.WebSubSubscriber(self.config.web.public_url, self.listener, parts)

    def _plan_deliveries(
        self, store: Store, *, story: int, item: int, developments: tuple[Development, ...], baseline: bool, now: datetime
    ) -> int:
        """Plans the deliveries of new hits, with the current seeds."""
        from bot.alerts.plan import plan_deliveries

        return plan_deliveries(
            store, story=story, item=item, developments=developments, baseline=baseline, now=now, seeds=self.seeds, config=self.config,
            capabilities=self.capabilities,
        )  # fmt: skip

    async def reload(self) -> Seeds:
        """Loads the seeds again and uses them from now on. Raises ConfigError, and changes nothing, if they are invalid."""
        seeds = await asyncio.to_thread(self.config.load_seeds)
        matcher = await asyncio.to_thread(open_matcher, self.config, seeds)
        await self.store.write(sync_feeds, seeds.feeds, self.clock.now())
        self.seeds = seeds
        if self.beside is not None:
            self.beside.forget()
        self.matching.replace(matcher)
        self.poller.replace_feeds({feed.url: feed for feed in seeds.feeds})
        log.info("seeds read", entities=len(seeds.entities), rules=len(seeds.rules), feeds=len(seeds.feeds))
        return seeds

    async def poll_once(self, *, include_not_due: bool = False) -> int:
        """Polls the feeds that are due, or all feeds, once; fills the search index and sends the due deliveries. Returns the number of
        visits."""
        delivering = asyncio.create_task(self.outbox.deliver_due())
        visiting = asyncio.create_task(self.poller.visit_all(include_not_due=include_not_due))
        try:
            while not visiting.done():  # fills the search index in portions during the pass
                await asyncio.wait({visiting}, timeout=INDEX_EVERY)
                while await self.store.write(fill, MANY, at_least=MANY):
                    pass
            visits = await visiting
            while await self.store.write(fill, MANY):
                pass
            await delivering
        finally:
            await _end([visiting, delivering])
        await self.outbox.deliver_due()
        return visits

    async def _warm(self) -> None:
        """Matches the bundled documents and drops the result: the first match loads the languages, which would delay the first alert."""
        await self.matching.match([bundled_documents.item_of(document) for document in self.given.documents()])

    async def listen(self) -> None:
        """Prepares to receive Telegram updates; does nothing without Telegram. Call it before `run`."""
        telegram = self.paired_service
        if telegram is None:
            return
        from bot.commands import pairing
        from bot.commands.context import Services, discovery
        from bot.commands.receiver import UpdateReceiver
        from bot.delivery.telegram import TelegramChat

        assert isinstance(telegram, TelegramChat)
        services = Services(
            config=self.config, seeds=self.seeds, thread=self.store, clock=self.clock, telegram=telegram, reload=self.reload
        )
        if self._finder is not None:
            services.discover = discovery(self._finder, self.clock)
        self.pairing_code = await self.store.write(pairing.code_for_first_chat, services.defaults, self.config, self.clock.now())
        self._updates = UpdateReceiver(services, wake=self.outbox.wake, listener=self.listener)
        await self._updates.start()

    async def _watch_database(self) -> None:
        """Raises StoreError if the database is found to be damaged: other parts only log the error, but the bot must stop."""
        while self.store.damage is None:  # noqa: ASYNC110  (it is set by the database's threads)
            await asyncio.sleep(1.0)
        raise self.store.damage

    async def _watch_clock(self, schedule: Scheduler) -> None:
        """After the wall clock is set: moves planned times by the same difference if it was set back, and runs every job at once."""
        watch = ClockWatch(self.clock)
        back = timedelta()
        while True:
            await asyncio.sleep(CLOCK_EVERY)
            moved = watch.moved()
            if not moved and not back:
                continue
            log.warning("the clock was set", by=str(moved))
            back = max(timedelta(), back - moved)
            try:
                if back:
                    await self.store.write(shift_due_times, back, self.clock.now())
                back = timedelta()
            except (StoreError, sqlite3.Error, OSError) as error:  # temporary, such as a full disk or a locked database
                log.error("the clock's change is not written yet", error=str(error))
            schedule.run_all()
            self.outbox.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Runs everything until `stop` is set. Then waits for messages in flight and cancels visits."""
        async with AsyncExitStack() as stack:
            if self.listener is not None:
                await self.listener.start()
                stack.push_async_callback(self.listener.stop)
            if self.hubs is not None:
                await self.hubs.start()
            running = [asyncio.create_task(self.outbox.run(), name="outbox"), asyncio.create_task(self._watch_database(), name="damage")]
            warming = asyncio.create_task(self._warm())
            stack.push_async_callback(_end, [warming])
            if self._updates is not None:
                running.append(asyncio.create_task(self._updates.run(), name="updates"))
                publishing = asyncio.create_task(self._updates.publish())
                stack.push_async_callback(_end, [publishing])
            stack.push_async_callback(_end, running)
            schedule = Scheduler(periodic_jobs(self))
            schedule.start()
            stack.push_async_callback(schedule.stop)
            running.append(asyncio.create_task(self._watch_clock(schedule), name="clock"))
            await _first(stop, running)
            log.info("stopping")


async def _first(stop: asyncio.Event, running: Sequence[asyncio.Task[None]]) -> None:
    """Returns when `stop` is set; raises the exception of a background task that ended."""
    stop_task = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({stop_task, *running}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stop_task}:
            task.result()
            raise RuntimeError(f"{task.get_name()} ended by itself")
    finally:
        stop_task.cancel()


async def _end(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def periodic_jobs(app: App) -> list[ScheduledJob]:
    """Returns the periodic jobs of a running bot: names, intervals and functions."""

    async def digests() -> None:
        from bot.digest.schedule import send_due

        if await send_due(app.store, app.seeds, app.config, app.clock, app.capabilities):
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
