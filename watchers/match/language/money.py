"""Defines Money and `read_money`: sums of money in English and Vietnamese text, as value and ISO 4217 currency.

"$1.6 billion", "US$60m", "€450 million", "between 3 and 4 billion euros" (the lower bound counts), "200 triệu USD", "5.000 tỷ đồng",
"210 tỷ won". A number without a currency is not money. Pure; time grows linearly with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from watchers.match.result import Amount


class Money(msgspec.Struct, frozen=True):
    """A sum and where it stands."""

    amount: Amount
    start: int
    end: int


def _table(text: str) -> dict[str, str]:
    """"USD: $, us$ | EUR: €" → {"$": "USD", "us$": "USD", "€": "EUR"}."""
    rows = (row.split(":") for row in text.split("|"))
    return {name.strip(): code.strip() for code, names in rows for name in names.split(",")}


_SIGNS = _table(
    "USD: $, us$, usd | CAD: c$, ca$, cad | AUD: a$, au$, aud | NZD: nz$ | HKD: hk$, hkd | SGD: s$, sg$, sgd | TWD: nt$, twd | BRL: r$"
    "| EUR: €, eur | GBP: £, gbp | JPY: ¥, jpy | KRW: ₩, krw | INR: ₹, rs, rs., inr | VND: ₫, vnd | CNY: cny, rmb | THB: thb, ฿ | CHF: chf"
    "| IDR: idr, rp | MYR: myr, rm | PHP: php, ₱ | SEK: sek | AED: aed | SAR: sar"
)
"""Signs and codes that stand before the number."""
_NAMES = _table(
    "USD: dollar, dollars, us dollars, u.s. dollars, usd, đô la mỹ, đô la, đôla, đô-la, do la | EUR: euro, euros, eur"
    "| GBP: pounds, pound, bảng anh, bảng, gbp | JPY: yen, yên, yên nhật, jpy | KRW: won, krw"
    "| CNY: yuan, renminbi, rmb, cny, nhân dân tệ, nhan dan te, ndt | INR: rupee, rupees, rupi, rupee ấn độ, inr"
    "| VND: đồng, dong, vnd, vnđ, đ, vietnamese dong, vietnam dong | THB: baht, bạt, thb | SGD: singapore dollars, sgd, đô la singapore"
    "| AUD: đô la úc, australian dollars, aud | CAD: canadian dollars, cad | HKD: hong kong dollars, hkd, đô la hong kong"
    "| TWD: taiwan dollars, đài tệ, twd | MYR: ringgit | IDR: rupiah | PHP: peso, pesos | CHF: franc, swiss francs"
    "| AED: dirhams | SAR: riyals"
)
"""Names and codes that stand after it."""
_SCALES = {name: float(scale) for name, scale in _table(
    "1e3: k, thousand, nghìn, ngàn, nghin, ngan | 1e5: lakh | 1e7: crore"
    "| 1e6: m, mn, mln, mil, million, millions, triệu, trieu, tr"
    "| 1e9: b, bn, bln, billion, billions, tỷ, tỉ, ty, ti | 1e12: t, tn, trn, trillion, nghìn tỷ, nghìn tỉ, ngàn tỷ, ngàn tỉ"
    ", nghin ty, ngan ty"
    "| 1e15: triệu tỷ, triệu tỉ"
).items()}


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


_NUMBER = r"\d{1,15}(?:[.,]\d{1,6}){0,5}"
_SCALE = rf"(?:{_any(_SCALES)})"
_SIGN = rf"(?:{_any(_SIGNS)})"
_NAME = rf"(?:{_any(_NAMES)})"
_TO = r"\s?(?:-|–|to|and|đến|tới|den)\s?"
# Sign first: $1.6 billion, US$60m, $3-4 billion. The scale may be glued to the number, but must not run on into a word.
_BEFORE = re.compile(
    rf"(?<!\w)(?P<sign>{_SIGN})\s?(?P<low>{_NUMBER})(?:[ -]?(?P<lowscale>{_SCALE})(?!\w))?"
    rf"(?:{_TO}(?:{_SIGN})?\s?(?P<high>{_NUMBER}))?(?:[\s-]?(?P<scale>{_SCALE})(?!\w))?",
    re.IGNORECASE,
)
# Name last: 200 triệu USD, 5.000 tỷ đồng, 3 to 4 billion euros.
_AFTER = re.compile(
    rf"(?<![\w.,])(?P<low>{_NUMBER})(?:\s?(?P<lowscale>{_SCALE})(?!\w))?(?:{_TO}(?P<high>{_NUMBER}))?"
    rf"(?:[\s-]?(?P<scale>{_SCALE})(?!\w))?[\s-]?(?:of\s)?(?P<name>{_NAME})(?!\w)",
    re.IGNORECASE,
)
# Vietnamese headlines leave the currency out: "hơn 2.000 tỷ" is dong; only with a number and tỷ, and not where tỷ counts people.
_BARE = re.compile(
    rf"(?<![\w.,])(?P<low>{_NUMBER})(?:{_TO}(?P<high>{_NUMBER}))?\s(?P<scale>nghìn\s(?:tỷ|tỉ)|ngàn\s(?:tỷ|tỉ)|tỷ|tỉ)(?!\w)"
    r"(?!\s(?:người|dân|lượt|thiết|tham|token|bóng|năm|dân))",
    re.IGNORECASE,
)


_DIGITS = re.compile("[" + "".join(character for character in map(chr, range(0x10000)) if character.isdecimal()) + r"][\d.,]*")
"""All figures written out: a set of characters is looked for at twice the speed of a class of them."""
_LAST_OF_SIGNS = frozenset(sign[-1] for sign in _SIGNS)
_LONGEST_SIGN = max(map(len, _SIGNS)) + 1


def read_money(text: str) -> list[Money]:
    """All sums in the text (NFC), in order, none overlapping. Of a range the lower bound counts."""
    found: list[Money] = []
    end = 0
    # Every sum has a number: only there, and not at every letter, are the expressions tried.
    for digits in _DIGITS.finditer(text):
        start = digits.start()
        if start < end:
            continue
        readings = [money for match in _matches(text, start, end) if (money := _money(match)) is not None]
        if readings:
            found.append(min(readings, key=lambda reading: (reading.start, -reading.end)))
            end = found[-1].end
    return found


def _matches(text: str, start: int, earliest: int) -> Iterator[re.Match[str]]:
    """The readings of the number at `start`; a sign before it does not begin before `earliest`."""
    before = text[max(0, start - 2):start].rstrip()[-1:]
    if before.lower() in _LAST_OF_SIGNS:
        for at in range(max(earliest, start - _LONGEST_SIGN), start):
            match = _BEFORE.match(text, at)
            if match and match.start("low") == start:
                yield match
                break
    for pattern in (_AFTER, _BARE):
        match = pattern.match(text, start)
        if match:
            yield match


def _money(match: re.Match[str]) -> Money | None:
    groups = match.groupdict()
    sign, name, scale_text = groups.get("sign"), groups.get("name"), groups.get("lowscale") or groups.get("scale")
    currency = _SIGNS[_key(sign)] if sign else _NAMES[_key(name)] if name else "VND"
    scale = _SCALES[_key(scale_text)] if scale_text else 1.0
    scale_word = _key(scale_text).split()[-1] if scale_text else ""
    vietnamese = scale_word in {"tỷ", "tỉ", "triệu", "ty", "trieu", "nghìn", "ngàn"} or bool(name and "đ" in _key(name))
    # English writes the sign first and groups by commas: "100.000 USD" is a hundred thousand.
    dot_thousands = currency == "VND" or vietnamese or bool(name and not scale_text)
    value = number(groups["low"], dot_thousands=dot_thousands)
    if value is None:
        return None
    if groups.get("high") and not groups.get("lowscale") and groups.get("scale"):
        scale = _SCALES[_key(groups["scale"])]
    return Money(Amount(round(value * scale, 2), currency), match.start(), match.end())


def _key(text: str) -> str:
    return " ".join(text.lower().split())


def number(text: str, *, dot_thousands: bool) -> float | None:
    """"1.050" → 1050 where dots group thousands (Vietnamese), 1.05 where they are decimal points; with both signs the last decides."""
    dots, commas = text.count("."), text.count(",")
    if dots and commas:
        decimal = "." if text.rfind(".") > text.rfind(",") else ","
    elif dots + commas > 1:
        decimal = ""
    else:
        sign = "." if dots else ","
        groups_of_three = len(text.rpartition(sign)[2]) == 3 if dots or commas else False
        thousands_sign = "." if dot_thousands else ","
        decimal = "" if groups_of_three and sign == thousands_sign and not text.startswith("0") else sign
    for sign in ".,":
        if sign != decimal:
            text = text.replace(sign, "")
    try:
        return float(text.replace(",", ".") if decimal else text)
    except ValueError:
        return None
