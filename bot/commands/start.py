"""Answers /start from a chat that is in; codes are taken in serving.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text

if TYPE_CHECKING:
    from bot.store import Store


def read(_store: Store, ask: Request) -> Response:
    """Says that all is well."""
    return text(ask.say("already_in"))


COMMAND = Command(read=read)
