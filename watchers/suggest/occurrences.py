"""Defines Occurrence and `occurrences_of`: find possible names in a sentence by capital letters, joining words and head words.

`candidates` and `kinds` decide over all documents together whether it is a name, and of which kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from watchers.suggest.lexicon import Lexicon, capital_cities, country_adjectives, country_names, lexicon
from watchers.suggest.sentences import DocumentSentence, WordToken, joined

_LONGEST_OFFICE = 4
_LONGEST_NAME = 5
"""Words. A longer sequence of capitalised words is a headline inside the text."""
_JOINERS = ("of", "for", "the", "and", "&", "de", "van", "von", "der", "al", "bin", "da", "del")
_OF_HEADS = frozenset(
    {"bank", "gulf", "bay", "house", "republic", "kingdom", "isle", "cape", "university", "port", "city", "strait", "sea", "state"}
)


@dataclass(frozen=True)
class Occurrence:
    """A possible name: tokens `start` to `end` of the sentence. `adjective`: an adjective of a country, "Danish"."""

    sentence: DocumentSentence
    start: int
    end: int
    adjective: bool = False

    @cached_property
    def text(self) -> str:
        """The name, with the original spaces."""
        return joined(self.sentence.tokens[self.start : self.end])

    @property
    def initial(self) -> bool:
        """True if it starts the sentence or a quotation, so that its capital letter proves nothing."""
        if self.start == 0:
            return True
        before = self.sentence.tokens[self.start - 1]
        return before.text in ("“", "‘", ":", "•") or (before.text == '"' and not before.glued)

    @cached_property
    def before(self) -> str:
        """The six tokens before it, in lower case, with a space at both ends."""
        return f" {joined(self.sentence.tokens[max(0, self.start - 6) : self.start]).lower()} "

    @cached_property
    def after(self) -> str:
        """The 14 tokens after it, in lower case, with a space at both ends."""
        return f" {joined(self.sentence.tokens[self.end : self.end + 14]).lower()} "


def occurrences_of(sentence: DocumentSentence) -> list[Occurrence]:
    """Returns all possible names of the sentence, from left to right; none of a headline in Title Case."""
    if sentence.title_case:
        return []
    words = lexicon("vi" if sentence.lang == "vi" else "en")
    occurrences: list[Occurrence] = []
    position = 0
    while position < len(sentence.tokens):
        end = _end_of_name(sentence.tokens, position, words, vietnamese=sentence.lang == "vi")
        if end == position:
            position += 1
            continue
        occurrences += _pieces(sentence, position, end, words)
        position = end
    return occurrences


def _end_of_name(tokens: tuple[WordToken, ...], start: int, words: Lexicon, *, vietnamese: bool) -> int:
    """Returns the end of the capitalised words and joiners that begin at `start`; `start` if there are none."""
    if not tokens[start].capital:
        return start
    is_institution = vietnamese and _opens_institution(tokens, start, words)
    index = start + 1
    while index < len(tokens):
        step = _small_step(tokens, index, words) if is_institution else 0
        if step == 0:
            step = _capital_step(tokens, start, index, words, vietnamese=vietnamese)
        if step == 0:
            break
        index += step
    return index


def _opens_institution(tokens: tuple[WordToken, ...], start: int, words: Lexicon) -> bool:
    """Returns True for a head word whose name continues in lower case: "Bộ Khoa học và Công nghệ", "Hiệp hội Chế biến …"."""
    heads = words.government_heads | words.organization_heads
    return any(joined(tokens[start : start + length]).lower() in heads for length in (1, 2, 3))


def _small_step(tokens: tuple[WordToken, ...], index: int, words: Lexicon) -> int:
    """Returns how many lower-case tokens continue the name: Vietnamese writes the second syllable of a word, and "và", in lower case."""
    word = tokens[index].text
    follows = index + 1 < len(tokens) and tokens[index + 1].capital
    if word == "và" or not word.isalpha() or not word.islower() or not tokens[index - 1].capital:
        return 2 if word == "và" and follows else 0
    if word in words.small_inside:
        return 1
    continues = index + 2 < len(tokens) and tokens[index + 1].text == "và" and tokens[index + 2].capital
    return 1 if continues else 2 if follows else 0


def _capital_step(tokens: tuple[WordToken, ...], start: int, index: int, words: Lexicon, *, vietnamese: bool) -> int:
    """Returns how many tokens from `index` on belong to the name; 0 if it has ended."""
    token = tokens[index]
    if token.capital:
        return 1
    follows = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.text in ("-", "–") and token.glued and follows is not None and follows.glued and follows.capital:
        return 2
    if token.text == "&" and follows is not None and follows.capital:
        return 2
    if vietnamese and follows is not None and follows.capital and token.text in words.small_inside and tokens[index - 1].capital:
        return 2  # "Thủy sản Mỹ Hưng"
    if vietnamese or token.text not in _JOINERS:
        return 0
    return _joiner_step(tokens, start, index, words)


def _joiner_step(tokens: tuple[WordToken, ...], start: int, index: int, words: Lexicon) -> int:
    name = [token.text.lower() for token in tokens[start:index]]
    institution = bool(words.government_heads.union(words.organization_heads).intersection(name))
    word = tokens[index].text
    next_word = index + 1
    if word in ("of", "for") and next_word < len(tokens) and tokens[next_word].text == "the":
        next_word += 1
    if next_word >= len(tokens) or not tokens[next_word].capital:
        return 0
    if word == "of":
        return next_word + 1 - index if institution or name[-1] in _OF_HEADS else 0
    if word == "for":
        return next_word + 1 - index if institution else 0
    if word == "and":
        return 2 if institution and ("of" in name or "for" in name) else 0
    return 2 if word in ("de", "van", "von", "der", "al", "bin", "da", "del") else 0


def _pieces(sentence: DocumentSentence, start: int, end: int, words: Lexicon) -> list[Occurrence]:
    """Splits capitalised words into names, at offices and at hyphens next to countries."""
    tokens = sentence.tokens
    occurrences: list[Occurrence] = []
    piece = start
    index = start
    while index < end:
        if index > piece and tokens[index].text in ("-", "–") and _is_next_to_country(tokens, piece, index, end):
            occurrences += _piece(sentence, piece, index, words)
            index += 1
            piece = index
            continue
        office = _office_length(tokens, index, end, words)
        if office:
            occurrences += _piece(sentence, piece, index, words)
            index += office
            piece = index
            continue
        index += 1
    return occurrences + _piece(sentence, piece, end, words)


def _piece(sentence: DocumentSentence, start: int, end: int, words: Lexicon) -> list[Occurrence]:
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
        return [Occurrence(sentence, start, end, adjective=True)]
    if text in words.acronyms or (end - start == 1 and text in words.months):
        return []
    return [Occurrence(sentence, start, end)]


def _opening_word(tokens: tuple[WordToken, ...], start: int, end: int, sentence: DocumentSentence, words: Lexicon) -> bool:
    text = tokens[start].text
    if end - start > 1 and (text in words.months or (sentence.lang == "vi" and text in words.acronyms)):
        return True
    if text.lower() not in words.starters or joined(tokens[start:end]) in country_names():
        return False
    if sentence.lang == "vi" and end - start > 1 and _opens_institution(tokens, start, words):
        return False
    if sentence.lang == "vi":
        # "Theo Reuters" starts a sentence; "Công Phượng" inside a sentence is a person's name.
        return (start == 0 or end - start == 1) and joined(tokens[start : start + 2]) not in {**country_names(), **capital_cities()}
    return True


def _is_next_to_country(tokens: tuple[WordToken, ...], start: int, hyphen: int, end: int) -> bool:
    names = {**country_names(), **country_adjectives(), **capital_cities()}
    return joined(tokens[start:hyphen]) in names or joined(tokens[hyphen + 1 : end]) in names


def _office_length(tokens: tuple[WordToken, ...], index: int, end: int, words: Lexicon) -> int:
    """Returns how many tokens from `index` on are an office or a form of address."""
    if tokens[index].text.lower() in words.honorifics:
        return 2 if index + 1 < end and tokens[index + 1].text == "." else 1
    for length in range(min(_LONGEST_OFFICE, end - index), 0, -1):
        if joined(tokens[index : index + length]).lower() in words.offices:
            return length
    return 0
