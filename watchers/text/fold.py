"""Defines folding, which makes text comparable: `fold` for fields, `spellings` for names, `FoldedText` to map offsets to the original.

`level` is the cheap first step for every text. Only a text with one of the `UNEVEN` pieces needs `fold` (NFC, single spaces, no soft
hyphens), and offsets are mapped only if a name was found. Accents are kept. The accent-free spelling of a name is a separate spelling, so
that it matches only text without accents. This module knows no names, rules or languages.
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
"""Soft hyphen and zero-width characters, which do not change a word."""
UNEVEN: tuple[bytes, ...] = (
    *(piece.encode() for piece in ("  ", *(c.lower() for c in SAME_LENGTH), *RARE_SPACES, *IGNORABLE)),
    b"\xcc", b"\xe1\x85", b"\xe1\x86", b"\xe1\x87",  # first bytes of combining marks, and of parts of Korean syllables
)  # fmt: skip
"""UTF-8 pieces that `level` does not fold: a text with any of them needs `fold` before names are searched.

The scan for names searches them too, so that other texts need no extra pass. (The dot in the lower case of İ represents İ.)
"""

_SAME_LENGTH_PAIRS = tuple({**SAME_LENGTH, **dict.fromkeys(COMMON_SPACES + RARE_SPACES, " ")}.items())
_SHRINK = re.compile("[" + IGNORABLE + "]+| {2,}")
_SECOND_HALVES = re.compile(
    # Starters that can compose with the character before them (NFC_Quick_Check=Maybe with combining class 0, Unicode 15 and later).
    "[\u09be\u09d7\u0b3e\u0b56\u0b57\u0bbe\u0bd7\u0cc2\u0cd5\u0cd6\u0d3e\u0d57\u0dcf\u0ddf\u102e\u1161-\u1175\u11a8-\u11c2\u1b35"
    "\U00011127\U0001133e\U00011357\U000113b8\U000113bb\U000113c2\U000113c5\U000113c7-\U000113c9\U000114b0\U000114ba\U000114bd\U000115af\U00011930"
    "\U00016129\U00016d67\U00016d68]"
)


class FoldedText:
    """A folded field. `text` is the folded text; `back(start, end)` maps offsets in it to offsets in the original."""

    __slots__ = ("_original", "_starts", "_steps", "text")

    def __init__(self, original: str, text: str | None = None) -> None:
        """`text` is `fold(original)` if the caller has it already."""
        self._original = original
        self._starts: list[int] | None = None
        self._steps: list[tuple[int, int]] = []
        self.text = fold(original) if text is None else text

    @property
    def original(self) -> str:
        """The field before folding."""
        return self._original

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Returns start and end of `text[start:end]` in the original field, in code points."""
        if self._starts is None:
            self._align()
        return self._original_offset(start), self._original_end(end)

    def _original_offset(self, offset: int) -> int:
        assert self._starts is not None
        if not self._starts:
            return offset
        nearest = bisect_right(self._starts, offset) - 1
        folded, original = self._steps[nearest]
        return original + (offset - folded)

    def _original_end(self, offset: int) -> int:
        """Maps an end: the offset after the last character and its combining marks, without characters dropped after it."""
        if not self._starts or offset == 0:
            return offset
        start = self._original_offset(offset - 1)
        end = start + 1
        original = self._original
        while end < len(original) and (unicodedata.combining(original[end]) or _SECOND_HALVES.match(original[end])):
            end += 1
        return end

    def _align(self) -> None:
        """Finds the offsets at which folding changed the length, as steps (folded offset, original offset)."""
        original = self._original
        self._starts = []
        if len(original) == len(self.text) and (original.isascii() or unicodedata.is_normalized("NFC", original)):
            return
        steps: list[tuple[int, int]] = [(0, 0)]
        sources: Sequence[int]
        if original.isascii() or unicodedata.is_normalized("NFC", original):  # the common case; composing letter by letter is slow
            composed, sources = original, range(len(original))
        else:
            composed, sources = _composed(original)
        flat = _same_length(composed)
        folded = 0
        last = 0
        for gap in _SHRINK.finditer(flat):
            _add_steps(steps, sources, last, gap.start(), folded)
            folded += gap.start() - last
            last = gap.end()
            if gap.group()[0] == " ":
                last -= 1
        _add_steps(steps, sources, last, len(flat), folded)
        self._steps = steps
        self._starts = [step[0] for step in steps]


