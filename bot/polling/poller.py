"""Defines Poller: visits feeds side by side and gives each visit one turn at the writer.

    due feeds ─► lanes (so many at once, so many a host) ─► room (so many bodies in work)
                   └─► look (network, parsing) ─► what of it is known? ─► decide ─► match the new ─► pages behind hits
                         └─► one turn: items, keys, mentions, events, hits, stories, deliveries, next poll ─► wake the outbox

It calls things in order and decides nothing: `bot.polling.visit_plan` does. What nobody expected in one feed is logged with the feed and
the phase,
sets that feed aside for an hour, and leaves the others alone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from bot.clock import Clock
from bot.polling.body_limiter import BodyLimiter
from bot.polling.feed_state_writer import FeedStateWriter
from bot.polling.full_text import FullText
from bot.polling.ingest import IncomingItem, PlanDeliveries, WriteResult, brings_more, write_arrivals
from bot.polling.live_stories import LiveStories
from bot.polling.matcher_thread import AsyncMatcher
from bot.polling.visit_log import VisitReport
from bot.polling.visit_plan import VisitPlan, decide, decide_brought, keys_to_verify, needs_title_check
from bot.polling.visit_queue import VisitQueue
from bot.store import Store, StoreThread
from bot.store.feeds import FeedRow, FeedStateUpdate, due_feeds, read_feed, save_news, save_state, set_aside
from bot.store.items import MatchedItem, SeenKey, add_keys, known_keys, read_items, reassign_keys, rules_hit, stored_titles, touch_keys
from seeds.feeds import Feed
from watchers.http.host_limits import host_and_port
from watchers.models.item import Item
from watchers.models.polling import FeedState, Limits, PollResult, Watcher

QUARANTINE = timedelta(hours=1)
RECENTLY_LISTED = 500
"""Items of a feed, the last that were stored, among which the listing of a renewed one is looked for; more for a longer listing."""
MAX_BODIES = 16
"""Bodies in work from which no further feed is asked (see bot/polling/body_limiter.py): with 64 a first pass on two processors took 5 %
longer."""
RETRY_AFTER_STORE_ERROR = 300.0
"""Seconds that a feed rests when not even its being set aside could be written (a full disk): it would be asked at every tick."""
log = structlog.get_logger()


@dataclass(slots=True)
class PollerDependencies:
    """What a poller works with. All of it is handed in."""

    store: StoreThread
    clock: Clock
    watchers: Mapping[str, Watcher]
    """By the kind of feed."""
    matching: AsyncMatcher
    full_text: FullText
    stories: LiveStories
    tell: PlanDeliveries | None
    limits: Limits
    waiting: Callable[[], int] = lambda: 0
    """How many bodies wait for a second process."""
    on_hits: Callable[[], None] = lambda: None
    """Called after hits are committed: the outbox may have something to send."""
    jitter: Callable[[], float] = random.random
    turn_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held around turns that tell stories: what one places, the next must see."""


