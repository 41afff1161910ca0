"""Defines Digest, the message about a period: what stands in it (read here), when it is due, and how it becomes deliveries.

    digests (how far the last one reached) ─► hits after it ─► stories by rule, ranked ─┐
    deliveries held back or perhaps lost ───────────────────────────────────────────────┼─► Digest ─► parts ─► rows of `deliveries`
    feeds in trouble, counts that are unusual ──────────────────────────────────────────┘

Once for a chat and local date: the row of `digests` and the parts are written in one transaction, so running twice, late, or after a
restart changes nothing. Periods reach from hit to hit, not from time to time: a clock that jumps loses none and repeats none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.alerts import wants
from bot.deliver.message import Message
from bot.digest_facts import Unusual, feeds_in_trouble, unusual_counts
from bot.local_time import digest_date, first_instant_at, local_date
from bot.store import chats as chat_rows
from bot.store import deliveries
from bot.store import digests as digest_rows
from bot.store.chats import Chat
from bot.store.deliveries import NewDelivery
from bot.telling import StoryView, read_story

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.config import Config
    from bot.store import Store, StoreThread
    from bot.store.digests import Period
    from seeds.load import Seeds

STORIES_PER_RULE = 12
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """A story in a digest. `held`: why its alert was kept back ("quiet", "cap", "flood"), or ""."""

    story: StoryView
    held: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The stories of one rule, best first."""

    rule: str
    title: str
    stories: tuple[Told, ...]
    left_out: int = 0
    """How many more there were."""


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A message that may not have arrived: its answers were lost, each time it was sent."""

    delivery: int
    line: str
    times: int


@dataclass(frozen=True, slots=True)
class Digest:
    """All that a chat's digest of a local date says."""

    chat: Chat
    on: date
    groups: tuple[Group, ...]
    perhaps: tuple[Perhaps, ...] = ()
    feeds: tuple[str, ...] = ()
    """What is wrong with feeds, one each."""
    unusual: tuple[Unusual, ...] = ()
    held: tuple[int, ...] = ()
    """Deliveries for which this digest stands."""

    @property
    def stories(self) -> int:
        """How many stories it tells or counts."""
        return sum(len(group.stories) + group.left_out for group in self.groups)

    @property
    def sources(self) -> int:
        """How many publishers tell them."""
        return len({name for group in self.groups for told in group.stories for name in told.story.publishers})

    @property
    def empty(self) -> bool:
        """True when nothing was told and nothing was lost. Feeds in trouble alone make no digest."""
        return not self.groups and not self.perhaps


class Common:
    """What the digests of many chats share: stories, unusual counts, feeds in trouble; each read once in a transaction."""

    def __init__(self, store: Store, seeds: Seeds, now: datetime) -> None:
        self._store, self._seeds, self._now = store, seeds, now
        self._views: dict[int, StoryView | None] = {}
        self._feeds: dict[str, tuple[str, ...]] = {}
        self._unusual: tuple[Unusual, ...] | None = None

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

    def unusual(self) -> tuple[Unusual, ...]:
        """Unusual counts."""
        if self._unusual is None:
            self._unusual = unusual_counts(self._store, self._seeds, self._now)
        return self._unusual


def read_digest(
    store: Store,
    chat: Chat,
    on: date,
    period: Period,
    *,
    seeds: Seeds,
    now: datetime,
    common: Common | None = None,
) -> Digest:
    """The chat's digest of the local date `on` about a period. `common` keeps what several chats' digests share in one transaction."""
    common = common or Common(store, seeds, now)
    held = digest_rows.held_back(store, chat.id, now)
    reasons = {row.story: row.held for row in held if row.story is not None}
    told: list[tuple[float, Told, str, str]] = []
    for number in dict.fromkeys([*digest_rows.stories_of(store, period), *reasons]):
        view = common.view(number)
        if view is None or number in chat.settings.muted_stories:
            continue
        reason = next((one for one in view.reasons if wants(chat.settings, one)), None)
        if reason is not None:
            told.append((rank(view, now), Told(view, reasons.get(number, "")), reason.rule, reason.title_in(chat.settings.language)))
    told.sort(key=lambda one: (-one[0], one[1].story.id))
    by_rule: dict[str, list[Told]] = {}
    titles = {}
    for _, story, rule, title in told:
        by_rule.setdefault(rule, []).append(story)
        titles[rule] = title
    groups = tuple(Group(rule, titles[rule], *_cut(stories)) for rule, stories in by_rule.items())
    return Digest(
        chat=chat,
        on=on,
        groups=groups,
        perhaps=tuple(Perhaps(row.id, row.line, row.lost) for row in digest_rows.perhaps_lost(store, chat.id)),
        feeds=common.feeds(chat.settings.language),
        unusual=common.unusual(),
        held=tuple(row.id for row in held),
    )


