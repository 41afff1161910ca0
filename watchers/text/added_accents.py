"""Defines which names may be found with accents that they were typed without: "Trung Nguyen Legend" in "Trung Nguyên Legend".

Only names of at least two words that are spelled as Vietnamese syllables, with `LETTERS` letters in these: shorter ones ("Ba Son") are
spelled as too many other things ("Bà Sơn"). Other words of such a name stand as they are. `accent_gates` gives the pieces of which one
stands in every text that holds the name, so that other texts are not read a second time. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from seeds.entities import Entity, Name
from watchers.text.fold import MARKS, fold

LETTERS = 7
"""Letters that the Vietnamese syllables of a name have together at least."""
_SYLLABLE = re.compile(r"(ngh?|nh|th|tr|ch|kh|ph|gh|[bcdghklmnpqrstvx])?([aeiouy]{1,3})(ng|nh|ch|[cmnpt])?")
_QUALITIES = {"a": "ăâ", "e": "ê", "i": "", "o": "ôơ", "u": "ư", "y": ""}
ACCENTED = {
    "d": "đ",
    **{
        vowel: "".join(unicodedata.normalize("NFC", form + tone) for form in (vowel, *forms) for tone in ("", *MARKS))[1:]
        for vowel, forms in _QUALITIES.items()
    },
}
"""The letters of Vietnamese with accents, by their base letters."""
_BASES = str.maketrans({form: base for base, forms in ACCENTED.items() for form in forms})
_ADDRESSES = frozenset({"ba", "ong", "anh", "chi", "co", "chu", "em", "cau", "bac"})
"""Forms of address without accents: the word behind one is a person's name."""
_PERSON_WORDS = 3
"""Words of a person's name from which it is more than a surname and a common given name."""


def names_without_accents(entity: Entity) -> tuple[Name, ...]:
    """The names of an entity that are also looked for with accents.

    None of a topic, which is meant as the words it is, and none of those whose accents are known because another name of the entity
    has them ("Hải Phòng" beside "Hai Phong").
    """
    names = entity.all_names()
    if entity.kind == "topic" or all(not name.text.isascii() or " " not in name.text for name in names):
        return ()
    known = [f" {bare_letters(fold(name.text))} " for name in names if not name.text.isascii()]
    return tuple(
        name
        for name in names
        if _accents_missing(name.text, person=entity.kind == "person")
        and not name.market
        and not any(f" {fold(name.text)} " in form or form in f" {fold(name.text)} " for form in known)
    )


def _accents_missing(name: str, *, person: bool) -> bool:
    words = fold(name).split()
    syllables = [word for word in words if _SYLLABLE.fullmatch(word)]
    return (
        name.isascii()
        and len(syllables) >= (_PERSON_WORDS if person else 2)
        and sum(map(len, syllables)) >= LETTERS
        and not (len(words) == 2 and words[0] in _ADDRESSES)
    )


def bare_letters(text: str) -> str:
    """A folded text with each Vietnamese letter as its base letter, at the same places."""
    return text.translate(_BASES)


def accent_gates(name: str) -> set[str]:
    """Folded pieces of which one stands wherever the name does, with accents or without.

    A piece is a word of the name in every spelling, with the letters beside it that carry no accents.
    """
    words = fold(name).split()
    gates = [_pieces(words, place) for place in range(len(words))]
    return max(gates, key=lambda pieces: (min(map(len, pieces)), -len(pieces)))


def _pieces(words: list[str], place: int) -> set[str]:
    before = after = ""
    if place:
        syllable = _SYLLABLE.fullmatch(words[place - 1])
        before = (words[place - 1] if syllable is None else syllable[3] or "") + " "
    if place + 1 < len(words):
        syllable = _SYLLABLE.fullmatch(words[place + 1])
        onset = words[place + 1] if syllable is None else syllable[1] or ""
        after = " " + ("" if onset == "d" else onset)
    return {before + form + after for form in _spelled(words[place])}


@cache
def _spelled(word: str) -> frozenset[str]:
    """A syllable with all accents that it may have, and without; another word as it is."""
    syllable = _SYLLABLE.fullmatch(word)
    if syllable is None:
        return frozenset((word,))
    onset, vowels, coda = syllable[1] or "", syllable[2], syllable[3] or ""
    nuclei = {vowels}
    for place, vowel in enumerate(vowels):
        nuclei |= {vowels[:place] + form + vowels[place + 1 :] for form in _QUALITIES.get(vowel, "")}
    nuclei.add(vowels.replace("uo", "ươ"))
    toned = {
        unicodedata.normalize("NFC", nucleus[: place + 1] + tone + nucleus[place + 1 :])
        for nucleus in nuclei
        for place in range(len(nucleus))
        for tone in MARKS
    }
    return frozenset(first + nucleus + coda for first in {onset, onset.replace("d", "đ")} for nucleus in nuclei | toned)
