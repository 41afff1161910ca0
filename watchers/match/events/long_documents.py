"""Defines `with_whole_sentences`: the further events of a long document, whose news is more than its headline.

A feed item reports what its title says. An article of many sentences tells of several things: there, a sentence that tells a whole event
(sure words, a known party that acts, and a known party acted on, a sum, a place or a date) counts by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from seeds.events import EventType
from watchers.match.events.arguments import ArgumentReader
from watchers.match.events.pattern_catalog import ItemSentenceMatches
from watchers.match.events.selection import ReportedEvent
from watchers.match.language.sentences import Sentence
from watchers.match.result import Event

LONG = 14
"""Sentences from which on an item is a long document: an article's page, not a feed's title and teaser (2 to 5)."""
MIN_WEIGHT = 0.9
"""The weight of a trigger whose words alone tell of the event."""
MOST = 9
"""Events of a long document at most."""


def is_long(sentences: Sequence[Sentence]) -> bool:
    """Whether the item is a long document."""
    return len(sentences) >= LONG


def with_whole_sentences(
    events: Sequence[Event], types: Mapping[str, EventType], readings: ItemSentenceMatches, parts: ArgumentReader
) -> list[Event]:
    """`events` with those that single sentences tell whole; an event that several sentences tell stands once, with the parts of all."""
    found = list(events)
    for reading in (readings[number] for number in readings.telling):
        for type_id in dict.fromkeys(
            match.type for match in reading.told if types[match.type].reported and match.trigger.weight >= MIN_WEIGHT
        ):
            told = tuple(match for match in reading.told if match.type == type_id)
            event = parts.event(ReportedEvent(type_id, told, 1.0))
            if event is None:
                continue
            known = next((place for place, one in enumerate(found) if _same(one, event)), None)
            if known is not None:
                found[known] = _together(found[known], event)
            elif len(found) < MOST and parts.acts_itself(told[0]) and _whole(event, types[type_id]):
                found.append(event)
    return found


def _whole(event: Event, kind: EventType) -> bool:
    """Whether nothing is left open that makes an event. What states do (rules, bans, treaties) is told without sum, place or target."""
    details = (any(isinstance(target, str) for target in event.targets) or len(event.actors) > 1, event.amount, event.place, event.date)
    return any(isinstance(actor, str) for actor in event.actors) and (any(details) or kind.actors[0] == "government")


def _same(event: Event, other: Event) -> bool:
    """Whether two sentences tell of one event: the same type, somebody acting in both, and no part in which they differ."""
    if event.type != other.type or not (set(event.actors) <= set(other.actors) or set(other.actors) <= set(event.actors)):
        return False
    return all(mine is None or yours is None or mine == yours for mine, yours in ((event.amount, other.amount), (event.date, other.date)))


def _together(event: Event, other: Event) -> Event:
    targets = event.targets or tuple(target for target in other.targets if target not in event.actors)
    return replace(
        event, targets=targets, amount=event.amount or other.amount, place=event.place or other.place, date=event.date or other.date
    )
