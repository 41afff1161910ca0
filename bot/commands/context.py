"""Defines Services, the parts that commands share, Caller, an authorised user, and admit, which finds the caller."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.store.chats import ChatSettings, default_settings, read_chat

if TYPE_CHECKING:
    from bot.clock import Clock
    from bot.commands.update import IncomingUpdate
    from bot.config import Config
    from bot.delivery.telegram import TelegramChat
    from bot.store import Store, StoreThread
    from seeds.load import Seeds
    from watchers.sources.discovery import FeedDiscovery


@dataclass(frozen=True, slots=True)
class DiscoveredFeed:
    """A feed that was discovered at a site."""

    url: str
    title: str = ""
    items: int = 0
    lang: str = ""


Discover = Callable[[str], Awaitable[Sequence[DiscoveredFeed]]]
"""Discovers feeds at an address, under the address rules; raises ValueError with a readable problem."""


def discovery(finder: FeedDiscovery, clock: Clock) -> Discover:
    """Adapts the watchers' feed discovery to `Discover`."""

    async def discover(address: str) -> Sequence[DiscoveredFeed]:
        found = await finder.find(address, clock.now())
        return [DiscoveredFeed(feed.url, feed.title, feed.items, feed.lang) for feed in found]

    return discover


@dataclass
class Services:
    """The parts that commands use. `reload` loads the seeds again and activates them; it raises ConfigError and changes nothing if they are
    invalid. `seeds` are the current ones."""

    config: Config
    seeds: Seeds
    thread: StoreThread
    clock: Clock
    telegram: TelegramChat
    reload: Callable[[], Awaitable[Seeds]]
    secret: bytes = b""
    discover: Discover | None = None

    @property
    def defaults(self) -> ChatSettings:
        """The settings of a chat without choices of its own."""
        return default_settings(self.config)

    async def reload_seeds(self) -> None:
        """Call after a change in the seeds folder. Raises ConfigError."""
        self.seeds = await self.reload()


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who may use the bot in this chat, with the permission."""

    chat: str
    """Where the answer goes."""
    known: str
    """The row of `chats` whose settings count: of the topic, or of the whole group."""
    person: str
    """The person's number; "" for the channel itself."""
    settings: ChatSettings
    admin: bool
    """May change what is watched."""
    private: bool
    """The chat is the user's own with the bot."""
    gone: bool = False
    """Whether the chat was marked as gone; its update shows that it is active."""


def admit(store: Store, incoming: IncomingUpdate, services: Services) -> Caller | None:
    """Returns the caller, or None for a stranger. A topic has its own settings if it was paired itself, else its group's."""
    for name in incoming.names():
        chat = read_chat(store, name, services.defaults)
        if chat is not None:
            admin = is_admin(store, incoming, chat.settings, services)
            return Caller(incoming.chat, name, incoming.person, chat.settings, admin, incoming.private, chat.state == "gone")
    return None


def is_admin(store: Store, incoming: IncomingUpdate, settings: ChatSettings, services: Services) -> bool:
    """Whether the user may change what is watched: the configuration names the user, or the user's private chat is an admin. In a channel:
    whether the channel is an admin."""
    if not incoming.person:
        return incoming.channel and settings.role == "admin"
    if int(incoming.person) in services.config.chat.telegram.admins:
        return True
    own = read_chat(store, f"telegram:{incoming.person}", services.defaults)
    return own is not None and own.settings.role == "admin"
