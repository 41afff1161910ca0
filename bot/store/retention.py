"""Defines retention: what is dropped from the database, when, and in portions small enough that nobody waits.

Items without a hit go after `store.keep_items`, hits only when `store.keep_hits` is set. Keys by which items are recognised outlive
both: a key goes a year after its feed last listed it, and never while the feed may still list it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.store import Store, StoreThread, iso
from bot.store.search import drop, fill

PORTION = 500
"""Rows in one transaction: some ten milliseconds of the writer's time."""
KEEP_KEYS = timedelta(days=365)
"""A guid or an address outlives its last listing by this: papers bring old articles back for an anniversary. Keys made of titles, which
recognise an item only when both have changed, go with the items: a key costs some 120 bytes, a busy feed lists 20,000 items a year."""
TOUCH_AFTER = timedelta(days=1)
"""A listed key is written anew once it is this old (see bot/polling/visit_plan.py): an older one was not listed at the feed's last good
poll."""


@dataclass
class RetentionCounts:
    """What one run dropped, in rows."""

    items: int = 0
    hits: int = 0
    keys: int = 0
    prunes: list[int] = field(default_factory=list)


async def retain(
    thread: StoreThread,
    *,
    now: datetime,
    keep_items: timedelta,
    keep_hits: timedelta | None,
    prunes: tuple[Callable[[Store, datetime], int], ...] = (),
) -> RetentionCounts:
    """One run. `prunes` are other rooms' portions: called with (store, now) until they drop nothing more."""
    dropped = RetentionCounts()
    while await thread.write(fill):
        pass
    if keep_hits is not None:
        dropped.hits = await _all(thread, drop_hits, now - keep_hits)
    dropped.items = await _all(thread, drop_items, now - keep_items)
    after: str | None = ""
    while after is not None:
        after, count = await thread.write(drop_keys, now - max(KEEP_KEYS, keep_items), now - keep_items, after)
        dropped.keys += count
    for prune in prunes:
        dropped.prunes.append(await _all(thread, prune, now))
    await thread.write_alone(tidy)
    return dropped


async def _all(thread: StoreThread, portion: Callable[[Store, datetime], int], before: datetime) -> int:
    total = 0
    while count := await thread.write(portion, before):
        total += count
    return total


def drop_items(store: Store, before: datetime) -> int:
    """Drops a portion of the items without a hit that were first seen before `before`; gives how many."""
    rows = store.conn.execute(
        "SELECT id FROM items WHERE first_seen_at < ? AND NOT EXISTS (SELECT 1 FROM hits WHERE hits.item = items.id) "
        "ORDER BY first_seen_at LIMIT ?",
        (iso(before), PORTION),
    ).fetchall()
    ids = [row[0] for row in rows]
    drop(store, ids)
    store.conn.executemany("DELETE FROM items WHERE id = ?", [(number,) for number in ids])
    return len(ids)


def drop_hits(store: Store, before: datetime) -> int:
    """Drops a portion of the hits created before `before`, and the stories that have none left; gives how many hits."""
    rows = store.conn.execute("SELECT id, story FROM hits WHERE created_at < ? ORDER BY id LIMIT ?", (iso(before), PORTION)).fetchall()
    store.conn.executemany("DELETE FROM hits WHERE id = ?", [(row[0],) for row in rows])
    stories = {row[1] for row in rows if row[1] is not None}
    store.conn.executemany(
        "DELETE FROM stories WHERE id = ? AND NOT EXISTS (SELECT 1 FROM hits WHERE hits.story = stories.id)",
        [(story,) for story in stories],
    )
    return len(rows)


def drop_keys(store: Store, before: datetime, titles_before: datetime, after: str) -> tuple[str | None, int]:
    """Drops those that may go in a portion of the keys behind `after`; gives the last key looked at (None: the end) and how many went.

    A key may go when it was last listed before `before` (one made of a title: `titles_before`), its item was dropped, and its feed has
    been read since without listing it (or is gone): a feed that answers "unchanged" for a year still lists all it listed.
    """
    rows = store.conn.execute(
        "SELECT seen.key, items.id IS NULL AND "
        "seen.last_seen_at < CASE WHEN substr(seen.key, 1, 2) IN ('g:', 'u:') THEN ? ELSE ? END AND "
        "(feeds.id IS NULL OR feeds.active = 0 OR julianday(feeds.last_parsed_at) - julianday(seen.last_seen_at) > ?) "
        "FROM seen LEFT JOIN items ON items.id = seen.item LEFT JOIN feeds ON feeds.id = seen.feed "
        "WHERE seen.key > ? ORDER BY seen.key LIMIT ?",
        (iso(before), iso(titles_before), 2 * (TOUCH_AFTER / timedelta(days=1)), after, PORTION * 4),
    ).fetchall()
    old = [(row[0],) for row in rows if row[1]]
    store.conn.executemany("DELETE FROM seen WHERE key = ?", old)
    return (rows[-1][0] if rows else None), len(old)


def tidy(store: Store) -> None:
    """Lets SQLite refresh what it knows of the tables and shortens the log file. Outside any transaction."""
    store.conn.execute("PRAGMA optimize")
    store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
