"""Defines when a chat's digest is due, and writes it once.

    rows of the range (bot.store.digests) ─► DigestInputs ─► select (pure) ─► Digest ─► messages ─► rows of `deliveries`

The row of `digests` and the messages are written in one transaction, once for a chat and local date: a second run, a late run or a restart
changes nothing. A range reaches from hit to hit, not from time to time: a clock that jumps loses none and repeats none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import structlog

from bot.alerts.held_back import release_held, waiting_for_release
from bot.alerts.plan import NO_SERVICES
from bot.digest.message import messages
from bot.digest.model import Digest, FeedTrouble, UnusualCount
from bot.digest.select import DAY, DigestInputs, select
from bot.digest.unusual import feeds_in_trouble, unusual_counts
from bot.local_time import digest_date, first_instant_at, local_date
from bot.message import FULL
from bot.store import StoreError, deliveries
from bot.store import chats as chat_rows
from bot.store import digests as digest_rows
from bot.store.deliveries import NewDelivery
from bot.stories.read import read_story
from bot.stories.view import StoryView

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.config import Config
    from bot.message import Capabilities, Message
    from bot.store import Store, StoreThread
    from bot.store.chats import Chat
    from bot.store.digests import HitRange
    from seeds.load import Seeds

log = structlog.get_logger(__name__)


class SharedInputs:
    """Inputs that the digests of many chats share in one transaction, each read once: stories, unusual counts, feeds in trouble."""

    def __init__(self, store: Store, seeds: Seeds, now: datetime) -> None:
        self._store, self._seeds, self._now = store, seeds, now
        self._stories: dict[int, StoryView | None] = {}
        self._feeds: tuple[FeedTrouble, ...] | None = None
        self._unusual: tuple[UnusualCount, ...] | None = None

    def stories(self, ids: Collection[int]) -> tuple[StoryView, ...]:
        """These stories, without those that are no longer in the database."""
        for story_id in ids:
            if story_id not in self._stories:
                self._stories[story_id] = read_story(self._store, story_id, self._seeds)
        return tuple(story for story_id in ids if (story := self._stories[story_id]) is not None)

    def feeds(self) -> tuple[FeedTrouble, ...]:
        """Feeds in trouble."""
        if self._feeds is None:
            self._feeds = feeds_in_trouble(self._store, self._now)
        return self._feeds

    def unusual(self) -> tuple[UnusualCount, ...]:
        """Unusual counts."""
        if self._unusual is None:
            self._unusual = unusual_counts(self._store, self._seeds, self._now)
        return self._unusual


def read_inputs(store: Store, chat: Chat, on: date, period: HitRange, *, now: datetime, shared: SharedInputs) -> DigestInputs:
    """The inputs of the chat's digest of the local date `on` about a range of hits."""
    rows = digest_rows.read_rows(store, chat.id, period, now)
    held_stories = (delivery.story for delivery in rows.held if delivery.story is not None)
    wanted = [story_id for story_id in dict.fromkeys([*rows.stories, *held_stories]) if story_id not in chat.settings.muted_stories]
    return DigestInputs(
        chat=chat,
        on=on,
        stories=shared.stories(wanted),
        previous=rows.previous,
        held=rows.held,
        unconfirmed=rows.unconfirmed,
        undelivered=rows.undelivered,
        feeds=shared.feeds(),
        unusual=shared.unusual(),
    )


def read_digest(
    store: Store, chat: Chat, on: date, period: HitRange, *, seeds: Seeds, now: datetime, shared: SharedInputs | None = None
) -> Digest:
    """The chat's digest of the local date `on` about a range of hits. Writes nothing."""
    return select(read_inputs(store, chat, on, period, now=now, shared=shared or SharedInputs(store, seeds, now)), now)


def due_digests(
    store: Store,
    seeds: Seeds,
    config: Config,
    now: datetime,
    *,
    charts: Mapping[str, bytes] | None = None,
    capabilities: Mapping[str, Capabilities] = NO_SERVICES,
) -> int:
    """Writes the digests that are due at `now` and missing; safe to call at any time, any number of times. Call it in a transaction.

    `charts`: pictures (PNG) by chat id. A new chat starts with its next digest time. An unexpected error in one chat's digest is logged,
    and the next run tries it again; the other chats get theirs. Returns the number of deliveries written.
    """

    def make(chat: Chat, on: date) -> int:
        if not digest_rows.begun(store, chat.id, now):
            digest_rows.begin(store, chat.id, on, now)
            return 0
        period = digest_rows.next_period(store, chat.id)
        digest = read_digest(store, chat, on, period, seeds=seeds, now=now, shared=shared)
        parts: list[Message] = []
        if config.digest.when_empty or not digest.empty:
            max_units = capabilities.get(chat.kind, FULL).max_units
            parts = messages(digest, chart=(charts or {}).get(chat.id), max_units=max_units)
        return write_digest(store, digest, parts, period, now)

    written = 0
    shared = SharedInputs(store, seeds, now)
    for chat, on in digests_due(store, config, now):
        try:
            with store.atomic():
                written += make(chat, on)
        except (sqlite3.Error, StoreError):  # an error of the database concerns every chat
            raise
        except Exception as error:
            log.error("digest not made", chat=chat.id, date=on.isoformat(), error=f"{type(error).__name__}: {error}", exc_info=True)
    return written


