"""Defines MessageMethods: sending, editing, deleting, answering keys, as Telegram does them and with its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.bot_api.chats import Chat, Press, Seen
from tests.support.bot_api.entities import Entity, ParseError, parse_html, utf16_length
from tests.support.bot_api.keyboards import read_keyboard
from tests.support.bot_api.parameters import Refused

if TYPE_CHECKING:
    from tests.support.bot_api.limits import FloodLimits

PNG = b"\x89PNG\r\n\x1a\n"
ACTIONS = {"typing", "upload_photo", "upload_document", "record_video", "upload_video", "choose_sticker", "find_location"}


class MessageMethods:
    """The part of the server that messages pass through."""

    chats: dict[int, Chat]
    bot: dict[str, Any]
    limits: FloodLimits | None
    commands: dict[tuple[str, str], list[dict[str, str]]]
    presses: dict[str, Press]

    if TYPE_CHECKING:

        def _new_message(self, chat: Chat, **values: Any) -> Seen: ...

    # --- where to ---------------------------------------------------------------------------------------------------------------------

    def _chat(self, given: int | str) -> Chat:
        if isinstance(given, str):
            found = next((chat for chat in self.chats.values() if chat.title == given.removeprefix("@")), None)
        else:
            found = self.chats.get(given)
        if found is None or found.deleted:
            raise Refused(400, "Bad Request: chat not found")
        return found

    def _writable(self, values: dict[str, Any]) -> Chat:
        chat = self._chat(values["chat_id"])
        if chat.migrated_to is not None:
            raise Refused(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to
            )
        if chat.type == "private" and not chat.started:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        if chat.blocked:
            words = {"private": "bot was blocked by the user", "channel": "bot is not a member of the channel chat"}
            raise Refused(403, f"Forbidden: {words.get(chat.type, f'bot was kicked from the {chat.type} chat')}")
        if not chat.may_post:
            raise Refused(400, "Bad Request: not enough rights to send text messages to the chat")
        thread = values.get("message_thread_id")
        if thread is not None:
            if not chat.forum or thread not in chat.topics:
                raise Refused(400, "Bad Request: message thread not found")
            if chat.topics[thread]:
                raise Refused(400, "Bad Request: TOPIC_CLOSED")
        return chat

    def _pass_limits(self, chat: Chat) -> None:
        wait = self.limits.take(chat.id, group=chat.group) if self.limits else None
        if wait is not None:
            raise Refused(429, f"Too Many Requests: retry after {wait}", retry_after=wait)

    # --- what ---------------------------------------------------------------------------------------------------------------------------

    @staticmethod
    def _text(values: dict[str, Any], key: str) -> tuple[str, list[Entity]]:
        """The text without markup and outer white space, and its entities, within Telegram's lengths."""
        raw = values.get(key, "")
        mode = values.get("parse_mode", "").lower()
        if mode not in {"", "html"}:
            raise Refused(400, "Bad Request: unsupported parse_mode")  # the bot only ever uses HTML
        if key == "text" and not raw:
            raise Refused(400, "Bad Request: message text is empty")
        try:
            text, entities = parse_html(raw) if mode else (raw, [])
        except ParseError as error:
            raise Refused(400, f"Bad Request: can't parse entities: {error}") from None
        cut = utf16_length(text) - utf16_length(text.lstrip())
        text = text.strip()
        total = utf16_length(text)
        for entity in entities:
            end = min(entity.offset + entity.length - cut, total)
            entity.offset = max(0, entity.offset - cut)
            entity.length = end - entity.offset
        entities = [one for one in entities if one.length > 0]
        if key == "text" and not text:
            raise Refused(400, "Bad Request: text must be non-empty")
        if key == "text" and total > 4096:
            raise Refused(400, "Bad Request: message is too long")
        if key == "caption" and total > 1024:
            raise Refused(400, "Bad Request: message caption is too long")
        return text, entities[:100]

    def _common(self, values: dict[str, Any], chat: Chat) -> dict[str, Any]:
        reply = values.get("reply_parameters")
        reply_to = None
        if reply:
            if chat.find(reply["message_id"]):
                reply_to = reply["message_id"]
            elif not reply.get("allow_sending_without_reply"):
                raise Refused(400, "Bad Request: message to be replied not found")
        markup = values.get("reply_markup") or {}
        return {
            "keyboard": read_keyboard(markup),
            "force_reply": bool(markup.get("force_reply")),
            "thread": values.get("message_thread_id"),
            "reply_to": reply_to,
            "silent": values.get("disable_notification", False),
            "preview": not (values.get("link_preview_options") or {}).get("is_disabled", False),
        }

    # --- methods ------------------------------------------------------------------------------------------------------------------------

    def _sendMessage(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = self._writable(values)
        text, entities = self._text(values, "text")
        common = self._common(values, chat)
        self._pass_limits(chat)
        return self._new_message(chat, text=text, entities=entities, html=values["text"], **common).to_json(self.bot)

    def _sendPhoto(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = self._writable(values)
        text, entities = self._text(values, "caption")
        photo = values["photo"]
        if isinstance(photo, tuple):
            if not photo[1]:
                raise Refused(400, "Bad Request: file must be non-empty")
            if len(photo[1]) > 10_000_000:
                raise Refused(413, "Request Entity Too Large")
            if not photo[1].startswith((PNG, b"\xff\xd8\xff")):
                raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        common = self._common(values, chat)
        self._pass_limits(chat)
        content = photo[1] if isinstance(photo, tuple) else b""
        message = self._new_message(chat, text=text, entities=entities, html=values.get("caption", ""), photo=content, **common)
        return message.to_json(self.bot)

    def _sendDocument(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = self._writable(values)
        text, entities = self._text(values, "caption")
        document = values["document"]
        if isinstance(document, tuple) and not document[1]:
            raise Refused(400, "Bad Request: file must be non-empty")
        common = self._common(values, chat)
        self._pass_limits(chat)
        content = document if isinstance(document, tuple) else (document, b"")
        message = self._new_message(chat, text=text, entities=entities, html=values.get("caption", ""), document=content, **common)
        return message.to_json(self.bot)

    def _editable(self, values: dict[str, Any]) -> Seen:
        if "chat_id" not in values or "message_id" not in values:
            raise Refused(400, "Bad Request: message identifier is not specified")
        chat = self._writable({"chat_id": values["chat_id"]})
        message = chat.find(values["message_id"])
        if message is None or message.deleted:
            raise Refused(400, "Bad Request: message to edit not found")
        if not message.from_bot:
            raise Refused(400, "Bad Request: message can't be edited")
        return message

    def _edited(self, message: Seen, values: dict[str, Any], text: str, entities: list[Entity], html: str) -> dict[str, Any]:
        keyboard = read_keyboard(values.get("reply_markup"))
        if (text, entities, keyboard) == (message.text, message.entities, message.keyboard):
            raise Refused(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
                "as a current content and reply markup of the message",
            )
        self._pass_limits(message.chat)
        if (text, entities) != (message.text, message.entities):
            message.versions.append(message.text)
        message.text, message.entities, message.html, message.keyboard = text, entities, html, keyboard
        return message.to_json(self.bot)

    def _editMessageText(self, values: dict[str, Any]) -> dict[str, Any]:
        message = self._editable(values)
        text, entities = self._text(values, "text")
        if message.photo is not None or message.document is not None:
            raise Refused(400, "Bad Request: there is no text in the message to edit")
        return self._edited(message, values, text, entities, values["text"])

    def _editMessageCaption(self, values: dict[str, Any]) -> dict[str, Any]:
        message = self._editable(values)
        text, entities = self._text(values, "caption")
        if message.photo is None and message.document is None:
            raise Refused(400, "Bad Request: there is no caption in the message to edit")
        return self._edited(message, values, text, entities, values.get("caption", ""))

    def _editMessageReplyMarkup(self, values: dict[str, Any]) -> dict[str, Any]:
        message = self._editable(values)
        return self._edited(message, values, message.text, message.entities, message.html)

    def _deleteMessage(self, values: dict[str, Any]) -> bool:
        chat = self._chat(values["chat_id"])
        message = chat.find(values["message_id"])
        if message is None:
            raise Refused(400, "Bad Request: message to delete not found")
        message.deleted = True
        chat.messages.remove(message)
        return True

    def _answerCallbackQuery(self, values: dict[str, Any]) -> bool:
        press = self.presses.get(values["callback_query_id"])
        if press is None or press.expired or press.answered:
            raise Refused(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        if utf16_length(values.get("text", "")) > 200:
            raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
        press.answered, press.text, press.alert = True, values.get("text", ""), values.get("show_alert", False)
        return True

    def _sendChatAction(self, values: dict[str, Any]) -> bool:
        self._writable(values)
        if values["action"] not in ACTIONS:
            raise Refused(400, "Bad Request: wrong parameter action in request")
        return True

    def _getChat(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(values["chat_id"])
        return chat.to_json() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}

    def _getChatMember(self, values: dict[str, Any]) -> dict[str, Any]:
        chat = self._chat(values["chat_id"])
        user = {"id": values["user_id"], "is_bot": False, "first_name": "User"}
        if values["user_id"] in chat.admins:
            return {"status": "creator", "user": user, "is_anonymous": False}
        return {"status": "member", "user": user}

    def _getChatAdministrators(self, values: dict[str, Any]) -> list[dict[str, Any]]:
        chat = self._chat(values["chat_id"])
        return [
            {"status": "creator", "user": {"id": admin, "is_bot": False, "first_name": "User"}, "is_anonymous": False}
            for admin in chat.admins
        ]

    def _leaveChat(self, values: dict[str, Any]) -> bool:
        self._chat(values["chat_id"]).blocked = True
        return True


_GIFTS = dict.fromkeys(("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False)
