"""Defines what a visit to a feed means: which of its items are new, which keys are learnt, and the feed's next state.

Pure: the look, what the store knows, the old state and `now` in; a plan out. Nothing is fetched, matched or written here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace

from bot.store import iso
from bot.store.items import SeenKey
from bot.store.retention import TOUCH_AFTER
from watchers.models.item import Item
from watchers.models.polling import FeedState, Limits, PollResult
from watchers.state import poll_schedule, recognition
from watchers.state.identity import plain_title
from watchers.state.novelty import LATE, classify, is_mass
from watchers.state.recognition import Verdict, is_same_renewed, known_alone


class NewItem(msgspec.Struct, frozen=True):
    """An item that nobody has seen, or another feed's listing of one that may bring hits of its own."""

    item: Item
    keys: tuple[str, ...]
    """Keys that nobody has yet; at least one."""
    baseline: bool
    """It is stored; nobody is alerted."""
    again: int | None = None
    """The stored item that another feed listed: this one is stored only with hits that the other did not bring."""
    taken: tuple[str, ...] = ()
    """Known keys that stand for this item from now on."""
    shared: tuple[str, ...] = ()
    """Addresses that stand for another feed's item: for this one, if it has all the hits of that."""


class VisitPlan(msgspec.Struct, frozen=True):
    """What is to be written."""

    state: FeedState
    """The feed's next state."""
    new: tuple[NewItem, ...] = ()
    """In the order in which they were published, as far as the feed tells: feeds list the newest first."""
    more_keys: tuple[tuple[str, int | None], ...] = ()
    """Keys not known before of items that are, with the item."""
    touched: tuple[str, ...] = ()
    """Known keys that are still listed and were written longest ago."""
    taken: tuple[tuple[str, int | None], ...] = ()
    """Known keys that now stand for another item that is known, with that."""


def keys_to_verify(look: PollResult, known: Mapping[str, SeenKey], titles: Mapping[str, int]) -> tuple[int, ...]:
    """The stored items that `decide` has to see: those behind keys, and in a renewed feed behind titles, that alone do not say that an
    entry was seen."""
    found = recognition.doubted(look.keys, known)
    if titles:
        unknown = (item for item, keys in zip(look.items, look.keys, strict=True) if keys[0] not in known)
        found.update(titles[title] for title in (plain_title(item.title) for item in unknown) if title in titles)
    return tuple(found)


def needs_title_check(look: PollResult, known: Mapping[str, SeenKey], state: FeedState) -> bool:
    """Whether `decide` needs the titles of what is stored of the feed: so much of the listing is unseen that it may be a new content
    system's, or a known guid is all that is known of a listed item."""
    renewed = state.polls > 0 and recognition.under_new_guids(look.keys, known)
    return renewed or (bool(known) and any(known_alone(keys, known) for keys in look.keys))


def decide(
    look: PollResult,
    known: Mapping[str, SeenKey],
    state: FeedState,
    now: datetime,
    limits: Limits,
    *,
    stored: Mapping[int, Item] | None = None,
    titles: Mapping[str, int] | None = None,
    jitter: float = 0.5,
    pushed: bool = False,
) -> VisitPlan:
    """The plan for one look. `known` holds those of the look's keys that the store knows, `stored` the items of `keys_to_verify` as far as
    they
    are still there, `titles` for a look that `needs_title_check` the plain titles of the feed's stored items, with their ids; `jitter` is
    in [0, 1); `pushed`: a hub brings the feed's news, so that looks are a safety net."""
    if look.outcome != "items":
        return VisitPlan(poll_schedule.next_state(state, look, now, limits, jitter=jitter, pushed=pushed))
    verdicts = recognition.recognise(look.items, look.keys, known, stored or {}, now, titles=titles)
    verdicts = _renewed(look, verdicts, known, state, stored=stored or {}, titles=titles or {})
    visit = _planned(look, verdicts, known, state, now)
    count, fresh = _counted(visit)
    return replace(visit, state=poll_schedule.next_state(state, look, now, limits, new=count, fresh=fresh, jitter=jitter, pushed=pushed))


def decide_brought(
    look: PollResult,
    known: Mapping[str, SeenKey],
    state: FeedState,
    now: datetime,
    *,
    stored: Mapping[int, Item] | None = None,
    titles: Mapping[str, int] | None = None,
) -> VisitPlan:
    """The plan for what a hub brought: new items are told as those of any look; when to look next, and with which validators, stays."""
    verdicts = recognition.recognise(look.items, look.keys, known, stored or {}, now, whole=False, titles=titles)
    verdicts = _renewed(look, verdicts, known, state, stored=stored or {}, titles=titles or {})
    visit = _planned(look, verdicts, known, state, now)
    count, fresh = _counted(visit)
    return replace(visit, state=poll_schedule.next_state_after_push(state, look, now, new=count, fresh=fresh))


def _counted(visit: VisitPlan) -> tuple[int, list[Item]]:
    """How many items are new, and those of them that are news."""
    new = [item for item in visit.new if item.again is None]
    return len(new), [item.item for item in new if not item.baseline]


def _planned(look: PollResult, verdicts: Sequence[Verdict], known: Mapping[str, SeenKey], state: FeedState, now: datetime) -> VisitPlan:
    """What is new (the oldest first), which keys are learnt, touched and taken; the state is the old one."""
    standings = classify(look.items, [one.kind != "seen" for one in verdicts], state, now)
    repeats: dict[int, list[str]] = {}
    for one in verdicts:
        if one.place is not None:
            repeats.setdefault(one.place, []).extend(one.keys)
    new: list[NewItem] = []
    more: list[tuple[str, int | None]] = []
    taken: list[tuple[str, int | None]] = []
    for place, (item, verdict, standing) in enumerate(zip(look.items, verdicts, standings, strict=True)):
        if verdict.kind != "seen":
            keys = (*verdict.keys, *repeats.get(place, ()))
            # What another feed listed long ago is no news, whatever this one adds.
            late = bool(verdict.shared or verdict.item is not None) and item.published is not None and item.published < now - LATE
            new.append(NewItem(item, keys, late or standing == "baseline", verdict.item, verdict.taken, verdict.shared))
        elif verdict.place is None:
            more += [(key, verdict.item) for key in (*verdict.keys, *repeats.get(place, ()))]
            taken += [(key, verdict.item) for key in verdict.taken]
    new.reverse()
    stale = iso(now - TOUCH_AFTER)
    touched = [key for keys in look.keys for key in keys if key in known and known[key].last_seen_at < stale] if known else []
    return VisitPlan(state, tuple(new), tuple(more), tuple(touched), tuple(taken))


def _renewed(
    look: PollResult,
    verdicts: list[Verdict],
    known: Mapping[str, SeenKey],
    state: FeedState,
    *,
    stored: Mapping[int, Item],
    titles: Mapping[str, int],
) -> list[Verdict]:
    """The verdicts, where a mass is new with what is listed under new guids, addresses and dates recognised by its titles."""
    if not titles or not is_mass(sum(one.kind != "seen" for one in verdicts), len(verdicts), state):
        return verdicts
    listed = {one.item for one in verdicts if one.kind == "seen"}
    answer = list(verdicts)
    for place, (item, verdict) in enumerate(zip(look.items, verdicts, strict=True)):
        owner = titles.get(plain_title(item.title)) if verdict.kind == "new" else None
        old = stored.get(owner) if owner is not None else None
        if owner is not None and owner not in listed and (old is None or is_same_renewed(old, item)):
            listed.add(owner)
            answer[place] = Verdict("seen", owner, keys=tuple(key for key in verdict.keys if key not in known))
    return answer
