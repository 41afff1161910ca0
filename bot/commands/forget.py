"""Answers /forget: everything about the chat goes, after a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.answer import Answer, Ask, Command, Reply, text
from bot.commands.membership import forget_chat
from bot.texts import word

if TYPE_CHECKING:
    from bot.store import Store


def read(_store: Store, ask: Ask) -> Answer:
    """Asks first."""
    return Answer((Reply(ask.say("forget_ask"), ((ask.key("key_yes", "forget", "yes"), ask.key("key_no", "forget", "no")),)),))


def pressed(store: Store, ask: Ask) -> Answer:
    """Yes or no."""
    if ask.words != "forget:yes":
        return Answer(toast=word(ask.lang, "cancelled"), keys=())
    update = store.conn.execute("SELECT * FROM updates WHERE id = ?", (ask.update,)).fetchone()
    forget_chat(store, ask.known)
    forget_chat(store, ask.chat)
    # The press itself stays until it is marked as handled, else it would be kept and answered again.
    store.conn.execute(
        "INSERT INTO updates (id, chat, body, received_at, attempts) VALUES (?, '', '{}', ?, ?)",
        (update["id"], update["received_at"], update["attempts"]),
    )
    return Answer(text(ask.say("forget_done")).replies, keys=())


COMMAND = Command(read=read, own=True)
KEYS = {"forget": Command(write=pressed, own=True)}
