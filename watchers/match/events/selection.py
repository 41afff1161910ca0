"""Defines ReportedEvent and `select_events`: which of the happenings that an item names are its news.

A trigger counts by where it stands: the title says what the news is, the first sentence says it again, the rest is background. Types
that are not reported (a match report, a price list) compete and hide what they outweigh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from seeds.events import EventType
from watchers.match.events.pattern_catalog import ItemSentenceMatches, TriggerMatch
from watchers.match.language.sentences import Sentence

POSITION_WEIGHTS = (1.0, 0.75, 0.5, 0.35)
"""What a trigger counts in the title (or the first sentence where there is no title), the sentence after it, the next, the next."""
BACKGROUND_WEIGHT = 0.12
OTHER_COMPANY_FACTOR = 0.4
"""And of that, what it counts in a sentence about other companies than those of the title, or about years long past."""
ENOUGH = 0.5
"""A type is the news from here on: one sure trigger in title or first sentence, or several further down."""
SECONDARY_THRESHOLD = 0.6
"""A type that the title does not tell, where the title tells another, is news only from here on: a sure trigger in the first sentence."""
SHARE = 0.68
"""And from this share of the strongest type's weight on."""
MOST = 3
"""Types that an ordinary item reports at most."""


class ReportedEvent(msgspec.Struct, frozen=True):
    """An event type that the item reports, the triggers that tell it (the strongest first), and how strongly (0 to 1 and more)."""

    type: str
    told: tuple[TriggerMatch, ...]
    weight: float


def select_events(
    types: Mapping[str, EventType], sentences: Sequence[Sentence], readings: ItemSentenceMatches, year: int | None = None
) -> list[ReportedEvent]:
    """The events that are the item's news, the strongest first. `year` is that of publication, where known."""
    excluded: set[str] = set()
    for number, sentence in enumerate(sentences):
        if sentence.field == "title":
            excluded |= readings[number].excluded
    weights: dict[str, float] = defaultdict(float)
    told: dict[str, list[tuple[float, TriggerMatch]]] = defaultdict(list)
    for number, factor in _factors(sentences, [number for number in readings.telling if readings[number].told], year):
        reading = readings[number]
        best: dict[str, float] = defaultdict(float)
        for match in reading.told:
            if match.type in excluded or not _counts(match, sentences):
                continue
            weight = factor * match.trigger.weight
            best[match.type] = max(best[match.type], weight)
            told[match.type].append((weight, match))
        for type_id, weight in best.items():
            # Two independent signs together are surer than one, never surer than certain.
            weights[type_id] = 1 - (1 - weights[type_id]) * (1 - min(weight, 0.98))
    in_title = {type_id for type_id, pairs in told.items()
                if types[type_id].reported and any(sentences[match.sentence].field == "title" for _, match in pairs)}
    strongest = max((weight for type_id, weight in weights.items() if types[type_id].reported), default=0.0)
    hidden = _hidden(types, weights)
    chosen = [ReportedEvent(type_id, tuple(match for _, match in sorted(told[type_id], key=lambda pair: -pair[0])), weight)
              for type_id, weight in weights.items()
              if types[type_id].reported and type_id not in hidden and weight >= SHARE * strongest
              and weight >= (ENOUGH if type_id in in_title or not in_title else SECONDARY_THRESHOLD)]
    chosen.sort(key=lambda event: -event.weight)
    return chosen[:MOST]


def _factors(sentences: Sequence[Sentence], telling: Sequence[int], year: int | None) -> Iterator[tuple[int, float]]:
    """What a trigger counts in each sentence of `telling`. All sentences of a title are the title; a sentence that names companies, and
    none of those that the title names, tells of others."""
    titles = [sentence for sentence in sentences if sentence.field == "title"]
    titled = _companies(titles)
    before = len(titles) - 1 if titles and sentences[0].field == "title" else 0
    for number in telling:
        sentence = sentences[number]
        if sentence.field == "title":
            yield number, POSITION_WEIGHTS[0]
            continue
        place = number - before
        named = _companies((sentence,))
        of_others = place > 1 and bool(titled and named and not titled & named)
        background = of_others or _history(sentence, year)
        yield (
            number,
            (POSITION_WEIGHTS[place] if place < len(POSITION_WEIGHTS) else BACKGROUND_WEIGHT)
            * (OTHER_COMPANY_FACTOR if background else 1.0),
        )


def _history(sentence: Sentence, year: int | None) -> bool:
    """Whether the sentence tells of years long before publication: three and more."""
    years = [int(token.text) for token in sentence.tokens if len(token.text) == 4 and token.text.isdecimal()]
    return year is not None and any(1900 <= one <= year - 3 for one in years) and not any(one >= year for one in years)


def _companies(sentences: Iterable[Sentence]) -> set[str]:
    """The companies named, with the groups that they belong to."""
    mentions = [token.mention for sentence in sentences for token in sentence.tokens if token.mention and token.word == "{company}"]
    return {mention.entity for mention in mentions} | {mention.part_of for mention in mentions if mention.part_of}


def _counts(match: TriggerMatch, sentences: Sequence[Sentence]) -> bool:
    sentence = sentences[match.sentence]
    if match.trigger.where == "title":
        return sentence.field == "title"
    if match.trigger.where == "lead":
        return sentence.field == "title" or sentence.index < 2
    return True


def _hidden(types: Mapping[str, EventType], weights: Mapping[str, float]) -> set[str]:
    hidden: set[str] = set()
    for type_id, weight in weights.items():
        if types[type_id].reported or weight < ENOUGH:
            continue
        hidden |= {hide for hide in (types[type_id].hides or types) if weights.get(hide, 0.0) <= weight}
    return hidden
