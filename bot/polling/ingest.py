"""Defines write_arrivals, the only way by which polls, bundled documents and archives write new items.

    items with keys and match ─► drop those stored since ─► items, seen, mentions, events
                                   └─ with hits ─► story ─► hits ─► deliveries (`PlanDeliveries`)

It runs on the writer thread inside a transaction. It makes no decisions about feeds and does no network I/O.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from itertools import groupby
from typing import Protocol

import msgspec

from bot.polling.live_stories import LiveStories
from bot.store.hits import add_hits
from bot.store.items import (
    Caught,
    MatchedItem,
    add_items,
    add_keys,
    add_unseen,
    item_time,
    known_keys,
    read_items,
    reassign_keys,
    rules_hit,
)
from bot.store.store import Store
from watchers.match.result import Match
from watchers.models.item import Item
from watchers.state.recognition import items_to_compare, recognise
from watchers.stories.developments import Development


class PlanDeliveries(Protocol):
    """Writes the deliveries that the hits of an item cause. Called once per item, after its hits and its story are written."""

    def __call__(
        self, store: Store, *, story: int, item: int, developments: tuple[Development, ...], baseline: bool, now: datetime
    ) -> object:
        """`developments`: what the item adds to a known story. `baseline`: the item is too old to be alerted on."""
        ...


class IncomingItem(msgspec.Struct, frozen=True):
    """A new item to be written."""

    matched: MatchedItem
    baseline: bool = False
    """Whether the item and its hits are stored without alerts."""
    stored_item_id: int | None = None
    """The stored item of another feed that is the same; this one is only written if it has hits that the stored one lacks."""
    reassigned_keys: tuple[str, ...] = ()
    """Stored identity keys that belong to this item from now on."""
    shared_keys: tuple[str, ...] = ()
    """Addresses that identify an item of another feed. They are reassigned to this one if it has all hits of that item."""


class WriteResult(msgspec.Struct, frozen=True):
    """The ids of the written items and hits."""

    items: tuple[int, ...] = ()
    hits: tuple[int, ...] = ()


def write_arrivals(
    store: Store,
    arrivals: Sequence[IncomingItem],
    *,
    feed: int | None,
    now: datetime,
    stories: LiveStories,
    plan_deliveries: PlanDeliveries | None,
    origin: str = "poll",
) -> WriteResult:
    """Writes the `arrivals` that are still new, in order. Must run in a transaction; see `LiveStories` for the calls around it."""
    if any(arrival.matched.match is not None and arrival.matched.match.hits for arrival in arrivals):
        stories.begin_transaction(store, now)
    archived = origin != "poll"
    write_hits = partial(_write_hits, store, now=now, stories=stories, plan_deliveries=plan_deliveries, origin=origin)
    new = _drop_repeats(store, arrivals, feed, now)
    ids = add_unseen(store, [item.matched for item in new], feed, now, archived=archived)
    if ids is not None:
        return WriteResult(tuple(ids), _write_all_hits(store, ids, new, write_hits, now))
    result = WriteResult()
    # Items are compared with stored items of other feeds and their hits, so each feed's items are written before the next feed's.
    for _, group in groupby(new, key=lambda item: item.matched.item.feed):
        group_new = _drop_stored(store, list(group), feed, now)
        ids = add_items(store, [item.matched for item in group_new], feed, now, archived=archived)
        hits = _write_all_hits(store, ids, group_new, write_hits, now)
        result = WriteResult((*result.items, *ids), (*result.hits, *hits))
    return result


def _write_all_hits(
    store: Store, ids: Sequence[int], arrivals: Sequence[IncomingItem], write_hits: Callable[[int, IncomingItem], list[int]], now: datetime
) -> tuple[int, ...]:
    """Writes the hits of items that are stored already and reassigns identity keys to them; returns the ids of the hits."""
    hits: list[int] = []
    for item_id, arrival in zip(ids, arrivals, strict=True):
        if arrival.matched.match is not None and arrival.matched.match.hits:
            hits += write_hits(item_id, arrival)
    for item_id, arrival in zip(ids, arrivals, strict=True):
        if arrival.reassigned_keys or arrival.shared_keys:
            reassign_keys(store, [(key, item_id) for key in (*arrival.reassigned_keys, *_superseded_keys(store, arrival))], now)
    return tuple(hits)


def adds_hits(item: Item, match: Match | None, stored: Caught | None) -> bool:
    """Whether the match of another feed's copy has hits that the stored item lacks. Hits of a sponsored stored item do not count."""
    rules = {hit.rule for hit in match.hits} if match is not None else set()
    stored_rules = stored.rules if stored is not None and (not stored.sponsored or item.sponsored) else set()
    return not rules <= stored_rules


