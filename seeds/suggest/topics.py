"""Defines `keywords_of`: the ordinary words that a story keeps using, by which a rule tells it from other news about the same names."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from seeds.suggest.lexicon import lexicon
from seeds.suggest.sentences import Sentence

_FEW = 8


def keywords_of(sentences: list[Sentence]) -> tuple[str, ...]:
    """Up to eight words or pairs of words, most telling first: pairs that come back, then long words that come back often."""
    pairs: Counter[str] = Counter()
    singles: Counter[str] = Counter()
    documents: dict[str, set[int]] = {}
    for sentence in sentences:
        tokens = [token.text.lower() if place == 0 or token.text.islower() else "" for place, token in enumerate(sentence.tokens)]
        vietnamese = sentence.lang == "vi"
        for word in tokens:
            if not vietnamese and len(word) >= 6 and _content(word, "en"):
                singles[word] += 1
                documents.setdefault(word, set()).add(sentence.document)
        for first, second in pairwise(tokens):
            least = 2 if vietnamese else 4
            if min(len(first), len(second)) >= least and _content(first, sentence.lang) and _content(second, sentence.lang):
                pairs[f"{first} {second}"] += 1
    chosen = [pair for pair, count in _ordered(pairs) if count >= 3 or (count == 2 and not _only_vietnamese(sentences))]
    chosen += [word for word, count in _ordered(singles) if count >= 3 and not any(word in pair.split() for pair in chosen)]
    return tuple(chosen[:_FEW])


def _content(word: str, lang: str) -> bool:
    words = lexicon("vi" if lang == "vi" else "en")
    if not word.isalpha() or word in words.starters or word in words.acting or word in words.people_acting:
        return False
    return lang == "vi" or not (word in words.common | words.offices | words.company_nouns | words.generic or word.endswith("ly"))


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _only_vietnamese(sentences: list[Sentence]) -> bool:
    return all(one.lang == "vi" for one in sentences)
