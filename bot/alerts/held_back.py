"""Defines release_held: what was held back from a chat that gets no digests goes out once nothing holds it any more.

Quiet hours and caps put alerts into the next digest. A chat that wants alerts alone has none, and shall not lose them: they leave in the
order written when the quiet hours are over, as many an hour as the chat allows, with the words of the story as it stands by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bot.alerts.plan import HOUR, NO_SERVICES, hold_reason, rerender_alert
from bot.store import chats as chat_rows
from bot.store import deliveries
from bot.store.story_deliveries import alerts_since

if TYPE_CHECKING:
    from bot.config import Config
    from bot.message import Capabilities
    from bot.store import Store
    from bot.store.chats import Chat
    from seeds.load import Seeds


def waiting_for_release(store: Store, config: Config) -> tuple[Chat, ...]:
    """Chats without digests for which something is held back."""
    alone = (chat for chat in chat_rows.read_chats(store, chat_rows.default_settings(config)) if "digest" not in chat.settings.send)
    return tuple(chat for chat in alone if deliveries.held_messages(store, chat.id))


def release_held(
    store: Store, seeds: Seeds, config: Config, now: datetime, *, capabilities: Mapping[str, Capabilities] = NO_SERVICES
) -> int:
    """Lets out what nothing holds at `now`; returns how many. Call it in a transaction."""
    released = 0
    for chat in waiting_for_release(store, config):
        recent = alerts_since(store, now - HOUR, now).get(chat.id, 0)
        for held in deliveries.held_messages(store, chat.id):
            if hold_reason(chat.settings, recent, now) is not None:
                break
            if held.kind == "alert":
                new = rerender_alert(store, chat, held.story_id, seeds=seeds, recent=recent, now=now, capabilities=capabilities)
                if new is None:  # muted, snoozed or of another rule by now
                    continue
                deliveries.add(store, new, now)
            deliveries.release(store, held.id, now)
            recent += 1
            released += 1
    return released
