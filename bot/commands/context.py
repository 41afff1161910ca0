"""Defines Services, what all commands share, and `admit`: who is answered, with whose settings, and what they may."""

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
    """A feed that was found at a site."""

    url: str
    title: str = ""
    items: int = 0
    lang: str = ""


Discover = Callable[[str], Awaitable[Sequence[DiscoveredFeed]]]
"""Looks for feeds at an address, under the rules for addresses; raises ValueError with what is wrong, for people."""


def discovery(finder: FeedDiscovery, clock: Clock) -> Discover:
    """The watchers' finder as commands ask it."""

    async def discover(address: str) -> Sequence[DiscoveredFeed]:
        found = await finder.find(address, clock.now())
        return [DiscoveredFeed(feed.url, feed.title, feed.items, feed.lang) for feed in found]

    return discover


@dataclass
class Services:
    """The parts that commands work with. `reload` reads the seeds anew and puts them to work; it raises ConfigError and changes nothing
    when they are wrong. `seeds` is what counts now.
    """

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
        """Of a chat that chose nothing."""
        return default_settings(self.config)

    async def reload_seeds(self) -> None:
        """After a change in the seeds folder. Raises ConfigError."""
        self.seeds = await self.reload()


@dataclass(frozen=True, slots=True)
class AuthorizedUser:
    """Somebody who is answered."""

    known: str
    settings: ChatSettings
    admin: bool
    gone: bool
    """The chat counted as gone: that it writes says otherwise."""


def admit(store: Store, incoming: IncomingUpdate, desk: Services) -> AuthorizedUser | None:
    """Who asks, or None for a stranger. A topic has settings of its own when it was paired by itself, else its group's."""
    for name in incoming.names():
        chat = read_chat(store, name, desk.defaults)
        if chat is not None:
            return AuthorizedUser(name, chat.settings, is_admin(store, incoming, chat.settings, desk), chat.state == "gone")
    return None


def is_admin(store: Store, incoming: IncomingUpdate, settings: ChatSettings, desk: Services) -> bool:
    """May change what is watched: a person whom the configuration names or whose own chat is an admin's; of a channel, its writers when
    the channel itself is."""
    if not incoming.person:
        return incoming.channel and settings.role == "admin"
    if int(incoming.person) in desk.config.chat.telegram.admins:
        return True
    own = read_chat(store, f"telegram:{incoming.person}", desk.defaults)
    return own is not None and own.settings.role == "admin"
