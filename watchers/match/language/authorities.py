"""Defines `institution`, `ministry` and `is_office`: how authorities are called ("U.S. Commerce Department", "Bộ Thương mại Mỹ")."""

from __future__ import annotations

from collections.abc import Sequence

from seeds.pattern_syntax import words
from watchers.match.language import vietnamese_names as vietnamese
from watchers.match.language.capitals import is_capital, run_end
from watchers.match.language.sentences import Token

_INSTITUTIONS = frozenset(words(
    "department ministry government commission court senate congress assembly office bureau agency treasury parliament administration "
    "council cabinet regulator house"
))
MINISTRY = frozenset((
    "Bộ", "Sở", "Cục", "Vụ", "UBND", "HĐND", "TAND", "VKSND", "Ủy", "Uỷ", "Viện", "Tòa", "Toà", "Thanh", "Tổng", "Công", "Cơ", "BỘ", "BTC",
    "Hải", "Ban",
))
_SECOND = {"Tổng": "cục", "Công": "an", "Cơ": "quan", "Hải": "quan", "Ban": "quản", "Thanh": "tra"}
"""What must follow a first word that begins other things too."""
_LEVELS = frozenset(words(
    "án tối cao phúc thẩm tỉnh thành phố tp . huyện quận nhân dân an quan cục quản lý cạnh tranh điều tra cảnh sát ninh"
))
"""Small words inside such a name."""
_OF_A_PLACE = frozenset(("tỉnh", "thành", "tp", "huyện", "quận"))
_AFTER_NAMES = frozenset(words(
    "đề ban công sẽ đã đang vừa yêu cho họp ra trình cấp áp xem kiến đánh thông chỉ về và cũng không là có được bị phê chấp tổ ký "
    "soạn vào tại ở của với"
))
"""What follows the name of an authority rather than belonging to it."""
_LONGEST = 8
"""Words of an authority's name before the capital letters that end it."""


def is_office(text: str) -> bool:
    """Whether what stands for a state in the text is one of its offices: "U.S. Commerce Department", "Bộ Công Thương"."""
    several = text.split()
    return len(several) > 1 and (several[-1].lower() in _INSTITUTIONS - {"government", "house"} or several[0] in MINISTRY)


def institution(tokens: Sequence[Token], at: int) -> int:
    """Where the institution of the state named at token `at` ends ("U.S. Commerce Department"), or the state itself."""
    start = at + 2 if at + 1 < len(tokens) and tokens[at + 1].word in {"'s", "’s"} else at + 1
    if start < len(tokens) and tokens[start].mention is None and is_capital(tokens[start]):
        end = run_end(tokens, start)
        if tokens[end - 1].word in _INSTITUTIONS:
            return end
    return at + 1


def ministry(tokens: Sequence[Token], at: int) -> int:
    """Where a Vietnamese authority that begins at token `at` ends: "Bộ Khoa học và Công nghệ", "Bộ Thương mại Mỹ"."""
    end = at + 1
    second = _SECOND.get(tokens[at].text)
    if (second is not None and (end == len(tokens) or tokens[end].word != second)) or (tokens[at].text == "Vụ" and end < len(tokens) and (
            tokens[end].text[0].islower())):
        return end
    while end < len(tokens) and end - at < _LONGEST and tokens[end].mention is None and tokens[end].word in _LEVELS:
        end += 1
    if end > at + 1 and end < len(tokens) and tokens[end].mention is not None:
        return end + 1 if tokens[end].word in {"{place}", "{government}"} else end
    while end < len(tokens) and tokens[end].mention is None and tokens[end].text[0].isupper():
        if end > at + 2 and vietnamese.person_at(tokens, end):
            break
        end += 1
        if end < len(tokens) and tokens[end].text.islower() and tokens[end].word not in _AFTER_NAMES:
            end += 1
        if end + 1 < len(tokens) and tokens[end].word == "và" and tokens[end + 1].text[0].isupper() and tokens[end + 1].mention is None:
            end += 1
    if at + 1 < end < len(tokens) - 1 and tokens[end].word in _OF_A_PLACE:
        place = end + 1 + (tokens[end + 1].word == "phố")
        if place < len(tokens) and tokens[place].text[0].isupper():
            return place + 1 if tokens[place].mention is not None else run_end(tokens, place)
    mention = tokens[end].mention if at + 1 < end < len(tokens) else None
    return end + 1 if mention is not None and tokens[end].word == "{government}" else end
