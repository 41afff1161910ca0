"""Defines Sighting and `sightings_of`: where a sentence seems to write a name, read from capitals, joining words and heads.

Here a name is only seen; whether it is one, and of what, is decided over all documents together (`candidates`, `kinds`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from watchers.suggest.lexicon import Lexicon, capital_cities, country_adjectives, country_names, lexicon
from watchers.suggest.sentences import Sentence, Token, joined

_LONGEST_OFFICE = 4
_LONGEST_NAME = 5
"""Words in capitals with nothing between them; what is longer is a headline that stands in the text."""
_JOINERS = ("of", "for", "the", "and", "&", "de", "van", "von", "der", "al", "bin", "da", "del")
_OF_HEADS = frozenset(
    {"bank", "gulf", "bay", "house", "republic", "kingdom", "isle", "cape", "university", "port", "city", "strait", "sea", "state"}
)


@dataclass(frozen=True)
class Sighting:
    """A name at a place: tokens `start` to `end` of the sentence. `initial`: it opens the sentence, so its capital proves nothing.
    `adjective`: a word for a country's people or things, "Danish"."""

    sentence: Sentence
    start: int
    end: int
    adjective: bool = False

    @cached_property
    def text(self) -> str:
        """The name as written, with the spaces between its words."""
        return joined(self.sentence.tokens[self.start : self.end])

    @property
    def initial(self) -> bool:
        """Opens the sentence or a quotation in it."""
        if self.start == 0:
            return True
        before = self.sentence.tokens[self.start - 1]
        return before.text in ("“", "‘", ":", "•") or (before.text == '"' and not before.glued)

    @cached_property
    def before(self) -> str:
        """The words before it, in lower case, with a space at either end."""
        return f" {joined(self.sentence.tokens[max(0, self.start - 6) : self.start]).lower()} "

    @cached_property
    def after(self) -> str:
        """The words behind it, in lower case, with a space at either end."""
        return f" {joined(self.sentence.tokens[self.end : self.end + 14]).lower()} "


def sightings_of(sentence: Sentence) -> list[Sighting]:
    """All names that the sentence seems to write, from left to right. None of a headline in Title Case."""
    if sentence.title_case:
        return []
    words = lexicon("vi" if sentence.lang == "vi" else "en")
    found: list[Sighting] = []
    place = 0
    while place < len(sentence.tokens):
        end = _end_of_name(sentence.tokens, place, words, vietnamese=sentence.lang == "vi")
        if end == place:
            place += 1
            continue
        found += _pieces(sentence, place, end, words)
        place = end
    return found


def _end_of_name(tokens: tuple[Token, ...], start: int, words: Lexicon, *, vietnamese: bool) -> int:
    """The end of the run of capitalised words that starts at `start`, joiners inside; `start` itself where none does."""
    if not tokens[start].capital:
        return start
    headed = vietnamese and _opens_institution(tokens, start, words)
    here = start + 1
    while here < len(tokens):
        step = _small_step(tokens, here, words) if headed else 0
        if step == 0:
            step = _capital_step(tokens, start, here, words, vietnamese=vietnamese)
        if step == 0:
            break
        here += step
    return here


def _opens_institution(tokens: tuple[Token, ...], start: int, words: Lexicon) -> bool:
    """ "Bộ Khoa học và Công nghệ", "Hiệp hội Chế biến …": a head whose words go on in small letters."""
    heads = words.government_heads | words.organization_heads
    return any(joined(tokens[start : start + length]).lower() in heads for length in (1, 2, 3))


def _small_step(tokens: tuple[Token, ...], here: int, words: Lexicon) -> int:
    """Vietnamese writes the second syllable of a word small: one such syllable, or "và", before the next capital."""
    word = tokens[here].text
    follows = here + 1 < len(tokens) and tokens[here + 1].capital
    if word == "và" or not word.isalpha() or not word.islower() or not tokens[here - 1].capital:
        return 2 if word == "và" and follows else 0
    if word in words.small_inside:
        return 1
    goes_on = here + 2 < len(tokens) and tokens[here + 1].text == "và" and tokens[here + 2].capital
    return 1 if goes_on else 2 if follows else 0


