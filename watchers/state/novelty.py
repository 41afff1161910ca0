"""Classifies the items of a poll as new, known, or old but listed for the first time.

"fresh" items can alert. "baseline" items are stored and can be searched, but never alert. "seen" items are known. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from watchers.models.item import Item
from watchers.models.polling import FeedState

Novelty = Literal["fresh", "baseline", "seen"]

FIRST_POLL_MAX_AGE = timedelta(days=1)
"""Items of a feed's first poll that are older never alert."""

MASS_UPDATE_MIN_ITEMS = 5
MASS_SHARE = 0.5
"""If at least 5 items and half of the listing are new at once, the feed was renewed, moved or lists its archive."""

NEARLY_ALL_SHARE = 0.9
"""In a mass update, undated items count as old only if at least 90 % of the listing is new; busy pages replace half of their listing
overnight."""

LATE_AFTER = timedelta(days=2)
"""In a mass update, items published longer than this before the last successful poll are old."""


def classify(items: Sequence[Item], unseen: Sequence[bool], state: FeedState, now: datetime) -> tuple[Novelty, ...]:
    """Returns the novelty of each item. `unseen`: for each item, whether it is new (see `recognition`)."""
    novelties: list[Novelty] = ["seen"] * len(items)
    count = sum(unseen)
    mass, nearly_all = is_mass(count, len(items), state), count >= NEARLY_ALL_SHARE * len(items)
    for index in (index for index, new in enumerate(unseen) if new):
        novelties[index] = _novelty(items[index], state, now, mass=mass, nearly_all=nearly_all)
    return tuple(novelties)


def is_mass(unseen: int, listed: int, state: FeedState) -> bool:
    """Returns True if so many of the listed items are new at once that the feed was renewed, moved or lists its archive."""
    return state.polls > 0 and unseen >= MASS_UPDATE_MIN_ITEMS and unseen >= MASS_SHARE * listed


def _novelty(item: Item, state: FeedState, now: datetime, *, mass: bool, nearly_all: bool) -> Novelty:
    if state.polls == 0:
        return "fresh" if item.published and now - item.published <= FIRST_POLL_MAX_AGE else "baseline"
    if not mass:
        return "fresh"
    if item.published is None:
        return "baseline" if nearly_all else "fresh"
    last_poll = min(state.last_ok_at or now, now)  # last_ok_at is in the future if the clock was set back since
    return "baseline" if item.published < last_poll - LATE_AFTER else "fresh"
