"""Defines `keywords_of`: finds the ordinary words that a story repeats. A rule uses them to exclude other news about the same names."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from watchers.suggest.lexicon import lexicon
from watchers.suggest.sentences import DocumentSentence

_MAX_KEYWORDS = 8


def keywords_of(sentences: list[DocumentSentence]) -> tuple[str, ...]:
    """Returns up to eight keywords: first pairs of words that occur at least twice, then words that occur at least three times."""
    pairs: Counter[str] = Counter()
    singles: Counter[str] = Counter()
    small = {token.text for sentence in sentences for token in sentence.tokens if token.text.islower()}
    for sentence in sentences:
        # A capitalised word counts only if the texts also contain it in lower case; otherwise it can be a name.
        tokens = [token.text.lower() if token.text.lower() in small else "" for token in sentence.tokens]
        content = [word if _is_content_word(word, sentence.lang) else "" for word in tokens]
        if sentence.lang != "vi":  # a single Vietnamese syllable is rarely a word
            singles.update(word for word in content if len(word) >= 6)
        pairs.update(f"{first} {second}" for first, second in pairwise(content) if first and second)
    chosen: list[str] = []
    for phrase, _ in [*_frequent(pairs, 2), *_frequent(singles, 3)]:
        used = {word for keyword in chosen for word in keyword.split()}
        if not used.intersection(phrase.split()):
            chosen.append(phrase)
    return tuple(chosen[:_MAX_KEYWORDS])


def _is_content_word(word: str, lang: str) -> bool:
    words = lexicon("vi" if lang == "vi" else "en")
    if not word.isalpha() or (lang != "vi" and len(word) < 4) or word in words.starters | words.acting | words.people_acting:
        return False
    return lang == "vi" or not (word in words.common | words.offices | words.company_nouns | words.generic or word.endswith("ly"))


def _frequent(counts: Counter[str], minimum: int) -> list[tuple[str, int]]:
    return sorted((item for item in counts.items() if item[1] >= minimum), key=lambda item: (-item[1], item[0]))
