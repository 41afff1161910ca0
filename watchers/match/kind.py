"""Defines `kind_of`: what kind of item this is, where the kind says that names in it are listed and not told about.

A list of shares, a match report, a price list name many and are about none of them. Each kind is told by several signs of title and text,
and named in words for the reader. Values only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

KindName = Literal[
    "news", "share list", "market report", "match report", "programme listing", "price list", "comparison", "round-up", "personal finance", "question", "transcript"
]


@dataclass(frozen=True, slots=True)
class ItemKind:
    """The kind and the words of the item that showed it."""

    name: KindName
    sign: str


_SIGNS: tuple[tuple[KindName, re.Pattern[str], re.Pattern[str] | None], ...] = (
    (
        "share list",
        re.compile(
            r"\d+ (?:cổ phiếu|mã) (?:nóng|đáng|tăng|giảm|tiềm năng|được)|\d+ (?:\S+ ){0,3}stocks\b|\btop \d+ (?:\S+ ){0,2}(?:stocks|shares)|"
            r"(?:stocks|shares) (?:to (?:buy|watch)|on the move|making)|lọc cổ phiếu|cổ phiếu nóng|danh mục (?:khuyến nghị|cổ phiếu)"
        ),
        None,
    ),
    (
        "market report",
        re.compile(
            r"vn-?index|vnindex|khối ngoại|tự doanh|thị trường chứng khoán|chứng khoán (?:mỹ|việt|châu|hôm nay|tuần|ngày|phiên)|nhịp đập thị trường|sắc (?:đỏ|xanh)|giới đầu tư|"
            r"nhà đầu tư|phiên (?:\d|giao dịch|sáng|chiều|đầu|cuối)|wall street|\bs&p 500\b|\bdow\b|nasdaq (?:rises|falls|slips|gains)|stock (?:futures|market)|(?:chip |tech )?stocks? (?:rally|fall|drop|slip|reverse|rise|tumble|climb)|"
            r"trước giờ giao dịch|lịch sự kiện|sự kiện chứng khoán|chip gauge|index (?:ends|closes|hits)"
        ),
        None,
    ),
    (
        "match report",
        re.compile(
            r"trận đấu|đánh bại|giải bóng đá|\bcup\b|v-?league|bóng đá|vòng (?:loại|bảng|chung kết|\d)|tỷ số|tỉ số|cầu thủ|\bhlv\b|huấn luyện viên|thắng sát nút|world cup|\bmatch\b|\bgoals?\b|premier league|"
            r"lịch thi đấu|bán kết|chung kết|tứ kết|huy chương|\bvba\b"
        ),
        re.compile(r"trận|thắng|thua|đội|bàn thắng|sân|goal|match|score|striker|giải|cup|league|vòng"),
    ),
    (
        "price list",
        re.compile(r"giá (?:iphone|laptop|xe|vàng|điện thoại|smartphone|macbook|card|bitcoin)[^.]{0,60}(?:hôm nay|giảm|tăng|đầu tháng|cuối tháng|mới nhất|rẻ|bao nhiêu|:)|bảng giá|giá lăn bánh|price list|prices? in (?:india|vietnam)"),
        None,
    ),
    ("comparison", re.compile(r"\bvs\.?\b|\bversus\b|so sánh|nên mua (?:xe|iphone|laptop|máy)|\breview\b|đánh giá (?:xe|laptop|điện thoại)|compared$"), None),
    (
        "round-up",
        re.compile(r"news wrap|tin tức (?:sáng|tối|trưa)|điểm tin|bản tin|weekly (?:wrap|roundup|news)|daily (?:brief|roundup|wrap)|morning (?:brief|bid)|tin nhanh|một phút nắm|sự kiện (?:chứng khoán )?đáng chú ý|newsletter|things to know"),
        None,
    ),
)


def kind_of(title: str, lead: str) -> ItemKind:
    """The kind told by the folded title and the folded first sentence; "news" where nothing tells another."""
    for name, sign, support in _SIGNS:
        found = sign.search(title)
        if found and (support is None or support.search(title) or support.search(lead)):
            return ItemKind(name, found.group())
    for name, sign, support in _SIGNS[:3]:
        found = sign.search(lead)
        if found and support is not None and len(support.findall(lead)) >= 2:
            return ItemKind(name, found.group())
    return ItemKind("news", "")
