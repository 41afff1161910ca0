"""Defines Party, `parties` and `take_parts`: who is named in a sentence, and which of them act or are acted on around a trigger.

Known names come as mentions; others are read from capital letters, where a sentence uses them for names only (not in a Title Case
headline). Word order decides: the subject stands before the words, the object after; the passive turns them round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from seeds.entities import Entity
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


_JOINERS = frozenset((",", "and", "&", "và", "cùng", "with", "plus", "/", "-", "–", "of", "va"))
_OBLIQUE = frozenset((
    "with", "of", "in", "from", "to", "for", "at", "by", "on", "into", "near", "after", "before", "against", "over", "under", "than",
    "amid", "via", "per", "versus", "vs", "between", "among", "around", "across", "within", "inside", "outside", "với", "của", "tại",
    "ở", "cho", "từ", "bởi", "vào", "trong", "ngoài", "gần", "theo", "trên", "sau", "trước", "quanh", "voi", "cua", "tai", "tu",
))
_PLACE_BEFORE = frozenset((
    "in", "at", "near", "into", "outside", "across", "to", "from", "around", "inside", "tại", "ở", "gần", "vào", "sang", "đến", "ra",
    "tai", "o",
))
_SMALL = frozenset((
    "the", "a", "an", "this", "that", "these", "those", "it", "its", "he", "she", "they", "we", "you", "i", "his", "her", "their",
    "our", "in", "on", "at", "for", "from", "with", "by", "to", "of", "and", "or", "but", "as", "if", "when", "while", "after",
    "before", "how", "why", "what", "who", "which", "where", "more", "most", "new", "not", "no", "one", "two", "three",
))
_AUXILIARY = frozenset((
    "is", "are", "was", "were", "has", "have", "had", "will", "would", "to", "says", "said", "plans", "could", "may", "can", "does",
    "did",
))
_BE = frozenset(["is", "are", "was", "were", "be", "been", "being", "gets", "got", "get"])
_VI_PASSIVE = frozenset(("được", "bị", "duoc", "bi"))


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


def passive(tokens: Sequence[Token], start: int, end: int, lang: str) -> bool:
    """Whether the words at `start` to `end` are in the passive: "was bought", "bought by", "được … mua lại", "bị phạt"."""
    before = [one.word for one in tokens[max(0, start - 3):start]]
    if lang == "vi":
        return any(word in _VI_PASSIVE for word in before) or tokens[start].word in _VI_PASSIVE
    if any(word in _BE for word in before) and tokens[start].word.endswith(("ed", "ught", "en", "ld", "it", "wn", "ut", "id", "de")):
        return True
    return end < len(tokens) and tokens[end].word == "by"


def group_before(tokens: Sequence[Token], named: Sequence[Party], start: int, kinds: Sequence[str]) -> list[Party]:
    """The subject of the words at token `start`: the nearest party that hangs on no preposition, with those joined to it."""
    left = [one for one in named if one.end <= start and one.kind in kinds]
    if not left:
        return []
    free = [one for one in left if not (one.start and tokens[one.start - 1].word in _OBLIQUE)]
    head = (free or left)[-1]
    return _joined(tokens, left, head)


def group_after(tokens: Sequence[Token], named: Sequence[Party], end: int, kinds: Sequence[str]) -> list[Party]:
    """The parties that are the object of the words that end before token `end`: the nearest ones after, with those joined to them."""
    right = [one for one in named if one.start >= end and one.kind in kinds]
    return _joined(tokens, right, right[0]) if right else []


def _joined(tokens: Sequence[Token], among: Sequence[Party], head: Party) -> list[Party]:
    group = [head]
    place = list(among).index(head)
    for one in reversed(among[:place]):
        if not _only_joiners(tokens, one.end, group[0].start):
            break
        group.insert(0, one)
    for one in among[place + 1:]:
        if not _only_joiners(tokens, group[-1].end, one.start):
            break
        group.append(one)
    return group


def _only_joiners(tokens: Sequence[Token], start: int, end: int) -> bool:
    between = [one.word for one in tokens[start:end]]
    return 0 < len(between) <= 3 and all(word in _JOINERS for word in between) and between not in (["of"], ["-"])


def place_of(sentence: Sentence, named: Sequence[Party], near: int) -> str | None:
    """Where: the place named nearest to token `near`, one after a word like "in" or "tại" before others."""
    tokens = sentence.tokens
    led = [one for one in named if one.start and tokens[one.start - 1].word in _PLACE_BEFORE and one.kind in {"place", "government",
                                                                                                              "name"}]
    known = [one for one in named if one.kind == "place"]
    choice = [one for one in led if one.kind == "place"] or known or led
    return min(choice, key=lambda one: (abs(one.start - near), one.start)).text if choice else None
