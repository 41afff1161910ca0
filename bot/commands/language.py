"""Answers /language: sets the language of this chat."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.commands.command import Command, ReplyMessage, Request, Response, text
from bot.i18n.translate import languages, t_plain
from bot.store.chats import change_settings

if TYPE_CHECKING:
    from bot.store import Store


def write(store: Store, request: Request) -> Response:
    """/language · /language vi."""
    chosen = _language_called(request.words.strip().lower())
    if chosen is None:
        row = tuple(request.named_key(t_plain(lang, "language.name"), "lang", lang) for lang in languages())
        return Response((ReplyMessage(request.say("language_ask"), (row,)),))
    change_settings(store, request.known, {"language": chosen})
    return text(_in(request, chosen).say("language_now"))


def pressed(store: Store, request: Request) -> Response:
    """Handles the button of a language."""
    chosen = request.callback.argument
    if chosen not in languages():
        return Response(toast=t_plain(request.lang, "old_button"), alarm=True)
    change_settings(store, request.known, {"language": chosen})
    return Response(toast=t_plain(chosen, "language_now"), keys=())


def _language_called(name: str) -> str | None:
    return next((lang for lang in languages() if name in t_plain(lang, "language.called").split(", ")), None)


def _in(request: Request, language: str) -> Request:
    return replace(request, caller=replace(request.caller, settings=replace(request.settings, language=language)))


COMMAND = Command(write=write, own=True)
KEYS = {"lang": Command(write=pressed, own=True)}
