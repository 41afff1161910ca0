"""Defines decide and decide_pushed, which plan a visit: which items are new, which identity keys are learned, and the feed's next state.

Pure functions: the poll, the stored keys, the old state and `now` go in; a `VisitPlan` comes out. Nothing is fetched, matched or written
here.
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
from watchers.state.novelty import LATE_AFTER, classify, is_mass
from watchers.state.recognition import Verdict, is_own_key_unconfirmed, is_same_renewed


class NewItem(msgspec.Struct, frozen=True):
    """An item that is not stored yet, or another feed's copy of a stored item that may have further hits."""

    item: Item
    keys: tuple[str, ...]
    """Identity keys that are not stored yet; at least one."""
    baseline: bool
    """Whether the item is stored without alerts."""
    stored_item_id: int | None = None
    """The stored item of another feed that is the same; this one is only written if it has hits that the stored one lacks."""
    reassigned_keys: tuple[str, ...] = ()
    """Stored identity keys that belong to this item from now on."""
    shared_keys: tuple[str, ...] = ()
    """Addresses that identify an item of another feed. They are reassigned to this one if it has all hits of that item."""


class VisitPlan(msgspec.Struct, frozen=True):
    """The changes that a visit will write."""

    state: FeedState
    """The feed's next state."""
    new: tuple[NewItem, ...] = ()
    """The new items, oldest first (feeds list the newest first)."""
    learned_keys: tuple[tuple[str, int | None], ...] = ()
    """New identity keys of stored items, each with the item's id."""
    touched_keys: tuple[str, ...] = ()
    """Stored keys that are still listed and whose `last_seen_at` is due for an update."""
    reassigned_keys: tuple[tuple[str, int | None], ...] = ()
    """Stored keys that now identify another stored item, each with that item's id."""


def keys_to_verify(poll: PollResult, stored_keys: Mapping[str, SeenKey], titles: Mapping[str, int]) -> tuple[int, ...]:
    """Returns the ids of the stored items that `decide` must compare: items whose key, or whose title in a renewed feed, does not prove
    alone that an entry was seen."""
    item_ids = recognition.items_to_compare(poll.keys, stored_keys)
    if titles:
        new_items = (item for item, keys in zip(poll.items, poll.keys, strict=True) if keys[0] not in stored_keys)
        item_ids.update(titles[title] for title in (plain_title(item.title) for item in new_items) if title in titles)
    return tuple(item_ids)


def needs_title_check(poll: PollResult, stored_keys: Mapping[str, SeenKey], state: FeedState) -> bool:
    """Whether `decide` needs the titles of the feed's stored items: either so many entries are new that the site may have a new content
    system, or only the guid of an entry is known."""
    renewed = state.polls > 0 and recognition.under_new_guids(poll.keys, stored_keys)
    return renewed or (bool(stored_keys) and any(is_own_key_unconfirmed(keys, stored_keys) for keys in poll.keys))


def decide(
    poll: PollResult,
    stored_keys: Mapping[str, SeenKey],
    state: FeedState,
    now: datetime,
    limits: Limits,
    *,
    stored_items: Mapping[int, Item] | None = None,
    titles: Mapping[str, int] | None = None,
    jitter: float = 0.5,
    pushed: bool = False,
) -> VisitPlan:
    """Returns the plan for one poll.

    `stored_keys` are the poll's keys that are stored; `stored_items` the items of `keys_to_verify` that still exist. `titles` maps plain
    titles of the feed's stored items to their ids, for a poll that `needs_title_check`. `jitter` is in [0, 1). `pushed`: a hub pushes the
    feed's items, so polls are only a safety net.
    """
    if poll.outcome != "items":
        return VisitPlan(poll_schedule.next_state(state, poll, now, limits, jitter=jitter, has_push=pushed))
    verdicts = recognition.recognise(poll.items, poll.keys, stored_keys, stored_items or {}, now, titles=titles)
    verdicts = _recognise_renewed(poll, verdicts, stored_keys, state, stored_items=stored_items or {}, titles=titles or {})
    plan = _plan_items(poll, verdicts, stored_keys, state, now)
    count, fresh = _count_new(plan)
    return replace(plan, state=poll_schedule.next_state(state, poll, now, limits, new=count, fresh=fresh, jitter=jitter, has_push=pushed))


