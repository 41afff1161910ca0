"""Every way out of the process leads past the guard: no feed, sitemap, page, robots.txt, hub or discovery reaches a private address.

Two servers on loopback: the guard is told to take one for a public host, and knows the other for what it is. All names lead to both;
nothing here asks a real name server.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from seeds.feeds import Feed
from tests.support.feed_server import Answer, FeedServer, feed_server, rss
from watchers.http.address_rules import guarded_socket
from watchers.http.client import open_session
from watchers.http.conditional import ConditionalClient
from watchers.http.hub_client import HubClient
from watchers.models.item import Item
from watchers.models.polling import FeedState, Limits
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.article import ArticleFetcher, robots_of
from watchers.sources.discovery import DiscoveryError, FeedDiscovery
from watchers.sources.feed import FeedWatcher
from watchers.sources.gdelt import GdeltWatcher
from watchers.sources.page import PageWatcher
from watchers.sources.sitemap import SitemapWatcher

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
LIMITS = Limits(timeout=timedelta(seconds=5))


class Loopback(AbstractResolver):
    """Every name leads to this machine."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is held."""


@dataclass
class House:
    """Everything that asks, and the two servers. `inner` holds what must not be reached."""

    client: ConditionalClient
    workers: ParseWorkers
    outer: FeedServer
    inner: FeedServer

    def public(self, path: str, *answers: Answer | bytes) -> str:
        """Plays this at the public server; gives its address."""
        self.outer.play(path, *answers)
        return _named(self.outer.base, "public.example") + path

    @property
    def secret(self) -> str:
        """A public name that leads to the private server."""
        return _named(self.inner.base, "rebound.example") + "/secret"


def _named(base: str, name: str) -> str:
    return f"http://{name}:{base.rpartition(':')[2]}"


@pytest.fixture
async def house(workers: ParseWorkers) -> AsyncIterator[House]:
    async with feed_server() as outer, feed_server() as inner, open_session(LIMITS) as session:
        open_port = int(outer.base.rpartition(":")[2])
        strict, lenient = guarded_socket(allow_private=False), guarded_socket(allow_private=True)

        def opened(info: tuple[Any, ...]) -> socket.socket:
            return lenient(info) if info[4][1] == open_port else strict(info)

        assert isinstance(session.connector, TCPConnector)
        session.connector._resolver, session.connector._socket_factory = Loopback(), opened
        for path in ("/secret", "/robots.txt", "/feed", "/rss", "/"):
            inner.play(path, rss("A secret of the inner network"))
        yield House(ConditionalClient(session, LIMITS), workers, outer, inner)


def hop(target: str) -> Answer:
    return Answer(status=302, headers={"Location": target, "Connection": "close"})


async def look(house: House, kind: str, url: str) -> str:
    """Looks with the watcher of that kind; gives why nothing came of it."""
    robots = robots_of(house.client)
    watchers: dict[str, Any] = {
        "feed": FeedWatcher(house.client.session, LIMITS, house.workers, house.client.host_limiter),
        "sitemap": SitemapWatcher(house.client, house.workers),
        "gdelt": GdeltWatcher(house.client, house.workers),
        "page": PageWatcher(house.client, house.workers, robots),
    }
    select = "a" if kind == "page" else ""
    found = await watchers[kind].poll(Feed(url=url, kind=kind, select=select), FeedState(), NOW)
    return found.error.kind if found.error else "read"


@pytest.mark.parametrize("kind", ["feed", "sitemap", "gdelt"])
async def test_no_watcher_reads_there_directly_or_by_a_redirect(house: House, kind: str) -> None:
    assert await look(house, kind, house.secret) == "address"
    assert await look(house, kind, house.public("/hop", hop(house.secret))) in {"address", "client"}  # gdelt asks with parameters
    assert house.inner.asked == []


async def test_no_page_is_watched_there_and_its_robots_txt_is_not_asked(house: House) -> None:
    assert await look(house, "page", house.secret) != "read"
    assert await look(house, "page", house.public("/hop", hop(house.secret))) == "address"
    assert house.inner.asked == []


async def test_no_child_of_a_sitemap_index_is_read_there(house: House) -> None:
    index = f"<sitemapindex><sitemap><loc>{house.secret}</loc></sitemap></sitemapindex>".encode()
    assert await look(house, "sitemap", house.public("/index.xml", index)) == "address"
    assert house.inner.asked == []


async def test_no_page_behind_an_item_is_read_there(house: House) -> None:
    pages = ArticleFetcher(house.client, house.workers, robots_of(house.client), lambda: NOW)
    for url in (house.secret, house.public("/hop", hop(house.secret)), "http://127.0.0.1:9/", "file:///etc/hostname"):
        assert await pages.text_behind(Item("f", url=url, title="T")) is None
    house.public("/robots.txt", hop(house.secret.replace("/secret", "/robots.txt")))
    assert await pages.text_behind(Item("f", url=house.public("/story", b"<p>text</p>"), title="T")) is None
    assert house.inner.asked == []


async def test_nothing_is_discovered_there(house: House) -> None:
    watcher = FeedWatcher(house.client.session, LIMITS, house.workers, house.client.host_limiter)
    finder = FeedDiscovery(house.client, watcher, house.workers)
    named = f'<html><head><link rel="alternate" type="application/rss+xml" href="{house.secret}"></head></html>'.encode()
    based = f'<html><head><base href="{house.secret}"></head><body><a href="/feed">feed</a></body></html>'.encode()
    for url in (
        house.secret,
        house.public("/hop", hop(house.secret)),
        house.public("/named", named),
        house.public("/based", based),
        "file:///etc/hostname",
        "feed:file:///etc/hostname",
    ):
        with pytest.raises(DiscoveryError):
            await finder.find(url, NOW)
    assert house.inner.asked == []


async def test_no_hub_is_asked_there(house: House) -> None:
    caller = HubClient(house.client)
    moved = house.public("/hub", Answer(status=307, headers={"Location": house.secret, "Connection": "close"}))
    for hub in (house.secret, moved, "http://127.1/", "file:///etc/hostname"):
        assert await caller.ask(hub, {"hub.mode": "subscribe"}) != ""
    assert house.inner.asked == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_a_proxy_in_the_environment_is_not_a_way_round_the_guard(house: House, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, house.inner.base)
    assert await look(house, "feed", house.public("/feed", rss("A public feed"))) == "read"
    assert await look(house, "feed", house.secret) == "address"
    assert house.inner.asked == []
