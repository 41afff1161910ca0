"""Defines what the other side of the chat sees: User, Chat, Seen (a message as it stands now, with its earlier versions) and Press."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tests.support.bot_api.entities import Entity

ChatType = Literal["private", "group", "supergroup", "channel"]


@dataclass(frozen=True)
class User:
    """A person. `language` is what their app is set to."""

    id: int
    first_name: str
    language: str = "en"
    username: str = ""

    def to_json(self) -> dict[str, Any]:
        """As the Bot API gives it."""
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, "language_code": self.language} | (
            {"username": self.username} if self.username else {}
        )


@dataclass
class Seen:
    """A message as people in the chat see it."""

    id: int
    chat: Chat
    date: int
    text: str = ""
    entities: list[Entity] = field(default_factory=list)
    html: str = ""
    """As the bot sent it."""
    keyboard: list[list[dict[str, Any]]] = field(default_factory=list)
    force_reply: bool = False
    photo: bytes | None = None
    document: tuple[str, bytes] | None = None
    thread: int | None = None
    reply_to: int | None = None
    silent: bool = False
    preview: bool = True
    deleted: bool = False
    from_bot: bool = True
    sender: User | None = None
    versions: list[str] = field(default_factory=list)
    """The texts before each edit, oldest first."""

    @property
    def buttons(self) -> list[str]:
        """The labels of the keys, row after row."""
        return [key["text"] for row in self.keyboard for key in row]

    def marked(self, kind: str) -> list[str]:
        """The stretches of the text with this kind of entity."""
        units = self.text.encode("utf-16-le")
        return [units[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le") for e in self.entities if e.type == kind]

    def to_json(self, bot: dict[str, Any]) -> dict[str, Any]:
        """As the Bot API gives it."""
        found: dict[str, Any] = {"message_id": self.id, "date": self.date, "chat": self.chat.to_json()}
        if self.from_bot and self.chat.type != "channel":
            found["from"] = bot
        elif self.sender is not None and self.chat.type != "channel":
            found["from"] = self.sender.to_json()
        elif self.chat.type == "channel":
            found["sender_chat"] = self.chat.to_json()
        entities = [entity.to_json() for entity in self.entities]
        if self.photo is not None:
            size = {"file_id": f"photo{self.id}", "file_unique_id": f"p{self.id}", "width": 800, "height": 400}
            found |= {"photo": [size], "caption": self.text, "caption_entities": entities}
        elif self.document is not None:
            document = {"file_id": f"document{self.id}", "file_unique_id": f"d{self.id}", "file_name": self.document[0]}
            found |= {"document": document, "caption": self.text, "caption_entities": entities}
        else:
            found |= {"text": self.text, "entities": entities}
        if self.thread is not None:
            found |= {"message_thread_id": self.thread, "is_topic_message": True}
        if self.reply_to is not None and (answered := self.chat.find(self.reply_to)):
            found["reply_to_message"] = answered.to_json(bot) | {"reply_to_message": None}
            del found["reply_to_message"]["reply_to_message"]
        if self.keyboard:
            found["reply_markup"] = {"inline_keyboard": self.keyboard}
        if self.versions:
            found["edit_date"] = self.date
        return found


@dataclass
class Chat:
    """A conversation and what stands in it."""

    id: int
    type: ChatType
    title: str
    forum: bool = False
    user: User | None = None
    """The other person of a private chat."""
    started: bool = True
    """False: the person never wrote to the bot, so it may not write first."""
    blocked: bool = False
    """The person blocked the bot, or it was removed from the group."""
    may_post: bool = True
    deleted: bool = False
    migrated_to: int | None = None
    topics: dict[int, bool] = field(default_factory=dict)
    """Of a forum: topic → whether it is closed."""
    admins: set[int] = field(default_factory=set)
    """Users who administrate the group."""
    messages: list[Seen] = field(default_factory=list)
    """What the bot sent and people wrote, in order, deleted ones left out."""

    @property
    def group(self) -> bool:
        """Whether the limit of 20 messages a minute holds."""
        return self.type in {"group", "supergroup"}

    @property
    def from_bot(self) -> list[Seen]:
        """What the bot sent."""
        return [message for message in self.messages if message.from_bot]

    @property
    def last(self) -> Seen:
        """The bot's latest message. Raises AssertionError when there is none."""
        sent = self.from_bot
        assert sent, f"the bot said nothing in {self.title}"
        return sent[-1]

    @property
    def texts(self) -> list[str]:
        """What the bot said, in order."""
        return [one.text for one in self.from_bot]

    def find(self, message: int) -> Seen | None:
        """The message with this id, or None."""
        return next((one for one in self.messages if one.id == message), None)

    def to_json(self) -> dict[str, Any]:
        """As the Bot API gives it."""
        found: dict[str, Any] = {"id": self.id, "type": self.type}
        if self.type == "private":
            found["first_name"] = self.title
        else:
            found["title"] = self.title
        if self.forum:
            found["is_forum"] = True
        return found


@dataclass
class Press:
    """A key that somebody pressed, and what the bot answered to it."""

    id: str
    data: str
    answered: bool = False
    text: str = ""
    alert: bool = False
    expired: bool = False
