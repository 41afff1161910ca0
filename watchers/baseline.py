"""Defines which items of a look are news, which are known, and which are old ones that only now became visible.

Pure. "fresh" items may alert; "baseline" items are stored and searched and never alert; "seen" items are known.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Literal

from watchers.identity import plain_title
from watchers.items import Item
from watchers.watcher import FeedState

Standing = Literal["fresh", "baseline", "seen"]

FIRST_LOOK_REACH = timedelta(days=1)
"""The first look at a feed alerts on nothing older, whatever the feed lists."""

MASS = 5
MASS_SHARE = 0.5
"""At least so many items, and this share of the listing, unseen at once: the feed was renewed, moved or opened its archive."""

WHOLE_SHARE = 0.9
"""Items without a date are taken for old only where nearly the whole listing is new: a busy page renews half of its own in a night."""

LATE = timedelta(days=2)
"""In such a mass, items published longer than this before the last good look are old ones."""


def classify(
    items: Sequence[Item],
    keys: Sequence[Sequence[str]],
    known: Collection[str],
    state: FeedState,
    now: datetime,
    *,
    titles: Collection[str] = (),
) -> tuple[Standing, ...]:
    """Gives the standing of each item. `known` holds those of `keys` that the store has seen before (any order, extras do no harm).

    An item is seen when a key of it is known, or was met on an earlier item of the same look. Where a mass of items is unseen at once
    (`is_mass`), a title among `titles`, the plain ones of the same feed's stored items, is enough: that is how a new content system with
    new guids and new addresses looks.
    """
    standings = _standings(keys, known)
    unseen = standings.count("fresh")
    if not unseen:
        return tuple(standings)
    first = state.polls == 0
    mass = _is_mass(unseen, len(items), state)
    for place, item in enumerate(items):
        if standings[place] != "fresh":
            continue
        if first:
            standings[place] = "fresh" if item.published and now - item.published <= FIRST_LOOK_REACH else "baseline"
        elif mass:
            standings[place] = _in_mass(item, titles, state, now, whole=unseen >= WHOLE_SHARE * len(items))
    return tuple(standings)


def _standings(keys: Sequence[Sequence[str]], known: Collection[str]) -> list[Standing]:
    """"seen" where a key is known or was met before, else "fresh"."""
    if not known:  # a first look as a rule: mostly no two items share a key, which is seen from all of them together
        every = list(chain.from_iterable(keys))
        if len(set(every)) == len(every):
            return ["fresh"] * len(keys)
    standings: list[Standing] = []
    met: set[str] = set()
    for own in keys:
        standings.append("seen" if any(key in known or key in met for key in own) else "fresh")
        met.update(own)
    return standings


def is_mass(keys: Sequence[Sequence[str]], known: Collection[str], state: FeedState) -> bool:
    """Whether so much of a listing is unseen that `classify` wants the titles of what is stored."""
    return state.polls > 0 and len(keys) >= MASS and _is_mass(_standings(keys, known).count("fresh"), len(keys), state)


def _is_mass(unseen: int, listed: int, state: FeedState) -> bool:
    return state.polls > 0 and unseen >= MASS and unseen >= MASS_SHARE * listed


def _in_mass(item: Item, titles: Collection[str], state: FeedState, now: datetime, *, whole: bool) -> Standing:
    if plain_title(item.title) in titles:
        return "seen"
    if item.published is None:
        return "baseline" if whole else "fresh"
    last_look = min(state.last_ok_at or now, now)  # a clock that was ahead may have written it
    return "baseline" if item.published < last_look - LATE else "fresh"
