"""Defines the table `updates`: updates of chats, stored from their receipt until their effect is written.

    received ──keep──► waiting ──(effect and `finish` in one transaction)──► handled

So a restart loses no command and runs none twice: Telegram is told to forget an update only after `keep`, and `keep` stores each id once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.log import redact
from bot.store.store import Store, from_iso, iso

RESTARTS = 3
"""Maximum attempts for an update, in case it stops the program each time."""

KEEP = timedelta(days=8)
"""How long handled updates are kept: longer than Telegram may send them again."""

MAX_AGE = timedelta(days=6)
"""After a week without updates Telegram may go on with any number (Bot API, Update.update_id), so an older offset counts no more."""


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """An update that waits."""

    id: int
    chat: str
    body: Mapping[str, Any]


def keep(store: Store, updates: Iterable[tuple[str, Mapping[str, Any]]], now: datetime) -> int:
    """Writes (chat, update as Telegram gives it) unless its id stands already; how many were new."""
    return sum(
        store.conn.execute(
            "INSERT INTO updates (id, chat, body, received_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (body["update_id"], chat, redact(json.dumps(body, ensure_ascii=False)), iso(now)),
        ).rowcount
        for chat, body in updates
    )


def waiting(store: Store) -> list[PendingUpdate]:
    """Returns the updates that are not handled, in order."""
    rows = store.conn.execute("SELECT id, chat, body FROM updates WHERE handled_at IS NULL ORDER BY id").fetchall()
    return [PendingUpdate(row["id"], row["chat"], json.loads(row["body"])) for row in rows]


def begin(store: Store, update: int) -> bool:
    """Counts an attempt; False when there were too many, then the update is set aside."""
    row = store.conn.execute(
        "UPDATE updates SET attempts = attempts + 1 WHERE id = ? AND handled_at IS NULL RETURNING attempts", (update,)
    ).fetchone()
    return row is not None and row["attempts"] <= RESTARTS


def finish(store: Store, update: int, now: datetime, *, error: str | None = None) -> bool:
    """Marks the update as handled and deletes its content; False if it was handled before (then write nothing)."""
    return (
        store.conn.execute(
            "UPDATE updates SET handled_at = ?, body = '{}', error = ? WHERE id = ? AND handled_at IS NULL", (iso(now), error, update)
        ).rowcount
        > 0
    )


def next_offset(store: Store, now: datetime) -> int | None:
    """From which update on to ask, or None to take what Telegram has kept."""
    row = store.conn.execute("SELECT id, received_at FROM updates ORDER BY received_at DESC, id DESC LIMIT 1").fetchone()
    if row is None or now - from_iso(row["received_at"]) > MAX_AGE:
        return None
    return int(row["id"]) + 1


def prune(store: Store, now: datetime, *, portion: int = 500) -> int:
    """Drops a portion of the handled updates that are older than KEEP, the newest excepted; returns how many, 0 when none is left."""
    return store.conn.execute(
        "DELETE FROM updates WHERE id IN (SELECT id FROM updates WHERE handled_at IS NOT NULL AND received_at < ? "
        "AND id < (SELECT max(id) FROM updates) LIMIT ?)",
        (iso(now - KEEP), portion),
    ).rowcount


def forget_others(store: Store, chat: str, update: int) -> None:
    """Drops the chat's handled updates except this one: of strangers no more is kept."""
    store.conn.execute("DELETE FROM updates WHERE chat = ? AND id != ? AND handled_at IS NOT NULL", (chat, update))


def forget_content(store: Store, update: int) -> None:
    """Forgets who sent the update and what it said; it still waits to be marked as handled."""
    store.conn.execute("UPDATE updates SET chat = '', body = '{}', error = NULL WHERE id = ?", (update,))
