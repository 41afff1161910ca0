"""Defines MoneyAmount: an amount of money as a text writes it, with the values that it may stand for, and whether two sums agree.

Pure. "1.1 billion" stands for 1.05 to 1.15 billion, "1,095 million" for half a million more or less: two sums agree where one lies within
what the other stands for, which is to say that they are equal when rounded as the less precise of the two is written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

_ROUGHLY = 0.06
"""However few digits a sum has, it stands for no more than this share around it: "10 billion" is not 12. A rate of exchange and its
rounding stay within it too."""
_SHORT_OF = 0.99  # "nearly 148" is not 147
_ABOVE = re.compile(r"(?:more than|over|above|exceed(?:s|ed|ing)?|tops?|topped|hơn|trên|vượt)\s$")
_BELOW = re.compile(r"(?:nearly|almost|close to|less than|under|below|up to|gần|dưới|xấp xỉ)\s$")
_WORDS_BEFORE = 12  # characters: the longest of these


class MoneyAmount(NamedTuple):
    """`currency` is an ISO 4217 code, `term` how it is looked up (currency and two digits), `value` as written, `low` and `high` what it
    may stand for; `bound` where it is said to be more or less than written."""

    currency: str
    term: str
    value: float
    low: float
    high: float
    bound: bool = False


def read_sum(currency: str, digits: str, value: float, scale: float, before: str, *, converted: bool) -> MoneyAmount:
    """A sum of `value` times `scale`, written as `digits` behind the words `before` (lower case).

    `converted`: given beside the sum that it was worked out from in another currency, at a rate of the writer's.
    """
    whole = value * scale
    near = _ROUGHLY * whole
    unit = near if converted else last_place(digits, value) * scale
    apart = near if converted else min(unit / 2, near)
    lead = before[-_WORDS_BEFORE:]
    term = f"${currency}:{whole:.1e}"
    if _ABOVE.search(lead):  # "more than 1.8 billion" is 1.87 cut off rather than rounded
        return MoneyAmount(currency, term, whole, whole, whole + min(_SHORT_OF * unit, near), bound=True)
    if _BELOW.search(lead):
        return MoneyAmount(currency, term, whole, whole - min(_SHORT_OF * unit, near), whole, bound=True)
    return MoneyAmount(currency, term, whole, whole - apart, whole + apart)


def last_place(digits: str, value: float) -> float:
    """What one more in the last place that counts would add to `value`: 0.1 for "1.1", 1 for "1,095", 100 for "1,100"; zeros that end
    a whole number count for nothing, those behind a decimal mark do."""
    plain = "".join(mark for mark in digits if mark.isdigit())
    decimals = round(math.log10(int(plain) / value))
    if decimals > 0:
        return 10.0**-decimals
    return 10.0 ** (len(plain) - len(plain.rstrip("0")))


def agree(amount: MoneyAmount, other: MoneyAmount) -> bool:
    """True where both can be one sum of money. Of two currencies nothing is known: False."""
    if amount.currency != other.currency:
        return False
    slack = 1e-9 * amount.value  # of binary fractions
    if (amount.bound or other.bound) and max(amount.low, other.low) < min(amount.high, other.high):
        return True
    return amount.low - slack <= other.value <= amount.high + slack or other.low - slack <= amount.value <= other.high + slack


def any_agree(some: Sequence[MoneyAmount], others: Sequence[MoneyAmount]) -> bool:
    """True where one of the first may be one of the others."""
    for amount in some:
        for other in others:
            if agree(amount, other):
                return True
    return False
