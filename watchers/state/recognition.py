"""Defines which entries of a listing are items that are known, by one rule (docs/identity.md).

    keys in common ─► candidates ─► is the candidate contradicted? ─► seen, listed by another feed too ("again"), or new

Keys find candidates; they do not decide. A candidate is the same item unless the rest of what the entry says contradicts it. Pure: the
entries, the keys that the store knows and the stored items behind them in, a verdict for each entry out.
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
"""The share of a text's three-word runs from which two entries are one, whatever their headlines say."""
OTHER_TEXT = 0.4
"""The share below which they are two, though the headline is the same. Between the two the headline decides."""
SAME_TITLE = 0.6
MASS = 5
"""At least so many entries, and half of the listing, under new guids: the feed changed them all at once."""


class Owned(Protocol):
    """A known key."""

    @property
    def item(self) -> int | None:
        """The stored item it stands for; None where that was dropped."""
        ...


class Verdict(msgspec.Struct, frozen=True):
    """What an entry is."""

    kind: Literal["new", "seen", "again"]
    """"again": another feed listed the item; what this feed says of it may still bring hits of its own."""
    item: int | None = None
    """The stored item that was seen, or listed by the other feed."""
    place: int | None = None
    """Of "seen": the earlier entry of the same listing that it repeats."""
    keys: tuple[str, ...] = ()
    """Keys that nobody has yet. A new item always has one."""
    taken: tuple[str, ...] = ()
    """Keys of another item that stand for this one from now on: the feed gave them away."""
    shared: tuple[str, ...] = ()
    """Addresses that stand for another feed's item."""


_NEW: Literal["new"] = "new"


def doubted(keys: Sequence[Sequence[str]], known: Mapping[str, Owned]) -> set[int]:
    """The stored items that `recognise` compares: those behind keys that alone do not say that an entry was seen."""
    found: set[int | None] = set()
    if known:
        for some in keys:
            own, others = _parted(some)
            if own not in known or _alone(own, others, known):
                found.update(known[key].item for key in some if key in known)
    return {number for number in found if number is not None}


def known_alone(keys: Sequence[str], known: Mapping[str, Owned]) -> bool:
    """Whether the entry's own key is known and no other key confirms it: a guid that may stand for another item by now."""
    own, others = _parted(keys)
    return own in known and _alone(own, others, known)


def under_new_guids(keys: Sequence[Sequence[str]], known: Mapping[str, Owned]) -> bool:
    """Whether so much of a listing has own keys that nobody knows that the feed may have been renewed."""
    unknown = len(keys) - sum(some[0] in known for some in keys)
    return unknown >= MASS and 2 * unknown >= len(keys)


def recognise(
    items: Sequence[Item],
    keys: Sequence[Sequence[str]],
    known: Mapping[str, Owned],
    stored: Mapping[int, Item],
    now: datetime,
    *,
    whole: bool = True,
    titles: Mapping[str, int] | None = None,
) -> list[Verdict]:
    """A verdict for each entry, in order.

    `known` holds those of `keys` that the store knows, `stored` the items of `doubted` that are still there. `whole`: the entries are
    all that the feed lists now, so that an item which is not among them is gone. `titles`: plain titles that the feed had before.
    """
    if not known:
        every = list(chain.from_iterable(keys))
        if len(set(every)) == len(every):  # a first listing as a rule
            return [Verdict(_NEW, keys=tuple(some)) for some in keys]
    return list(_Listing(items, keys, known, stored, now, whole=whole, titles=titles or {}).verdicts())


