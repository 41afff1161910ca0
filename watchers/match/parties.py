"""Defines Party and `parties`: who and what is named in a sentence, known or not.

Known names come as mentions. Others are read from capital letters, where a sentence uses them for names only (not in a Title Case
headline), and from how authorities are called ("U.S. Commerce Department", "Bộ Khoa học và Công nghệ"). Who of them acts: see `roles`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from seeds.entities import Entity
from seeds.patterns import words
from watchers.match.ner import Label
from watchers.match.result import Named
from watchers.match.sentences import Sentence, Token


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody or some place named in a sentence, at tokens `start` to `end`."""

    start: int
    end: int
    value: str | Named
    kind: str
    """An entity kind, "name" for an unknown one, "noun" for an unnamed one ("federal judge")."""
    text: str


_SMALL = frozenset(words(
    "the a an this that these those it its he she they we you i his her their our in on at for from with by to of and or but as if "
    "when while after before how why what who which where more most new not no one two three monday tuesday wednesday thursday friday "
    "saturday sunday january february march april june july august september october november december today hôm ngày tháng năm quý "
    "ông bà anh chị vn vn30 hose hnx upcom index dow nasdaq s&p ai ev evs ceo cfo cto gdp it r&d ipo i ii iii iv ii-c kcn tp tphcm "
    "ubnd hđqt us$ q1 q2 q3 q4 usd vnd theo khi sau trước"
))
"""Words that a capital letter does not make a name: small words at the start of sentences, days, months, common abbreviations."""
COMPANY_NOUNS = frozenset(words(
    "company firm group chipmaker carmaker automaker maker giant conglomerate startup operator manufacturer bank retailer developer "
    "packager hãng đoàn ty nghiệp hang doan"
))
"""What a text calls the company that it is about: "the company said", "tập đoàn cho biết", "the Vietnamese carmaker"."""
_INSTITUTIONS = frozenset(words(
    "department ministry government commission court senate congress assembly office bureau agency treasury parliament administration "
    "council cabinet regulator house"
))
_MINISTRY = frozenset((
    "Bộ", "Sở", "Cục", "Vụ", "UBND", "HĐND", "TAND", "VKSND", "Ủy", "Uỷ", "Viện", "Tòa", "Toà", "Thanh", "Tổng", "Công", "Cơ", "BỘ", "BTC",
    "Hải", "Ban",
))
_SECOND = {"Tổng": "cục", "Công": "an", "Cơ": "quan", "Hải": "quan", "Ban": "quản", "Thanh": "tra"}
"""What must follow a first word that begins other things too."""
_LEVELS = frozenset(words("tỉnh thành phố tp . huyện quận nhân dân an quan cục quản lý cạnh tranh điều tra cảnh sát tra ninh"))
"""Small words inside such a name."""
_AFTER_NAMES = frozenset(words(
    "đề ban công sẽ đã đang vừa yêu cho họp ra trình cấp áp xem kiến đánh thông chỉ về và cũng không là có được bị phê chấp tổ ký "
    "soạn vào tại ở của với"
))
"""What follows the name of an authority rather than belonging to it."""
AUXILIARY = frozenset(words("is are was were has have had will would to says said plans could may can does did"))


def parties(
    sentence: Sentence, entities: Mapping[str, Entity], nouns: Sequence[tuple[int, int]], names: frozenset[str]
) -> list[Party]:
    """Everybody named, in order. `nouns` are token spans of unnamed parties; `names` are the item's capitalised words."""
    tokens = sentence.tokens
    found: list[Party] = []
    spans = dict(nouns)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.mention is not None:
            entity = entities.get(token.mention.entity)
            kind = entity.kind if entity else "company"
            end = institution(tokens, at) if kind in {"government", "place"} else at + 1
            if end > at + 1 or (kind == "government" and _is_office(token.text)):
                found.append(Party(at, end, Named(_text(tokens[at:end])), "organization", _text(tokens[at:end])))
            elif not (kind == "government" and end < len(tokens) and tokens[end].word in COMPANY_NOUNS):  # "the Vietnamese carmaker"
                found.append(Party(at, end, token.mention.entity, kind, token.text))
            at = end
        elif token.text in _MINISTRY and (end := _ministry(tokens, at)) > at + 1:
            found.append(Party(at, end, Named(_text(tokens[at:end])), "organization", _text(tokens[at:end])))
            at = end
        elif at in spans:
            found.append(Party(at, spans[at], Named(_text(tokens[at:spans[at]])), "noun", _text(tokens[at:spans[at]])))
            at = spans[at]
        elif not sentence.headline and _capital(token):
            end = _run(tokens, at)
            if _is_name(tokens, at, end, names):
                text = _text(tokens[at:end])
                found.append(Party(at, end, Named(text), _kind_of(tokens, text, at, end, sentence), text))
            at = end
        else:
            at += 1
    return found


