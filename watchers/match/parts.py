"""Defines PartReader: who acted, on whom, for how much, where, when, how surely and who says so, for the events chosen in an item.

The sentence with the strongest trigger speaks first; what it leaves open is filled from the other sentences that tell the same, in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from seeds.entities import Entity
from seeds.events import EventType
from watchers.match.attribution import AGENCIES, trailing_source
from watchers.match.language_book import Reading, Told
from watchers.match.news import Telling
from watchers.match.result import Amount, Event, Named, Status
from watchers.match.roles import Party, group_after, group_before, parties, passive, place_of
from watchers.match.sentences import Sentence
from watchers.match.status import read_status
from watchers.match.when import When, read_dates

_SPEAKERS = ("company", "brand", "organization", "government", "person", "name", "noun")
_ORDER: tuple[Status, ...] = ("denied", "reported", "planned", "done")


class PartReader:
    """Reads the parts of events of one item. Sentences are taken apart at most once."""

    def __init__(
        self, types: Mapping[str, EventType], entities: Mapping[str, Entity], sentences: Sequence[Sentence], readings: Sequence[Reading],
        *, lang: str, published: date | None,
    ) -> None:
        self._types, self._entities = types, entities
        self._sentences, self._readings = sentences, readings
        self._lang, self._published = lang, published
        self._named: dict[int, list[Party]] = {}
        self._dates: dict[int, list[When]] = {}
        self._names = frozenset(
            token.word for sentence in sentences if not sentence.headline for token in sentence.tokens[1:] if token.text[0].isupper()
        )

    def event(self, telling: Telling) -> Event:
        """The event with its parts."""
        kind = self._types[telling.type]
        told = sorted(telling.told, key=lambda one: (one.sentence, -one.trigger.weight, one.start))
        order: list[Told] = []
        for one in told:
            if one.sentence not in {other.sentence for other in order}:
                order.append(one)
        order = order[:4]
        main = max(order, key=lambda one: (one.trigger.weight * (1.0 if one.sentence < 3 else 0.5), -one.sentence))
        actors, targets = self._parties(kind, [main, *(one for one in order if one is not main)])
        when = self._when(order)
        sentence = self._sentences[main.sentence]
        return Event(
            type=telling.type, actors=actors, targets=targets, amount=self._amount(kind, order), place=self._place(kind, order),
            date=when.iso if when else None, status=self._status(order), attributed_to=self._source(order),
            field=sentence.field, start=sentence.start, end=sentence.end,
        )

    def _parties_of(self, number: int, type_id: str) -> list[Party]:
        if number not in self._named:
            nouns = [span for spans in self._readings[number].nouns.values() for span in spans]
            self._named[number] = parties(self._sentences[number], self._entities, nouns, self._names)
        mine = set(self._readings[number].nouns.get(type_id, ()))
        return [one for one in self._named[number] if one.kind != "noun" or (one.start, one.end) in mine]

    def _parties(self, kind: EventType, order: Sequence[Told]) -> tuple[tuple[str | Named, ...], tuple[str | Named, ...]]:
        actors: list[Party] = []
        targets: list[Party] = []
        able = (*kind.actors, "noun", "name")
        touched = (*kind.targets, "name")
        for one in order:
            tokens = self._sentences[one.sentence].tokens
            named = self._parties_of(one.sentence, kind.id)
            turned = one.trigger.actor == "before" and passive(tokens, one.start, one.end, self._lang)
            side = "after" if turned else one.trigger.actor
            other = "before" if turned else one.trigger.target
            new: list[Party] = []
            if side in {"before", "both"}:
                new += group_before(tokens, named, one.start + 1, able)
            if side in {"after", "both"}:
                new += [each for each in group_after(tokens, named, one.start + 1, able) if each not in new]
            goals: list[Party] = []
            if other in {"before", "both"}:
                goals += group_before(tokens, named, one.start + 1, touched)
            if other in {"after", "both"}:
                goals += group_after(tokens, named, one.start + 1, touched)
            if not actors:
                actors = new
            if not targets:
                targets = [each for each in goals if each.value not in {acting.value for acting in new or actors}]
            if actors and targets:
                break
        if not actors:
            actors = self._main_party(kind)
        taken = {one.value for one in actors}
        return _values(actors), _values([one for one in targets if one.value not in taken])

    def _main_party(self, kind: EventType) -> list[Party]:
        """The first party of the item that could have acted: "the company", "hãng" and headlines without a subject mean it."""
        for number in range(min(3, len(self._sentences))):
            for one in self._parties_of(number, kind.id):
                if one.kind in kind.actors:
                    return [one]
        return []

    def _amount(self, kind: EventType, order: Sequence[Told]) -> Amount | None:
        if kind.amount is None:
            return None
        for one in order:
            tokens = self._sentences[one.sentence].tokens
            sums = [(at, token.money) for at, token in enumerate(tokens) if token.money is not None]
            anchors = [one.start] if not kind.amount else [start for start, _ in self._readings[one.sentence].amounts.get(kind.id, ())]
            choice = [(abs(at - anchor), at, money) for at, money in sums for anchor in anchors if not kind.amount or abs(at - anchor) <= 8]
            if choice:
                return min(choice, key=lambda each: each[:2])[2].amount
        return None

    def _place(self, kind: EventType, order: Sequence[Told]) -> str | None:
        if not kind.place:
            return None
        for one in order:
            found = place_of(self._sentences[one.sentence], self._parties_of(one.sentence, kind.id), one.start)
            if found:
                return found
        return None

    def _when(self, order: Sequence[Told]) -> When | None:
        for one in order:
            dates = self._dates_of(one.sentence)
            if dates:
                at = self._sentences[one.sentence].tokens[one.start].start - self._sentences[one.sentence].start
                return min(dates, key=lambda each: abs(each.start - at))
        return None

    def _dates_of(self, number: int) -> list[When]:
        if number not in self._dates:
            tokens = self._sentences[number].tokens
            text, last = "", tokens[0].start
            for token in tokens:
                text += " " * max(0, token.start - last) + token.text
                last = token.end
            self._dates[number] = read_dates(text, self._published)
        return self._dates[number]

    def _status(self, order: Sequence[Told]) -> Status:
        read: list[Status] = []
        for one in order[:3]:
            if one.trigger.status:
                read.append(one.trigger.status)
                continue
            dates = self._dates_of(one.sentence)
            read.append(read_status(self._readings[one.sentence].cues, one.start, one.end, ahead=any(each.ahead for each in dates)))
        return min(read, key=_ORDER.index, default="done")

    def _source(self, order: Sequence[Told]) -> str | None:
        """Whom the event is attributed to: an agency before a company that speaks for itself."""
        found: list[Party] = []
        numbers = [one.sentence for one in order]
        numbers += [number for number in range(min(3, len(self._sentences))) if number not in numbers]
        for number in numbers:
            sentence, reading = self._sentences[number], self._readings[number]
            if sentence.field == "title":
                tail = trailing_source([token.word for token in sentence.tokens])
                if tail:
                    return " ".join(token.text for token in sentence.tokens[tail[0]:tail[1]])
            named = self._parties_of(number, "")
            for _, end in reading.source_after:
                found += [one for one in named if one.start == end and one.kind in _SPEAKERS]
            for start, _ in reading.source_before:
                found += [one for one in named if one.end == start and one.kind in _SPEAKERS]
        agencies = [one for one in found if one.text.lower() in AGENCIES]
        choice = agencies or found
        return choice[0].text if choice else None


def _values(found: Sequence[Party]) -> tuple[str | Named, ...]:
    return tuple(dict.fromkeys(one.value for one in found))
