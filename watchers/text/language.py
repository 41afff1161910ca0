"""Detects the language of a text by letters and frequent words, without a model: English, Vietnamese or unknown.

`language` is for the items of a source: a text that shows neither language is "", and the source's own statement is used.
`language_of` is for matching, which always needs one of the two: it trusts the item's language and falls back to English.
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

from seeds.pattern_syntax import words as split_words

SAMPLE = 400
"""Number of characters examined by `detect`: a title and a lead."""

# Letters of Vietnamese only. Letters such as é, à, ô are left out, because French and Portuguese have them.
_VIETNAMESE = re.compile("[đơưăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ]")
_ENGLISH_TEXT = """
the of and to in for on with is are was by at from as an its it it's that this will has have be new after over says how why
what not but more
"""
_ENGLISH_WORDS = frozenset(_ENGLISH_TEXT.split())
# Vietnamese words without accents; only words that do not exist in English.
_BARE_VIETNAMESE_TEXT = """
khong cua duoc nhung voi trong nguoi viet ngay cac cho tai mot va co den nay ty dong nghe doanh nghiep moi hang thanh cong
"""
_BARE_VIETNAMESE_WORDS = frozenset(_BARE_VIETNAMESE_TEXT.split())
_OTHER_SCRIPT = re.compile("[\u0370-\u1dff\u2e80-\ua4cf\uac00-\ud7ff]")

MATCH_SAMPLE = 300
"""Number of characters examined by `language_of`."""

_VIETNAMESE_ONLY = re.compile(r"[ăắằẳẵặâấầẩẫậđêếềểễệôốồổỗộơớờởỡợưứừửữựạảẹẻẽịỉĩọỏụủũỳỵỷỹ]", re.IGNORECASE)
_BARE_VIETNAMESE = frozenset(split_words("va cua cho khong nguoi duoc trong voi cac nhung mot tai den nam theo trieu dong"))
_COMPANY = re.compile(r"\bcong ty\b")
"""Vietnamese for "company": the only cue of two words."""
_ENGLISH = frozenset(split_words("the of and to in for on with is are was by from at that as has its"))
_WORD = re.compile(r"\w+")
_BLANK_PUNCTUATION = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}


def detect(text: str) -> str:
    """Returns "vi", "en", "other" (another script) or "" (unknown) for the first `SAMPLE` characters of `text`."""
    sample = text[:SAMPLE].lower()
    marks = 0
    if not sample.isascii():
        if max(sample) >= "\u0300":  # the letters below are precomposed, so NFD has to be composed
            sample = normalize("NFC", sample)
        marks = len(_VIETNAMESE.findall(sample))
        # Running Vietnamese has a specific letter in about every eighth character.
        if marks >= 2 and marks * 12 >= len(sample):
            return "vi"
    words = sample.split()
    english = len(_ENGLISH_WORDS.intersection(words))
    # Foreign names reduce the share of Vietnamese letters. An English text with a Vietnamese name has English function words.
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


def language(text: str, *, configured: str = "", declared: str = "") -> str:
    """Returns the language of an item: detected in its text, else configured for the feed (`configured`), else declared by the feed."""
    detected = detect(text)
    if detected in {"en", "vi"}:
        return detected
    if detected == "other":
        return ""
    return configured or _primary(declared)


@lru_cache(maxsize=512)
def _primary(code: str) -> str:
    """Returns "en" for "en-US"; "" for languages that are not watched."""
    primary = code.strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary in {"en", "vi"} else ""


def language_of(text: str, declared: str = "") -> str:
    """Returns the language by which an item is matched: the declared one if it is "en" or "vi", else the detected one, else "en"."""
    primary = declared.lower().replace("_", "-").partition("-")[0]
    if primary in {"en", "vi"}:
        return primary
    sample = text[:MATCH_SAMPLE]
    if not sample.isascii():
        letters = len(_VIETNAMESE_ONLY.findall(normalize("NFC", sample)))
        if letters * 25 > sum(c.isalpha() for c in sample):
            return "vi"
    lowered = sample.lower()
    words = lowered.translate(_BLANK_PUNCTUATION).split() if lowered.isascii() else _WORD.findall(lowered)
    vietnamese = sum(map(_BARE_VIETNAMESE.__contains__, words)) + len(_COMPANY.findall(lowered) if "cong ty" in lowered else ())
    return "vi" if vietnamese > sum(map(_ENGLISH.__contains__, words)) else "en"
