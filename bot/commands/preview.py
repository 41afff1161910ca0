"""Defines preview_hits, which shows the stored items of the last 30 days that a draft would have matched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.commands.drafts import WatchDraft
from bot.commands.lookup import MONTH
from bot.store import Store
from bot.store.items import count_items, items_naming, items_with_events, read_item, read_match
from bot.store.search import search
from watchers.match.result import Hit, Match, Reason
from watchers.models.item import Item

if TYPE_CHECKING:
    from bot.commands.context import Services
    from seeds.load import Seeds

MAX_CANDIDATES = 400
"""Maximum items that are matched: a name that is found more often is too common."""
EXAMPLES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """The number of items that would have matched, the number of items examined, and the newest matches as (title, url, first reason)."""

    count: int
    looked: int
    titles: tuple[tuple[str, str, Reason | None], ...] = ()


async def preview_hits(services: Services, draft: WatchDraft, now: datetime) -> PreviewResult:
    """Reads candidates from the database and matches them in a thread."""
    if draft.empty:
        return PreviewResult(0, 0)
    looked, items = await services.thread.read(_candidates, draft, now)
    hits = await asyncio.to_thread(_hits, services.seeds, draft, items, services.config.match.salience)
    shown = tuple((item.title or item.text[:120], item.url, hit.reasons[0] if hit.reasons else None) for item, hit in hits[:EXAMPLES_SHOWN])
    return PreviewResult(len(hits), looked, shown)


def _candidates(store: Store, draft: WatchDraft, now: datetime) -> tuple[int, list[tuple[Item, Match]]]:
    """Returns the number of items in the period, and the items the draft may match, newest first."""
    since = now - MONTH
    looked = count_items(store, since=since)
    numbers: set[int] = set()
    phrases = (draft.name, *draft.names) if draft.what == "entity" else draft.words
    for phrase in phrases:
        numbers |= {one.item for one in search(store, '"' + phrase.replace('"', " ") + '"', since=since, limit=MAX_CANDIDATES)}
    if draft.what == "rule" and not draft.words:
        if draft.entities:
            numbers.update(items_naming(store, draft.entities, since=since, limit=MAX_CANDIDATES))
        else:
            numbers.update(items_with_events(store, draft.events, since=since, limit=MAX_CANDIDATES))
    items = []
    for number in sorted(numbers, reverse=True)[:MAX_CANDIDATES]:
        item = read_item(store, number)
        if item is not None:
            items.append((item, read_match(store, number)))
    return looked, items


def _hits(seeds: Seeds, draft: WatchDraft, items: Sequence[tuple[Item, Match]], salience: float) -> list[tuple[Item, Hit]]:
    """Returns the items that the draft matches, with the hit."""
    from dataclasses import replace

    from watchers.match.matcher import Matcher
    from watchers.match.rules import ItemFacts, RuleMatcher

    if draft.what == "entity" and not draft.events:
        entity = draft.entity().model_copy(update={"part_of": None, "of": None, "country": None, "beside_owner": False})
        alone = replace(seeds, entities={draft.id: entity}, events={}, rules={draft.rule().id: draft.rule()}, feeds=())
        matcher = Matcher(alone, salience=salience)
        return [(item, hit) for item, _ in items for hit in matcher.match(item).hits]
    if draft.what == "entity":
        with_it = replace(seeds, entities={**seeds.entities, draft.id: draft.entity()}, rules={draft.rule().id: draft.rule()}, feeds=())
        matcher = Matcher(with_it, salience=salience)
        return [(item, hit) for item, _ in items for hit in matcher.match(item).hits]
    names = {feed.url: feed.title for feed in seeds.feeds}
    book = RuleMatcher({draft.id: draft.rule()}, seeds.entities, seeds.events, feeds=names, only={}, threshold=salience)
    found: list[tuple[Item, Hit]] = []
    for item, match in items:
        together = "\n".join(part for part in (item.title, item.summary, item.text) if part)
        facts = ItemFacts(item.feed, match.lang, together, match.mentions, match.events, match.sponsored, match.salience, match.salience)
        found += [(item, hit) for hit in book.judge(facts, explain=False)[0]]
    return found
