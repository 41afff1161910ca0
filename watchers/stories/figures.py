"""Defines Figures: the amounts, percentages, counts, days, quarters and years that a text names, in one form for both languages.

Pure. Values are terms such as "$USD:5.0e+12", "%:4.3", "#:58000", "day:04-24", "year:2027". Amounts keep two significant digits,
so that "$1.83 million" and "1.8 triệu USD" meet; whether they agree is judged by the sums as they are written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from watchers.stories.sums import MoneyAmount, read_sum

_SCALE = {
    "k": 1e3, "nghìn": 1e3, "ngàn": 1e3, "thousand": 1e3,
    "m": 1e6, "mn": 1e6, "mln": 1e6, "million": 1e6, "triệu": 1e6,
    "b": 1e9, "bn": 1e9, "billion": 1e9, "tỷ": 1e9, "tỉ": 1e9,
    "t": 1e12, "tn": 1e12, "trillion": 1e12, "nghìn tỷ": 1e12, "ngàn tỷ": 1e12, "nghìn tỉ": 1e12, "ngàn tỉ": 1e12, "triệu tỷ": 1e15,
}  # fmt: skip
_CURRENCY = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "đô la": "USD", "đô": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "¥": "JPY", "yen": "JPY", "won": "KRW", "yuan": "CNY",
    "hk$": "HKD",
    "đồng": "VND", "vnd": "VND", "vnđ": "VND", "dong": "VND", "₫": "VND",
}  # fmt: skip
_NUMBER = r"\d+(?:[.,]\d+)*"
_SCALES = r"(?:nghìn|ngàn|triệu)\s(?:tỷ|tỉ)|thousand|million|billion|trillion|triệu|nghìn|ngàn|tỷ|tỉ|bn|mn|mln|tn|[kmbt]"
_AMOUNT = re.compile(
    rf"(?P<before>us\$|hk\$|\$|€|£|¥|\busd|\beur|\bvnd)\s?(?P<n1>{_NUMBER})\s?-?(?:(?P<s1>{_SCALES})(?![^\W_]))?"
    rf"|(?P<n2>{_NUMBER})\s?-?(?:(?P<s2>{_SCALES})\s)?\s?"
    r"(?P<after>usd|dollars?|đô la|đô|eur|euros?|yen|won|yuan|đồng|dong|vnđ|vnd|₫)(?![^\W_])"
    rf"|(?P<n3>{_NUMBER})\s?(?P<percent>%|percent|per cent|phần trăm|pct)"
    rf"|(?P<n4>{_NUMBER})(?:\s(?P<s4>thousand|million|billion|trillion|triệu|nghìn|ngàn|tỷ|tỉ)(?![^\W_]))?"
)
_DIGIT = re.compile(r"\d")
_CONVERTED = re.compile(r"\s?\(|[^.;]*(?:tương đương|equivalent|equal to|\bor\b|\bhay\b)")
_BETWEEN = 30  # characters between a sum and what it comes to in another currency
_MONTHS = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4, "may": 5, "june": 6, "jun": 6,
    "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9, "sept": 9, "sep": 9, "october": 10, "oct": 10, "november": 11, "nov": 11,
    "december": 12, "dec": 12,
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = re.compile(
    rf"\b(?P<m1>{_MONTH})\.?\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s?%)|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s(?P<m2>{_MONTH})\b"
    r"|(?:\bngày|\bhôm|\bsáng|\bchiều|\btối|\btrưa|\bphiên|\()\s?(?P<d3>\d{1,2})[/.\-](?P<m3>\d{1,2})\b"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a text counts. Every member but `sums` is a set of terms."""

    amounts: frozenset[str] = frozenset()
    percents: frozenset[str] = frozenset()
    counts: frozenset[str] = frozenset()
    days: frozenset[str] = frozenset()
    years: frozenset[str] = frozenset()
    sums: tuple[MoneyAmount, ...] = ()
    """The amounts as precisely as they are written."""

    def all(self) -> frozenset[str]:
        """Every figure that helps to tell one news from another."""
        return self.amounts | self.percents | self.counts


