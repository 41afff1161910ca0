"""Defines UpdateMethods: what people do in chats becomes updates, which a bot gets by long polling or at its webhook.

The list of commands that apps show stands here too.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from typing import TYPE_CHECKING, Any

from tests.support.bot_api.chats import Chat, Press, Seen, User
from tests.support.bot_api.parameters import Refused

_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
_COMMAND = re.compile(r"/[a-z0-9_]{1,32}(@\w+)?(?=\s|$)")


class UpdateMethods:
    """The part of the server that people's actions pass through."""

    chats: dict[int, Chat]
    bot: dict[str, Any]
    commands: dict[tuple[str, str], list[dict[str, str]]]
    presses: dict[str, Press]
    webhook: dict[str, Any]
    _queue: deque[dict[str, Any]]
    _next_update: int
    _allowed: frozenset[str] | None
    _poll: int
    _changed: asyncio.Condition
    _closing: asyncio.Event

    if TYPE_CHECKING:

        def _new_message(self, chat: Chat, **values: Any) -> Seen: ...
        async def _notify(self) -> None: ...
        def _date(self) -> int: ...

    # --- what people do -----------------------------------------------------------------------------------------------------------------

    async def say(
        self, chat: Chat, text: str, user: User | None = None, *, thread: int | None = None, reply_to: Seen | None = None
    ) -> Seen:
        """Somebody writes. In a group the bot hears only commands, its name and answers to it (privacy mode, the default)."""
        sender = user or chat.user or User(chat.id if chat.id > 0 else 900_001, "Somebody")
        message = self._new_message(
            chat, text=text, from_bot=False, sender=sender, thread=thread, reply_to=reply_to.id if reply_to else None
        )
        if chat.type == "private":
            chat.started = True
        heard = (
            not chat.group
            or text.startswith("/")
            or f"@{self.bot['username']}" in text
            or (reply_to is not None and reply_to.from_bot)
            or self.bot["can_read_all_group_messages"]
        )
        command = _COMMAND.match(text)
        addressed = command[1] if command else None
        if addressed and addressed != f"@{self.bot['username']}" and chat.group:
            heard = False
        if heard and not chat.blocked:
            body = message.to_json(self.bot)
            if command:
                body["entities"] = [{"type": "bot_command", "offset": 0, "length": command.end()}]
            await self.push({"channel_post" if chat.type == "channel" else "message": body})
        return message

    async def press(self, message: Seen, label: str, user: User | None = None) -> Press:
        """Somebody presses the key whose label holds `label`. Raises AssertionError when there is none with a callback."""
        for row in message.keyboard:
            for key in row:
                if label in key["text"] and "callback_data" in key:
                    return await self.press_data(message, key["callback_data"], user)
        raise AssertionError(f"no key {label!r} under {message.text!r}, only {message.buttons}")

    async def press_data(self, message: Seen, data: str, user: User | None = None) -> Press:
        """A press with any callback data, as a forged or an old key would send."""
        press = Press(str(7_000_000_000 + len(self.presses)), data)
        self.presses[press.id] = press
        sender = user or message.chat.user or User(900_001, "Somebody")
        body = {
            "id": press.id, "from": sender.to_json(), "chat_instance": str(abs(message.chat.id)), "data": data,
            "message": message.to_json(self.bot),
        }  # fmt: skip
        await self.push({"callback_query": body})
        return press

    async def kick(self, chat: Chat, user: User | None = None) -> None:
        """The bot is removed from the group, or blocked by the person."""
        chat.blocked = True
        await self._membership(chat, user, "member", "kicked")

    async def readmit(self, chat: Chat, user: User | None = None) -> None:
        """The bot is let in again, or unblocked."""
        chat.blocked = False
        await self._membership(chat, user, "kicked", "member")

    async def _membership(self, chat: Chat, user: User | None, old: str, new: str) -> None:
        sender = user or chat.user or User(900_001, "Somebody")
        member: dict[str, dict[str, Any]] = {"kicked": {"status": "kicked", "until_date": 0}, "member": {"status": "member"}}
        await self.push({
            "my_chat_member": {
                "chat": chat.to_json(), "from": sender.to_json(), "date": self._date(),
                "old_chat_member": member[old] | {"user": self.bot}, "new_chat_member": member[new] | {"user": self.bot},
            }
        })  # fmt: skip

    async def push(self, body: dict[str, Any]) -> int:
        """Queues an update (or posts it to the webhook); its id."""
        number = self._next_update
        self._next_update += 1
        kind = next(iter(body))
        if kind in _NOT_BY_DEFAULT if self._allowed is None else kind not in self._allowed:
            return number
        update = {"update_id": number} | body
        if self.webhook["url"]:
            await self._post(update)
        else:
            self._queue.append(update)
        await self._notify()
        return number

    async def _post(self, update: dict[str, Any]) -> None:
        import aiohttp

        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]} if self.webhook.get("secret_token") else {}
        async with aiohttp.ClientSession() as session, session.post(self.webhook["url"], json=update, headers=headers) as answer:
            if answer.status != 200:
                self._queue.append(update)

    @property
    def waiting(self) -> list[dict[str, Any]]:
        """The updates that the bot has not confirmed yet."""
        return list(self._queue)

    # --- methods ------------------------------------------------------------------------------------------------------------------------

    async def _getUpdates(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        if self.webhook["url"]:
            words = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            raise Refused(409, f"Conflict: {words}")
        limit = values.get("limit", 100)
        if not 1 <= limit <= 100:
            limit = 100
        if "allowed_updates" in values:
            self._allowed = frozenset(values["allowed_updates"]) or None
        offset = values.get("offset", 0)
        if offset < 0:
            while len(self._queue) > -offset:
                self._queue.popleft()
        else:
            while self._queue and self._queue[0]["update_id"] < offset:
                self._queue.popleft()
        self._poll += 1
        mine = self._poll
        await self._notify()
        try:
            async with asyncio.timeout(min(50, values.get("timeout", 0))), self._changed:
                await self._changed.wait_for(lambda: bool(self._queue) or self._poll != mine or self._closing.is_set())
        except TimeoutError:
            pass
        if self._poll != mine:
            raise Refused(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
        return list(self._queue)[:limit]

    def _setWebhook(self, values: dict[str, Any]) -> bool:
        url = values["url"]
        if url and not url.startswith(("https://", "http://127.0.0.1")):  # loopback stands for the TLS end that tests have not
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        secret = values.get("secret_token", "")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = {"url": url, "secret_token": secret}
        if "allowed_updates" in values:
            self._allowed = frozenset(values["allowed_updates"]) or None
        if values.get("drop_pending_updates"):
            self._queue.clear()
        return True

    def _deleteWebhook(self, values: dict[str, Any]) -> bool:
        self.webhook = {"url": ""}
        if values.get("drop_pending_updates"):
            self._queue.clear()
        return True

    def _getWebhookInfo(self, _values: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.webhook["url"], "has_custom_certificate": False, "pending_update_count": len(self._queue)}

    def _setMyCommands(self, values: dict[str, Any]) -> bool:
        if len(values["commands"]) > 100:
            raise Refused(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
        for one in values["commands"]:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", one["command"]):
                raise Refused(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(one["description"]) <= 256:
                raise Refused(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[_scope(values)] = values["commands"]
        return True

    def _getMyCommands(self, values: dict[str, Any]) -> list[dict[str, str]]:
        return self.commands.get(_scope(values), [])

    def _deleteMyCommands(self, values: dict[str, Any]) -> bool:
        self.commands.pop(_scope(values), None)
        return True


def _scope(values: dict[str, Any]) -> tuple[str, str]:
    return json.dumps(values.get("scope", {"type": "default"}), sort_keys=True), values.get("language_code", "")
