"""Answers /help: every command in the chat's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import registry
from bot.commands.command import Command, Request, Response, join_lines, text
from bot.i18n.translate import Markup

if TYPE_CHECKING:
    from bot.store import Store


def read(_store: Store, request: Request) -> Response:
    """Lists the commands; admin commands are marked for other users."""
    entries = []
    for name in registry.COMMANDS:
        command = registry.command(name)
        mark = f" {request.say('help_admin_only')}" if command and command.admin and not request.admin else ""
        entries.append(Markup(f"/{name}: {request.say(f'menu.{name}')}{mark}"))
    return text(request.say("help_head"), Markup(""), join_lines(entries), Markup(""), request.say("help_buttons"))


COMMAND = Command(read=read)
