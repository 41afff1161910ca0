"""Defines FieldContext, an item's fields made comparable, and `conditions_hold`, which holds one found name against the conditions of its
spelling.

What must hold is data (`seeds.entities.Name`); here stands only how each condition is tested. Values only.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec

from seeds.entities import Name
from seeds.folding import without_accents
from watchers.match.names.market_context import TickerOccurrence, in_market, speaks_of_shares
from watchers.match.names.scanner import is_word
from watchers.match.result import Field
from watchers.text.fold import FoldedText, fold, tone_placements

SHORT_NAME_WORDS = 2
WORDS_AROUND = 12
"""A word this many words away is near, whatever the sentence; the figure that `seeds.entities.Name` promises."""
_SENTENCE_END = re.compile(r"[.!?…•▪■*|;](?:(?<=[.!?…])[\"'”’)\]]*\s+(?=\S)|(?<=[•▪■*|;])\s)")
"""One set of marks in front, so that the marks are looked for and not tried at every letter."""
_BULLETS = "•▪■*|"
"""They divide with white space on both sides."""
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]{1,64}@[\w-]+(?:\.[\w-]+)+|"
    r"(?<![\w@.])(?:[\w-]{1,63}\.){1,6}(?:com|vn|net|org|info|edu|gov|io|co|biz|tv)(?:/\S*)?(?!\w)"
)
_ADDRESS_SIGNS = ("://", "www.", "@", ".com", ".vn", ".net", ".org", ".info", ".edu", ".gov", ".io", ".co", ".biz", ".tv")
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|inc|corp|co|ltd|jr|sr|st|vs|no|gen|sen|rep|gov|tp|ts|ths|gs|pgs|u\.s|u\.k|[a-z])\.\s*$"
)


REACH = 600
"""Characters on each side beyond which nothing is looked at, so that a text without a full stop costs no more than others."""


class ItemContext:
    """Title and text of an item together, for the conditions that look at all of it; each question is answered once."""

    def __init__(self, readings: Iterable[FieldContext]) -> None:
        self.text = "\n".join(reading.text for reading in readings)
        self._answers: dict[tuple[str, ...], bool] = {}
        self._market: bool | None = None

    def holds(self, words: tuple[str, ...]) -> bool:
        """Whether one of the words stands anywhere in the item."""
        answer = self._answers.get(words)
        if answer is None:
            answer = self._answers[words] = contains_any(words, self.text)
        return answer

    def spells_out(self, letters: str) -> bool:
        """Whether the item itself says what these letters stand for: "fixed price tariff (FPT)". Then they stand for that."""
        key = ("", letters)
        answer = self._answers.get(key)
        if answer is None:
            places = re.finditer(rf"(?:\(|\bor |\bhay ){re.escape(letters)}\b", self.text)
            answer = self._answers[key] = any(
                are_initials(self.text[max(0, place.start() - 80) : place.start()], letters) for place in places
            )
        return answer

    @property
    def market(self) -> bool:
        """Whether the item speaks of shares at all."""
        if self._market is None:
            self._market = speaks_of_shares(self.text)
        return self._market


def are_initials(before: str, letters: str) -> bool:
    """Whether the last words of a folded text begin with these letters, small words ("of", "the") passed over or not."""
    words = [word for word in re.split(r"[^\w]+", before) if word]
    full = "".join(word[0] for word in words[-len(letters) :])
    short = "".join(word[0] for word in [word for word in words if word not in _SMALL][-len(letters) :])
    return letters in {full, short}


_SMALL = frozenset({"the", "of", "and", "for", "a", "an", "in", "de", "và", "của"})


class FieldContext:
    """One field, folded, with what conditions need worked out when first asked for."""

    def __init__(self, field: Field, folded: FoldedText, lang: str) -> None:
        self.field, self.lang, self.folded = field, lang, folded
        self._sentences: list[tuple[int, int]] = []
        self._further = _sentences(folded.text)
        self._addresses: dict[int, list[tuple[int, int]]] = {}

    @property
    def text(self) -> str:
        """The folded text: lower case, accents kept."""
        return self.folded.text

    @property
    def given(self) -> str:
        """The field as it came."""
        return self.folded.original

    def written(self, start: int, end: int) -> str:
        """What stands at this place of the folded text, as given."""
        first, last = self.folded.back(start, end)
        return self.folded.original[first:last]

    def cased(self, start: int, end: int) -> str:
        """This stretch of the folded text with its capitals: same length, same places."""
        if len(self.given) == len(self.text):
            return self.given[start:end]
        given, back = self.given, self.folded.back
        return "".join(
            c.upper() if given[back(i, i + 1)[0]].isupper() and len(c.upper()) == 1 else c
            for i, c in enumerate(self.text[start:end], start)
        )

    def sentence(self, start: int) -> tuple[int, int]:
        """The sentence around a place of the folded text, as places of the folded text."""
        known = self._sentences
        while not known or known[-1][1] <= start:
            further = next(self._further, None)
            if further is None:
                break
            known.append(further)
        return known[max(0, bisect_right(known, (start, len(self.text) + 1)) - 1)]

    def sentences(self) -> Iterator[tuple[int, int]]:
        """All sentences, in order, each looked for when it is asked for: mostly the first is enough."""
        first, size = 0, len(self.text)
        while True:
            one = self.sentence(first)
            yield one
            first = one[1]
            if first >= size:
                return

    def in_address(self, start: int, end: int) -> bool:
        """Whether this place lies in a web or mail address. No address has a space, so only what stands right around is looked at."""
        text = self.text
        first, last = text.rfind(" ", 0, start) + 1, text.find(" ", end)
        last = len(text) if last < 0 else last
        addresses = self._addresses.get(first)
        if addresses is None:
            beside = text[first:last]
            some = any(map(beside.__contains__, _ADDRESS_SIGNS))
            addresses = self._addresses[first] = [match.span() for match in _ADDRESS.finditer(text, first, last)] if some else []
        nearest = bisect_right(addresses, (start, len(text) + 1)) - 1
        return nearest >= 0 and end <= addresses[nearest][1]

    def is_all_caps(self, start: int, end: int) -> bool:
        """Whether the place lies among capitals only (a headline in upper case), so that capitals tell nothing."""
        first, last = self.sentence(start)
        around = self.cased(max(first, start - REACH), start) + self.cased(end, min(last, end + REACH))
        outside = [c for c in around if c.isalpha()]
        return len(outside) >= 8 and sum(c.isupper() for c in outside) > 0.85 * len(outside)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = taken = 0
    for gap in _SENTENCE_END.finditer(text):
        at = gap.start()
        if text[at] in _BULLETS and (at <= taken or not text[at - 1].isspace()):
            continue
        taken = gap.end()
        if text[at] == "." and _ABBREVIATION.search(text, max(start, at - 8), at + 1):
            continue
        yield start, taken
        start = taken
    yield start, len(text)


@lru_cache(maxsize=20_000)
def phrases(words: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that finds any of these words or phrases, whole, in a folded text; both tone placements."""
    forms = {fold(form) for word in words for form in tone_placements(word)}
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(form) for form in sorted(forms, key=lambda f: (-len(f), f))) + r")(?!\w)")


