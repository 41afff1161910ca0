"""Defines how the parts are built from the configuration: the HTTP stack, the matcher and the chat services.

`bot.app` connects the parts; commands that need one part alone (doctor, feeds check) build it here, too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TextIO

from pydantic import SecretStr

from bot.config import Config, ConfigError
from bot.polling.full_text import ArticleFetcher
from watchers.models.polling import Limits, Watcher

if TYPE_CHECKING:
    from bot.delivery.telegram import TelegramChat
    from bot.message import ChatService
    from seeds.load import Seeds
    from watchers.http.hub_client import HubClient
    from watchers.match.matcher import Matcher
    from watchers.sources.discovery import FeedDiscovery
    from watchers.sources.feed import FirstPassReader


def limits_of(config: Config) -> Limits:
    """The configured limits of polls."""
    poll = config.poll
    return Limits(
        every=poll.every,
        fastest=poll.fastest,
        slowest=poll.slowest,
        concurrency=poll.concurrency,
        per_host=poll.per_host,
        timeout=poll.timeout,
        max_bytes=poll.max_bytes,
        allow_private_addresses=poll.allow_private_addresses,
    )


@dataclass(frozen=True, slots=True)
class HttpStack:
    """The parts that use the network: the watchers by kind of feed, and the fetcher of article pages."""

    watchers: Mapping[str, Watcher]
    pages: ArticleFetcher
    finder: FeedDiscovery | None = None
    """Finds the feeds of a site."""
    hubs: HubClient | None = None
    """Sends requests to WebSub hubs."""


def open_matcher(config: Config, seeds: Seeds) -> Matcher:
    """Builds the matcher. Raises ConfigError if the spaCy pipeline is not installed."""
    from watchers.match.matcher import Matcher

    settings = config.match
    try:
        return Matcher(seeds, salience=settings.salience, languages=settings.languages, spacy_model=settings.spacy_model)
    except ValueError as error:
        raise ConfigError(f"{config.file or 'config.toml'}: match.spacy_model: {error}") from error


@asynccontextmanager
async def open_web(config: Config, beside: FirstPassReader | None = None) -> AsyncIterator[HttpStack]:
    """Opens a session and parser workers, and closes them at the end. The limits are shared by all watchers and article pages."""
    from watchers.http.client import open_session
    from watchers.http.conditional import ConditionalClient
    from watchers.http.hub_client import HubClient
    from watchers.parsing.sandbox import ParseWorkers
    from watchers.sources.article import ArticleFetcher, robots_of
    from watchers.sources.discovery import FeedDiscovery
    from watchers.sources.feed import FeedWatcher
    from watchers.sources.gdelt import GdeltWatcher
    from watchers.sources.page import PageWatcher
    from watchers.sources.sitemap import SitemapWatcher

    limits = limits_of(config)
    workers = ParseWorkers(limits)
    try:
        async with open_session(limits) as session:
            client = ConditionalClient(session, limits)
            robots = robots_of(client)
            feeds = FeedWatcher(session, limits, workers, client.host_limiter, beside)
            yield HttpStack(
                {
                    "feed": feeds,
                    "sitemap": SitemapWatcher(client, workers),
                    "gdelt": GdeltWatcher(client, workers),
                    "page": PageWatcher(client, workers, robots),
                },
                ArticleFetcher(client, workers, robots),
                FeedDiscovery(client, feeds, workers),
                HubClient(client),
            )
    finally:
        workers.close()


@asynccontextmanager
async def open_watchers(config: Config) -> AsyncIterator[Mapping[str, Watcher]]:
    """Opens only the watchers."""
    async with open_web(config) as web:
        yield web.watchers


def open_telegram(config: Config, token: SecretStr) -> TelegramChat:
    """Builds the Telegram service; sends no request yet."""
    from bot.delivery.telegram import TelegramChat

    telegram = config.chat.telegram
    return TelegramChat(token, telegram.base_url, link_preview=telegram.link_preview)


def chat_kind(config: Config, token: SecretStr | None) -> Literal["console", "telegram"]:
    """Builds the destination of messages. Raises ConfigError if Telegram is configured without a token."""
    if config.chat.kind == "telegram" and token is None:
        raise ConfigError('chat.kind: "telegram" needs a token in TELEGRAM_BOT_TOKEN or TELEGRAM_BOT_TOKEN_FILE')
    if config.chat.kind == "console" or token is None:
        return "console"
    return "telegram"


def open_services(config: Config, token: SecretStr | None, out: TextIO) -> dict[str, ChatService]:
    """Returns the chat services by kind; the console writes to `out`. A new service is one more line here."""
    services: list[ChatService] = []
    if chat_kind(config, token) == "console":
        from bot.delivery.console import ConsoleChat

        services.append(ConsoleChat(out))
    else:
        assert token is not None
        services.append(open_telegram(config, token))
    if config.chat.also:
        from bot.delivery.apprise import AppriseService

        services.append(AppriseService())
    return {service.kind: service for service in services}
