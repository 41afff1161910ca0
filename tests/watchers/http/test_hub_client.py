"""How hubs are asked: every host on the way passes the gate, one time cap holds over all, and the secret stays where it is safe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.support.feed_server import Answer, FeedServer, feed_server
from watchers.http.client import open_session
from watchers.http.conditional import ConditionalClient
from watchers.http.hub_client import HubClient, leaves_https
from watchers.models.polling import Limits

LIMITS = Limits(allow_private_addresses=True, per_host=1, timeout=timedelta(seconds=1), max_redirects=3)
FORM = {"hub.mode": "subscribe", "hub.secret": "s"}


@dataclass
class Town:
    """Two hosts, and who asks."""

    here: FeedServer
    there: FeedServer
    client: ConditionalClient

    async def ask(self, url: str) -> str:
        return await HubClient(self.client).ask(url, FORM)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with feed_server() as here, feed_server() as there, open_session(LIMITS) as session:
        yield Town(here, there, ConditionalClient(session, LIMITS))


async def test_a_form_is_posted_again_where_the_hub_leads(town: Town) -> None:
    town.there.play("/hub", Answer(status=202))
    assert await town.ask(town.here.redirect("/old", town.there.url("/hub"), 307)) == ""
    assert await town.ask(town.here.redirect("/gone", town.there.url("/hub"), 308)) == ""
    assert "301" in await town.ask(town.here.redirect("/get", town.there.url("/hub"), 301)), "others would have it asked without the form"
    assert town.there.count("/hub") == 2


async def test_where_a_hub_leads_it_waits_its_turn_and_keeps_no_place_behind(town: Town) -> None:
    """A hub that redirects was asked past the limits of the host it named."""
    town.there.play("/hub", Answer(status=202))
    moved = town.here.redirect("/old", town.there.url("/hub"), 307)
    async with town.client.host_limiter.slot_for_url(town.there.base):
        asking = asyncio.create_task(town.ask(moved))
        async with asyncio.timeout(2):
            while len(town.client.host_limiter.hosts) != 1 or not town.here.asked:
                await asyncio.sleep(0.001)
            for _ in range(50):
                await asyncio.sleep(0)
        assert town.there.asked == []
    assert await asking == ""
    assert town.there.count("/hub") == 1


async def test_redirects_end(town: Town) -> None:
    assert await town.ask(town.here.redirect("/round", town.here.url("/round"), 307)) == "redirects in a circle"
    for number in range(9):
        town.here.redirect(f"/{number}", f"/{number + 1}", 308)
    assert await town.ask(town.here.url("/0")) == "more than 3 redirects"
    assert town.here.count("/4") == 0
    assert await town.ask(town.here.play("/nowhere", Answer(status=307))) == "307 without a Location"
    assert await town.ask(town.here.redirect("/bad", "http://[", 307)) == "307 to what is no address"
    assert "user name" in await town.ask(town.here.redirect("/user", "http://a:b@x.example/", 307))


async def test_one_time_cap_holds_over_all_hops(town: Town) -> None:
    for number in range(3):
        town.here.play(f"/{number}", Answer(status=307, delay=0.4, headers={"Location": town.here.url(f"/{number + 1}")}))
    begun = asyncio.get_running_loop().time()
    assert await town.ask(town.here.url("/0")) == "no answer within 1 s"
    assert asyncio.get_running_loop().time() - begun < 1.5


async def test_what_a_hub_says_is_one_short_line(town: Town) -> None:
    said = await town.ask(town.here.play("/hub", Answer(b"not\x1b[31m\ntoday " * 20_000, status=400)))
    assert said.startswith("400 Bad Request not [31m today")
    assert len(said) <= 200


def test_a_secret_does_not_leave_https() -> None:
    assert leaves_https("https://hub.example/", "http://hub.example/")
    assert leaves_https("HTTPS://hub.example/", "ftp://hub.example/")
    assert not leaves_https("https://hub.example/", "HTTPS://other.example/")
    assert not leaves_https("http://hub.example/", "http://other.example/")