def _cut(stories: Sequence[Told]) -> tuple[tuple[Told, ...], int]:
    """The best of a rule; what was held back is never among those left out."""
    kept = [one for at, one in enumerate(stories) if at < STORIES_PER_RULE or one.held]
    return tuple(kept), len(stories) - len(kept)


def rank(story: StoryView, now: datetime) -> float:
    """What comes first: the score; a doubling of the sources is worth 0.1 of it, a day of age costs 0.1, being paid for costs all."""
    age = max(0.0, (now - story.last_at) / DAY)
    return story.score + 0.1 * math.log2(max(1, len(story.publishers))) - 0.1 * min(age, 5.0) - 2.0 * story.sponsored


def due_digests(store: Store, seeds: Seeds, config: Config, now: datetime, *, charts: Mapping[str, bytes] | None = None) -> int:
    """Writes the digests that are due at `now` and missing; safe to call at any time, any number of times. Call it in a transaction.

    `charts`: pictures for chats, by id, drawn beforehand. A chat that was never seen before starts with its next digest time.
    Returns the number of deliveries written.
    """
    from bot.digest_message import messages

    written = 0
    common = Common(store, seeds, now)
    for chat, on in digests_due(store, config, now):
        if not digest_rows.known(store, chat.id):
            digest_rows.begin(store, chat.id, on, now)
            continue
        period = digest_rows.next_period(store, chat.id)
        digest = read_digest(store, chat, on, period, seeds=seeds, now=now, common=common)
        parts = messages(digest, chart=(charts or {}).get(chat.id)) if config.digest.when_empty or not digest.empty else []
        written += write_digest(store, digest, parts, period, now)
    return written


def write_digest(store: Store, digest: Digest, parts: Sequence[Message], period: Period, now: datetime) -> int:
    """Writes the digest's rows and that the chat had it; returns how many deliveries. Nothing when it had one for that date."""
    chat, on = digest.chat, digest.on
    if not digest_rows.record(store, chat.id, on, up_to=period.up_to, parts=len(parts), now=now):
        return 0
    for number, message in enumerate(parts, 1):
        new = NewDelivery(chat.id, "digest", f"digest:{on.isoformat()}:{number}", message, now, part=number)
        deliveries.add(store, new, now)
    if parts:
        digest_rows.stand_for(store, f"digest:{on.isoformat()}:1", [*digest.held, *(one.delivery for one in digest.perhaps)])
    return len(parts)


def write_now(store: Store, chat: Chat, on: date, seeds: Seeds, now: datetime) -> int:
    """Writes the digest of that date for the chat at once, whatever the hour; returns the number of deliveries, 0 when it had it before
    or it is empty. Call it in a transaction."""
    from bot.digest_message import messages

    period = period_of(store, chat, on, now)
    if digest_rows.had(store, chat.id, on):
        return 0
    digest = read_digest(store, chat, on, period, seeds=seeds, now=now)
    return 0 if digest.empty else write_digest(store, digest, messages(digest), period, now)


def digests_due(store: Store, config: Config, now: datetime) -> list[tuple[Chat, date]]:
    """Chats whose digest of a local date is due at `now` and not written, with that date."""
    answer = []
    for chat in chat_rows.read_chats(store, chat_rows.default_settings(config)):
        if "digest" in chat.settings.send:
            on, _ = digest_date(now, chat.settings.digest_at, chat.settings.timezone)
            if not digest_rows.had(store, chat.id, on):
                answer.append((chat, on))
    return answer


def period_of(store: Store, chat: Chat, on: date, now: datetime) -> Period:
    """The period that a digest of that local date is about, also of one that was never sent.

    A date whose digest went out: what that one covered. Today: from yesterday's digest time up to now. Any other: by the clock.
    """
    settings = chat.settings
    today = local_date(now, settings.timezone)
    if on != today:
        covered = digest_rows.period_had(store, chat.id, on)
        if covered is not None:
            return covered
    since = first_instant_at(on - DAY, settings.digest_at, settings.timezone)
    until = now if on == today else first_instant_at(on, settings.digest_at, settings.timezone)
    return digest_rows.period_between(store, since, until)


async def send_due(thread: StoreThread, seeds: Seeds, config: Config, clock: Clock) -> int:
    """Writes the digests that are due, with their pictures; these are drawn outside the database's thread. Returns the rows written."""
    now = clock.now()
    due = await thread.read(digests_due, config, now)
    if not due:
        return 0
    charts: dict[str, bytes] = {}
    if config.digest.chart:
        with_pictures = [chat for chat, _ in due if chat.kind == "telegram"]
        from bot.digest_picture import draw_charts

        charts = await draw_charts(thread, with_pictures, seeds, now)
    return await thread.write(due_digests, seeds, config, now, charts=charts)
