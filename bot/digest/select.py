"""Defines select, which decides the content of a digest from values: stories of a range, earlier digests, held deliveries, the chat.

Pure: no database, no clock. `bot.digest.schedule` reads the inputs.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.alerts.plan import chat_wants
from bot.digest.model import Digest, DigestStory, FeedTrouble, RepeatedStory, RuleSection, UnusualCount
from bot.stories.view import RuleHit, StoryView, latest_first
from watchers.stories.developments import Development, Known, Statement, developments, record_developments
from watchers.stories.figures import figures

if TYPE_CHECKING:
    from bot.store.chats import Chat
    from bot.store.digests import HeldDelivery, PreviousDigest, UnarrivedDelivery

STORIES_PER_RULE = 12
HEADLINES_PER_RULE = 30
"""Further stories of a rule, shown by their headlines alone."""
OLD = 5.0
"""Days after which age costs no more; a story without a time counts as this old."""
_OPENING = 1_000
"""Code points of an item's text whose sums count as known."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DigestInputs:
    """The facts from which a digest is selected."""

    chat: Chat
    on: date
    """The local date of the digest."""
    stories: Sequence[StoryView]
    """Stories with a hit in the range, and stories of held alerts."""
    previous: Mapping[int, PreviousDigest] = field(default_factory=dict)
    """By story id, what the chat's earlier digests contained of it."""
    held: Sequence[HeldDelivery] = ()
    unconfirmed: Sequence[UnarrivedDelivery] = ()
    undelivered: Sequence[UnarrivedDelivery] = ()
    feeds: Sequence[FeedTrouble] = ()
    unusual: Sequence[UnusualCount] = ()


def select(inputs: DigestInputs, now: datetime) -> Digest:
    """The chat's digest. Stories that the chat muted or did not ask for are dropped, the others are ranked and grouped by rule."""
    chat = inputs.chat
    held = {delivery.story: delivery.held for delivery in inputs.held if delivery.story is not None}
    stories: list[tuple[DigestStory, RuleHit]] = []
    repeated: list[RepeatedStory] = []
    for view in sorted(inputs.stories, key=lambda story: (-rank(story, now), story.id)):
        hit = next((hit for hit in view.reasons if chat_wants(chat.settings, hit)), None)
        if hit is None or view.id in chat.settings.muted_stories:
            continue
        previous = inputs.previous.get(view.id)
        if previous is None or (chat.settings.rules and previous.rules.isdisjoint(chat.settings.rules)):
            stories.append((DigestStory(view, held.get(view.id, "")), hit))
        elif (added := added_since(view, previous.items)) or view.id in held:
            shown = _developments_first(view, previous.items, added) if added else view
            stories.append((DigestStory(shown, held.get(view.id, ""), added), hit))
        else:
            since = sorted((source for source in view.sources if source.item_id not in previous.items), key=latest_first)
            repeated.append(RepeatedStory(view, tuple(since)))
    return Digest(
        chat=chat,
        on=inputs.on,
        sections=_sections(stories, chat.settings.language),
        unconfirmed=tuple(inputs.unconfirmed),
        undelivered=tuple(inputs.undelivered),
        feeds=tuple(inputs.feeds),
        unusual=tuple(inputs.unusual),
        repeated=tuple(repeated),
        held_ids=tuple(delivery.id for delivery in inputs.held),
    )


def _sections(ranked: Sequence[tuple[DigestStory, RuleHit]], language: str) -> tuple[RuleSection, ...]:
    """The ranked stories by rule: first the rules that alert, among them the rule with the best story."""
    by_rule: dict[str, list[DigestStory]] = {}
    first_hits: dict[str, RuleHit] = {}
    for story, hit in ranked:
        by_rule.setdefault(hit.rule, []).append(story)
        first_hits.setdefault(hit.rule, hit)
    order = sorted(by_rule, key=lambda rule: first_hits[rule].severity != "alert")
    return tuple(_section(rule, first_hits[rule].title_in(language), by_rule[rule]) for rule in order)


def _section(rule: str, title: str, stories: Sequence[DigestStory]) -> RuleSection:
    """The best stories of a rule in full, the others by headline. A story that was held back or has a development is always in full."""
    full = [story for at, story in enumerate(stories) if at < STORIES_PER_RULE or story.held or story.developments]
    rest = [story for at, story in enumerate(stories) if at >= STORIES_PER_RULE and not story.held and not story.developments]
    return RuleSection(rule, title, tuple(full), tuple(rest[:HEADLINES_PER_RULE]), max(0, len(rest) - HEADLINES_PER_RULE))


def added_since(story: StoryView, known_items: Collection[int]) -> tuple[Development, ...]:
    """The developments that the story's other items add to these items."""

    def statements(known: bool) -> list[Statement]:
        return [
            Statement(event.type, event.status, event.amount, event.currency or "", event.parties)
            for event in story.events
            if (event.item_id in known_items) == known
        ]

    texts = [(f"{source.title}\n{source.body[:_OPENING]}", source.lang) for source in story.sources if source.item_id in known_items]
    sums = [amount for text, lang in texts for amount in figures(text, lang).sums]
    return developments(record_developments(Known(), statements(known=True), sums), statements(known=False))


def _developments_first(story: StoryView, known_items: Collection[int], added: Sequence[Development]) -> StoryView:
    """The story with the events of its developments in front: "planned" must not lead where the development says "done"."""
    types = {development.event_type for development in added}
    events = sorted(story.events, key=lambda event: event.item_id in known_items or event.type not in types)
    return replace(story, events=tuple(events))


def rank(story: StoryView, now: datetime) -> float:
    """The order of stories, higher first: the score, plus 0.1 for each doubling of the publishers and for an event other than prices
    or results, minus 0.1 for each day of age; a sponsored story comes last."""
    age = max(0.0, (now - story.last_at) / DAY) if story.last_at else OLD
    has_event = bool(story.events) and not story.events[0].behaviour.reports_figures
    return story.score + 0.1 * math.log2(max(1, len(story.publishers))) + 0.1 * has_event - 0.1 * min(age, OLD) - 2.0 * story.sponsored
