"""Answers /quiet: sets the hours in which this chat's alerts are held back for the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.i18n.translate import Markup
from bot.local_time import QuietHours, parse_quiet_hours
from bot.store.chats import change_settings

if TYPE_CHECKING:
    from bot.store import Store


def write(store: Store, request: Request) -> Response:
    """/quiet · /quiet 22:00-07:00 · /quiet off."""
    words = "".join(request.words.split()).lower()
    if not words:
        return text(_said(request, request.settings.quiet_hours), request.say("quiet_ask"))
    if words in {"off", "tắt", "không"}:
        change_settings(store, request.known, {"quiet_hours": ""})
        return text(_said(request, None))
    try:
        hours = parse_quiet_hours(words)
    except ValueError:
        return text(request.say("quiet_ask"))
    change_settings(store, request.known, {"quiet_hours": str(hours)})
    return text(_said(request, hours))


def _said(request: Request, hours: QuietHours | None) -> Markup:
    return request.say("quiet_now", hours=str(hours), zone=request.settings.timezone) if hours else request.say("quiet_off")


COMMAND = Command(write=write, own=True)
