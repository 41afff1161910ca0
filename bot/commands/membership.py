"""Defines how chats are updated when the bot is removed or added again, and when a group changes its id."""

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
"""How long the settings of a chat are kept after the bot was removed."""
FACT_KICKED_AT = "gone_at"


def follow_membership(store: Store, incoming: IncomingUpdate, now: datetime) -> None:
    """Marks the chat and its topics as gone when the bot is removed, and as active when it is added again."""
    for chat in with_topics(store, incoming.base):
        set_state(store, chat, "active" if incoming.present else "gone")
        change_settings(store, chat, {FACT_KICKED_AT: None if incoming.present else iso(now)})
        if not incoming.present:
            deliveries.refuse_chat(store, chat, "the bot is not in the chat any more")
        log.info("chat", chat=chat, state="active" if incoming.present else "gone")
    updates.finish(store, incoming.update, now)


def follow_migration(store: Store, incoming: IncomingUpdate, now: datetime) -> None:
    """Moves everything to the new id when a group becomes a supergroup."""
    for chat in with_topics(store, incoming.base):
        new = incoming.became + chat.removeprefix(incoming.base)
        move_chat(store, chat, new)
        move_labels(store, chat, new)
    updates.finish(store, incoming.update, now)


def forget_gone(store: Store, now: datetime) -> int:
    """Deletes chats from which the bot was removed a month ago; returns their number. Called by the daily retention."""
    kicked = {chat.id: chat.raw.get(FACT_KICKED_AT) for chat in read_chats(store, ChatSettings(), state="gone") if chat.kind == "telegram"}
    old = [chat_id for chat_id, kicked_at in kicked.items() if kicked_at and now - from_iso(kicked_at) > KEPT]
    for chat_id in old:
        forget_chat(store, chat_id)
    return len(old)