def _drop_repeats(store: Store, arrivals: Sequence[IncomingItem], feed: int | None, now: datetime) -> Sequence[IncomingItem]:
    """Drops items that another feed listed and that add no hits; stores their identity keys."""
    item_ids = {arrival.stored_item_id for arrival in arrivals if arrival.stored_item_id is not None}
    if not item_ids:
        return arrivals
    stored_hits = rules_hit(store, item_ids)
    remaining = []
    for arrival in arrivals:
        if arrival.stored_item_id is None or adds_hits(
            arrival.matched.item, arrival.matched.match, stored_hits.get(arrival.stored_item_id)
        ):
            remaining.append(arrival)
        else:
            add_keys(store, [(key, arrival.stored_item_id) for key in arrival.matched.keys], feed, now)
    return remaining


def _drop_stored(store: Store, arrivals: Sequence[IncomingItem], feed: int | None, now: datetime) -> Sequence[IncomingItem]:
    """Drops items that another visit has written since this one planned, and the second of two equal items."""
    keys = [arrival.matched.keys for arrival in arrivals]
    stored_keys = known_keys(store, [key for item_keys in keys for key in item_keys])
    stored_items = read_items(store, tuple(items_to_compare(keys, stored_keys)))
    verdicts = recognise([arrival.matched.item for arrival in arrivals], keys, stored_keys, stored_items, now, is_complete=False)
    new = []
    for arrival, verdict in zip(arrivals, verdicts, strict=True):
        if verdict.kind != "seen":
            new.append(
                IncomingItem(
                    MatchedItem(arrival.matched.item, verdict.keys, arrival.matched.match), arrival.baseline,
                    verdict.item if arrival.stored_item_id is None else arrival.stored_item_id,
                    (*arrival.reassigned_keys, *verdict.taken), (*arrival.shared_keys, *verdict.shared),
                )
            )  # fmt: skip
        elif verdict.place is None and verdict.item is not None:
            add_keys(store, [(key, verdict.item) for key in verdict.keys], feed, now)
    return _drop_repeats(store, new, feed, now)


def _superseded_keys(store: Store, arrival: IncomingItem) -> list[str]:
    """Returns those shared addresses whose stored item has no hits that this one lacks; they are reassigned to this item."""
    rules = {hit.rule for hit in arrival.matched.match.hits} if arrival.matched.match is not None else set()
    owners = known_keys(store, arrival.shared_keys) if rules and arrival.shared_keys else {}
    stored_hits = rules_hit(store, {owner.item for owner in owners.values() if owner.item is not None}) if owners else {}
    return [
        key
        for key, owner in owners.items()
        if owner.item is None or owner.item not in stored_hits or stored_hits[owner.item].rules <= rules
    ]


def _write_hits(
    store: Store,
    item_id: int,
    arrival: IncomingItem,
    *,
    now: datetime,
    stories: LiveStories,
    plan_deliveries: PlanDeliveries | None,
    origin: str,
) -> list[int]:
    item, match = arrival.matched.item, arrival.matched.match
    assert match is not None
    published_at = item_time(item.published, now, archived=origin != "poll")
    placement = stories.placement(item, match, published_at=published_at)
    story_id = stories.write(store, item_id, item, match, placement=placement, published_at=published_at)
    hit_ids = add_hits(store, item_id, match.hits, story=story_id, now=now, origin=origin)
    if placement.story is not None:
        stories.write_joined(store, story_id, item_id, item, match, why=placement.why, published_at=published_at)
    if plan_deliveries is not None:
        plan_deliveries(store, story=story_id, item=item_id, developments=placement.developments, baseline=arrival.baseline, now=now)
    return hit_ids
