"""Answers /quiet: sets the hours in which this chat's alerts are held back for the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.i18n.translate import Markup
from bot.local_time import QuietHours, parse_quiet_hours
from bot.store.chats import change_settings

if TYPE_CHECKING:
    from bot.store import Store


def write(store: Store, ask: Request) -> Response:
    """/quiet · /quiet 22:00-07:00 · /quiet off."""
    words = "".join(ask.words.split()).lower()
    if not words:
        return text(_said(ask, ask.settings.quiet_hours), ask.say("quiet_ask"))
    if words in {"off", "tắt", "không"}:
        change_settings(store, ask.known, {"quiet_hours": ""})
        return text(_said(ask, None))
    try:
        hours = parse_quiet_hours(words)
    except ValueError:
        return text(ask.say("quiet_ask"))
    change_settings(store, ask.known, {"quiet_hours": str(hours)})
    return text(_said(ask, hours))


def _said(ask: Request, hours: QuietHours | None) -> Markup:
    return ask.say("quiet_now", hours=str(hours), zone=ask.settings.timezone) if hours else ask.say("quiet_off")


COMMAND = Command(write=write, own=True)
