"""Defines how the database is examined: by SQLite itself, and by the rules that its tables keep among each other."""

from __future__ import annotations

import sqlite3

from bot.store.store import Store

_RULES = {
    "hits whose story is missing": "SELECT count(*) FROM hits WHERE story IS NOT NULL AND story NOT IN (SELECT id FROM stories)",
    "items without a key to recognise them": "SELECT count(*) FROM items WHERE id NOT IN (SELECT item FROM seen WHERE item IS NOT NULL)",
    # An answer goes where somebody asked: also to a topic of a known group, and as a farewell to a chat that was just forgotten.
    "deliveries to a chat that nobody knows": (
        "SELECT count(*) FROM deliveries WHERE kind != 'reply' AND chat NOT IN (SELECT id FROM chats)"
    ),
}


def problems(store: Store) -> list[str]:
    """What is wrong with the database, one line each; empty when it is sound. Reads all of it: seconds for a gigabyte."""
    found = []
    try:
        found += [row[0] for row in store.conn.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"a row of {row[0]} points to no row of {row[2]}" for row in store.conn.execute("PRAGMA foreign_key_check")]
        for what, sql in _RULES.items():
            count = store.conn.execute(sql).fetchone()[0]
            if count:
                found.append(f"{count} {what}")
    except sqlite3.DatabaseError as error:
        found.append(str(error))
    return found
