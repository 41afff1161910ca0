"""Defines NameBook: which names stand in an item and are meant, as Mentions with places in the text as given.

Two steps: the scanner says where spellings stand (cheap, for every item), then conditions, the longest name and the sense of the whole item
decide (only where something was found). Pure; built once from the entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from seeds.entities import Entity, Name
from watchers.match.conditions import Reading, Whole, meant
from watchers.match.fold import fold, spellings
from watchers.match.result import Field, Mention
from watchers.match.scan import Found, Scanner

FIELDS: tuple[Field, ...] = ("title", "summary", "text")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name found between word borders, not yet known to be meant."""

    entity: str
    name: Name
    fallback: bool
    field: Field
    start: int
    end: int


class NameBook:
    """All names of all entities, ready to be found."""

    def __init__(self, entities: Mapping[str, Entity]) -> None:
        self._groups = {one: topmost(one, entities) for one in entities}
        self._beside = {one.id: one.part_of for one in entities.values() if one.beside_owner and one.part_of}
        numbers: dict[str, int] = {}
        self._meanings: list[list[tuple[str, Name, bool]]] = []
        for entity in sorted(entities.values(), key=lambda one: one.id):
            for name in entity.all_names():
                for spelling, fallback in spellings(name.text).items():
                    number = numbers.setdefault(spelling, len(numbers))
                    if number == len(self._meanings):
                        self._meanings.append([])
                    self._meanings[number].append((entity.id, name, fallback))
        for meanings in self._meanings:
            if len(meanings) > 1:
                meanings.sort(key=lambda one: (one[2], one[1].bare, one[0]))
        self.scanner = Scanner(tuple(numbers))

    def group(self, entity: str) -> str | None:
        """The topmost group an entity belongs to, or None."""
        return self._groups.get(entity)

    def find(self, fields: Mapping[Field, str], lang: str) -> tuple[tuple[Mention, ...], dict[Field, Reading]]:
        """The mentions of an item in reading order, and the fields as they were read (empty where no name was found)."""
        found: list[tuple[Field, list[Found]]] = []
        any_found = False
        for field in FIELDS:
            given = fields.get(field, "")
            if not given:
                continue
            folded = fold(given)
            places = self.scanner.scan(folded)
            any_found = any_found or bool(places)
            found.append((field, places))
        if not any_found:
            return (), {}
        readings = {field: Reading(field, fields[field], lang) for field, _ in found}
        whole = Whole(readings.values())
        kept: list[tuple[Candidate, Reading]] = []
        for field, places in found:
            reading = readings[field]
            kept += [(one, reading) for one in self._meant(places, reading, whole)]
        return tuple(self._mention(one, reading) for one, reading in self._one_sense(kept)), readings

    def _meant(self, places: Iterable[Found], reading: Reading, whole: Whole) -> list[Candidate]:
        """The candidates whose conditions hold; of overlapping ones the longest, then the first."""
        taken = bytearray(len(reading.text))
        kept: list[Candidate] = []
        for place in sorted(places, key=lambda one: (one.start - one.end, one.start, one.spelling)):
            if taken.find(1, place.start, place.end) >= 0:
                continue
            for entity, name, fallback in self._meanings[place.spelling]:
                if meant(name, fallback, reading, place.start, place.end, whole):
                    kept.append(Candidate(entity, name, fallback, reading.field, place.start, place.end))
                    taken[place.start : place.end] = b"\x01" * (place.end - place.start)
                    break
        return sorted(kept, key=lambda one: one.start)

    def _one_sense(self, kept: list[tuple[Candidate, Reading]]) -> list[tuple[Candidate, Reading]]:
        """Drops products whose owner is not named."""
        if not self._beside:
            return kept
        named = {one.entity for one, _ in kept if one.entity not in self._beside}
        owners = named | {group for one in named if (group := self._groups.get(one))}
        return [(one, reading) for one, reading in kept if one.entity not in self._beside or self._beside[one.entity] in owners]

    def _mention(self, one: Candidate, reading: Reading) -> Mention:
        start, end = reading.folded.back(one.start, one.end)
        return Mention(one.entity, reading.given[start:end], one.field, start, end, self._groups.get(one.entity))


def topmost(entity: str, entities: Mapping[str, Entity]) -> str | None:
    """The last of the chain of `part_of`, or None where there is none; a circle ends where it closes."""
    seen = {entity}
    parent = entities[entity].part_of
    while parent is not None and parent in entities and parent not in seen:
        seen.add(parent)
        above = entities[parent].part_of
        if above is None or above in seen:
            return parent
        parent = above
    return parent if parent is not None and parent in entities else None
