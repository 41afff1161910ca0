"""Defines how text is made comparable: `fold` for whole fields, `spellings` for names, `FoldedText` with the way back to the text as given.

A field is made level in two or three steps at the speed of C; only what is uneven is folded in full (NFC, one space, no soft hyphens), and
only where a name was found is the way back worked out. Accents are kept: the accent-free spelling of a name is a spelling of its own, so
that it can only be found where the text has no accents either. Must not know names, rules or languages.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from seeds.folding import LIKE_D, without_accents

MARKS = "\u0300\u0301\u0303\u0309\u0323"
"""Combining grave, acute, tilde, hook above, dot below: the five tone marks of Vietnamese."""

SAME_LENGTH = {
    "\u0130": "I",  # the one letter whose lower case is two characters long
    "\u02bc": "'", "\uff07": "'", "\u00b4": "'", "\u2018": "'",
    "\u2010": "-", "\u2011": "-",
    **LIKE_D,
}  # fmt: skip
COMMON_SPACES = "\n\t\r\u00a0"
RARE_SPACES = "\x0b\x0c\u2002\u2003\u2007\u2009\u200a\u202f\u3000\u2028\u2029\x1c\x1d\x1e\x1f\x85"
IGNORABLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Soft hyphen, zero-width characters: may stand inside a word without changing it."""
UNEVEN: tuple[bytes, ...] = (
    *(piece.encode() for piece in ("  ", *(c.lower() for c in SAME_LENGTH), *RARE_SPACES, *IGNORABLE)),
    b"\xcc", b"\xe1\x85", b"\xe1\x86", b"\xe1\x87",  # what leads the combining marks, and the parts of Korean syllables
)  # fmt: skip
"""Pieces of UTF-8 by which `level` leaves a text uneven: one that has any of them needs `fold` before names are looked for.

The same scan that looks for the names looks for these, so that plain texts, which are most, pay nothing for the others. (İ is seen by the
dot that its lower case carries.)
"""

_SAME_LENGTH_PAIRS = tuple({**SAME_LENGTH, **dict.fromkeys(COMMON_SPACES + RARE_SPACES, " ")}.items())
_SHRINK = re.compile("[" + IGNORABLE + "]+| {2,}")
_SECOND_HALVES = re.compile(
    # Starters that may compose with the character before them (NFC_Quick_Check=Maybe with combining class 0, Unicode 15 and later).
    "[\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1161-\u1175\u11a8-\u11c2\u1b35"
    "\U00011127\U0001133e\U00011357\U000113b8\U000113bb\U000113c2\U000113c5\U000113c7-\U000113c9\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
    "\U00016129\U00016d67\U00016d68]"
)


