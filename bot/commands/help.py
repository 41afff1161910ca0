"""Answers /help: every command in the chat's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import registry
from bot.commands.command import Answer, Ask, Command, lines, text
from bot.i18n import Html

if TYPE_CHECKING:
    from bot.store import Store


def read(_store: Store, ask: Ask) -> Answer:
    """The list; what only admins may do is marked for the others."""
    entries = []
    for name in registry.COMMANDS:
        command = registry.command(name)
        mark = f" {ask.say('help_admin_only')}" if command and command.admin and not ask.admin else ""
        entries.append(Html(f"/{name}: {ask.say(f'about_{name}')}{mark}"))
    return text(ask.say("help_head"), Html(""), lines(entries), Html(""), ask.say("help_buttons"))


COMMAND = Command(read=read)
