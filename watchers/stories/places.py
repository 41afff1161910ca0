"""Defines EventPlace: where an event of a headline happens, and whether two scenes can be one.

Pure. Hanoi can be in Vietnam and Yen Phong in Bac Ninh; Can Tho cannot be in My Tho. Only what both texts leave open lets two places pass
for one: that one is written as part of the other, is known to the other text, or is a state which may hold the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from watchers.match.result import Event, Match
from watchers.stories.concepts import CITIES, PLACES, REGIONS
from watchers.stories.terms import fold, stem, terms, tokens

_STATES = frozenset({"=us", *("=" + place for place in PLACES if place not in CITIES)})
_REGIONS = frozenset("=" + region for region in REGIONS)
_CITIES = {"=" + city: "=" + state for city, state in CITIES.items()}


def unknown(places: frozenset[str], there: frozenset[str], told: Collection[str]) -> frozenset[str]:
    """Those of the places that another item, whose title names the places `there` and whose terms are `told`, does not know: neither by
    their name nor as their state, nor as a city of theirs."""
    found = places.difference(told)
    if not found or not there:
        return found
    states = {_CITIES.get(place) for place in there}
    return frozenset(place for place in found if place not in states and _CITIES.get(place) not in there)


class EventPlace(NamedTuple):
    """An event's type with its place: the whole name as words in one form, the place's own sign, and the state that it is part of, ""
    where that is unknown. A state is its own."""

    kind: str
    words: tuple[str, ...]
    sign: str
    state: str


def scenes(title: str, match: Match) -> tuple[EventPlace, ...]:
    """Where the events happen whose place stands in the title. What else a text names is mostly background, or where it was written."""
    placed = [event for event in match.events if event.place and event.place in title]
    return tuple(dict.fromkeys(_scene(event, match) for event in placed)) if placed else ()


def _scene(event: Event, match: Match) -> EventPlace:
    place = event.place or ""
    words, sign, state = _read(place)
    if not state:
        found = next((mention for mention in match.mentions if mention.text == place), None)
        if found:
            sign, state = "@" + found.entity, _read(found.part_of)[2] if found.part_of else ""
    return EventPlace(event.type, words, sign, state)


@lru_cache(maxsize=4_096)
def _read(place: str) -> tuple[tuple[str, ...], str, str]:
    read = tokens(place)
    words = tuple(fold(stem(token.word)) for token in read)
    found = [term for term, _ in terms(read)]
    if len(found) == 1 and (found[0] in _STATES or found[0] in _REGIONS):
        return words, found[0], found[0]
    if len(found) == 1 and found[0] in _CITIES:
        return words, found[0], _CITIES[found[0]]
    return words, "".join(words), ""


def places_conflict(
    some: Iterable[EventPlace], others: Collection[EventPlace], known: Collection[str], known_there: Collection[str]
) -> bool:
    """True where both tell an event of one kind, and no place of the one can be a place of the other.

    `known` and `known_there` are the terms of the two texts.
    """
    met = False
    for place in some:
        for other in others:
            if place.kind == other.kind:
                if _may_be_one(place, other) or _names(known_there, place) or _names(known, other):
                    return False
                met = True
    return met


def _may_be_one(place: EventPlace, other: EventPlace) -> bool:
    if place.sign == other.sign or _REGIONS & {place.sign, other.sign}:
        return True
    if place.sign in _STATES or other.sign in _STATES:
        return not place.state or not other.state or place.state == other.state
    mine, yours = "".join(place.words), "".join(other.words)
    return mine in yours or yours in mine


def _names(known: Collection[str], scene: EventPlace) -> bool:
    """Whether a text has a place's every word, or the place as one term. A word that texts of every kind use ("Can") is never kept and
    so never found: the whole name is not there then."""
    return scene.sign in known or all(word in known or "~" + word in known for word in scene.words)
