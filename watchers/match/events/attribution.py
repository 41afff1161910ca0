"""Defines AttributionReader: whom an event is attributed to.

A paper or agency goes before a party that speaks for itself, a name before an office without one ("his lawyer"), anybody before a document
("the filing says"). What a party reports of itself as an act ("VinFast reported a loss") has no source.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from seeds.pattern_syntax import words
from watchers.match.events.participants import COMPANY_NOUNS, Participant
from watchers.match.events.pattern_catalog import SentenceMatches
from watchers.match.language.attribution_words import ACTS, DOCUMENTS, FOR_OTHERS, OFFICES, SPEAKERS, TELLING, is_press, trailing_source
from watchers.match.language.english_names import is_adjective
from watchers.match.language.sentences import Sentence, Token
from watchers.match.result import UnknownName

_ABLE = ("company", "brand", "organization", "government", "person", "name", "noun")
_OWN = ("company", "brand", "person")
"""Parties that announce what they do themselves."""
_COMPANIES = ("company", "brand")
_BELONGING = frozenset(("thuộc", "thuoc", "of", "của", "cua"))
_CLOSING = frozenset((("source", ":"), ("sources", ":"), ("nguồn", ":"), ("nguon", ":")))
_CLOSING_WORDS = ("source", "nguồn", "nguon", "theo")
_FRAME = frozenset("().")
_LONGEST = 5
"""Words of a source named in the last line."""
_LINES = 4
"""Lines at the end among which it stands: notes and disclaimers follow it."""
_LAST = 4
"""Sentences at the start of an item in which papers are looked for; a source named later speaks of something else."""
_PRESS, _PARTY, _OFFICE, _DOCUMENT = range(4)


class AttributionReader:
    """Reads the sources of one item's events. `parties_of` gives the parties of a sentence, `main` the company that the item is about."""

    def __init__(
        self, sentences: Sequence[Sentence], readings: Sequence[SentenceMatches], parties_of: Callable[[int], list[Participant]],
        main: Callable[[], list[Participant]],
    ) -> None:
        self._sentences, self._readings = sentences, readings
        self._parties_of, self._main = parties_of, main

    def source(
        self, told: Sequence[int], *, main: int, involved: Collection[str | UnknownName], denied: bool, only_beside: bool = False
    ) -> str | None:
        """The source of an event told in these sentences, by `main` before the others, in which `involved` take part: beside the main
        and the first sentence a company speaks for what it takes part in only. Of a denied event, who says what is denied goes before
        who denies it. `only_beside`: only the sentence that tells it names its source."""
        found: list[tuple[int, str]] = []
        if only_beside:
            return self._beside([main, *(one for one in told if self._sentences[one].index == 0)], involved)
        leads = [at for at, one in enumerate(self._sentences[:2]) if one.index == 0]
        for number in dict.fromkeys([*told, *range(min(_LAST, len(self._sentences)))]):
            sentence = self._sentences[number]
            if sentence.field == "title":
                tail = trailing_source([token.word for token in sentence.tokens])
                if tail:
                    return _words(sentence.tokens[tail[0]:tail[1]])
            near = denied or number in told or number in leads
            first = denied or number == main or number in leads
            for rank, one in self._sources(number):
                speaks = first or isinstance(one, str) or one.kind not in _COMPANIES or one.value in involved
                if (near and speaks) or rank == _PRESS:
                    found.append((rank, one if isinstance(one, str) else one.text))
        if denied:
            found += [(_PARTY, denier.text) for number in told for denier in self._deniers(number)]
        return min(found, key=lambda one: one[0])[1] if found else self._closing()

    def _beside(self, told: Sequence[int], involved: Collection[str | UnknownName]) -> str | None:
        """Who says it in the sentences that tell it, and takes no part in it."""
        found = [(rank, one.text) for number in told for rank, one in self._sources(number)
                 if isinstance(one, Participant) and one.value not in involved]
        return min(found, key=lambda one: one[0])[1] if found else None

    def _closing(self) -> str | None:
        """The source that a text names in a line at its end: "Source: …", "(Theo …)"."""
        for line in reversed(self._sentences[-_LINES:]):
            if not line.begins(_CLOSING_WORDS, "(). \n"):
                continue
            tokens = [token for token in line.tokens if token.text not in _FRAME]
            led = line.field != "title" and len(tokens) > 2 and (tokens[0].word, tokens[1].word) in _CLOSING
            name = tokens[2:] if led else tokens[1:] if tokens and tokens[0].word == "theo" and line.tokens[0].text == "(" else []
            if 0 < len(name) <= _LONGEST and name[0].text[0].isupper():
                return _words(name)
        return None

    def _sources(self, number: int) -> list[tuple[int, Participant | str]]:
        reading = self._readings[number]
        found: list[tuple[int, Participant | str]] = []
        if not reading.source_after and not reading.source_before:
            return found
        tokens, named = self._sentences[number].tokens, self._parties_of(number)
        for start, end in reading.source_after:
            hearer = tokens[start].word in TELLING
            found += [
                (_rank(tokens, participant), participant)
                for participant in named
                if participant.start == end
                and participant.kind in _ABLE
                and not is_adjective(participant.text)
                and (not hearer or _press(tokens, participant))
            ]
            found += [(_OFFICE, office) for office in [_office_after(tokens, end)] if office]
            if not hearer and end < len(tokens) and any(token.word in DOCUMENTS for token in tokens[end - 1:end + 3]):
                found.append((_DOCUMENT, next(token.text for token in tokens[end - 1:end + 3] if token.word in DOCUMENTS)))
        for start, end in reading.source_before:
            if tokens[start].word == "report" and start and tokens[start - 1].word in {"a", "the"}:
                continue
            if end < len(tokens) and tokens[end].word in _FIGURES:
                continue  # "the index added 0.4 percent"
            found += [(_rank(tokens, speaker), speaker) for speaker in self._speakers(tokens, named, start)
                      if tokens[start].word not in ACTS or speaker.kind not in _OWN or _press(tokens, speaker)]
            if start and tokens[start - 1].word in DOCUMENTS:
                found.append((_DOCUMENT, tokens[start - 1].text))
            office = _office(tokens, named, start)
            if office:
                found.append((_OFFICE, office))
        return found

    def _speakers(self, tokens: Sequence[Token], named: Sequence[Participant], start: int) -> list[Participant]:
        """Who speaks, where a word of speech begins at token `start`: the party right before it or before its office."""
        if start > _BRACKETS and tokens[start - 1].text == ")" and tokens[start - _BRACKETS].text == "(":
            start -= _BRACKETS  # "the European Union (EU) said"
        if start and tokens[start - 1].text == ",":  # "Ann Lee, head of the office, said"
            opening = next((at for at in range(start - 2, max(start - _APPOSITION, 0), -1) if tokens[at].text == ","), None)
            beside = [
                participant
                for participant in named
                if participant.end == opening and participant.kind in _ABLE and not is_adjective(participant.text)
            ]
            if beside:
                return beside
        for participant in named:
            able = participant.kind in _ABLE and not is_adjective(participant.text) and participant.end <= start
            if able and all(token.word in OFFICES for token in tokens[participant.end:start]):
                belongs = participant.start > 0 and tokens[participant.start - 1].word in _BELONGING
                return self._main() if belongs else [participant]
        at = _before_offices(tokens, start)
        speaks_for = start and (tokens[start - 1].word in COMPANY_NOUNS or any(token.word in FOR_OTHERS for token in tokens[at:start]))
        return self._main() if speaks_for else []

    def _deniers(self, number: int) -> list[Participant]:
        tokens, named = self._sentences[number].tokens, self._parties_of(number)
        starts = [start for kind, start, _ in self._readings[number].cues if kind == "denied"]
        return [speaker for start in starts[:1] for speaker in self._speakers(tokens, named, start)]