def with_labels(sentence: Sentence, found: list[Party], labels: Sequence[Label]) -> list[Party]:
    """`found` with those whom a pipeline names in the sentence; its reading goes before the one from capital letters, not before what is
    known."""
    tokens = sentence.tokens
    for label in labels:
        inside = [at for at, token in enumerate(tokens) if label.start <= token.start and token.end <= label.end]
        if not inside or any(tokens[at].mention is not None for at in inside):
            continue
        start, end = inside[0], inside[-1] + 1
        beside = [one for one in found if one.start < end and start < one.end]
        if all(one.kind in _GUESSED for one in beside):
            text = _text(tokens[start:end])
            found = [one for one in found if one not in beside] + [Party(start, end, Named(text), label.kind, text)]
    return sorted(found, key=lambda one: one.start)


_GUESSED = ("name", "product", "modifier")


def _is_office(text: str) -> bool:
    """Whether what stands for a state in the text is one of its offices: "U.S. Commerce Department", "Bộ Công Thương"."""
    several = text.split()
    return len(several) > 1 and (several[-1].lower() in _INSTITUTIONS - {"government", "house"} or several[0] in _MINISTRY)


def institution(tokens: Sequence[Token], at: int) -> int:
    """Where the institution of the state named at token `at` ends ("U.S. Commerce Department"), or the state itself."""
    start = at + 2 if at + 1 < len(tokens) and tokens[at + 1].word in {"'s", "’s"} else at + 1
    if start < len(tokens) and tokens[start].mention is None and _capital(tokens[start]):
        end = _run(tokens, start)
        if tokens[end - 1].word in _INSTITUTIONS:
            return end
    return at + 1


def _ministry(tokens: Sequence[Token], at: int) -> int:
    """Where a Vietnamese authority that begins at token `at` ends: "Bộ Khoa học và Công nghệ", "Bộ Thương mại Mỹ"."""
    end = at + 1
    second = _SECOND.get(tokens[at].text)
    if second is not None and (end == len(tokens) or tokens[end].word != second):
        return end
    while end < len(tokens) and end - at < _LONGEST and tokens[end].mention is None and tokens[end].word in _LEVELS:
        end += 1
    if end > at + 1 and end < len(tokens) and tokens[end].mention is not None:
        return end + 1 if tokens[end].word in {"{place}", "{government}"} else end
    while end < len(tokens) and tokens[end].mention is None and tokens[end].text[0].isupper():
        end += 1
        if end < len(tokens) and tokens[end].text.islower() and tokens[end].word not in _AFTER_NAMES:
            end += 1
        if end + 1 < len(tokens) and tokens[end].word == "và" and tokens[end + 1].text[0].isupper() and tokens[end + 1].mention is None:
            end += 1
    mention = tokens[end].mention if at + 1 < end < len(tokens) else None
    return end + 1 if mention is not None and tokens[end].word == "{government}" else end


def _kind_of(tokens: Sequence[Token], text: str, at: int, end: int, sentence: Sentence) -> str:
    """What an unknown name may be: the place of a dateline ("PEORIA - …"), what only describes ("the Philadelphia … index", "Adriatic
    ferry builder"), a product, or anybody."""
    if at == 0 and sentence.index == 0 and sentence.field != "title" and end < len(tokens) and tokens[end].text in _DASHES:
        return "place"
    if any(one.word in _DESCRIBED and one.text.islower() for one in tokens[end:end + 2]):
        return "modifier"
    return "product" if any(one.isdigit() for one in text) else "name"


_DASHES = frozenset(("-", "–", "—"))
_DESCRIBED = frozenset(words("index gauge exchange fair forum factory plant site campus builder maker based")) | COMPANY_NOUNS
SIGNS_BEFORE = frozenset(('"', "“", "'", "‘", ".", ":", "-", "–", "—", "(", "*", "•", "|"))
"""After these a capital letter is that of a beginning, as at the start of a sentence."""


_LONGEST = 8
"""Words of an authority's name before the capital letters that end it."""


def _capital(token: Token) -> bool:
    return token.text[0].isupper() and token.money is None and token.word not in _SMALL


def _run(tokens: Sequence[Token], at: int) -> int:
    end = at + 1
    while end < len(tokens):
        if tokens[end].mention is None and (_capital(tokens[end]) or _model_number(tokens[end]) or tokens[end].text in _IN_NAMES):
            end += 1
        elif tokens[end].text in {"&", "of"} and end + 1 < len(tokens) and tokens[end + 1].mention is None and _capital(tokens[end + 1]):
            end += 2
        else:
            break
    return end


_IN_NAMES = frozenset(("AI", "IT", "EV", "I", "II", "III", "IV"))
"""Abbreviations that go on with a name though they begin none: "Mistral AI"."""


def _model_number(token: Token) -> bool:
    return token.money is None and token.text[0].isdigit() and token.text.isalnum() and len(token.text) < 5


def _is_name(tokens: Sequence[Token], at: int, end: int, names: frozenset[str]) -> bool:
    if at > 0 and tokens[at - 1].text not in SIGNS_BEFORE:
        return True
    # At the start every word has a capital: a name when more of it has, or when the item writes it so elsewhere.
    first = tokens[at]
    if end - at > 1 or (first.text.isupper() and len(first.text) > 1):
        return True
    return first.word in names or (end < len(tokens) and tokens[end].word in AUXILIARY)


def _text(tokens: Sequence[Token]) -> str:
    pieces = [tokens[0].text]
    for before, one in pairwise(tokens):
        pieces.append((" " if one.start > before.end else "") + one.text)
    return "".join(pieces)
