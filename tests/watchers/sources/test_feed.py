"""One look at one feed, over loopback: what comes back for each way a server can behave."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from aiohttp import TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

from seeds.feeds import Feed
from tests.support.feed_server import Answer, FeedServer, feed_server, rss
from watchers.http.client import open_session
from watchers.models.polling import FeedState, Limits, PollResult
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.feed import FeedWatcher
from watchers.state import poll_schedule

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
LIMITS = Limits(allow_private_addresses=True)
OPENING = {"title": "Nvidia opens a centre in Hanoi", "guid": "a-1", "pubDate": "Fri, 06 Dec 2024 07:00:00 GMT"}
BODY = rss(OPENING, "FPT signs with a partner")


class Nobody(AbstractResolver):
    """A name server that knows no name, so that no test asks a real one."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        raise OSError(None, "Domain name not found")

    async def close(self) -> None:
        """Nothing is held."""


class Bench:
    """A feed server and a watcher in front of it."""

    def __init__(self, server: FeedServer, watcher: FeedWatcher) -> None:
        self.server, self.watcher = server, watcher

    async def poll(self, path: str, state: FeedState | None = None, **feed: str) -> PollResult:
        url = path if "://" in path else self.server.url(path)
        return await self.watcher.poll(Feed(url=url, **feed), state or FeedState(), NOW)


@pytest.fixture
async def bench(workers: ParseWorkers) -> AsyncIterator[Bench]:
    async with feed_server() as server, open_session(LIMITS) as session:
        assert isinstance(session.connector, TCPConnector)
        session.connector._resolver = Nobody()
        yield Bench(server, FeedWatcher(session, LIMITS, workers))


async def test_a_first_look_gives_items_with_keys_and_validators(bench: Bench) -> None:
    bench.server.play("/feed", Answer(BODY, validators=True))
    look = await bench.poll("/feed")
    assert look.outcome == "items"
    assert [item.title for item in look.items] == ["Nvidia opens a centre in Hanoi", "FPT signs with a partner"]
    assert look.items[0].published == datetime(2024, 12, 6, 7, 0, tzinfo=UTC)
    assert f"g:{bench.server.url('/feed')}\x1fa-1" in look.keys[0]
    assert look.etag
    assert look.last_modified
    assert look.parser == "fast"


async def test_validators_go_back_exactly_as_given_and_bring_a_304(bench: Bench) -> None:
    bench.server.play("/feed", Answer(BODY, validators=True))
    first = await bench.poll("/feed")
    state = poll_schedule.next_state(FeedState(), first, NOW, LIMITS, new=2)
    second = await bench.poll("/feed", state)
    assert second.outcome == "unchanged"
    assert (second.etag, second.last_modified) == (first.etag, first.last_modified)
    asked = bench.server.last("/feed").headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == (first.etag, first.last_modified)


async def test_every_tenth_look_goes_without_validators(bench: Bench) -> None:
    bench.server.play("/feed", Answer(BODY, validators=True))
    first = await bench.poll("/feed")
    state = msgspec.structs.replace(poll_schedule.next_state(FeedState(), first, NOW, LIMITS, new=2), polls=9)
    look = await bench.poll("/feed", state)
    assert "If-None-Match" not in bench.server.last("/feed").headers
    assert look.outcome == "unchanged"  # the same bytes
    assert look.etag == first.etag


async def test_a_page_instead_of_a_feed_is_named_so_and_leaves_no_validators(bench: Bench) -> None:
    bench.server.play("/feed", Answer(b"<!doctype html><html><body>Maintenance</body></html>", validators=True))
    look = await bench.poll("/feed")
    assert look.error is not None
    assert look.error.kind == "not_a_feed"
    assert "web page" in str(look.error.problem)
    assert look.etag == ""
    state = poll_schedule.next_state(FeedState(etag='"good"'), look, NOW, LIMITS)
    assert state.etag == '"good"'


async def test_an_empty_200_is_not_an_empty_feed(bench: Bench) -> None:
    bench.server.play("/feed", b"")
    look = await bench.poll("/feed")
    assert look.error is not None
    assert look.error.kind == "not_a_feed"
    assert "empty" in str(look.error.problem)


async def test_broken_xml_is_read_by_the_forgiving_parser(bench: Bench) -> None:
    bench.server.play("/feed", BODY.replace(b"FPT signs", b"FPT & Amkor <sign>").replace(b"</rss>", b""))
    look = await bench.poll("/feed")
    assert look.parser == "feedparser"
    assert len(look.items) == 2


@pytest.mark.parametrize(("status", "kind"), [(404, "client"), (410, "gone"), (429, "throttled"), (500, "server"), (503, "server")])
async def test_a_status_that_is_no_answer_is_an_error_of_its_kind(bench: Bench, status: int, kind: str) -> None:
    bench.server.play("/feed", Answer(b"no", status=status))
    look = await bench.poll("/feed")
    assert look.error is not None
    assert (look.error.kind, look.error.status) == (kind, status)


