"""Defines when a guid that is known stands for another item: feeds that count from "1" anew, pages whose one entry is "the current alert".

A guid, once seen, says that the item was seen. That is right for every edit of an item and wrong where a feed gives one guid to several
items without ever listing two of them at once. Pure: the old item and the new one in. It must rather miss a reuse than take an edit for
news: another link, another title, another text and a later date are wanted together, as far as the feed has them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from watchers.identity import canonical_url
from watchers.items import Item
from watchers.text import folded

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


def known_by_guid_alone(keys: Sequence[str], known: Collection[str]) -> bool:
    """Whether its guid is all that was ever seen of an item: the rare case that is worth a look at what it stood for."""
    return bool(keys) and keys[0].startswith("g:") and keys[0] in known and not any(key in known for key in keys[1:])


def is_another(old: Item | None, new: Item, now: datetime) -> bool:
    """Whether `new` is another item than `old`, which had the same guid in the same feed. `old` is None where it was dropped."""
    if old is None:
        return bool(_own_link(new)) and new.published is not None and now - new.published <= RECENT
    if old.published and new.published and new.published <= old.published:
        return False
    return _is_elsewhere(old, new) and not _is_edit(old, new)


def _is_elsewhere(old: Item, new: Item) -> bool:
    """Another link; where they have none of their own, dates far apart."""
    one, other = _own_link(old), _own_link(new)
    if not (one and other):
        return one == other and old.published is not None and new.published is not None and new.published - old.published >= LATER
    if one == other or (len(new.guid) >= SHORT_GUID and new.guid in one and new.guid in other):
        return False
    return set(_NUMBER.findall(one)).isdisjoint(_NUMBER.findall(other))  # an article's number outlives its slug


def _is_edit(old: Item, new: Item) -> bool:
    apart = old.published is not None and new.published is not None and new.published - old.published >= LATER
    one, other = (set(_WORD.findall(folded(item.title))) for item in (old, new))
    before, after = _runs(old), _runs(new)
    if not (one and other) and not (before and after):
        return True  # nothing to tell them apart by
    return _shared(one, other) >= (SAME_TITLE_LATER if apart else SAME_TITLE) or _shared(before, after) >= SAME_TEXT


def _runs(item: Item) -> set[tuple[str, ...]]:
    words = _WORD.findall(folded(f"{item.summary} {item.text}"[:TEXT_READ]))
    return set(zip(words, words[1:], words[2:], strict=False))


def _shared(one: set[Any], other: set[Any]) -> float:
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _own_link(item: Item) -> str:
    """The item's address; "" for none and for a site's home page."""
    address = canonical_url(item.url) if item.url else ""
    return address if address.count("/") > 2 or "?" in address else ""
