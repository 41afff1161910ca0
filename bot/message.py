"""Defines the values that pass between what is to be said and who says it: Message, Button, Sent, NotSent, and the ChatService protocol.

A chat service (console, Telegram, others) sends one Message and answers with a value: what became of it is decided by the outbox, never
by the service. `to_json`/`from_json` are the form in which a message stands in `deliveries.body`. Must not know any service or the store.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

Trouble = Literal["retry", "server_error", "uncertain", "refused", "flood", "gone", "migrated", "bad_markup", "poison"]


@dataclass(frozen=True, slots=True)
class Button:
    """A key under a message. Exactly one of `url` (opens it) and `data` (a signed callback of at most 64 bytes) is set."""

    text: str
    url: str | None = None
    data: str | None = None


Rows = tuple[tuple[Button, ...], ...]


def keys_to_json(rows: Rows) -> list[list[dict[str, str | None]]]:
    """Rows of keys as they stand in JSON."""
    return [[{"text": key.text, "url": key.url, "data": key.data} for key in row] for row in rows]


def keys_from_json(raw: Iterable[Iterable[Mapping[str, Any]]]) -> Rows:
    """Reads what `keys_to_json` made. Raises KeyError, TypeError or AttributeError for something else."""
    return tuple(tuple(Button(key["text"], key.get("url"), key.get("data")) for key in row) for row in raw)


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one chat, rendered: nothing is left to decide for the service that sends it."""

    chat: str
    """"console", "telegram:<chat_id>", "telegram:<chat_id>/<thread>" or "also:<url_env>"."""
    html: str
    """Telegram's HTML subset, at most 4096 UTF-16 units after entities (1024 with a photo or document)."""
    plain: str
    """The same without markup: for the console, and sent when the service cannot parse `html`."""
    buttons: Rows = ()
    """Rows of keys."""
    photo: bytes | None = None
    """A PNG; `html` is its caption."""
    document: tuple[str, bytes] | None = None
    """File name and content; `html` is its caption."""
    edit: str | None = None
    """The service's id of the message that this one replaces."""
    reply_to: str | None = None
    """The service's id of the message that this one answers."""
    silent: bool = False
    """Arrives without a sound."""
    force_reply: bool = False
    """Opens the input field as an answer to this message: how a bot hears more than commands in a group."""

    def to_json(self) -> str:
        """The message as one JSON object; bytes as base64."""
        return json.dumps(
            {
                "chat": self.chat,
                "html": self.html,
                "plain": self.plain,
                "buttons": keys_to_json(self.buttons),
                "photo": None if self.photo is None else base64.b64encode(self.photo).decode("ascii"),
                "document": None if self.document is None else [self.document[0], base64.b64encode(self.document[1]).decode("ascii")],
                "edit": self.edit,
                "reply_to": self.reply_to,
                "silent": self.silent,
                "force_reply": self.force_reply,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, body: str) -> Message:
        """Reads what `to_json` wrote. Raises ValueError (KeyError, TypeError included) when it is not that."""
        try:
            raw: dict[str, Any] = json.loads(body)
            document = raw.get("document")
            photo = raw.get("photo")
            return cls(
                chat=str(raw["chat"]),
                html=str(raw["html"]),
                plain=str(raw["plain"]),
                buttons=keys_from_json(raw.get("buttons", ())),
                photo=None if photo is None else base64.b64decode(photo),
                document=None if document is None else (str(document[0]), base64.b64decode(document[1])),
                edit=raw.get("edit"),
                reply_to=raw.get("reply_to"),
                silent=bool(raw.get("silent", False)),
                force_reply=bool(raw.get("force_reply", False)),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a stored message: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Sent:
    """The service has it. `message_id` is the service's name for it, "" where it has none (then it cannot be edited or answered)."""

    message_id: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The service does not have it, or nobody knows. `kind` says which, and so what the outbox does:

    - "retry": it surely did not arrive, and no other message would (the connection never opened, the token is wrong): sent again soon.
    - "server_error": the service answered that it failed (5xx before acting), perhaps over this message alone: sent again soon, set
      aside when it stays so.
    - "uncertain": the request went out and no answer came (time-out, reset): it may have arrived.
    - "flood": too many messages; nothing more to this chat for `retry_after` seconds.
    - "migrated": the chat is now `new_chat` (same form as `Message.chat`).
    - "gone": the chat cannot be reached any more (blocked, kicked, deleted, topic closed): the chat is disabled.
    - "bad_markup": the service could not parse `html`: sent again as plain text.
    - "refused": this message will never be accepted (the one to edit is gone, text unchanged, no right to post).
    - "poison": it breaks the service or its library itself (cannot be encoded, unexpected exception): set aside and reported.

    `error` is one line for people, without secrets.
    """

    kind: Trouble
    error: str
    retry_after: float | None = None
    """Seconds."""
    new_chat: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Messages over time. The defaults are Telegram's (core.telegram.org/bots/faq, "My bot is hitting limits"): about 30 a second in
    all, one a second to a chat, 20 a minute to a group; a small margin is added for clocks and network delays."""

    gap: float = 1 / 29.5
    """Seconds between any two messages."""
    chat_gap: float = 1.02
    """Seconds between two messages to one chat."""
    group_count: int = 20
    group_window: float = 60.5
    """At most `group_count` messages to a group within so many seconds; 0: no limit of its own for groups."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The features and limits of a chat service. The defaults are Telegram's; they also hold for chats whose service is not open."""

    can_edit: bool = True
    """A later message can replace an earlier one."""
    has_buttons: bool = True
    """Buttons under a message can be pressed, and the bot gets their callbacks."""
    shows_pictures: bool = True
    needs_pairing: bool = False
    """A chat gets messages only after it was paired or the configuration allowed it."""
    max_units: int = 4096
    """UTF-16 units of the visible text of one message: tags and link addresses do not count."""
    rate_limits: RateLimits = RateLimits()


FULL = Capabilities()
"""Capabilities of a service that is not open: the message holds everything, and the service drops what it cannot show."""


@runtime_checkable
class ChatService(Protocol):
    """Sends messages to the chats of one kind. Adapters know nothing of each other or of the store."""

    @property
    def kind(self) -> str:
        """The beginning of its chats' ids: "console", "telegram", "also"."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """Its features and limits. They do not change."""
        ...

    async def start(self) -> None:
        """Opens what it needs. Raises when it can never work (a wrong token); a network that is down is no reason."""
        ...

    async def stop(self) -> None:
        """Closes it; safe to call twice."""
        ...

    async def send(self, message: Message) -> Sent | NotSent:
        """Sends, or edits when `message.edit` is set. Never raises for what a network or the other side may do."""
        ...
