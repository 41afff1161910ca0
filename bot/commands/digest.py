"""Answers /digest with the digest of a day. This does not mark the digest as sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.commands.command import Command, ReplyMessage, Request, Response, text
from bot.digest.message import messages
from bot.digest.schedule import period_of, read_digest
from bot.i18n import formats
from bot.i18n.translate import Markup
from bot.local_time import FIRST_DAY, local_date
from bot.store.chats import read_chat

if TYPE_CHECKING:
    from bot.store import Store

_DAYS_AGO = {"": 0, "today": 0, "nay": 0, "hôm nay": 0, "hom nay": 0, "yesterday": 1, "qua": 1, "hôm qua": 1, "hom qua": 1}


def read(store: Store, request: Request) -> Response:
    """/digest · /digest yesterday · /digest 2026-03-15."""
    on = _day(request)
    chat = read_chat(store, request.known, request.services.defaults)
    if on is None or chat is None:
        return text(request.say("digest_ask"))
    digest = read_digest(store, chat, on, period_of(store, chat, on, request.now), seeds=request.seeds, now=request.now)
    if digest.empty:
        return text(request.say("digest_none", date=formats.day(request.lang, on)))
    return Response(tuple(ReplyMessage(Markup(message.html)) for message in messages(digest)))


def _day(request: Request) -> date | None:
    """Returns the date; None if the words are not a date or it is in the future."""
    words = request.words.strip().lower()
    today = local_date(request.now, request.settings.timezone)
    if words in _DAYS_AGO:
        return today - timedelta(days=_DAYS_AGO[words])
    try:
        on = date.fromisoformat(words)
    except ValueError:
        parts = words.replace(".", "/").split("/")
        if len(parts) not in {2, 3} or not all(part.isdecimal() for part in parts):
            return None
        try:  # day first, as English and Vietnamese readers of this bot write dates
            on = date(int(parts[2]) if len(parts) == 3 else today.year, int(parts[1]), int(parts[0]))
        except ValueError:
            return None
    return on if FIRST_DAY <= on <= today else None


COMMAND = Command(read=read)
