"""Defines `place_of`, where something happens, and `is_location_only`, whether a place named is only where something is."""

from __future__ import annotations

from collections.abc import Sequence

from seeds.pattern_syntax import words
from watchers.match.events.participants import Participant
from watchers.match.language.english_names import is_adjective
from watchers.match.language.sentences import Sentence, Token

PLACE_BEFORE = frozenset(words("in at near into outside across to from around inside tại ở gần vào sang đến ra tai o"))
"""A place follows these."""


def is_location_only(tokens: Sequence[Token], participant: Participant) -> bool:
    """Whether a state or place is only where something is: "nhà máy tại Việt Nam"."""
    return participant.kind in {"government", "place"} and participant.start > 0 and tokens[participant.start - 1].word in _WITHIN


_WITHIN = frozenset(words("in at inside across within tại ở trong tai o"))


def place_of(sentence: Sentence, named: Sequence[Participant], near: int) -> tuple[int, str] | None:
    """Where: the place named nearest to token `near` with its distance, one after a word like "in" or "tại" before others. Where
    something happened is told after what happened, so places before count as farther."""
    tokens = sentence.tokens
    able = [
        participant
        for participant in named
        if participant.kind in {"place", "government", "name"}
        and not is_adjective(participant.text)
        and not _describes(tokens, participant)
    ]
    led = [participant for participant in able if led_in(tokens, participant)]
    known = [participant for participant in able if participant.kind == "place"]
    choice = [participant for participant in led if participant.kind != "government"] or known or led
    return min((found for participant in choice if (found := (_distance(tokens, participant, near), participant.text))[0] <= (
        _LED_FARTHEST if participant in led else _FARTHEST)), default=None)


def _distance(tokens: Sequence[Token], participant: Participant, near: int) -> int:
    """Words between what happened and a place, more where the place stands before or in another part of the sentence."""
    away = participant.start - near if participant.start >= near else near - participant.start + _BEFORE
    first, last = sorted((near, participant.start))
    return away + _PART * any(token.text in _PARTS for token in tokens[first:last])


_BEFORE = 4
_FARTHEST, _LED_FARTHEST = 24, 40
"""Words at which a place still belongs to what happened; a word of place before it reaches farther."""
_PART = 20
"""A place in another part of the sentence counts as so much farther."""
_PARTS = frozenset((":", ";", "—", "–", "|"))
_LED = frozenset(words("in inside across outside near tại ở tai o"))
_PLACE_NOUNS = frozenset(words(
    "the central northern southern eastern western northeastern northwestern southeastern southwestern coastal province state city "
    "town district region county island port suburb freeport of tỉnh thành phố tp . huyện quận khu kcn xã phường thị tinh thanh pho "
    "huyen quan"
))
_SEATED = frozenset(("based", "headquartered"))
_ROUTES = frozenset(words("tuyến đường cao tốc sắt railway line route expressway"))


def led_in(tokens: Sequence[Token], participant: Participant) -> bool:
    """Whether a word of place leads to the party, over what it is called: "in the central province of Ha Tinh", "tại huyện Yên Phong".
    A name that nobody knows is a place only after the words that lead to hardly anything else."""
    at = participant.start
    while at > 0 and tokens[at - 1].word in _PLACE_NOUNS and participant.start - at < _WORDS_OF_PLACE:
        at -= 1
    if participant.kind == "name":
        return at > 0 and tokens[at - 1].word in _LED and not any(token.word in _HELD for token in tokens[max(0, at - 1 - _HOLD):at - 1])
    return at > 0 and tokens[at - 1].word in PLACE_BEFORE


_HELD = frozenset(words(
    "stake stakes share shares stock invest invests invested investing investment investments position positions holding holdings "
    "interest bet bets believe trust confidence gains losses rise drop decline"
))
_HOLD = 2
"""After these, with a sum between or none, "in" leads to what is held: "a stake in Lumen"."""
_WORDS_OF_PLACE = 4


def _describes(tokens: Sequence[Token], participant: Participant) -> bool:
    """Whether a place only describes: "the Hanoi-based group", or an end of a route, "tuyến Hà Nội - Quảng Ninh"."""
    if (participant.end < len(tokens) and tokens[participant.end].word == "based") or (
        participant.start > 1 and tokens[participant.start - 2].word in _SEATED
    ):
        return True
    if any(token.word == "sở" for token in tokens[max(0, participant.start - 4) : participant.start - 1]) and tokens[
        participant.start - 1
    ].word in {"tại", "ở"}:
        return True  # "có trụ sở tại Đan Mạch"
    return (
        any(token.word in _ROUTES for token in tokens[max(0, participant.start - 2) : participant.start])
        and participant.end < len(tokens)
        and (tokens[participant.end].text in {"-", "–"})
    )
