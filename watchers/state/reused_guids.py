"""Decides whether a feed reused a known guid for another item.

Normally an entry with a known guid is an edit of the known item. But some feeds count again from "1", or have one entry "the current
alert" whose content changes. Pure: the old and the new item in. An edit must not become news, so a reuse needs another link, another
title, another text and a later date together, as far as the feed has them.
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
"""If the other title contains at least this share of the shorter title's words, one is an edit of the other."""
SAME_TITLE_LATER = 0.8
"""The same limit for titles hours apart: "Storm warning for Da Nang" and "Storm warning for Hue" are two alerts."""
LATER = timedelta(hours=6)
SAME_TEXT = 0.4
"""The same limit for three-word sequences of texts. Publishers often rewrite headline and address together, but never the article."""
COMPARED_CHARS = 4_000
"""Characters of a text that are compared."""
MIN_GUID_IN_ADDRESS = 5
"""A shorter guid can be part of an address by chance."""
RECENT = timedelta(days=2)
"""A deleted item cannot be compared. A new entry with its guid is another item if it was published within this time."""

_NUMBER = re.compile(r"\d{5,}")
_WORD = re.compile(r"\w+")


def is_another(old: Item | None, new: Item, now: datetime) -> bool:
    """Returns True if `new` is another item than `old`, which had the same guid in the same feed, or without guids the same address.

    `old` is None if it was deleted.
    """
    if old is None:
        return bool(new.guid and own_link(new)) and new.published is not None and now - new.published <= RECENT
    if old.published and new.published and new.published <= old.published:
        return False
    return _is_moved(old, new) and not is_edit(old, new)


def _is_moved(old: Item, new: Item) -> bool:
    """Returns True if the links differ. Without links, or with the same link and no guids, the dates must be hours apart instead."""
    old_link, new_link = own_link(old), own_link(new)
    if not (old_link and new_link) or not (old.guid or new.guid):
        return old_link == new_link and _is_hours_later(old, new)
    if old_link == new_link or (len(new.guid) >= MIN_GUID_IN_ADDRESS and new.guid in old_link and new.guid in new_link):
        return False
    # Publishers change the slug of an article, but not its number.
    return set(_NUMBER.findall(old_link)).isdisjoint(_NUMBER.findall(new_link))


def _is_hours_later(old: Item, new: Item) -> bool:
    return old.published is not None and new.published is not None and new.published - old.published >= LATER


def is_edit(old: Item, new: Item) -> bool:
    """Returns True if headline or text of the two agree so far that one is an edit of the other; also if nothing can be compared."""
    title = title_shared(old, new)
    if title is not None and title >= (SAME_TITLE_LATER if _is_hours_later(old, new) else SAME_TITLE):
        return True
    text = text_shared(old, new)
    return (title is None and text is None) or (text is not None and text >= SAME_TEXT)


def title_shared(old: Item, new: Item) -> float | None:
    """Returns the share (0 to 1) of the shorter headline's words that the other headline contains; None if one is empty."""
    return _shared(*(set(_WORD.findall(folded(item.title))) for item in (old, new)))


def text_shared(old: Item, new: Item) -> float | None:
    """Same as `title_shared`, for three-word sequences of summaries and texts."""
    return _shared(_word_triples(old), _word_triples(new))


def says_the_same(old: Item, new: Item) -> bool:
    """Returns True if `old` contains every text of `new` word by word, or the other way round: the text was shortened, not rewritten."""
    old_texts, new_texts = ([" ".join(_WORD.findall(folded(text))) for text in (item.summary, item.text) if text] for item in (old, new))
    return _contains_all(old_texts, new_texts) or _contains_all(new_texts, old_texts)


def _contains_all(texts: Sequence[str], parts: Sequence[str]) -> bool:
    return all(any(part in text for text in texts) for part in parts)


def has_other_numbers(old: Item, new: Item) -> bool:
    """Returns True if each text has a long number (of a file, of a case) that the other one does not have."""
    old_numbers, new_numbers = (set(_NUMBER.findall(item.summary or item.text)) for item in (old, new))
    return not (old_numbers <= new_numbers or new_numbers <= old_numbers)


def _word_triples(item: Item) -> set[tuple[str, ...]]:
    words = _WORD.findall(folded(f"{item.summary} {item.text}"[:COMPARED_CHARS]))
    return set(zip(words, words[1:], words[2:], strict=False))


def _shared(first: set[Any], second: set[Any]) -> float | None:
    return len(first & second) / min(len(first), len(second)) if first and second else None


def own_link(item: Item) -> str:
    """Returns the item's canonical address; "" for none and for a site's home page."""
    address = canonical_url(item.url) if item.url else ""
    return address if address.count("/") > 2 or "?" in address else ""