def _capital_step(tokens: tuple[Token, ...], start: int, here: int, words: Lexicon, *, vietnamese: bool) -> int:
    """How many tokens from `here` on still belong to the name; 0: it has ended."""
    token = tokens[here]
    if token.capital:
        return 1
    follows = tokens[here + 1] if here + 1 < len(tokens) else None
    if token.text in ("-", "–") and token.glued and follows is not None and follows.glued and follows.capital:
        return 2
    if token.text == "&" and follows is not None and follows.capital:
        return 2
    if vietnamese and follows is not None and follows.capital and token.text in words.small_inside and tokens[here - 1].capital:
        return 2  # "Thủy sản Mỹ Hưng"
    if vietnamese or token.text not in _JOINERS:
        return 0
    return _joined_on(tokens, start, here, words)


def _joined_on(tokens: tuple[Token, ...], start: int, here: int, words: Lexicon) -> int:
    name = [token.text.lower() for token in tokens[start:here]]
    institution = bool(words.government_heads.union(words.organization_heads).intersection(name))
    word = tokens[here].text
    jump = here + 1
    if word in ("of", "for") and jump < len(tokens) and tokens[jump].text == "the":
        jump += 1
    if jump >= len(tokens) or not tokens[jump].capital:
        return 0
    if word == "of":
        return jump + 1 - here if institution or name[-1] in _OF_HEADS else 0
    if word == "for":
        return jump + 1 - here if institution else 0
    if word == "and":
        return 2 if institution and ("of" in name or "for" in name) else 0
    return 2 if word in ("de", "van", "von", "der", "al", "bin", "da", "del") else 0


def _pieces(sentence: Sentence, start: int, end: int, words: Lexicon) -> list[Sighting]:
    """The names inside a run of capitals: offices, words for a country's people and opening words cut it."""
    tokens = sentence.tokens
    found: list[Sighting] = []
    piece = start
    here = start
    while here < end:
        if here > piece and tokens[here].text in ("-", "–") and _beside_country(tokens, piece, here, end):
            found += _piece(sentence, piece, here, words)
            here += 1
            piece = here
            continue
        office = _office_length(tokens, here, end, words)
        if office:
            found += _piece(sentence, piece, here, words)
            here += office
            piece = here
            continue
        here += 1
    return found + _piece(sentence, piece, end, words)


def _piece(sentence: Sentence, start: int, end: int, words: Lexicon) -> list[Sighting]:
    tokens = sentence.tokens
    while start < end and (_opening_word(tokens, start, end, sentence, words) or not tokens[start].capital):
        start += 1
    while end > start and not any(sign.isalnum() for sign in tokens[end - 1].text):
        end -= 1
    if start >= end:
        return []
    text = joined(tokens[start:end])
    if end - start > _LONGEST_NAME and all(token.capital or not token.text.isalpha() for token in tokens[start:end]):
        return []
    if text in country_adjectives():
        return [Sighting(sentence, start, end, adjective=True)]
    if text in words.acronyms or (end - start == 1 and text in words.months):
        return []
    return [Sighting(sentence, start, end)]


def _opening_word(tokens: tuple[Token, ...], start: int, end: int, sentence: Sentence, words: Lexicon) -> bool:
    text = tokens[start].text
    if end - start > 1 and (text in words.months or (sentence.lang == "vi" and text in words.acronyms)):
        return True
    if text.lower() not in words.starters or joined(tokens[start:end]) in country_names():
        return False
    if sentence.lang == "vi" and end - start > 1 and _opens_institution(tokens, start, words):
        return False
    if sentence.lang == "vi":
        # "Theo Reuters" opens a sentence; "Công Phượng" in the middle of one is somebody's name.
        return (start == 0 or end - start == 1) and joined(tokens[start : start + 2]) not in {**country_names(), **capital_cities()}
    return True


def _beside_country(tokens: tuple[Token, ...], start: int, hyphen: int, end: int) -> bool:
    known = {**country_names(), **country_adjectives(), **capital_cities()}
    return joined(tokens[start:hyphen]) in known or joined(tokens[hyphen + 1 : end]) in known


def _office_length(tokens: tuple[Token, ...], here: int, end: int, words: Lexicon) -> int:
    """How many tokens from `here` on are an office or form of address."""
    if tokens[here].text.lower() in words.honorifics:
        return 2 if here + 1 < end and tokens[here + 1].text == "." else 1
    for length in range(min(_LONGEST_OFFICE, end - here), 0, -1):
        if joined(tokens[here : here + length]).lower() in words.offices:
            return length
    return 0
