"""Defines the table `secrets`: what only this database knows, made by chance at first use. The bot's token never stands here."""

from __future__ import annotations

import secrets as chance
from datetime import UTC, datetime

from bot.store.store import Store, iso

BUTTONS = "buttons"


def button_secret(store: Store) -> bytes:
    """The key that signs buttons, 32 bytes; made at first use, so the first call must be in a transaction that may write."""
    found = read_secret(store, BUTTONS)
    if found is None:
        found = chance.token_hex(32)
        write_secret(store, BUTTONS, found, datetime.now(UTC))
        found = read_secret(store, BUTTONS) or found
    return bytes.fromhex(found)


def read_secret(store: Store, name: str) -> str | None:
    """What stands under that name, or None."""
    row = store.conn.execute("SELECT value FROM secrets WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def write_secret(store: Store, name: str, value: str, now: datetime) -> None:
    """Writes it unless the name is taken."""
    store.conn.execute("INSERT INTO secrets (name, value, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (name, value, iso(now)))


def take_secret(store: Store, name: str) -> str | None:
    """Removes it and says what it was: a thing that works once. None when there is no such."""
    row = store.conn.execute("DELETE FROM secrets WHERE name = ? RETURNING value", (name,)).fetchone()
    return None if row is None else str(row[0])


def read_secrets(store: Store, prefix: str) -> dict[str, str]:
    """The secrets whose names begin with `prefix`, by name."""
    rows = store.conn.execute("SELECT name, value FROM secrets WHERE substr(name, 1, ?) = ?", (len(prefix), prefix))
    return {row["name"]: row["value"] for row in rows}
