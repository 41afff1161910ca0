"""Defines Sentence and Token, and `read_sentences`: a field of an item → its sentences, in words, with known names as one word each.

Offsets point into the field as given, also where its accents are written decomposed (NFD); words are compared composed and in lower case.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from seeds.entities import Entity
from seeds.folding import restore_d, without_accents
from seeds.pattern_syntax import WORD, words
from watchers.match.language.money import Money, read_money
from watchers.match.language.word_runs import word_runs
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
_MAY_END = re.compile(r"[.!?…。\"'”’»)\]\n](?:(?<=\n)|(?=[\s_-]))")
"""Marks that may end a sentence, with a gap behind them, and line ends; one set in front of all, which is quickly looked for."""
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


class FixedToken(NamedTuple):
    """A stretch of a text that is one word: a known name or a sum."""

    start: int
    end: int
    word: str
    mention: Mention | None
    money: Money | None


class TokenizedField:
    """The text of a field (NFC) and how words are made of it; each stretch is taken apart only when asked for."""

    def __init__(self, text: str, spans: Sequence[FixedToken], offsets: Sequence[int] | None) -> None:
        """`spans` in order, none overlapping; `offsets` lead back to the field as given where composing moved anything."""
        self.text, self.spans, self.offsets = text, spans, offsets
        self._starts = [span.start for span in spans]

    @cached_property
    def lower(self) -> str:
        """The text in lower case, or "" where that has another length."""
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else ""

    def spans_in(self, start: int, end: int) -> Sequence[FixedToken]:
        """The spans that begin between two places."""
        return self.spans[bisect_left(self._starts, start):bisect_left(self._starts, end)]

    @cached_property
    def glued(self) -> list[int]:
        """Where spans begin that letters stand right beside."""
        text = self.text
        return [
            span.start
            for span in self.spans
            if text[span.end : span.end + 1].isalnum() or text[max(0, span.start - 1) : span.start].isalnum()
        ]

    @cached_property
    def _edges(self) -> frozenset[int]:
        return frozenset(edge for span in self.spans for edge in (span.start, span.end))

    def apart(self, start: int, end: int) -> bool:
        """Whether these letters can be a word: no letter goes on with them, unless a known name stands right there."""
        text, size = self.lower, len(self.lower)
        if (start and text[start - 1].isalpha() and text[start].isalpha()) or (
            end < size and text[end].isalnum() and text[end - 1].isalnum()
        ):
            return start in self._edges or end in self._edges
        return True

    def span_at(self, place: int) -> FixedToken | None:
        """The span that holds the character at `place`, or None."""
        at = bisect_right(self._starts, place) - 1
        return self.spans[at] if at >= 0 and self.spans[at].end > place else None

    def tokens(self, start: int, end: int) -> tuple[Token, ...]:
        """The words from `start` to before `end`; neither lies inside a word."""
        found: list[Token] = []
        at = start
        for token in self.spans_in(start, end):
            _plain(self.text, at, token.start, found)
            found.append(Token(token.word, self.text[token.start:token.end], token.start, token.end, token.mention, token.money))
            at = token.end
        _plain(self.text, at, end, found)
        return tuple(found)


class Sentence:
    """A sentence of a field; `index` counts from 0 in it. Its words are made when first asked for: most sentences tell nothing."""

    def __init__(self, field: Field, index: int, words_of: TokenizedField, first: int, last: int) -> None:
        """`first` and `last` are where its words begin and end in the text of `words_of`."""
        self.field, self.index, self.words_of, self.first, self.last = field, index, words_of, first, last
        offsets = words_of.offsets
        self.start, self.end = (first, last) if offsets is None else (offsets[first], offsets[last])

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """The words, in order, with their places in the field as given."""
        found, offsets = self.words_of.tokens(self.first, self.last), self.words_of.offsets
        if offsets is None:
            return found
        return tuple(token._replace(start=offsets[token.start], end=offsets[token.end]) for token in found)

    @cached_property
    def headline(self) -> bool:
        """Title Case or capitals throughout: a capital letter says nothing about names."""
        letters = [token.text[0] for token in self.tokens
                   if token.mention is None and token.text[0].isalpha() and token.word not in _LOWER_IN_TITLES]
        return len(letters) >= _SHORTEST and sum(map(str.isupper, letters)) >= _CAPITALS * len(letters)

    def may_hold(self, word: str) -> bool:
        """Whether a word, given in lower case, can stand in the sentence: its letters stand apart there."""
        lower = self.words_of.lower
        if not lower:
            return True
        place = lower.find(word, self.first, self.last)
        while place >= 0 and not self.words_of.apart(place, place + len(word)):
            place = lower.find(word, place + 1, self.last)
        return place >= 0

    @cached_property
    def runs(self) -> list[bytes]:
        """What can be words of letters in it (see `word_runs`), also those that are glued to a known name."""
        lower = self.words_of.lower
        found = word_runs(lower[self.first:self.last] if lower else " ".join(token.word for token in self.tokens))
        if self.words_of.glued and any(self.first <= place < self.last for place in self.words_of.glued):
            found += word_runs(" ".join(token.word for token in self.tokens))
        return found

    @cached_property
    def spaced(self) -> str:
        """Its words as written, each at its place from the start of the sentence on, with nothing but spaces between them."""
        written = self.words_of.text[self.first:self.last]
        if self.words_of.offsets is None and _ODD_GAP.search(written) is None:
            if "-" not in written:
                return written
            if not written.endswith("-") and not any("-" in self.words_of.text[span.start:span.end] for span in self.spans):
                return _JOINING.sub(" ", written)
        text, last = "", self.start
        for token in self.tokens:
            text += " " * max(0, token.start - last) + token.text
            last = token.end
        return text

    @property
    def spans(self) -> Sequence[FixedToken]:
        """The known names and sums that stand in it."""
        return self.words_of.spans_in(self.first, self.last)

    def begins(self, words_of_beginning: tuple[str, ...], frame: str) -> bool:
        """Whether the sentence begins with one of these, given in lower case, inside or without signs of `frame`."""
        return self.words_of.text[self.first:self.last][:_BEGINNING].lstrip(frame).lower().startswith(words_of_beginning)

    @property
    def sums(self) -> list[Money]:
        """The sums of money that stand in it."""
        return [span.money for span in self.spans if span.money is not None]


_BEGINNING = 24
_ODD_GAP = re.compile("[_\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_JOINING = re.compile(r"(?<=\S)-(?=\S)")


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
    text = restore_d(text)
    spans: list[FixedToken] = []
    for mention in mentions:
        start, end = (
            (mention.start, mention.end) if offsets is None else (bisect_left(offsets, mention.start), bisect_left(offsets, mention.end))
        )
        entity = entities.get(mention.entity)
        word = _KIND_WORD[entity.kind] if entity is not None else "{company}"
        if word and start < end <= len(text):
            spans.append(FixedToken(start, end, word, mention, None))
    spans += [FixedToken(money.start, money.end, "{money}", None, money) for money in read_money(text)]
    spans.sort(key=lambda span: (span.start, -span.end))
    apart: list[FixedToken] = []
    for span in spans:
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
    words_of = TokenizedField(text, apart, offsets)
    return [Sentence(field, index, words_of, first, last) for index, (first, last) in enumerate(_borders(words_of))]


def _borders(words_of: TokenizedField) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends. Only marks that can end one and line ends are looked at, not every word."""
    text = words_of.text
    first = _next(text, 0)
    for mark in _MAY_END.finditer(text, first):
        place = mark.start()
        if place < first:
            continue
        line = text[place] == "\n"
        span = words_of.span_at(place)
        if span is not None and (line or span.end > place + 1):
            continue
        last = _trimmed(text, place) if line else place + 1
        following = _next(text, last)
        if first < last < following < len(text) and ("\n" in text[last:following] or (
            span is None and _full_stop(words_of, first, last, small=text[following].islower())
        )):
            yield first, last
            first = following
    last = _trimmed(text, len(text))
    if first < last:
        yield first, last


