"""Defines Telling and `choose`: which of the happenings that an item names are its news.

A trigger counts by where it stands: the title says what the news is, the first sentence says it again, the rest is background. Types
that are not reported (a match report, a price list) compete and hide what they outweigh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seeds.events import EventType
from watchers.match.language_book import Reading, Told
from watchers.match.sentences import Sentence

BY_PLACE = (1.0, 0.75, 0.5, 0.35)
"""What a trigger counts in the title (or the first sentence where there is no title), the sentence after it, the next, the next."""
LATER = 0.12
ENOUGH = 0.5
"""A type is the news from here on: one sure trigger in title or first sentence, or several further down."""
SHARE = 0.4
"""And from this share of the strongest type's weight on."""
MOST = 3
"""Types that an ordinary item reports at most."""
LONG = 12
"""Sentences from which on an item is a long document: each sentence that tells a whole event of known parties counts there."""


@dataclass(frozen=True, slots=True)
class Telling:
    """An event type that the item reports, the triggers that tell it (the strongest first), and how strongly (0 to 1 and more)."""

    type: str
    told: tuple[Told, ...]
    weight: float


def choose(types: Mapping[str, EventType], sentences: Sequence[Sentence], readings: Sequence[Reading]) -> list[Telling]:
    """The events that are the item's news, the strongest first."""
    factors = _factors(sentences)
    excluded: set[str] = set()
    for sentence, reading in zip(sentences, readings, strict=True):
        if sentence.field == "title":
            excluded |= reading.excluded
    weights: dict[str, float] = defaultdict(float)
    told: dict[str, list[tuple[float, Told]]] = defaultdict(list)
    for reading, factor in zip(readings, factors, strict=True):
        best: dict[str, float] = defaultdict(float)
        for one in reading.told:
            if one.type in excluded or not _counts(one, sentences):
                continue
            weight = factor * one.trigger.weight
            best[one.type] = max(best[one.type], weight)
            told[one.type].append((weight, one))
        for type_id, weight in best.items():
            # Two independent signs together are surer than one, never surer than certain.
            weights[type_id] = 1 - (1 - weights[type_id]) * (1 - min(weight, 0.98))
    strongest = max((weight for type_id, weight in weights.items() if types[type_id].reported), default=0.0)
    hidden = _hidden(types, weights)
    chosen = [Telling(type_id, tuple(one for _, one in sorted(told[type_id], key=lambda pair: -pair[0])), weight)
              for type_id, weight in weights.items()
              if types[type_id].reported and type_id not in hidden and weight >= ENOUGH and weight >= SHARE * strongest]
    chosen.sort(key=lambda one: -one.weight)
    return chosen[:MOST]


def _factors(sentences: Sequence[Sentence]) -> list[float]:
    """What a trigger counts in each sentence. All sentences of a title are the title."""
    factors = []
    place = 1 if sentences[0].field == "title" else 0
    for sentence in sentences:
        if sentence.field == "title":
            factors.append(BY_PLACE[0])
        else:
            factors.append(BY_PLACE[place] if place < len(BY_PLACE) else LATER)
            place += 1
    return factors


def _counts(one: Told, sentences: Sequence[Sentence]) -> bool:
    sentence = sentences[one.sentence]
    if one.trigger.where == "title":
        return sentence.field == "title"
    if one.trigger.where == "lead":
        return sentence.field == "title" or sentence.index < 2
    return True


def _hidden(types: Mapping[str, EventType], weights: Mapping[str, float]) -> set[str]:
    hidden: set[str] = set()
    for type_id, weight in weights.items():
        if types[type_id].reported or weight < ENOUGH:
            continue
        hidden |= {one for one in (types[type_id].hides or types) if weights.get(one, 0.0) <= weight}
    return hidden
