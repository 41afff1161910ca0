"""Defines a cheap guess of a text's language: English, Vietnamese or unknown. Letters and frequent words, no model.

Two languages are watched; everything else is "" and is left to the feed's own word.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

SAMPLE = 400
"""Characters looked at: a title and a lead decide."""

# Letters that only Vietnamese combines so (shared ones such as é, à, ô are left out: French and Portuguese have them).
_VIETNAMESE = re.compile("[đơưăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ]")
_ENGLISH_TEXT = """
the of and to in for on with is are was by at from as an its it it's that this will has have be new after over says how why
what not but more
"""
_ENGLISH_WORDS = frozenset(_ENGLISH_TEXT.split())
# Accents left out; only words that are none in English.
_BARE_VIETNAMESE_TEXT = """
khong cua duoc nhung voi trong nguoi viet ngay cac cho tai mot va co den nay ty dong nghe doanh nghiep moi hang thanh cong
"""
_BARE_VIETNAMESE_WORDS = frozenset(_BARE_VIETNAMESE_TEXT.split())
_OTHER_SCRIPT = re.compile("[\u0370-\u1dff\u2e80-\ua4cf\uac00-\ud7ff]")


def detect(text: str) -> str:
    """Gives "vi", "en", "other" (a script of neither) or "" for `text`; its first `SAMPLE` characters decide."""
    sample = text[:SAMPLE].lower()
    marks = 0
    if not sample.isascii():
        if max(sample) >= "\u0300":  # NFD hides the letters
            sample = normalize("NFC", sample)
        marks = len(_VIETNAMESE.findall(sample))
        # Running Vietnamese has a specific letter in about every eighth character.
        if marks >= 2 and marks * 12 >= len(sample):
            return "vi"
    words = sample.split()
    english = len(_ENGLISH_WORDS.intersection(words))
    # Names and brands thin it out; an English text with a Vietnamese person's full name in it has its own small words.
    if marks >= 2 and marks * 30 >= len(sample) and english < 2:
        return "vi"
    if english and english * 14 >= len(words):
        return "en"
    if not english and not marks and sample.isascii() and _BARE_VIETNAMESE_WORDS.isdisjoint(words):
        return ""
    bare = len(_BARE_VIETNAMESE_WORDS.intersection(words))
    if (bare >= 2 and bare * 6 >= len(words) and bare > english) or (marks and marks * 30 >= len(sample) and not english):
        return "vi"
    return "other" if not sample.isascii() and len(_OTHER_SCRIPT.findall(sample)) * 4 > len(sample) else ""


def language(text: str, *, known: str = "", declared: str = "") -> str:
    """The language of an item: what its text shows, else what a person said of the feed (`known`), else what the feed says (`declared`)."""
    seen = detect(text)
    if seen in {"en", "vi"}:
        return seen
    if seen == "other":
        return ""
    return known or _short(declared)


@lru_cache(maxsize=512)
def _short(code: str) -> str:
    """ "en-US" → "en"; languages that are not watched → ""."""
    primary = code.strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary in {"en", "vi"} else ""
