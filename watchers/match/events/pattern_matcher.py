"""Defines PatternMatcher: many patterns (`seeds.pattern_syntax`) compiled into one tree of words, and found in a field's sentences.

    sentences ─► words ─► tree (all parts of all patterns, one pass) ─► parts joined over their gaps ─► Found

Why a tree of our own and not spaCy's PhraseMatcher: the walk is the same, but a Doc has to be made of every text, every word hashed into a
vocabulary that only grows, and the library loaded: 1.5 times the time for the same matches. Its token Matcher tries every pattern at every
token, thousands here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from seeds.pattern_syntax import Pattern
from watchers.match.language.sentences import Sentence, fold

_BORDER = "\u2029"
"""Stands between sentences, so that no phrase runs over a border."""
_BREAKS = frozenset((_BORDER, ";", ":", "(", ")", "?", "!", "…", "–", "—", "|"))
"""Signs over which no pattern reaches: its parts belong to one clause."""


class PatternMatch(NamedTuple):
    """Pattern `pattern` (its number in the book) stands in sentence `sentence` (place in the list), from token `start` to before `end`."""

    pattern: int
    sentence: int
    start: int
    end: int


class TrieNode(NamedTuple):
    """A place in the tree of words: the numbers of the parts whose phrase ends there, and where each further word leads."""

    parts: list[int]
    further: dict[str, TrieNode]


class PatternMatcher:
    """Patterns compiled once. Their numbers are their places in the order given."""

    def __init__(self, patterns: Iterable[Pattern], *, folded: bool = False) -> None:
        """`folded`: patterns and texts are compared without accents; for Vietnamese written without them."""
        self._folded = folded
        self._tree: dict[str, TrieNode] = {}
        self._beginning: dict[int, tuple[list[int], dict[int, list[tuple[int, Pattern, tuple[int, ...]]]]]] = {}
        """By its first part, what begins so: the numbers of patterns without gaps, and by second part the others with all their parts."""
        self._parts: dict[tuple[tuple[str, ...], ...], int] = {}
        for number, pattern in enumerate(patterns):
            keys = tuple(self._part(part) for part in pattern.parts)
            alone, joined = self._beginning.setdefault(keys[0], ([], {}))
            if pattern.gaps:
                joined.setdefault(keys[1], []).append((number, pattern, keys))
            else:
                alone.append(number)

    def _part(self, phrases: tuple[tuple[str, ...], ...]) -> int:
        """The number of a part; its phrases are paths in the tree, with the numbers of all that end there."""
        if self._folded:
            phrases = tuple(sorted({tuple(fold(word) for word in phrase) for phrase in phrases}))
        if phrases not in self._parts:
            key = self._parts[phrases] = len(self._parts)
            for phrase in phrases:
                node = TrieNode([], self._tree)
                for word in phrase:
                    node = node.further.setdefault(word, TrieNode([], {}))
                node.parts.append(key)
        return self._parts[phrases]

    def find(self, sentences: Sequence[Sentence]) -> list[PatternMatch]:
        """Every pattern found, by sentence and place. A pattern whose parts stand at several distances is given by the nearest."""
        words: list[str] = []
        starts: list[int] = []
        for sentence in sentences:
            starts.append(len(words))
            words += [fold(token.word) for token in sentence.tokens] if self._folded else [token.word for token in sentence.tokens]
            words.append(_BORDER)
        if not words:
            return []
        places = self._places(words)
        found: list[PatternMatch] = []
        starts.append(len(words))
        for key in self._beginning.keys() & places.keys():
            alone, joined = self._beginning[key]
            going_on = [one for second in joined.keys() & places.keys() for one in joined[second]] if joined else []
            if not alone and not going_on:
                continue
            for start, end in places[key]:
                at = bisect_left(starts, start + 1) - 1
                first, limit = starts[at], starts[at + 1]
                found.extend([PatternMatch(number, at, start - first, end - first) for number in alone])
                for number, pattern, parts in going_on:
                    last = self._join(pattern, parts, end, places, words)
                    if last is not None and last < limit:
                        found.append(PatternMatch(number, at, start - first, last - first))
        found.sort(key=lambda match: (match.sentence, match.start, -match.end, match.pattern))
        return found

    def _places(self, words: Sequence[str]) -> dict[int, list[tuple[int, int]]]:
        """Where the phrases of each part stand, in order."""
        places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for start, root in enumerate(map(self._tree.get, words)):
            node, at = root, start
            while node is not None:
                parts, further = node
                at += 1
                if parts:
                    span = start, at
                    for key in parts:
                        places[key].append(span)
                node = further.get(words[at])  # a border stands after the last word
        return places

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