def write_digest(store: Store, digest: Digest, parts: Sequence[Message], period: HitRange, now: datetime) -> int:
    """Writes the digest's deliveries and that the chat had it; returns the number of deliveries, 0 when it had one for that date."""
    chat, on = digest.chat, digest.on
    if not digest_rows.record(store, chat.id, on, up_to=period.up_to, parts=len(parts), now=now):
        return 0
    for number, message in enumerate(parts, 1):
        new = NewDelivery(chat.id, "digest", f"digest:{on.isoformat()}:{number}", message, now, part=number)
        deliveries.add(store, new, now)
    if parts:
        covered = [*digest.held_ids, *(delivery.id for delivery in (*digest.unconfirmed, *digest.undelivered))]
        digest_rows.mark_covered(store, f"digest:{on.isoformat()}:1", covered)
    return len(parts)


def write_now(store: Store, chat: Chat, on: date, seeds: Seeds, now: datetime) -> int:
    """Writes the digest of that date for the chat at once, at any hour; returns the number of deliveries, 0 when the chat had it before
    or it is empty. Call it in a transaction."""
    period = period_of(store, chat, on, now)
    if digest_rows.digest_exists(store, chat.id, on):
        return 0
    digest = read_digest(store, chat, on, period, seeds=seeds, now=now)
    return 0 if digest.empty else write_digest(store, digest, messages(digest), period, now)


def digests_due(store: Store, config: Config, now: datetime) -> list[tuple[Chat, date]]:
    """Chats whose digest of a local date is due at `now` and missing, with that date; chats whose digests have not begun are included."""
    answer = []
    for chat in chat_rows.read_chats(store, chat_rows.default_settings(config)):
        if "digest" in chat.settings.send:
            on, due_at = digest_date(now, chat.settings.digest_at, chat.settings.timezone)
            if not digest_rows.begun(store, chat.id, now) or digest_rows.is_missing(store, chat.id, on, due_at, now):
                answer.append((chat, on))
    return answer


def period_of(store: Store, chat: Chat, on: date, now: datetime) -> HitRange:
    """The range of hits of a digest of that local date, sent or not.

    A date whose digest was sent: the range of that digest. Today: from yesterday's digest time to now. Any other date: by the clock.
    A past date also includes items published on it that were never news: items of archives, and the old part of a new feed's list.
    """
    settings = chat.settings
    today = local_date(now, settings.timezone)
    since = first_instant_at(on - DAY, settings.digest_at, settings.timezone)
    if on == today:
        return digest_rows.period_between(store, since, now)
    until = first_instant_at(on, settings.digest_at, settings.timezone)
    period = digest_rows.period_had(store, chat.id, on) or digest_rows.period_between(store, since, until)
    day = (first_instant_at(on, time(0), settings.timezone), first_instant_at(on + DAY, time(0), settings.timezone))
    return replace(period, late=day)


async def send_due(
    thread: StoreThread, seeds: Seeds, config: Config, clock: Clock, capabilities: Mapping[str, Capabilities] = NO_SERVICES
) -> int:
    """Writes the digests that are due, with their pictures, which are drawn outside the database's thread. Releases held alerts of chats
    without digests. `capabilities`: of the open chat services, by kind. Returns the number of rows written."""
    now = clock.now()
    released = 0
    if await thread.read(waiting_for_release, config):
        released = await thread.write(release_held, seeds, config, now, capabilities=capabilities)
    due = await thread.read(digests_due, config, now)
    if not due:
        return released
    charts: dict[str, bytes] = {}
    if config.digest.chart:
        with_pictures = [chat for chat, _ in due if capabilities.get(chat.kind, FULL).shows_pictures]
        from bot.digest.chart import draw_charts

        charts = await draw_charts(thread, with_pictures, seeds, now)
    return released + await thread.write(due_digests, seeds, config, now, charts=charts, capabilities=capabilities)