class FoldedText:
    """A field made comparable. `text` is the folded form; `back(start, end)` gives the place in the field as given."""

    __slots__ = ("_given", "_starts", "_steps", "text")

    def __init__(self, given: str, text: str | None = None) -> None:
        """`text` is `fold(given)` where that is known already."""
        self._given = given
        self._starts: list[int] | None = None
        self._steps: list[tuple[int, int]] = []
        self.text = fold(given) if text is None else text

    @property
    def given(self) -> str:
        """The field as it came."""
        return self._given

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Where `text[start:end]` stands in the field as given, in code points."""
        if self._starts is None:
            self._align()
        return self._one(start), self._end(end)

    def _one(self, place: int) -> int:
        assert self._starts is not None
        if not self._starts:
            return place
        nearest = bisect_right(self._starts, place) - 1
        folded, given = self._steps[nearest]
        return given + (place - folded)

    def _end(self, place: int) -> int:
        """The place after the last character with its marks; nothing that was dropped behind the name comes along."""
        if not self._starts or place == 0:
            return place
        start = self._one(place - 1)
        end = start + 1
        given = self._given
        while end < len(given) and (unicodedata.combining(given[end]) or _SECOND_HALVES.match(given[end])):
            end += 1
        return end

    def _align(self) -> None:
        """Works out the places where folding changed the length, as steps (folded place, given place)."""
        given = self._given
        self._starts = []
        if len(given) == len(self.text) and (given.isascii() or unicodedata.is_normalized("NFC", given)):
            return
        steps: list[tuple[int, int]] = [(0, 0)]
        sources: Sequence[int]
        if given.isascii() or unicodedata.is_normalized("NFC", given):  # nearly always: letter by letter costs ten times as much
            composed, sources = given, range(len(given))
        else:
            composed, sources = _composed(given)
        flat = _same_length(composed)
        folded = 0
        last = 0
        for gap in _SHRINK.finditer(flat):
            _run(steps, sources, last, gap.start(), folded)
            folded += gap.start() - last
            last = gap.end()
            if gap.group()[0] == " ":
                last -= 1
        _run(steps, sources, last, len(flat), folded)
        self._steps = steps
        self._starts = [step[0] for step in steps]


def _composed(given: str) -> tuple[str, list[int]]:
    """The text in NFC, and where each of its characters stands in the text as given."""
    composed: list[str] = []
    sources: list[int] = []
    place = 0
    for piece in _pieces(given):
        normal = unicodedata.normalize("NFC", piece) if len(piece) > 1 or not piece.isascii() else piece
        for i, character in enumerate(normal):
            composed.append(character)
            sources.append(place + min(i, len(piece) - 1))
        place += len(piece)
    return "".join(composed), sources


def _run(steps: list[tuple[int, int]], sources: Sequence[int], start: int, end: int, folded: int) -> None:
    if isinstance(sources, range):
        if start < end:
            steps.append((folded, start))
        return
    expected = None
    for i in range(start, end):
        if sources[i] != expected:
            steps.append((folded + i - start, sources[i]))
        expected = sources[i] + 1


def _pieces(text: str) -> list[str]:
    """Splits before every character that starts a new composition, so that NFC of the pieces joined is NFC of the whole."""
    cuts = [0]
    for i in range(1, len(text)):
        character = text[i]
        if character < "\u0300" or not (unicodedata.combining(character) or _SECOND_HALVES.match(character)):
            cuts.append(i)
    cuts.append(len(text))
    return [text[a:b] for a, b in pairwise(cuts)]


def level(text: str) -> str:
    """The cheap part of folding, which is all that most texts need: lower case, and a plain space for line breaks and the like."""
    for space in COMMON_SPACES:
        if space in text:
            text = text.replace(space, " ")
    return text.lower()


def fold(text: str) -> str:
    """The text in NFC and lower case, with one kind of space (never two in a row), apostrophe and hyphen. Accents stay."""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = _same_length(text)
    if "  " in text or any(map(text.__contains__, IGNORABLE)):
        text = _SHRINK.sub(_shrunk, text)
    return text.lower()


def _same_length(text: str) -> str:
    for letter, plain_one in _SAME_LENGTH_PAIRS:  # few texts hold any; a table would be asked for every letter
        if letter in text:
            text = text.replace(letter, plain_one)
    return text


def _shrunk(gap: re.Match[str]) -> str:
    return " " if gap.group()[0] == " " else ""


def tone_placements(text: str) -> set[str]:
    """The spellings that differ only in where the tone mark of an open syllable stands: "hoà" and "hòa", "thuý" and "thúy"."""
    words = unicodedata.normalize("NFC", text).split(" ")
    old = " ".join(_toned(word, first=True) for word in words)
    new = " ".join(_toned(word, first=False) for word in words)
    return {unicodedata.normalize("NFC", text), old, new}


def _toned(word: str, *, first: bool) -> str:
    """Moves the tone of a syllable that ends in oa, oe or uy to its first or second vowel ("quý" keeps it: there u belongs to q)."""
    decomposed = unicodedata.normalize("NFD", word)
    tone = next((c for c in decomposed if c in MARKS), "")
    bare = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in MARKS))
    pair = bare[-2:].lower()
    if not tone or pair not in {"oa", "oe", "uy"} or (pair == "uy" and bare[-3:-2].lower() == "q"):
        return word
    at = len(bare) - (1 if first else 0)
    return unicodedata.normalize("NFC", bare[:at] + tone + bare[at:])


def spellings(name: str) -> dict[str, bool]:
    """Every folded spelling by which a name is looked for; True where it is the accent-free fallback of an accented name.

    The fallback is only given for names of two words and more: one bare syllable means too many other things.
    """
    if name.isascii() and "'" not in name:
        return {fold(name).strip(): False} if name.strip() else {}
    quoted = {
        form
        for placement in tone_placements(name)
        for form in (placement, placement.replace("'", "\u2019"), placement.replace("\u2019", "'"))
    }
    found = {fold(one).strip(): False for one in sorted(quoted)}
    bare = fold(without_accents(name)).strip()
    if " " in bare and bare not in found:
        found[bare] = True
    found.pop("", None)
    return found