def _composed(text: str) -> tuple[str, list[int]]:
    """Returns `text` in NFC, and the offset in `text` of each of its characters."""
    composed: list[str] = []
    sources: list[int] = []
    offset = 0
    for piece in _pieces(text):
        normal = unicodedata.normalize("NFC", piece) if len(piece) > 1 or not piece.isascii() else piece
        for i, character in enumerate(normal):
            composed.append(character)
            sources.append(offset + min(i, len(piece) - 1))
        offset += len(piece)
    return "".join(composed), sources


def _add_steps(steps: list[tuple[int, int]], sources: Sequence[int], start: int, end: int, folded: int) -> None:
    """Adds a step for each character of `start` to `end` that does not follow its predecessor in the original."""
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
    """Splits before every character that starts a new composition, so that the NFC forms of the pieces make the NFC form of `text`."""
    cuts = [0]
    for i in range(1, len(text)):
        character = text[i]
        if character < "\u0300" or not (unicodedata.combining(character) or _SECOND_HALVES.match(character)):
            cuts.append(i)
    cuts.append(len(text))
    return [text[a:b] for a, b in pairwise(cuts)]


def level(text: str) -> str:
    """Does the cheap part of folding, which is enough for most texts: lower case, and a space for line breaks, tabs and hard spaces."""
    for space in COMMON_SPACES:
        if space in text:
            text = text.replace(space, " ")
    return text.lower()


def fold(text: str) -> str:
    """Returns `text` in NFC and lower case, with single plain spaces and one kind of apostrophe and hyphen. Accents are kept."""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = _same_length(text)
    if "  " in text or any(map(text.__contains__, IGNORABLE)):
        text = _SHRINK.sub(_replacement, text)
    return text.lower()


def _same_length(text: str) -> str:
    for letter, replacement in _SAME_LENGTH_PAIRS:  # faster than str.translate, because few texts contain any of the letters
        if letter in text:
            text = text.replace(letter, replacement)
    return text


def _replacement(gap: re.Match[str]) -> str:
    return " " if gap.group()[0] == " " else ""


def tone_placements(text: str) -> set[str]:
    """Returns the spellings that differ in the position of the tone mark in open syllables: "hoà" and "hòa", "thuý" and "thúy"."""
    words = unicodedata.normalize("NFC", text).split(" ")
    old = " ".join(_move_tone(word, first=True) for word in words)
    new = " ".join(_move_tone(word, first=False) for word in words)
    return {unicodedata.normalize("NFC", text), old, new}


def _move_tone(word: str, *, first: bool) -> str:
    """Moves the tone of a syllable that ends in oa, oe or uy to its first or second vowel ("quý" keeps it: there u belongs to q)."""
    decomposed = unicodedata.normalize("NFD", word)
    tone = next((c for c in decomposed if c in MARKS), "")
    bare = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in MARKS))
    pair = bare[-2:].lower()
    if not tone or pair not in {"oa", "oe", "uy"} or (pair == "uy" and bare[-3:-2].lower() == "q"):
        return word
    offset = len(bare) - (1 if first else 0)
    return unicodedata.normalize("NFC", bare[:offset] + tone + bare[offset:])


def spellings(name: str) -> dict[str, bool]:
    """Returns every folded spelling by which a name is searched; the value is True for the accent-free spelling of an accented name.

    Only names of two or more words have an accent-free spelling, because a single syllable without accents is too ambiguous.
    """
    if name.isascii() and "'" not in name:
        return {fold(name).strip(): False} if name.strip() else {}
    quoted = {
        form
        for placement in tone_placements(name)
        for form in (placement, placement.replace("'", "\u2019"), placement.replace("\u2019", "'"))
    }
    folded = {fold(form).strip(): False for form in sorted(quoted)}
    bare = fold(without_accents(name)).strip()
    if " " in bare and bare not in folded:
        folded[bare] = True
    folded.pop("", None)
    return folded
