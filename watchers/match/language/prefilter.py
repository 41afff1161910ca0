"""Defines PrefilteredRegex, an expression that hardly any text holds, and RegexPrefilter, several of them asked together.

Trying such an expression at every letter of a text is what costs. Every text in which it stands holds one of a few pieces of plain letters;
these are looked for first, all in one pass (an Aho–Corasick automaton over UTF-8), and the expression is tried only where one was met.
BORDER before or behind a piece says that no word goes on there: "dow" stands in every "down", as a word it does not. Pure; knows no words
of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation

from watchers.match.names.scanner import WORD_BYTES

BORDER = "\b"
"""Stands for the border of a word at either end of a piece."""


TABLE_UP_TO = 20_000
"""Bytes of pieces up to which the automaton is a table of states: quickest, but it grows to hundreds of times the pieces."""


class PrefilteredRegex:
    """An expression, and `pieces` of which one stands in every text in which it does."""

    def __init__(self, pattern: str, pieces: Iterable[str]) -> None:
        self.pattern = re.compile(pattern)
        self.pieces = tuple(dict.fromkeys(pieces))
        self._book = RegexPrefilter([self])

    @classmethod
    def of(cls, parts: Iterable[str]) -> PrefilteredRegex:
        """Any of these expressions; their pieces are read from them."""
        parts = tuple(parts)
        return cls("|".join(parts), map(needed, parts))

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """As the search of the expression; `start` and `end` as there."""
        end = len(text) if end is None else end
        return self.pattern.search(text, start, end) if self._book.held(text[start:end]) else None


class RegexPrefilter:
    """Several signs, of which one pass over a text tells the few that can stand there."""

    def __init__(self, signs: Sequence[PrefilteredRegex]) -> None:
        unsure = (number for number, regex in enumerate(signs) if not (regex.pieces and all(piece.strip(BORDER) for piece in regex.pieces)))
        self._always = frozenset(unsure)
        pieces = [(number, piece) for number, regex in enumerate(signs) if number not in self._always for piece in regex.pieces]
        self._pieces = [(number, piece.startswith(BORDER), piece.endswith(BORDER)) for number, piece in pieces]
        sought = [piece.strip(BORDER).encode("utf-8", "surrogatepass") for _, piece in pieces]
        kind = Implementation.DFA if sum(map(len, sought)) < TABLE_UP_TO else Implementation.ContiguousNFA
        self._automaton = BytesAhoCorasick(sought, implementation=kind) if sought else None

    def held(self, text: str) -> frozenset[int]:
        """The places, in the order given, of all signs that may stand in the text."""
        if self._automaton is None:
            return self._always
        data = text.encode("utf-8", "surrogatepass")
        met = self._automaton.find_matches_as_indexes(data, overlapping=True)
        return self._always.union(self._standing(data, met)) if met else self._always

    def _standing(self, data: bytes, met: Sequence[tuple[int, int, int]]) -> Iterator[int]:
        size = len(data)
        for piece, start, end in met:
            number, left, right = self._pieces[piece]
            if not ((left and start and data[start - 1] in WORD_BYTES) or (right and end < size and data[end] in WORD_BYTES)):
                yield number


def whole(form: str) -> str:
    """A piece that must stand as a word: with a border at each end that is a letter or figure."""
    return BORDER * form[:1].isalnum() + form + BORDER * form[-1:].isalnum()


def needed(part: str) -> str:
    """The longest run of letters that stands in every text in which the expression does; "" where nothing is sure."""
    runs, depth, at = [""], 0, 0
    while at < len(part):
        letter = part[at]
        if letter == "|" and not depth:
            return ""
        if letter == "[":
            at = part.index("]", at + 2)
        elif letter == "{":
            at = part.index("}", at)
        depth += (letter == "(") - (letter == ")")
        border = BORDER * (not depth and part.startswith(r"\b", at))
        if letter in "?*{":
            runs[-1] = runs[-1][:-1]  # what stands before need not be there
        if letter in r"\[](){}?*+.^$|":
            runs[-1] += border
            runs.append(border)
        elif not depth:
            runs[-1] += letter
        at += 2 if letter == "\\" else 1
    return max(runs, key=lambda run: len(run.strip(BORDER)))
