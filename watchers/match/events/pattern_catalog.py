"""Defines EventPatterns: all patterns of one language, from the event types and from the grammar of cues, compiled and read together.

One pass finds everything; `read` sorts it by sentence into triggers that stand, cues of status, unnamed parties and words of attribution.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Literal, cast, overload

import msgspec

from seeds.events import EventType, Trigger
from seeds.pattern_syntax import Pattern, parse_pattern
from watchers.match.events.pattern_matcher import PatternMatch, PatternMatcher
from watchers.match.language.attribution_words import SOURCE_AFTER, SOURCE_BEFORE
from watchers.match.language.sentences import Sentence
from watchers.match.language.status_cues import CUES, Cue, negated
from watchers.match.language.word_runs import as_runs, is_run

Use = Literal["trigger", "needs", "unless", "title_unless", "noun", "amount", "cue", "source_after", "source_before"]


class TriggerMatch(msgspec.Struct, frozen=True):
    """A trigger that stands: no word rules it out, and what it needs is there. Tokens `start` to `end` of sentence `sentence`."""

    type: str
    trigger: Trigger
    pattern: str
    sentence: int
    start: int
    end: int


class SentenceMatches(msgspec.Struct):
    """What was found in one sentence. All places are token spans."""

    told: list[TriggerMatch] = []
    cues: list[tuple[Cue, int, int]] = []
    nouns: dict[str, list[tuple[int, int]]] = {}
    amounts: dict[str, list[tuple[int, int]]] = {}
    excluded: set[str] = set()
    """Types that this sentence rules out when it is the title."""
    source_after: list[tuple[int, int]] = []
    source_before: list[tuple[int, int]] = []


class EventPatterns:
    """The patterns of one language."""

    def __init__(self, types: Mapping[str, EventType], lang: str, *, folded: bool = False) -> None:
        self._uses: list[list[tuple[Use, str, int]]] = []
        self._triggers: list[tuple[str, Trigger]] = []
        numbers: dict[str, int] = {}
        patterns: list[Pattern] = []
        for use, source, owner, place in self._entries(types, lang):
            if source not in numbers:
                numbers[source] = len(patterns)
                patterns.append(parse_pattern(source))
                self._uses.append([])
            self._uses[numbers[source]].append((use, owner, place))
        self._sources = [pattern.source for pattern in patterns]
        self._book = PatternMatcher(patterns, folded=folded)
        told = [any(use == "trigger" for use, _, _ in uses) for uses in self._uses]
        beside = [any(use not in {"trigger", "needs", "unless"} for use, _, _ in uses) for uses in self._uses]
        self._triggers_near = RequiredWords([one for one, wanted in zip(patterns, told, strict=True) if wanted], folded=folded)
        self._others_near = RequiredWords([one for one, wanted in zip(patterns, beside, strict=True) if wanted], folded=folded)

    def _entries(self, types: Mapping[str, EventType], lang: str) -> Iterator[tuple[Use, str, str, int]]:
        for event_type in types.values():
            for trigger in event_type.triggers:
                if trigger.lang != lang:
                    continue
                place = len(self._triggers)
                self._triggers.append((event_type.id, trigger))
                yield from (("trigger", source, event_type.id, place) for source in trigger.patterns)
                yield from (("needs", source, event_type.id, place) for source in trigger.needs)
                yield from (("unless", source, event_type.id, place) for source in trigger.unless)
            yield from (("title_unless", source, event_type.id, 0) for source in event_type.unless)
            yield from (("noun", source, event_type.id, 0) for source in event_type.nouns)
            yield from (("amount", source, event_type.id, 0) for source in event_type.amount or ())
        for (cue_lang, cue), sources in CUES.items():
            if cue_lang == lang:
                yield from (("cue", source, cue, 0) for source in sources)
        yield from (("source_after", source, "", 0) for source in SOURCE_AFTER[lang])
        yield from (("source_before", source, "", 0) for source in SOURCE_BEFORE[lang])

    def read(self, sentences: Sequence[Sentence]) -> ItemSentenceMatches:
        """What stands in each sentence, found when first asked for, and at once where an event may be told."""
        return ItemSentenceMatches(self, sentences)

    def telling(self, sentences: Sequence[Sentence]) -> list[int]:
        """The places of the sentences in which a trigger may stand, titles among them."""
        return self._triggers_near.held(sentences)

    def beside(self, sentences: Sequence[Sentence]) -> list[int]:
        """The places of the sentences in which anything else may stand that is read: cues, sources, unnamed parties."""
        return self._others_near.held(sentences)

    def read_all(self, sentences: Sequence[Sentence], numbers: Sequence[int]) -> list[SentenceMatches]:
        """What stands in each of the sentences at these places."""
        sentences = [sentences[number] for number in numbers]
        readings = [SentenceMatches() for _ in sentences]
        finds = [_RawMatches() for _ in sentences]
        for found in self._book.find(sentences):
            for use, owner, place in self._uses[found.pattern]:
                if use in {"trigger", "needs", "unless"}:
                    finds[found.sentence].note(use, place, found)
                elif use != "cue" or not _means_else(sentences[found.sentence], found):
                    _note(readings[found.sentence], use, owner, (found.start, found.end))
        for reading, here, number in zip(readings, finds, numbers, strict=True):
            denied = any(kind == "denied" for kind, _, _ in reading.cues)
            for place, found in here.triggers:
                type_id, trigger = self._triggers[place]
                if place in here.ruled_out or (trigger.needs and place not in here.needed):
                    continue
                if not denied and negated(reading.cues, found.start):
                    continue
                reading.told.append(TriggerMatch(type_id, trigger, self._sources[found.pattern], number, found.start, found.end))
        return readings


_NO_NAMES = frozenset(("{number}", "{control}"))
"""Kinds that words tell and no name."""


class RequiredWords:
    """Words without one of which no pattern of a group can stand in a sentence."""

    def __init__(self, patterns: Sequence[Pattern], *, folded: bool) -> None:
        needles = {word for pattern in patterns for word in needles_of(pattern)}
        kinds = {word for word in needles if word.startswith("{")}
        self._everywhere = folded or bool(kinds & _NO_NAMES)
        self._kinds = frozenset(kinds)
        words = {word for word in needles if is_run(word)}
        self._words = as_runs(words)
        self._signs = tuple(sorted(needles - kinds - words))

    def held(self, sentences: Sequence[Sentence]) -> list[int]:
        """The places of the sentences that hold some of the words or a name of a kind, and of all titles."""
        found: list[int] = []
        words_of, signs = None, list(self._signs)
        for number, sentence in enumerate(sentences):
            if sentence.words_of is not words_of:
                words_of = sentence.words_of
                signs = [sign for sign in self._signs if sign in words_of.lower]
            if self._everywhere or sentence.field == "title" or self._holds(sentence, signs):
                found.append(number)
        return found

    def _holds(self, sentence: Sentence, signs: Sequence[str]) -> bool:
        """Whether a sentence holds some of it; `signs` are those of the signs that stand in its field."""
        if not self._words.isdisjoint(sentence.runs):
            return True
        if self._kinds and any(span.word in self._kinds for span in sentence.spans):
            return True
        lower, first, last = sentence.words_of.lower, sentence.first, sentence.last
        return not lower or any(lower.find(sign, first, last) >= 0 for sign in signs)


class ItemSentenceMatches(Sequence[SentenceMatches]):
    """The readings of an item's sentences."""

    def __init__(self, book: EventPatterns, sentences: Sequence[Sentence]) -> None:
        self._book, self._sentences = book, sentences
        self.telling = book.telling(sentences)
        """The places of the sentences in which an event may be told, in order; in the others none is."""
        self._found = dict(zip(self.telling, book.read_all(sentences, self.telling), strict=True))

    def __len__(self) -> int:
        return len(self._sentences)

    @overload
    def __getitem__(self, number: int) -> SentenceMatches: ...
    @overload
    def __getitem__(self, number: slice) -> list[SentenceMatches]: ...
    def __getitem__(self, number: int | slice) -> SentenceMatches | list[SentenceMatches]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        known = self._found.get(number)
        if known is None:
            number = range(len(self))[number]
            known = self._book.read_all(self._sentences, (number,))[0] if number in self._beside else SentenceMatches()
            self._found[number] = known
        return known

    @cached_property
    def _beside(self) -> frozenset[int]:
        return frozenset(self._book.beside(self._sentences))