@lru_cache(maxsize=20_000)
def bare_phrases(words: tuple[str, ...]) -> re.Pattern[str]:
    """The same for a text without accents."""
    return phrases(tuple(sorted({without_accents(word) for word in words})))


def contains_any(words: tuple[str, ...], text: str) -> bool:
    """Whether one of the words stands in the folded text; where that has no accents, theirs do not count either."""
    if phrases(words).search(text):
        return True
    return text.isascii() and not all(word.isascii() for word in words) and bool(bare_phrases(words).search(text))


class NameOccurrence(msgspec.Struct, frozen=True):
    """A spelling found at `reading.text[start:end]`. `accents_added`: it has accents there that the name was typed without."""

    reading: FieldContext
    start: int
    end: int
    accents_added: bool = False


def conditions_hold(name: Name, spot: NameOccurrence, whole: ItemContext, *, fallback: bool) -> bool:
    """Whether the spelling found stands for its entity: every condition of the name holds.

    `fallback` tells that the accent-free form of an accented name was found; `whole` is the item as a whole.
    """
    return written_right(name, spot, fallback=fallback) and (name.bare or _surroundings_right(name, spot, whole))


def written_right(name: Name, spot: NameOccurrence, *, fallback: bool) -> bool:
    """Whether the spelling itself could be the name: its language and letter case, not in an address, not inside another word."""
    reading, start, end = spot.reading, spot.start, spot.end
    return (
        (name.lang is None or not reading.lang or name.lang == reading.lang)
        and not reading.in_address(start, end)
        and _apart(reading, start, end)
        and (_capitals_added(name, reading, start, end) if spot.accents_added else _cased_right(name, fallback, reading, start, end))
    )


