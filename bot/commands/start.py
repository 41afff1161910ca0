"""Answers /start in a paired chat; the dispatcher handles pairing codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text

if TYPE_CHECKING:
    from bot.store import Store


def read(_store: Store, request: Request) -> Response:
    """Says that the chat is already paired."""
    return text(request.say("already_in"))


COMMAND = Command(read=read)
