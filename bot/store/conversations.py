"""Defines the table `dialogues`: the open conversations. Each user has at most one per chat; a new one replaces it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.store.store import Store, iso

CONVERSATION_TTL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Conversation:
    """An open conversation; `state` is what its command stores between two steps."""

    id: int
    kind: str
    state: Mapping[str, Any]


def open_dialogue(store: Store, chat: str, person: str, kind: str, *, state: Mapping[str, Any], now: datetime) -> int:
    """Opens a conversation; returns its id, which its buttons carry."""
    store.conn.execute("DELETE FROM dialogues WHERE chat = ? AND person = ?", (chat, person))
    cursor = store.conn.execute(
        "INSERT INTO dialogues (chat, person, kind, state, expires_at) VALUES (?, ?, ?, ?, ?)",
        (chat, person, kind, json.dumps(dict(state), ensure_ascii=False), iso(now + CONVERSATION_TTL)),
    )
    return int(cursor.lastrowid or 0)


def step(store: Store, dialogue: int, state: Mapping[str, Any], now: datetime) -> None:
    """Stores the new state of the conversation."""
    store.conn.execute(
        "UPDATE dialogues SET state = ?, expires_at = ? WHERE id = ?",
        (json.dumps(dict(state), ensure_ascii=False), iso(now + CONVERSATION_TTL), dialogue),
    )


def read_dialogue(store: Store, chat: str, person: str, now: datetime) -> Conversation | None:
    """Returns the user's open conversation in this chat, or None."""
    row = store.conn.execute(
        "SELECT id, kind, state FROM dialogues WHERE chat = ? AND person = ? AND expires_at > ?", (chat, person, iso(now))
    ).fetchone()
    return None if row is None else Conversation(row["id"], row["kind"], json.loads(row["state"]))


def close_dialogue(store: Store, chat: str, person: str) -> None:
    """Ends the conversation."""
    store.conn.execute("DELETE FROM dialogues WHERE chat = ? AND person = ?", (chat, person))