def _next(text: str, place: int) -> int:
    """Where the next word begins at or after `place`."""
    size = len(text)
    while place < size and ((letter := text[place]).isspace() or letter == "_" or (letter == "-" and _joins(text, place))):
        place += 1
    return place


def _trimmed(text: str, end: int) -> int:
    while end > 0 and (text[end - 1].isspace() or text[end - 1] == "_"):
        end -= 1
    return end


def _joins(text: str, place: int) -> bool:
    """Whether a hyphen stands inside a compound: "break-even"."""
    return text[place] == "-" and 0 < place < len(text) - 1 and not text[place - 1].isspace() and not text[place + 1].isspace()


_LONGER = 1 + max(len(one) for one in _ABBREVIATIONS)


def _full_stop(words_of: TokenizedField, first: int, last: int, *, small: bool) -> bool:
    """Whether the marks before `last` end the sentence that begins at `first`: a full stop does not that belongs to an abbreviation, an
    initial or a known name, nor before a `small` letter. Looks at the last words only."""
    text, begin = words_of.text, last
    if text[last - 1] == "." and text[last - 1 - _LONGER:last - 1].isalpha() and last - _LONGER > first:
        return not small  # no abbreviation is as long
    while begin > first:
        begin = max(first, _trimmed(text, begin) - 1)
        while begin > first and not text[begin - 1].isspace():
            begin -= 1
        span = words_of.span_at(begin)
        begin = begin if span is None else max(first, span.start)
        tokens = words_of.tokens(begin, last)
        place = len(tokens) - 1
        while place > 0 and tokens[place].text in _CLOSERS:
            place -= 1
        if tokens and (tokens[place].text not in _CLOSERS or begin == first):
            return _ends(tokens, place, small=small)
    return False


