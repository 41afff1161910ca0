"""Defines distinguishing_word, which finds a word that all mistaken items contain and few others do. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"[^\W\d_]{2,}")
LETTERS = 4
"""Minimum letters of a single word."""
SYLLABLE = 7
"""Letters of the longest Vietnamese syllable. A single accented syllable is often only half a word."""
MAX_SHARE_ELSEWHERE = 0.05
"""Maximum share of the other texts that contain the word."""
MAX_CHARS_READ = 3000
"""Code points of a text that are read."""
_COMMON = """
about after also been being from have more most other over said says such than that their them then there these they this those
through under were what when where which while will with would year years according people company companies reuters news
những được trong không người theo cũng này các cho của với đang đã sẽ từ một năm ngày khi đến
"""
_EVERYWHERE = frozenset(_COMMON.split())


def distinguishing_word(mistakes: Sequence[str], others: Iterable[str], names: Iterable[str]) -> str | None:
    """Returns the word or pair of words that all `mistakes` contain, at most one in twenty of `others`, and that is not part of `names`;
    None if there is none.

    Words of the titles (first lines) come before words of the texts, rarer words before frequent ones, single words before pairs, because
    future mistakes are less likely to contain a pair.
    """
    if len(mistakes) < 2:
        return None
    ours = {word.casefold() for name in names for word in _WORD.findall(name)}
    shared = set.intersection(*(_words(mistake[:MAX_CHARS_READ], ours) for mistake in mistakes))
    if not shared:
        return None
    rest = [_words(one[:MAX_CHARS_READ], ours) for one in others]
    elsewhere = Counter(word for words in rest for word in words & shared)
    titles = [_words(mistake.partition("\n")[0], ours) for mistake in mistakes]
    candidates = [word for word in shared if elsewhere[word] <= MAX_SHARE_ELSEWHERE * len(rest)]
    return min(
        candidates,
        key=lambda word: (-sum(word in title for title in titles), elsewhere[word], " " in word, -len(word), word),
        default=None,
    )


def _words(text: str, ours: set[str]) -> set[str]:
    found: set[str] = set()
    before = ""
    for word in (match.casefold() for match in _WORD.findall(text)):
        if word in ours or word in _EVERYWHERE:
            before = ""
            continue
        if len(word) >= LETTERS and (word.isascii() or len(word) > SYLLABLE):
            found.add(word)
        if before and len(before) + len(word) >= 2 * LETTERS - 2:
            found.add(f"{before} {word}")
        before = word
    return found
