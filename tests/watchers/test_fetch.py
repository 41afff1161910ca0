"""What one request does on its way: validators, redirects of every kind, answers that are no answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import brotli  # type: ignore[import-untyped]
import pytest

from seeds.feeds import Feed
from tests.support.feed_server import Answer, FeedServer, feed_server, rss
from tests.watchers.test_hostile import GROWTH, peak_memory
from watchers import pace
from watchers.feed_watcher import FeedWatcher
from watchers.fetch import open_session
from watchers.watcher import FeedState, Limits, Look
from watchers.worker import ParseWorkers

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
LIMITS = Limits(allow_private_addresses=True, per_host=2, timeout=timedelta(seconds=3))
BODY = rss("A title that is long enough")


class Bench:
    """A feed server and a watcher in front of it."""

    def __init__(self, server: FeedServer, watcher: FeedWatcher) -> None:
        self.server, self.watcher = server, watcher

    async def look(self, url: str, state: FeedState | None = None) -> Look:
        return await self.watcher.look(Feed(url=url), state or FeedState(), NOW)


@pytest.fixture
async def bench(workers: ParseWorkers) -> AsyncIterator[Bench]:
    async with feed_server() as server, open_session(LIMITS) as session:
        yield Bench(server, FeedWatcher(session, LIMITS, workers))


def error_of(look: Look) -> tuple[str, str]:
    assert look.error is not None
    return look.error.kind, look.error.message


@pytest.mark.parametrize(
    ("etag", "modified"),
    [
        ('W/"weak-1"', "Thu, 05 Dec 2024 02:00:00 GMT"),
        ('"with "quotes" inside"', "thu, 5 dec 2024 2:00:00 +0000"),
        ("no-quotes-at-all", "Thursday, 05-Dec-24 02:00:00 GMT"),
        ('"ünï"', "2024-12-05T02:00:00Z"),
        ('W/"a", "b"', "yesterday"),
    ],
)
async def test_validators_go_back_letter_by_letter(bench: Bench, etag: str, modified: str) -> None:
    url = bench.server.play("/feed", Answer(BODY, headers={"ETag": etag, "Last-Modified": modified}), Answer(status=304))
    state = pace.after(FeedState(), await bench.look(url), NOW, LIMITS, new=1)
    again = await bench.look(url, state)
    asked = bench.server.last("/feed").headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == (etag, modified)
    assert again.outcome == "unchanged"
    assert (again.etag, again.last_modified) == (etag, modified)


async def test_a_304_may_bring_a_new_validator(bench: Bench) -> None:
    url = bench.server.play("/feed", Answer(BODY, headers={"ETag": '"1"'}), Answer(status=304, headers={"ETag": '"2"'}))
    state = pace.after(FeedState(), await bench.look(url), NOW, LIMITS, new=1)
    assert (await bench.look(url, state)).etag == '"2"'


async def test_a_304_that_nobody_asked_for_is_no_baseline(bench: Bench) -> None:
    url = bench.server.play("/feed", Answer(status=304, headers={"ETag": '"1"'}), Answer(BODY))
    first = await bench.look(url)
    assert error_of(first)[0] == "broken"
    state = pace.after(FeedState(), first, NOW, LIMITS)
    assert (state.polls, state.etag) == (0, "")
    assert (await bench.look(url, state)).outcome == "items"
    assert "If-None-Match" not in bench.server.last("/feed").headers


async def test_the_same_bytes_without_validators_are_unchanged(bench: Bench) -> None:
    url = bench.server.play("/feed", BODY)
    state = pace.after(FeedState(), await bench.look(url), NOW, LIMITS, new=1)
    assert (await bench.look(url, state)).outcome == "unchanged"


async def test_a_part_of_a_feed_is_no_feed(bench: Bench) -> None:
    url = bench.server.play("/feed", Answer(BODY, status=206, headers={"Content-Range": "bytes 0-99/9000"}))
    assert error_of(await bench.look(url)) == ("broken", "206: a part, though all of it was asked for")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_of_every_kind_are_followed_and_end_when_they_go_round(bench: Bench, status: int) -> None:
    bench.server.play("/new", BODY)
    look = await bench.look(bench.server.redirect("/old", "/new", status))
    assert look.outcome == "items"
    assert look.redirect == (bench.server.url("/new") if status in {301, 308} else "")
    itself = bench.server.redirect("/itself", "/itself", status)
    assert error_of(await bench.look(itself)) == ("redirect", "redirects in a circle")
    for number in range(9):
        bench.server.redirect(f"/{number}", f"/{number + 1}", status)
    assert error_of(await bench.look(bench.server.url("/0"))) == ("redirect", "more than 6 redirects")
    assert bench.server.count("/7") == 0
    nowhere = bench.server.play("/nowhere", Answer(status=status))
    assert error_of(await bench.look(nowhere)) == ("redirect", f"{status} without a Location")


async def test_a_redirects_own_body_is_not_unpacked(bench: Bench) -> None:
    """300 MB in 54 KB, under the length up to which such bodies are read."""
    packer = brotli.Compressor(quality=1)
    bomb = b"".join(packer.process(b" " * 1_000_000) for _ in range(300)) + packer.finish()
    assert len(bomb) < 60_000
    bench.server.play("/new", BODY)
    headers = {"Location": "/new", "Content-Encoding": "br"}
    before = peak_memory()
    look = await bench.look(bench.server.play("/old", Answer(bomb, status=302, headers=headers)))
    assert look.outcome == "items"
    assert peak_memory() - before < GROWTH


async def test_many_feeds_that_lead_to_one_host_ask_it_as_few_at_once_as_its_own(bench: Bench) -> None:
    inside = most = 0

    async def play(writer: asyncio.StreamWriter) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.02)
        inside -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(BODY) + BODY)
        await writer.drain()

    target = bench.server.play("/feed", Answer(raw=play))
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(feed_server()) for _ in range(8)]
        looks = await asyncio.gather(*(bench.look(one.redirect("/old", target, 302)) for one in others))
    assert {look.outcome for look in looks} == {"items"}
    assert most == LIMITS.per_host


async def test_one_time_cap_holds_over_all_hops(bench: Bench) -> None:
    async with feed_server() as other:
        hops = [bench.server if number % 2 else other for number in range(6)]
        for number, server in enumerate(hops[:-1]):
            server.play(f"/{number}", Answer(status=302, delay=1.0, headers={"Location": hops[number + 1].url(f"/{number + 1}")}))
        begun = asyncio.get_running_loop().time()
        look = await bench.look(other.url("/0"))
        assert error_of(look) == ("timeout", "no whole answer within 3 s")
        assert asyncio.get_running_loop().time() - begun < 3.5


async def test_a_redirect_that_asks_for_patience_is_not_followed_before(bench: Bench) -> None:
    bench.server.play("/new", BODY)
    later = {"Location": "/new", "Retry-After": "7200"}
    look = await bench.look(bench.server.play("/old", Answer(status=302, headers=later)))
    assert error_of(look) == ("throttled", "302 that may be followed in 7200 s only")
    assert bench.server.count("/new") == 0
    assert pace.after(FeedState(), look, NOW, LIMITS).next_poll_at == NOW + timedelta(hours=2)
    at_once = bench.server.play("/soon", Answer(status=302, headers=later | {"Retry-After": "1"}))
    assert (await bench.look(at_once)).outcome == "items"


@pytest.mark.parametrize("target", ["", "/old", "http://["])
async def test_a_redirect_that_leads_nowhere_is_heard_about_when_to_come_again(bench: Bench, target: str) -> None:
    look = await bench.look(bench.server.play("/old", Answer(status=302, headers={"Location": target, "Retry-After": "90000"})))
    assert error_of(look)[0] == "redirect"
    assert pace.after(FeedState(), look, NOW, LIMITS).next_poll_at == NOW + timedelta(seconds=90_000)
