"""Defines the table `hits`: which rule matched which item, why, and in which story it is told.

`why` holds the reasons as English sentences, for everybody who reads the database. `reasons` holds them as codes with arguments, from which
messages make words in the chat's language; it is NULL in rows of older versions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from bot.i18n.reasons import english
from bot.store.items import ITEM_TIME
from bot.store.outlets import OUTLET
from bot.store.store import Store, from_iso, iso
from watchers.match.result import Hit, Reason


@dataclass(frozen=True, slots=True)
class StoredHit:
    """A row of `hits` with the fields of its item that are shown."""

    id: int
    item: int
    rule: str
    story: int | None
    score: float
    severity: str
    why: tuple[str, ...]
    created_at: str
    title: str
    url: str
    outlet: str
    """The publisher (`bot.store.outlets`)."""
    feed: str
    lang: str
    published_at: str | None
    at: str | None
    """The time of its item, as `item_time` says it; None where nobody knows."""
    sponsored: bool


_REASONS = msgspec.json.Decoder(tuple[Reason, ...])
_SELECT = (
    "SELECT hits.id, hits.item, hits.rule, hits.story, hits.score, hits.severity, hits.why, hits.created_at, "  # noqa: S608  (constants)
    "items.title, items.url, "
    f"{OUTLET} AS outlet, items.feed, items.lang, items.published_at, items.sponsored, "
    f"{ITEM_TIME} AS at FROM hits JOIN items ON items.id = hits.item"
)


def add_hits(store: Store, item: int, hits: Sequence[Hit], *, story: int | None, now: datetime, origin: str = "poll") -> list[int]:
    """Writes the hits of one item; a (item, rule) that stands already stays as it is. Gives the ids of the rows written.

    `origin` says which way it came: "poll", "first" for the bundled documents, "backfill".
    """
    moment = iso(now)
    written = []
    for hit in hits:
        cursor = store.conn.execute(
            "INSERT INTO hits (item, rule, story, score, severity, why, reasons, created_at, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (item, rule) DO NOTHING",
            (item, hit.rule, story, round(hit.score, 4), hit.severity, _json(english(hit.reasons)), _json(hit.reasons), moment, origin),
        )
        if cursor.rowcount:
            written.append(int(cursor.lastrowid or 0))
    return written


def read_hits(store: Store, *, since: datetime | None = None, ids: Sequence[int] | None = None) -> list[StoredHit]:
    """Hits of items whose time is `since` or later (None: all hits), or hits with one of `ids`; those found first come first."""
    if ids is not None:
        rows = [row for one in ids for row in store.conn.execute(f"{_SELECT} WHERE hits.id = ?", (one,))]
    else:
        where, values = (f"WHERE {ITEM_TIME} >= ?", [iso(since)]) if since else ("", [])
        rows = list(store.conn.execute(f"{_SELECT} {where} ORDER BY hits.id", values))
    return [hit_of(row) for row in rows]


def read_reasons(column: str | None) -> tuple[Reason, ...]:
    """The reasons in the column `reasons`; none for a row of an older version, and for one that is not such a list."""
    try:
        return _REASONS.decode(column) if column else ()
    except msgspec.DecodeError:
        return ()


def hit_of(row: Mapping[str, Any]) -> StoredHit:
    """The StoredHit in a row of the join that this module selects."""
    return StoredHit(
        id=row["id"], item=row["item"], rule=row["rule"], story=row["story"], score=row["score"], severity=row["severity"],
        why=tuple(msgspec.json.decode(row["why"])), created_at=row["created_at"], title=row["title"], url=row["url"], outlet=row["outlet"],
        feed=row["feed"], lang=row["lang"], published_at=row["published_at"], at=row["at"], sponsored=bool(row["sponsored"]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class HitKey:
    """Which item a hit belongs to, under which rule, and in which story (None: in none)."""

    id: int
    item_id: int
    rule: str
    story_id: int | None


def find_hit(store: Store, hit_id: int) -> HitKey | None:
    """The hit of that id, or None when it is gone."""
    row = store.conn.execute("SELECT id, item, rule, story FROM hits WHERE id = ?", (hit_id,)).fetchone()
    return None if row is None else HitKey(*row)


def best_hit_id(store: Store, story_id: int) -> int | None:
    """The hit of the story with the highest score, the oldest of equals; None when the story has none."""
    row = store.conn.execute("SELECT id FROM hits WHERE story = ? ORDER BY score DESC, id LIMIT 1", (story_id,)).fetchone()
    return None if row is None else int(row["id"])


def item_rules(store: Store, item_id: int) -> frozenset[str]:
    """The rules that the item hit."""
    return frozenset(row["rule"] for row in store.conn.execute("SELECT rule FROM hits WHERE item = ?", (item_id,)))


def rules_by_item(store: Store, first_id: int, last_id: int) -> dict[int, set[str]]:
    """The rules that the items from `first_id` to `last_id` hit, by item."""
    rules: dict[int, set[str]] = {}
    for row in store.conn.execute("SELECT item, rule FROM hits WHERE item BETWEEN ? AND ?", (first_id, last_id)):
        rules.setdefault(row["item"], set()).add(row["rule"])
    return rules


def story_of_item(store: Store, item_id: int) -> int | None:
    """The story of the item, or None when it is in none."""
    row = store.conn.execute("SELECT story FROM hits WHERE item = ? AND story IS NOT NULL", (item_id,)).fetchone()
    return None if row is None else int(row["story"])


def rules_with_hits(store: Store) -> set[str]:
    """Returns the rules with at least one hit."""
    return {row["rule"] for row in store.conn.execute("SELECT DISTINCT rule FROM hits")}


def count_hits(store: Store, *, since: datetime | None = None) -> int:
    """How many hits there are; with `since`, only those of items whose time is `since` or later."""
    if since is None:
        return int(store.conn.execute("SELECT count(*) FROM hits").fetchone()[0])
    sql = f"SELECT count(*) FROM hits JOIN items ON items.id = hits.item WHERE {ITEM_TIME} >= ?"  # noqa: S608  (a constant)
    return int(store.conn.execute(sql, (iso(since),)).fetchone()[0])


def first_live_hit_at(store: Store) -> datetime | None:
    """When the first hit was found that did not come from an archive; None when there is none."""
    first = store.conn.execute("SELECT min(created_at) FROM hits WHERE origin NOT IN ('backfill', 'digest')").fetchone()[0]
    return None if first is None else from_iso(first)


@dataclass(frozen=True, slots=True)
class ExplainedHit:
    """Why a rule matched an item, and the words of the item that say so."""

    rule: str
    score: float
    why: tuple[str, ...]
    """The reasons in English."""
    reasons: tuple[Reason, ...]
    """The same reasons as values; none for a hit of an older version."""
    title: str
    sentence: str
    """The first sentence of the item that tells an event; "" when there is none."""


_EXPLAINED = (
    "SELECT hits.rule, hits.score, hits.why, hits.reasons, items.title, coalesce((SELECT sentence FROM events "
    "WHERE events.item = hits.item AND sentence != '' ORDER BY id LIMIT 1), '') AS sentence FROM hits JOIN items ON items.id = hits.item "
)


def explain_story_hits(store: Store, story_id: int) -> list[ExplainedHit]:
    """The hits of a story, the best score first."""
    rows = store.conn.execute(f"{_EXPLAINED} WHERE hits.story = ? ORDER BY hits.score DESC, hits.id", (story_id,))
    return [_explained(row) for row in rows]


def explain_item_hits(store: Store, hit_id: int) -> list[ExplainedHit]:
    """That hit and, after it, the other hits of its item; empty when it is gone."""
    where = "WHERE hits.item = (SELECT item FROM hits WHERE id = ?) ORDER BY hits.id = ? DESC"
    return [_explained(row) for row in store.conn.execute(f"{_EXPLAINED} {where}", (hit_id, hit_id))]


def _explained(row: Mapping[str, Any]) -> ExplainedHit:
    why = tuple(msgspec.json.decode(row["why"]))
    return ExplainedHit(row["rule"], row["score"], why, read_reasons(row["reasons"]), row["title"], row["sentence"])


@dataclass(frozen=True, slots=True)
class HitTotals:
    """How many hits there are, and how many items, stories, publishers and rules they belong to."""

    hits: int
    items: int
    stories: int
    sources: int
    rules: int


def read_hit_totals(store: Store) -> HitTotals:
    """Over all hits."""
    row = store.conn.execute("SELECT count(*), count(DISTINCT item), count(DISTINCT story), count(DISTINCT rule) FROM hits").fetchone()
    sources = store.conn.execute(
        "SELECT count(DISTINCT CASE source WHEN '' THEN feed ELSE source END) FROM items WHERE id IN (SELECT item FROM hits)"
    ).fetchone()
    return HitTotals(row[0], row[1], row[2], sources[0], row[3])


@dataclass(frozen=True, slots=True)
class RuleTotals:
    """How many hits a rule has, and in how many stories."""

    rule: str
    hits: int
    stories: int


def read_rule_totals(store: Store) -> list[RuleTotals]:
    """For each rule that ever hit, the one with most hits first."""
    rows = store.conn.execute(
        "SELECT rule, count(*) AS hits, count(DISTINCT story) AS stories FROM hits GROUP BY rule ORDER BY hits DESC, rule"
    )
    return [RuleTotals(*row) for row in rows]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
