"""Defines `in_market`: whether a short symbol stands in a market context, where VIC is a share and not a name or a state.

Strong signs touch the symbol (an exchange, "mã", "$", a share-price figure), weak ones stand around it (market words, other symbols).
Values only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

EXCHANGES = (
    "nasdaqgs|nasdaqgm|nasdaq|nyse american|nyse arca|nyse|hsx|hose|hnx|upcom|otcmkts|otc|lse|tsx|asx|bse|nse|krx|kosdaq|kospi|hkex|sehk|"
    "twse|tpe|tyo|tse|xetra|fra|epa|ams|swx|sgx"
)
_BEFORE = re.compile(
    rf"(?:\$|\b(?:{EXCHANGES})\s?[:\-–]\s?|\b(?:mã|mã (?:ck|cổ phiếu|chứng khoán|giao dịch)|cổ phiếu|cp|ticker|ticker symbol|symbol|ma ck|co phieu|"
    rf"shares? (?:of|in)|stocks? (?:of|in))\s?[:\-–]?\s?[\"'“(]?)$"
)
_AFTER = re.compile(
    rf"(?:\.(?:o|oq|n|k|hm|hn|vn|us|l|t|hk|ks|tw)\b|\s?[\-–:,]\s?(?:sàn )?(?:{EXCHANGES})\b|[\"'”)]?\s(?:stocks?|shares?|calls|puts|options)\b|"
    rf"\s?\(?[+\-−▲▼]?\s?\d+(?:[.,]\d+)?\s?%|[\s/,]+(?:tăng|giảm) (?:trần|sàn|hết biên độ)|[\s/,]+(?:tím|trần|sàn)\b)"
)
_WORDS = re.compile(
    r"\b(?:stocks?|shares?|shareholders?|nasdaq|nyse|s&p 500|dow jones|earnings|analysts?|investors?|price target|market cap|"
    r"cổ phiếu|cổ đông|chứng khoán|vn-?index|vn-?30|vnindex|hose|hnx|upcom|khối ngoại|tự doanh|vốn hóa|vốn hoá|thị giá|niêm yết|mã ck|"
    r"phiên|khớp lệnh|mua ròng|bán ròng|bluechip|blue-chip|thanh khoản|co phieu|chung khoan|khoi ngoai|von hoa)\b"
)
_SYMBOL_LEFT = re.compile(r"(?<!\w)[A-Z][A-Z0-9]{2,4}(?:\s?[,;&/\-–]\s?|\s(?:and|và)\s)$")
_SYMBOL_RIGHT = re.compile(r"(?:\s?[,;&/\-–]\s?|,?\s(?:and|và)\s)[A-Z][A-Z0-9]{2,4}(?!\w)")
WINDOW = 160
"""Characters on each side in which a market word counts."""
LIST_WINDOW = 40


@dataclass(frozen=True, slots=True)
class Symbol:
    """A possible symbol at `text[start:end]` of a folded text; `cased(a, b)` gives a stretch of it with its capitals."""

    text: str
    start: int
    end: int
    cased: Callable[[int, int], str]


def speaks_of_shares(text: str) -> bool:
    """Whether a folded text has a market word at all."""
    return bool(_WORDS.search(text))


def in_market(symbol: Symbol, *, about_shares: Callable[[], bool]) -> bool:
    """Whether the symbol is meant as a share. `about_shares` tells whether the item as a whole speaks of shares: then one more sign is enough."""
    text, start, end = symbol.text, symbol.start, symbol.end
    before, after = text[max(0, start - 40) : start], text[end : end + 40]
    if _BEFORE.search(before) or _AFTER.match(after):
        return True
    if _beside_symbols(symbol.cased(max(0, start - LIST_WINDOW), start), symbol.cased(end, min(len(text), end + LIST_WINDOW))):
        return about_shares()
    around = text[max(0, start - WINDOW) : end + WINDOW]
    return len(set(_WORDS.findall(around))) >= 2 or (_enclosed(text, start, end) and about_shares())


def _enclosed(folded: str, start: int, end: int) -> bool:
    return folded[start - 1 : start] == "(" and folded[end : end + 1] in {")", ",", " ", "-", "–"}


def _beside_symbols(left: str, right: str) -> bool:
    """Whether other symbols stand right beside this one in a list: "BID, DBC, FPT, HPG" or "FPT&VSH&VNM"."""
    return bool(_SYMBOL_LEFT.search(left) or _SYMBOL_RIGHT.match(right))
