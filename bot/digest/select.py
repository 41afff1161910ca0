"""Defines Digest, the message about a period: what stands in it (read here), when it is due, and how it becomes deliveries.

    digests (how far the last one reached) ─► hits after it ─► stories by rule, ranked ─┐
    deliveries held back or perhaps lost ───────────────────────────────────────────────┼─► Digest ─► parts ─► rows of `deliveries`
    feeds in trouble, counts that are unusual ──────────────────────────────────────────┘

Once for a chat and local date: the row of `digests` and the parts are written in one transaction, so running twice, late, or after a
restart changes nothing. Periods reach from hit to hit, not from time to time: a clock that jumps loses none and repeats none.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.alerts.held_back import release_held, waiting_for_release
from bot.alerts.plan import chat_wants
from bot.digest.unusual import UnusualCount, feeds_in_trouble, unusual_counts
from bot.local_time import digest_date, first_instant_at, local_date
from bot.message import Message
from bot.store import StoreError, deliveries
from bot.store import chats as chat_rows
from bot.store import digests as digest_rows
from bot.store.chats import Chat
from bot.store.deliveries import NewDelivery
from bot.stories.build import RuleHit, StorySource, StoryView, latest_first, read_story
from watchers.stories.developments import Known, Statement, developments, record_developments
from watchers.stories.figures import figures

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.config import Config
    from bot.store import Store, StoreThread
    from bot.store.digests import HitRange, Undelivered
    from seeds.load import Seeds

log = structlog.get_logger(__name__)

STORIES_PER_RULE = 12
HEADLINES_PER_RULE = 30
"""Of a rule's other stories, told by their headlines alone."""
MAX_REPEATED_STORIES = 12
"""Stories told before that one digest names."""
OLD = 5.0
"""Days from which on age costs no more; a story without a time is as old."""
_OPENING = 1_000
"""Code points of an item's text whose sums count as told."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DigestStory:
    """A story in a digest. `held`: why its alert was kept back ("quiet", "cap", "flood"), or "". `news`: what is new in a story that an
    earlier digest told (as `watchers.stories.developments` says it)."""

    story: StoryView
    held: str = ""
    news: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepeatedStory:
    """A story that an earlier digest told, and the items that have told it since without anything new in them, the latest first."""

    story: StoryView
    since: tuple[StorySource, ...]


@dataclass(frozen=True, slots=True)
class RuleSection:
    """The stories of one rule, best first."""

    rule: str
    title: str
    stories: tuple[DigestStory, ...]
    others: tuple[DigestStory, ...] = ()
    """Those after the best, for whom a headline must do."""
    left_out: int = 0
    """How many more there were."""


@dataclass(frozen=True, slots=True)
class UnconfirmedDelivery:
    """A message that may not have arrived: its answers were lost, each time it was sent."""

    delivery: int
    line: str
    times: int


@dataclass(frozen=True, slots=True)
class Digest:
    """All that a chat's digest of a local date says."""

    chat: Chat
    on: date
    groups: tuple[RuleSection, ...]
    perhaps: tuple[UnconfirmedDelivery, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    feeds: tuple[str, ...] = ()
    """What is wrong with feeds, one each."""
    unusual: tuple[UnusualCount, ...] = ()
    again: tuple[RepeatedStory, ...] = ()
    held: tuple[int, ...] = ()
    """Deliveries for which this digest stands."""

    @property
    def stories(self) -> int:
        """How many stories it tells or counts."""
        return sum(len(group.stories) + len(group.others) + group.left_out for group in self.groups)

    @property
    def sources(self) -> int:
        """How many publishers tell them."""
        return len({name for group in self.groups for told in (*group.stories, *group.others) for name in told.story.publishers})

    @property
    def empty(self) -> bool:
        """True when nothing was told and nothing was lost. Feeds in trouble alone make no digest."""
        return not self.groups and not self.perhaps and not self.undelivered and not self.again


class DigestCache:
    """What the digests of many chats share: stories, unusual counts, feeds in trouble; each read once in a transaction."""

    def __init__(self, store: Store, seeds: Seeds, now: datetime) -> None:
        self._store, self._seeds, self._now = store, seeds, now
        self._views: dict[int, StoryView | None] = {}
        self._feeds: dict[str, tuple[str, ...]] = {}
        self._unusual: tuple[UnusualCount, ...] | None = None

    def view(self, story: int) -> StoryView | None:
        """The story, or None when nothing is left of it."""
        if story not in self._views:
            self._views[story] = read_story(self._store, story, self._seeds)
        return self._views[story]

    def feeds(self, language: str) -> tuple[str, ...]:
        """Feeds in trouble."""
        if language not in self._feeds:
            self._feeds[language] = feeds_in_trouble(self._store, language, self._now)
        return self._feeds[language]

    def unusual(self) -> tuple[UnusualCount, ...]:
        """Unusual counts."""
        if self._unusual is None:
            self._unusual = unusual_counts(self._store, self._seeds, self._now)
        return self._unusual


def read_digest(
    store: Store,
    chat: Chat,
    on: date,
    period: HitRange,
    *,
    seeds: Seeds,
    now: datetime,
    common: DigestCache | None = None,
) -> Digest:
    """The chat's digest of the local date `on` about a period. `common` keeps what several chats' digests share in one transaction."""
    common = common or DigestCache(store, seeds, now)
    held = digest_rows.held_back(store, chat.id, now)
    reasons = {row.story: row.held for row in held if row.story is not None}
    stories = digest_rows.stories_of(store, period)
    before = digest_rows.previously_digested(store, chat.id, stories, period)
    told: list[tuple[float, DigestStory, RuleHit]] = []
    again: list[tuple[float, RepeatedStory]] = []
    for number in dict.fromkeys([*stories, *reasons]):
        view = common.view(number)
        if view is None or number in chat.settings.muted_stories:
            continue
        reason = next((hit for hit in view.reasons if chat_wants(chat.settings, hit)), None)
        if reason is None:
            continue
        was = before.get(number)
        known = was is not None and (not chat.settings.rules or not was.rules.isdisjoint(chat.settings.rules))
        news = added_since(view, was.items) if was is not None and known else ()
        if was is not None and known and not news and number not in reasons:
            since = sorted((source for source in view.sources if source.item not in was.items), key=latest_first)
            again.append((rank(view, now), RepeatedStory(view, tuple(since))))
        else:
            shown = _newest_first(view, was.items, news) if was is not None and news else view
            told.append((rank(view, now), DigestStory(shown, reasons.get(number, ""), news), reason))
    told.sort(key=lambda one: (-one[0], one[1].story.id))
    again.sort(key=lambda one: (-one[0], one[1].story.id))
    return Digest(
        chat=chat,
        on=on,
        groups=_groups([(story, reason) for _, story, reason in told], chat.settings.language),
        perhaps=tuple(UnconfirmedDelivery(row.id, row.line, row.lost) for row in digest_rows.perhaps_lost(store, chat.id)),
        undelivered=tuple(digest_rows.undelivered(store, chat.id, now)),
        feeds=common.feeds(chat.settings.language),
        unusual=common.unusual(),
        again=tuple(story for _, story in again),
        held=tuple(row.id for row in held),
    )


def _groups(told: Sequence[tuple[DigestStory, RuleHit]], language: str) -> tuple[RuleSection, ...]:
    """The stories, ranked already, by rule: first the rules that alert, among them the one with the best story."""
    by_rule: dict[str, list[DigestStory]] = {}
    heads: dict[str, RuleHit] = {}
    for story, reason in told:
        by_rule.setdefault(reason.rule, []).append(story)
        heads.setdefault(reason.rule, reason)
    order = sorted(by_rule, key=lambda rule: heads[rule].severity != "alert")
    return tuple(_group(rule, heads[rule].title_in(language), by_rule[rule]) for rule in order)


def _group(rule: str, title: str, stories: Sequence[DigestStory]) -> RuleSection:
    """The best of a rule in full, the others by their headlines; what was held back or has news is told in full always."""
    full = [story for at, story in enumerate(stories) if at < STORIES_PER_RULE or story.held or story.news]
    others = [story for at, story in enumerate(stories) if at >= STORIES_PER_RULE and not story.held and not story.news]
    return RuleSection(rule, title, tuple(full), tuple(others[:HEADLINES_PER_RULE]), max(0, len(others) - HEADLINES_PER_RULE))


def added_since(story: StoryView, told: frozenset[int]) -> tuple[str, ...]:
    """What the story's other items add to what these items told of it."""
    def statements(known: bool) -> list[Statement]:
        return [
            Statement(happening.type, happening.status, happening.amount, happening.currency or "", happening.parties)
            for happening in story.happenings
            if (happening.item in told) == known
        ]

    texts = [(f"{source.title}\n{source.body[:_OPENING]}", source.lang) for source in story.sources if source.item in told]
    sums = [amount for text, lang in texts for amount in figures(text, lang).sums]
    return developments(record_developments(Known(), statements(known=True), sums), statements(known=False))


def _newest_first(story: StoryView, told: frozenset[int], news: Sequence[str]) -> StoryView:
    """The story with the events that are news in front: a line that says "planned" beside the news that it is done would confuse."""
    kinds = {one.partition(":")[0] for one in news}
    return replace(
        story, happenings=tuple(sorted(story.happenings, key=lambda happening: happening.item in told or happening.type not in kinds))
    )


def rank(story: StoryView, now: datetime) -> float:
    """What comes first: the score; a doubling of the sources is worth 0.1 of it, and so is an event other than prices or results;
    a day of age costs 0.1, being paid for costs all."""
    age = max(0.0, (now - story.last_at) / DAY) if story.last_at else OLD
    happened = bool(story.happenings) and not story.happenings[0].behaviour.reports_figures
    return story.score + 0.1 * math.log2(max(1, len(story.publishers))) + 0.1 * happened - 0.1 * min(age, OLD) - 2.0 * story.sponsored


def due_digests(store: Store, seeds: Seeds, config: Config, now: datetime, *, charts: Mapping[str, bytes] | None = None) -> int:
    """Writes the digests that are due at `now` and missing; safe to call at any time, any number of times. Call it in a transaction.

    `charts`: pictures for chats, by id, drawn beforehand. A chat that was never seen before starts with its next digest time. What nobody
    expected in a chat's digest is logged, and the next run tries it again; the others get theirs. Returns the number of deliveries written.
    """
    from bot.digest.message import messages

    def make(chat: Chat, on: date) -> int:
        if not digest_rows.begun(store, chat.id, now):
            digest_rows.begin(store, chat.id, on, now)
            return 0
        period = digest_rows.next_period(store, chat.id)
        digest = read_digest(store, chat, on, period, seeds=seeds, now=now, common=common)
        parts = messages(digest, chart=(charts or {}).get(chat.id)) if config.digest.when_empty or not digest.empty else []
        return write_digest(store, digest, parts, period, now)

    written = 0
    common = DigestCache(store, seeds, now)
    for chat, on in digests_due(store, config, now):
        try:
            with store.atomic():
                written += make(chat, on)
        except (sqlite3.Error, StoreError):  # the database's trouble is everybody's
            raise
        except Exception as error:
            log.error("digest not made", chat=chat.id, date=on.isoformat(), error=f"{type(error).__name__}: {error}", exc_info=True)
    return written


def write_digest(store: Store, digest: Digest, parts: Sequence[Message], period: HitRange, now: datetime) -> int:
    """Writes the digest's rows and that the chat had it; returns how many deliveries. Nothing when it had one for that date."""
    chat, on = digest.chat, digest.on
    if not digest_rows.record(store, chat.id, on, up_to=period.up_to, parts=len(parts), now=now):
        return 0
    for number, message in enumerate(parts, 1):
        new = NewDelivery(chat.id, "digest", f"digest:{on.isoformat()}:{number}", message, now, part=number)
        deliveries.add(store, new, now)
    if parts:
        told = [*digest.held, *(perhap.delivery for perhap in digest.perhaps), *(undelivered.id for undelivered in digest.undelivered)]
        digest_rows.mark_covered(store, f"digest:{on.isoformat()}:1", told)
    return len(parts)


def write_now(store: Store, chat: Chat, on: date, seeds: Seeds, now: datetime) -> int:
    """Writes the digest of that date for the chat at once, whatever the hour; returns the number of deliveries, 0 when it had it before
    or it is empty. Call it in a transaction."""
    from bot.digest.message import messages

    period = period_of(store, chat, on, now)
    if digest_rows.digest_exists(store, chat.id, on):
        return 0
    digest = read_digest(store, chat, on, period, seeds=seeds, now=now)
    return 0 if digest.empty else write_digest(store, digest, messages(digest), period, now)


def digests_due(store: Store, config: Config, now: datetime) -> list[tuple[Chat, date]]:
    """Chats whose digest of a local date is due at `now` and not made, with that date; those whose digests have not begun too."""
    answer = []
    for chat in chat_rows.read_chats(store, chat_rows.default_settings(config)):
        if "digest" in chat.settings.send:
            on, due_at = digest_date(now, chat.settings.digest_at, chat.settings.timezone)
            if not digest_rows.begun(store, chat.id, now) or digest_rows.is_missing(store, chat.id, on, due_at, now):
                answer.append((chat, on))
    return answer


def period_of(store: Store, chat: Chat, on: date, now: datetime) -> HitRange:
    """The period that a digest of that local date is about, also of one that was never sent.

    A date whose digest went out: what that one covered. Today: from yesterday's digest time up to now. Any other: by the clock.
    A past date also has what was published on it and never was news: what archives hold of it, and the old part of a new feed's list.
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


async def send_due(thread: StoreThread, seeds: Seeds, config: Config, clock: Clock) -> int:
    """Writes the digests that are due, with their pictures; these are drawn outside the database's thread. What was held back from chats
    that get no digests is let out. Returns the rows written."""
    now = clock.now()
    released = 0
    if await thread.read(waiting_for_release, config):
        released = await thread.write(release_held, seeds, config, now)
    due = await thread.read(digests_due, config, now)
    if not due:
        return released
    charts: dict[str, bytes] = {}
    if config.digest.chart:
        with_pictures = [chat for chat, _ in due if chat.kind == "telegram"]
        from bot.digest.chart import draw_charts

        charts = await draw_charts(thread, with_pictures, seeds, now)
    return released + await thread.write(due_digests, seeds, config, now, charts=charts)
