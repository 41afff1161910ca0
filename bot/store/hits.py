"""Defines the table `hits`: which rule caught which item, why, and in which story it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from bot.store.items import ITEM_TIME
from bot.store.outlets import OUTLET
from bot.store.store import Store, iso
from watchers.match.result import Hit


@dataclass(frozen=True, slots=True)
class StoredHit:
    """A row of `hits` with what a person needs of its item."""

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
    """Who published it (`bot.store.outlets`)."""
    feed: str
    lang: str
    published_at: str | None
    at: str | None
    """The time of its item, as `item_time` says it; None where nobody knows."""
    sponsored: bool


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
            "INSERT INTO hits (item, rule, story, score, severity, why, created_at, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (item, rule) DO NOTHING",
            (item, hit.rule, story, round(hit.score, 4), hit.severity, msgspec.json.encode(hit.why).decode(), moment, origin),
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


def hit_of(row: Mapping[str, Any]) -> StoredHit:
    """The StoredHit in a row of the join that this module selects."""
    return StoredHit(
        id=row["id"], item=row["item"], rule=row["rule"], story=row["story"], score=row["score"], severity=row["severity"],
        why=tuple(msgspec.json.decode(row["why"])), created_at=row["created_at"], title=row["title"], url=row["url"], outlet=row["outlet"],
        feed=row["feed"], lang=row["lang"], published_at=row["published_at"], at=row["at"], sponsored=bool(row["sponsored"]),
    )  # fmt: skip


def hit_record(hit: StoredHit) -> dict[str, Any]:
    """The hit as one line of JSON output."""
    return {
        "id": hit.id, "item": hit.item, "rule": hit.rule, "story": hit.story, "score": hit.score, "severity": hit.severity,
        "why": list(hit.why), "created_at": hit.created_at, "title": hit.title, "url": hit.url, "source": hit.outlet, "feed": hit.feed,
        "lang": hit.lang, "published_at": hit.published_at, "sponsored": hit.sponsored,
    }  # fmt: skip
