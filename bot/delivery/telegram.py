"""Defines TelegramChat: messages to Telegram through python-telegram-bot, and what becomes of each as the outbox understands it.

What went wrong is decided by whether the request can have arrived:

- it never left (no connection, no free connection, wrong token): "retry";
- the Bot API itself said that it failed (500), or nobody took the request up (503): "server_error";
- it left and no answer came (time-out, reset), or a gateway answered in the Bot API's place (502, 504, a page that is no JSON),
  which says nothing about what the Bot API did behind it: "uncertain".

The only module that knows python-telegram-bot. It must not decide about repeating, nor touch the store. The token leaves it only as part
of request addresses; every error text passes `bot.log.redact`, and the libraries' loggers pass a filter that does the same.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx
from pydantic import SecretStr
from telegram import Bot, BotCommand, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram import Message as TelegramMessage
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from bot.log import keep_secret, redact
from bot.message import Button, Capabilities, Message, NotSent, Sent, Trouble

KIND = "telegram"
GENERAL = "1"
"""The thread of a forum's general topic."""
UPDATES = ("message", "channel_post", "callback_query", "my_chat_member")
"""The kinds of updates that the bot asks for."""

os.environ.setdefault("PTB_TIMEDELTA", "true")  # else PTB warns about its own plans each time that Telegram asks to wait

_UPDATE_ID = re.compile(rb'"update_id"\s*:\s*(\d{1,18})\b')
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_GONE = (
    "chat not found", "user not found", "peer_id_invalid", "group chat was deactivated", "topic_closed", "topic_deleted",
    "message thread not found", "chat_write_forbidden", "not enough rights", "have no rights", "channel_private", "chat_restricted",
)  # fmt: skip
"""Parts of refusals after which nothing reaches the chat until somebody there changes it."""
_BAD_PHOTO = ("image_process_failed", "photo_invalid_dimensions", "photo_save_file_invalid", "wrong type of the web page content")


class TokenRefusedError(Exception):
    """Telegram does not know the token. The message never holds it."""


class _ServerError(NetworkError):
    """The other side answered 5xx. `acted`: it may have carried the request out all the same."""

    def __init__(self, status: int, *, acted: bool) -> None:
        super().__init__(f"the server answered {status}")
        self.acted = acted


class _UnreadableError(TelegramError):
    """An answer that is no JSON, or none that Python can read."""

    def __init__(self, payload: bytes) -> None:
        super().__init__("the answer is not JSON")
        self.payload = payload


