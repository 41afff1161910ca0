"""Defines IncomingUpdate: one update as the commands see it, read from Telegram's JSON. Values only; knows no library and no database.

Whoever pastes the bot's token into a chat must not find it in an answer or in the database: what was said is redacted on the way in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.i18n.translate import languages
from bot.log import redact

Kind = Literal["message", "press", "membership", "migration"]

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?:\s+(.*))?\Z", re.DOTALL)
PRESENT = frozenset({"member", "administrator", "creator", "restricted"})


@dataclass(frozen=True, slots=True)
class IncomingUpdate:
    """What a user did. Chat ids are our own: "telegram:-100123/7"."""

    update: int
    kind: Kind
    chat: str
    """Where it happened, the topic included; answers go there."""
    base: str
    """The same without the topic."""
    title: str
    private: bool = False
    channel: bool = False
    username: str = ""
    """The chat's public name."""
    person: str = ""
    """Number of who did it; "" for a channel."""
    language: str = ""
    """Code of the language of the person's app, where a file in `bot/i18n` has that language; else ""."""
    text: str = ""
    message: str = ""
    """Number of the message: the one written, or the one whose key was pressed."""
    answers: str = ""
    """Number of the message that it answers."""
    answers_bot: bool = False
    press: str = ""
    data: str = ""
    present: bool = True
    """After a change of membership: whether the bot is in the chat."""
    as_chat: bool = False
    """Written in the name of the group itself: only its administrators can."""
    became: str = ""
    """After a migration: the chat's new id."""

    def names(self) -> list[str]:
        """Returns the possible ids of the chat, the narrowest first. Messages of a forum's general topic name no topic."""
        general = [f"{self.base}/1"] if self.chat == self.base and not self.private else []
        public = [f"telegram:@{self.username}"] if self.username else []
        return [*dict.fromkeys([self.chat, *general, self.base, *public])]

    def command(self, own_name: str) -> tuple[str, str] | None:
        """("latest", "nvidia") for a command meant for the bot of that name, else None."""
        found = _COMMAND.match(self.text.strip())
        if found is None or (found[2] and own_name and found[2].lower() != own_name.lower()):
            return None
        return found[1].lower(), (found[3] or "").strip()


def update_id(body: Any) -> int | None:
    """Returns the update's id; None if this is no update."""
    number = body.get("update_id") if isinstance(body, Mapping) else None
    return number if type(number) is int and 0 <= number < 2**63 else None


def well_formed(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns the update with a question mark for each lone surrogate, which no database accepts. Raises ValueError if it is not JSON."""
    text = json.dumps(body, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        fixed: Mapping[str, Any] = json.loads(text.encode("utf-8", "replace"))
        return fixed
    return body


def read_update(body: Mapping[str, Any]) -> IncomingUpdate | None:
    """Returns the update; None if the bot does not handle it (a photo, a poll, an unreadable one)."""
    try:
        update = int(body["update_id"])
        if press := body.get("callback_query"):
            return _press(update, press)
        if change := body.get("my_chat_member"):
            status = str(change["new_chat_member"]["status"])
            present = status in PRESENT and change["new_chat_member"].get("is_member", True)
            return IncomingUpdate(update, "membership", **_where(change, None), present=bool(present), person=_person(change))
        message = body.get("message") or body.get("channel_post")
        return _message(update, message) if message else None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _where(holder: Mapping[str, Any], thread: Any) -> dict[str, Any]:
    chat = holder["chat"]
    base = f"telegram:{int(chat['id'])}"
    return {
        "chat": f"{base}/{int(thread)}" if thread else base,
        "base": base,
        "title": redact(str(chat.get("title") or chat.get("first_name") or chat.get("username") or "")),
        "private": chat.get("type") == "private",
        "channel": chat.get("type") == "channel",
        "username": str(chat.get("username") or ""),
    }


def _person(holder: Mapping[str, Any]) -> str:
    sender = holder.get("from")
    return str(int(sender["id"])) if sender else ""


def _language(holder: Mapping[str, Any]) -> str:
    code = str((holder.get("from") or {}).get("language_code") or "")
    return code[:2] if code[:2] in languages() else ""


def _thread(message: Mapping[str, Any]) -> Any:
    """Returns the topic of a forum: in other groups the same field identifies a chain of replies."""
    return message.get("message_thread_id") if message.get("is_topic_message") else None


def _message(update: int, message: Mapping[str, Any]) -> IncomingUpdate | None:
    where = _where(message, _thread(message))
    if new := message.get("migrate_to_chat_id"):
        return IncomingUpdate(update, "migration", **where, became=f"telegram:{int(new)}")
    if "text" not in message:
        return None
    answered = message.get("reply_to_message") or {}
    if answered.get("message_id") == message.get("message_thread_id"):
        answered = {}  # a message in a topic "answers" the one that opened it
    as_chat = not where["channel"] and (message.get("sender_chat") or {}).get("id") == message["chat"]["id"]
    return IncomingUpdate(
        update, "message", **where, as_chat=as_chat, person="" if as_chat else _person(message), language=_language(message),
        text=redact(str(message["text"])),
        message=str(int(message["message_id"])), answers=str(answered.get("message_id") or ""),
        answers_bot=bool((answered.get("from") or {}).get("is_bot") or answered.get("sender_chat")),
    )  # fmt: skip


def _press(update: int, press: Mapping[str, Any]) -> IncomingUpdate | None:
    message = press.get("message")
    if not message or "data" not in press:
        return None
    return IncomingUpdate(
        update, "press", **_where(message, _thread(message)), person=_person(press), language=_language(press),
        message=str(int(message["message_id"])), press=str(press["id"]), data=str(press["data"]),
    )  # fmt: skip
