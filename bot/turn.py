"""Defines the turn that writes new items: the one way into the database for polls, the bundled documents and archives.

    items with keys and match ─► those nobody wrote meanwhile ─► items, seen, mentions, events
                                   └─ with hits ─► story ─► hits ─► deliveries (`Tell`)

It runs on the writer thread inside a transaction, decides nothing about feeds, and touches no network.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from bot.store.hits import add_hits
from bot.store.items import Found, Seen, add_items, add_keys, add_unseen, item_time, known_keys
from bot.store.store import Store
from bot.story_keeper import StoryKeeper


class Tell(Protocol):
    """Writes the deliveries that an item's hits cause; called once for an item, after its hits and its story are written."""

    def __call__(self, store: Store, *, story: int, item: int, news: tuple[str, ...], baseline: bool, now: datetime) -> object:
        """`news`: what the item adds to a story that was told before. `baseline`: too old to be told as news."""
        ...


class Arrival(msgspec.Struct, frozen=True):
    """A new item as it comes to the turn."""

    found: Found
    baseline: bool = False
    """It is stored and its hits stand, but nobody is alerted."""


class Written(msgspec.Struct, frozen=True):
    """What a turn wrote: ids of items and hits."""

    items: tuple[int, ...] = ()
    hits: tuple[int, ...] = ()


_JUST_NOW = Seen(None, "")


def write_arrivals(
    store: Store,
    arrivals: Sequence[Arrival],
    *,
    feed: int | None,
    now: datetime,
    stories: StoryKeeper,
    tell: Tell | None,
    origin: str = "poll",
) -> Written:
    """Writes what is still new among `arrivals`, in order. Must run in a transaction; see `StoryKeeper` for what follows its end."""
    fresh, archived = arrivals, origin != "poll"
    ids = add_unseen(store, [one.found for one in arrivals], feed, now, archived=archived)
    if ids is None:
        fresh = _still_new(store, arrivals, feed, now)
        ids = add_items(store, [one.found for one in fresh], feed, now, archived=archived)
    hits: list[int] = []
    telling = [(number, one) for number, one in zip(ids, fresh, strict=True) if one.found.match is not None and one.found.match.hits]
    if telling:
        stories.begin(store, now)
    for number, one in telling:
        hits += _tell(store, number, one, now=now, stories=stories, tell=tell, origin=origin)
    return Written(tuple(ids), tuple(hits))


def _still_new(store: Store, arrivals: Sequence[Arrival], feed: int | None, now: datetime) -> list[Arrival]:
    """Leaves out what another visit has written since this one looked, and the second of two equal items."""
    known = known_keys(store, [key for one in arrivals for key in one.found.keys])
    fresh = []
    for one in arrivals:
        seen = next((known[key] for key in one.found.keys if key in known), None)
        if seen is None:
            known.update((key, _JUST_NOW) for key in one.found.keys)
            fresh.append(one)
        elif seen.item is not None:
            add_keys(store, [(key, seen.item) for key in one.found.keys if key not in known], feed, now)
    return fresh


def _tell(store: Store, number: int, one: Arrival, *, now: datetime, stories: StoryKeeper, tell: Tell | None, origin: str) -> list[int]:
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
