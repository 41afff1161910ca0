"""Defines `language_of`: "vi" or "en" for a text that says nothing of its language: its letters decide, or else its small words."""

from __future__ import annotations

import re
import unicodedata

from seeds.pattern_syntax import words

_ONLY_VIETNAMESE = re.compile(r"[ăắằẳẵặâấầẩẫậđêếềểễệôốồổỗộơớờởỡợưứừửữựạảẹẻẽịỉĩọỏụủũỳỵỷỹ]", re.IGNORECASE)
_SMALL_VIETNAMESE = frozenset(words("va cua cho khong nguoi duoc trong voi cac nhung mot tai den nam theo trieu dong"))
_COMPANY = re.compile(r"\bcong ty\b")
"""The one of them that is two words."""
_SMALL_ENGLISH = frozenset(words("the of and to in for on with is are was by from at that as has its"))
_WORD = re.compile(r"\w+")
_NO_WORD = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
SAMPLE = 300
"""Characters looked at; more would not change the answer."""


def language_of(text: str, stated: str = "") -> str:
    """The language stated (its primary part, where it is one of the two), else read from the text; "en" for a text that shows nothing."""
    primary = stated.lower().replace("_", "-").partition("-")[0]
    if primary in {"en", "vi"}:
        return primary
    sample = text[:SAMPLE]
    if not sample.isascii():
        letters = len(_ONLY_VIETNAMESE.findall(unicodedata.normalize("NFC", sample)))
        if letters * 25 > sum(c.isalpha() for c in sample):
            return "vi"
    lowered = sample.lower()
    found = lowered.translate(_NO_WORD).split() if lowered.isascii() else _WORD.findall(lowered)
    vietnamese = sum(map(_SMALL_VIETNAMESE.__contains__, found)) + len(_COMPANY.findall(lowered) if "cong ty" in lowered else ())
    return "vi" if vietnamese > sum(map(_SMALL_ENGLISH.__contains__, found)) else "en"
