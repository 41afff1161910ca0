"""Defines what the pages of the web view need of the database, as values. Reading only, on a connection that cannot write."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.digest.unusual import daily_counts
from bot.local_time import local_date
from bot.store import from_iso, iso
from bot.store.items import ITEM_TIME
from bot.stories.read import read_story
from bot.stories.view import StoryView

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

STORIES = 50
"""On one page."""
DAYS = 14
MONTHS = 12

_NAMING = (
    "SELECT hits.item FROM hits JOIN mentions ON mentions.item = hits.item WHERE hits.story = stories.id "
    "AND (mentions.entity = :entity OR mentions.part_of = :entity)"
)


@dataclass(frozen=True, slots=True)
class StoryPage:
    """Stories, the newest first, and where the older ones begin ("" when there are none)."""

    stories: tuple[StoryView, ...]
    older: str = ""


def stories(store: Store, seeds: Seeds, *, before: str = "", entity: str = "", rule: str = "") -> StoryPage:
    """Stories that moved last before the cursor `before` ("TIME,ID", as `StoryPage.older` gave it), of an entity or a rule where named.

    Those without a time come last; their cursor has none.
    """
    moment, _, number = before.partition(",")
    where, values = ["1"], {"entity": entity, "rule": rule, "moment": moment, "id": int(number) if number.isdecimal() else 0}
    if moment:
        where.append("(last_at < :moment OR (last_at = :moment AND id < :id) OR last_at IS NULL)")
    elif before:
        where.append("(last_at IS NULL AND id < :id)")
    if entity:
        where.append(f"EXISTS ({_NAMING})")
    if rule:
        where.append("EXISTS (SELECT 1 FROM hits WHERE hits.story = stories.id AND hits.rule = :rule)")
    rows = store.conn.execute(
        f"SELECT id, last_at FROM stories WHERE {' AND '.join(where)} ORDER BY last_at DESC, id DESC LIMIT {STORIES + 1}",  # noqa: S608
        values,
    ).fetchall()
    read = [read_story(store, row["id"], seeds) for row in rows[:STORIES]]
    last = rows[STORIES - 1] if len(rows) > STORIES else None
    return StoryPage(tuple(story for story in read if story is not None), f"{last['last_at'] or ''},{last['id']}" if last else "")


def joined_because(store: Store, story: int) -> dict[int, tuple[str, ...]]:
    """Why each later item tells the same news, by item."""
    row = store.conn.execute("SELECT why FROM stories WHERE id = ?", (story,)).fetchone()
    return {load["item"]: tuple(load["why"]) for load in json.loads(row["why"])} if row else {}


def story_of_items(store: Store, items: list[int]) -> dict[int, int]:
    """The story of each item that is in one."""
    marks = ",".join("?" * len(items))
    rows = store.conn.execute(f"SELECT DISTINCT item, story FROM hits WHERE item IN ({marks}) AND story IS NOT NULL", items)  # noqa: S608
    return {row["item"]: row["story"] for row in rows}


@dataclass(frozen=True, slots=True)
class Timeline:
    """Items with a hit that name an entity, by day and by month of their `item_time`."""

    days: tuple[tuple[date, int], ...]
    months: tuple[tuple[date, int], ...]
    """The first of each month."""


def timeline(store: Store, entity: str, now: datetime, tz: str) -> Timeline:
    """The last 14 days and 12 months, each up to today's so far."""
    today = local_date(now, tz)
    counted = daily_counts(store, [entity], now, DAYS, tz)[entity]
    days = tuple((today - timedelta(days=DAYS - 1 - at), n) for at, n in enumerate(counted))
    months = [today.replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    since = datetime(months[-1].year, months[-1].month, 1, tzinfo=now.tzinfo) - timedelta(days=1)
    rows = store.conn.execute(
        f"SELECT {ITEM_TIME} AS at FROM items WHERE {ITEM_TIME} >= ? AND {ITEM_TIME} <= ? AND id IN "  # noqa: S608  (constants)
        "(SELECT hits.item FROM hits JOIN mentions ON mentions.item = hits.item WHERE mentions.entity = ? OR mentions.part_of = ?)",
        (iso(since), iso(now), entity, entity),
    )
    by_month = Counter(local_date(from_iso(row["at"]), tz).replace(day=1) for row in rows)
    return Timeline(days, tuple((month, by_month[month]) for month in reversed(months)))


def events_of(store: Store, entity: str, since: datetime) -> list[tuple[str, int]]:
    """How many items with a hit told of each type of event in which the entity takes part, the commonest first."""
    rows = store.conn.execute(
        "SELECT type, count(DISTINCT events.item) AS n FROM events JOIN items ON items.id = events.item WHERE "  # noqa: S608
        f"{ITEM_TIME} >= :since AND events.item IN (SELECT item FROM hits) AND EXISTS "
        "(SELECT 1 FROM json_each(json_array(json(actors), json(targets))) AS side, json_each(side.value) AS party "
        "WHERE party.value = :entity) GROUP BY type ORDER BY n DESC, type",
        {"since": iso(since), "entity": entity},
    )
    return [(row["type"], row["n"]) for row in rows]


def _iso(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def story_record(story: StoryView, because: dict[int, tuple[str, ...]] | None = None) -> dict[str, Any]:
    """The story as JSON; the keys are those of `seedwatch stories --json`, with its events and reasons."""
    return {
        "id": story.id,
        "title": story.title,
        "first_at": _iso(story.first_at),
        "last_at": _iso(story.last_at),
        "sources": len(story.publishers),
        "entities": sorted(story.entities),
        "items": [
            {
                "id": source.item, "title": source.title, "url": source.url, "source": source.name, "at": _iso(source.at),
                "lang": source.lang, "sponsored": source.sponsored, "joined_because": list((because or {}).get(source.item, ())),
            }
            for source in story.sources
        ],
        "events": [
            {
                "type": happening.type, "actors": list(happening.actors), "targets": list(happening.targets),
                "amount": {"value": happening.amount, "currency": happening.currency} if happening.amount is not None else None,
                "place": happening.place, "date": happening.date, "status": happening.status, "attributed_to": happening.attributed_to,
                "sentence": happening.sentence, "item": happening.item,
            }
            for happening in story.happenings
        ],
        "hits": [
            {"rule": reason.rule, "score": reason.score, "severity": reason.severity, "why": list(reason.why), "item": reason.item}
            for reason in story.reasons
        ],
    }  # fmt: skip
