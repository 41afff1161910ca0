"""Defines Request, Response, ReplyMessage and Command: the input and output of every command, and its declaration.

A command is one module with one `COMMAND`. `fetch` may wait for network and files and must be safe to repeat; `read` runs on the reading
connection; `write` runs inside the transaction that marks the update as handled, so its effect happens once. A command has `read` or
`write`, not both.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.alerts.buttons import NO_BUTTON, CallbackData, button_data
from bot.i18n.translate import Markup, t, t_plain
from bot.message import Button, Message
from bot.render.markup import LIMIT, html_block, join, plain_text, split

if TYPE_CHECKING:
    from bot.commands.context import Caller, Services
    from bot.config import Config
    from bot.store import Store
    from bot.store.chats import ChatSettings
    from seeds.load import Seeds

Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True)
class Request:
    """One command, dialogue answer or pressed button of a caller."""

    update: int
    caller: Caller
    words: str
    """The text after the command, or the answer in a dialogue; "" for a pressed button."""
    now: datetime
    services: Services
    message: str = ""
    """The id of the user's message, or of the message whose button was pressed."""
    answers: str = ""
    callback: CallbackData = NO_BUTTON
    """The pressed button, when the request came from one."""
    fetched: Any = None
    """The result of `fetch`."""

    @property
    def pressed(self) -> bool:
        """True when the request came from a button."""
        return self.callback is not NO_BUTTON

    @property
    def chat(self) -> str:
        """The id of the chat that gets the answer."""
        return self.caller.chat

    @property
    def known(self) -> str:
        """The id of the chat whose settings count."""
        return self.caller.known

    @property
    def person(self) -> str:
        """The caller's number, "" for a channel."""
        return self.caller.person

    @property
    def settings(self) -> ChatSettings:
        """The chat's settings."""
        return self.caller.settings

    @property
    def admin(self) -> bool:
        """True when the caller may change what is watched."""
        return self.caller.admin

    @property
    def private(self) -> bool:
        """True in a person's own chat with the bot."""
        return self.caller.private

    @property
    def lang(self) -> str:
        """The chat's language."""
        return self.settings.language

    @property
    def seeds(self) -> Seeds:
        """The current seeds."""
        return self.services.seeds

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.services.config

    def say(self, key: str, /, **parts: object) -> Markup:
        """Returns a text in the chat's language."""
        return t(self.lang, key, **parts)

    def key(self, label: str, action: str, argument: object = "", choice: object = "", /, **parts: object) -> Button:
        """Returns a button labelled in the chat's language."""
        return Button(t_plain(self.lang, label, **parts), data=button_data(self.services.secret, action, argument, choice))

    def named_key(self, label: str, action: str, argument: object = "", choice: object = "") -> Button:
        """Returns a button with this label."""
        return Button(label, data=button_data(self.services.secret, action, argument, choice))


@dataclass(frozen=True)
class ReplyMessage:
    """One message of a response."""

    html: Markup
    buttons: Rows = ()
    photo: bytes | None = None
    document: tuple[str, bytes] | None = None
    force_reply: bool = False
    edits: bool = False
    """Whether it replaces the message whose button was pressed."""


@dataclass(frozen=True)
class Response:
    """The messages of a response, and changes of the buttons of the message whose button was pressed."""

    replies: tuple[ReplyMessage, ...] = ()
    toast: str = ""
    """A short notice above the chat after a button is pressed: at most 200 characters."""
    alarm: bool = False
    """Whether the notice must be closed by hand."""
    keys: Rows | None = None
    """New buttons under the message; None leaves them unchanged."""


@dataclass(frozen=True)
class Command:
    """How a command, button or conversation works. Exactly one of `read` and `write` is set."""

    read: Callable[[Store, Request], Response] | None = None
    write: Callable[[Store, Request], Response] | None = None
    fetch: Callable[[Request], Awaitable[Any]] | None = None
    admin: bool = False
    """Whether only admins may use it."""
    own: bool = False
    """Whether it changes this chat's settings: in a group only its administrators may use it."""


def text(*parts: Markup, buttons: Rows = ()) -> Response:
    """Returns a response in as few messages as possible, split between parts; the buttons are under the last one."""
    pages = pack(parts)
    return Response(tuple(ReplyMessage(page, buttons if at == len(pages) - 1 else ()) for at, page in enumerate(pages)))


def pack(parts: Iterable[Markup], *, limit: int = LIMIT) -> list[Markup]:
    """Parts as lines of messages within Telegram's length. An empty part is a blank line; a part that is too long by itself goes over to
    the next message, without its markup."""
    blocks, blank = [], ""
    for part in parts:
        if part:
            blocks.append(html_block(blank + part))
        blank = "" if part else "\n"
    messages = split(blocks, limit=limit, between="\n", reserve=0)
    return [Markup(join(message, between="\n")[0].lstrip("\n")) for message in messages]


def join_lines(parts: Sequence[Markup]) -> Markup:
    """Parts as lines of one part."""
    return Markup("\n".join(part for part in parts if part))


def to_message(chat: str, reply: ReplyMessage, pressed: str = "") -> Message:
    """The reply as the outbox takes it; `pressed` is the message that it may replace."""
    return Message(
        chat, reply.html, plain_text(reply.html), buttons=reply.buttons, photo=reply.photo, document=reply.document,
        edit=pressed or None if reply.edits else None, force_reply=reply.force_reply,
    )  # fmt: skip
