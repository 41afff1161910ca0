"""Decides which entries of a listing are known items, by one rule (docs/identity.md).

    keys in common ─► candidates ─► is the candidate contradicted? ─► seen, listed by another feed too ("again"), or new

Keys only find candidates. A candidate is the same item unless the other content of the entry contradicts it. Pure: the entries, the keys
in the store and the stored items of these keys in; a verdict for each entry out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Literal, Protocol

import msgspec

from watchers.models.item import Item
from watchers.state.identity import canonical_url, content_key, plain_title
from watchers.state.reused_guids import (
    LATER,
    RECENT,
    has_other_numbers,
    is_another,
    is_edit,
    own_link,
    says_the_same,
    text_shared,
    title_shared,
)

SAME_TEXT_BY_ITSELF = 0.8
"""If two entries share at least this part of their three-word sequences, they are one item, whatever their headlines are."""
OTHER_TEXT = 0.4
"""Below this part they are two items, even with the same headline. Between the two limits the headline decides."""
SAME_TITLE = 0.6
MASS_UPDATE_MIN_ENTRIES = 5
"""If at least this number of entries and half of the listing have new guids, the feed changed all its guids at once."""


class KnownKey(Protocol):
    """A key in the store."""

    @property
    def item(self) -> int | None:
        """The id of the stored item with this key; None if the item was deleted."""
        ...


class Verdict(msgspec.Struct, frozen=True):
    """The decision about an entry."""

    kind: Literal["new", "seen", "again"]
    """"again": another feed listed the item. The text of this feed can still produce hits of its own."""
    item: int | None = None
    """The id of the stored item that was seen, or that the other feed listed."""
    place: int | None = None
    """For "seen": the index of the earlier entry of the same listing that this entry repeats."""
    keys: tuple[str, ...] = ()
    """Keys that no item has yet. A new item always has one."""
    taken: tuple[str, ...] = ()
    """Keys of another item that now identify this one, because the feed reused them."""
    shared: tuple[str, ...] = ()
    """Addresses that identify an item of another feed."""


_NEW: Literal["new"] = "new"


def items_to_compare(keys: Sequence[Sequence[str]], known: Mapping[str, KnownKey]) -> set[int]:
    """Returns the ids of the stored items that `recognise` needs: those whose keys alone do not prove that an entry was seen."""
    item_ids: set[int | None] = set()
    if known:
        for entry_keys in keys:
            own, others = _split_keys(entry_keys)
            if own not in known or _is_unconfirmed(own, others, known):
                item_ids.update(known[key].item for key in entry_keys if key in known)
    return {item_id for item_id in item_ids if item_id is not None}


def is_own_key_unconfirmed(keys: Sequence[str], known: Mapping[str, KnownKey]) -> bool:
    """Returns True if the entry's own key is known and no other key confirms it: the feed may have reused the guid."""
    own, others = _split_keys(keys)
    return own in known and _is_unconfirmed(own, others, known)


def under_new_guids(keys: Sequence[Sequence[str]], known: Mapping[str, KnownKey]) -> bool:
    """Returns True if so many entries have unknown own keys that the feed may have been renewed."""
    unknown = len(keys) - sum(entry_keys[0] in known for entry_keys in keys)
    return unknown >= MASS_UPDATE_MIN_ENTRIES and 2 * unknown >= len(keys)


def recognise(
    items: Sequence[Item],
    keys: Sequence[Sequence[str]],
    known: Mapping[str, KnownKey],
    stored: Mapping[int, Item],
    now: datetime,
    *,
    is_complete: bool = True,
    titles: Mapping[str, int] | None = None,
) -> list[Verdict]:
    """Returns a verdict for each entry, in order.

    `known` has those of `keys` that are in the store, `stored` the items of `items_to_compare` that still exist. `is_complete`: the
    entries are all that the feed lists now, so an item that is not among them has left the listing. `titles`: plain titles that the
    feed had before.
    """
    if not known:
        all_keys = list(chain.from_iterable(keys))
        if len(set(all_keys)) == len(all_keys):  # usually the first listing of a feed
            return [Verdict(_NEW, keys=tuple(entry_keys)) for entry_keys in keys]
    return list(_Listing(items, keys, known, stored, now, is_complete=is_complete, titles=titles or {}).verdicts())