class _Listing:
    """One listing while it is judged, entry by entry."""

    def __init__(
        self,
        items: Sequence[Item],
        keys: Sequence[Sequence[str]],
        known: Mapping[str, Owned],
        stored: Mapping[int, Item],
        now: datetime,
        *,
        whole: bool,
        titles: Mapping[str, int],
    ) -> None:
        self._items, self._keys, self._known, self._stored, self._now, self._titles = items, keys, known, stored, now, titles
        self._whole = whole
        self._renewed: bool | None = None
        self._listed: set[int | None] | None = None
        self._places: dict[str, int] = {}
        """Keys of earlier entries that nobody knew before."""
        self._verdicts: list[Verdict] = []

    def verdicts(self) -> Iterator[Verdict]:
        known = self._known
        for place, (item, keys) in enumerate(zip(self._items, self._keys, strict=True)):
            own, others = _parted(keys)
            if own in known and not _alone(own, others, known):
                verdict = self._seen(keys, known[own].item)
            else:
                verdict = self._judge(item, keys, own, others)
            for key in verdict.keys:
                self._places.setdefault(key, place)
            self._verdicts.append(verdict)
            yield verdict

    def _judge(self, item: Item, keys: Sequence[str], own: str, others: Sequence[str]) -> Verdict:
        taken, shared = [], []
        rejected: set[int | None] = set()
        if own in self._known:
            owner = self._known[own].item
            old = None if owner is None else self._stored.get(owner)
            if plain_title(item.title) in self._titles or not is_another(old, item, self._now):
                return self._seen(keys, owner)
            taken.append(own)
            rejected.add(owner)
        elif own in self._places:
            return self._repeated(keys, self._places[own])
        for key in others:
            if key in self._places:
                place = self._places[key]
                if self._is_same(self._items[place], item, key, listed=True):
                    return self._repeated(keys, place)
            elif key in self._known and self._known[key].item not in rejected:
                owner = self._known[key].item
                old = None if owner is None else self._stored.get(owner)
                elsewhere = old is not None and old.feed != item.feed
                if self._is_same(old, item, key, listed=self._is_listed(owner)):
                    if not elsewhere:
                        return self._seen(keys, owner, taken)
                    if _is_address(key):
                        shared.append(key)
                    return Verdict("again", owner, keys=self._free(keys), taken=tuple(taken), shared=tuple(shared))
                rejected.add(owner)
                if _is_address(key):
                    (shared if elsewhere else taken).append(key)
        return Verdict(_NEW, keys=self._free(keys) or (content_key(item),), taken=tuple(taken), shared=tuple(shared))

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
        """Whether an item is still listed, as an entry of its own."""
        if not self._whole:
            return True
        if self._listed is None:
            self._listed = {self._known[own].item for own, _ in map(_parted, self._keys) if own in self._known}
        return owner in self._listed

    def _free(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple([key for key in keys if key not in self._known and key not in self._places])

    def _seen(self, keys: Sequence[str], owner: int | None, taken: Sequence[str] = ()) -> Verdict:
        return Verdict("seen", owner, keys=self._free(keys), taken=tuple(taken))

    def _repeated(self, keys: Sequence[str], place: int) -> Verdict:
        first = self._verdicts[place]
        if first.kind == "seen":
            return Verdict("seen", first.item, first.place, keys=self._free(keys))
        return Verdict("seen", None, place, keys=self._free(keys))


def is_same_by_address(old: Item, new: Item) -> bool:
    """Whether two entries with one address are one item.

    In one feed a guid of its own and another text make two; without guids it takes another headline, another text and hours between them.
    Guids of two feeds say nothing about each other: there a headline and a text that have nothing in common make two.
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
    """Whether two entries of one source, headline and day are one item. `listed`: the old one is still listed beside the new one.

    They are, where neither has a guid or an address that the other contradicts; else only with the same text. Where there is no text to
    compare, a feed that no longer lists the old one has moved it.
    """
    one, other = own_link(old), own_link(new)
    if not (_guids_differ(old, new) or (one and other and one != other)):
        return True
    before, after = _text(old), _text(new)
    if before and after:
        return says_the_same(old, new)
    return old.feed == new.feed and not listed and not before and not after


def is_same_renewed(old: Item, new: Item) -> bool:
    """Whether two entries with one headline are one item where a feed was renewed: new guids, new addresses, new dates at once."""
    text = text_shared(old, new)
    return text is None or (text >= OTHER_TEXT and not has_other_numbers(old, new))


def _guids_differ(old: Item, new: Item) -> bool:
    """Two guids of one feed that differ, and not only as their addresses do."""
    if old.feed != new.feed or not (old.guid and new.guid) or old.guid == new.guid:
        return False
    return not (canonical_url(old.guid) == own_link(old) != "" and canonical_url(new.guid) == own_link(new) != "")


def _text(item: Item) -> str:
    return item.summary or item.text


def _is_address(key: str) -> bool:
    return key.startswith("u:")


def _parted(keys: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The key in the feed itself ("" where it was taken away), and those that are compared between feeds."""
    return (keys[0], keys[1:]) if keys[0][:2] in {"g:", "h:"} else ("", keys)


def _alone(own: str, others: Sequence[str], known: Mapping[str, Owned]) -> bool:
    """Whether no other key confirms the entry's own key, which is known. An address says nothing more of an entry that it names."""
    owner = known[own].item
    telling = not others
    for key in others:
        if own.endswith(key[2:]):
            continue
        telling = True
        seen = known.get(key)
        if seen is not None and (owner is None or seen.item == owner):
            return False
    return telling