_BRACKETS = 3
_APPOSITION = 12
"""Words between commas that tell who a speaker is."""
_FIGURES = frozenset(("{number}", "{money}", "{control}"))


def _office_after(tokens: Sequence[Token], at: int) -> str | None:
    """The unnamed office that stands after "according to" with where it is from: "Korean media", "một quan chức Mỹ"."""
    end = at
    while end < len(tokens) and end - at < _LONGEST and tokens[end].word not in _CLOSERS:
        end += 1
    words_of = [token.word for token in tokens[at:end]]
    if at < len(tokens) and is_adjective(tokens[at].text):
        place = next((place for place, word in enumerate(words_of) if word in SPEAKERS), None)
        return _words(tokens[at:at + place + 1]) if place else None
    place = next((place for place in range(len(words_of) - 1) if (words_of[place], words_of[place + 1]) in _UNNAMED), None)
    return _words(tokens[at:end]) if place is not None and place <= 1 else None


_CLOSERS = frozenset(words(", . ; : ( ) ! ? … – — rằng cho và trong về khi sau"))
_UNNAMED = frozenset((
    ("quan", "chức"), ("giới", "chức"), ("nhà", "chức"), ("truyền", "thông"), ("người", "phát"), ("cảnh", "sát"), ("công", "an"),
))


def _before_offices(tokens: Sequence[Token], start: int) -> int:
    at = start
    while at > 0 and tokens[at - 1].word in OFFICES:
        at -= 1
    return at


def _office(tokens: Sequence[Token], named: Sequence[Participant], start: int) -> str | None:
    """The unnamed office that speaks at token `start`, with what describes it: "provincial people's committee"."""
    end = start
    while end > 0 and tokens[end - 1].word in OFFICES and tokens[end - 1].word not in SPEAKERS:
        end -= 1
    if not end or tokens[end - 1].word not in SPEAKERS:
        return None
    inside = {at for participant in named if participant.kind not in _GUESSED for at in range(participant.start, participant.end)}
    first = end - 1
    while first > 0 and first > end - _OFFICE_WORDS and first - 1 not in inside and (
        tokens[first - 1].text.replace(" ", "").isalpha() or tokens[first - 1].word in {"'s", "’s"}
    ) and tokens[first - 1].word not in _OPENERS:
        first -= 1
    return _words(tokens[first:end])


_GUESSED = ("name", "modifier", "noun", "place", "government")
_OFFICE_WORDS = 6
_OPENERS = frozenset(words("the a an its his her their our this that and but as while two three several some"))


def _press(tokens: Sequence[Token], participant: Participant) -> bool:
    # The main party of a text may stand in a longer sentence than this one.
    return is_press(participant.text, tokens[participant.start - 1].word if 0 < participant.start <= len(tokens) else "")


def _rank(tokens: Sequence[Token], participant: Participant) -> int:
    return _PRESS if _press(tokens, participant) else _PARTY


def _words(tokens: Sequence[Token]) -> str:
    pieces = [tokens[0].text]
    for before, token in pairwise(tokens):
        pieces.append((" " if token.start > before.end else "") + token.text)
    return "".join(pieces)