def number(text: str, lang: str) -> float | None:
    """The value of digits with separators: "58,000" and "58.000" (Vietnamese) are 58000, "4.3" and "4,3" are 4.3."""
    marks = {mark for mark in text if mark in ".,"}
    try:
        if len(marks) == 2:
            decimal = max(text.rfind("."), text.rfind(","))
            return float(re.sub(r"[.,]", "", text[:decimal]) + "." + text[decimal + 1 :])
        if marks:
            mark = marks.pop()
            groups = text.split(mark)
            thousands = len(groups) > 2 or (len(groups[-1]) == 3 and groups[0] != "0" and (mark == "," or lang == "vi"))
            return float("".join(groups)) if thousands else float(".".join(groups))
        return float(text)
    except ValueError:
        return None


def figures(text: str, lang: str = "en") -> Figures:
    """The figures of a text. `lang` "vi" reads the dot as the mark of thousands."""
    low = text.lower()
    if _DIGIT.search(low) is None:
        return Figures()
    days, dated = _days(low)
    found: dict[str, set[str]] = {"percents": set(), "counts": set(), "years": set()}
    sums: list[MoneyAmount] = []
    last = (0, "")  # where the last sum ended, and its currency
    for match in _AMOUNT.finditer(low):
        if any(start <= match.start() < end for start, end in dated):
            continue
        if match["n3"]:
            value = number(match["n3"], lang)
            if value:
                found["percents"].add(f"%:{value:g}")
        elif match["n4"]:
            kind, term = _plain(match, low, lang)
            if kind:
                found[kind].add(term)
        else:
            value = number(match["n1"] or match["n2"], lang)
            if value:
                scale = _SCALE.get(re.sub(r"\s+", " ", match["s1"] or match["s2"] or ""), 1.0)
                currency = _CURRENCY[match["before"] or match["after"]]
                converted = (
                    last[1] not in {"", currency}
                    and match.start() - last[0] <= _BETWEEN
                    and _CONVERTED.match(low[last[0] : match.start()]) is not None
                )
                before = low[max(0, match.start() - _BETWEEN) : match.start()]
                sums.append(read_sum(currency, match["n1"] or match["n2"], value, scale, before, converted=converted))
                last = (match.end(), currency)
    kinds = {kind: frozenset(terms) for kind, terms in found.items()}
    return Figures(amounts=frozenset(sum_.term for sum_ in sums), days=days, sums=tuple(dict.fromkeys(sums)), **kinds)


def _days(low: str) -> tuple[frozenset[str], list[tuple[int, int]]]:
    """The days of the year that a text names, and where, so that their numbers are not counted again."""
    days, where = set(), []
    for found in _DAY.finditer(low):
        day = int(found["d1"] or found["d2"] or found["d3"])
        month = int(found["m3"]) if found["m3"] else _MONTHS[found["m1"] or found["m2"]]
        if 1 <= day <= 31 and 1 <= month <= 12:
            days.add(f"day:{month:02}-{day:02}")
            where.append(found.span())
    return frozenset(days), where


def _plain(found: re.Match[str], low: str, lang: str) -> tuple[str, str]:
    """A number without currency: a year, a count from 100 up, or nothing."""
    before, after = low[: found.start()][-1:], low[found.end() : found.end() + 1]
    if before.isalnum() or before in {"-", "."} or after.isalnum():  # inside a name: "H200"
        return "", ""
    value = number(found["n4"], lang)
    if value is None:
        return "", ""
    value *= _SCALE.get(found["s4"] or "", 1)
    if value.is_integer() and 1990 <= value <= 2100 and found["n4"].isdigit():
        return "years", f"year:{int(value)}"
    return ("counts", f"#:{value:g}") if value >= 100 else ("", "")
