"""Defines who a text names: entities that matching found become one term ("@nvidia"), other names are words in capitals.

Pure. Entities whose name is a word of the glossary ("AI", "Vietnam") stay that word, so that texts meet there whether or not it is watched.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from watchers.match.result import Match
from watchers.stories.concepts import RANKS
from watchers.stories.price_moves import CompanyMention
from watchers.stories.terms import Word, fold, is_common, is_concept, is_stop, stem, terms, tokens


class TitleNames(NamedTuple):
    """Terms of a title that are names for certain, and perhaps, one a word; and the names as a whole."""

    sure: frozenset[str]
    perhaps: frozenset[str]
    wholes: tuple[tuple[str, ...], ...]


def entities_called(match: Match) -> dict[str, tuple[str, str]]:
    """By what a text calls them, the entities of its mentions: (entity, its group)."""
    called: dict[str, tuple[str, str]] = {}
    for mention in match.mentions:
        if mention.text not in called and len(mention.text) > 1 and _names_somebody(mention.text):
            called[mention.text] = (mention.entity, mention.part_of or mention.entity)
    return called


@lru_cache(maxsize=4_096)
def _names_somebody(text: str) -> bool:
    """Whether more than words of the glossary stand there."""
    return any(not is_concept(term) for term, _ in terms(tokens(text)))


def entity_spans(text: str, called: Mapping[str, tuple[str, str]]) -> list[tuple[int, int, str, str]]:
    """Where a text calls entities: (start, end, entity, its group), in order, none inside another."""
    if not called:
        return []
    # Longest first: "FPT Software" is not "FPT".
    pattern = "|".join(re.escape(name) for name in sorted(called, key=lambda name: (-len(name), name)))
    return [(found.start(), found.end(), *called[found.group()]) for found in re.finditer(rf"(?<![^\W_])(?:{pattern})(?![^\W_])", text)]


def named_terms(words: list[Word], spans: list[tuple[int, int, str, str]]) -> list[tuple[str, Word]]:
    """The terms of a text, with one term for each place where an entity is called."""
    found: list[tuple[str, Word]] = []
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


def title_names(title: str, words: list[Word], found: list[tuple[str, Word]], lead: list[Word]) -> TitleNames:
    """Who a title names. A name is certain in capitals where its neighbours are not, or inside a sentence."""
    # A headline in Title Case names nothing by its capitals alone; the text beside it shows which of them are names.
    long = [token for token in words if len(token.text) > 3 and token.text.isalpha()]
    shouted = bool(long) and sum(token.capital for token in long) / len(long) > 0.7
    inside = {token.word for token in lead if not token.first and token.capital}
    # "Weaver Capital …" opens a sentence and is a name all the same.
    inside |= {word.word for word, two in pairwise(lead) if word.first and word.capital and not two.first and two.capital}
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
    wholes = whole_names(words, found, frozenset(inside) if shouted else None)
    return TitleNames(frozenset(sure), frozenset(perhaps), wholes)


def whole_names(words: list[Word], found: list[tuple[str, Word]], known: frozenset[str] | None = None) -> tuple[tuple[str, ...], ...]:
    """The names among `words`: runs in capitals, as terms. Words of the glossary and of every headline, ranks and entities are no part of
    them; a word that is left out elsewhere is ("Can Tho"). `known`: what alone may be in a name, where capitals tell nothing."""
    opened = {token.start: term for term, token in found}
    names: dict[tuple[str, ...], None] = {}
    for begin, end in _capitals(words):
        run = tuple(_run(words[begin:end], opened, known))
        if len(run) > 1 or (run and (end - begin == 1 or not is_stop(words[begin].word))):  # "My Tho …" may mean either
            names[run] = None
    return tuple(names)


def in_several_words(names: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The names of several words, and those of one that is a word of them: "Huế" beside "Thừa Thiên Huế"."""
    names = tuple(dict.fromkeys(names))
    words = {word for name in names if len(name) > 1 for word in name}
    return tuple(name for name in names if len(name) > 1 or name[0] in words) if words else ()


def _capitals(words: list[Word]) -> list[tuple[int, int]]:
    """Where words in capitals follow each other with nothing but a space between, or stand alone: from and to which word."""
    spans: list[tuple[int, int]] = []
    begin, expected = -1, -1  # the first word of the run, and where its next word would start
    for at, token in enumerate(words):
        if not token.capital:
            if begin >= 0:
                spans.append((begin, at))
                begin = -1
            continue
        if begin >= 0 and token.start != expected:
            spans.append((begin, at))
            begin = at
        elif begin < 0:
            begin = at
        expected = token.start + len(token.text) + 1
    if begin >= 0:
        spans.append((begin, len(words)))
    return spans


def _run(words: list[Word], opened: dict[int, str], known: frozenset[str] | None) -> Iterator[str]:
    """The terms of one run in capitals that make a name. `opened`: the term that a token opens, by its start."""
    for token in words:
        term = opened.get(token.start, "")
        if not term and not token.first and not token.text.isupper() and is_stop(token.word):
            term = fold(stem(token.word))
        if term and term[0] not in "@=~" and token.word not in RANKS and (known is None or token.word in known):
            yield term


def companies(words: list[Word], spans: list[tuple[int, int, str, str]]) -> list[CompanyMention]:
    """Who may be the subject of a headline on prices, in order: the entities called there, else the words in capitals."""
    if spans:
        return [CompanyMention(group, start, end) for start, end, _, group in spans]
    found = []
    for token in words:
        alone = terms([token])
        if token.capital and len(token.word) > 2 and alone and not is_common(alone[0][0]) and not is_concept(alone[0][0]):
            found.append(CompanyMention(fold(token.word), token.start, token.start + len(token.text)))
    return found
