"""Defines the tables `items`, `seen`, `mentions` and `events`: what was published, how it is recognised, and what was found in it.

`seen` outlives `items`: an item that retention has dropped is still known when a feed lists it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from bot.store.bulk_insert import insert
from bot.store.store import Store, from_iso, iso
from watchers.match.result import Amount, Event, Match, Mention, Reason, Salience, UnknownName
from watchers.models.item import Item
from watchers.state.identity import plain_title

_CHUNK = 500
"""Keys in one query; SQLite takes at most 32,766 values, older ones 999."""
MENTIONS_KEPT = 1_000
"""Maximum mentions stored per item, plus the first of each further name: a text that repeats one name would otherwise fill thousands of
rows."""
_json = msgspec.json.Encoder().encode
_read_rows = msgspec.json.Decoder(list[tuple[str, int | None, str]]).decode
_ITEMS = (
    "items (id, feed, url, guid, title, summary, text, lang, published_at, first_seen_at, sponsored, source, author, salience, archived)"
)
ITEM_TIME = "coalesce(min(items.published_at, items.first_seen_at), CASE WHEN items.archived THEN NULL ELSE items.first_seen_at END)"
"""The time of an item in SQL (`item_time` in Python). The index items_time has exactly this expression."""
_EVENTS = 'events (item, type, actors, targets, amount, currency, place, date, status, attributed_to, sentence, field, start, "end")'


class SeenKey(msgspec.Struct, frozen=True):
    """A stored identity key: its item (None if that was dropped), and when a feed last listed it."""

    item: int | None
    last_seen_at: str


class MatchedItem(msgspec.Struct, frozen=True):
    """A new item with its identity keys and its match; None if it was not matched."""

    item: Item
    keys: tuple[str, ...]
    match: Match | None = None


class Caught(msgspec.Struct, frozen=True):
    """The feed of a stored item, whether it is sponsored, and the rules it hit."""

    feed: str
    sponsored: bool
    rules: set[str]


def known_keys(store: Store, keys: Sequence[str]) -> dict[str, SeenKey]:
    """Returns those of `keys` that are stored. They are read as a single JSON row: fetching many rows makes the thread acquire the GIL
    again for each."""
    known = {}
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        marks = ",".join("?" * len(chunk))
        rows = f"SELECT json_group_array(json_array(key, item, last_seen_at)) FROM seen WHERE key IN ({marks})"  # noqa: S608
        for key, item, last_seen_at in _read_rows(store.conn.execute(rows, chunk).fetchone()[0]):
            known[key] = SeenKey(item, last_seen_at)
    return known


def stored_titles(store: Store, feed: str, limit: int) -> dict[str, int]:
    """Returns, for the last `limit` stored items of a feed (its address), the ids by plain title. Titles shared by several of them ("Board
    resolution") are left out."""
    rows = store.conn.execute("SELECT title, id FROM items WHERE feed = ? ORDER BY id DESC LIMIT ?", (feed, limit)).fetchall()
    plain = [(plain_title(title), number) for title, number in rows]
    count = Counter(title for title, _ in plain)
    return {title: number for title, number in plain if title and count[title] == 1}


def touch_keys(store: Store, keys: Iterable[str], now: datetime) -> None:
    """Records that a feed still lists these keys."""
    moment = iso(now)
    store.conn.executemany("UPDATE seen SET last_seen_at = ? WHERE key = ?", [(moment, key) for key in keys])


def add_keys(store: Store, keys: Iterable[tuple[str, int | None]], feed: int | None, now: datetime) -> None:
    """Adds identity keys to stored items."""
    moment = iso(now)
    insert(store.conn, "seen (key, item, feed, last_seen_at)", [(key, item, feed, moment) for key, item in keys], "ON CONFLICT DO NOTHING")


def reassign_keys(store: Store, taken: Iterable[tuple[str, int | None]], now: datetime) -> None:
    """Points each key at another item (the feed reused it for a new item)."""
    moment = iso(now)
    store.conn.executemany("UPDATE seen SET item = ?, last_seen_at = ? WHERE key = ?", [(number, moment, key) for key, number in taken])


def rules_hit(store: Store, numbers: Collection[int]) -> dict[int, Caught]:
    """Returns the rules that these stored items hit."""
    marks = ",".join("?" * len(numbers))
    rows = store.conn.execute(
        "SELECT items.id, items.feed, items.sponsored, hits.rule FROM items LEFT JOIN hits ON hits.item = items.id "  # noqa: S608
        f"WHERE items.id IN ({marks})",
        [*numbers],
    )
    found: dict[int, Caught] = {}
    for number, feed, sponsored, rule in rows:
        caught = found.setdefault(number, Caught(feed, bool(sponsored), set()))
        if rule is not None:
            caught.rules.add(rule)
    return found


def item_time(published: datetime | None, seen: datetime, *, archived: bool) -> datetime | None:
    """When an item counts, everywhere: its own date; for one without a date, or with a date to come, when it was first seen.

    None for an item of an archive without a date: the time of import says nothing about it.
    """
    if published is not None:
        return min(published, seen)
    return None if archived else seen


def add_items(store: Store, found: Sequence[MatchedItem], feed: int | None, now: datetime, *, archived: bool = False) -> list[int]:
    """Writes new items with their keys, mentions and events; gives their ids in order. The caller has checked that they are new.

    `feed` is the id in `feeds`, None for an archive; `archived`: no feed listed them now, they come from an archive. Must
    run inside a transaction: the ids are taken from the sequence by hand, because one statement for many rows costs a third of one for
    each.
    """
    ids = _next_ids(store, len(found))
    add_keys(store, _keys_of(found, ids), feed, now)
    _add_rows(store, found, ids, now, archived)
    return ids


def add_unseen(
    store: Store, found: Sequence[MatchedItem], feed: int | None, now: datetime, *, archived: bool = False
) -> list[int] | None:
    """The same where none of the items' keys is known and no two of them share one; else nothing is written, and None is given.

    Most new items are such, and to write their keys costs less than to ask for them first. Must run inside a transaction.
    """
    ids = _next_ids(store, len(found))
    keys = _keys_of(found, ids)
    before = store.conn.total_changes
    add_keys(store, keys, feed, now)
    if store.conn.total_changes - before < len(keys):
        store.conn.executemany("DELETE FROM seen WHERE key = ? AND item = ?", keys)  # those of them that were written
        return None
    _add_rows(store, found, ids, now, archived)
    return ids


def _next_ids(store: Store, count: int) -> list[int]:
    row = store.conn.execute("SELECT seq FROM sqlite_sequence WHERE name = 'items'").fetchone()
    first = (row[0] if row else 0) + 1
    return list(range(first, first + count))


def _keys_of(found: Sequence[MatchedItem], ids: Sequence[int]) -> list[tuple[str, int | None]]:
    return [(key, number) for number, item in zip(ids, found, strict=True) for key in item.keys]


def _add_rows(store: Store, found: Sequence[MatchedItem], ids: Sequence[int], now: datetime, archived: bool) -> None:
    moment = iso(now)
    insert(store.conn, _ITEMS, [_item_row(item, number, moment, archived) for number, item in zip(ids, found, strict=True)])
    for number, item in zip(ids, found, strict=True):
        if item.match is not None and (item.match.mentions or item.match.events):
            _add_match(store, number, item.item, item.match)


def _item_row(one: MatchedItem, number: int, moment: str, archived: bool) -> tuple[Any, ...]:
    item, match = one.item, one.match
    salience = None
    if match is not None and match.salience:
        salience = _json({entity: [round(value.value, 4), *value.reasons] for entity, value in match.salience.items()}).decode()
    return (
        number, item.feed, item.url, item.guid, item.title, item.summary, item.text, (match.lang if match else "") or item.lang,
        iso(item.published) if item.published else None, moment, int(item.sponsored or (match is not None and match.sponsored)),
        item.source, item.author, salience, int(archived),
    )  # fmt: skip


def _add_match(store: Store, number: int, item: Item, match: Match) -> None:
    insert(
        store.conn,
        'mentions (item, entity, field, start, "end", text, part_of)',
        [
            (number, mention.entity, mention.field, mention.start, mention.end, mention.text, mention.part_of)
            for mention in _kept(match.mentions)
        ],
    )
    insert(store.conn, _EVENTS, [_event_row(number, item, event) for event in match.events])


def _kept(mentions: Sequence[Mention]) -> Sequence[Mention]:
    if len(mentions) <= MENTIONS_KEPT:
        return mentions
    firsts = {mention.entity: mention for mention in reversed(mentions[MENTIONS_KEPT:])}
    named = {mention.entity for mention in mentions[:MENTIONS_KEPT]}
    return [
        *mentions[:MENTIONS_KEPT],
        *(mention for mention in mentions[MENTIONS_KEPT:] if mention.entity not in named and firsts[mention.entity] is mention),
    ]


def _event_row(number: int, item: Item, event: Event) -> tuple[Any, ...]:
    text = {"title": item.title, "summary": item.summary, "text": item.text}[event.field]
    amount = event.amount
    return (
        number, event.type, _parties(event.actors), _parties(event.targets), amount.value if amount else None,
        amount.currency if amount else None, event.place, event.date, event.status, event.attributed_to,
        " ".join(text[event.start : event.end].split()), event.field, event.start, event.end,
    )  # fmt: skip


def _parties(parties: Sequence[str | UnknownName]) -> str:
    return _json([{"name": party.name} if isinstance(party, UnknownName) else party for party in parties]).decode()


def read_item(store: Store, number: int) -> Item | None:
    """The item as it was published, or None."""
    row = store.conn.execute("SELECT * FROM items WHERE id = ?", (number,)).fetchone()
    return None if row is None else item_of(row)


def read_items(store: Store, numbers: Sequence[int]) -> dict[int, Item]:
    """Returns the items that still exist, by id."""
    return {number: item for number in numbers if (item := read_item(store, number)) is not None}


def item_of(row: Mapping[str, Any]) -> Item:
    """The Item in a row of `items`."""
    return Item(
        feed=row["feed"], url=row["url"], guid=row["guid"], title=row["title"], summary=row["summary"], text=row["text"], lang=row["lang"],
        published=from_iso(row["published_at"]) if row["published_at"] else None, source=row["source"], author=row["author"],
        sponsored=bool(row["sponsored"]),
    )  # fmt: skip


def read_match(store: Store, number: int) -> Match:
    """Returns the match of an item without hits and misses; without reasons if an older version wrote them as sentences."""
    row = store.conn.execute("SELECT lang, sponsored, salience FROM items WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise LookupError(f"no item {number}")
    mentions = tuple(
        Mention(entity=one["entity"], text=one["text"], field=one["field"], start=one["start"], end=one["end"], part_of=one["part_of"])
        for one in store.conn.execute("SELECT * FROM mentions WHERE item = ? ORDER BY rowid", (number,))
    )
    events = tuple(event_of(one) for one in store.conn.execute("SELECT * FROM events WHERE item = ? ORDER BY id", (number,)))
    salience = {
        entity: Salience(value[0], tuple(msgspec.convert(reason, Reason) for reason in value[1:] if isinstance(reason, dict)))
        for entity, value in (msgspec.json.decode(row["salience"]) if row["salience"] else {}).items()
    }
    return Match(lang=row["lang"], mentions=mentions, events=events, sponsored=bool(row["sponsored"]), salience=salience)


def event_of(row: Mapping[str, Any]) -> Event:
    """The Event in a row of `events`."""
    return Event(
        type=row["type"], actors=_named(row["actors"]), targets=_named(row["targets"]),
        amount=None if row["amount"] is None else Amount(row["amount"], row["currency"] or ""), place=row["place"], date=row["date"],
        status=row["status"], attributed_to=row["attributed_to"], field=row["field"], start=row["start"], end=row["end"],
    )  # fmt: skip


def _named(text: str) -> tuple[str | UnknownName, ...]:
    return tuple(UnknownName(one["name"]) if isinstance(one, dict) else one for one in msgspec.json.decode(text))


def count_items(store: Store, *, since: datetime | None = None) -> int:
    """How many items are stored; with `since`, only those whose time is `since` or later."""
    if since is None:
        return int(store.conn.execute("SELECT count(*) FROM items").fetchone()[0])
    return int(store.conn.execute(f"SELECT count(*) FROM items WHERE {ITEM_TIME} >= ?", (iso(since),)).fetchone()[0])  # noqa: S608


def first_seen_range(store: Store) -> tuple[datetime, datetime] | None:
    """When the oldest and the newest stored item were first seen; None when there is no item."""
    row = store.conn.execute("SELECT min(first_seen_at), max(first_seen_at) FROM items").fetchone()
    return None if row[0] is None else (from_iso(row[0]), from_iso(row[1]))


def named_entities(store: Store, item_id: int) -> set[str]:
    """The entities that the item names; a part counts as its group alone."""
    rows = store.conn.execute("SELECT DISTINCT coalesce(part_of, entity) AS entity FROM mentions WHERE item = ?", (item_id,))
    return {row["entity"] for row in rows}


def items_naming(store: Store, entities: Sequence[str], *, since: datetime, limit: int) -> list[int]:
    """Ids of items that name one of the entities or a part of one, and whose time is `since` or later, the newest first."""
    return _items_in(
        store,
        "SELECT item FROM mentions WHERE entity IN (SELECT value FROM json_each(:values)) "
        "OR part_of IN (SELECT value FROM json_each(:values))",
        entities, since, limit,
    )  # fmt: skip


def items_with_events(store: Store, types: Sequence[str], *, since: datetime, limit: int) -> list[int]:
    """Ids of items with an event of one of the types, and whose time is `since` or later, the newest first."""
    return _items_in(store, "SELECT item FROM events WHERE type IN (SELECT value FROM json_each(:values))", types, since, limit)


def _items_in(store: Store, select: str, values: Sequence[str], since: datetime, limit: int) -> list[int]:
    sql = f"SELECT id FROM items WHERE {ITEM_TIME} >= :since AND id IN ({select}) ORDER BY id DESC LIMIT :limit"  # noqa: S608
    rows = store.conn.execute(sql, {"values": _json(list(values)).decode(), "since": iso(since), "limit": limit})
    return [row["id"] for row in rows]


def items_after(store: Store, item_id: int, *, limit: int) -> list[tuple[int, Item]]:
    """Up to `limit` stored items with an id above `item_id`, in the order of their ids."""
    rows = store.conn.execute("SELECT * FROM items WHERE id > ? ORDER BY id LIMIT ?", (item_id, limit)).fetchall()
    return [(row["id"], item_of(row)) for row in rows]


def stored_item_time(store: Store, item_id: int) -> datetime | None:
    """Returns the time of a stored item (`item_time`)."""
    at = store.conn.execute(f"SELECT {ITEM_TIME} FROM items WHERE id = ?", (item_id,)).fetchone()[0]  # noqa: S608  (a constant)
    return None if at is None else from_iso(at)