def decide_pushed(
    poll: PollResult,
    stored_keys: Mapping[str, SeenKey],
    state: FeedState,
    now: datetime,
    *,
    stored_items: Mapping[int, Item] | None = None,
    titles: Mapping[str, int] | None = None,
) -> VisitPlan:
    """Returns the plan for items that a hub pushed. They are treated like polled items; the next poll time and the validators do not
    change."""
    verdicts = recognition.recognise(poll.items, poll.keys, stored_keys, stored_items or {}, now, is_complete=False, titles=titles)
    verdicts = _recognise_renewed(poll, verdicts, stored_keys, state, stored_items=stored_items or {}, titles=titles or {})
    plan = _plan_items(poll, verdicts, stored_keys, state, now)
    count, fresh = _count_new(plan)
    return replace(plan, state=poll_schedule.next_state_after_push(state, poll, now, new=count, fresh=fresh))


def _count_new(plan: VisitPlan) -> tuple[int, list[Item]]:
    """Returns the number of new items, and those of them that are not baseline."""
    new = [item for item in plan.new if item.stored_item_id is None]
    return len(new), [item.item for item in new if not item.baseline]


def _plan_items(
    poll: PollResult, verdicts: Sequence[Verdict], stored_keys: Mapping[str, SeenKey], state: FeedState, now: datetime
) -> VisitPlan:
    """Plans new items (oldest first) and learned, touched and reassigned keys. The plan has the old state."""
    novelties = classify(poll.items, [verdict.kind != "seen" for verdict in verdicts], state, now)
    repeats: dict[int, list[str]] = {}
    for verdict in verdicts:
        if verdict.place is not None:
            repeats.setdefault(verdict.place, []).extend(verdict.keys)
    new: list[NewItem] = []
    learned: list[tuple[str, int | None]] = []
    reassigned: list[tuple[str, int | None]] = []
    for index, (item, verdict, novelty) in enumerate(zip(poll.items, verdicts, novelties, strict=True)):
        if verdict.kind != "seen":
            keys = (*verdict.keys, *repeats.get(index, ()))
            # An old item that another feed listed before is not alerted on, even if this copy has more hits.
            late = bool(verdict.shared or verdict.item is not None) and item.published is not None and item.published < now - LATE_AFTER
            new.append(NewItem(item, keys, late or novelty == "baseline", verdict.item, verdict.taken, verdict.shared))
        elif verdict.place is None:
            learned += [(key, verdict.item) for key in (*verdict.keys, *repeats.get(index, ()))]
            reassigned += [(key, verdict.item) for key in verdict.taken]
    new.reverse()
    stale = iso(now - TOUCH_AFTER)
    touched = (
        [key for keys in poll.keys for key in keys if key in stored_keys and stored_keys[key].last_seen_at < stale] if stored_keys else []
    )
    return VisitPlan(state, tuple(new), tuple(learned), tuple(touched), tuple(reassigned))


def _recognise_renewed(
    poll: PollResult,
    verdicts: list[Verdict],
    stored_keys: Mapping[str, SeenKey],
    state: FeedState,
    *,
    stored_items: Mapping[int, Item],
    titles: Mapping[str, int],
) -> list[Verdict]:
    """Returns the verdicts. If a mass of entries is new, stored items that are listed under new guids, addresses and dates are recognised
    by title."""
    if not titles or not is_mass(sum(verdict.kind != "seen" for verdict in verdicts), len(verdicts), state):
        return verdicts
    listed_ids = {verdict.item for verdict in verdicts if verdict.kind == "seen"}
    recognised = list(verdicts)
    for index, (item, verdict) in enumerate(zip(poll.items, verdicts, strict=True)):
        item_id = titles.get(plain_title(item.title)) if verdict.kind == "new" else None
        stored_item = stored_items.get(item_id) if item_id is not None else None
        if item_id is not None and item_id not in listed_ids and (stored_item is None or is_same_renewed(stored_item, item)):
            listed_ids.add(item_id)
            recognised[index] = Verdict("seen", item_id, keys=tuple(key for key in verdict.keys if key not in stored_keys))
    return recognised
