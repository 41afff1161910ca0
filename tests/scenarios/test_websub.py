"""WebSub played through: the real bot, a feed that names a hub, a hub that keeps to the Recommendation, all on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import signal
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.config import Config
from bot.feed_report import remarks, row_of
from bot.store.feeds import known_feeds
from bot.store.subscriptions import Kept, read_kept, subscribed
from seeds.feeds import Feed
from tests.scenarios.test_run import seedwatch, write_config
from tests.support.bot_app import Bot, config_of, open_bot
from tests.support.clock import ShiftedClock
from tests.support.feed_server import FeedServer, feed_server, rss
from tests.support.hub import Hub, open_hub
from watchers.items import Item

PUBLIC = "https://bot.example"
NEWS = "Nvidia to build a data center in Hanoi with FPT"


@dataclass
class Watch:
    """A running bot with one feed and its hub."""

    bot: Bot
    hub: Hub
    feeds: FeedServer
    clock: ShiftedClock
    url: str

    def document(self, *titles: str, topic: str = "") -> bytes:
        """The feed, listing these."""
        recent = format_datetime(self.clock.now() - timedelta(minutes=1))
        head = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{self.hub.url}"/>'
        head += f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{topic or self.url}"/>'
        return rss(*({"title": one, "pubDate": recent} for one in titles), head=head)

    async def kept(self) -> list[Kept]:
        """The subscriptions as they stand in the database."""
        return await self.bot.app.store.read(read_kept)

    async def one(self) -> Kept:
        """The only one."""
        (kept,) = await self.kept()
        return kept

    async def tick(self) -> None:
        """What the job does every half minute."""
        assert self.bot.app.hubs is not None
        await self.bot.app.hubs.tick()

    async def shows(self, text: str, seconds: float = 2) -> float:
        """Waits until the chat shows it; how long that took."""
        begun = time.monotonic()
        async with asyncio.timeout(seconds):
            while not self.bot.shown(text):
                await asyncio.sleep(0.005)
        return time.monotonic() - begun


async def row_of_feed(watch: Watch) -> dict[str, Any]:
    """What `feeds list` tells of it."""
    store = watch.bot.app.store
    (known,), hubs = await store.read(known_feeds), await store.read(subscribed)
    return row_of(Feed(url=watch.url), known.state, watch.clock.now(), hub=hubs.get(watch.url))


def config(**poll: object) -> Config:
    return config_of(web={"port": 0, "public_url": PUBLIC}, poll=dict(poll))


@asynccontextmanager
async def watching(folder: Path, *, settings: Config | None = None, subscribe: bool = True) -> AsyncIterator[Watch]:
    """A bot that has looked once at its feed and, unless told not to, has subscribed at its hub."""
    clock = ShiftedClock()
    async with feed_server() as feeds, open_hub() as hub:
        url = feeds.url("/feed")
        watch = Watch(None, hub, feeds, clock, url)  # type: ignore[arg-type]
        feeds.play("/feed", watch.document("A quiet day at the lake"))
        async with open_bot(folder / "a.db", [url], config=settings or config(), clock=clock) as watch.bot:
            app = watch.bot.app
            assert app.listener is not None
            await app.poll_once()
            stop = asyncio.Event()
            running = asyncio.create_task(app.run(stop))
            async with asyncio.timeout(5):
                while not app.listener.port:
                    await asyncio.sleep(0.005)
            hub.proxy[PUBLIC] = f"http://127.0.0.1:{app.listener.port}"
            # As a running bot does with the bundled documents: the first match of a process loads languages for a second or two.
            await app.matching.match([Item("warm", title=NEWS, text=NEWS)])
            try:
                if subscribe:
                    await watch.tick()
                    assert len(hub.subscribers) == 1
                yield watch
            finally:
                stop.set()
                await running


async def test_what_a_hub_brings_reaches_the_chat_within_two_seconds_without_a_poll(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        polls = watch.feeds.count("/feed")
        assert await watch.hub.distribute(watch.url, watch.document(NEWS)) == [202]
        assert await watch.shows(NEWS) < 2
        assert watch.feeds.count("/feed") == polls
        assert watch.bot.count("hits") >= 1
        watch.feeds.play("/feed", watch.document(NEWS, "A quiet day at the lake"))
        watch.clock.move(timedelta(hours=2))
        await watch.bot.app.poller.visit_all()
        assert watch.feeds.count("/feed") > polls
        assert watch.bot.count(f"items WHERE title = '{NEWS}'") == 1, "the poll that follows knows it"
        await watch.bot.app.outbox.deliver_due()
        assert watch.bot.shown(NEWS) == 1


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


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
async def test_every_signature_of_the_recommendation_is_understood(tmp_path: Path, method: str) -> None:
    async with watching(tmp_path) as watch:
        assert await watch.hub.distribute(watch.url, watch.document(NEWS), method=method) == [202]
        await watch.shows(NEWS)


async def test_content_with_a_wrong_signature_or_none_is_acknowledged_and_dropped(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        body = watch.document(NEWS)
        callback = (await watch.one()).subscription.callback
        assert await watch.hub.distribute(watch.url, body, secret="guessed") == [202]
        assert await watch.hub.distribute(watch.url, body, sign=False) == [202]
        assert await watch.hub.post(callback, body, hashlib.sha256(body).hexdigest()) == 202
        good = hmac.new((await watch.one()).subscription.secret.encode(), body, "sha256").hexdigest()
        assert await watch.hub.post(callback, body.replace(b"Hanoi", b"Haiti"), good) == 202
        assert watch.bot.count("items") == 1
        assert watch.bot.screen.getvalue() == ""


async def test_a_replay_of_signed_content_changes_nothing(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        body = watch.document(NEWS)
        for _ in range(3):
            assert await watch.hub.distribute(watch.url, body) == [202]
        await watch.shows(NEWS)
        await watch.bot.app.outbox.deliver_due()
        assert watch.bot.count("items") == 2
        assert watch.bot.shown(NEWS) == 1


async def test_two_deliveries_of_the_same_at_once_are_one_item(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        body = watch.document(NEWS)
        answers = await asyncio.gather(*(watch.hub.distribute(watch.url, body) for _ in range(5)))
        assert answers == [[202]] * 5
        assert watch.bot.count("items") == 2
        assert watch.bot.count("deliveries WHERE kind = 'alert'") == 1


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


async def test_a_lease_is_renewed_before_it_ends_under_the_same_callback(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        watch.hub.granted = 86_400
        await watch.tick()
        first = (await watch.one()).subscription
        assert first.until is not None
        watch.clock.move(timedelta(hours=18))
        await watch.tick()
        assert len(watch.hub.asked) == 1, "not yet"
        watch.clock.move(timedelta(hours=2))
        await watch.tick()
        assert len(watch.hub.asked) == 2
        again = (await watch.one()).subscription
        assert again.until is not None
        assert again.until - first.until > timedelta(hours=19)
        assert (again.callback, again.secret) == (first.callback, first.secret)
        assert watch.hub.subscribers[first.callback].verified == 2


async def test_a_lease_that_cannot_be_renewed_ends_and_polling_takes_over(tmp_path: Path) -> None:
    async with watching(tmp_path, settings=config(fastest="1s")) as watch:
        app = watch.bot.app
        poll = watch.feeds.count("/feed")
        watch.clock.move(timedelta(hours=1))
        await app.poller.visit_all()
        (known,) = await app.store.read(known_feeds)
        assert known.state.next_poll_at is not None
        assert known.state.next_poll_at - watch.clock.now() > timedelta(minutes=50), "a hub brings the news: looks are for safety"
        assert watch.feeds.count("/feed") == poll + 1
        watch.hub.status = 503
        watch.clock.move(timedelta(days=6))
        await watch.tick()
        assert "503" in (await watch.one()).subscription.error
        watch.clock.move(timedelta(days=2))
        await app.poller.visit_all()
        (known,) = await app.store.read(known_feeds)
        assert known.state.next_poll_at is not None
        assert known.state.next_poll_at - watch.clock.now() < timedelta(minutes=25)


async def test_a_hub_that_lost_something_is_no_longer_relied_on(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        watch.feeds.play("/feed", watch.document(NEWS, "A quiet day at the lake"))
        watch.clock.move(timedelta(hours=2))
        await watch.bot.app.poller.visit_all()
        await watch.shows(NEWS)
        (known,) = await watch.bot.app.store.read(known_feeds)
        assert known.state.next_poll_at is not None
        assert known.state.next_poll_at - watch.clock.now() < timedelta(minutes=20)


async def test_a_hub_that_denies_is_left_alone_for_a_week(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        assert await watch.hub.deny(watch.url, "we are <b>full</b>") == 200
        denied = (await watch.one()).subscription
        assert (denied.state, denied.error) == ("denied", "denied: we are <b>full</b>")
        assert remarks(await row_of_feed(watch)) == "WebSub: denied: we are <b>full</b>"
        watch.clock.move(timedelta(days=6))
        await watch.tick()
        assert len(watch.hub.asked) == 1
        watch.clock.move(timedelta(days=1, minutes=1))
        await watch.tick()
        assert (await watch.one()).subscription.state == "active"


async def test_a_hub_in_trouble_is_asked_again_later_and_not_at_every_tick(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        watch.hub.status = 503
        for _ in range(3):
            await watch.tick()
        assert len(watch.hub.asked) == 1
        assert (await watch.one()).subscription.error.startswith("503 Service Unavailable not today")
        watch.hub.status = 202
        watch.clock.move(timedelta(minutes=11))
        await watch.tick()
        assert (await watch.one()).subscription.state == "active"


async def test_a_hub_that_verified_and_then_stumbled_has_verified(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        watch.hub.stumbles = True
        await watch.tick()
        kept = (await watch.one()).subscription
        assert (kept.state, kept.error, kept.tries) == ("active", "", 0)
        watch.clock.move(timedelta(hours=1))
        await watch.tick()
        assert len(watch.hub.asked) == 1


async def test_a_feed_that_is_taken_out_is_unsubscribed_and_its_callback_forgotten(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        callback = (await watch.one()).subscription.callback
        await _take_out(watch)
        watch.hub.verifies = False
        await watch.tick()
        assert watch.hub.asked[-1]["hub.mode"] == "unsubscribe"
        assert await watch.hub.distribute(watch.url, watch.document(NEWS)) == [410]
        assert await watch.hub.verify({**watch.hub.asked[0]}) == 404, "a late verification does not bring it back"
        assert await watch.hub.verify(watch.hub.asked[-1]) == 200
        assert await watch.kept() == []
        assert await watch.hub.post(callback, b"x", "0" * 64) == 404
        assert watch.bot.count("items") == 1


async def test_a_hub_that_never_answers_a_farewell_is_asked_three_times(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        await _take_out(watch)
        watch.hub.status = 500
        for _ in range(6):
            await watch.tick()
            watch.clock.move(timedelta(days=1))
        assert [one["hub.mode"] for one in watch.hub.asked] == ["subscribe"] + ["unsubscribe"] * 3
        assert await watch.kept() == []


async def _take_out(watch: Watch) -> None:
    from bot.store.feeds import sync_feeds

    await watch.bot.app.store.write(sync_feeds, [], watch.clock.now())
    watch.bot.app.poller.replace_feeds({})


async def test_a_feed_that_names_another_hub_moves_there(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch, open_hub() as second:
        second.proxy = watch.hub.proxy
        first = watch.hub
        watch.hub = second
        watch.feeds.play("/feed", watch.document("Another quiet day at the lake"))
        watch.clock.move(timedelta(hours=2))
        await watch.bot.app.poller.visit_all()
        await watch.tick()
        assert first.asked[-1]["hub.mode"] == "unsubscribe"
        assert first.subscribers == {}
        assert [one.topic for one in second.subscribers.values()] == [watch.url]


async def test_hostile_content_ends_in_an_answer_and_no_item(tmp_path: Path) -> None:
    async with watching(tmp_path, settings=config(max_bytes=100_000)) as watch:
        bomb = b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><rss><channel>&b;</channel></rss>'
        for body, status in ((b"", 202), (b"<html>no feed</html>", 202), (b"\x00" * 5_000, 202), (bomb, 202), (b"x" * 100_001, 413)):
            assert await watch.hub.distribute(watch.url, body) == [status], body[:20]
        subscription = (await watch.one()).subscription
        assert await watch.hub.post(subscription.callback, b"x", "0" * 64, **{"Content-Encoding": "gzip"}) == 415
        assert watch.bot.count("items") == 1
        assert await watch.hub.distribute(watch.url, watch.document(NEWS)) == [202]
        await watch.shows(NEWS)


async def test_what_cannot_be_written_is_refused_so_that_the_hub_brings_it_again(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        hubs = watch.bot.app.hubs
        assert hubs is not None

        async def full(_url: str, _look: object) -> None:
            raise OSError("No space left on device")

        whole = hubs._parts
        hubs._parts = replace(whole, bring=full)
        assert await watch.hub.distribute(watch.url, watch.document(NEWS)) == [500]
        hubs._parts = whole
        assert await watch.hub.distribute(watch.url, watch.document(NEWS)) == [202]
        await watch.shows(NEWS)


async def test_a_hub_at_a_private_address_is_never_asked(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        strict = config(allow_private_addresses=False)
        app = watch.bot.app
        from bot.parts import open_web

        assert app.hubs is not None
        async with open_web(strict) as web:
            assert web.hubs is not None
            app.hubs._parts = replace(app.hubs._parts, caller=web.hubs)
            await watch.tick()
            assert watch.hub.asked == []
            assert "not a public address" in (await watch.one()).subscription.error


async def test_a_hub_that_moves_is_followed_and_one_that_moves_for_ever_is_not(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        moved = watch.feeds.redirect("/hub", watch.hub.url, 307)
        circle = watch.feeds.redirect("/circle", watch.feeds.url("/circle"), 308)
        assert watch.bot.app.hubs is not None
        caller = watch.bot.app.hubs._parts.caller
        form = {"hub.mode": "unsubscribe", "hub.topic": "t", "hub.callback": f"{PUBLIC}/websub/x"}
        assert await caller.ask(moved, form) == ""
        assert watch.hub.asked == [form]
        assert "redirects" in await caller.ask(circle, form)
        assert await caller.ask("http://127.0.0.1:9/", form) != ""
        assert await caller.ask("ftp://hub.example/", form) != ""


async def test_run_subscribes_by_itself_and_feeds_list_says_so(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with feed_server() as feeds, open_hub() as hub:
        watch = Watch(None, hub, feeds, ShiftedClock(), feeds.url("/feed"))  # type: ignore[arg-type]
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
        assert not [one for one in hub.subscribers.values() if one.secret in bot.said or one.callback in bot.said]


async def test_subscriptions_outlive_a_restart_and_end_without_a_public_address(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        before = await watch.one()
    async with open_bot(tmp_path / "a.db", [watch.url], config=config()) as bot:
        assert await bot.app.store.read(read_kept) == [before]
    async with open_bot(tmp_path / "a.db", [watch.url]) as bot:
        assert await bot.app.store.read(read_kept) == []
        assert bot.app.listener is None