class _Listing:
    """Decides about the entries of one listing, one after another."""

    def __init__(
        self,
        items: Sequence[Item],
        keys: Sequence[Sequence[str]],
        known: Mapping[str, KnownKey],
        stored: Mapping[int, Item],
        now: datetime,
        *,
        is_complete: bool,
        titles: Mapping[str, int],
    ) -> None:
        self._items, self._keys, self._known, self._stored, self._now, self._titles = items, keys, known, stored, now, titles
        self._is_complete = is_complete
        self._renewed: bool | None = None
        self._listed: set[int | None] | None = None
        self._indexes: dict[str, int] = {}
        """The index of the entry for each key of earlier entries that is not in the store."""
        self._verdicts: list[Verdict] = []

    def verdicts(self) -> Iterator[Verdict]:
        known = self._known
        for index, (item, keys) in enumerate(zip(self._items, self._keys, strict=True)):
            own, others = _split_keys(keys)
            if own in known and not _is_unconfirmed(own, others, known):
                verdict = self._seen(keys, known[own].item)
            else:
                verdict = self._compare(item, keys, own, others)
            for key in verdict.keys:
                self._indexes.setdefault(key, index)
            self._verdicts.append(verdict)
            yield verdict

    def _compare(self, item: Item, keys: Sequence[str], own: str, others: Sequence[str]) -> Verdict:
        taken, shared = [], []
        rejected: set[int | None] = set()
        # The entry's own key: a known guid is the same item, unless the feed reused the guid for another one.
        if own in self._known:
            owner = self._known[own].item
            old = None if owner is None else self._stored.get(owner)
            if plain_title(item.title) in self._titles or not is_another(old, item, self._now):
                return self._seen(keys, owner)
            taken.append(own)
            rejected.add(owner)
        elif own in self._indexes:
            return self._repeated(keys, self._indexes[own])
        # The keys that feeds have in common: an earlier entry of this listing, or a stored item of this or another feed.
        for key in others:
            if key in self._indexes:
                index = self._indexes[key]
                if self._is_same(self._items[index], item, key, listed=True):
                    return self._repeated(keys, index)
            elif key in self._known and self._known[key].item not in rejected:
                owner = self._known[key].item
                old = None if owner is None else self._stored.get(owner)
                from_other_feed = old is not None and old.feed != item.feed
                if self._is_same(old, item, key, listed=self._is_listed(owner)):
                    if not from_other_feed:
                        return self._seen(keys, owner, taken)
                    if _is_address(key):
                        shared.append(key)
                    return Verdict("again", owner, keys=self._unused(keys), taken=tuple(taken), shared=tuple(shared))
                rejected.add(owner)
                if _is_address(key):
                    (shared if from_other_feed else taken).append(key)
        return Verdict(_NEW, keys=self._unused(keys) or (content_key(item),), taken=tuple(taken), shared=tuple(shared))

    def _is_same(self, old: Item | None, new: Item, key: str, *, listed: bool) -> bool:
        if old is None:
            recent = new.published is not None and self._now - new.published <= RECENT
            return not (recent and new.guid and _is_address(key)) or self._is_renewed()
        return is_same_by_address(old, new) if _is_address(key) else is_same_by_title(old, new, listed=listed)

    def _is_renewed(self) -> bool:
        if self._renewed is None:
            self._renewed = under_new_guids(self._keys, self._known)
        return self._renewed

    def _is_listed(self, owner: int | None) -> bool:
        """Returns True if the item with id `owner` still is an entry of the listing, or if the listing is not complete."""
        if not self._is_complete:
            return True
        if self._listed is None:
            self._listed = {self._known[own].item for own, _ in map(_split_keys, self._keys) if own in self._known}
        return owner in self._listed

    def _unused(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple([key for key in keys if key not in self._known and key not in self._indexes])

    def _seen(self, keys: Sequence[str], owner: int | None, taken: Sequence[str] = ()) -> Verdict:
        return Verdict("seen", owner, keys=self._unused(keys), taken=tuple(taken))

    def _repeated(self, keys: Sequence[str], index: int) -> Verdict:
        first = self._verdicts[index]
        if first.kind == "seen":
            return Verdict("seen", first.item, first.place, keys=self._unused(keys))
        return Verdict("seen", None, index, keys=self._unused(keys))


def is_same_by_address(old: Item, new: Item) -> bool:
    """Returns True if two entries with one address are one item.

    In one feed, two entries with different guids and different texts are two items; without guids, two items differ in headline, text
    and by hours in their dates. Guids of different feeds cannot be compared: there, two items have neither headline nor text in common.
    """
    if old.feed != new.feed:
        return is_edit(old, new)
    if _guids_differ(old, new):
        text = text_shared(old, new)
        if text is not None and not OTHER_TEXT <= text < SAME_TEXT_BY_ITSELF:
            return text >= SAME_TEXT_BY_ITSELF
        title = title_shared(old, new)
        return title is None or title >= SAME_TITLE
    if old.guid or new.guid or old.published is None or new.published is None:
        return True
    return new.published - old.published < LATER or is_edit(old, new)


def is_same_by_title(old: Item, new: Item, *, listed: bool) -> bool:
    """Returns True if two entries with the same source, headline and day are one item. `listed`: the feed still lists the old one too.

    They are one item if neither their guids nor their addresses differ; otherwise only with the same text. Without any text, they are
    one item if the feed no longer lists the old one: it was moved.
    """
    old_link, new_link = own_link(old), own_link(new)
    if not (_guids_differ(old, new) or (old_link and new_link and old_link != new_link)):
        return True
    old_text, new_text = _text(old), _text(new)
    if old_text and new_text:
        return says_the_same(old, new)
    return old.feed == new.feed and not listed and not old_text and not new_text


def is_same_renewed(old: Item, new: Item) -> bool:
    """Returns True if two entries with one headline are one item in a renewed feed, where guids, addresses and dates are all new."""
    text = text_shared(old, new)
    return text is None or (text >= OTHER_TEXT and not has_other_numbers(old, new))


def _guids_differ(old: Item, new: Item) -> bool:
    """Returns True if both have guids of one feed that differ, unless the guids are just their addresses."""
    if old.feed != new.feed or not (old.guid and new.guid) or old.guid == new.guid:
        return False
    return not (canonical_url(old.guid) == own_link(old) != "" and canonical_url(new.guid) == own_link(new) != "")


def _text(item: Item) -> str:
    return item.summary or item.text


def _is_address(key: str) -> bool:
    return key.startswith("u:")


def _split_keys(keys: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Returns the entry's own key in its feed ("" if it was removed), and the keys that are compared between feeds."""
    return (keys[0], keys[1:]) if keys[0][:2] in {"g:", "h:"} else ("", keys)


def _is_unconfirmed(own: str, others: Sequence[str], known: Mapping[str, KnownKey]) -> bool:
    """Returns True if no other key confirms the known key `own`. If `own` contains the address, the address key proves nothing more."""
    owner = known[own].item
    has_evidence = not others
    for key in others:
        if own.endswith(key[2:]):
            continue
        has_evidence = True
        known_key = known.get(key)
        if known_key is not None and (owner is None or known_key.item == owner):
            return False
    return has_evidence
