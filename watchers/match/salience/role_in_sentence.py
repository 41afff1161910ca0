"""Defines `role_in_sentence`: how a name stands in its sentence, as far as the words right around it tell.

"Nvidia opens …" is the subject, "Nvidia supplier SK Hynix" only explains another, "faster than Nvidia's" is a yardstick, "at Vincom Center"
is where something happened. No grammar: the words before and after, in English and Vietnamese (accents may be lost). Values only.
"""

from __future__ import annotations

import re
from typing import Literal, cast

import msgspec

Standing = Literal[
    "subject", "leader", "partner", "plain", "list", "long list", "modifier", "yardstick", "related", "venue", "voice", "source"
]  # fmt: skip


class MentionContext(msgspec.Struct, frozen=True, gc=False):
    """A mention at `start`–`end` of a folded sentence; `cased` is the same sentence with its capitals.

    `venue`: the name is also that of places where other things happen.
    """

    sentence: str
    cased: str
    start: int
    end: int
    venue: bool


_OWNED = (
    r"(?:(?:gpu|chip|chips|con chip|card|card đồ họa|siêu chip|dòng|sản phẩm|bộ xử lý|hãng|ông lớn|gã khổng lồ|công ty|"
    r"tập đoàn|của|cả|với|từ|the|its|big|rivals?|rival|giants?|peers?|chipmakers?|chip ?makers?|heavyweights?|leaders?|"
    r"market leader|industry leader|incumbent|ai|likes of)[\s,]+)*"
)
_YARDSTICK = re.compile(
    r"(?:\b(?:than|versus|vs\.?|unlike|like|rivall?ing|to rival|rivals?|challeng(?:e|es|ing)|outperform\w*|outpac\w+|"
    r"overt(?:ake|akes|aking|ook)|surpass\w*|eclips\w+|dethron\w+|"
    r"tops|topping|beats|beating|catch(?:es|ing)? up (?:with|to)|catch|tak(?:e|es|ing) on|swipe at|shot at|alternatives? to|"
    r"compet(?:e|es|ing|ition|itors?)(?: \w+)? (?:with|against|to)|"
    r"competitors?|rivals? (?:to|such as|like)|well against|trail(?:s|ed|ing)?|(?:far|well|falls?|falling|trail\w*|lag\w*|"
    r"steps?) behind|the next|forget|such as|including|"
    r"beyond|compared (?:to|with)|away from|reliance on|"
    r"dependence on|lag(?:s|ging)?|(?:is|was|are|were) what|in the mold of|outclimb\w*|"
    r"(?:performance|advantage|edge|lead|better|faster|picks?|chooses?|chosen|preferred) over|"
    r"hơn|so với|so găng|gấp \S+(?: lần)?['\"’”]?|vượt|vượt qua|vượt mặt|soán ngôi|cạnh tranh(?: với)?|đối đầu(?: với)?|"
    r"đấu với|thách thức(?! của)|đe dọa|đuổi kịp|bắt kịp|như|giống(?: như)?|"
    r"đối thủ(?: của| với)?|thay thế|thế chân|sánh ngang|sánh vai|ngang|qua mặt|(?:phân vân|chọn|so sánh|trận đấu) giữa|hay|sau|"
    r"thoát khỏi|phụ thuộc(?: vào)?|"
    r"thế độc tôn của)\s+)" + _OWNED + r"[\"'“‘(]?$"
)
_RELATED = re.compile(
    r"(?:\b(?:ex|former)[\s-]|\b(?:suppliers?|partners?|vendors?|customers?|rivals?|supplier|competitors?|backers?|buyers?|"
    r"alumni|veterans?|founded by)(?: \w+)? (?:to|of|for|by)\s|"
    r"\b(?:đối tác|nhà cung cấp|nhà cung ứng|đơn vị cung cấp|đối thủ|khách hàng (?:lớn )?của|nhà thầu|đại lý|"
    r"cựu \S+(?: \S+)?|(?:nam |nữ |cựu |tân )?sinh viên|học sinh|nữ sinh|nam sinh|thủ khoa|giảng viên|"
    r"liên quan(?: đến| tới)?|từng làm(?: việc)? (?:tại|ở|cho)|từng là)\s+(?:(?:của|cho|với|lớn|chiến lược|lâu năm|cấp \d|"
    r"chip|linh kiện|bộ nhớ|trường|ngành|năm \S+)\s+)*)[\"'“‘(]?$"
)
_MODIFIER = re.compile(
    r"^(?:['’]s?)?[\s-](?!partners? (?:on|with|to|for|in)\b)(?:rivals?|suppliers?|competitors?|challengers?|partners?|"
    r"customers?|clients?|backed|supported|powered|based|linked|like|style|alternatives?|killers?|"
    r"alum\w*|veterans?|investors?|invested|vendors?|exposed|dependent|rivaling|compatible|certified)\b(?!\s(?:conference|"
    r"program|network|summit|day|event))"
)
_VENUE = re.compile(
    r"\b(?:at|in|inside|outside|near|around|opposite|tại|ở|qua|gần|trong|trước|cạnh|đến|tới|quanh|cư dân)\s+"
    r"(?:(?:the|khu|đô thị|dự án|trung tâm thương mại|tttm|sảnh|tòa nhà|quảng trường|tầng \S+|siêu thị|công viên|căn hộ|"
    r"chung cư)\s+)*[\"'“‘(]?$"
)
_LEADER = re.compile(
    r"\b(?:ceo|chief(?: executive)?|chairman|chair|president|founder|boss|chủ tịch|tổng giám đốc|nhà sáng lập|sếp|lãnh đạo|"
    r"ông chủ|cfo|cto)(?: và \S+)?(?: hđqt)?(?: của| of| at)?(?: tập đoàn| công ty| hãng)?\s[\"'“‘(]?$"
)
_LEADER_AFTER = re.compile(r"^(?:['’]s?)?\s(?:ceo|chief|chairman|chair|president|founder|boss|cfo|cto|jensen|huang)\b")
_VOICE = re.compile(
    r"\b(?:chuyên gia|kỹ sư|giảng viên|giám đốc|phó giám đốc|trưởng phòng|trưởng bộ phận|đại diện|bác sĩ|analysts?(?: at|"
    r" from)?|strategist at|economist at|expert at|engineer at)"
    r"(?: (?:của|tại|từ|cấp cao|công nghệ|phân tích|phòng|bệnh viện|trung tâm|truyền thông|khối|ai|at|from))*(?: \S+){0,2}?\s[\"'“‘(]?$"
)
_SOURCE = re.compile(
    r"(?:\b(?:theo|nguồn|ảnh|according to|source|photo|image|courtesy|credit|via|data from|khảo sát (?:của|"
    r"tại))\s?[:–-]?\s?(?:hệ thống |công ty |khảo sát của )?[\"'“‘(]?)$"
)
_NAME = (
    r"(?:(?!(?:Is|Are|Was|Will|Can|But|As|To|In|On|For|With|The|After|Why|How|What|Which|Says?|Said|Stocks?|Shares?|CP|"
    r"Cổ)\b)[A-ZĐÀ-Ỹ][\w.+’'-]*(?:\s(?:[A-ZĐÀ-Ỹ0-9(][\w.+)’'-]*)){0,4})"
)
_AND = r"(?:\s?[,;/]\s?(?:and\s|và\s|or\s)?|&(?=\S)|\s(?:and|và|or|hoặc|hay|\+)\s)"
_LIST_LEFT = re.compile(rf"(?:{_NAME}{_AND}(?:the\s|tập đoàn\s|công ty\s)?)+$")
_LIST_RIGHT = re.compile(rf"(?:\s[A-Z0-9][\w-]*){{0,3}}(?:\s?\([^)]{{1,24}}\))?(?:{_AND}(?:the\s|tập đoàn\s|công ty\s)?{_NAME})+")
_SEPARATOR = re.compile(_AND)
LIST_REACH = 160
_PARTNER = re.compile(
    r"\b(?:hợp tác (?:của|với|cùng|giữa)|bắt tay(?: với| cùng)?|ký (?:kết )?(?:hợp tác )?với|phối hợp (?:với|cùng)|"
    r"sáp nhập(?: vào)?|partner(?:ship|ed|s|ing) (?:between|with)|"
    r"team(?:s|ed|ing)? up with|(?:deal|agreement|pact|contract)s? with|collaborat\w+ with|acquired by|bought by|acquires?|"
    r"to buy|thâu tóm|mua lại)\s(?:[^\s,]+(?: [^\s,]+)? (?:và|and|,) )?(?:tập đoàn |công ty )?[\"'“‘(]?$"
)
_CLAUSE = re.compile(r"[:;|—–•?!\"“”]\s|\s-\s|^")
_LEADING_IN = re.compile(
    r"^[\W\d]*+(?:\b(?>chip giant|chip maker|tech giant|hãng xe(?: điện)?|hãng chip|xe điện|cổ phiếu|cổ phần|cổ đông|"
    r"why|how|is|are|can|will|what|when|the|a|an|exclusive|breaking|update|report|in|on|here's|did|does|has|should|us|u\.s|"
    r"chipmaker|ai|giant|"
    r"vietnam's|vietnamese|taiwan's|firm|group|shares of|stock|of|"
    r"tập đoàn|công ty|cp|ctcp|hãng|nhóm|họ|mã|siêu máy tính|chip|xe|gpu|trường|đại học|đh|cđ|thpt|hệ thống|chuỗi|nhà thuốc|mạng|dự án|"
    r"nhà máy|bộ đôi|liên doanh|ông lớn|gã khổng lồ|ba|hai|sản phẩm|vốn hóa|vì sao|khi|tại sao|lý do|giá|doanh thu|lợi nhuận|sáng|chiều|"
    r"tối|ngày|mới đây|tổng công ty|máy điện|sản xuất|số phận|hướng đi|của)\b[\W\d]++)*+$"
)
"""Words that may stand before the subject of a headline or lead without taking its place."""
LONG_LIST = 4


