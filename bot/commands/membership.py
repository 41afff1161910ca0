"""Defines what becomes of a chat that the bot is thrown out of, let into again, or that changes its id."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.commands.update import IncomingUpdate
from bot.store import deliveries, from_iso, iso, updates
from bot.store.chats import change_settings, move_chat, remove_chat, set_state

if TYPE_CHECKING:
    from bot.store import Store

log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
"""How long the settings of a chat outlive the bot's being thrown out."""
FACT_KICKED_AT = "gone_at"


def follow_membership(store: Store, incoming: IncomingUpdate, now: datetime) -> None:
    """The bot was removed from a chat or let in again: the chat and its topics are gone, or active as before."""
    for chat in _with_topics(store, incoming.base):
        set_state(store, chat, "active" if incoming.present else "gone")
        change_settings(store, chat, {FACT_KICKED_AT: None if incoming.present else iso(now)})
        if not incoming.present:
            deliveries.refuse_chat(store, chat, "the bot is not in the chat any more")
        log.info("chat", chat=chat, state="active" if incoming.present else "gone")
    updates.finish(store, incoming.update, now)


def follow_migration(store: Store, incoming: IncomingUpdate, now: datetime) -> None:
    """A group became a supergroup: everything moves to the new id."""
    for chat in _with_topics(store, incoming.base):
        new = incoming.became + chat.removeprefix(incoming.base)
        move_chat(store, chat, new)
        store.conn.execute("UPDATE OR REPLACE labels SET chat = ? WHERE chat = ?", (new, chat))
    updates.finish(store, incoming.update, now)


def forget_gone(store: Store, now: datetime) -> int:
    """Drops chats that the bot was thrown out of a month ago; how many. For the daily retention."""
    sql = "SELECT id, settings ->> 'gone_at' AS gone_at FROM chats WHERE state = 'gone' AND kind = 'telegram'"
    rows = store.conn.execute(sql).fetchall()
    old = [row["id"] for row in rows if row["gone_at"] and now - from_iso(row["gone_at"]) > KEPT]
    for chat in old:
        forget_chat(store, chat)
    return len(old)


def forget_chat(store: Store, chat: str) -> None:
    """Everything about the chat: settings, messages, feedback, dialogues, what it said."""
    remove_chat(store, chat)
    for table in ("labels", "dialogues", "updates"):
        store.conn.execute(f"DELETE FROM {table} WHERE chat = ?", (chat,))  # noqa: S608 - names of this line


def _with_topics(store: Store, base: str) -> list[str]:
    rows = store.conn.execute("SELECT id FROM chats WHERE id = ? OR substr(id, 1, ?) = ?", (base, len(base) + 1, f"{base}/")).fetchall()
    return [str(row["id"]) for row in rows]
