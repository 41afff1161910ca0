"""Answers /language: which language this chat is told in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.command import Command, ReplyMessage, Request, Response, text
from bot.i18n import LANGUAGES, word
from bot.store.chats import change_settings

if TYPE_CHECKING:
    from bot.store import Store

NAMES = {"en": "English", "vi": "Tiếng Việt"}
SPOKEN = {"en": "en", "english": "en", "anh": "en", "vi": "vi", "vietnamese": "vi", "việt": "vi", "tiếng việt": "vi", "tieng viet": "vi"}


def write(store: Store, ask: Request) -> Response:
    """/language · /language vi."""
    chosen = SPOKEN.get(ask.words.strip().lower())
    if chosen is None:
        row = tuple(ask.named_key(NAMES[one], "lang", one) for one in LANGUAGES)
        return Response((ReplyMessage(ask.say("language_ask"), (row,)),))
    change_settings(store, ask.known, {"language": chosen})
    return text(_in(ask, chosen).say("language_now"))


def pressed(store: Store, ask: Request) -> Response:
    """One of the two keys."""
    chosen = ask.words.partition(":")[2]
    if chosen not in LANGUAGES:
        return Response(toast=word(ask.lang, "old_button"), alarm=True)
    change_settings(store, ask.known, {"language": chosen})
    return Response(toast=word(chosen, "language_now"), keys=())


def _in(ask: Request, language: str) -> Request:
    return replace(ask, settings=replace(ask.settings, language=language))  # type: ignore[arg-type]


COMMAND = Command(write=write, own=True)
KEYS = {"lang": Command(write=pressed, own=True)}
