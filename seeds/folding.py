"""Folds letters for comparison: `without_accents` for any text, `restore_d` for letters that were typed instead of đ.

Pure, and the lowest layer: every package uses it. The letter case is kept.
"""

from __future__ import annotations

import re
import unicodedata

LIKE_D = {"\u00d0": "\u0110", "\u00f0": "\u0111", "\u0189": "\u0110", "\u0256": "\u0111"}
"""Letters that look like Đ and đ and are typed instead of them: Eth (Ð, ð) and African D (Ɖ, ɖ)."""

_VIETNAMESE = re.compile("[\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
"""Letters that almost only Vietnamese has."""
PLAIN_D = {"\u0111": "d", "\u0110": "D", "\u00f0": "d", "\u00d0": "D", "\u0256": "d", "\u0189": "D"}
"""đ and its look-alikes have no Unicode decomposition, so they are replaced here."""
_LATIN_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_OTHER_MARKS = re.compile("[\u0483-\u1dff\u20d0-\u20ff\u2c80-\u2dff\u3000-\u30ff\ua000-\uffff\U00010000-\U0010ffff]")
"""Blocks with combining marks of other scripts. No Latin text has characters of these blocks."""


def without_accents(text: str) -> str:
    """Returns `text` with base letters only, d for đ. For comparison, never for messages."""
    if text.isascii():
        return text
    decomposed = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", plain_d(text)))
    if _OTHER_MARKS.search(decomposed) is None:
        return decomposed
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def plain_d(text: str) -> str:
    """Returns `text` with d for đ and its look-alikes."""
    for letter, base in PLAIN_D.items():  # faster than str.translate, because few texts contain any of the letters
        if letter in text:
            text = text.replace(letter, base)
    return text


def restore_d(text: str) -> str:
    """Returns `text` (NFC) with đ for its look-alikes, with the same offsets. Only in Vietnamese texts: "Guðrún" is kept."""
    for letter, replacement in LIKE_D.items():
        if letter in text and _VIETNAMESE.search(text):
            text = text.replace(letter, replacement)
    return text
