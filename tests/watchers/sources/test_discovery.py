"""Finding the feeds of a site: what a page makes of it has an end in time and in number."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.feed_server import Answer, rss
from tests.support.sources import LIMITS, NOW, Bench, html
from watchers.sources.discovery import MAX_CANDIDATES, DiscoveryError, FeedDiscovery, feed_links
from watchers.sources.feed import FeedWatcher


def finder(bench: Bench) -> FeedDiscovery:
    watcher = FeedWatcher(bench.client.session, LIMITS, bench.workers, bench.client.host_limiter)
    return FeedDiscovery(bench.client, watcher, bench.workers)


async def never(writer: asyncio.StreamWriter) -> None:
    while not writer.transport.is_closing():
        await asyncio.sleep(0.01)


def naming(*paths: str) -> Answer:
    return html("".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in paths))


async def test_what_a_page_names_is_found_in_its_order(bench: Bench) -> None:
    for path in ("/one", "/two"):
        bench.server.play(path, rss(f"The story of {path}"))
    found = await finder(bench).find(bench.server.play("/", naming("/none", "/two", "/one")), NOW)
    assert [feed.url for feed in found] == [bench.server.url("/two"), bench.server.url("/one")]


async def test_a_site_that_answers_slowly_gives_what_was_found_until_then(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen addresses might each take a look's whole time: minutes, while a person waits."""
    bench.server.play("/one", rss("The story of one"))
    await finder(bench).find(bench.server.play("/", naming("/one")), NOW)  # the parsing process has started
    monkeypatch.setattr("watchers.sources.discovery.MAX_SECONDS", 0.5)
    slow = [f"/slow{number}" for number in range(5)]
    for path in slow:
        bench.server.play(path, Answer(raw=never))
    found = await finder(bench).find(bench.server.play("/", naming("/one", *slow)), NOW)
    assert [feed.url for feed in found] == [bench.server.url("/one")]
    with pytest.raises(DiscoveryError, match=r"no feed was found within 0\.5 s"):
        await finder(bench).find(bench.server.play("/", naming(*slow)), NOW)


def test_of_a_page_full_of_links_no_more_come_back_than_are_tried() -> None:
    page = "".join(f'<a href="/rss/{number}">feed</a><a href="/rss/1">again</a>' for number in range(5_000))
    assert len(feed_links(page.encode(), "https://x.example/")) == MAX_CANDIDATES
