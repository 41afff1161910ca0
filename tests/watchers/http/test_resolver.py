"""Names that nobody answers for keep nobody else waiting."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from seeds.feeds import Feed
from tests.support.feed_server import feed_server, rss
from watchers.http.client import open_session
from watchers.http.resolver import ThreadedResolver
from watchers.models.polling import FeedState, Limits, PollResult
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.feed import FeedWatcher

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
LIMITS = Limits(allow_private_addresses=True, timeout=timedelta(seconds=2))


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The system's resolver: names under "dead" are not answered for until the end, all others are this machine."""
    event, real = threading.Event(), socket.getaddrinfo

    def ask(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host.endswith(".dead.example"):
            event.wait(10)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real("127.0.0.1" if host.endswith(".example") else host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    yield event
    event.set()


async def test_forty_dead_names_keep_no_other_waiting(over: threading.Event) -> None:
    """Six of them were enough on two processors: every feed with a name timed out."""
    async with feed_server() as server, open_session(LIMITS) as session:
        watcher = FeedWatcher(session, LIMITS, ParseWorkers(LIMITS))
        port = server.base.rpartition(":")[2]
        server.play("/feed", rss("A quiet day at the lake"))

        async def look(host: str) -> PollResult:
            return await watcher.poll(Feed(url=f"http://{host}:{port}/feed"), FeedState(), NOW)

        dead = [asyncio.create_task(look(f"h{number}.dead.example")) for number in range(40)]
        await asyncio.sleep(0)
        assert (await look("alive.example")).outcome == "items"
        assert await asyncio.to_thread(lambda: "the common threads are free") != ""
        over.set()
        assert {poll.error.kind if poll.error else "" for poll in await asyncio.gather(*dead)} == {"dns"}


async def test_questions_under_way_are_counted_until_they_are_answered(over: threading.Event) -> None:
    names = ThreadedResolver(at_once=2)
    for number in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await names.resolve(f"h{number}.dead.example")
    waiting = asyncio.create_task(names.resolve("alive.example", 80))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    over.set()
    assert [resolve["host"] for resolve in await waiting] == ["127.0.0.1"]


@pytest.mark.parametrize("name", ["a" * 64 + ".example.org", "a..example.org", "\udcc3.example.org"])
async def test_what_cannot_be_a_name_is_not_known(name: str) -> None:
    with pytest.raises(socket.gaierror):
        await ThreadedResolver().resolve(name, 80)


async def test_numbers_and_ipv6_come_out_as_they_are() -> None:
    for address, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
        found = await ThreadedResolver().resolve(address, 443, family)
        assert [(resolve["host"], resolve["port"], resolve["family"]) for resolve in found] == [(address, 443, family)]


async def test_a_system_without_a_thread_left_costs_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ThreadedResolver(at_once=1)

    def full(_self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", full)
        with pytest.raises(OSError, match="unavailable"):
            await names.resolve("127.0.0.1", 80)
    assert await names.resolve("127.0.0.1", 80)
