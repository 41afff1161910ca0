"""A strict Bot API server on loopback, for the real python-telegram-bot to talk to. Must not be used outside tests."""

from tests.support.bot_api.chats import Chat, Press, Seen, User
from tests.support.bot_api.faults import BAD_GATEWAY, HANG, HANG_AFTER, RESET, RESET_AFTER, SERVER_ERROR, SLOW, Fault
from tests.support.bot_api.server import TOKEN, BotApiServer

__all__ = [
    "BAD_GATEWAY", "HANG", "HANG_AFTER", "RESET", "RESET_AFTER", "SERVER_ERROR", "SLOW", "TOKEN",
    "BotApiServer", "Chat", "Fault", "Press", "Seen", "User",
]  # fmt: skip
