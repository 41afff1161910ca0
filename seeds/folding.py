"""Defines how letters are made comparable: `without_accents` for any text, and `restore_d` for the letters typed in place of đ.

Pure, and the lowest layer: every package folds letters by it. Case stays as it is.
"""

from __future__ import annotations

import re
import unicodedata

LIKE_D = {"\u00d0": "\u0110", "\u00f0": "\u0111", "\u0189": "\u0110", "\u0256": "\u0111"}
"""Letters that look like Đ and đ and are typed for them: Eth (Ð, ð) and African D (Ɖ, ɖ)."""

_VIETNAMESE = re.compile("[\u0102\u0103\u0110\u0111\u01a0\u01a1\u01af\u01b0\u1ea0-\u1ef9]")
"""Letters that hardly any other language has."""
PLAIN_D = {"\u0111": "d", "\u0110": "D", "\u00f0": "d", "\u00d0": "D", "\u0256": "d", "\u0189": "D"}
"""đ and the letters typed for it have no accent that Unicode could take off."""
_LATIN_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_OTHER_MARKS = re.compile("[\u0483-\u1dff\u20d0-\u20ff\u2c80-\u2dff\u3000-\u30ff\ua000-\uffff\U00010000-\U0010ffff]")
"""Where combining marks of other scripts may stand; no Latin text has any of these, whatever its signs and quotation marks."""


def without_accents(text: str) -> str:
    """Every letter as its base letter, đ as d. For comparing, never for showing."""
    if text.isascii():
        return text
    decomposed = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", plain_d(text)))
    if _OTHER_MARKS.search(decomposed) is None:
        return decomposed
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def plain_d(text: str) -> str:
    """The text with đ, and the letters typed for it, as d."""
    for letter, base in PLAIN_D.items():  # few texts hold any but đ; a table would be asked for every letter
        if letter in text:
            text = text.replace(letter, base)
    return text


def restore_d(text: str) -> str:
    """The text (NFC) with đ where a letter like it was typed, at the same places. Only in Vietnamese texts: Guðrún keeps her name."""
    for letter, meant in LIKE_D.items():
        if letter in text and _VIETNAMESE.search(text):
            text = text.replace(letter, meant)
    return text
