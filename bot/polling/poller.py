"""Defines Poller, which polls feeds in parallel and writes the result of one visit after the other.

    due feeds ─► visit queue (limits in total and per host) ─► body limiter (bodies in work)
                   └─► poll (network, parsing) ─► read stored keys ─► plan ─► match new items ─► fetch article pages of hits
                         └─► one transaction: items, keys, mentions, events, hits, stories, deliveries, next poll ─► wake the outbox

It calls the steps in order; `bot.polling.visit_plan` makes the decisions. An unexpected exception is logged with the feed and the phase and
suspends that feed for `QUARANTINE`; other feeds go on.
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
from bot.polling.ingest import IncomingItem, PlanDeliveries, WriteResult, adds_hits, write_arrivals
from bot.polling.live_stories import LiveStories
from bot.polling.matcher_thread import AsyncMatcher
from bot.polling.visit_log import VisitReport
from bot.polling.visit_plan import VisitPlan, decide, decide_pushed, keys_to_verify, needs_title_check
from bot.polling.visit_queue import VisitQueue
from bot.store import Store, StoreThread
from bot.store.feeds import FeedRow, FeedStateUpdate, due_feeds, read_feed, save_news, save_state, set_aside
from bot.store.items import MatchedItem, SeenKey, add_keys, known_keys, read_items, reassign_keys, rules_hit, stored_titles, touch_keys
from seeds.feeds import Feed
from watchers.http.host_limits import host_and_port
from watchers.models.item import Item
from watchers.models.polling import FeedState, Limits, PollResult, Watcher

QUARANTINE = timedelta(hours=1)
"""How long a feed is not polled after an unexpected exception."""
RECENTLY_LISTED = 500
"""Number of recently stored items of a feed among which a listing with new identity keys is looked up; more for a longer listing."""
MAX_BODIES = 16
"""Bodies in work from which no further feed is polled (see `bot.polling.body_limiter`)."""
RETRY_AFTER_STORE_ERROR = 300.0
"""Seconds without polls of a feed whose state could not be written (a full disk). Otherwise it would be polled at every tick."""
log = structlog.get_logger()


@dataclass(slots=True)
class PollerDependencies:
    """The objects a poller works with."""

    store: StoreThread
    clock: Clock
    watchers: Mapping[str, Watcher]
    """Watchers by the kind of feed."""
    matching: AsyncMatcher
    full_text: FullText
    stories: LiveStories
    plan_deliveries: PlanDeliveries | None
    limits: Limits
    offloaded_count: Callable[[], int] = lambda: 0
    """Returns how many bodies wait for the second process."""
    on_hits: Callable[[], None] = lambda: None
    """Called after hits are committed, to wake the outbox."""
    jitter: Callable[[], float] = random.random
    story_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while stories are assigned and written: each item must see the stories of the items before it."""


