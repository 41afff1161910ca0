"""Defines StoryRows, a story with its items, events, mentions and hits as they are stored, and the one listing of stories. Reading only.

`bot.stories.build` makes of them the story that messages and pages show.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from bot.store.hits import read_reasons
from bot.store.items import ITEM_TIME, event_of
from bot.store.outlets import OUTLET
from bot.store.store import Store, from_iso, iso
from watchers.match.result import Event, Reason

BODY_CHARS = 2_000
"""Code points of an item's text that are read with its story."""


@dataclass(frozen=True, slots=True)
class JoinReason:
    """Why an item tells the same news as the items before it."""

    item_id: int
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A row of `stories`. The times are those of its earliest and latest item; None where no item has one."""

    id: int
    title: str
    first_at: datetime | None
    last_at: datetime | None
    items: int
    sources: int
    """How many publishers it has."""
    join_reasons: tuple[JoinReason, ...]
    """In the order in which the items joined; the first item has none."""


@dataclass(frozen=True, slots=True)
class StoryItemRow:
    """An item of a story. `at` is its time (`bot.store.items.item_time`), `body` the beginning of its text or of its summary."""

    id: int
    url: str
    title: str
    body: str
    lang: str
    outlet: str
    published_at: datetime | None
    at: datetime | None
    sponsored: bool


@dataclass(frozen=True, slots=True)
class StoryEventRow:
    """An event of one of the items, with the sentence that tells it."""

    item_id: int
    event: Event
    sentence: str


@dataclass(frozen=True, slots=True)
class StoryMentionRow:
    """An entity that one of the items names, the group that it is a part of, and the words that name it. Each triple once an item."""

    item_id: int
    entity: str
    part_of: str | None
    text: str


@dataclass(frozen=True, slots=True)
class StoryHitRow:
    """A hit of one of the items."""

    id: int
    item_id: int
    rule: str
    score: float
    severity: str
    why: tuple[str, ...]
    """The reasons in English."""
    reasons: tuple[Reason, ...] = ()
    """The same reasons as values; none for a hit of an older version."""


@dataclass(frozen=True, slots=True)
class StoryRows:
    """A story as it is stored. It has at least one item."""

    story: StoryRow
    items: tuple[StoryItemRow, ...]
    """In the order in which they were first seen."""
    events: tuple[StoryEventRow, ...] = ()
    mentions: tuple[StoryMentionRow, ...] = ()
    hits: tuple[StoryHitRow, ...] = ()
    """The best score first."""


@dataclass(frozen=True, slots=True)
class StoryCursor:
    """A place in the listing of the latest stories: behind the story of this id, whose `last_at` is this text ("" for none)."""

    last_at: str
    story_id: int


_NAMING = (
    "SELECT hits.item FROM hits JOIN mentions ON mentions.item = hits.item WHERE hits.story = stories.id "
    "AND (mentions.entity = :entity OR mentions.part_of = :entity)"
)
_ORDERS = {"latest": "last_at DESC, id DESC", "biggest": "sources DESC, items DESC, id"}


def list_stories(
    store: Store,
    *,
    since: datetime | None = None,
    undated: bool = True,
    behind: StoryCursor | None = None,
    entity: str = "",
    rule: str = "",
    min_items: int = 1,
    order: Literal["latest", "biggest"] = "latest",
    limit: int | None = None,
) -> list[StoryRow]:
    """At most `limit` stories: those that moved last first, those without a time last; or those with most publishers first.

    `since`: only stories that moved then or later; `undated` adds those without a time. `behind`: only stories that follow this one in
    the order "latest". `entity`, `rule`: only stories that name the entity or a part of it, and that the rule caught.
    """
    where = ["items >= :min_items"]
    values: dict[str, Any] = {"entity": entity, "rule": rule, "min_items": min_items, "limit": -1 if limit is None else limit}
    if since is not None:
        where.append("(last_at >= :since OR (:undated AND last_at IS NULL))")
        values |= {"since": iso(since), "undated": undated}
    if behind is not None:
        where.append(
            "(last_at < :behind OR (last_at = :behind AND id < :behind_id) OR last_at IS NULL)"
            if behind.last_at
            else "(last_at IS NULL AND id < :behind_id)"
        )
        values |= {"behind": behind.last_at, "behind_id": behind.story_id}
    if entity:
        where.append(f"EXISTS ({_NAMING})")
    if rule:
        where.append("EXISTS (SELECT 1 FROM hits WHERE hits.story = stories.id AND hits.rule = :rule)")
    sql = f"SELECT * FROM stories WHERE {' AND '.join(where)} ORDER BY {_ORDERS[order]} LIMIT :limit"  # noqa: S608  (texts of this module)
    return [_story(row) for row in store.conn.execute(sql, values)]


def read_story_row(store: Store, story_id: int) -> StoryRow | None:
    """The story of that id, or None."""
    row = store.conn.execute("SELECT * FROM stories WHERE id = ?", (story_id,)).fetchone()
    return None if row is None else _story(row)


def read_story_rows(store: Store, story_id: int) -> StoryRows | None:
    """The story with its items, events, mentions and hits; None when there is no such story or none of its items is left."""
    story = read_story_row(store, story_id)
    items = _items(store, story_id) if story else ()
    if story is None or not items:
        return None
    ids = json.dumps([item.id for item in items])
    events = store.conn.execute("SELECT * FROM events WHERE item IN (SELECT value FROM json_each(?)) ORDER BY id", (ids,))
    mentions = store.conn.execute(
        "SELECT DISTINCT item, entity, part_of, text FROM mentions WHERE item IN (SELECT value FROM json_each(?))", (ids,)
    )
    hits = store.conn.execute("SELECT * FROM hits WHERE story = ? ORDER BY score DESC, id", (story_id,))
    return StoryRows(
        story,
        items,
        tuple(StoryEventRow(row["item"], event_of(row), row["sentence"]) for row in events),
        tuple(StoryMentionRow(*row) for row in mentions),
        tuple(_hit(row) for row in hits),
    )


def _items(store: Store, story_id: int) -> tuple[StoryItemRow, ...]:
    rows = store.conn.execute(
        f"SELECT id, url, title, substr(CASE text WHEN '' THEN summary ELSE text END, 1, {BODY_CHARS}) AS body, lang, sponsored, "  # noqa: S608
        f"published_at, {ITEM_TIME} AS at, {OUTLET} AS outlet "
        "FROM items WHERE id IN (SELECT item FROM hits WHERE story = ?) ORDER BY first_seen_at, id",
        (story_id,),
    )
    return tuple(
        StoryItemRow(
            id=row["id"], url=row["url"], title=row["title"], body=row["body"], lang=row["lang"], outlet=row["outlet"],
            published_at=_moment(row["published_at"]), at=_moment(row["at"]), sponsored=bool(row["sponsored"]),
        )
        for row in rows
    )  # fmt: skip


def _story(row: Mapping[str, Any]) -> StoryRow:
    reasons = tuple(JoinReason(reason["item"], tuple(reason["why"])) for reason in msgspec.json.decode(row["why"]))
    return StoryRow(
        row["id"], row["title"], _moment(row["first_at"]), _moment(row["last_at"]), row["items"], row["sources"], reasons
    )  # fmt: skip


def _hit(row: Mapping[str, Any]) -> StoryHitRow:
    why = tuple(str(reason) for reason in msgspec.json.decode(row["why"]))
    return StoryHitRow(row["id"], row["item"], row["rule"], row["score"], row["severity"], why, read_reasons(row["reasons"]))


def _moment(text: str | None) -> datetime | None:
    return from_iso(text) if text else None
