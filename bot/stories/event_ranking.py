"""Defines rank_events: which event of a story messages show first, and which events a later item has superseded.

Pure. A digest must not repeat a plan that was carried out since, or news that was denied since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.stories.view import EventView

_EARLY = 400
"""Code points: about two sentences; later sentences are background as often as news."""

_SETTLED = frozenset({"done", "denied"})
_SHARE = 4
"""An outcome counts when at least one in four items with the type has it: one odd reading among many does not count."""


def is_minority(counts: Mapping[str, int], key: str) -> bool:
    """True for a key with less than half of the highest count: one odd reading among eighteen does not name the story."""
    return counts[key] * 2 < max(counts.values())


@dataclass(frozen=True, slots=True)
class EventContext:
    """The facts about a story that decide which of its events comes first."""

    types: Collection[str]
    """Event types that the rules look for."""
    entities: Collection[str]
    """Entities that the rules look for and the items name."""
    lead_item: int
    sponsored_items: Collection[int]
    times: Mapping[int, datetime | None]
    """When each item was published, by item id."""


def rank_events(events: Sequence[EventView], context: EventContext) -> tuple[list[EventView], int | None]:
    """The events, the one to show first at the front and those that a later item superseded at the end; and the item that settles the
    event of the lead (None where no item does)."""
    items_by_type = Counter(kind for kind, _ in {(event.type, event.item_id) for event in events})
    ranked = sorted(events, key=lambda event: (is_minority(items_by_type, event.type), *_rank(event, context)))
    settling = {kind: _settling(ranked, kind, context) for kind in items_by_type}
    superseded = [any(_settles(later, event, context) for later in settling[event.type]) for event in ranked]
    current = [event for event, is_over in zip(ranked, superseded, strict=True) if not is_over]
    over = [event for event, is_over in zip(ranked, superseded, strict=True) if is_over]
    if not over or not superseded[0]:
        return current + over, None
    first = ranked[0]
    outcome = next((event for event in current if _settles(event, first, context) and event.item_id not in context.sponsored_items), None)
    if outcome is None:
        return current + over, None
    return [outcome, *(event for event in current if event is not outcome), *over], outcome.item_id


def _settling(events: Sequence[EventView], kind: str, context: EventContext) -> list[EventView]:
    """Events of the type that say how it ended, where enough items say so."""
    alike = [event for event in events if event.type == kind]
    items = len({event.item_id for event in alike})
    items_by_status = Counter(status for status, _ in {(event.status, event.item_id) for event in alike})
    return [
        event
        for event in alike
        if event.status in _SETTLED and event.item_id not in context.sponsored_items and items_by_status[event.status] * _SHARE >= items
    ]


def _settles(outcome: EventView, event: EventView, context: EventContext) -> bool:
    """True where `outcome` says later how `event` ended, and the two have a participant in common. Without both times, neither is later."""
    later, earlier = context.times[outcome.item_id], context.times[event.item_id]
    if outcome.type != event.type or outcome.status == event.status or outcome.status not in _SETTLED:
        return False
    if later is None or earlier is None or later <= earlier:
        return False
    return not outcome.parties or not event.parties or bool(outcome.parties & event.parties)


def _rank(event: EventView, context: EventContext) -> tuple[bool | int, ...]:
    """Sorts events, the one to show first: what the rules look for, of whom they look for, from the lead, in its title or early on, a deed
    before talk, and with most arguments."""
    arguments = sum(bool(part) for part in (event.actors, event.targets, event.amount, event.place, event.date, event.attributed_to))
    return (
        event.item_id in context.sponsored_items,
        bool(context.types) and event.type not in context.types,
        event.parties.isdisjoint(context.entities),
        event.item_id != context.lead_item,
        not (event.in_title or event.start < _EARLY),
        not event.behaviour.deed,
        not event.in_title,
        -arguments,
    )
