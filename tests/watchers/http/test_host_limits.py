"""How many looks are under way at one host, and over all."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from watchers.http.host_limits import HostLimiter, host_and_port


async def test_no_host_gets_more_than_its_share_and_all_get_through() -> None:
    limiter = HostLimiter(overall=6, per_host=2)
    inside: Counter[str] = Counter()
    peaks: Counter[str] = Counter()
    done = 0

    async def look(url: str) -> None:
        nonlocal done
        async with limiter.slot_for_url(url):
            for key in (host_and_port(url), "all"):
                inside[key] += 1
                peaks[key] = max(peaks[key], inside[key])
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            for key in (host_and_port(url), "all"):
                inside[key] -= 1
            done += 1

    await asyncio.gather(*(look(f"https://h{n % 3}.example/{n}") for n in range(140)))
    assert done == 140
    assert peaks.pop("all") == 6
    assert set(peaks.values()) == {2}


async def test_a_crowded_host_does_not_hold_up_the_others() -> None:
    limiter = HostLimiter(overall=3, per_host=1)
    held, order = asyncio.Event(), []

    async def look(url: str, wait: asyncio.Event | None = None) -> None:
        async with limiter.slot_for_url(url):
            if wait:
                await wait.wait()
            order.append(host_and_port(url))

    slow = [asyncio.create_task(look("https://slow.example/", held)) for _ in range(5)]
    await asyncio.sleep(0)
    await asyncio.gather(*(look(f"https://h{n}.example/") for n in range(5)))
    assert order == [f"h{n}.example" for n in range(5)]
    held.set()
    await asyncio.gather(*slow)


async def test_a_failure_inside_gives_the_place_back_and_nothing_is_remembered() -> None:
    limiter = HostLimiter(overall=1, per_host=1)
    for _ in range(3):
        with pytest.raises(ValueError, match="inside"):
            async with limiter.slot_for_url("https://x.example/"):
                raise ValueError("inside")
    assert limiter.hosts == {}


def test_ports_are_places_of_their_own_and_letters_case_is_not() -> None:
    assert host_and_port("https://X.example:8443/a") == "x.example:8443"
    assert host_and_port("https://[::1") == ""
    usual = ("http://x.example/", "https://X.example:443/", "http://x.example:080/", "https://x.example./", "http://x.example:/")
    assert {host_and_port(url) for url in usual} == {"x.example"}


async def test_whoever_gives_up_while_waiting_takes_no_place_with_him() -> None:
    limiter = HostLimiter(overall=1, per_host=1)

    async def pass_through(url: str) -> None:
        async with limiter.slot_for_url(url):
            await asyncio.sleep(0)

    async with limiter.slot_for_url("https://x.example/"):
        waiting = [asyncio.create_task(pass_through(url)) for url in ("https://x.example/", "https://y.example/")]  # for the host; for all
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert limiter.hosts == {}
    async with asyncio.timeout(5):
        await asyncio.gather(*(pass_through(url) for url in ("https://x.example/", "https://y.example/")))
