"""Defines when a guid that is known stands for another item: feeds that count from "1" anew, pages whose one entry is "the current alert".

A guid, once seen, says that the item was seen. That is right for every edit of an item and wrong where a feed gives one guid to several
items without ever listing two of them at once. Pure: the old item and the new one in. It must rather miss a reuse than take an edit for
news: another link, another title, another text and a later date are wanted together, as far as the feed has them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from watchers.models.item import Item
from watchers.state.identity import canonical_url
from watchers.text.html_text import folded

SAME_TITLE = 0.6
"""The share of the shorter title's words that the other one holds, from which one is an edit of the other."""
SAME_TITLE_LATER = 0.8
"""The same once hours lie between them: "Storm warning for Da Nang" and "Storm warning for Hue" are two alerts."""
LATER = timedelta(hours=6)
SAME_TEXT = 0.4
"""The same for runs of three words of summaries and texts: a headline and an address are often rewritten together, an article never is."""
TEXT_READ = 4_000
"""Characters of a text that are compared."""
SHORT_GUID = 5
"""Under so many characters a guid stands in an address by chance."""
RECENT = timedelta(days=2)
"""Of an item that was dropped nothing is left to compare; what was published so lately is another one."""

_NUMBER = re.compile(r"\d{5,}")
_WORD = re.compile(r"\w+")


def is_another(old: Item | None, new: Item, now: datetime) -> bool:
    """Whether `new` is another item than `old`, which had the same guid in the same feed, or without guids the same address. `old` is
    None where it was dropped."""
    if old is None:
        return bool(new.guid and own_link(new)) and new.published is not None and now - new.published <= RECENT
    if old.published and new.published and new.published <= old.published:
        return False
    return _is_elsewhere(old, new) and not is_edit(old, new)


def _is_elsewhere(old: Item, new: Item) -> bool:
    """Another link; where they have none of their own, or nothing but the link, dates far apart."""
    one, other = own_link(old), own_link(new)
    if not (one and other) or not (old.guid or new.guid):
        return one == other and _is_apart(old, new)
    if one == other or (len(new.guid) >= SHORT_GUID and new.guid in one and new.guid in other):
        return False
    return set(_NUMBER.findall(one)).isdisjoint(_NUMBER.findall(other))  # an article's number outlives its slug


def _is_apart(old: Item, new: Item) -> bool:
    return old.published is not None and new.published is not None and new.published - old.published >= LATER


def is_edit(old: Item, new: Item) -> bool:
    """Whether the headline or the text of one stands in the other, as far as both have one. So it is where nothing can be compared."""
    title = title_shared(old, new)
    if title is not None and title >= (SAME_TITLE_LATER if _is_apart(old, new) else SAME_TITLE):
        return True
    text = text_shared(old, new)
    return (title is None and text is None) or (text is not None and text >= SAME_TEXT)


def title_shared(old: Item, new: Item) -> float | None:
    """The share of the shorter headline's words that the other one holds; None where one has none."""
    return _shared(*(set(_WORD.findall(folded(item.title))) for item in (old, new)))


def text_shared(old: Item, new: Item) -> float | None:
    """The same for runs of three words of summaries and texts."""
    return _shared(_runs(old), _runs(new))


def says_the_same(old: Item, new: Item) -> bool:
    """Whether every text of `new` stands in `old` word by word, or the other way round: cut, never rewritten."""
    one, other = ([" ".join(_WORD.findall(folded(text))) for text in (item.summary, item.text) if text] for item in (old, new))
    return _holds(one, other) or _holds(other, one)


def _holds(whole: Sequence[str], parts: Sequence[str]) -> bool:
    return all(any(part in text for text in whole) for part in parts)


def has_other_numbers(old: Item, new: Item) -> bool:
    """Whether either text names a long number (of a file, a case) that the other one does not."""
    one, other = (set(_NUMBER.findall(item.summary or item.text)) for item in (old, new))
    return not (one <= other or other <= one)


def _runs(item: Item) -> set[tuple[str, ...]]:
    words = _WORD.findall(folded(f"{item.summary} {item.text}"[:TEXT_READ]))
    return set(zip(words, words[1:], words[2:], strict=False))


def _shared(one: set[Any], other: set[Any]) -> float | None:
    return len(one & other) / min(len(one), len(other)) if one and other else None


def own_link(item: Item) -> str:
    """The item's address; "" for none and for a site's home page."""
    address = canonical_url(item.url) if item.url else ""
    return address if address.count("/") > 2 or "?" in address else ""