def _ends(tokens: Sequence[Token], place: int, *, small: bool) -> bool:
    mark = tokens[place].text
    if mark != "." or small:
        return mark in "!?…。"
    if place and place == len(tokens) - 1 and tokens[place - 1].end == tokens[place].start:
        word = tokens[place - 1].word.rstrip(".")
        return not (word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()))
    return True


def _plain(text: str, at: int, until: int, found: list[Token]) -> None:
    """Adds the words that stand between two places. No word has a space in it, and most of what stands between two spaces is one word."""
    append, make = found.append, tuple.__new__  # a text has hundreds of words: what is done for each is kept short
    for piece in text[at:until].split(" "):
        end = at + len(piece)
        if piece.isalpha():
            append(make(Token, (piece.lower(), piece, at, end, None, None)))
        elif piece[-1:] in _STOPS and piece[:-1].isalpha():
            append(make(Token, (piece[:-1].lower(), piece[:-1], at, end - 1, None, None)))
            append(make(Token, (piece[-1], piece[-1], end - 1, end, None, None)))
        elif piece:
            for match in WORD.finditer(text, at, end):
                word = match[0]
                if word == "-" and _joins(text, match.start()):
                    continue
                append(make(Token, (_as_seen(word.lower(), found), word, match.start(), match.end(), None, None)))
        at = end + 1


_STOPS = frozenset((",", "."))


def _as_seen(word: str, before: Sequence[Token]) -> str:
    """A word as patterns see it: a number as one, "%" after more than half as what gives control."""
    if word[0].isdigit() and not word[-1].isalpha():
        return "{number}"
    if word == "%" and before and _HALF < _share(before[-1].text) <= _WHOLE:
        return "{control}"
    return word


_HALF, _WHOLE = 50.0, 100.0


def _share(text: str) -> float:
    plain = text.replace(",", ".")
    return float(plain) if plain.isascii() and plain.replace(".", "", 1).isdigit() else 0.0


def fold(text: str) -> str:
    """Without Vietnamese accents, đ as d, in lower case."""
    return without_accents(text.lower())
