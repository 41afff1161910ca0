"""Defines Party, `parties` and `take_parts`: who is named in a sentence, and which of them act or are acted on around a trigger.

Known names come as mentions; others are read from capital letters, where a sentence uses them for names only (not in a Title Case
headline). Word order decides: the subject stands before the words, the object after; the passive turns them round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
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


_JOINERS = frozenset(words(", and & và cùng with plus / - – of va"))
_OBLIQUE = frozenset(words(
    "in at on to for near into after before against over under than amid via per versus vs among around across within inside outside "
    "beside about "
    "from of with between by tại ở cho vào trong ngoài gần theo trên sau trước quanh thuộc của với từ bởi giữa tai o cho vao thuoc cua "
    "voi tu"
))
_MAY_ACT = frozenset(words("with between by from of với của bởi giữa từ voi cua tu"))
"""After these of the above a party may still act, where nobody else does: "a partnership between A and B"."""
_PLACE_BEFORE = frozenset(words("in at near into outside across to from around inside tại ở gần vào sang đến ra tai o"))
_SMALL = frozenset(words(
    "the a an this that these those it its he she they we you i his her their our in on at for from with by to of and or but as if when "
    "while "
    "after before how why what who which where more most new not no one two three monday tuesday wednesday thursday friday saturday sunday "
    "january february march april june july august september october november december today hôm ngày tháng năm quý ông bà anh chị "
    "ai ev evs ceo cfo cto gdp it r&d ipo i ii iii iv ii-c kcn tp tphcm ubnd hđqt us$ q1 q2 q3 q4 usd vnd theo khi sau trước"
))
"""Words that a capital letter does not make a name: small words at the start of sentences, days, months, common abbreviations."""
_AUXILIARY = frozenset(words("is are was were has have had will would to says said plans could may can does did"))
_BE = frozenset(words("is are was were be been being gets got get"))
_VI_PASSIVE = frozenset(words("được bị duoc bi"))
_TIERS = (("noun",), ("company", "brand", "organization", "product", "name"), ("person",), ("government",), ("place",), ("topic",))


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
            found.append(Party(at, at + 1, token.mention.entity, entity.kind if entity else "company", token.text))
            at += 1
        elif at in spans:
            found.append(Party(at, spans[at], Named(_text(tokens[at:spans[at]])), "noun", _text(tokens[at:spans[at]])))
            at = spans[at]
        elif not sentence.headline and _capital(token):
            end = _run(tokens, at)
            if _is_name(tokens, at, end, names):
                found.append(Party(at, end, Named(_text(tokens[at:end])), "name", _text(tokens[at:end])))
            at = end
        else:
            at += 1
    return found


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
    if at > 0 and tokens[at - 1].text not in {'"', "“", "'", "‘", ".", ":"}:
        return True
    # At the start every word has a capital: a name when more of it has, or when the item writes it so elsewhere.
    first = tokens[at]
    if end - at > 1 or (first.text.isupper() and len(first.text) > 1):
        return True
    return first.word in names or (end < len(tokens) and tokens[end].word in _AUXILIARY)


def _text(tokens: Sequence[Token]) -> str:
    pieces = [tokens[0].text]
    for before, one in pairwise(tokens):
        pieces.append((" " if one.start > before.end else "") + one.text)
    return "".join(pieces)


def passive(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether the English words at `start` to `end` are in the passive: "was bought", "bought by"."""
    before = [one.word for one in tokens[max(0, start - 3):start]]
    if start < len(tokens) and any(word in _BE for word in before) and tokens[start].word.endswith(_PARTICIPLE):
        return True
    return end < len(tokens) and tokens[end].word == "by"


def agent_inside(tokens: Sequence[Token], named: Sequence[Party], at: int, kinds: Sequence[str]) -> list[Party]:
    """Who stands between the Vietnamese passive word and the verb at token `at`: "VinBrain được Nvidia mua lại", "bị toà phạt"."""
    fitting = [one for one in named if one.kind in kinds]
    for one in fitting:
        if at - _NEAR <= one.start and one.end <= at and one.start and tokens[one.start - 1].word in _VI_PASSIVE:
            return _joined(tokens, fitting, one)
    return []


_NEAR = 6
"""Words before a verb within which its passive word stands."""
_PARTICIPLE = ("ed", "ught", "en", "ld", "it", "wn", "ut", "id", "de")


