"""Defines the turn that writes new items: the one way into the database for polls, the bundled documents and archives.

    items with keys and match ─► those nobody wrote meanwhile ─► items, seen, mentions, events
                                   └─ with hits ─► story ─► hits ─► deliveries (`PlanDeliveries`)

It runs on the writer thread inside a transaction, decides nothing about feeds, and touches no network.
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
from watchers.state.recognition import doubted, recognise


class PlanDeliveries(Protocol):
    """Writes the deliveries that an item's hits cause; called once for an item, after its hits and its story are written."""

    def __call__(self, store: Store, *, story: int, item: int, news: tuple[str, ...], baseline: bool, now: datetime) -> object:
        """`news`: what the item adds to a story that was told before. `baseline`: too old to be told as news."""
        ...


class IncomingItem(msgspec.Struct, frozen=True):
    """A new item as it comes to the turn."""

    found: MatchedItem
    baseline: bool = False
    """It is stored and its hits stand, but nobody is alerted."""
    again: int | None = None
    """The stored item of another feed that this one lists too: it is written only with hits that the other did not bring."""
    taken: tuple[str, ...] = ()
    """Known keys that stand for this item from now on."""
    shared: tuple[str, ...] = ()
    """Addresses that stand for another feed's item: for this one, if it has all the hits of that."""


class WriteResult(msgspec.Struct, frozen=True):
    """What a turn wrote: ids of items and hits."""

    items: tuple[int, ...] = ()
    hits: tuple[int, ...] = ()


def write_arrivals(
    store: Store,
    arrivals: Sequence[IncomingItem],
    *,
    feed: int | None,
    now: datetime,
    stories: LiveStories,
    tell: PlanDeliveries | None,
    origin: str = "poll",
) -> WriteResult:
    """Writes what is still new among `arrivals`, in order. Must run in a transaction; see `LiveStories` for what follows its end."""
    if any(arrival.found.match is not None and arrival.found.match.hits for arrival in arrivals):
        stories.begin(store, now)
    archived = origin != "poll"
    telling = partial(_tell, store, now=now, stories=stories, tell=tell, origin=origin)
    fresh = _with_more(store, arrivals, feed, now)
    ids = add_unseen(store, [item.found for item in fresh], feed, now, archived=archived)
    if ids is not None:
        return WriteResult(tuple(ids), _tell_all(store, ids, fresh, telling, now))
    written = WriteResult()
    # What one feed says is compared with what another has brought, its hits too: those must be written before.
    for _, group in groupby(fresh, key=lambda item: item.found.item.feed):
        new = _still_new(store, list(group), feed, now)
        ids = add_items(store, [item.found for item in new], feed, now, archived=archived)
        hits = _tell_all(store, ids, new, telling, now)
        written = WriteResult((*written.items, *ids), (*written.hits, *hits))
    return written


def _tell_all(
    store: Store, ids: Sequence[int], arrivals: Sequence[IncomingItem], telling: Callable[[int, IncomingItem], list[int]], now: datetime
) -> tuple[int, ...]:
    """Tells the hits of items that are written, and gives them the keys that they take; gives the ids of the hits."""
    hits: list[int] = []
    for number, item in zip(ids, arrivals, strict=True):
        if item.found.match is not None and item.found.match.hits:
            hits += telling(number, item)
    for number, item in zip(ids, arrivals, strict=True):
        if item.taken or item.shared:
            reassign_keys(store, [(key, number) for key in (*item.taken, *_outdone(store, item))], now)
    return tuple(hits)


def brings_more(item: Item, match: Match | None, before: Caught | None) -> bool:
    """Whether what a second feed says of an item brings hits that the item does not have; those of a paid text tell nobody."""
    rules = {hit.rule for hit in match.hits} if match is not None else set()
    told = before.rules if before is not None and (not before.sponsored or item.sponsored) else set()
    return not rules <= told


def _with_more(store: Store, arrivals: Sequence[IncomingItem], feed: int | None, now: datetime) -> Sequence[IncomingItem]:
    """Leaves out items that another feed listed and that bring nothing more; their keys are known from now on."""
    numbers = {arrival.again for arrival in arrivals if arrival.again is not None}
    if not numbers:
        return arrivals
    caught = rules_hit(store, numbers)
    kept = []
    for arrival in arrivals:
        if arrival.again is None or brings_more(arrival.found.item, arrival.found.match, caught.get(arrival.again)):
            kept.append(arrival)
        else:
            add_keys(store, [(key, arrival.again) for key in arrival.found.keys], feed, now)
    return kept


def _still_new(store: Store, arrivals: Sequence[IncomingItem], feed: int | None, now: datetime) -> Sequence[IncomingItem]:
    """Leaves out what another visit has written since this one looked, and the second of two equal items."""
    keys = [arrival.found.keys for arrival in arrivals]
    known = known_keys(store, [key for some in keys for key in some])
    stored = read_items(store, tuple(doubted(keys, known)))
    verdicts = recognise([arrival.found.item for arrival in arrivals], keys, known, stored, now, whole=False)
    fresh = []
    for item, verdict in zip(arrivals, verdicts, strict=True):
        if verdict.kind != "seen":
            fresh.append(
                IncomingItem(
                    MatchedItem(item.found.item, verdict.keys, item.found.match), item.baseline,
                    verdict.item if item.again is None else item.again,
                    (*item.taken, *verdict.taken), (*item.shared, *verdict.shared),
                )
            )  # fmt: skip
        elif verdict.place is None and verdict.item is not None:
            add_keys(store, [(key, verdict.item) for key in verdict.keys], feed, now)
    return _with_more(store, fresh, feed, now)


def _outdone(store: Store, item: IncomingItem) -> list[str]:
    """Those of the addresses an item shares with another feed's whose hits it has all: from now on they stand for it."""
    rules = {hit.rule for hit in item.found.match.hits} if item.found.match is not None else set()
    owners = known_keys(store, item.shared) if rules and item.shared else {}
    caught = rules_hit(store, {owner.item for owner in owners.values() if owner.item is not None}) if owners else {}
    return [key for key, owner in owners.items() if owner.item is None or owner.item not in caught or caught[owner.item].rules <= rules]


def _tell(
    store: Store, number: int, one: IncomingItem, *, now: datetime, stories: LiveStories, tell: PlanDeliveries | None, origin: str
) -> list[int]:
    item, match = one.found.item, one.found.match
    assert match is not None
    at = item_time(item.published, now, archived=origin != "poll")
    placement = stories.placement(item, match, at=at)
    story = stories.write(store, number, item, match, placement=placement, at=at)
    hits = add_hits(store, number, match.hits, story=story, now=now, origin=origin)
    if placement.story is not None:
        stories.write_joined(store, story, number, item, match, why=placement.why, at=at)
    if tell is not None:
        tell(store, story=story, item=number, news=placement.news, baseline=one.baseline, now=now)
    return hits
