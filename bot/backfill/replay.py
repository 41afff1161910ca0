"""Defines replay, which matches stored items with changed rules and yields hits that appear and disappear, and write_appeared, which stores
the new ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.polling.live_stories import title_of
from bot.polling.matcher_thread import ItemMatcher
from bot.store import Store
from bot.store.hits import add_hits, rules_by_item, story_of_item
from bot.store.items import items_after, stored_item_time
from bot.store.stories import add_story
from watchers.match.result import Hit
from watchers.models.item import Item

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A hit that appears or disappears. `hit` is None if the stored hit would disappear."""

    item_id: int
    item: Item
    rule: str
    hit: Hit | None


def replay(store: Store, matcher: ItemMatcher, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Change]:
    """Yields, by item, each hit that today's rules give and that is not stored, and each stored hit that they no longer give. Writes
    nothing."""
    last_id = 0
    while True:
        items = items_after(store, last_id, limit=_BATCH)
        if not items:
            return
        last_id = items[-1][0]
        rules_of_items = rules_by_item(store, items[0][0], last_id)
        for item_id, item in items:
            published = item.published
            if published is not None and ((since and published < since) or (until and published >= until)):
                continue
            stored_rules = rules_of_items.get(item_id, set())
            hits = {hit.rule: hit for hit in matcher.match(item).hits}
            for rule in sorted(hits.keys() - stored_rules):
                yield Change(item_id, item, rule, hits[rule])
            for rule in sorted(stored_rules - hits.keys()):
                yield Change(item_id, item, rule, None)


def write_appeared(store: Store, changes: Sequence[Change], now: datetime) -> None:
    """Writes the hits that appeared, each into its item's story or a new one. Hits that disappeared are kept: they were sent already."""
    with store.atomic():
        for change in changes:
            if change.hit is None:
                continue
            story_id = story_of_item(store, change.item_id)
            if story_id is None:
                story_id = _new_story(store, change.item_id, change.item)
            add_hits(store, change.item_id, [change.hit], story=story_id, now=now, origin="backfill")


def _new_story(store: Store, item_id: int, item: Item) -> int:
    return add_story(store, item_id, title_of(item), at=stored_item_time(store, item_id), sponsored=item.sponsored)
