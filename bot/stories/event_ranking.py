"""Defines in_order: which event of a story messages show first, and which are told no more because a later item knows better.

Pure. A plan that was carried out, and news that was denied, must not stand in a digest as they were first told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.stories.build import EventView

_EARLY = 400
"""Code points: about two sentences; what stands later is background as often as news."""

_SETTLED = frozenset({"done", "denied"})
_SHARE = 4
"""One of so many items that tell of a type must say so before it settles anything: one odd reading among many is none."""


def is_minority(counts: Mapping[str, int], one: str) -> bool:
    """True for what less than half as many items say as say the commonest: one odd reading among eighteen does not name the story."""
    return counts[one] * 2 < max(counts.values())


def rank_events(
    happenings: Sequence[EventView],
    *,
    wanted: Collection[str],
    looked_for: Collection[str],
    lead: int,
    paid: Collection[int],
    at: Mapping[int, datetime | None],
) -> tuple[list[EventView], int | None]:
    """The events, the one to show first, and the item that settles what the lead told (None where nothing does).

    `wanted`: types that the rules look for; `looked_for`: entities; `lead`: the leading item; `paid`: sponsored items; `at`: when each
    item told it.
    """
    told_by = Counter(kind for kind, _ in {(happening.type, happening.item) for happening in happenings})
    ranked = sorted(
        happenings,
        key=lambda happening: (is_minority(told_by, happening.type), *_telling_rank(happening, set(wanted), set(looked_for), lead, paid)),
    )
    settling = {kind: _settling(ranked, kind, paid) for kind in told_by}
    settled = [any(_settles(other, event, at) for other in settling[event.type]) for event in ranked]
    current = [event for event, over in zip(ranked, settled, strict=True) if not over]
    over = [event for event, past in zip(ranked, settled, strict=True) if past]
    if not over or not settled[0]:
        return current + over, None
    news = next((event for event in current if _settles(event, ranked[0], at) and event.item not in paid), None)
    if news is None:
        return current + over, None
    return [news, *(event for event in current if event is not news), *over], news.item


def _settling(happenings: Sequence[EventView], kind: str, paid: Collection[int]) -> list[EventView]:
    """Events of the type that say how it ended, where enough items say so."""
    alike = [happening for happening in happenings if happening.type == kind]
    items = len({event.item for event in alike})
    by_status = Counter(status for status, _ in {(event.status, event.item) for event in alike})
    return [event for event in alike if event.status in _SETTLED and event.item not in paid and by_status[event.status] * _SHARE >= items]


def _settles(news: EventView, told: EventView, at: Mapping[int, datetime | None]) -> bool:
    """True where the one says later how the other ended, of somebody who stands in both. Of two of which one has no time, none is later."""
    later, earlier = at[news.item], at[told.item]
    if news.type != told.type or news.status == told.status or news.status not in _SETTLED:
        return False
    if later is None or earlier is None or later <= earlier:
        return False
    return not news.parties or not told.parties or bool(news.parties & told.parties)


def _telling_rank(event: EventView, wanted: set[str], looked_for: set[str], lead: int, paid: Collection[int]) -> tuple[bool | int, ...]:
    """Sorts events, the one to show first: what the rules look for, of whom they look for, told by the lead, in its title or early on,
    a deed before talk, and with the most said about it."""
    said = sum(bool(part) for part in (event.actors, event.targets, event.amount, event.place, event.date, event.attributed_to))
    return (
        event.item in paid,
        bool(wanted) and event.type not in wanted,
        not looked_for & event.parties,
        event.item != lead,
        not (event.in_title or event.start < _EARLY),
        not event.behaviour.deed,
        not event.in_title,
        -said,
    )
