"""Defines the table `stories`: which hits tell the same news, under which title, and since when.

Which story an item belongs to is decided by `watchers.stories`; the decision is written here and read back when the bot starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from bot.store.items import ITEM_TIME, item_of, read_match
from bot.store.outlets import OUTLET
from bot.store.store import Store, from_iso, iso
from watchers.match.result import Match
from watchers.models.item import Item


def add_story(store: Store, item: int, title: str, *, at: datetime | None, sponsored: bool = False) -> int:
    """A new story that begins with this item, whose time is `at` (None: nobody knows); gives its id.

    A sponsored item begins a story but does not lead it once another joins.
    """
    moment = iso(at) if at else None
    cursor = store.conn.execute(
        "INSERT INTO stories (title, first_at, last_at, items, sources, lead_item) VALUES (?, ?, ?, 1, 1, ?)",
        (title, moment, moment, None if sponsored else item),
    )
    return int(cursor.lastrowid or 0)


def join_story(
    store: Store, story: int, item: int, title: str, why: Sequence[str], *, at: datetime | None, sponsored: bool = False
) -> None:
    """The item (whose hits stand under the story already) tells this story too. The first that is not sponsored leads it."""
    items, sources = store.conn.execute(
        f"SELECT count(DISTINCT items.id), count(DISTINCT {OUTLET}) FROM hits "  # noqa: S608  (a constant)
        "JOIN items ON items.id = hits.item WHERE hits.story = ?",
        (story,),
    ).fetchone()
    row = store.conn.execute("SELECT lead_item, why FROM stories WHERE id = ?", (story,)).fetchone()
    reasons = msgspec.json.encode([*msgspec.json.decode(row["why"]), {"item": item, "why": list(why)}]).decode()
    store.conn.execute("UPDATE stories SET items = ?, sources = ?, why = ? WHERE id = ?", (items, sources, reasons, story))
    if at is not None:
        store.conn.execute(
            "UPDATE stories SET first_at = min(coalesce(first_at, :at), :at), last_at = max(coalesce(last_at, :at), :at) WHERE id = :id",
            {"at": iso(at), "id": story},
        )
    if row["lead_item"] is None and not sponsored:
        store.conn.execute("UPDATE stories SET lead_item = ?, title = ? WHERE id = ?", (item, title, story))


def told_since(store: Store, since: datetime | None) -> Iterator[tuple[int, Item, Match, datetime | None]]:
    """Every item of every story that moved at or after `since` (None: of all stories), as (story, item, what was found in it, its time),
    in the order they arrived."""
    rows = store.conn.execute(
        f"SELECT DISTINCT hits.story AS told, {ITEM_TIME} AS at, items.* FROM hits JOIN items ON items.id = hits.item "  # noqa: S608
        "JOIN stories ON stories.id = hits.story WHERE :since IS NULL OR stories.last_at >= :since ORDER BY items.id",
        {"since": iso(since) if since else None},
    ).fetchall()
    for row in rows:
        yield int(row["told"]), item_of(row), read_match(store, row["id"]), from_iso(row["at"]) if row["at"] else None


def count_stories(store: Store) -> int:
    """How many stories there are."""
    return int(store.conn.execute("SELECT count(*) FROM stories").fetchone()[0])
