"""Defines which items of a look are news, which are known, and which are old ones that only now became visible.

Pure. "fresh" items may alert; "baseline" items are stored and searched and never alert; "seen" items are known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from watchers.models.item import Item
from watchers.models.polling import FeedState

Standing = Literal["fresh", "baseline", "seen"]

FIRST_LOOK_REACH = timedelta(days=1)
"""The first look at a feed alerts on nothing older, whatever the feed lists."""

MASS_UPDATE_MIN_ITEMS = 5
MASS_SHARE = 0.5
"""At least so many items, and this share of the listing, unseen at once: the feed was renewed, moved or opened its archive."""

WHOLE_SHARE = 0.9
"""Items without a date are taken for old only where nearly the whole listing is new: a busy page renews half of its own in a night."""

LATE = timedelta(days=2)
"""In such a mass, items published longer than this before the last good look are old ones."""


def classify(items: Sequence[Item], unseen: Sequence[bool], state: FeedState, now: datetime) -> tuple[Standing, ...]:
    """Gives the standing of each item. `unseen`: whether it is new, as `recognition` and the titles of a renewed feed say."""
    standings: list[Standing] = ["seen"] * len(items)
    count = sum(unseen)
    mass, whole = is_mass(count, len(items), state), count >= WHOLE_SHARE * len(items)
    for place in (place for place, new in enumerate(unseen) if new):
        standings[place] = _standing(items[place], state, now, mass=mass, whole=whole)
    return tuple(standings)


def is_mass(unseen: int, listed: int, state: FeedState) -> bool:
    """Whether so much of a listing is unseen at once that the feed was renewed, moved, or opened its archive."""
    return state.polls > 0 and unseen >= MASS_UPDATE_MIN_ITEMS and unseen >= MASS_SHARE * listed


def _standing(item: Item, state: FeedState, now: datetime, *, mass: bool, whole: bool) -> Standing:
    if state.polls == 0:
        return "fresh" if item.published and now - item.published <= FIRST_LOOK_REACH else "baseline"
    if not mass:
        return "fresh"
    if item.published is None:
        return "baseline" if whole else "fresh"
    last_look = min(state.last_ok_at or now, now)  # a clock that was ahead may have written it
    return "baseline" if item.published < last_look - LATE else "fresh"
