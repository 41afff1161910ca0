"""Defines `language_of`: "vi" or "en" for a text that says nothing of its language: its letters decide, or else its small words."""

from __future__ import annotations

import re
import unicodedata

_ONLY_VIETNAMESE = re.compile(r"[ăắằẳẵặâấầẩẫậđêếềểễệôốồổỗộơớờởỡợưứừửữựạảẹẻẽịỉĩọỏụủũỳỵỷỹ]", re.IGNORECASE)
_SMALL_VIETNAMESE = re.compile(r"\b(?:va|cua|cho|khong|nguoi|duoc|trong|voi|cac|nhung|mot|tai|den|nam|theo|cong ty|trieu|dong)\b")
_SMALL_ENGLISH = re.compile(r"\b(?:the|of|and|to|in|for|on|with|is|are|was|by|from|at|that|as|has|its)\b")
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
    return "vi" if len(_SMALL_VIETNAMESE.findall(lowered)) > len(_SMALL_ENGLISH.findall(lowered)) else "en"
