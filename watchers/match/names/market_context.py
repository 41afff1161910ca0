"""Defines `in_market`: whether a short symbol stands in a market context, where VIC is a share and not a name or a state.

Strong signs touch the symbol (an exchange, "mã", "$", a share-price figure), weak ones stand around it (market words, other symbols).
Values only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

HOUSES: Mapping[str, tuple[str, ...]] = {
    "vietnam": ("hose", "hsx", "hnx", "upcom", "hastc"),
    "united states": ("nasdaqgs", "nasdaqgm", "nasdaqcm", "nasdaq", "nyse american", "nyse arca", "nyse", "amex", "otcmkts", "otc"),
    "united kingdom": ("lse", "lon"),
    "canada": ("tsx", "tsxv"),
    "australia": ("asx",),
    "india": ("bse", "nse"),
    "korea": ("krx", "kosdaq", "kospi"),
    "hong kong": ("hkex", "sehk", "hkg"),
    "taiwan": ("twse", "tpe", "tpex"),
    "japan": ("tyo", "tse", "jpx"),
    "europe": ("xetra", "fra", "epa", "ams", "swx", "bit", "bme"),
    "singapore": ("sgx",),
}
"""The exchanges as texts write them, by market: a symbol belongs to one market, whatever its board."""
_MARKET = {exchange: market for market, exchanges in HOUSES.items() for exchange in exchanges}
EXCHANGES = "|".join(sorted(_MARKET, key=lambda one: (-len(one), one)))
_SUFFIXES = {
    "o": "united states", "oq": "united states", "n": "united states", "k": "united states", "us": "united states", "hm": "vietnam",
    "hn": "vietnam", "vn": "vietnam", "l": "united kingdom", "t": "japan", "hk": "hong kong", "ks": "korea", "tw": "taiwan",
}  # fmt: skip
_EXCHANGE_BEFORE = re.compile(rf"\b({EXCHANGES})\s?[:\-–]\s?$")
_EXCHANGE_AFTER = re.compile(rf"\s?[\-–:,]\s?(?:sàn )?({EXCHANGES})\b")
_SUFFIX = re.compile(rf"\.({'|'.join(_SUFFIXES)})\b")
_BEFORE = re.compile(
    r"(?:\$|\b(?:mã|mã (?:ck|cổ phiếu|chứng khoán|giao dịch)|cổ phiếu|cp|ticker|ticker symbol|symbol|ma ck|co phieu|"
    r"shares? (?:of|in)|stocks? (?:of|in))\s?[:\-–]?\s?[\"'“(]?)$"
)
_AFTER = re.compile(
    r"(?:[\"'”)]?\s(?:stocks?|shares?|calls|puts|options)\b|\s?\(?[+\-−▲▼]?\s?\d+(?:[.,]\d+)?\s?%|"
    r"[\s/,]+(?:tăng|giảm) (?:trần|sàn|hết biên độ)|[\s/,]+(?:tím|trần|sàn)\b)"
)
_WORDS = re.compile(
    r"\b(?:stocks?|shares?|shareholders?|nasdaq|nyse|s&p 500|dow jones|earnings|analysts?|investors?|price target|market cap|"
    r"13f|shorts|etfs?|holdings?|kqkd|bctc|cổ phiếu|cổ đông|chứng khoán|vn-?index|vn-?30|vnindex|hose|hnx|upcom|khối ngoại|tự doanh|"
    r"vốn hóa|vốn hoá|thị giá|niêm yết|mã ck|p/e|phiên|khớp lệnh|mua ròng|bán ròng|bluechip|blue-chip|thanh khoản|"
    r"co phieu|chung khoan|khoi ngoai|von hoa)\b"
)
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{1,4}")
_JOIN = r"(?:\s?[,;&/\-–]\s?(?:and\s|và\s)?|\s(?:and|và)\s)"
_SYMBOLS_LEFT = re.compile(rf"(?:(?<!\w)[A-Z][A-Z0-9]{{2,4}}{_JOIN})+$")
_SYMBOLS_RIGHT = re.compile(rf"(?:{_JOIN}[A-Z][A-Z0-9]{{2,4}}(?!\w))+")
WINDOW = 160
"""Characters on each side in which a market word counts."""
LIST_WINDOW = 40


class TickerOccurrence(msgspec.Struct, frozen=True):
    """A possible symbol at `text[start:end]` of a folded text; `cased(a, b)` gives a stretch of it with its capitals."""

    text: str
    start: int
    end: int
    cased: Callable[[int, int], str]
    lang: str = ""


def speaks_of_shares(text: str) -> bool:
    """Whether a folded text has a market word at all."""
    return bool(_WORDS.search(text))


def in_market(symbol: TickerOccurrence, exchanges: tuple[str, ...], *, about_shares: Callable[[], bool]) -> bool:
    """Whether the symbol is meant as a share of a company listed on `exchanges` (empty: anywhere).

    `about_shares` tells whether the item as a whole speaks of shares: then one more sign is enough, and in Vietnamese, where three
    capitals are hardly anything else, none is needed for a share listed in Vietnam.
    """
    text, start, end = symbol.text, symbol.start, symbol.end
    before, after = text[max(0, start - 40) : start], text[end : end + 40]
    markets = {_MARKET.get(exchange.lower(), exchange.lower()) for exchange in exchanges}
    stated = _stated_market(before, after)
    if stated:
        return not markets or stated in markets
    if _BEFORE.search(before) or _AFTER.match(after):
        return True
    beside = _symbols_beside(symbol.cased(max(0, start - LIST_WINDOW), start), symbol.cased(end, min(len(text), end + LIST_WINDOW)))
    if beside >= 3:
        return True
    if (beside or _enclosed(text, start, end) or (symbol.lang == "vi" and "vietnam" in markets)) and about_shares():
        return True
    return len(set(_WORDS.findall(text[max(0, start - WINDOW) : end + WINDOW]))) >= 2


def _stated_market(before: str, after: str) -> str:
    """The market that the text names right beside the symbol ("HOSE: VIC", "AMKR.O", "FTS – HOSE"), or ""."""
    exchange = _EXCHANGE_BEFORE.search(before) or _EXCHANGE_AFTER.match(after)
    if exchange:
        return _MARKET[exchange.group(1)]
    suffix = _SUFFIX.match(after)
    return _SUFFIXES[suffix.group(1)] if suffix else ""


def _enclosed(folded: str, start: int, end: int) -> bool:
    return folded[start - 1 : start] == "(" and folded[end : end + 1] in {")", ",", " ", "-", "–"}


def _symbols_beside(left: str, right: str) -> int:
    """How many other symbols stand beside this one in a list: "BID, DBC, FPT, HPG" or "FPT&VSH&VNM"."""
    return sum(len(_SYMBOL.findall(part.group())) for part in (_SYMBOLS_LEFT.search(left), _SYMBOLS_RIGHT.match(right)) if part)
