"""Defines what is wrong with the feeds, in words: the lines that the digest and other rooms carry.

The judgement of one feed is `watchers.health`; here is only which of the feeds in the database deserve a line.
"""

from __future__ import annotations

from datetime import datetime

from bot.store import Store
from bot.store.feeds import known_feeds
from watchers.health import health, is_alarming


def troubles(store: Store, now: datetime) -> list[str]:
    """One line for each feed that is parked, silent for too long, or failing for a day; the names in alphabetical order."""
    names = {row[0]: row[1] or row[0] for row in store.conn.execute("SELECT url, name FROM feeds")}
    lines = []
    for known in known_feeds(store):
        found = health(known.state, now)
        if is_alarming(found, known.state, now):
            lines.append(f"{names[known.url]}: {found.says}")
    return sorted(lines)
