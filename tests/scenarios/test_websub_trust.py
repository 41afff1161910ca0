"""Who is trusted with what (WebSub): callbacks, verification, a hub's address, and the whole of it with `seedwatch run`."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from bot.export.feed_rows import remarks
from bot.polling.websub import BODIES, WAITING
from bot.wiring import open_web
from tests.scenarios.test_run import seedwatch, write_config
from tests.support.clock import RunningClock
from tests.support.feed_server import feed_server
from tests.support.hub import open_hub
from tests.support.hub_watch import NEWS, PUBLIC, Watch, config, row_of_feed, watching


async def test_the_bot_asks_with_an_unguessable_callback_a_secret_and_the_name_the_feed_gives_itself(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        (form,) = watch.hub.asked
        assert form["hub.topic"] == watch.url
        assert form["hub.callback"].startswith(f"{PUBLIC}/websub/")
        assert len(form["hub.callback"].rpartition("/")[2]) >= 32
        assert len(form["hub.secret"]) >= 32
        assert (await watch.one()).subscription.state == "active"
        row = await row_of_feed(watch)
        assert row["pushed_until"] is not None
        assert remarks(row) == "WebSub, subscribed"


async def test_only_what_was_asked_for_is_confirmed_and_unknown_callbacks_are_not_there(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        watch.hub.verifies = False
        await watch.tick()
        (form,) = watch.hub.asked
        callback = form["hub.callback"]
        for query in (
            {"hub.mode": "subscribe", "hub.topic": "https://evil.example/feed", "hub.challenge": "x"},
            {"hub.mode": "unsubscribe", "hub.topic": watch.url, "hub.challenge": "x"},
            {"hub.mode": "subscribe", "hub.topic": watch.url},
            {"hub.mode": "denied", "hub.topic": "https://evil.example/feed"},
            {},
        ):
            assert (await watch.hub.get(callback, query))[0] == 404, query
        asked = {"hub.mode": "subscribe", "hub.topic": watch.url, "hub.challenge": "x"}
        for unknown in (callback[:-1], callback + "x", f"{PUBLIC}/websub/", f"{PUBLIC}/websub", f"{PUBLIC}/"):
            assert await watch.hub.get(unknown, asked) == (404, "")
            assert await watch.hub.post(unknown, watch.document(NEWS), "0" * 64) == 404
        assert (await watch.one()).subscription.state == "asked"
        assert await watch.hub.verify(form) == 200
        assert (await watch.one()).subscription.state == "active"


async def test_a_challenge_is_plain_text_whatever_it_holds(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch, aiohttp.ClientSession() as session:
        callback = (await watch.one()).subscription.callback.replace(PUBLIC, watch.hub.proxy[PUBLIC])
        query = {"hub.mode": "subscribe", "hub.topic": watch.url, "hub.challenge": "<script>alert(1)</script>"}
        async with session.get(callback, params=query) as answer:
            assert await answer.text() == query["hub.challenge"]
            assert answer.content_type == "text/plain"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        async with session.put(callback, data=b"x") as answer:
            assert answer.status == 405


async def test_a_hub_at_a_private_address_is_never_asked(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        strict = config(allow_private_addresses=False)
        app = watch.bot.app
        assert app.hubs is not None
        async with open_web(strict) as web:
            assert web.hubs is not None
            app.hubs._deps = replace(app.hubs._deps, caller=web.hubs)
            await watch.tick()
            assert watch.hub.asked == []
            assert "not a public address" in (await watch.one()).subscription.error


async def test_a_hub_that_moves_is_followed_and_one_that_moves_for_ever_is_not(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        moved = watch.feeds.redirect("/hub", watch.hub.url, 307)
        circle = watch.feeds.redirect("/circle", watch.feeds.url("/circle"), 308)
        assert watch.bot.app.hubs is not None
        caller = watch.bot.app.hubs._deps.caller
        form = {"hub.mode": "unsubscribe", "hub.topic": "t", "hub.callback": f"{PUBLIC}/websub/x"}
        assert await caller.ask(moved, form) == ""
        assert watch.hub.asked == [form]
        assert "redirects" in await caller.ask(circle, form)
        assert await caller.ask("http://127.0.0.1:9/", form) != ""
        assert await caller.ask("ftp://hub.example/", form) != ""


async def test_a_hub_that_sends_slowly_holds_up_no_other(tmp_path: Path) -> None:
    """Four slow calls of one hub held all the places at which contents are read."""
    async with watching(tmp_path) as watch, aiohttp.ClientSession() as session:
        hubs = watch.bot.app.hubs
        assert hubs is not None
        kept = await watch.one()
        callback = kept.subscription.callback.replace(PUBLIC, watch.hub.proxy[PUBLIC])
        over = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"<rss>"
            await over.wait()
            yield b"</rss>"

        async def bring() -> int:
            async with session.post(callback, data=slowly()) as answer:
                return answer.status

        bringing = [asyncio.create_task(bring()) for _ in range(WAITING)]
        async with asyncio.timeout(5):
            while hubs._bodies.users_of(kept.token) < WAITING:
                await asyncio.sleep(0.001)
        assert hubs._bodies.overall._value == BODIES - 1
        assert await watch.hub.post(kept.subscription.callback, b"<rss/>", "0" * 64) == 503
        over.set()
        assert await asyncio.gather(*bringing) == [202] * WAITING
        assert await watch.hub.distribute(watch.url, watch.document(NEWS)) == [202]
        await watch.shows(NEWS)


async def test_run_subscribes_by_itself_and_feeds_list_says_so(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with feed_server() as feeds, open_hub() as hub:
        watch = Watch(None, hub, feeds, RunningClock(), feeds.url("/feed"), feeds.url("/feed"))  # type: ignore[arg-type]
        feeds.play("/feed", watch.document("A quiet day at the lake"))
        write_config(tmp_path, watch.url, more=f'[web]\nport = {port}\npublic_url = "http://127.0.0.1:{port}"\n')
        async with seedwatch(tmp_path, "run") as bot:
            await bot.until("subscribed", seconds=50)
            async with asyncio.timeout(5):
                while not hub.subscribers:  # the bot says so before its answer has reached the hub
                    await asyncio.sleep(0.01)
            assert await hub.distribute(watch.url, watch.document(NEWS)) == [202]
            await bot.until(NEWS)
            async with seedwatch(tmp_path, "feeds", "list", "--json") as listed:
                assert await listed.end() == 0
            row = json.loads(listed.said)
            assert row["hub"] == hub.url
            assert row["pushed_until"] > datetime.now(UTC).isoformat()
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.end() == 0
        assert not [
            subscriber for subscriber in hub.subscribers.values() if subscriber.secret in bot.said or subscriber.callback in bot.said
        ]