def anchor(named: Sequence[Party], start: int, end: int) -> int:
    """The first of the trigger's tokens `start` to `end` that names nobody: what stands left of it is before the trigger."""
    inside = {at for one in named for at in range(one.start, one.end)}
    return next((at for at in range(start, end) if at not in inside), end)


def agent(tokens: Sequence[Token], named: Sequence[Party], end: int, kinds: Sequence[str]) -> list[Party]:
    """Who stands after "by" in the passive clause whose trigger ends before `end`: "licences were granted by the Commerce Department"."""
    for one in named:
        if one.kind not in kinds or not end < one.start <= end + _CLAUSE:
            continue
        by = one.start - (2 if tokens[one.start - 1].word in {"the", "a", "an"} else 1)
        between = [token.word for token in tokens[max(0, end - 1):by]]
        if tokens[by].word in {"by", "bởi"} and "," not in between and any(word in _BE or word in _VI_PASSIVE for word in between[-4:]):
            return _joined(tokens, [each for each in named if each.kind in kinds], one)
    return []


_CLAUSE = 18
"""Words after a trigger within which its clause may still name who acted."""


def group_before(tokens: Sequence[Token], named: Sequence[Party], at: int, kinds: Sequence[str]) -> list[Party]:
    """The subject of the words at token `at`: the nearest party that hangs on no preposition, with those joined to it. Parties of the
    kinds that come first in `kinds` go before others."""
    left = [one for one in named if one.end <= at and one.kind in kinds]
    free = [one for one in left if not (one.start and tokens[one.start - 1].word in _OBLIQUE)]
    weak = [one for one in left if one.start and tokens[one.start - 1].word in _MAY_ACT]
    for among in (free, weak):
        for tier in tiers(tuple(kinds)):
            fitting = [one for one in among if one.kind in tier]
            if fitting:
                return _joined(tokens, left, fitting[-1])
    return []


@lru_cache(maxsize=256)
def tiers(kinds: tuple[str, ...]) -> list[tuple[str, ...]]:
    """`kinds` in groups, in the order in which they are preferred: companies and organisations count alike."""
    ordered = sorted((tier for tier in _TIERS if any(kind in tier for kind in kinds)),
                     key=lambda tier: min(list(kinds).index(kind) for kind in tier if kind in kinds))
    return [tuple(kind for kind in tier if kind in kinds) for tier in ordered]


def group_after(tokens: Sequence[Token], named: Sequence[Party], at: int, kinds: Sequence[str]) -> list[Party]:
    """The object of the words at token `at`: the nearest parties after them, with those joined to them."""
    right = [one for one in named if one.start >= at and one.kind in kinds]
    free = [one for one in right if tokens[one.start - 1].word not in _PLACE_BEFORE]
    return _joined(tokens, right, (free or right)[0]) if right else []


def _joined(tokens: Sequence[Token], among: Sequence[Party], head: Party) -> list[Party]:
    group = [head]
    place = list(among).index(head)
    for one in reversed(among[:place]):
        hangs = one.start > 0 and tokens[one.start - 1].word in _OBLIQUE and tokens[one.start - 1].word not in {"between", "giữa"}
        if hangs or not _only_joiners(tokens, one.end, group[0].start) or (one.end == group[0].start and one.kind != head.kind):
            break
        group.insert(0, one)
    for one in among[place + 1:]:
        new_clause = one.end < len(tokens) and tokens[one.end].word in _AUXILIARY
        if new_clause or not _only_joiners(tokens, group[-1].end, one.start) or (one.start == group[-1].end and one.kind != head.kind):
            break
        group.append(one)
    return group


def _only_joiners(tokens: Sequence[Token], start: int, end: int) -> bool:
    between = [one.word for one in tokens[start:end]]
    return len(between) <= 3 and all(word in _JOINERS for word in between) and between not in (["of"], ["-"])


def place_of(sentence: Sentence, named: Sequence[Party], near: int) -> tuple[int, str] | None:
    """Where: the place named nearest to token `near` with its distance, one after a word like "in" or "tại" before others. Where
    something happened is told after what happened, so places before count as farther."""
    tokens = sentence.tokens
    led = [one for one in named if one.start and tokens[one.start - 1].word in _PLACE_BEFORE and one.kind in {"place", "government",
                                                                                                              "name"}]
    known = [one for one in named if one.kind == "place"]
    choice = [one for one in led if one.kind == "place"] or known or led
    return min(((one.start - near if one.start >= near else near - one.start + _BEFORE, one.text) for one in choice), default=None)


_BEFORE = 4
