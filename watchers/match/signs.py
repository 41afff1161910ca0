"""Defines Signs, an expression that hardly any text holds, and SignBook, several of them asked together.

Trying such an expression at every letter of a text is what costs. Every text in which it stands holds one of a few pieces of plain letters;
these are looked for first, all in one pass (an Aho–Corasick automaton over UTF-8), and the expression is tried only where one was met.
Pure; knows no words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation


class Signs:
    """An expression, and `pieces` of which one stands in every text in which it does."""

    def __init__(self, pattern: str, pieces: Iterable[str]) -> None:
        self.pattern = re.compile(pattern)
        self.pieces = tuple(dict.fromkeys(pieces))
        self._automaton = _automaton(self.pieces)

    @classmethod
    def of(cls, parts: Iterable[str]) -> Signs:
        """Any of these expressions; their pieces are read from them."""
        parts = tuple(parts)
        return cls("|".join(parts), map(needed, parts))

    def search(self, text: str, start: int = 0, end: int | None = None) -> re.Match[str] | None:
        """As the search of the expression; `start` and `end` as there."""
        end = len(text) if end is None else end
        if self._automaton is not None:
            looked_at = text if start == 0 and end >= len(text) else text[start:end]
            if not self._automaton.find_matches_as_indexes(looked_at.encode("utf-8", "surrogatepass")):
                return None
        return self.pattern.search(text, start, end)


class SignBook:
    """Several signs, of which one pass over a text tells the few that can stand there."""

    def __init__(self, signs: Sequence[Signs]) -> None:
        self._always = frozenset(number for number, one in enumerate(signs) if "" in one.pieces)
        pairs = [(number, piece) for number, one in enumerate(signs) if number not in self._always for piece in one.pieces]
        self._owners = [number for number, _ in pairs]
        self._automaton = _automaton([piece for _, piece in pairs])

    def held(self, text: str) -> frozenset[int]:
        """The places, in the order given, of all signs that may stand in the text."""
        if self._automaton is None:
            return self._always
        met = self._automaton.find_matches_as_indexes(text.encode("utf-8", "surrogatepass"), overlapping=True)
        return self._always.union([self._owners[one[0]] for one in met]) if met else self._always


def _automaton(pieces: Sequence[str]) -> BytesAhoCorasick | None:
    """What finds these; None where one is empty, which stands everywhere, or where there are none."""
    if not pieces or "" in pieces:
        return None
    return BytesAhoCorasick([one.encode("utf-8", "surrogatepass") for one in pieces], implementation=Implementation.DFA)


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
        if letter in "?*{":
            runs[-1] = runs[-1][:-1]  # what stands before need not be there
        if letter in r"\[](){}?*+.^$|":
            runs.append("")
        elif not depth:
            runs[-1] += letter
        at += 2 if letter == "\\" else 1
    return max(runs, key=len)
