"""Defines who acts and who is acted on around a trigger: `anchor`, `agent`, `group_before`, `group_after`.

Word order decides: the subject stands before the words, the object after; the passive turns them round.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from seeds.pattern_syntax import words
from watchers.match.events.participants import AUXILIARY, Participant
from watchers.match.events.places import PLACE_BEFORE, is_location_only, led_in
from watchers.match.language.sentences import Token

_JOINERS = frozenset(words(", and & và cùng with plus / - – of va hay or hoặc"))
_OBLIQUE = frozenset(words(
    "in at on to for near into after before against over under than amid via per versus vs among around across within inside outside "
    "beside about from of with between by tại ở cho vào trong ngoài gần theo trên sau trước quanh thuộc của với từ bởi giữa tai o vao "
    "thuoc cua voi tu"
))
_MAY_ACT = frozenset(words("with between by from of với của bởi giữa từ voi cua tu"))
"""After these of the above a party may still act, where nobody else does: "a partnership between A and B"."""
_BE = frozenset(words("is are was were be been being gets got get"))
_VI_PASSIVE = frozenset(words("được bị duoc bi"))
_TIERS = (("noun",), ("company", "brand", "organization", "product", "name"), ("person",), ("government",), ("place",), ("topic",))


def passive(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether the English words at `start` to `end` are in the passive: "was bought", "bought by"."""
    before = [token.word for token in tokens[max(0, start - 3):start]]
    if start < len(tokens) and any(word in _BE for word in before) and tokens[start].word.endswith(_PARTICIPLE):
        return True
    return end < len(tokens) and tokens[end].word == "by"


def agent_inside(tokens: Sequence[Token], named: Sequence[Participant], at: int, kinds: Sequence[str]) -> list[Participant]:
    """Who stands between the Vietnamese passive word and the verb at token `at`: "VinBrain được Nvidia mua lại", "bị toà phạt"."""
    fitting = [participant for participant in named if participant.kind in kinds]
    for participant in fitting:
        if (
            at - _NEAR <= participant.start
            and participant.end <= at
            and participant.start
            and tokens[participant.start - 1].word in _VI_PASSIVE
        ):
            return joined(tokens, fitting, participant)
    return []


