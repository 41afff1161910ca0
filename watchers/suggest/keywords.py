"""Defines `keywords_of`: the ordinary words that a story keeps using, by which a rule tells it from other news about the same names."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from watchers.suggest.lexicon import lexicon
from watchers.suggest.sentences import Sentence

_FEW = 8


def keywords_of(sentences: list[Sentence]) -> tuple[str, ...]:
    """Up to eight words or pairs of words, most telling first: pairs that come back, then single words that come back often."""
    pairs: Counter[str] = Counter()
    singles: Counter[str] = Counter()
    small = {token.text for sentence in sentences for token in sentence.tokens if token.text.islower()}
    for sentence in sentences:
        # A word that opens a sentence counts where it is written small elsewhere: else it may be a name.
        tokens = [token.text.lower() if token.text.lower() in small else "" for token in sentence.tokens]
        content = [word if _content(word, sentence.lang) else "" for word in tokens]
        if sentence.lang != "vi":  # a Vietnamese syllable alone is seldom a word
            singles.update(word for word in content if len(word) >= 6)
        pairs.update(f"{first} {second}" for first, second in pairwise(content) if first and second)
    chosen: list[str] = []
    for phrase, _ in [*_often(pairs, 2), *_often(singles, 3)]:
        taken = {word for one in chosen for word in one.split()}
        if not taken.intersection(phrase.split()):
            chosen.append(phrase)
    return tuple(chosen[:_FEW])


def _content(word: str, lang: str) -> bool:
    words = lexicon("vi" if lang == "vi" else "en")
    if not word.isalpha() or (lang != "vi" and len(word) < 4) or word in words.starters | words.acting | words.people_acting:
        return False
    return lang == "vi" or not (word in words.common | words.offices | words.company_nouns | words.generic or word.endswith("ly"))


def _often(counts: Counter[str], least: int) -> list[tuple[str, int]]:
    return sorted((item for item in counts.items() if item[1] >= least), key=lambda item: (-item[1], item[0]))