def role_in_sentence(place: MentionContext) -> Standing:
    """How the mention stands in its sentence."""
    before, after = place.sentence[max(0, place.start - 80) : place.start], place.sentence[place.end : place.end + 40]
    for told, found in (
        ("modifier", _MODIFIER.match(after)),
        ("source", _SOURCE.search(before)),
        ("related", _RELATED.search(before)),
        ("venue", place.venue and _VENUE.search(before)),
        ("yardstick", _YARDSTICK.search(before)),
        ("leader", _LEADER.search(before) or _LEADER_AFTER.match(after)),
        ("partner", _PARTNER.search(before)),
        ("voice", _VOICE.search(before)),
    ):
        if found:
            return cast("Standing", told)
    others = list_length(place.cased, place.start, place.end)
    if others >= LONG_LIST:
        return "long list"
    start = max((found.end() for found in _CLAUSE.finditer(place.sentence, 0, place.start)), default=0)
    if _LEADING_IN.match(place.sentence[start : place.start]):
        return "subject"
    return "list" if others > 2 else "plain"


def list_length(cased: str, start: int, end: int) -> int:
    """How many names stand in one list with the one at `start`–`end`, itself included: "Tata, MG, VinFast and Hyundai" is four."""
    left = _LIST_LEFT.search(cased, max(0, start - LIST_REACH), start)
    right = _LIST_RIGHT.match(cased, end, end + LIST_REACH)
    return 1 + sum(len(_SEPARATOR.findall(part.group())) for part in (left, right) if part)