def is_adverse_passive(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether the Vietnamese verb at tokens `start` to `end` is told of whom it happens to: "Amkor bị phạt"."""
    return any(tokens[at].word in _SUFFERED and (at + 1 == len(tokens) or tokens[at + 1].word not in _ACCUSED)
               for at in range(max(0, start - 1), end))


_SUFFERED = frozenset(("bị", "bi"))
_ACCUSED = frozenset(("can", "cáo", "đơn", "hại", "cao"))
"""After these "bị" makes a noun: "bị can"."""
_HEADS = frozenset(words("ceo cfo chairman chairwoman president founder chief director tịch đốc lập trưởng tich doc"))


_BACKING = frozenset(words("backed owned founded led funded controlled supported run headed advised"))
_BACKED = frozenset(words("backed owned led funded controlled supported"))
_BACKED_NOUNS = frozenset(words(
    "startup startups group fund venture project unit firm company maker developer lab rival platform business"
))


def descriptive_participants(tokens: Sequence[Token], named: Sequence[Participant]) -> list[Participant]:
    """Those who only describe another: "Aleph Alpha, backed by Nvidia and SAP", "the Nvidia-backed startup", "do Vingroup hậu thuẫn"."""
    found: list[Participant] = []
    for participant in named:
        before = [token.word for token in tokens[max(0, participant.start - 2):participant.start]]
        after = [token.word for token in tokens[participant.end:participant.end + 2]]
        backs = len(before) == 2 and before[1] == "by" and before[0] in _BACKING and not _clause_of(tokens, participant.start - 2)
        hyphened = len(after) == 2 and after[0] in _BACKED and (after[1] in _BACKED_NOUNS)
        vietnamese = before[-1:] in (["do"], ["được"]) and after in (["hậu", "thuẫn"], ["chống", "lưng"], ["đỡ", "đầu"])
        joined = (
            bool(found)
            and all(word in _JOINERS for word in (token.word for token in tokens[found[-1].end : participant.start]))
            and (
                participant.start - found[-1].end <= _JOINED
                and found[-1].start >= 1
                and tokens[found[-1].start - 1].word in {"by", ",", "and"}
            )
        )
        if backs or hyphened or vietnamese or joined:
            found.append(participant)
    return found


def _clause_of(tokens: Sequence[Token], at: int) -> bool:
    """Whether the participle at token `at` tells what happened ("was founded by") and does not describe."""
    return at > 0 and any(token.word in _BE for token in tokens[max(0, at - 2):at])


_JOINED = 3


def in_office(tokens: Sequence[Token], named: Sequence[Participant], participant: Participant) -> bool:
    """Whether a company only says whose head acts: "Chủ tịch Vingroup Phạm Nhật Vượng", "Nvidia CEO Jensen Huang"."""
    if participant.kind not in {"company", "brand"}:
        return False
    following = next((each for each in named if each.start >= participant.end), None)
    if following is None or following.kind != "person":
        return False
    between = [token.word for token in tokens[participant.end:following.start]]
    led = participant.start > 0 and tokens[participant.start - 1].word in _HEADS
    return (led and not between) or (0 < len(between) <= 3 and any(word in _HEADS for word in between) and "," not in between)


_NEAR = 6
"""Words before a verb within which its passive word stands."""
_PARTICIPLE = ("ed", "ught", "en", "ld", "it", "wn", "ut", "id", "de")


def anchor(named: Sequence[Participant], start: int, end: int) -> int:
    """The first of the trigger's tokens `start` to `end` that names nobody: what stands left of it is before the trigger."""
    inside = {at for participant in named for at in range(participant.start, participant.end)}
    return next((at for at in range(start, end) if at not in inside), end)


def agent(tokens: Sequence[Token], named: Sequence[Participant], end: int, kinds: Sequence[str]) -> list[Participant]:
    """Who stands after "by" in the passive clause whose trigger ends before `end`: "licences were granted by the Commerce Department"."""
    for participant in named:
        if participant.kind not in kinds or not end < participant.start <= end + _CLAUSE:
            continue
        by = participant.start - (2 if tokens[participant.start - 1].word in {"the", "a", "an"} else 1)
        between = [token.word for token in tokens[max(0, end - 1):by]]
        if tokens[by].word in {"by", "bởi"} and "," not in between and any(word in _BE or word in _VI_PASSIVE for word in between[-4:]):
            return joined(tokens, [each for each in named if each.kind in kinds], participant)
    return []


_CLAUSE = 18
"""Words after a trigger within which its clause may still name who acted."""


def group_before(tokens: Sequence[Token], named: Sequence[Participant], at: int, kinds: Sequence[str]) -> list[Participant]:
    """The subject of the words at token `at`: the nearest party that hangs on no preposition, with those joined to it. Parties of the
    kinds that come first in `kinds` go before others."""
    left = [participant for participant in named if participant.end <= at and participant.kind in kinds]
    free = [participant for participant in left if _word_before(tokens, participant) not in _OBLIQUE]
    free = _subjects(tokens, free, at) or free
    weak = [participant for participant in left if participant.start and tokens[participant.start - 1].word in _MAY_ACT]
    for among in (free, weak):
        for tier in preference_groups(tuple(kinds)):
            fitting = [participant for participant in among if participant.kind in tier]
            if fitting:
                return joined(tokens, left, fitting[-1])
    return []


def _word_before(tokens: Sequence[Token], participant: Participant) -> str:
    """The word before a party and the title that leads to it, or ""."""
    at = participant.start
    while at > 0 and tokens[at].text[0].isupper() and tokens[at - 1].word in _TITLE_WORDS:
        at -= 1
    return tokens[at - 1].word if at else ""


_TITLE_WORDS = frozenset(words("chủ tịch tổng giám đốc phó ceo president chairman ông bà tỷ phú"))
_YARDSTICKS = frozenset(words(
    "vượt hơn qua surpass surpasses surpassed surpassing overtake overtakes overtook overtaking top tops topped beats topping "
    "eclipses eclipsed eclipsing outperforms unlike versus vs thay replaces replacing"
))


def _subjects(tokens: Sequence[Token], free: Sequence[Participant], at: int) -> list[Participant]:
    """Of those before the words at token `at`, who is no yardstick ("vượt Vietcombank") and does not only say what the words are about
    ("Trump threatens China tariffs")."""
    plain = [participant for participant in free if _word_before(tokens, participant) not in _YARDSTICKS]
    if len(plain) > 1 and _hit(tokens, plain[-2], plain[-1]):
        return plain[:-1]
    last = plain[-1] if plain else None
    if (
        last is not None
        and last.end == at
        and last.kind in {"place", "government", "name"}
        and any(
            participant.kind in {"government", "person", "company", "organization"}
            and participant.end < last.start
            and participant.value != last.value
            and not all(token.word in _JOINERS for token in tokens[participant.end : last.start])
            for participant in plain[:-1]
        )
    ):
        return plain[:-1]
    return plain


def _hit(tokens: Sequence[Token], participant: Participant, other: Participant) -> bool:
    """Whether one of two does it to the other: "EU hits Nvidia with", "Samsung sues Nvidia over"."""
    verb = tokens[participant.end].word if other.start == participant.end + 1 else ""
    after = tokens[other.end].word if other.end < len(tokens) else ""
    return verb.endswith(("s", "ed")) and verb.isalpha() and verb not in _BE and after in {"with", "over", "for"}


def group_to(tokens: Sequence[Token], named: Sequence[Participant], at: int, kinds: Sequence[str]) -> list[Participant]:
    """Who stands after "to" or "cho" behind the words at token `at`: the buyer in "sells VinBrain to Nvidia"."""
    right = [participant for participant in named if participant.start > at and participant.kind in kinds]
    return next((joined(tokens, right, participant) for participant in right if tokens[participant.start - 1].word in {"to", "cho"}), [])


@lru_cache(maxsize=256)
def preference_groups(kinds: tuple[str, ...]) -> list[tuple[str, ...]]:
    """`kinds` in groups, in the order in which they are preferred: companies and organisations count alike."""
    ordered = sorted((tier for tier in _TIERS if any(kind in tier for kind in kinds)),
                     key=lambda tier: min(list(kinds).index(kind) for kind in tier if kind in kinds))
    return [tuple(kind for kind in tier if kind in kinds) for tier in ordered]


def group_after(tokens: Sequence[Token], named: Sequence[Participant], at: int, kinds: Sequence[str]) -> list[Participant]:
    """The object of the words at token `at`: the nearest parties after them, with those joined to them."""
    right = [
        participant
        for participant in named
        if participant.start >= at and participant.kind in kinds and not (participant.kind == "name" and led_in(tokens, participant))
    ]
    right = [participant for participant in right if not is_location_only(tokens, participant)]
    free = [participant for participant in right if tokens[participant.start - 1].word not in PLACE_BEFORE]
    return joined(tokens, right, (free or right)[0]) if right else []


def joined(tokens: Sequence[Token], among: Sequence[Participant], head: Participant) -> list[Participant]:
    """Those of `among` who stand in one list with `head`: "A, B and C"."""
    group = [head]
    place = list(among).index(head)
    for participant in reversed(among[:place]):
        hangs = (
            participant.start > 0
            and tokens[participant.start - 1].word in _OBLIQUE
            and tokens[participant.start - 1].word not in {"between", "giữa"}
        )
        compound = participant.end == group[0].start and participant.kind == head.kind  # "on U.S.-China trade deal"
        if (hangs and not compound) or not _joins(tokens, participant, group[0], head):
            break
        group.insert(0, participant)
    for participant in among[place + 1:]:
        new_clause = participant.end < len(tokens) and tokens[participant.end].word in AUXILIARY
        if new_clause or not _joins(tokens, group[-1], participant, head):
            break
        group.append(participant)
    return group


def _joins(tokens: Sequence[Token], left: Participant, right: Participant, head: Participant) -> bool:
    """Whether only "and", "và" or a comma stands between two parties; a mere dash joins only those of a kind ("U.S.-Vietnam")."""
    between = [token.word for token in tokens[left.end:right.start]]
    if between[:1] in (["của"], ["of"], ["from"]) and between[1:2] in (["{government}"], ["{place}"]):
        between = between[2:]  # "Anthropic của Mỹ, Alibaba"
        return bool(between) and len(between) <= _JOINED and all(word in _JOINERS for word in between)
    if between in ([], ["-"], ["–"]):
        return left.kind == right.kind == head.kind
    return len(between) <= 3 and all(word in _JOINERS for word in between) and between != ["of"]
