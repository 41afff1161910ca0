"""Defines Scanner: one pass over a folded text that finds every place where a known name could stand, however many names there are.

It answers "where does a name stand between word borders", not "is it meant": that is `mentions`. The pass is an Aho–Corasick automaton over
the UTF-8 bytes of the folded text; what it costs hardly depends on the number of names, and a text without names costs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import msgspec
from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

DETERMINISTIC_UP_TO = 20_000
"""Spellings up to which the automaton is a table of states: three times faster to run, but 60 MB at ten thousand and growing."""

WORD_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789")


GLUED_FROM = 6
"""Bytes from which a name is reported inside a longer word too: whether two words were run together there, only capitals can tell."""


class SpellingHit(msgspec.Struct, frozen=True, gc=False):
    """A spelling at a place of the folded text; `spelling` is its number in the order they were given."""

    spelling: int
    start: int
    end: int


def is_word(character: str) -> bool:
    """Whether a character carries on a word. Scripts without spaces do not: a name beside a Chinese or Korean character stands alone."""
    if character < "\u2e80":
        return character.isalnum() or "\u0300" <= character <= "\u036f"
    return False


class Scanner:
    """Finds folded spellings in folded text. Built once; safe to share between threads.

    `signals` are further pieces of UTF-8, looked for in the same pass without borders: `scan` tells which of them it met.
    """

    def __init__(self, spellings: Sequence[str], signals: Sequence[bytes] = ()) -> None:
        self._patterns = tuple(spelling.encode("utf-8", "surrogatepass") for spelling in spellings)
        self._lengths = tuple(len(spelling) for spelling in spellings)
        self._names = len(self._patterns)
        few = len(spellings) <= DETERMINISTIC_UP_TO and sum(map(len, self._patterns)) < 250_000
        self._kind = Implementation.DFA if few else Implementation.ContiguousNFA
        everything = [*self._patterns, *signals]
        self._automaton = BytesAhoCorasick(everything, matchkind=MatchKind.Standard, implementation=self._kind) if everything else None

    def literals(self) -> tuple[bytes, ...]:
        """The spellings as UTF-8 bytes in lower case, for whoever builds a look-ahead of their own over raw bytes."""
        return self._patterns

    def may_match(self, raw: bytes) -> bool:
        """False only when no spelling stands in these bytes (compared in ASCII lower case; text in NFC, escapes already resolved)."""
        return self._only_names is not None and bool(self._only_names.find_matches_as_indexes(raw.lower()))

    @cached_property
    def _only_names(self) -> BytesAhoCorasick | None:
        return BytesAhoCorasick(self._patterns, implementation=self._kind) if self._patterns else None

    def scan(self, text: str) -> tuple[list[SpellingHit], set[int]]:
        """Every spelling in the folded text between word borders (long ones anywhere), overlaps included, in order of their ends,
        and the numbers of the signals met."""
        if self._automaton is None:
            return [], set()
        data = text.encode("utf-8", "surrogatepass")
        hits = self._automaton.find_matches_as_indexes(data, overlapping=True)
        if not hits:
            return [], set()
        names = self._names
        signals = {hit[0] - names for hit in hits if hit[0] >= names}
        return self._between_borders(text, data, [hit for hit in hits if hit[0] < names] if signals else hits), signals

    def touched(self, data: bytes) -> list[int]:
        """Where in this UTF-8 of folded text something begins that `scan` would look at: a spelling without a letter of ASCII beside it
        (long ones anywhere), or a signal. Places are bytes."""
        if self._automaton is None:
            return []
        names, size = self._names, len(data)
        return [
            start
            for spelling, start, end in self._automaton.find_matches_as_indexes(data, overlapping=True)
            if spelling >= names
            or end - start >= GLUED_FROM
            or not ((start and data[start - 1] in WORD_BYTES) or (end < size and data[end] in WORD_BYTES))
        ]

    def _between_borders(self, text: str, data: bytes, hits: Iterable[tuple[int, int, int]]) -> list[SpellingHit]:
        found = []
        one_byte_each = len(data) == len(text)
        size = len(data)
        place = at = 0  # `place` code points stand in the first `at` bytes
        for spelling, start, end in hits:
            loose = end - start >= GLUED_FROM
            if not loose and ((start and data[start - 1] in WORD_BYTES) or (end < size and data[end] in WORD_BYTES)):
                continue
            if one_byte_each:
                first, last = start, end
            else:
                if end >= at:
                    place += len(data[at:end].decode("utf-8", "surrogatepass"))
                    at = end
                    last = place
                else:  # pragma: no cover - the automaton reports by end
                    last = len(data[:end].decode("utf-8", "surrogatepass"))
                first = last - self._lengths[spelling]
            if not loose and ((first and is_word(text[first - 1])) or (last < len(text) and is_word(text[last]))):
                continue
            found.append(SpellingHit(spelling, first, last))
        return found
