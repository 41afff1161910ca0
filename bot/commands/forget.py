"""Answers /forget: deletes everything about the chat after a confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.command import Command, ReplyMessage, Request, Response, text
from bot.commands.pairing import has_admin
from bot.i18n.translate import t_plain
from bot.store.chats import forget_chat
from bot.store.updates import forget_content

if TYPE_CHECKING:
    from bot.store import Store


def read(store: Store, request: Request) -> Response:
    """Asks for confirmation; the only admin is warned."""
    last = _is_last_admin(store, request)
    keys = ((request.key("button.yes", "forget", "last" if last else "yes"), request.key("button.no", "forget", "no")),)
    return Response((ReplyMessage(request.say("forget_ask_last" if last else "forget_ask"), keys),))


def pressed(store: Store, request: Request) -> Response:
    """Handles yes or no. Asks again if the chat has become the only admin since."""
    last = _is_last_admin(store, request)
    if request.callback.argument == "yes" and last:
        return Response(read(store, request).replies, keys=())
    if request.callback.argument not in {"yes", "last"}:
        return Response(toast=t_plain(request.lang, "cancelled"), keys=())
    # The update of the button stays, without its chat, until it is marked as handled; otherwise it would be received and answered again.
    forget_content(store, request.update)
    forget_chat(store, request.known)
    forget_chat(store, request.chat)
    return Response(text(request.say("forget_done_last" if last else "forget_done")).replies, keys=())


def _is_last_admin(store: Store, request: Request) -> bool:
    """Whether there would be no admin without this chat."""
    defaults, gone = request.services.defaults, (request.known, request.chat)
    return has_admin(store, defaults, request.config) and not has_admin(store, defaults, request.config, without=gone)


COMMAND = Command(read=read, own=True)
KEYS = {"forget": Command(write=pressed, own=True)}
