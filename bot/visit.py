"""Defines what a visit to a feed means: which of its items are new, which keys are learnt, and the feed's next state.

Pure: the look, what the store knows, the old state and `now` in; a plan out. Nothing is fetched, matched or written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from bot.retention import TOUCH_AFTER
from bot.store import iso
from bot.store.items import Seen
from watchers import pace
from watchers.baseline import classify, is_mass
from watchers.identity import identity_keys, plain_title
from watchers.items import Item
from watchers.reused import is_another, known_by_guid_alone
from watchers.watcher import FeedState, Limits, Look


class New(msgspec.Struct, frozen=True):
    """An item that nobody has seen."""

    item: Item
    keys: tuple[str, ...]
    baseline: bool
    """It is stored; nobody is alerted."""


class Visit(msgspec.Struct, frozen=True):
    """What is to be written."""

    state: FeedState
    """The feed's next state."""
    new: tuple[New, ...] = ()
    """In the order in which they were published, as far as the feed tells: feeds list the newest first."""
    more_keys: tuple[tuple[str, int | None], ...] = ()
    """Keys not known before of items that are, with the item."""
    touched: tuple[str, ...] = ()
    """Known keys that are still listed and were written longest ago."""
    taken: tuple[tuple[str, str], ...] = ()
    """Guid keys that now stand for another item, each with a key of that item."""


def doubted(look: Look, known: Mapping[str, Seen]) -> tuple[int, ...]:
    """The stored items that `decide` has to see: those that stand for a guid which is all that is known of a listed item."""
    owners = (known[keys[0]].item for keys in look.keys if known_by_guid_alone(keys, known))
    return tuple({owner for owner in owners if owner is not None})


def wants_titles(look: Look, known: Mapping[str, Seen], state: FeedState) -> bool:
    """Whether `decide` needs the titles of what is stored of the feed: so much of the listing is unseen that it may be a new content
    system's, or a known guid is all that is known of a listed item."""
    return is_mass(look.keys, known, state) or (bool(known) and any(known_by_guid_alone(keys, known) for keys in look.keys))


def decide(
    look: Look,
    known: Mapping[str, Seen],
    state: FeedState,
    now: datetime,
    limits: Limits,
    *,
    stored: Mapping[int, Item] | None = None,
    titles: Mapping[str, int] | None = None,
    jitter: float = 0.5,
    pushed: bool = False,
) -> Visit:
    """The plan for one look. `known` holds those of the look's keys that the store knows, `stored` the items of `doubted` as far as they
    are still there, `titles` for a look that `wants_titles` the plain titles of the feed's stored items, with their ids; `jitter` is
    in [0, 1); `pushed`: a hub brings the feed's news, so that looks are a safety net."""
    if look.outcome != "items":
        return Visit(pace.after(state, look, now, limits, jitter=jitter, pushed=pushed))
    keys, taken = _without_reused(look, known, stored or {}, now, titles=titles or {})
    new, more, touched = _sorted(look, keys, known, state, now, titles=titles or {})
    fresh = [one.item for one in new if not one.baseline]
    after = pace.after(state, look, now, limits, new=len(new), fresh=fresh, jitter=jitter, pushed=pushed)
    return Visit(after, tuple(new), tuple(more), tuple(touched), taken)


def decide_brought(
    look: Look,
    known: Mapping[str, Seen],
    state: FeedState,
    now: datetime,
    *,
    stored: Mapping[int, Item] | None = None,
    titles: Mapping[str, int] | None = None,
) -> Visit:
    """The plan for what a hub brought: new items are told as those of any look; when to look next, and with which validators, stays."""
    keys, taken = _without_reused(look, known, stored or {}, now, titles=titles or {})
    new, more, touched = _sorted(look, keys, known, state, now, titles=titles or {})
    fresh = [one.item for one in new if not one.baseline]
    return Visit(pace.after_push(state, look, now, new=len(new), fresh=fresh), tuple(new), tuple(more), tuple(touched), taken)


def _without_reused(
    look: Look, known: Mapping[str, Seen], stored: Mapping[int, Item], now: datetime, *, titles: Mapping[str, int]
) -> tuple[Sequence[tuple[str, ...]], tuple[tuple[str, str], ...]]:
    """The keys of each item, without a guid that stood for another one; and those guids, each with another key of its item."""
    places = [place for place, keys in enumerate(look.keys) if known_by_guid_alone(keys, known)] if known else []
    all_keys: list[tuple[str, ...]] | None = None
    taken = []
    for place in places:
        item, (guid, *others) = look.items[place], look.keys[place]
        owner = known[guid].item
        if plain_title(item.title) in titles or not is_another(None if owner is None else stored.get(owner), item, now):
            continue
        if not others:
            others.append(identity_keys(msgspec.structs.replace(item, guid="", url=""))[0])
        all_keys = all_keys or list(look.keys)
        all_keys[place] = tuple(others)
        taken.append((guid, others[0]))
    return all_keys or look.keys, tuple(taken)


def _sorted(
    look: Look,
    all_keys: Sequence[tuple[str, ...]],
    known: Mapping[str, Seen],
    state: FeedState,
    now: datetime,
    *,
    titles: Mapping[str, int],
) -> tuple[list[New], list[tuple[str, int | None]], list[str]]:
    """What is new (the oldest first), which keys are learnt, and which are touched."""
    standings = classify(look.items, all_keys, known, state, now, titles=titles)
    new: list[New] = []
    more: list[tuple[str, int | None]] = []
    touched: list[str] = []
    stale = iso(now - TOUCH_AFTER)
    for item, keys, standing in zip(look.items, all_keys, standings, strict=True):
        if standing != "seen":
            new.append(New(item, keys, standing == "baseline"))
            continue
        owner = next((known[key].item for key in keys if key in known), titles.get(plain_title(item.title)) if titles else None)
        for key in keys:
            if key not in known:
                more.append((key, owner))
            elif known[key].last_seen_at < stale:
                touched.append(key)
    new.reverse()
    return new, more, touched
