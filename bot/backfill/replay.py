"""Defines replay: changed rules over what is stored already; what appears and what disappears."""

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
    """A rule and an item between which something changed. `hit` is None where the hit would no longer be there."""

    number: int
    item: Item
    rule: str
    hit: Hit | None


def replay(store: Store, matcher: ItemMatcher, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Change]:
    """Each hit that today's rules give and that is not stored, and each stored one that they no longer give, by item. Writes nothing."""
    after = 0
    while True:
        items = items_after(store, after, limit=_BATCH)
        if not items:
            return
        after = items[-1][0]
        stored = rules_by_item(store, items[0][0], after)
        for item_id, item in items:
            when = item.published
            if when is not None and ((since and when < since) or (until and when >= until)):
                continue
            known = stored.get(item_id, set())
            hits = {hit.rule: hit for hit in matcher.match(item).hits}
            for rule in sorted(hits.keys() - known):
                yield Change(item_id, item, rule, hits[rule])
            for rule in sorted(known - hits.keys()):
                yield Change(item_id, item, rule, None)


def write_appeared(store: Store, changes: Sequence[Change], now: datetime) -> None:
    """Writes the hits that appeared, each into its item's story, or a new one. Those that disappeared stay: they were told."""
    with store.atomic():
        for change in changes:
            if change.hit is None:
                continue
            story = story_of_item(store, change.number)
            if story is None:
                story = _new_story(store, change.number, change.item)
            add_hits(store, change.number, [change.hit], story=story, now=now, origin="backfill")


def _new_story(store: Store, number: int, item: Item) -> int:
    return add_story(store, number, title_of(item), at=stored_item_time(store, number), sponsored=item.sponsored)
