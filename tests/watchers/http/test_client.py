"""What one request does on its way: validators, redirects of every kind, answers that are no answer."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from multidict import CIMultiDict

from seeds.feeds import Feed
from tests.support.feed_server import Answer, FeedServer, feed_server, rss
from tests.watchers.parsing.test_hostile import GROWTH, peak_memory
from watchers.http.client import open_session
from watchers.http.unpack import LAYERS, CutBodyError, unpack
from watchers.models.polling import FeedState, Limits, PollResult
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.feed import FeedWatcher
from watchers.state import poll_schedule

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
LIMITS = Limits(allow_private_addresses=True, per_host=2, timeout=timedelta(seconds=3))
BODY = rss("A title that is long enough")


class Bench:
    """A feed server and a watcher in front of it."""

    def __init__(self, server: FeedServer, watcher: FeedWatcher) -> None:
        self.server, self.watcher = server, watcher

    async def poll(self, url: str, state: FeedState | None = None) -> PollResult:
        return await self.watcher.poll(Feed(url=url), state or FeedState(), NOW)


@pytest.fixture
async def bench(workers: ParseWorkers) -> AsyncIterator[Bench]:
    async with feed_server() as server, open_session(LIMITS) as session:
        yield Bench(server, FeedWatcher(session, LIMITS, workers))


def error_of(look: PollResult) -> tuple[str, str]:
    assert look.error is not None
    return look.error.kind, str(look.error.problem)


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
    state = poll_schedule.next_state(FeedState(), await bench.poll(url), NOW, LIMITS, new=1)
    again = await bench.poll(url, state)
    asked = bench.server.last("/feed").headers
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == (etag, modified)
    assert again.outcome == "unchanged"
    assert (again.etag, again.last_modified) == (etag, modified)


async def test_a_304_may_bring_a_new_validator(bench: Bench) -> None:
    url = bench.server.play("/feed", Answer(BODY, headers={"ETag": '"1"'}), Answer(status=304, headers={"ETag": '"2"'}))
    state = poll_schedule.next_state(FeedState(), await bench.poll(url), NOW, LIMITS, new=1)
    assert (await bench.poll(url, state)).etag == '"2"'


async def test_a_304_that_nobody_asked_for_is_no_baseline(bench: Bench) -> None:
    url = bench.server.play("/feed", Answer(status=304, headers={"ETag": '"1"'}), Answer(BODY))
    first = await bench.poll(url)
    assert error_of(first)[0] == "broken"
    state = poll_schedule.next_state(FeedState(), first, NOW, LIMITS)
    assert (state.polls, state.etag) == (0, "")
    assert (await bench.poll(url, state)).outcome == "items"
    assert "If-None-Match" not in bench.server.last("/feed").headers


async def test_the_same_bytes_without_validators_are_unchanged(bench: Bench) -> None:
    url = bench.server.play("/feed", BODY)
    state = poll_schedule.next_state(FeedState(), await bench.poll(url), NOW, LIMITS, new=1)
    assert (await bench.poll(url, state)).outcome == "unchanged"


async def test_a_part_of_a_feed_is_no_feed(bench: Bench) -> None:
    url = bench.server.play("/feed", Answer(BODY, status=206, headers={"Content-Range": "bytes 0-99/9000"}))
    assert error_of(await bench.poll(url)) == ("broken", "206: a part, though all of it was asked for")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_of_every_kind_are_followed_and_end_when_they_go_round(bench: Bench, status: int) -> None:
    bench.server.play("/new", BODY)
    look = await bench.poll(bench.server.redirect("/old", "/new", status))
    assert look.outcome == "items"
    assert look.redirect == (bench.server.url("/new") if status in {301, 308} else "")
    itself = bench.server.redirect("/itself", "/itself", status)
    assert error_of(await bench.poll(itself)) == ("redirect", "redirects in a circle")
    for number in range(9):
        bench.server.redirect(f"/{number}", f"/{number + 1}", status)
    assert error_of(await bench.poll(bench.server.url("/0"))) == ("redirect", "more than 6 redirects")
    assert bench.server.count("/7") == 0
    nowhere = bench.server.play("/nowhere", Answer(status=status))
    assert error_of(await bench.poll(nowhere)) == ("redirect", f"{status} without a Location")


async def test_a_redirects_own_body_is_not_unpacked(bench: Bench) -> None:
    """300 MB in 54 KB, under the length up to which such bodies are read."""
    packer = brotli.Compressor(quality=1)
    bomb = b"".join(packer.process(b" " * 1_000_000) for _ in range(300)) + packer.finish()
    assert len(bomb) < 60_000
    bench.server.play("/new", BODY)
    headers = {"Location": "/new", "Content-Encoding": "br"}
    before = peak_memory()
    look = await bench.poll(bench.server.play("/old", Answer(bomb, status=302, headers=headers)))
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
        looks = await asyncio.gather(*(bench.poll(server.redirect("/old", target, 302)) for server in others))
    assert {look.outcome for look in looks} == {"items"}
    assert most == LIMITS.per_host


async def test_one_time_cap_holds_over_all_hops(bench: Bench) -> None:
    async with feed_server() as other:
        hops = [bench.server if number % 2 else other for number in range(6)]
        for number, server in enumerate(hops[:-1]):
            server.play(f"/{number}", Answer(status=302, delay=1.0, headers={"Location": hops[number + 1].url(f"/{number + 1}")}))
        begun = asyncio.get_running_loop().time()
        look = await bench.poll(other.url("/0"))
        assert error_of(look) == ("timeout", "no whole answer within 3 s")
        assert asyncio.get_running_loop().time() - begun < 3.5


async def test_a_redirect_that_asks_for_patience_is_not_followed_before(bench: Bench) -> None:
    bench.server.play("/new", BODY)
    later = {"Location": "/new", "Retry-After": "7200"}
    look = await bench.poll(bench.server.play("/old", Answer(status=302, headers=later)))
    assert error_of(look) == ("throttled", "302 that may be followed in 7200 s only")
    assert bench.server.count("/new") == 0
    assert poll_schedule.next_state(FeedState(), look, NOW, LIMITS).next_poll_at == NOW + timedelta(hours=2)
    at_once = bench.server.play("/soon", Answer(status=302, headers=later | {"Retry-After": "1"}))
    assert (await bench.poll(at_once)).outcome == "items"


@pytest.mark.parametrize("target", ["", "/old", "http://["])
async def test_a_redirect_that_leads_nowhere_is_heard_about_when_to_come_again(bench: Bench, target: str) -> None:
    look = await bench.poll(bench.server.play("/old", Answer(status=302, headers={"Location": target, "Retry-After": "90000"})))
    assert error_of(look)[0] == "redirect"
    assert poll_schedule.next_state(FeedState(), look, NOW, LIMITS).next_poll_at == NOW + timedelta(seconds=90_000)


def door(target: str, *cookies: str) -> Answer:
    """A redirect that sets cookies."""
    return Answer(status=302, headers=CIMultiDict([("Location", target), *(("Set-Cookie", cookie) for cookie in cookies)]))


def cookies_of(bench: Bench, path: str) -> list[str | None]:
    return [asked.headers.get("Cookie") for asked in bench.server.asked if asked.path == path]


async def test_a_redirect_that_asks_for_its_cookie_gets_it(bench: Bench) -> None:
    url = bench.server.play("/feed", door("/feed", "pass=a1; Path=/; HttpOnly", "lang=vi"), Answer(BODY))
    assert (await bench.poll(url)).outcome == "items"
    assert cookies_of(bench, "/feed") == [None, "pass=a1; lang=vi"]


async def test_a_cookie_is_kept_over_several_redirects_and_gone_at_the_next_look(bench: Bench) -> None:
    bench.server.play("/check", door("/feed", "second=2"))
    url = bench.server.play("/feed", door("/check", "first=1"), Answer(BODY), door("/check", "first=1"), Answer(BODY))
    for _ in range(2):
        assert (await bench.poll(url)).outcome == "items"
    assert cookies_of(bench, "/feed") == [None, "first=1; second=2"] * 2
    assert cookies_of(bench, "/check") == ["first=1"] * 2


async def test_a_cookie_goes_to_no_other_host(bench: Bench) -> None:
    async with feed_server() as other:
        bench.server.play("/end", BODY)
        other.play("/over", door(bench.server.url("/end"), "theirs=2"))
        url = bench.server.play("/feed", door(other.url("/over"), "ours=1; Domain=127.0.0.1"))
        assert (await bench.poll(url)).outcome == "items"
        assert "Cookie" not in other.last("/over").headers
        assert cookies_of(bench, "/end") == ["ours=1"]


@pytest.mark.parametrize("cookie", ["", "=x", "no-value", "safe=1; Secure", "é=1", "long=" + "x" * 9_000])
async def test_a_redirect_to_itself_without_a_new_cookie_is_a_circle(bench: Bench, cookie: str) -> None:
    look = await bench.poll(bench.server.play("/feed", door("/feed", cookie)))
    assert error_of(look) == ("redirect", "redirects in a circle")
    assert cookies_of(bench, "/feed") == [None]


async def test_a_redirect_that_sets_the_same_cookie_again_is_a_circle_and_a_new_one_each_time_ends_too(bench: Bench) -> None:
    assert error_of(await bench.poll(bench.server.play("/same", door("/same", "a=1")))) == ("redirect", "redirects in a circle")
    assert bench.server.count("/same") == 2
    for_ever = bench.server.play("/new", *(door("/new", f"a={number}") for number in range(20)))
    assert error_of(await bench.poll(for_ever)) == ("redirect", "more than 6 redirects")


PACKED = gzip.compress(BODY)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(PACKED, headers={"Content-Encoding": "x-gzip"}),
        Answer(PACKED, headers={"Content-Type": "application/gzip"}),
        Answer(gzip.compress(PACKED), headers={"Content-Encoding": "gzip"}),
        Answer(gzip.compress(PACKED), headers={"Content-Encoding": "gzip, gzip"}),
        Answer(gzip.compress(BODY[:90]) + gzip.compress(BODY[90:])),
        Answer(PACKED + b"\0" * 20),
    ],
)
async def test_a_packed_body_is_read_whatever_it_is_called(bench: Bench, answer: Answer) -> None:
    look = await bench.poll(bench.server.play("/feed.xml.gz", answer))
    assert [item.title for item in look.items] == ["A title that is long enough"]
    assert look.size == len(BODY)


async def test_a_packed_file_is_read(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "feed.xml.gz").write_bytes(PACKED)
    assert [item.title for item in (await bench.poll((tmp_path / "feed.xml.gz").as_uri())).items] == ["A title that is long enough"]


@pytest.mark.parametrize("layers", [1, 2, LAYERS])
async def test_a_packed_body_is_held_to_the_limit(bench: Bench, layers: int) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(400)) + packer.flush()
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb, 9)
    before = peak_memory()
    look = await bench.poll(bench.server.play("/feed.gz", Answer(bomb)))
    assert error_of(look) == ("too_large", "more than 10,000,000 bytes after decompression")
    assert peak_memory() - before < GROWTH


async def test_a_packed_body_that_is_cut_or_broken_is_called_so(bench: Bench) -> None:
    assert error_of(await bench.poll(bench.server.play("/cut", PACKED[:-30]))) == ("broken", "the packed body ends in the middle")
    assert error_of(await bench.poll(bench.server.play("/odd", PACKED[:12] + b"?" * 60)))[0] == "not_a_feed"


def test_the_beginning_of_a_packed_body_is_what_there_is_of_it() -> None:
    assert unpack(PACKED[:-30], 40, beginning=True) == BODY[:40]
    with pytest.raises(CutBodyError):
        unpack(PACKED[:-30], 1_000)


@given(st.binary(max_size=200), st.integers(0, LAYERS), st.booleans())
def test_what_is_packed_is_unpacked(body: bytes, layers: int, beginning: bool) -> None:
    assume(not body.startswith(b"\x1f\x8b\x08"))  # such a body is packed once more, or cut
    packed = body
    for _ in range(layers):
        packed = gzip.compress(packed)
    assert unpack(packed, 1_000, beginning=beginning) == body
    with suppress(CutBodyError):
        unpack(b"\x1f\x8b\x08" + packed, 1_000, beginning=beginning)
