"""Defines who a text names: entities that matching found become one term ("@nvidia"), other names are words in capitals.

Pure. Entities whose name is a word of the glossary ("AI", "Vietnam") stay that word, so that texts meet there whether or not it is watched.
"""

from __future__ import annotations

import re
import sys
from itertools import pairwise

from watchers.match.result import Match
from watchers.stories.moves import Named
from watchers.stories.words import Token, fold, is_common, is_concept, terms, tokens


def entity_spans(text: str, match: Match) -> list[tuple[int, int, str, str]]:
    """Where a text calls the entities of its mentions: (start, end, entity, its group), in order, none inside another."""
    called: dict[str, tuple[str, str]] = {}
    for mention in match.mentions:
        if mention.text not in called and len(mention.text) > 1:
            opened = terms(tokens(mention.text))
            if opened and not all(is_concept(term) for term, _ in opened):
                called[mention.text] = (mention.entity, mention.part_of or mention.entity)
    if not called:
        return []
    # Longest first: "FPT Software" is not "FPT".
    pattern = "|".join(re.escape(name) for name in sorted(called, key=lambda name: (-len(name), name)))
    return [(found.start(), found.end(), *called[found.group()]) for found in re.finditer(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", text)]


def named_terms(words: list[Token], spans: list[tuple[int, int, str, str]]) -> list[tuple[str, Token]]:
    """The terms of a text, with one term for each place where an entity is called."""
    found: list[tuple[str, Token]] = []
    at = 0
    for start, end, entity, _ in spans:
        before = at
        while at < len(words) and words[at].start < start:
            at += 1
        found.extend(terms(words[before:at]))
        if at < len(words) and words[at].start < end:
            found.append((sys.intern("@" + entity), words[at]))
        while at < len(words) and words[at].start < end:
            at += 1
    return found + terms(words[at:])


def title_names(title: str, words: list[Token], found: list[tuple[str, Token]], lead: list[Token]) -> tuple[frozenset[str], frozenset[str]]:
    """Terms of a title that are names for certain (in capitals where their neighbours are not, or inside a sentence), and perhaps."""
    # A headline in Title Case names nothing by its capitals alone; the text beside it shows which of them are names.
    long = [token for token in words if len(token.text) > 3 and token.text.isalpha()]
    shouted = bool(long) and sum(token.capital for token in long) / len(long) > 0.7
    inside = {token.word for token in lead if not token.first and token.capital}
    # "Weaver Capital …" opens a sentence and is a name all the same.
    inside |= {one.word for one, two in pairwise(lead) if one.first and one.capital and not two.first and two.capital}
    lower = {token.word for token in lead if not token.capital}
    sure: set[str] = set()
    perhaps: set[str] = set()
    for term, token in found:
        if term.startswith("@"):
            sure.add(term)
        elif not is_concept(term) and not is_common(term) and token.capital and token.word not in lower:
            mixed = token.text[1:] != token.word[1:] and not title.isupper()
            certain = token.word in inside or mixed or (not shouted and not token.first)
            (sure if certain else perhaps).add(term)
    return frozenset(sure), frozenset(perhaps)


def companies(words: list[Token], spans: list[tuple[int, int, str, str]]) -> list[Named]:
    """Who may be the subject of a headline on prices, in order: the entities called there, else the words in capitals."""
    if spans:
        return [Named(group, start, end) for start, end, _, group in spans]
    found = []
    for token in words:
        alone = terms([token])
        if token.capital and len(token.word) > 2 and alone and not is_common(alone[0][0]) and not is_concept(alone[0][0]):
            found.append(Named(fold(token.word), token.start, token.start + len(token.text)))
    return found
