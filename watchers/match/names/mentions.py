"""Defines NameMatcher: which names stand in an item and are meant, as Mentions with places in the text as given.

Two steps: the scanner says where spellings stand (cheap, for every item), then conditions, the longest name and the sense of the whole item
decide (only where something was found). Pure; built once from the entities.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

import msgspec

from seeds.entities import Entity, Name
from watchers.match.language.vietnamese_names import is_common_phrase, is_syllable
from watchers.match.names.conditions import FieldContext, ItemContext, NameOccurrence, are_initials, conditions_hold, written_right
from watchers.match.names.scanner import Scanner, SpellingHit
from watchers.match.names.spacy_ner import SpacyRecognizer, fits
from watchers.match.names.surnames import as_surname, ends_with_surname, inside_a_name, person_goes_on
from watchers.match.result import Field, Mention
from watchers.text.added_accents import accent_gates, bare_letters, names_without_accents
from watchers.text.fold import UNEVEN, FoldedText, fold, level, spellings

BESIDE = 40
"""Characters on each side in which the signs of another name stand."""
MOST_PLACES = 500
"""Of one spelling in one field, the first ones: a text made to hurt repeats a name 28,000 times, which took a second; a long article of
real ones names its subject a hundred times."""
_WITH_SURNAMES = frozenset(("company", "brand"))
FIELDS: tuple[Field, ...] = ("title", "summary", "text")


class NameCandidate(msgspec.Struct, frozen=True, gc=False):
    """A name that is meant, at a place of the folded field."""

    entity: str
    field: Field
    start: int
    end: int


Kept = tuple[NameCandidate, FieldContext]


class NameMatches(msgspec.Struct, frozen=True):
    """What a pass over an item found. `readings` is empty where no name stands; `signal` tells that one of the signals was met."""

    mentions: tuple[Mention, ...]
    readings: dict[Field, FieldContext]
    signal: bool


class NameMatcher:
    """All names of all entities, ready to be found."""

    def __init__(self, entities: Mapping[str, Entity], signals: Sequence[bytes] = (), recognizer: SpacyRecognizer | None = None) -> None:
        """`signals` are pieces of UTF-8 to be looked for in the same pass; `find` tells whether one was met."""
        self._groups = {one: topmost(one, entities) for one in entities}
        self._beside = {one.id: one.part_of for one in entities.values() if one.beside_owner and one.part_of}
        self._kinds = {one.id: one.kind for one in entities.values()}
        self._syllables = {one.id for one in entities.values()
                           if one.kind == "government" and any(is_syllable(fold(name.text)) for name in one.all_names())}
        """States with a name of one syllable, which other names hold too: "Mỹ"."""
        self._recognizer = recognizer
        self._foreign: set[tuple[str, str]] = set()
        """Names of capitals that are not the initials of another name of their entity."""
        numbers: dict[str, int] = {}
        self._meanings: list[list[tuple[str, Name, bool]]] = []
        for entity in sorted(entities.values(), key=lambda one: one.id):
            for name in entity.all_names():
                others = (one for one in entity.all_names() if one is not name)
                if _letters(name) and not any(are_initials(fold(one.text), fold(name.text)) for one in others):
                    self._foreign.add((entity.id, name.text))
                for spelling, fallback in spellings(name.text).items():
                    number = numbers.setdefault(spelling, len(numbers))
                    if number == len(self._meanings):
                        self._meanings.append([])
                    self._meanings[number].append((entity.id, name, fallback))
        self._typed = len(numbers)
        """Spellings as names have them; the numbers from here on are names without accents, looked for in the text without its own."""
        bare: dict[str, int] = {}
        gates: set[str] = set()
        for entity in sorted(entities.values(), key=lambda one: one.id):
            for name in names_without_accents(entity):
                number = bare.setdefault(fold(name.text), self._typed + len(bare))
                if number == len(self._meanings):
                    self._meanings.append([])
                self._meanings[number].append((entity.id, name, False))
                gates |= accent_gates(name.text)
        self._bare_scanner = Scanner(tuple(bare))
        for meanings in self._meanings:
            if len(meanings) > 1:
                meanings.sort(key=lambda meaning: (meaning[2], meaning[1].bare, meaning[0]))
        self._capital = [all(name.exact_case and name.text[:1].isupper() for _, name, _ in meanings) for meanings in self._meanings]
        self._gates = len(UNEVEN) + len(signals)
        """The first of the signals that let the text be looked at without its accents."""
        self.scanner = Scanner(tuple(numbers), (*UNEVEN, *signals, *(gate.encode() for gate in sorted(gates))))

    def group(self, entity: str) -> str | None:
        """The topmost group an entity belongs to, or None."""
        return self._groups.get(entity)

    def find(self, fields: Mapping[Field, str], lang: str) -> NameMatches:
        """The mentions of an item in reading order, with the fields as they were read."""
        found: list[tuple[Field, FoldedText, list[SpellingHit]]] = []
        some = signal = False
        for field in FIELDS:
            given = fields.get(field, "")
            if given:
                folded, places, signals = self._places(given)
                some = some or bool(places)
                signal = signal or bool(signals)
                found.append((field, folded, places))
        if not some:
            return NameMatches((), {}, signal)
        readings = {field: FieldContext(field, folded, lang) for field, folded, _ in found}
        read = [(readings[field], places) for field, _, places in found]
        whole = ItemContext(readings.values())
        kept = self._without_people([(candidate, reading) for reading, places in read for candidate in self._meant(places, reading, whole)])
        kept = self._with_symbols(kept, read, whole)
        return NameMatches(tuple(self._mention(candidate, reading) for candidate, reading in self._with_owners(kept)), readings, signal)

    def free(self, items: Iterable[Iterable[str]]) -> list[bool]:
        """Of each item, given as its texts, whether the scan meets nothing in it: no name between borders, no signal, nothing uneven."""
        pieces = [level("\n".join(filter(None, texts))).encode("utf-8", "surrogatepass") for texts in items]
        ends = list(accumulate(len(piece) + 1 for piece in pieces))
        free = [True] * len(pieces)
        for place in self.scanner.touched(b"\n".join(pieces)):
            free[bisect_right(ends, place)] = False
        return free

    def _places(self, given: str) -> tuple[FoldedText, list[SpellingHit], set[int]]:
        """Scans the field made level, and once more folded in full where it turns out uneven."""
        folded = FoldedText(given, level(given))
        places, signals = self.scanner.scan(folded.text)
        if signals and min(signals) < len(UNEVEN):
            folded = FoldedText(given)
            places, again = self.scanner.scan(folded.text)
            signals |= again
        if signals and max(signals) >= self._gates and not folded.text.isascii():
            places += self._with_added_accents(folded.text)
        return folded, self._capitals(_first_ones(places), folded), {signal for signal in signals if len(UNEVEN) <= signal < self._gates}

    def _with_added_accents(self, text: str) -> list[SpellingHit]:
        """Where names typed without accents stand with some."""
        bare = bare_letters(text)
        return [SpellingHit(self._typed + place.spelling, place.start, place.end) for place in self._bare_scanner.scan(bare)[0]
                if text[place.start : place.end] != bare[place.start : place.end]]

    def _without_people(self, kept: list[Kept]) -> list[Kept]:
        """Leaves out names that are part of a person's or of another name, and the same word again where nothing else names the company."""
        people: set[tuple[str, str]] = set()
        fuller: set[str] = set()
        for candidate, reading in kept:
            word = reading.text[candidate.start : candidate.end]
            if " " in word:
                fuller.add(candidate.entity)
            elif self._kinds[candidate.entity] in _WITH_SURNAMES and as_surname(*self._beside_of(candidate, reading)):
                people.add((candidate.entity, word))
        if people:
            kept = [(candidate, reading) for candidate, reading in kept
                    if candidate.entity in fuller or (candidate.entity, reading.text[candidate.start : candidate.end]) not in people]
        return kept

    @staticmethod
    def _beside_of(candidate: NameCandidate, reading: FieldContext) -> tuple[str, str]:
        end = len(reading.text)
        return reading.cased(max(0, candidate.start - BESIDE), candidate.start), reading.cased(
            candidate.end, min(end, candidate.end + BESIDE)
        )

    def _with_symbols(self, kept: list[Kept], found: Iterable[tuple[FieldContext, list[SpellingHit]]], whole: ItemContext) -> list[Kept]:
        """Adds the bare symbols of companies that the item names in full: "Vingroup … VIC" needs no other sign of a market."""
        named = {candidate.entity for candidate, _ in kept}
        added: list[Kept] = []
        for reading, places in found:
            for place in places:
                for entity, name, fallback in self._meanings[place.spelling]:
                    if name.market and entity in named:
                        free = name.model_copy(update={"market": False})
                        if conditions_hold(free, NameOccurrence(reading, place.start, place.end), whole, fallback=fallback):
                            added.append((NameCandidate(entity, reading.field, place.start, place.end), reading))
        if not added:
            return kept
        taken = {(candidate.field, place) for candidate, _ in kept for place in range(candidate.start, candidate.end)}
        kept = kept + [one for one in added if (one[0].field, one[0].start) not in taken]
        return sorted(kept, key=lambda one: (FIELDS.index(one[0].field), one[0].start))

    def _capitals(self, places: list[SpellingHit], folded: FoldedText) -> list[SpellingHit]:
        """Leaves out what only a name in capitals could be and is written small: "us", "fox", "arm" stand in every text."""
        given = folded.original
        if not places or len(given) != len(folded.text):
            return places
        capital = self._capital
        return [place for place in places if not capital[place.spelling] or given[place.start].isupper()]

    def _meant(self, places: Sequence[SpellingHit], reading: FieldContext, whole: ItemContext) -> list[NameCandidate]:
        """The candidates whose conditions hold; of overlapping ones the longest, then the first."""
        if not places:
            return []
        taken = bytearray(len(reading.text))
        kept: list[NameCandidate] = []
        for place in sorted(places, key=lambda hit: (hit.start - hit.end, hit.start, hit.spelling)):
            if taken.find(1, place.start, place.end) >= 0:
                continue
            for entity, name, fallback in self._meanings[place.spelling]:
                added = place.spelling >= self._typed
                spot = NameOccurrence(reading, place.start, place.end, added)
                if added and self._means_another(entity, spot):
                    continue
                if (entity, name.text) in self._foreign and whole.spells_out(fold(name.text)):
                    continue
                if (
                    conditions_hold(name, spot, whole, fallback=fallback) or self._recognized(entity, name, spot, fallback=fallback)
                ) and not (
                    entity in self._syllables and self._inside_a_name(NameCandidate(entity, reading.field, place.start, place.end), reading)
                ):
                    kept.append(NameCandidate(entity, reading.field, place.start, place.end))
                    taken[place.start : place.end] = b"\x01" * (place.end - place.start)
                    break
        return sorted(kept, key=lambda candidate: candidate.start)

    def _means_another(self, entity: str, spot: NameOccurrence) -> bool:
        """Whether words with accents that a name was typed without are a common phrase or a person's name."""
        reading = spot.reading
        if is_common_phrase(reading.text[spot.start : spot.end]):
            return True
        before, after = self._beside_of(NameCandidate(entity, reading.field, spot.start, spot.end), reading)
        return person_goes_on(reading.cased(spot.start, spot.end), after) or (
            self._kinds[entity] != "person" and (as_surname(before, after) or ends_with_surname(before))
        )

    def _inside_a_name(self, candidate: NameCandidate, reading: FieldContext) -> bool:
        return (
            is_syllable(reading.text[candidate.start : candidate.end])
            and reading.lang == "vi"
            and inside_a_name(*self._beside_of(candidate, reading))
        )

    def _recognized(self, entity: str, name: Name, spot: NameOccurrence, *, fallback: bool) -> bool:
        """Whether the user's pipeline, where there is one, labels this very place as what the entity is."""
        if self._recognizer is None or not written_right(name, spot, fallback=fallback):
            return False
        label = self._recognizer.spans_of(spot.reading.folded).get(spot.reading.folded.back(spot.start, spot.end), "")
        return bool(label) and fits(label, self._kinds[entity])

    def _with_owners(self, kept: list[Kept]) -> list[Kept]:
        """Drops products whose owner is not named."""
        if not self._beside:
            return kept
        named = {candidate.entity for candidate, _ in kept if candidate.entity not in self._beside}
        owners = named | {group for one in named if (group := self._groups.get(one))}
        return [
            (candidate, reading)
            for candidate, reading in kept
            if candidate.entity not in self._beside or self._beside[candidate.entity] in owners
        ]

    def _mention(self, candidate: NameCandidate, reading: FieldContext) -> Mention:
        start, end = reading.folded.back(candidate.start, candidate.end)
        return Mention(candidate.entity, reading.given[start:end], candidate.field, start, end, self._groups.get(candidate.entity))


def _first_ones(places: list[SpellingHit]) -> list[SpellingHit]:
    if len(places) <= MOST_PLACES:
        return places
    met: Counter[int] = Counter()
    kept = []
    for place in places:
        met[place.spelling] += 1
        if met[place.spelling] <= MOST_PLACES:
            kept.append(place)
    return kept


def _letters(name: Name) -> bool:
    return 1 < len(name.text) <= 5 and name.text.isupper() and name.text.isalpha()


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
