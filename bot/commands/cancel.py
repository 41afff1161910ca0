"""Answers /cancel, which ends the user's open conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.store.conversations import close_dialogue, read_dialogue

if TYPE_CHECKING:
    from bot.store import Store


def write(store: Store, ask: Request) -> Response:
    """Ends the conversation. In a group the command may be meant for another bot, so without a conversation there is no response."""
    if read_dialogue(store, ask.chat, ask.person, ask.now) is None:
        return text(ask.say("cancel_nothing")) if ask.private else Response()
    close_dialogue(store, ask.chat, ask.person)
    return text(ask.say("cancelled"))


COMMAND = Command(write=write)
