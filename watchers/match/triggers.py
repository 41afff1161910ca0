"""Defines PatternBook: many patterns (`seeds.patterns`) compiled into one spaCy PhraseMatcher, and found in a field's sentences.

    sentences ─► words ─► PhraseMatcher (all parts of all patterns, one pass) ─► parts joined over their gaps ─► Found

Why the PhraseMatcher and not the token Matcher: the latter tries every pattern at every token, so its time grows with the number of
patterns (thousands here); the former walks a trie. Words that no pattern holds are handed to spaCy as one and the same placeholder,
so that its string store does not grow in a process that runs for months.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from seeds.patterns import Pattern
from watchers.match.sentences import Sentence, fold

_OTHER = "\u00b7"
"""Stands for any word that no pattern holds."""
_BORDER = "\u2029"
"""Stands between sentences, so that no phrase runs over a border."""
_BREAKS = frozenset((_BORDER, ";", ":", "(", ")", "?", "!", "…", "–", "—", "|"))
"""Signs over which no pattern reaches: its parts belong to one clause."""


class Found(NamedTuple):
    """Pattern `pattern` (its number in the book) stands in sentence `sentence` (place in the list), from token `start` to before `end`."""

    pattern: int
    sentence: int
    start: int
    end: int


class PatternBook:
    """Patterns compiled once. Their numbers are their places in the order given."""

    def __init__(self, patterns: Iterable[Pattern], *, folded: bool = False) -> None:
        """`folded`: patterns and texts are compared without accents; for Vietnamese written without them."""
        from spacy.matcher import PhraseMatcher
        from spacy.tokens import Doc
        from spacy.vocab import Vocab

        self._folded = folded
        self._doc = Doc
        self._vocab = Vocab()
        self._phrases = PhraseMatcher(self._vocab, attr="ORTH")
        self._words = {_OTHER, *_BREAKS}
        self._firsts: dict[int, list[tuple[int, Pattern]]] = defaultdict(list)
        self._parts: dict[tuple[tuple[str, ...], ...], int] = {}
        self._pattern_parts: list[tuple[int, ...]] = []
        for number, pattern in enumerate(patterns):
            keys = tuple(self._part(part) for part in pattern.parts)
            self._pattern_parts.append(keys)
            self._firsts[keys[0]].append((number, pattern))

    def _part(self, phrases: tuple[tuple[str, ...], ...]) -> int:
        if self._folded:
            phrases = tuple(sorted({tuple(fold(word) for word in phrase) for phrase in phrases}))
        if phrases not in self._parts:
            name = f"part {len(self._parts)}"
            for phrase in phrases:
                self._words.update(phrase)
            self._phrases.add(name, [self._doc(self._vocab, words=list(phrase)) for phrase in phrases])
            self._parts[phrases] = self._vocab.strings[name]
        return self._parts[phrases]

    def find(self, sentences: Sequence[Sentence]) -> list[Found]:
        """Every pattern found, by sentence and place. A pattern whose parts stand at several distances is given by the nearest."""
        words: list[str] = []
        starts: list[int] = []
        known = self._words
        for sentence in sentences:
            starts.append(len(words))
            if self._folded:
                words += [word if (word := fold(token.word)) in known else _OTHER for token in sentence.tokens]
            else:
                words += [word if (word := token.word) in known else _OTHER for token in sentence.tokens]
            words.append(_BORDER)
        if not words:
            return []
        places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        matches: list[tuple[int, int, int]] = self._phrases(self._doc(self._vocab, words=words))
        for key, start, end in matches:
            places[key].append((start, end))
        for spans in places.values():
            spans.sort()
        found: list[Found] = []
        starts.append(len(words))
        for key, spans in places.items():
            beginning = self._firsts.get(key, ())
            if not beginning:
                continue
            for start, end in spans:
                at = bisect_left(starts, start + 1) - 1
                first, limit = starts[at], starts[at + 1]
                for number, pattern in beginning:
                    last: int | None = end
                    if pattern.gaps:
                        parts = self._pattern_parts[number]
                        last = self._join(pattern, parts, end, places, words) if parts[1] in places else None
                    if last is not None and last < limit:
                        found.append(Found(number, at, start - first, last - first))
        found.sort(key=lambda one: (one.sentence, one.start, -one.end, one.pattern))
        return found

    @staticmethod
    def _join(
        pattern: Pattern, keys: tuple[int, ...], end: int, places: dict[int, list[tuple[int, int]]], words: Sequence[str]
    ) -> int | None:
        for key, gap in zip(keys[1:], pattern.gaps, strict=True):
            spans: Any = places.get(key)
            if spans is None:
                return None
            at = bisect_left(spans, (end, end))
            if at == len(spans) or spans[at][0] > end + gap or any(word in _BREAKS for word in words[end:spans[at][0]]):
                return None
            end = spans[at][1]
        return end
