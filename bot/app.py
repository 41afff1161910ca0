"""Defines App: the bot put together. The only place that knows which concrete parts there are; tests hand in theirs.

seeds ─► Matcher ─► Poller ─► Store ◄─ Outbox ─► console · Telegram · others
                      ▲                  ▲
Schedule ── tick ─────┘   digests, index, retention, health
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TextIO

import structlog
from pydantic import SecretStr

from bot import first_archive, lock
from bot.clock import Clock, SystemClock
from bot.config import Config, ConfigError
from bot.full_text import FullText
from bot.jobs import jobs_of
from bot.matching import InThread, Matches, Matching
from bot.poll import Parts, Poller, Report, log_report
from bot.schedule import Schedule
from bot.store import StoreThread
from bot.store.chats import add_configured, default_settings
from bot.store.feeds import sync_feeds
from bot.store.search import fill
from bot.story_keeper import StoryKeeper
from seeds.documents import Document, load_documents
from watchers.watcher import Limits, Watcher

if TYPE_CHECKING:
    from bot.deliver.message import ChatService
    from bot.deliver.outbox import Outbox
    from bot.deliver.telegram import TelegramChat
    from seeds.load import Seeds

log = structlog.get_logger()


def limits_of(config: Config) -> Limits:
    """What the configuration allows a look."""
    poll = config.poll
    return Limits(
        every=poll.every,
        fastest=poll.fastest,
        slowest=poll.slowest,
        concurrency=poll.concurrency,
        per_host=poll.per_host,
        timeout=poll.timeout,
        max_bytes=poll.max_bytes,
        allow_private_addresses=poll.allow_private_addresses,
    )


@asynccontextmanager
async def open_watchers(config: Config) -> AsyncIterator[Mapping[str, Watcher]]:
    """The watchers by kind of feed, with a session and workers of their own."""
    from watchers.feed_watcher import FeedWatcher
    from watchers.fetch import open_session
    from watchers.worker import ParseWorkers

    limits = limits_of(config)
    workers = ParseWorkers(limits)
    try:
        async with open_session(limits) as session:
            yield {"feed": FeedWatcher(session, limits, workers)}
    finally:
        workers.close()


def open_telegram(config: Config, token: SecretStr) -> TelegramChat:
    """The Telegram service as configured; nothing is asked yet."""
    from bot.deliver.telegram import TelegramChat

    telegram = config.chat.telegram
    return TelegramChat(token, telegram.base_url, link_preview=telegram.link_preview)


def chat_kind(config: Config, token: SecretStr | None) -> Literal["console", "telegram"]:
    """Where messages go. Raises ConfigError when Telegram is asked for and there is no token."""
    if config.chat.kind == "telegram" and token is None:
        raise ConfigError('chat.kind: "telegram" needs a token in TELEGRAM_BOT_TOKEN or TELEGRAM_BOT_TOKEN_FILE')
    if config.chat.kind == "console" or token is None:
        return "console"
    return "telegram"


def open_services(config: Config, token: SecretStr | None, out: TextIO) -> dict[str, ChatService]:
    """The chat services by kind; the console writes to `out`."""
    services: dict[str, ChatService] = {}
    if chat_kind(config, token) == "console":
        from bot.deliver.console import ConsoleChat

        services["console"] = ConsoleChat(out)
    else:
        assert token is not None
        services["telegram"] = open_telegram(config, token)
    if config.chat.also:
        from bot.deliver.others import OtherChats

        services["also"] = OtherChats()
    return services


@dataclass(slots=True)
class Given:
    """Parts that a test, or another program, hands in instead of the usual ones."""

    clock: Clock | None = None
    seeds: Seeds | None = None
    documents: Callable[[], Sequence[Document]] = load_documents
    services: dict[str, ChatService] | None = None
    watchers: Mapping[str, Watcher] | None = None
    matching: Matching | None = None
    on_commit: Callable[[], None] | None = None
    out: TextIO | None = None
    """Where the console writes; None: stdout."""
    on_report: Callable[[Report], None] = log_report


class App:
    """The bot on one database. Use it as `async with App(…) as app`; inside, `poll_once` or `run`."""

    def __init__(self, config: Config, database: Path | str, token: SecretStr | None = None, given: Given | None = None) -> None:
        """Nothing is opened yet. Raises ConfigError for a chat that cannot be."""
        self.config = config
        self.given = given or Given()
        self.clock: Clock = self.given.clock or SystemClock()
        self.token = token
        self.kind = chat_kind(config, token)
        self.database = database
        self.store = StoreThread(database, on_commit=self.given.on_commit)
        self.stories = StoryKeeper(config.stories.window)
        self.first_hits: tuple[int, ...] = ()
        """Hits of the bundled documents, when this was the first start."""
        self.seeds: Seeds
        self.services: dict[str, ChatService]
        self.outbox: Outbox
        self.poller: Poller
        self.matching: Matching
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def _open(self, stack: AsyncExitStack) -> None:
        """Locks the database, opens everything in the order in which it leans on each other, and tells the bundled documents."""
        from bot.alerts import tell
        from bot.deliver.outbox import Outbox

        given, config = self.given, self.config
        self.seeds = given.seeds or config.load_seeds()
        stack.enter_context(lock.hold(self.database))
        self.store.start()
        stack.callback(self.store.close)
        now = self.clock.now()
        await self.store.write(sync_feeds, self.seeds.feeds, now)
        await self.store.write(add_configured, config, self.kind, now)
        self.matching = given.matching or InThread(self._matcher())
        stack.callback(self.matching.close)
        watchers = given.watchers if given.watchers is not None else await stack.enter_async_context(open_watchers(config))
        self.services = given.services if given.services is not None else open_services(config, self.token, given.out or sys.stdout)
        for service in self.services.values():
            stack.push_async_callback(service.stop)
            await service.start()
        self.outbox = Outbox(self.store, self.services, self.clock, settings=default_settings(config))
        telling = partial(tell, seeds=self.seeds, config=config)
        parts = Parts(
            store=self.store,
            clock=self.clock,
            watchers=watchers,
            matching=self.matching,
            full_text=FullText("never", None, self.matching),
            stories=self.stories,
            tell=telling,
            limits=limits_of(config),
            on_hits=self.outbox.wake,
        )
        self.poller = Poller(parts, {feed.url: feed for feed in self.seeds.feeds}, given.on_report)
        stack.push_async_callback(self.poller.stop)
        await self.outbox.start()
        told = await first_archive.tell_documents(
            given.documents, store=self.store, matching=self.matching, stories=self.stories, tell=telling, now=now
        )
        self.first_hits = told.hits

    def _matcher(self) -> Matches:
        from watchers.match.matcher import Matcher

        settings = self.config.match
        try:
            return Matcher(self.seeds, salience=settings.salience, languages=settings.languages, spacy_model=settings.spacy_model)
        except OSError as error:  # spaCy's answer to a pipeline that is not installed
            raise ConfigError(f"match.spacy_model: {error}") from error

    async def poll_once(self, *, every: bool = False) -> int:
        """One pass over the feeds that are due (or all), the index filled, and what is due delivered; gives how many visits there were."""
        delivering = asyncio.create_task(self.outbox.deliver_due())
        visits = await self.poller.visit_all(every=every)
        while await self.store.write(fill):
            pass
        await delivering
        await self.outbox.deliver_due()
        return visits

    async def run(self, stop: asyncio.Event) -> None:
        """Everything, until `stop` is set: then messages in flight are waited for, visits broken off."""
        async with AsyncExitStack() as stack:
            running = [asyncio.create_task(self.outbox.run(), name="outbox")]
            running += [asyncio.create_task(work, name=name) for name, work in await self._chat_work()]
            stack.push_async_callback(_end, running)
            schedule = Schedule(jobs_of(self))
            schedule.start()
            stack.push_async_callback(schedule.stop)
            await _first(stop, running)
            log.info("stopping")

    async def _chat_work(self) -> list[tuple[str, Coroutine[object, object, None]]]:
        return []


async def _first(stop: asyncio.Event, running: Sequence[asyncio.Task[None]]) -> None:
    """Returns when `stop` is set; raises what a task that should run for ever raised."""
    waiting = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({waiting, *running}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {waiting}:
            task.result()
            raise RuntimeError(f"{task.get_name()} ended by itself")
    finally:
        waiting.cancel()


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
