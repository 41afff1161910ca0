"""Answers /digesttime: sets the time of this chat's digest and its time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, Request, Response, text
from bot.local_time import parse_clock, zone
from bot.store.chats import change_settings

if TYPE_CHECKING:
    from bot.store import Store


def write(store: Store, request: Request) -> Response:
    """/digesttime · /digesttime 08:00 · /digesttime 07:30 Asia/Ho_Chi_Minh."""
    words = request.words.split()
    at, tz = request.settings.digest_at, request.settings.timezone
    if not words:
        return text(request.say("digesttime_now", at=f"{at:%H:%M}", zone=tz), request.say("digesttime_ask"))
    try:
        at = parse_clock(words[0])
        changes: dict[str, str] = {"digest_at": f"{at:%H:%M}"}
        if len(words) > 1:
            changes["timezone"] = tz = zone(words[1]).key
    except ValueError:
        return text(request.say("digesttime_ask"))
    change_settings(store, request.known, changes)
    return text(request.say("digesttime_now", at=f"{at:%H:%M}", zone=tz))


COMMAND = Command(write=write, own=True)