async def test_retry_after_comes_with_the_look(bench: Bench) -> None:
    bench.server.play("/feed", Answer(status=503, headers={"Retry-After": "7200"}))
    look = await bench.poll("/feed")
    assert look.error is not None
    assert look.error.kind == "throttled"
    assert look.hints.retry_after == 7200


async def test_permanent_redirects_alone_are_reported_as_a_move(bench: Bench) -> None:
    bench.server.play("/new", BODY)
    bench.server.redirect("/old", "/middle", 301)
    bench.server.redirect("/middle", "/new", 308)
    look = await bench.poll("/old")
    assert look.outcome == "items"
    assert look.redirect == bench.server.url("/new")
    assert look.items[0].feed == bench.server.url("/old")


async def test_a_temporary_hop_makes_the_redirect_no_move(bench: Bench) -> None:
    bench.server.play("/new", BODY)
    bench.server.redirect("/old", "/middle", 301)
    bench.server.redirect("/middle", "/new", 302)
    assert (await bench.poll("/old")).redirect == ""


async def test_a_circle_of_redirects_ends(bench: Bench) -> None:
    bench.server.redirect("/a", "/b")
    bench.server.redirect("/b", "/a")
    look = await bench.poll("/a")
    assert look.error is not None
    assert look.error.kind == "redirect"


async def test_a_refused_connection_and_a_name_nobody_knows_are_told_apart(bench: Bench) -> None:
    refused = await bench.poll("http://127.0.0.1:9/feed")
    unknown = await bench.poll("http://nobody.invalid/feed")
    assert refused.error is not None
    assert refused.error.kind == "refused"
    assert unknown.error is not None
    assert unknown.error.kind == "dns"


async def test_a_feed_may_move_to_an_address_that_pace_has_adopted(bench: Bench) -> None:
    bench.server.play("/new", BODY)
    look = await bench.poll("/old", FeedState(adopted=bench.server.url("/new")))
    assert look.outcome == "items"
    assert bench.server.count("/old") == 0
    assert look.items[0].feed == bench.server.url("/old")


async def test_a_file_from_the_configuration_is_read_like_a_feed(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "a feed.xml"
    path.write_bytes(BODY)
    look = await bench.poll(path.as_uri())
    assert [item.title for item in look.items][:1] == ["Nvidia opens a centre in Hanoi"]
    again = await bench.poll(path.as_uri(), FeedState(polls=1, body_hash=look.body_hash))
    assert again.outcome == "unchanged"
    missing = await bench.poll((tmp_path / "none.xml").as_uri())
    assert missing.error is not None
    assert "no such file" in str(missing.error.problem)


async def test_a_hub_may_stand_in_a_header(bench: Bench) -> None:
    link = '<https://hub.example/>; rel="hub", <https://news.example/feed>; rel="self"'
    bench.server.play("/feed", Answer(BODY, headers={"Link": link}))
    look = await bench.poll("/feed")
    assert (look.hub, look.topic) == ("https://hub.example/", "https://news.example/feed")


@pytest.mark.parametrize(
    "links",
    [
        ('<https://hub.example/?a=1,2>; rel="hub"', "<https://news.example/feed>; rel=self"),
        (
            '<https://news.example/feed>; rel="alternate self", <https://hub.example/?a=1,2>; title="x"; REL=hub',
            "</style.css>; rel=preload",
        ),
        ("</a>; rel=hubcap", '<https://hub.example/?a=1,2>;rel="preconnect hub";x=y,<https://news.example/feed>;rel="self"'),
    ],
)
async def test_links_in_headers_are_read_as_servers_write_them(bench: Bench, links: tuple[str, ...]) -> None:
    """A hub and the feed's own name stand in a header each: of several only the first was read, and addresses ended at a comma."""

    async def play(writer: asyncio.StreamWriter) -> None:
        head = "".join(f"Link: {link}\r\n" for link in links)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n{head}\r\n".encode() + BODY)
        await writer.drain()

    bench.server.play("/feed", Answer(raw=play))
    look = await bench.poll("/feed")
    assert (look.hub, look.topic) == ("https://hub.example/?a=1,2", "https://news.example/feed")


async def test_errors_are_said_in_words_for_a_person(bench: Bench) -> None:
    unknown = await bench.poll("https://nobody.invalid/feed")
    refused = await bench.poll("http://127.0.0.1:9/feed")
    assert unknown.error is not None
    assert str(unknown.error.problem) == "the name nobody.invalid is not known"
    assert refused.error is not None
    assert str(refused.error.problem) == "no connection to 127.0.0.1: connection refused"


async def test_looks_at_many_feeds_run_side_by_side(bench: Bench) -> None:
    for number in range(30):
        bench.server.play(f"/{number}", Answer(BODY, gzip=number % 2 == 0))
    looks = await asyncio.gather(*(bench.poll(f"/{number}") for number in range(30)))
    assert {look.outcome for look in looks} == {"items"}
