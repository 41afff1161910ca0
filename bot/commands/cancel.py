"""Answers /cancel, which ends the user's open conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.store.conversations import close_dialogue, read_dialogue

if TYPE_CHECKING:
    from bot.store import Store


def write(store: Store, request: Request) -> Response:
    """Ends the conversation. In a group the command may be meant for another bot, so without a conversation there is no response."""
    if read_dialogue(store, request.chat, request.person, request.now) is None:
        return text(request.say("cancel_nothing")) if request.private else Response()
    close_dialogue(store, request.chat, request.person)
    return text(request.say("cancelled"))


COMMAND = Command(write=write)
