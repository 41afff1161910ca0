"""Defines what becomes of a chat that the bot is thrown out of, let into again, or that changes its id."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.commands.update import IncomingUpdate
from bot.store import deliveries, from_iso, iso, updates
from bot.store.chats import ChatSettings, change_settings, forget_chat, move_chat, read_chats, set_state, with_topics
from bot.store.feedback import move_labels

if TYPE_CHECKING:
    from bot.store import Store

log = structlog.get_logger(__name__)

KEPT = timedelta(days=30)
"""How long the settings of a chat outlive the bot's being thrown out."""
FACT_KICKED_AT = "gone_at"


def follow_membership(store: Store, incoming: IncomingUpdate, now: datetime) -> None:
    """The bot was removed from a chat or let in again: the chat and its topics are gone, or active as before."""
    for chat in with_topics(store, incoming.base):
        set_state(store, chat, "active" if incoming.present else "gone")
        change_settings(store, chat, {FACT_KICKED_AT: None if incoming.present else iso(now)})
        if not incoming.present:
            deliveries.refuse_chat(store, chat, "the bot is not in the chat any more")
        log.info("chat", chat=chat, state="active" if incoming.present else "gone")
    updates.finish(store, incoming.update, now)


def follow_migration(store: Store, incoming: IncomingUpdate, now: datetime) -> None:
    """A group became a supergroup: everything moves to the new id."""
    for chat in with_topics(store, incoming.base):
        new = incoming.became + chat.removeprefix(incoming.base)
        move_chat(store, chat, new)
        move_labels(store, chat, new)
    updates.finish(store, incoming.update, now)


def forget_gone(store: Store, now: datetime) -> int:
    """Drops chats that the bot was thrown out of a month ago; how many. For the daily retention."""
    kicked = {chat.id: chat.raw.get(FACT_KICKED_AT) for chat in read_chats(store, ChatSettings(), state="gone") if chat.kind == "telegram"}
    old = [chat_id for chat_id, kicked_at in kicked.items() if kicked_at and now - from_iso(kicked_at) > KEPT]
    for chat_id in old:
        forget_chat(store, chat_id)
    return len(old)