class _Request(HTTPXRequest):
    """PTB's requests, with the answers kept apart that PTB throws together."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """See BaseRequest. Without its traceback in the log."""
        try:
            found: dict[str, Any] = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise _UnreadableError(payload) from None
        return found

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        status, payload = await super().do_request(*args, **kwargs)
        if status == 413:
            raise BadRequest("Request Entity Too Large")
        if status >= 500:
            try:
                said_by_api = json.loads(payload).get("ok") is False
            except (ValueError, AttributeError):
                said_by_api = False
            raise _ServerError(status, acted=not (status == 503 or (said_by_api and status == 500)))
        return status, payload


class _RedactingFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True


def _guard_logs() -> None:
    """Puts the filter before everything that PTB and httpx may log, once."""
    names = ("telegram", "telegram.Bot", "telegram.request.BaseRequest", "telegram.request.HTTPXRequest", "httpx", "httpcore")
    for name in (*names, "httpcore.connection", "httpcore.http11", "httpcore.proxy"):
        logger = logging.getLogger(name)
        if not any(isinstance(one, _RedactingFilter) for one in logger.filters):
            logger.addFilter(_RedactingFilter())


class TelegramChat:
    """The Telegram chat service. `timeout` is how long an answer may take, in seconds; `base_url` as in config.toml."""

    kind = KIND
    capabilities = Capabilities(needs_pairing=True)

    def __init__(
        self,
        token: SecretStr,
        base_url: str = "https://api.telegram.org/bot",
        *,
        link_preview: bool = False,
        timeout: float = 20.0,
        connect_timeout: float = 10.0,
    ) -> None:
        keep_secret(token.get_secret_value())
        _guard_logs()
        common: dict[str, Any] = {"read_timeout": timeout, "write_timeout": timeout, "connect_timeout": connect_timeout}
        common["media_write_timeout"] = 3 * timeout
        self._bot = Bot(
            token.get_secret_value(),
            base_url=base_url,
            base_file_url=base_url.removesuffix("/bot") + "/file/bot",
            request=_Request(connection_pool_size=32, pool_timeout=timeout, **common),
            get_updates_request=_Request(connection_pool_size=2, pool_timeout=timeout, **common),
        )
        self._preview = LinkPreviewOptions(is_disabled=not link_preview, prefer_small_media=True if link_preview else None)
        self._timeout = timeout
        self._open = True
        self.username = ""
        """The bot's own name, known once Telegram answered."""

    # --- ChatService --------------------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Asks Telegram who the bot is, unless that is known. Raises TokenRefusedError for a token it does not know; a network that is
        down is no reason, then `username` stays empty."""
        if self.username:
            return
        try:
            self.username = (await self._bot.get_me()).username or ""
        except InvalidToken:
            raise TokenRefusedError(
                "Telegram does not know this bot token; copy it again from @BotFather into TELEGRAM_BOT_TOKEN"
            ) from None
        except TelegramError as error:
            logging.getLogger(__name__).warning("telegram is out of reach: %s", redact(str(error)))

    async def stop(self) -> None:
        """Closes the connections; safe to call twice."""
        if self._open:
            self._open = False
            for request in self._bot._request:  # PTB itself closes only what its `initialize` opened, and that needs a network
                await request.shutdown()

    async def send(self, message: Message) -> Sent | NotSent:
        """Sends or edits; never raises for what a network or Telegram may do. See the module for what each trouble means."""
        try:
            return await self._send(message)
        except TelegramError as error:
            return _trouble(error)
        except Exception as error:  # one message must not stop the others; the outbox reports it
            return NotSent("poison", redact(f"{type(error).__name__}: {error}"))

    async def _send(self, message: Message) -> Sent | NotSent:
        try:
            return Sent(message.edit) if message.edit and await self._edit(message) else Sent(str((await self._new(message)).message_id))
        except BadRequest as error:
            said = str(error).lower()
            if "message is not modified" in said and message.edit:
                return Sent(message.edit)
            if message.buttons and "button" in said and "url" in said:  # an odd address in a feed must not lose the alert
                rows = tuple(tuple(key for key in row if key.url is None) for row in message.buttons)
                if rows != message.buttons:
                    return await self._send(replace(message, buttons=tuple(row for row in rows if row)))
            if message.photo is not None and any(part in said for part in _BAD_PHOTO):
                return await self._send(replace(message, photo=None))
            raise

    async def _new(self, message: Message) -> TelegramMessage:
        chat, thread = address(message.chat)
        common: dict[str, Any] = {
            "chat_id": chat,
            "message_thread_id": thread,
            "disable_notification": message.silent or None,
            "reply_markup": keyboard(message.buttons) or (ForceReply(selective=True) if message.force_reply else None),
            "reply_parameters": ReplyParameters(int(message.reply_to), allow_sending_without_reply=True) if message.reply_to else None,
            "parse_mode": ParseMode.HTML if message.html else None,
        }
        text = message.html or message.plain
        if message.photo is not None:
            return await self._bot.send_photo(photo=message.photo, caption=text or None, **common)
        if message.document is not None:
            name, content = message.document
            return await self._bot.send_document(document=content, filename=name, caption=text or None, **common)
        return await self._bot.send_message(text=text, link_preview_options=self._preview, **common)

    async def _edit(self, message: Message) -> bool:
        """Always true: a message that cannot be edited is a refusal, never a new message."""
        chat, _ = address(message.chat)
        assert message.edit is not None
        common: dict[str, Any] = {
            "chat_id": chat,
            "message_id": int(message.edit),
            "reply_markup": keyboard(message.buttons),
            "parse_mode": ParseMode.HTML if message.html else None,
        }
        text = message.html or message.plain
        try:
            await self._bot.edit_message_text(text=text, link_preview_options=self._preview, **common)
        except BadRequest as error:
            if "no text in the message" not in str(error):
                raise
            await self._bot.edit_message_caption(caption=text, **common)
        return True

    # --- what commands and keys need ------------------------------------------------------------------------------------------------------

    async def updates(self, offset: int | None, timeout: float) -> list[Any]:  # noqa: ASYNC109 - the server's, not ours
        """The next updates from `offset` on, waiting up to `timeout` whole seconds for one: what Telegram's JSON holds, whatever that is.

        Of an update that is no JSON its number is left. Raises UpdatesError, which says how long to wait before asking again.
        """
        try:
            try:
                found = await self._get_updates(offset, int(timeout), limit=100)
            except _UnreadableError:  # one update is; those before it come alone
                found = await self._get_updates(offset, 0, limit=1)
        except _UnreadableError as error:
            number = _UPDATE_ID.search(error.payload)
            if number is None:
                raise UpdatesError(str(error)) from None
            return [{"update_id": int(number[1])}]
        except RetryAfter as error:
            raise UpdatesError(redact(str(error)), wait=_seconds(error)) from None
        except TelegramError as error:
            raise UpdatesError(redact(str(error)), wait=30.0 if isinstance(error, InvalidToken) else None) from None
        if not isinstance(found, list):
            raise UpdatesError("the answer holds no list of updates")
        return found

    async def _get_updates(self, offset: int | None, timeout: int, *, limit: int) -> Any:  # noqa: ASYNC109
        """The answer's JSON. PTB's own method makes objects of it, and raises for an update that its version does not know."""
        asked = {"offset": offset, "timeout": timeout, "limit": limit, "allowed_updates": UPDATES}
        return await self._bot._post("getUpdates", asked, read_timeout=self._timeout + timeout)

    async def answer_press(self, press: str, text: str = "", *, alert: bool = False) -> bool:
        """Tells the person who pressed a key; False when it is too late for that (some 15 seconds after the press) or out of reach."""
        try:
            return await self._bot.answer_callback_query(press, text=text[:200] or None, show_alert=alert or None)
        except TelegramError:
            return False

    async def set_keys(self, chat: str, message_id: str, rows: Sequence[Sequence[Button]]) -> bool:
        """Replaces the keys under a message; False when Telegram did not take it (gone, unchanged, out of reach)."""
        try:
            await self._bot.edit_message_reply_markup(address(chat)[0], int(message_id), reply_markup=keyboard(rows))
        except TelegramError:
            return False
        return True

    async def is_admin(self, chat: str, user: int) -> bool | None:
        """Whether the person administrates the group; None when Telegram does not say."""
        try:
            member = await self._bot.get_chat_member(address(chat)[0], user)
        except TelegramError:
            return None
        return member.status in {"creator", "administrator"}

    async def set_commands(self, commands: Mapping[str, Mapping[str, str]]) -> bool:
        """Publishes the list that apps show after "/": by language ("" = everybody else), command → description."""
        try:
            for lang, entries in commands.items():
                await self._bot.set_my_commands([BotCommand(name, said) for name, said in entries.items()], language_code=lang or None)
        except TelegramError as error:
            logging.getLogger(__name__).warning("the list of commands was not published: %s", redact(str(error)))
            return False
        return True

    async def set_webhook(self, url: str, secret: str) -> None:
        """Asks for updates at `url`, or with "" for long polling. Raises UpdatesError."""
        try:
            if url:
                await self._bot.set_webhook(url, secret_token=secret, allowed_updates=UPDATES)
            else:
                await self._bot.delete_webhook()
        except TelegramError as error:
            raise UpdatesError(redact(str(error))) from None


class UpdatesError(Exception):
    """No updates now. `wait`: seconds that Telegram asked to wait, or None."""

    def __init__(self, said: str, *, wait: float | None = None) -> None:
        super().__init__(said)
        self.wait = wait


def address(chat: str) -> tuple[int | str, int | None]:
    """"telegram:-100123/45" as (chat id, thread). Raises ValueError for another kind of chat.

    The general topic of a forum is 1 in links and in apps, but the Bot API refuses that number: it is addressed without one.
    """
    kind, _, rest = chat.partition(":")
    if kind != KIND or not rest:
        raise ValueError(f"not a Telegram chat: {chat!r}")
    number, _, thread = rest.partition("/")
    return (int(number) if number.removeprefix("-").isdigit() else number), (int(thread) if thread not in {"", GENERAL} else None)


def keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """The keys as Telegram takes them; None without any."""
    if not rows:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(key.text, url=key.url, callback_data=key.data) for key in row] for row in rows])


def _seconds(error: RetryAfter) -> float:
    wait = error._retry_after  # the public property warns about its coming change of type
    return wait.total_seconds()


def _trouble(error: TelegramError) -> NotSent:
    """The outbox's word for what PTB raised."""
    said = redact(str(error)) or type(error).__name__
    match error:
        case RetryAfter():
            return NotSent("flood", said, retry_after=_seconds(error))
        case ChatMigrated():
            return NotSent("migrated", said, new_chat=f"{KIND}:{error.new_chat_id}")
        case Forbidden():
            return NotSent("gone", said)
        case InvalidToken():
            return NotSent("retry", "Telegram does not know the bot token")
        case BadRequest():
            return NotSent(_refusal(said.lower()), said)
        case _:
            return _no_answer(error, said)


def _refusal(said: str) -> Trouble:
    if "can't parse entities" in said:
        return "bad_markup"
    return "gone" if any(part in said for part in _GONE) else "refused"


def _no_answer(error: TelegramError, said: str) -> NotSent:
    if isinstance(error, _ServerError):
        return NotSent("uncertain" if error.acted else "server_error", said)
    cause = error.__cause__
    if isinstance(cause, _NEVER_SENT):
        return NotSent("retry", f"no connection: {type(cause).__name__}")
    return NotSent("uncertain", f"no answer: {type(cause).__name__ if cause else said}")