def _surroundings_right(name: Name, spot: NameOccurrence, whole: ItemContext) -> bool:
    reading, start, end = spot.reading, spot.start, spot.end
    text = reading.text
    if name.before and _follows(name.before, text[end : end + 60]):
        return False
    if name.after and _precedes(name.after, text[max(0, start - 60) : start]):
        return False
    around = _around(reading, start, end) if name.near or name.not_near else ""
    if (name.near and not contains_any(name.near, around)) or (name.not_near and contains_any(name.not_near, around)):
        return False
    if (name.somewhere and not whole.holds(name.somewhere)) or (name.nowhere and whole.holds(name.nowhere)):
        return False
    return not name.market or in_market(
        TickerOccurrence(text, start, end, reading.cased, reading.lang), name.exchanges, about_shares=lambda: whole.market
    )


def _apart(reading: FieldContext, start: int, end: int) -> bool:
    """Whether the name stands apart from the words beside it, or capitals show that two words were run together ("By Ann LeeNvidia is").

    Sites lose line breaks; what is glued is taken apart only where small letter meets capital at the border and a new word begins behind.
    """
    text = reading.text
    glued_left, glued_right = start > 0 and is_word(text[start - 1]), end < len(text) and is_word(text[end])
    if not (glued_left or glued_right):
        return True
    cased = reading.cased(max(0, start - 1), min(len(text), end + 2))
    name = cased[1 if start else 0 :][: end - start]
    if not name[:1].isupper() or (glued_left and not cased[0].islower()):
        return False
    following = cased[(1 if start else 0) + (end - start) :]
    return not glued_right or (following[:1].isupper() and (following[1:2].islower() or following[1:2] == ""))


def _cased_right(name: Name, fallback: bool, reading: FieldContext, start: int, end: int) -> bool:
    if fallback:  # lower-case words without accents could be anything; names begin with capitals, or nothing in the text has accents
        written = reading.written(start, end)
        return written[:1].isupper() or (not name.exact_case and _no_accents(reading.text))
    if not name.exact_case:
        return True
    written = fold_case_kept(reading.written(start, end))
    wanted = fold_case_kept(name.text)
    if written in (wanted, wanted[:1].upper() + wanted[1:]):
        return True
    if fold(written) != fold(wanted):  # the other tone placement: the letters differ, so capitals are compared place by place
        return len(written) == len(wanted) and all(a.isupper() == b.isupper() for a, b in zip(written, wanted, strict=True))
    return written.isupper() and reading.is_all_caps(start, end)


def _capitals_added(name: Name, reading: FieldContext, start: int, end: int) -> bool:
    """Whether a name with added accents has the capitals by which it differs from ordinary words.

    Each capital of the name must be one; each word begins with one where the name has two words or no capitals. Among capitals only, two
    words tell nothing.
    """
    written, words = reading.cased(start, end), name.text.split()
    if len(words) == SHORT_NAME_WORDS and reading.is_all_caps(start, end):
        return False
    wanted = name.text.title() if len(words) == SHORT_NAME_WORDS or name.text.islower() else " ".join(words)
    return len(written) == len(wanted) and all(letter.isupper() for letter, form in zip(written, wanted, strict=True) if form.isupper())


def _no_accents(text: str) -> bool:
    return text.isascii() or sum(ord(c) > 0x7F and c.isalpha() for c in text) * 100 < len(text)


def fold_case_kept(text: str) -> str:
    """The text as `fold` makes it, but with its capitals."""
    folded = FoldedText(text)
    if len(folded.text) == len(text):
        return text.replace("\u2019", "'")
    return "".join(
        c.upper() if text[folded.back(i, i + 1)[0]].isupper() and len(c.upper()) == 1 else c for i, c in enumerate(folded.text)
    )


def _around(reading: FieldContext, start: int, end: int) -> str:
    """The sentence and twelve words on each side, whichever reaches farther; the name itself left out."""
    text = reading.text
    first, last = reading.sentence(start)
    left = text[max(0, start - REACH) : start].split()[-WORDS_AROUND:]
    right = text[end : end + REACH].split()[:WORDS_AROUND]
    before = max(text[max(first, start - REACH) : start], " ".join(left), key=len)
    after = max(text[end : min(last, end + REACH)], " ".join(right), key=len)
    return f"{before} \x00 {after}"


@lru_cache(maxsize=20_000)
def _edge(words: tuple[str, ...], ahead: bool) -> re.Pattern[str]:
    inner = phrases(words).pattern
    return re.compile(r"[\s\-–/:'\"“”.&]{0,3}" + inner if ahead else inner + r"[\s\-–/:'\"“”.&]{0,3}$")


def _follows(words: tuple[str, ...], after: str) -> bool:
    return bool(_edge(words, True).match(after))


def _precedes(words: tuple[str, ...], before: str) -> bool:
    return bool(_edge(words, False).search(before))
