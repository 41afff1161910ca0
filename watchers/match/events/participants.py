"""Defines Participant and `parties`: who and what is named in a sentence, known or not.

Known names come as mentions. Others are read from capital letters, where a sentence uses them for names only (not in a Title Case
headline), and from how authorities are called ("U.S. Commerce Department", "Bộ Khoa học và Công nghệ"). Who of them acts: see `roles`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from seeds.entities import Entity
from seeds.pattern_syntax import words
from watchers.match.language import english_names as english
from watchers.match.language import vietnamese_names as vietnamese
from watchers.match.language.authorities import MINISTRY, institution, is_office, ministry
from watchers.match.language.capitals import SIGNS_BEFORE, is_capital, run_end, text_of
from watchers.match.language.sentences import Sentence, Token
from watchers.match.names.spacy_ner import NamedEntity
from watchers.match.result import UnknownName


class Participant(msgspec.Struct, frozen=True):
    """Somebody or some place named in a sentence, at tokens `start` to `end`."""

    start: int
    end: int
    value: str | UnknownName
    kind: str
    """An entity kind, "name" for an unknown one, "noun" for an unnamed one ("federal judge")."""
    text: str


COMPANY_NOUNS = frozenset(words(
    "company firm group chipmaker carmaker automaker maker giant conglomerate startup operator manufacturer bank retailer developer "
    "packager hãng đoàn ty nghiệp hang doan"
))
"""What a text calls the company that it is about: "the company said", "tập đoàn cho biết", "the Vietnamese carmaker"."""
AUXILIARY = frozenset(words("is are was were has have had will would to says said plans could may can does did"))


class CapitalisationStats:
    """How the item writes its words; asked word by word, as few are."""

    def __init__(self, sentences: Sequence[Sentence] = ()) -> None:
        self._sentences = sentences
        self._capital: dict[str, bool] = {}
        self._small: dict[str, bool] = {}

    def small(self, word: str) -> bool:
        """Whether the item writes the word (given in lower case) small somewhere."""
        if word not in self._small:
            self._small[word] = any(
                token.word == word and token.text[0].islower() for sentence in self._holding(word) for token in sentence.tokens
            )
        return self._small[word]

    def capital(self, word: str) -> bool:
        """Whether the item writes the word with a capital inside a sentence."""
        if word not in self._capital:
            self._capital[word] = any(
                token.word == word and token.text[0].isupper() and before.text not in SIGNS_BEFORE
                for sentence in self._holding(word) for before, token in pairwise(sentence.tokens)
            )
        return self._capital[word]

    def _holding(self, word: str) -> Iterator[Sentence]:
        return (sentence for sentence in self._sentences if sentence.may_hold(word) and not sentence.headline)


def parties(
    sentence: Sentence, entities: Mapping[str, Entity], nouns: Sequence[tuple[int, int]], letters: CapitalisationStats, *, lang: str = "en"
) -> list[Participant]:
    """Everybody named, in order. `nouns` are token spans of unnamed parties; `letters` tells how the item writes its words."""
    tokens = sentence.tokens
    found: list[Participant] = []
    spans = dict(nouns)
    at = english.byline_end(tokens) if lang == "en" and sentence.index == 0 and sentence.field != "title" else 0
    while (at := _next(tokens, at, spans)) < len(tokens):
        token = tokens[at]
        if token.mention is not None:
            party, at = _known(sentence, entities, at, lang)
            found += [party] if party else []
        elif token.text in MINISTRY and (end := ministry(tokens, at)) > at + 1:
            found.append(_party(tokens, at, end, "organization"))
            at = end
        elif at in spans and lang == "vi" and (body := vietnamese.body_at(tokens, at)) and body[0] > spans[at]:
            found.append(_party(tokens, at, *body))
            at = body[0]
        elif at in spans and not sentence.headline and _holder_follows(tokens, at, spans[at], lang):
            at = spans[at]
        elif at in spans:
            found.append(_party(tokens, at, spans[at], "noun"))
            at = spans[at]
        elif sentence.headline:
            at += 1
        elif lang == "vi" and (body := vietnamese.body_at(tokens, at)):
            found.append(_party(tokens, at, *body))
            at = body[0]
        elif lang == "vi" and (end := vietnamese.title_end(tokens, at)) > at:
            # "Thủ tướng" acts for the state where no name follows.
            if vietnamese.is_office(tokens, at, end) and not (end < len(tokens) and tokens[end].text[0].isupper()):
                found.append(_party(tokens, at, end, "person"))
            at = end
        elif _begins(tokens, at):
            end = run_end(tokens, at)
            found += _vietnamese(sentence, at, end, letters) if lang == "vi" else _english(sentence, at, end, letters)
            at = max(end, found[-1].end if found else 0)
        else:
            at += 1
    return found


def _next(tokens: Sequence[Token], at: int, nouns: Mapping[int, int]) -> int:
    """The first token from `at` on where a party can begin: most words are small and name nobody."""
    while at < len(tokens) and tokens[at].mention is None and not tokens[at].text[0].isupper() and at not in nouns:
        at += 1
    return at


def _holder_follows(tokens: Sequence[Token], at: int, end: int, lang: str) -> bool:
    """Whether the office at token `at` is that of somebody named right after it: "Bộ trưởng Phùng …", "Prime Minister Pham …"."""
    if end >= len(tokens) or not tokens[end].text[0].isupper():
        return False
    if lang == "vi":
        return max(vietnamese.title_end(tokens, at), end) == end and vietnamese.titled(tokens, end)
    return english.ends_in_title(tokens, at, end) and (is_capital(tokens[end]) or tokens[end].word == "{person}")


def _party(tokens: Sequence[Token], start: int, end: int, kind: str) -> Participant:
    text = text_of(tokens[start:end])
    return Participant(start, end, UnknownName(text), kind, text)


def _known(sentence: Sentence, entities: Mapping[str, Entity], at: int, lang: str) -> tuple[Participant | None, int]:
    """The party of the mention at token `at`, with what belongs to its name, and where to go on."""
    tokens, token = sentence.tokens, sentence.tokens[at]
    assert token.mention is not None
    entity = entities.get(token.mention.entity)
    kind = entity.kind if entity else "company"
    end = institution(tokens, at) if kind in {"government", "place"} else at + 1
    if end > at + 1 or (kind == "government" and is_office(token.text)):
        return _party(tokens, at, end, "organization"), end
    if lang == "vi" and kind == "place" and (end := _named_after(tokens, at)) > at + 1:
        return _party(tokens, at, end, "name"), end
    end = at + 1
    if kind == "government" and end < len(tokens) and tokens[end].word in COMPANY_NOUNS:  # "the Vietnamese carmaker"
        return None, end
    return Participant(at, end, token.mention.entity, kind, token.text), end


def _named_after(tokens: Sequence[Token], at: int) -> int:
    """Where a Vietnamese name ends that begins with that of the place at token `at`: "Sài Gòn Thương Tín"."""
    end = at + 1
    while end < len(tokens) and tokens[end].mention is None and is_capital(tokens[end]) and tokens[end].start == tokens[end - 1].end + 1:
        end += 1
    if end == at + 1:
        return end
    begins = vietnamese.title_end(tokens, at + 1) > at + 1 or vietnamese.is_head(tokens, at + 1) or tokens[at + 1].text in MINISTRY
    return at + 1 if begins or vietnamese.surname_at(tokens, at + 1, end) or vietnamese.in_common(tokens, end - 1) else end


def _begins(tokens: Sequence[Token], at: int) -> bool:
    """Whether a name may begin at token `at`."""
    if is_capital(tokens[at]):
        return True
    following = tokens[at + 1].word if at + 1 < len(tokens) and tokens[at + 1].text[0].isupper() else ""
    return (tokens[at].text == "New" and following in english.NEW) or (tokens[at].text == "The" and following in english.THE)


def _vietnamese(sentence: Sentence, at: int, end: int, letters: CapitalisationStats) -> list[Participant]:
    """The names in a run of capitals of a Vietnamese text: a body and its head stand side by side ("Phúc Sơn Nguyễn Văn A")."""
    tokens = sentence.tokens
    opening = at == 0 or tokens[at - 1].text in SIGNS_BEFORE
    if opening and (vietnamese.opens(tokens, at, end) or (
        end - at > 1 and vietnamese.is_syllable(tokens[at].word) and not vietnamese.is_syllable(tokens[at + 1].word)
        and not letters.capital(tokens[at].word)
    )):
        at += 1
    if at < end and vietnamese.is_law(tokens, at, end):
        return []
    while at < end and tokens[end - 1].text[0].isupper() and vietnamese.in_common(tokens, end - 1):
        end -= 1  # "Luật Trí" of "Luật Trí tuệ nhân tạo"
    if at >= end:
        return []
    if end - at > 1 and tokens[at].word in vietnamese.REGIONS and not vietnamese.is_syllable(tokens[at + 1].word):
        at += 1  # "Thủ tướng Đức Friedrich …"
    person = next((place for place in range(at, end) if vietnamese.whose_name(tokens, at, place, end)), end)
    if person > at and end < len(tokens) and tokens[end].word == "{place}" and person == end:
        end = person = end + 1  # "Hoàng Anh Gia Lai"
    found = []
    for start, stop in ((at, person), (person, end)):
        if start == stop or not _is_vietnamese_name(tokens, start, stop, letters):
            continue
        is_person = start == person or (vietnamese.titled(tokens, start) and stop - start > 1)
        kind = "person" if is_person else _kind_of(tokens, text_of(tokens[start:stop]), start, stop, sentence)
        found.append(_party(tokens, start, stop, kind))
    return found


def _is_vietnamese_name(tokens: Sequence[Token], at: int, end: int, letters: CapitalisationStats) -> bool:
    run, only = tokens[at:end], tokens[at]
    if english.names_nobody(tokens, at, end) or only.text.startswith("MỚI") or all(
        token.word in vietnamese.NO_PARTY or not token.text[0].isalpha() for token in run
    ):
        return False
    if len(run) > 1 or (only.text.isupper() and len(only.text) > 1):
        return True
    small = letters.small(only.word)
    if not vietnamese.is_syllable(only.word):
        return len(only.text) > 1 and not small
    opening = at == 0 or tokens[at - 1].text in SIGNS_BEFORE
    if only.word in vietnamese.COUNTRIES:
        beside = (*tokens[max(0, at - 1):at], *tokens[end:end + 1])
        return not opening and not any(one.text[0].isupper() and one.mention is None for one in beside)
    # One capital syllable begins a word of two ("Hội đồng"); a brand of that form stands so inside sentences and has no accents.
    return only.text.isascii() and not opening and not small and not vietnamese.opens(tokens, at, end)


def _english(sentence: Sentence, at: int, end: int, letters: CapitalisationStats) -> list[Participant]:
    """The name in a run of capitals of an English text, if it is one."""
    tokens = sentence.tokens
    if tokens[at].text == "The":
        return [_party(tokens, at, at + 2, "name")]
    if not (tokens[at].text == "New" or _is_name(tokens, at, end, letters.capital)):
        return []
    if english.ends_in_title(tokens, at, end):
        return []
    at = english.without_titles(tokens, at, end)
    if english.is_symbol(tokens, at, end):
        return []
    end = english.without_ticker(tokens, at, end)
    if english.names_nobody(tokens, at, end, letters.small):
        return []
    return [_party(tokens, at, end, _kind_of(tokens, text_of(tokens[at:end]), at, end, sentence))]


def with_labels(sentence: Sentence, found: list[Participant], labels: Sequence[NamedEntity]) -> list[Participant]:
    """`found` with those whom a pipeline names in the sentence; its reading goes before the one from capital letters, not before what is
    known."""
    tokens = sentence.tokens
    for label in labels:
        inside = [at for at, token in enumerate(tokens) if label.start <= token.start and token.end <= label.end]
        if not inside or any(tokens[at].mention is not None for at in inside):
            continue
        start, end = inside[0], inside[-1] + 1
        beside = [participant for participant in found if participant.start < end and start < participant.end]
        if all(participant.kind in _GUESSED for participant in beside):
            text = text_of(tokens[start:end])
            found = [participant for participant in found if participant not in beside] + [
                Participant(start, end, UnknownName(text), label.kind, text)
            ]
    return sorted(found, key=lambda participant: participant.start)


_GUESSED = ("name", "product", "modifier")


def _kind_of(tokens: Sequence[Token], text: str, at: int, end: int, sentence: Sentence) -> str:
    """What an unknown name may be: the place of a dateline ("PEORIA - …"), what only describes ("the Philadelphia … index", "Adriatic
    ferry builder"), a product, or anybody."""
    if at == 0 and sentence.index == 0 and sentence.field != "title" and end < len(tokens) and tokens[end].text in _DASHES:
        return "place"
    if any(token.word in _DESCRIBED and token.text.islower() for token in tokens[end:end + 2]):
        return "modifier"
    return "product" if any(one.isdigit() for one in text) else "name"


_DASHES = frozenset(("-", "–", "—"))
_DESCRIBED = frozenset(words(
    "index gauge exchange fair forum show conference summit expo factory plant site campus builder maker based"
)) | COMPANY_NOUNS
def _is_name(tokens: Sequence[Token], at: int, end: int, written_so: Callable[[str], bool]) -> bool:
    if at > 0 and tokens[at - 1].text not in SIGNS_BEFORE:
        return True
    # At the start every word has a capital: a name when more of it has, when the item writes it so elsewhere, or when it acts.
    first = tokens[at]
    if end - at > 1 or (first.text.isupper() and len(first.text) > 1):
        return True
    return written_so(first.word) or (end < len(tokens) and (tokens[end].word in AUXILIARY or _acts(first, tokens[end])))


def _acts(first: Token, following: Token) -> bool:
    """Whether one word at the start stands before what only somebody can do: "Cohere acquires"."""
    return following.word in _DEEDS and not first.word.endswith("ing")


_DEEDS = frozenset(words(
    "acquires buys launches unveils invests opens signs partners wins sues appoints hires secures debuts introduces inks taps names"
))
