"""Defines `word_runs`, the words of a text told apart as quickly as can be: to find out what cannot stand in it.

A run is a stretch of Latin letters; everything else separates (figures, signs, letters of other scripts, combining marks). So a word is
split at most, never joined to another: what is looked for as whole words of Latin letters is among the runs wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NOT_LATIN = re.compile("[^\x00-\x7f\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1e00-\u1eff]")
_LETTERS = re.compile("[a-z\u00df-\u00f6\u00f8-\u02af\u1e00-\u1eff]+")
_ONLY_LETTERS = bytes(byte if byte >= 0x80 or chr(byte).isalpha() else 0x20 for byte in range(256))


def word_runs(lower: str) -> list[bytes]:
    """The runs of letters of a text in lower case (NFC), in order, as UTF-8."""
    plain = lower if lower.isascii() else _NOT_LATIN.sub(" ", lower)
    return plain.encode().translate(_ONLY_LETTERS).split()


def is_run(word: str) -> bool:
    """Whether a word in lower case is a run as a whole."""
    return _LETTERS.fullmatch(word) is not None


def as_runs(words: Iterable[str]) -> frozenset[bytes]:
    """Words, each a run, in the form in which `word_runs` gives them."""
    return frozenset(word.encode() for word in words)