def needles_of(pattern: Pattern) -> tuple[str, ...]:
    """Words of which one stands wherever the pattern does: of its parts the one that is told by the longest. A phrase of kinds only is told
    by its first."""
    parts = [[max((word for word in phrase if not word.startswith("{")), key=len, default="") for phrase in part] for part in pattern.parts]
    best = max(range(len(parts)), key=lambda place: min(map(len, parts[place])))
    return tuple(word or phrase[0] for word, phrase in zip(parts[best], pattern.parts[best], strict=True))


def _means_else(sentence: Sentence, found: PatternMatch) -> bool:
    """Whether the words found are no word of plan: the month of May, a price target, "giá mục tiêu"."""
    if not found.start:
        return False
    tokens, before = sentence.tokens, sentence.tokens[found.start - 1].word
    if found.end == found.start + 1 and tokens[found.start].text == "May":
        return not sentence.headline
    return before in _PRICED and tokens[found.start].word in _TARGETS


_PRICED = frozenset(("price", "giá"))
_TARGETS = frozenset(("target", "targets", "mục"))


class _RawMatches:
    """What the triggers of one sentence found, before it is known which of them stand."""

    def __init__(self) -> None:
        self.triggers: list[tuple[int, PatternMatch]] = []
        self.needed: set[int] = set()
        self.ruled_out: set[int] = set()

    def note(self, use: Use, place: int, found: PatternMatch) -> None:
        if use == "trigger":
            self.triggers.append((place, found))
        else:
            (self.needed if use == "needs" else self.ruled_out).add(place)


def _note(reading: SentenceMatches, use: Use, owner: str, span: tuple[int, int]) -> None:
    if use == "cue":
        reading.cues.append((cast("Cue", owner), *span))
    elif use == "noun":
        reading.nouns.setdefault(owner, []).append(span)
    elif use == "amount":
        reading.amounts.setdefault(owner, []).append(span)
    elif use == "title_unless":
        reading.excluded.add(owner)
    else:
        (reading.source_after if use == "source_after" else reading.source_before).append(span)