class Poller:
    """Visits feeds. `start_due` is for a tick, `visit_all` for one pass."""

    def __init__(self, parts: PollerDependencies, feeds: Mapping[str, Feed], on_report: Callable[[VisitReport], None]) -> None:
        """`feeds`: those that are polled, by address. `on_report` hears of every visit."""
        self._parts = parts
        self._feeds = dict(feeds)
        self._on_report = on_report
        self._resting: dict[int, float] = {}
        self._room = BodyLimiter(MAX_BODIES, parts.waiting)
        self._saves = FeedStateWriter(parts.store, self._rest)
        self._lanes: VisitQueue[FeedRow] = VisitQueue(self._visit, at_once=parts.limits.concurrency, per_host=parts.limits.per_host)

    def __len__(self) -> int:
        """Visits that wait or run."""
        return len(self._lanes)

    def replace_feeds(self, feeds: Mapping[str, Feed]) -> None:
        """From now on these are polled."""
        self._feeds = dict(feeds)

    def feed_of(self, url: str) -> Feed | None:
        """The feed that is polled at that address."""
        return self._feeds.get(url)

    async def start_due(self, *, every: bool = False) -> int:
        """Starts visiting the feeds that are due (or all) and are not being visited; gives how many. Does not wait for them."""
        due = await self._parts.store.read(due_feeds, self._parts.clock.now(), every=every)
        if self._resting:
            moment = self._parts.clock.monotonic()
            self._resting = {feed: until for feed, until in self._resting.items() if until > moment}
        return sum(
            self._lanes.add(one.id, host_and_port(one.state.adopted or one.url) or one.url, one)
            for one in due
            if one.url in self._feeds and one.id not in self._resting and one.id not in self._saves
        )

    async def visit_all(self, *, every: bool = False) -> int:
        """Visits the feeds that are due (or all) and returns when all visits have ended; gives how many there were."""
        count = await self.start_due(every=every)
        await self._lanes.drained()
        await self._saves.written()
        return count

    async def ingest_pushed(self, url: str, look: PollResult) -> VisitReport | None:
        """What a hub brought (`look`, with items) for the feed `url` goes the way of a visit, at once; None when that is not polled.

        Returns when it is written; raises what writing it raises, because the hub shall bring it again then.
        """
        parts, feed = self._parts, self._feeds.get(url)
        known = await parts.store.read(read_feed, url) if feed is not None else None
        if feed is None or known is None:
            return None
        try:
            with self._room.taken():
                written = await self._take_in_brought(known, look)
        finally:
            self._room.notify_waiters()
        report = self._report(feed, look, written)
        self._on_report(report)
        return report

    async def _take_in_brought(self, known: FeedRow, look: PollResult) -> WriteResult:
        parts = self._parts
        seen = await parts.store.read(known_keys, [key for some in look.keys for key in some])
        titles = await self._titles(look, seen, known)
        stored = await self._doubted(look, seen, titles) if seen or titles else {}
        now = parts.clock.now()
        visit = decide_brought(look, seen, known.state, now, stored=stored, titles=titles)
        visit, arrivals = await self._arrivals(visit)
        return await self._write(known, visit, arrivals, now, save=_save_news)

    async def forget_stories(self) -> None:
        """Drops from memory the stories that nothing can join any more."""
        async with self._parts.turn_lock:
            self._parts.stories.forget(self._parts.clock.now())

    async def stop(self) -> None:
        """Breaks off what runs; what is not written is looked at again after the next start."""
        await self._lanes.stop()
        await self._saves.written()

    async def _visit(self, known: FeedRow) -> None:
        feed = self._feeds.get(known.url)
        if feed is None:
            return
        phase = ["look"]
        try:
            await self._room.acquire_when_free()
            report = await self._take_turn(known, feed, phase)
        except Exception as error:
            report = VisitReport(feed, "unexpected", error=f"unexpected trouble in the phase {phase[0]}: {type(error).__name__}: {error}")
            log.debug("unexpected", feed=feed.title, phase=phase[0], exc_info=True)
            await self._set_aside(known, report.error)
        finally:
            self._room.notify_waiters()
        self._on_report(report)

    async def _set_aside(self, known: FeedRow, said: str) -> None:
        try:
            now = self._parts.clock.now()
            await self._parts.store.write(set_aside, known.id, now + QUARANTINE, said, now)
        except Exception as error:  # the disk itself may be the trouble; the feed stays due
            self._rest(known.id, error)

    def _rest(self, feed: int, error: Exception) -> None:
        self._resting[feed] = self._parts.clock.monotonic() + RETRY_AFTER_STORE_ERROR
        log.error("feed's state not written", feed=feed, error=str(error))

    async def _take_turn(self, known: FeedRow, feed: Feed, phase: list[str]) -> VisitReport:
        parts = self._parts
        now = parts.clock.now()
        look = await parts.watchers[feed.kind].poll(feed, known.state, now)
        phase[0] = "decide"
        if look.outcome != "items":
            return self._passed(known, feed, look)
        with self._room.taken():
            return await self._take_in(known, feed, look, phase)

    def _passed(self, known: FeedRow, feed: Feed, look: PollResult) -> VisitReport:
        """What a visit leaves that read no body."""
        now = self._parts.clock.now()
        visit = decide(look, {}, known.state, now, self._parts.limits, jitter=self._parts.jitter(), pushed=known.pushed)
        self._saves.add(FeedStateUpdate(known.id, known.state, visit.state, look.error.kind if look.error else None, now))
        return self._report(feed, look, WriteResult())

    async def _take_in(self, known: FeedRow, feed: Feed, look: PollResult, phase: list[str]) -> VisitReport:
        """Everything behind a look that read a body."""
        parts = self._parts
        keys = [key for some in look.keys for key in some]
        # The first poll of a feed knows nothing as a rule; the turn itself checks once more what others have written.
        seen = await parts.store.read(known_keys, keys) if keys and known.state.polls else {}
        titles = await self._titles(look, seen, known) if keys and known.state.polls else {}
        stored = await self._doubted(look, seen, titles) if seen or titles else {}
        now = parts.clock.now()
        jitter = parts.jitter()
        visit = decide(look, seen, known.state, now, parts.limits, stored=stored, titles=titles, jitter=jitter, pushed=known.pushed)
        phase[0] = "match"
        visit, arrivals = await self._arrivals(visit)
        phase[0] = "write"
        written = await self._write(known, visit, arrivals, now)
        return self._report(feed, look, written)

    async def _doubted(self, look: PollResult, seen: Mapping[str, SeenKey], titles: Mapping[str, int]) -> Mapping[int, Item]:
        numbers = keys_to_verify(look, seen, titles)
        return await self._parts.store.read(read_items, numbers) if numbers else {}

    async def _titles(self, look: PollResult, seen: Mapping[str, SeenKey], known: FeedRow) -> Mapping[str, int]:
        if not needs_title_check(look, seen, known.state):
            return {}
        return await self._parts.store.read(stored_titles, known.url, max(RECENTLY_LISTED, 3 * len(look.items)))

    async def _arrivals(self, visit: VisitPlan) -> tuple[VisitPlan, list[IncomingItem]]:
        """What arrives, matched, and the plan: its items that another feed listed and that bring no hits of their own are known."""
        if not visit.new:
            return visit, []
        matches = await self._parts.matching.match([one.item for one in visit.new])
        again = {one.again for one, match in zip(visit.new, matches, strict=True) if one.again is not None and match.hits}
        caught = await self._parts.store.read(rules_hit, again) if again else {}
        pairs = []
        more_keys = list(visit.more_keys)
        for one, match in zip(visit.new, matches, strict=True):
            if one.again is None or brings_more(one.item, match, caught.get(one.again)):
                pairs.append((one, match))
            else:
                more_keys += [(key, one.again) for key in one.keys]
        items, told = [one.item for one, _ in pairs], [not one.baseline for one, _ in pairs]
        longer = await self._parts.full_text.complete(items, [match for _, match in pairs], told, self._room.released)
        arrivals = [
            IncomingItem(MatchedItem(item, one.keys, match), one.baseline, one.again, one.taken, one.shared)
            for (one, _), (item, match) in zip(pairs, longer, strict=True)
        ]  # fmt: skip
        return replace(visit, more_keys=tuple(more_keys)), arrivals

    async def _write(
        self, known: FeedRow, visit: VisitPlan, arrivals: list[IncomingItem], now: datetime, save: Save | None = None
    ) -> WriteResult:
        parts = self._parts
        tells = any(arrival.found.match is not None and arrival.found.match.hits for arrival in arrivals)
        async with AsyncExitStack() as held:
            if tells:
                await held.enter_async_context(parts.turn_lock)
            written = await parts.store.write(
                _turn, known.id, visit, arrivals, now=now, stories=parts.stories, tell=parts.tell, save=save or _save_state
            )
            if tells:
                parts.stories.settled()
        if written.hits:
            parts.on_hits()
        return written

    @staticmethod
    def _report(feed: Feed, look: PollResult, written: WriteResult) -> VisitReport:
        for note in look.notes:
            log.debug("feed note", feed=feed.title, note=note)
        if look.error is not None:
            return VisitReport(feed, "failed", error=f"{look.error.kind}: {look.error.message}")
        return VisitReport(feed, look.outcome, len(written.items), written.hits)


def _turn(
    store: Store,
    feed: int,
    visit: VisitPlan,
    arrivals: list[IncomingItem],
    *,
    now: datetime,
    stories: LiveStories,
    tell: PlanDeliveries | None,
    save: Save,
) -> WriteResult:
    """Everything that a visit writes which read a body; runs in one transaction."""
    written = write_arrivals(store, arrivals, feed=feed, now=now, stories=stories, tell=tell) if arrivals else WriteResult()
    if visit.more_keys:
        add_keys(store, visit.more_keys, feed, now)
    if visit.touched:
        touch_keys(store, visit.touched, now)
    if visit.taken:
        reassign_keys(store, visit.taken, now)
    save(store, feed, visit.state, now)
    return written


Save = Callable[[Store, int, FeedState, datetime], None]


def _save_state(store: Store, feed: int, state: FeedState, now: datetime) -> None:
    save_state(store, feed, state, now=now)


def _save_news(store: Store, feed: int, state: FeedState, _now: datetime) -> None:
    save_news(store, feed, state)
