"""Defines replay: changed rules over what is stored already; what appears and what disappears."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.polling.live_stories import title_of
from bot.polling.matcher_thread import ItemMatcher
from bot.store import Store, from_iso
from bot.store.hits import add_hits
from bot.store.items import item_of, item_time
from bot.store.stories import add_story
from watchers.match.result import Hit
from watchers.models.item import Item

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Change:
    """A rule and an item between which something changed. `hit` is None where the hit would no longer be there."""

    number: int
    item: Item
    rule: str
    hit: Hit | None


def replay(store: Store, matcher: ItemMatcher, *, since: datetime | None = None, until: datetime | None = None) -> Iterator[Change]:
    """Each hit that today's rules give and that is not stored, and each stored one that they no longer give, by item. Writes nothing."""
    after = 0
    while True:
        rows = store.conn.execute("SELECT * FROM items WHERE id > ? ORDER BY id LIMIT ?", (after, _BATCH)).fetchall()
        if not rows:
            return
        after = rows[-1]["id"]
        stored: dict[int, set[str]] = {}
        for hit in store.conn.execute("SELECT item, rule FROM hits WHERE item BETWEEN ? AND ?", (rows[0]["id"], after)):
            stored.setdefault(hit["item"], set()).add(hit["rule"])
        for row in rows:
            item = item_of(row)
            when = item.published
            if when is not None and ((since and when < since) or (until and when >= until)):
                continue
            known = stored.get(row["id"], set())
            hits = {hit.rule: hit for hit in matcher.match(item).hits}
            for rule in sorted(hits.keys() - known):
                yield Change(row["id"], item, rule, hits[rule])
            for rule in sorted(known - hits.keys()):
                yield Change(row["id"], item, rule, None)


def write_appeared(store: Store, changes: Sequence[Change], now: datetime) -> None:
    """Writes the hits that appeared, each into its item's story, or a new one. Those that disappeared stay: they were told."""
    with store.atomic():
        for change in changes:
            if change.hit is None:
                continue
            row = store.conn.execute("SELECT story FROM hits WHERE item = ? AND story IS NOT NULL", (change.number,)).fetchone()
            story = row[0] if row else _new_story(store, change.number, change.item)
            add_hits(store, change.number, [change.hit], story=story, now=now, origin="backfill")


def _new_story(store: Store, number: int, item: Item) -> int:
    row = store.conn.execute("SELECT first_seen_at, archived FROM items WHERE id = ?", (number,)).fetchone()
    at = item_time(item.published, from_iso(row["first_seen_at"]), archived=bool(row["archived"]))
    return add_story(store, number, title_of(item), at=at, sponsored=item.sponsored)
