"""Large bodies are held by a few looks at a time, whatever kind of source they come from, and nobody waits for ever for his turn."""

from __future__ import annotations

import asyncio
import gzip
from datetime import timedelta
from typing import Literal

import pytest

from seeds.feeds import Feed
from tests.support.feed_server import Answer, feed_server
from tests.support.sources import NOW, Bench
from watchers.http.client import LARGE_BODY_BYTES, open_session
from watchers.http.conditional import ConditionalClient
from watchers.http.host_limits import LARGE_AT_ONCE
from watchers.models.polling import FeedState, Limits, PollResult, Watcher
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.article import robots_of
from watchers.sources.gdelt import GdeltWatcher
from watchers.sources.page import PageWatcher
from watchers.sources.sitemap import SitemapWatcher

LIMITS = Limits(allow_private_addresses=True, per_host=20, timeout=timedelta(seconds=5), parse_seconds=5.0)
LOC = b"<url><loc>https://quay.example/a-story-of-the-quay</loc></url>"


class Places(asyncio.Semaphore):
    """Counts who took one, and how many held one at once."""

    taken = held = most = 0

    async def acquire(self) -> Literal[True]:
        taken = await super().acquire()
        self.taken += 1
        self.held += 1
        self.most = max(self.most, self.held)
        return taken

    def release(self) -> None:
        self.held -= 1
        super().release()


def packed(body: bytes, size: int = 1_900_000) -> Answer:
    """As long as `size` once unpacked: blanks behind `body`."""
    return Answer(gzip.compress(body + b" " * (size - len(body)), 9), headers={"Content-Encoding": "gzip", "Content-Type": "text/html"})


def watcher_of(kind: str, client: ConditionalClient, workers: ParseWorkers) -> Watcher:
    if kind == "gdelt":
        return GdeltWatcher(client, workers)
    if kind == "page":
        return PageWatcher(client, workers, robots_of(client))
    return SitemapWatcher(client, workers)


@pytest.mark.parametrize(
    ("kind", "body"),
    [("gdelt", b'{"articles": []}'), ("sitemap", b"<urlset>" + LOC + b"</urlset>"), ("page", b"<p><a href=/1>One</a>")],
)
async def test_a_crowd_of_large_answers_is_not_held_all_at_once(bench: Bench, workers: ParseWorkers, kind: str, body: bytes) -> None:
    async with open_session(LIMITS) as session:
        client = ConditionalClient(session, LIMITS)
        places = client.host_limiter.large_bodies = Places(LARGE_AT_ONCE)
        watcher = watcher_of(kind, client, workers)
        query = "?mode=artlist&format=json&maxrecords=250&sort=datedesc" if kind == "gdelt" else ""
        urls = [bench.server.play(f"/{number}{query}", packed(body)) for number in range(9)]
        looks = await asyncio.gather(*(watcher.poll(Feed(url=url, kind=kind, select="a"), FeedState(), NOW) for url in urls))
    assert {look.error.kind if look.error else "read" for look in looks} == {"too_large" if kind == "gdelt" else "read"}
    assert places.taken == 9
    assert places.most <= LARGE_AT_ONCE
    assert places.held == 0


async def test_the_children_of_an_index_take_turns_like_everybody(bench: Bench, workers: ParseWorkers) -> None:
    async with open_session(LIMITS) as session:
        client = ConditionalClient(session, LIMITS)
        places = client.host_limiter.large_bodies = Places(1)
        children = [bench.server.play(f"/child{number}", packed(b"<urlset>" + LOC + b"</urlset>")) for number in range(2)]
        rows = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in children)
        urls = [bench.server.play(f"/index{number}", packed(f"<sitemapindex>{rows}</sitemapindex>".encode())) for number in range(4)]
        looks = await asyncio.gather(*(SitemapWatcher(client, workers).poll(Feed(url=url), FeedState(), NOW) for url in urls))
    assert [len(look.items) for look in looks] == [2] * 4
    assert places.taken == 12
    assert places.held == 0


async def test_an_index_that_was_large_does_not_wait_for_a_host_where_others_wait_for_its_turn(bench: Bench, workers: ParseWorkers) -> None:
    """Both waited for each other, and with them every large body for ever: the time of one who waits for his turn stands still."""
    limits = Limits(allow_private_addresses=True, per_host=1, timeout=timedelta(seconds=5))
    async with open_session(limits) as session, feed_server() as other:
        client = ConditionalClient(session, limits)
        places = client.host_limiter.large_bodies = Places(1)
        watcher = SitemapWatcher(client, workers)
        child = other.play("/child", b"<urlset>" + LOC + b"</urlset>")
        large = other.play("/large", packed(b"<urlset>" + LOC + b"</urlset>"))
        going_on = asyncio.Event()

        async def in_two_parts(writer: asyncio.StreamWriter) -> None:
            body = b"<sitemapindex><sitemap><loc>" + child.encode() + b"</loc></sitemap></sitemapindex>" + b" " * 2 * LARGE_BODY_BYTES
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:-1])
            await going_on.wait()
            writer.write(body[-1:])
            await writer.drain()

        async def look(url: str) -> PollResult:
            return await watcher.poll(Feed(url=url), FeedState(), NOW)

        async with asyncio.timeout(5):
            index = asyncio.create_task(look(bench.server.play("/index", Answer(raw=in_two_parts))))
            while not places.held:
                await asyncio.sleep(0.001)
            crowd = asyncio.create_task(look(large))
            while not places._waiters:
                await asyncio.sleep(0.001)
            going_on.set()
            assert [len(poll.items) for poll in await asyncio.gather(index, crowd)] == [1, 1]
