"""Defines how a text becomes terms: tokens, light stems, folded letters, and concepts of the glossary that both languages share.

Values only. A term is a short string: "=partner" is a concept, "~year" a word of every headline, "nvidia" any other word or name
(folded to ASCII, stemmed in English).
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache

import msgspec

from seeds.folding import without_accents
from watchers.stories.concepts import COMMON, CONCEPTS, STOP

_TOKEN = re.compile(r"[^\W_]+(?:[&.][^\W_]+)*(?:['’][^\W\d_]{1,2}\b)?")
_POSSESSIVE = re.compile(r"['’](?:s|S)?$|['’][^\W\d_]{1,2}$")
_OPENS = re.compile(r"[.!?:;|\"“—\n]")
_CURRENCIES = frozenset({"usd", "eur", "vnd", "hkd"})
_MONEY = re.compile(r"[a-z]{3}(?:\d[\d.,]*(?:k|m|mn|b|bn|t|tn)?)?$")


class Word(msgspec.Struct, frozen=True, gc=False):
    """A word at a place: `word` in lower case without a possessive, `first` where it opens a sentence, `capital` where a letter is one."""

    text: str
    word: str
    start: int
    first: bool
    capital: bool


def tokens(text: str) -> list[Word]:
    """The words of a text, in order. Hyphens divide; "E&C" and "5.5" stay whole."""
    found: list[Word] = []
    before = 0
    for match in _TOKEN.finditer(text):
        raw = match.group()
        if "'" in raw or "’" in raw:
            raw = _POSSESSIVE.sub("", raw) or raw
        start = match.start()
        gap = text[before:start]
        word = raw.lower()
        found.append(Word(raw, word, start, not found or (gap != " " and _OPENS.search(gap) is not None), raw != word))
        before = match.end()
    return found


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """ASCII letters as far as they go: accents dropped, đ to d."""
    if word.isascii():
        return sys.intern(word)
    return sys.intern(without_accents(word))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """An English word without its common endings; other words pass. Levels only what headlines vary: -s, -es, -ed, -ing."""
    if not word.isascii() or not word.isalpha() or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ing") and len(word) > 5:
        word = word[:-3]
    elif word.endswith("ed") and len(word) > 4 and not word.endswith("eed"):
        word = word[:-2]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiosl":
        word = word[:-1]
    if word.endswith("e") and len(word) > 3:
        word = word[:-1]
    return sys.intern(word)


def _compiled() -> dict[tuple[str, ...], str]:
    phrases: dict[tuple[str, ...], str] = {}
    for concept, forms in CONCEPTS.items():
        for form in forms.split(","):
            words = tuple(stem(word) for word in form.strip().replace("-", " ").split())
            phrases.setdefault(words, sys.intern("=" + concept))
    return phrases


_PHRASES = _compiled()
_OPENERS = {words[0]: max(len(other) for other in _PHRASES if other[0] == words[0]) for words in _PHRASES}
"""The words of the longest phrase by its first one."""
_COMMON = frozenset(stem(word) for word in COMMON) | COMMON
_VIETNAMESE_STOP = frozenset(word for word in STOP if not word.isascii())
_STOP = frozenset(word for word in STOP if word.isascii())


def is_common(term: str) -> bool:
    """A headline word of every day ("~year"): it says little about which news this is."""
    return term.startswith("~")


def is_money(token: Word) -> bool:
    """True for a currency's letters, alone or with their sum ("USD1B"): the figure that they make says it, and they name nobody."""
    word = token.word
    return word[:3] in _CURRENCIES and _MONEY.match(word) is not None


def is_concept(term: str) -> bool:
    """A meaning of the glossary, the same in both languages."""
    return term.startswith("=")


def is_stop(word: str) -> bool:
    """A word without meaning of its own, in lower case."""
    return word in _STOP or word in _VIETNAMESE_STOP


def terms(words: list[Word]) -> list[tuple[str, Word]]:
    """Each word or phrase as its term, with the token that opens it; words without meaning of their own are left out."""
    stems = [stem(token.word) for token in words]
    found: list[tuple[str, Word]] = []
    behind = 0  # the last phrase
    for at, token in enumerate(words):
        if at < behind:
            continue
        stemmed, word = stems[at], token.word
        if stemmed in _OPENERS:
            concept, length = _phrase(stems, at)
            if length:
                found.append((concept, token))
                behind = at + length
                continue
        if token.text == "US":  # the pronoun is never in capitals
            found.append(("=us", token))
        elif word not in _STOP and word not in _VIETNAMESE_STOP and (len(word) > 1 or not word.isascii()):
            found.append((_term(stemmed, token), token))
    return found


def _phrase(stems: list[str], at: int) -> tuple[str, int]:
    """The concept of the longest phrase of the glossary that begins there, and its words; "" and 0 for none."""
    for length in range(min(_OPENERS[stems[at]], len(stems) - at), 1, -1):
        concept = _PHRASES.get(tuple(stems[at : at + length]))
        if concept is not None:
            return concept, length
    alone = _PHRASES.get((stems[at],))
    return (alone, 1) if alone is not None else ("", 0)


def _term(stemmed: str, token: Word) -> str:
    plain = fold(stemmed)
    # "Năm" in capitals inside a Vietnamese sentence is somebody's name, "năm" is a year.
    name = token.capital and not token.first and not token.word.isascii()
    return sys.intern("~" + plain) if not name and (stemmed in _COMMON or token.word in _COMMON) else plain