class Poller:
    """Polls feeds. Use `start_due` for a tick and `visit_all` for one complete pass."""

    def __init__(self, parts: PollerDependencies, feeds: Mapping[str, Feed], on_report: Callable[[VisitReport], None]) -> None:
        """`feeds`: the polled feeds by address. `on_report` is called after every visit."""
        self._parts = parts
        self._feeds = dict(feeds)
        self._on_report = on_report
        self._paused_until: dict[int, float] = {}
        self._bodies = BodyLimiter(MAX_BODIES, parts.offloaded_count)
        self._state_writer = FeedStateWriter(parts.store, self._pause)
        self._queue: VisitQueue[FeedRow] = VisitQueue(self._visit, concurrency=parts.limits.concurrency, per_host=parts.limits.per_host)

    def __len__(self) -> int:
        """The number of visits that wait or run."""
        return len(self._queue)

    def replace_feeds(self, feeds: Mapping[str, Feed]) -> None:
        """Replaces the polled feeds."""
        self._feeds = dict(feeds)

    def feed_at(self, url: str) -> Feed | None:
        """Returns the feed that is polled at this address."""
        return self._feeds.get(url)

    async def start_due(self, *, include_not_due: bool = False) -> int:
        """Starts visits of the feeds that are due, or of all feeds; skips feeds that are being visited. Returns the number of visits
        started, without waiting for them."""
        due = await self._parts.store.read(due_feeds, self._parts.clock.now(), every=include_not_due)
        if self._paused_until:
            now = self._parts.clock.monotonic()
            self._paused_until = {feed_id: until for feed_id, until in self._paused_until.items() if until > now}
        return sum(
            self._queue.add(row.id, host_and_port(row.state.adopted or row.url) or row.url, row)
            for row in due
            if row.url in self._feeds and row.id not in self._paused_until and row.id not in self._state_writer
        )

    async def visit_all(self, *, include_not_due: bool = False) -> int:
        """Visits the feeds that are due, or all feeds, and waits for the visits to end. Returns their number."""
        count = await self.start_due(include_not_due=include_not_due)
        await self._queue.wait_until_idle()
        await self._state_writer.flush()
        return count

    async def ingest_pushed(self, url: str, poll: PollResult) -> VisitReport | None:
        """Ingests the items that a hub pushed for the feed at `url`. Returns None if that feed is not polled.

        Returns when the items are written. Exceptions of the write are passed on, so that the hub repeats the push.
        """
        parts, feed = self._parts, self._feeds.get(url)
        feed_row = await parts.store.read(read_feed, url) if feed is not None else None
        if feed is None or feed_row is None:
            return None
        try:
            with self._bodies.hold_slot():
                result = await self._ingest_push(feed_row, poll)
        finally:
            self._bodies.notify_waiters()
        report = self._report(feed, poll, result)
        self._on_report(report)
        return report

    async def _ingest_push(self, feed_row: FeedRow, poll: PollResult) -> WriteResult:
        parts = self._parts
        stored_keys = await parts.store.read(known_keys, [key for item_keys in poll.keys for key in item_keys])
        titles = await self._read_titles(poll, stored_keys, feed_row)
        stored_items = await self._read_stored(poll, stored_keys, titles) if stored_keys or titles else {}
        now = parts.clock.now()
        plan = decide_pushed(poll, stored_keys, feed_row.state, now, stored_items=stored_items, titles=titles)
        plan, arrivals = await self._match_new(plan)
        return await self._write(feed_row, plan, arrivals, now, save=_save_news)

    async def forget_stories(self) -> None:
        """Drops stories from memory that no new item can join."""
        async with self._parts.story_lock:
            self._parts.stories.forget(self._parts.clock.now())

    async def stop(self) -> None:
        """Cancels running visits. Items that were not written are found again by the next poll."""
        await self._queue.stop()
        await self._state_writer.flush()

    async def _visit(self, feed_row: FeedRow) -> None:
        feed = self._feeds.get(feed_row.url)
        if feed is None:
            return
        phase = ["look"]
        try:
            await self._bodies.wait_until_free()
            report = await self._poll_feed(feed_row, feed, phase)
        except Exception as error:
            report = VisitReport(feed, "unexpected", error=f"unexpected trouble in the phase {phase[0]}: {type(error).__name__}: {error}")
            log.debug("unexpected", feed=feed.title, phase=phase[0], exc_info=True)
            await self._quarantine(feed_row, report.error)
        finally:
            self._bodies.notify_waiters()
        self._on_report(report)

    async def _quarantine(self, feed_row: FeedRow, reason: str) -> None:
        try:
            now = self._parts.clock.now()
            await self._parts.store.write(set_aside, feed_row.id, now + QUARANTINE, reason, now)
        except Exception as error:  # for example a full disk; the feed stays due
            self._pause(feed_row.id, error)

    def _pause(self, feed_id: int, error: Exception) -> None:
        self._paused_until[feed_id] = self._parts.clock.monotonic() + RETRY_AFTER_STORE_ERROR
        log.error("feed's state not written", feed=feed_id, error=str(error))

    async def _poll_feed(self, feed_row: FeedRow, feed: Feed, phase: list[str]) -> VisitReport:
        parts = self._parts
        now = parts.clock.now()
        poll = await parts.watchers[feed.kind].poll(feed, feed_row.state, now)
        phase[0] = "decide"
        if poll.outcome != "items":
            return self._save_without_items(feed_row, feed, poll)
        with self._bodies.hold_slot():
            return await self._ingest_poll(feed_row, feed, poll, phase)

    def _save_without_items(self, feed_row: FeedRow, feed: Feed, poll: PollResult) -> VisitReport:
        """Plans and saves the next state after a poll without items (unchanged or failed)."""
        now = self._parts.clock.now()
        plan = decide(poll, {}, feed_row.state, now, self._parts.limits, jitter=self._parts.jitter(), pushed=feed_row.pushed)
        self._state_writer.add(FeedStateUpdate(feed_row.id, feed_row.state, plan.state, poll.error.kind if poll.error else None, now))
        return self._report(feed, poll, WriteResult())

    async def _ingest_poll(self, feed_row: FeedRow, feed: Feed, poll: PollResult, phase: list[str]) -> VisitReport:
        """Plans, matches and writes the items of a poll."""
        parts = self._parts
        keys = [key for item_keys in poll.keys for key in item_keys]
        # The first poll of a feed rarely finds stored keys. The transaction checks again for items that other visits have written.
        stored_keys = await parts.store.read(known_keys, keys) if keys and feed_row.state.polls else {}
        titles = await self._read_titles(poll, stored_keys, feed_row) if keys and feed_row.state.polls else {}
        stored_items = await self._read_stored(poll, stored_keys, titles) if stored_keys or titles else {}
        now = parts.clock.now()
        jitter = parts.jitter()
        plan = decide(
            poll,
            stored_keys,
            feed_row.state,
            now,
            parts.limits,
            stored_items=stored_items,
            titles=titles,
            jitter=jitter,
            pushed=feed_row.pushed,
        )
        phase[0] = "match"
        plan, arrivals = await self._match_new(plan)
        phase[0] = "write"
        result = await self._write(feed_row, plan, arrivals, now)
        return self._report(feed, poll, result)

    async def _read_stored(self, poll: PollResult, stored_keys: Mapping[str, SeenKey], titles: Mapping[str, int]) -> Mapping[int, Item]:
        item_ids = keys_to_verify(poll, stored_keys, titles)
        return await self._parts.store.read(read_items, item_ids) if item_ids else {}

    async def _read_titles(self, poll: PollResult, stored_keys: Mapping[str, SeenKey], feed_row: FeedRow) -> Mapping[str, int]:
        if not needs_title_check(poll, stored_keys, feed_row.state):
            return {}
        return await self._parts.store.read(stored_titles, feed_row.url, max(RECENTLY_LISTED, 3 * len(poll.items)))

    async def _match_new(self, plan: VisitPlan) -> tuple[VisitPlan, list[IncomingItem]]:
        """Matches the new items and fetches their pages. Returns the plan and the items to write: items that another feed listed and that
        add no hits are left out, and their keys are added to the plan."""
        if not plan.new:
            return plan, []
        matches = await self._parts.matching.match([new_item.item for new_item in plan.new])
        stored_ids = {
            new_item.stored_item_id
            for new_item, match in zip(plan.new, matches, strict=True)
            if new_item.stored_item_id is not None and match.hits
        }
        stored_hits = await self._parts.store.read(rules_hit, stored_ids) if stored_ids else {}
        matched = []
        learned_keys = list(plan.learned_keys)
        for new_item, match in zip(plan.new, matches, strict=True):
            if new_item.stored_item_id is None or adds_hits(new_item.item, match, stored_hits.get(new_item.stored_item_id)):
                matched.append((new_item, match))
            else:
                learned_keys += [(key, new_item.stored_item_id) for key in new_item.keys]
        items, alertable = [new_item.item for new_item, _ in matched], [not new_item.baseline for new_item, _ in matched]
        completed = await self._parts.full_text.complete(items, [match for _, match in matched], alertable, self._bodies.release_slot)
        arrivals = [
            IncomingItem(
                MatchedItem(item, new_item.keys, match), new_item.baseline, new_item.stored_item_id,
                new_item.reassigned_keys, new_item.shared_keys,
            )
            for (new_item, _), (item, match) in zip(matched, completed, strict=True)
        ]  # fmt: skip
        return replace(plan, learned_keys=tuple(learned_keys)), arrivals

    async def _write(
        self, feed_row: FeedRow, plan: VisitPlan, arrivals: list[IncomingItem], now: datetime, save: Save | None = None
    ) -> WriteResult:
        parts = self._parts
        has_hits = any(arrival.matched.match is not None and arrival.matched.match.hits for arrival in arrivals)
        async with AsyncExitStack() as stack:
            if has_hits:
                await stack.enter_async_context(parts.story_lock)
            result = await parts.store.write(
                _write_visit,
                feed_row.id,
                plan,
                arrivals,
                now=now,
                stories=parts.stories,
                plan_deliveries=parts.plan_deliveries,
                save=save or _save_state,
            )
            if has_hits:
                parts.stories.mark_committed()
        if result.hits:
            parts.on_hits()
        return result

    @staticmethod
    def _report(feed: Feed, poll: PollResult, result: WriteResult) -> VisitReport:
        for note in poll.notes:
            log.debug("feed note", feed=feed.title, note=note)
        if poll.error is not None:
            return VisitReport(feed, "failed", error=f"{poll.error.kind}: {poll.error.problem}", error_kind=poll.error.kind)
        return VisitReport(feed, poll.outcome, len(result.items), result.hits)


def _write_visit(
    store: Store,
    feed_id: int,
    plan: VisitPlan,
    arrivals: list[IncomingItem],
    *,
    now: datetime,
    stories: LiveStories,
    plan_deliveries: PlanDeliveries | None,
    save: Save,
) -> WriteResult:
    """Writes everything that a visit with items changes. Must run in a transaction."""
    result = (
        write_arrivals(store, arrivals, feed=feed_id, now=now, stories=stories, plan_deliveries=plan_deliveries)
        if arrivals
        else WriteResult()
    )
    if plan.learned_keys:
        add_keys(store, plan.learned_keys, feed_id, now)
    if plan.touched_keys:
        touch_keys(store, plan.touched_keys, now)
    if plan.reassigned_keys:
        reassign_keys(store, plan.reassigned_keys, now)
    save(store, feed_id, plan.state, now)
    return result


Save = Callable[[Store, int, FeedState, datetime], None]


def _save_state(store: Store, feed: int, state: FeedState, now: datetime) -> None:
    save_state(store, feed, state, now=now)


def _save_news(store: Store, feed: int, state: FeedState, _now: datetime) -> None:
    save_news(store, feed, state)
