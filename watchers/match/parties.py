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
_MINISTRY = frozenset(("Bộ", "Sở", "Cục", "Vụ", "UBND", "Ủy", "Uỷ", "Viện", "Tòa", "Toà", "Thanh", "BỘ"))
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
            if end > at + 1:
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
                found.append(Party(at, end, Named(text), "product" if any(one.isdigit() for one in text) else "name", text))
            at = end
        else:
            at += 1
    return found


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
    while end < len(tokens) and tokens[end].mention is None and tokens[end].text[0].isupper():
        end += 1
        if end < len(tokens) and tokens[end].text.islower() and tokens[end].word not in _AFTER_NAMES:
            end += 1
        if end + 1 < len(tokens) and tokens[end].word == "và" and tokens[end + 1].text[0].isupper() and tokens[end + 1].mention is None:
            end += 1
    mention = tokens[end].mention if at + 1 < end < len(tokens) else None
    return end + 1 if mention is not None and tokens[end].word == "{government}" else end


def _capital(token: Token) -> bool:
    return token.text[0].isupper() and token.money is None and token.word not in _SMALL


def _run(tokens: Sequence[Token], at: int) -> int:
    end = at + 1
    while end < len(tokens):
        if tokens[end].mention is None and (_capital(tokens[end]) or _model_number(tokens[end])):
            end += 1
        elif tokens[end].text in {"&", "of"} and end + 1 < len(tokens) and tokens[end + 1].mention is None and _capital(tokens[end + 1]):
            end += 2
        else:
            break
    return end


def _model_number(token: Token) -> bool:
    return token.money is None and token.text[0].isdigit() and token.text.isalnum() and len(token.text) < 5


def _is_name(tokens: Sequence[Token], at: int, end: int, names: frozenset[str]) -> bool:
    if at > 0 and tokens[at - 1].text not in {'"', "“", "'", "‘", ".", ":", "-", "–", "—", "(", "*", "•", "|"}:
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
