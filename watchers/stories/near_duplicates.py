"""Defines containment: how much of one text's wording stands in another, and whether a text is another with its figures corrected.

Pure.
"""

from __future__ import annotations

from array import array
from datetime import timedelta

from watchers.stories.features import KEPT_SHINGLES, Features

LONG_ENOUGH = 8  # word runs; a shorter text shares half of them by chance
_EVERY = 2**32  # above every hash: the sample is the whole
_NEAR = 0.8  # of the word runs: one figure stands in four of them, so a text of thirty words keeps as much
_ONE_EDITION = timedelta(hours=18)
_QUOTES = frozenset({"=price", "=up", "=down", "=stock"})


def containment(one: array[int], other: array[int]) -> float:
    """Share of the smaller text's word runs that the larger one has too, estimated from the lowest hashes of both."""
    if not one or not other:
        return 0.0
    top = min(one[-1] if len(one) >= KEPT_SHINGLES else _EVERY, other[-1] if len(other) >= KEPT_SHINGLES else _EVERY)
    left = {value for value in one if value <= top}
    right = {value for value in other if value <= top}
    return len(left & right) / (min(len(left), len(right)) or 1)


def is_correction(a: Features, b: Features) -> bool:
    """True where one is a near copy of the other, of one day and under the same headline but for its figures; not for prices, whose
    like headlines with other figures are the next quotation."""
    if a.title[:1] != b.title[:1] or min(len(a.shingles), len(b.shingles)) < LONG_ENOUGH or abs(a.when - b.when) > _ONE_EDITION:
        return False
    words = {term for term in a.title if term[0] not in "$%#"}
    if words != {term for term in b.title if term[0] not in "$%#"} or not words.isdisjoint(_QUOTES):
        return False
    return containment(a.shingles, b.shingles) >= _NEAR
