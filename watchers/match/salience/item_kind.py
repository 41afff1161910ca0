"""Defines `kind_of`: what kind of item this is, where the kind says that names in it are listed and not told about.

A list of shares, a match report, a price list name many and are about none of them. A kind is told by signs in the title, or by several in
the first sentence, and named in words for the reader. Values only.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from watchers.match.language.prefilter import PrefilteredRegex, RegexPrefilter

KindName = Literal["news", "share list", "market report", "match report", "price list", "comparison", "round-up"]


class ItemKind(msgspec.Struct, frozen=True, gc=False):
    """The kind, and the words of the item that showed it."""

    name: KindName
    sign: str


_SHARE_LIST = PrefilteredRegex.of((
    r"\d+ cổ phiếu (?:nóng|đáng|tăng|giảm|tiềm năng|được)", r"\d+ mã (?:nóng|đáng|tăng|giảm|tiềm năng|được)",
    r"(?:lọc|danh mục) cổ phiếu", "cổ phiếu nóng",
    "danh mục khuyến nghị", "(?:analyst blog|feature|ideas) highlights",
    r"(?<![$\d.,])\b(?:\d{1,2}|two|three|four|five|ten) (?:(?!while|as|and|than)\S+ ){0,3}stocks\b",
    r"\btop \d+ (?:\S+ ){0,2}(?:stocks|shares)",
    "stocks (?:to (?:buy|watch)|on the move|making|moved)", "shares (?:to (?:buy|watch)|on the move|making|moved)",
))  # fmt: skip
_MARKET_REPORT = PrefilteredRegex.of((
    "vn-?index", "vnindex", "khối ngoại", "tự doanh", "thị trường chứng khoán", "chứng khoán (?:mỹ|châu|hôm nay|tuần|ngày|phiên)",
    "nhịp đập thị trường", "sắc (?:đỏ|xanh)", "^giới đầu tư", "^chứng khoán (?!fpt|vietcap|ssi|vps|hsc)",
    r"phiên (?:\d|giao dịch|sáng|chiều|đầu|cuối)",
    r"wall street (?:rises|falls|slips|gains|ends|closes|opens|climbs|drops|rallies|tumbles|logs)", r"\bs&p 500\b", r"\bdow\b",
    "stock (?:futures|market)",
    r"nasdaq (?:rises|falls|slips|gains)",
    r"(?:chip |tech )?stocks (?:rally|fall|drop|slip|reverse|rise|tumble|climb|decline|gain|surge)",
    "trước giờ giao dịch", "lịch sự kiện", "sự kiện chứng khoán", "chip gauge", "index(?:es)? (?:ends?|closes?|hits?|jump)",
    "sector update",
))  # fmt: skip
_MATCH_REPORT = PrefilteredRegex.of((
    "trận đấu", "đánh bại", "giải bóng đá", r"\bcup\b", r"v[.-]?league", "vòng (?:loại|bảng|chung kết)", "t[ỷỉ] số", "cầu thủ",
    r"\bhlv\b",
    "huấn luyện viên", "thắng sát nút", "world cup", r"\bmatch\b", r"\bgoals?\b", "premier league", "lịch thi đấu", "bán kết",
    "chung kết", "tứ kết",
    "huy chương", "kèo đấu", "đội tuyển", r"\bfutsal\b", r"\blive score\b",
))  # fmt: skip
_OF_A_MATCH = re.compile(r"\b(?:trận|thắng|thua|đội|bàn thắng|sân|goals?|match|score|striker|giải|cup|league|vòng|tiền đạo|thủ môn)\b")
_PRICE_LIST = PrefilteredRegex.of((
    (r"giá (?:iphone|laptop|xe|vàng|điện thoại|smartphone|macbook|card|bitcoin|ô ?tô)[^.]{0,60}"
    r"(?:hôm nay|đầu tháng|cuối tháng|mới nhất|bao nhiêu|bớt|:)"),
    "bảng giá", "giá lăn bánh", "price list", r"prices? in (?:india|vietnam)", "giá .{0,20}tháng \\d",
))  # fmt: skip
_COMPARISON = PrefilteredRegex.of(
    (r"\bvs\.?\b", r"\bversus\b", "so sánh", r"nên mua (?:xe|iphone|laptop|máy)", r"\breview\b(?! body| board)", "compared$")
)
_ROUND_UP = PrefilteredRegex.of((
    "news wrap", "tin tức (?:sáng|tối|trưa)", "điểm tin", "bản tin", "weekly (?:wrap|roundup|news)", "daily (?:brief|roundup|wrap)",
    "morning (?:brief|bid)", "tin nhanh", "một phút nắm", "sự kiện (?:chứng khoán )?đáng chú ý", "newsletter", "things to know",
))  # fmt: skip
_SIGNS: tuple[tuple[KindName, PrefilteredRegex], ...] = (
    ("share list", _SHARE_LIST), ("market report", _MARKET_REPORT), ("match report", _MATCH_REPORT), ("price list", _PRICE_LIST),
    ("comparison", _COMPARISON), ("round-up", _ROUND_UP),
)  # fmt: skip
_INDEX = PrefilteredRegex.of((
    "vn-?index", "vnindex", r"\bvn-?30\b", "chứng khoán mỹ", r"\bs&p 500\b", "dow jones industrial", "nasdaq composite", "hnx-index",
))  # fmt: skip
"""Indices by which a first sentence shows a market report whatever the title says."""
_BOOK = RegexPrefilter([*(signs for _, signs in _SIGNS), _INDEX])
_AT_MATCH, _AT_INDEX = _SIGNS.index(("match report", _MATCH_REPORT)), len(_SIGNS)


def kind_of(title: str, lead: str) -> ItemKind:
    """The kind told by the folded title and the folded first sentence; "news" where nothing tells another."""
    for place in sorted(_BOOK.held(title) - {_AT_INDEX}):
        name, sign = _SIGNS[place]
        found = sign.pattern.search(title)
        if found and (name != "match report" or _OF_A_MATCH.search(title) or _OF_A_MATCH.search(lead)):
            return ItemKind(name, found.group())
    held = _BOOK.held(lead)
    match = _MATCH_REPORT.pattern.search(lead) if _AT_MATCH in held else None
    if match and len(_OF_A_MATCH.findall(lead)) >= 2:
        return ItemKind("match report", match.group())
    index = _INDEX.pattern.search(lead) if _AT_INDEX in held else None
    return ItemKind("market report", index.group()) if index else ItemKind("news", "")
