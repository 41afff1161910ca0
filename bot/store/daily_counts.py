"""Defines how many items with a hit there were: by entity, event type or rule, for each day or month. Reading only.

An item counts on the day of its `item_time`: when it was published, though an archive brought it later.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.local_time import local_date
from bot.store.items import ITEM_TIME
from bot.store.store import Store, from_iso, iso


def daily_counts(
    store: Store, entities: Sequence[str], now: datetime, days: int, tz: str = "", *, archives: bool = True
) -> dict[str, list[int]]:
    """For each entity the items with a hit that name it or a part of it, in the last `days` days, oldest first.

    With `tz` the days are the zone's dates, the last one being today's so far; without, spans of 24 hours that end at `now`. Without
    `archives` only items that feeds listed count.
    """
    counts = {entity: [0] * days for entity in entities}
    today = local_date(now, tz or "UTC")
    rows = store.conn.execute(
        f"SELECT wanted.value AS entity, {ITEM_TIME} AS at, count(DISTINCT items.id) AS n FROM items "  # noqa: S608  (constants)
        "CROSS JOIN mentions ON mentions.item = items.id JOIN json_each(:wanted) AS wanted "
        f"ON wanted.value IN (mentions.entity, mentions.part_of) WHERE {ITEM_TIME} > :since AND {ITEM_TIME} <= :now "
        "AND (:archives OR NOT items.archived) AND EXISTS (SELECT 1 FROM hits WHERE hits.item = items.id) GROUP BY wanted.value, at",
        {
            "now": iso(now), "since": iso(now - timedelta(days=days + bool(tz))), "wanted": json.dumps(list(entities)),
            "archives": archives,
        },
    )  # fmt: skip
    for row in rows:
        at = from_iso(row["at"])
        age = (today - local_date(at, tz)).days if tz else int((now - at) / timedelta(days=1))
        if 0 <= age < days:
            counts[row["entity"]][days - 1 - age] += row["n"]
    return counts


def monthly_counts(store: Store, entity: str, now: datetime, months: int, tz: str) -> list[tuple[date, int]]:
    """The items with a hit that name the entity or a part of it, in the last `months` months of the zone, as (first of the month, count),
    oldest first; the last month is today's so far."""
    firsts = [local_date(now, tz).replace(day=1)]
    while len(firsts) < months:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    since = datetime(firsts[-1].year, firsts[-1].month, 1, tzinfo=now.tzinfo) - timedelta(days=1)
    rows = store.conn.execute(
        f"SELECT {ITEM_TIME} AS at FROM items WHERE {ITEM_TIME} >= ? AND {ITEM_TIME} <= ? AND id IN "  # noqa: S608  (constants)
        "(SELECT hits.item FROM hits JOIN mentions ON mentions.item = hits.item WHERE mentions.entity = ? OR mentions.part_of = ?)",
        (iso(since), iso(now), entity, entity),
    )
    counts = Counter(local_date(from_iso(row["at"]), tz).replace(day=1) for row in rows)
    return [(first, counts[first]) for first in reversed(firsts)]


def items_by_entity(store: Store, since: datetime) -> dict[str, int]:
    """Items with a hit, published after `since`, by the entity they name; a part counts for its group too."""
    rows = store.conn.execute(
        f"WITH found AS (SELECT id FROM items WHERE {ITEM_TIME} > :since AND EXISTS "  # noqa: S608  (constants)
        "(SELECT 1 FROM hits WHERE hits.item = items.id)) SELECT entity, count(*) AS n FROM (SELECT mentions.entity, mentions.item "
        "FROM found JOIN mentions ON mentions.item = found.id UNION SELECT mentions.part_of, mentions.item FROM found "
        "JOIN mentions ON mentions.item = found.id WHERE mentions.part_of IS NOT NULL) GROUP BY entity",
        {"since": iso(since)},
    )
    return {row["entity"]: row["n"] for row in rows}


def items_by_event_type(store: Store, entity: str, since: datetime) -> dict[str, int]:
    """Items with a hit, published at `since` or later, by the type of event in which the entity takes part; the commonest type first."""
    rows = store.conn.execute(
        "SELECT type, count(DISTINCT events.item) AS n FROM events JOIN items ON items.id = events.item WHERE "  # noqa: S608
        f"{ITEM_TIME} >= :since AND events.item IN (SELECT item FROM hits) AND EXISTS "
        "(SELECT 1 FROM json_each(json_array(json(actors), json(targets))) AS side, json_each(side.value) AS party "
        "WHERE party.value = :entity) GROUP BY type ORDER BY n DESC, type",
        {"since": iso(since), "entity": entity},
    )
    return {row["type"]: row["n"] for row in rows}


def hits_by_rule(store: Store, since: datetime) -> dict[str, int]:
    """Hits of items that were published after `since`, by rule."""
    rows = store.conn.execute(
        f"SELECT rule, count(*) AS n FROM hits JOIN items ON items.id = hits.item WHERE {ITEM_TIME} > ? GROUP BY rule",  # noqa: S608
        (iso(since),),
    )
    return {row["rule"]: row["n"] for row in rows}


def months_with_hits(store: Store) -> list[str]:
    """The months ("2026-03") in which an item with a hit was published, in order. Items without a date do not count."""
    rows = store.conn.execute(
        "SELECT DISTINCT substr(published_at, 1, 7) AS month FROM items "
        "WHERE published_at IS NOT NULL AND id IN (SELECT item FROM hits) ORDER BY month"
    )
    return [row["month"] for row in rows]


def entity_months(store: Store) -> dict[str, Counter[str]]:
    """Items with a hit by entity and month of publication ("2026-03"); a part counts for its group alone."""
    return _by_month(
        store,
        "SELECT DISTINCT coalesce(mentions.part_of, mentions.entity), items.id, substr(published_at, 1, 7) "
        "FROM mentions JOIN items ON items.id = mentions.item WHERE published_at IS NOT NULL AND items.id IN (SELECT item FROM hits)",
    )


def event_type_months(store: Store) -> dict[str, Counter[str]]:
    """Items with a hit by event type and month of publication ("2026-03")."""
    return _by_month(
        store,
        "SELECT DISTINCT events.type, items.id, substr(published_at, 1, 7) "
        "FROM events JOIN items ON items.id = events.item WHERE published_at IS NOT NULL AND items.id IN (SELECT item FROM hits)",
    )


def _by_month(store: Store, sql: str) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for name, _, month in store.conn.execute(sql):
        counts.setdefault(name, Counter())[month] += 1
    return counts
