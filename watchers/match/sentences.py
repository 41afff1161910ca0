"""Defines Sentence and Token, and `read_sentences`: a field of an item → its sentences, in words, with known names as one word each.

Offsets point into the field as given, also where its accents are written decomposed (NFD); words are compared composed and in lower case.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from seeds.entities import Entity
from seeds.patterns import WORD, words
from watchers.match.amounts import Money, read_money
from watchers.match.result import Field, Mention

LONGEST = 60_000
"""Code points of a field that are read. What happened stands early; a book handed in as one item is read to here."""

_KIND_WORD = {"company": "{company}", "brand": "{company}", "product": "{product}", "person": "{person}", "government": "{government}",
              "organization": "{organization}", "place": "{place}", "topic": ""}
# A full stop ends a sentence unless it belongs to one of these, to an initial, or to a number.
_ABBREVIATIONS = frozenset((
    "inc", "corp", "co", "ltd", "mr", "mrs", "ms", "dr", "prof", "st", "no", "vs", "jr", "sr", "u.s", "u.k", "e.g", "i.e", "etc",
    "gen", "gov", "sen", "rep", "lt", "col", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
    "tp", "ts", "ths", "pgs", "gs", "q", "p", "t.p", "v.v",
))
_LOWER_IN_TITLES = frozenset(words("a an the and or but nor to of in on at by for from with as vs via per is 's ’s"))
_SHORTEST, _CAPITALS = 3, 0.75
"""Words that a headline has at least, and the part of them with capitals that makes a sentence one."""
_MAY_END = ".!?…。\"'”’»)]"
_CLOSERS = "\"'”’»)]"


class Token(NamedTuple):
    """A word, a sign, a known name or a sum. `start` and `end` are offsets in the field as given."""

    word: str
    """As patterns see it: lower case, or the kind ("{company}", "{money}", "{number}", "{control}")."""
    text: str
    start: int
    end: int
    mention: Mention | None = None
    money: Money | None = None


@dataclass(frozen=True)
class Sentence:
    """A sentence: `tokens` in order; `index` counts from 0 in its field."""

    field: Field
    index: int
    tokens: tuple[Token, ...]

    @cached_property
    def headline(self) -> bool:
        """Title Case or capitals throughout: a capital letter says nothing about names. Worked out when first asked for: few ask."""
        letters = [one.text[0] for one in self.tokens
                   if one.mention is None and one.text[0].isalpha() and one.word not in _LOWER_IN_TITLES]
        return len(letters) >= _SHORTEST and sum(map(str.isupper, letters)) >= _CAPITALS * len(letters)

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end


def compose(text: str) -> tuple[str, list[int] | None]:
    """The text in NFC and, where that moved anything, the offset in `text` of each character (one more for the end)."""
    if unicodedata.is_normalized("NFC", text):
        return text, None
    pieces: list[str] = []
    offsets: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and (unicodedata.combining(text[end]) or "\u1160" <= text[end] <= "\u11ff"):
            end += 1
        piece = unicodedata.normalize("NFC", text[start:end])
        pieces.append(piece)
        offsets += [min(start + at, end - 1) for at in range(len(piece))]
        start = end
    return "".join(pieces), [*offsets, len(text)]


def read_sentences(field: Field, given: str, mentions: Sequence[Mention], entities: Mapping[str, Entity]) -> list[Sentence]:
    """The sentences of one field. `mentions` are those of this field, by offsets in `given`; overlapping ones are left out."""
    text, offsets = compose(given[:LONGEST])
    money = read_money(text)
    spans: list[tuple[int, int, str, Mention | None, Money | None]] = []
    for one in mentions:
        start, end = (one.start, one.end) if offsets is None else (bisect_left(offsets, one.start), bisect_left(offsets, one.end))
        entity = entities.get(one.entity)
        word = _KIND_WORD[entity.kind] if entity is not None else "{company}"
        if word and start < end <= len(text):
            spans.append((start, end, word, one, None))
    spans += [(one.start, one.end, "{money}", None, one) for one in money]
    spans.sort(key=lambda span: (span[0], -span[1]))
    sentences: list[Sentence] = []
    current: list[Token] = []
    # Where a mark of end was seen, the next word's capital decides.
    for token, gap in _tokens(text, spans):
        if gap and current and (current[-1].text[-1] in _MAY_END or "\n" in gap) and _ends(current, gap, token):
            sentences.append(Sentence(field, len(sentences), tuple(current)))
            current = []
        current.append(token if offsets is None else token._replace(start=offsets[token.start], end=offsets[token.end]))
    if current:
        sentences.append(Sentence(field, len(sentences), tuple(current)))
    return sentences


def _tokens(text: str, spans: Sequence[tuple[int, int, str, Mention | None, Money | None]]) -> list[tuple[Token, str]]:
    """All tokens of the text, each with the white space (or signs between words) before it."""
    found: list[tuple[Token, str]] = []
    at = last = 0
    for start, end, word, mention, money in spans:
        if start < at:
            continue
        last = _plain(text, at, start, last, found)
        found.append((Token(word, text[start:end], start, end, mention, money), text[last:start]))
        at = last = end
    _plain(text, at, len(text), last, found)
    return found


def _plain(text: str, at: int, until: int, last: int, found: list[tuple[Token, str]]) -> int:
    append, make = found.append, tuple.__new__  # a text has hundreds of words: what is done for each is kept short
    for match in WORD.finditer(text, at, until):
        start, end = match.span()
        word = match[0]
        seen = word.lower()
        if not seen.isalpha():
            if word == "-" and start > 0 and end < len(text) and not text[start - 1].isspace() and not text[end].isspace():
                continue  # inside a compound: "break-even"
            seen = _as_seen(seen, found)
        append((make(Token, (seen, word, start, end, None, None)), text[last:start]))
        last = end
    return last


def _as_seen(word: str, before: Sequence[tuple[Token, str]]) -> str:
    """A word as patterns see it: a number as one, "%" after more than half as what gives control."""
    if word[0].isdigit() and not word[-1].isalpha():
        return "{number}"
    if word == "%" and before and _HALF < _share(before[-1][0].text) <= _WHOLE:
        return "{control}"
    return word


_HALF, _WHOLE = 50.0, 100.0


def _share(text: str) -> float:
    plain = text.replace(",", ".")
    return float(plain) if plain.isascii() and plain.replace(".", "", 1).isdigit() else 0.0


def _ends(current: list[Token], gap: str, following: Token) -> bool:
    if "\n" in gap:
        return True
    last = current[-1].text
    position = len(current) - 1
    while position > 0 and current[position].text in _CLOSERS:
        position -= 1
    mark = current[position].text
    if mark in "!?…。":
        return True
    if mark != ".":
        return False
    before = current[position - 1] if position else None
    if before is not None and last == ".":
        word = before.word.rstrip(".")
        if before.end == current[position].start and (word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha())):
            return False
    first = following.text[0]
    return not first.islower()


_MARKS = re.compile(r"[\u0300-\u036f]")


def fold(text: str) -> str:
    """Without Vietnamese accents, đ as d, in lower case."""
    return _MARKS.sub("", unicodedata.normalize("NFD", text.lower().replace("đ", "d")))
