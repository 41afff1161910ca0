"""Defines runs of capital letters: `is_capital`, `run_end` and `text_of`, from which names that nobody told us are read.

What a run means is decided by language (`english_names`, `vietnamese_names`) and in `parties`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from seeds.pattern_syntax import words
from watchers.match.language.sentences import Token

_SMALL = frozenset(words(
    "the a an this that these those it its he she they we you i his her their our in on at for from with by to of and or but as if "
    "when while after before how why what who which where more most new not no one two three monday tuesday wednesday thursday friday "
    "saturday sunday january february march april june july august september october november december today hôm ngày tháng năm quý "
    "ông bà anh chị vn vn30 hose hnx upcom index dow nasdaq s&p ai ev evs ceo cfo cto gdp it r&d ipo i ii iii iv ii-c kcn tp tphcm "
    "ubnd hđqt us$ q1 q2 q3 q4 usd vnd theo khi sau trước"
))
"""Words that a capital letter does not make a name: small words at the start of sentences, days, months, common abbreviations."""
SIGNS_BEFORE = frozenset(('"', "“", "'", "‘", ".", ":", "-", "–", "—", "(", ")", "”", "’", "*", "•", "|", "?", "!", ";"))
"""After these a capital letter is that of a beginning, as at the start of a sentence."""


def is_capital(token: Token) -> bool:
    """Whether the word has a capital that may be a name's."""
    return token.text[0].isupper() and token.money is None and token.word not in _SMALL


def run_end(tokens: Sequence[Token], at: int) -> int:
    """Where the run of capitals that begins at token `at` ends."""
    end = at + 1
    while end < len(tokens):
        if tokens[end].mention is None and (is_capital(tokens[end]) or _model_number(tokens[end]) or tokens[end].text in _IN_NAMES):
            end += 1
        elif tokens[end].text in {"&", "of"} and end + 1 < len(tokens) and tokens[end + 1].mention is None and is_capital(tokens[end + 1]):
            end += 2
        else:
            break
    return end


_IN_NAMES = frozenset(("AI", "IT", "EV", "I", "II", "III", "IV"))
"""Abbreviations that go on with a name though they begin none: "Mistral AI"."""


def _model_number(token: Token) -> bool:
    return token.money is None and token.text[0].isdigit() and token.text.isalnum() and len(token.text) < 5


def text_of(tokens: Sequence[Token]) -> str:
    """The words as they were written, without the space between them where there was none."""
    pieces = [tokens[0].text]
    for before, token in pairwise(tokens):
        pieces.append((" " if token.start > before.end else "") + token.text)
    return "".join(pieces)
