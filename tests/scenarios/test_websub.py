"""What a hub brings (WebSub): the real bot takes it as a look, once, when it is signed as it must be. All on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store.feeds import known_feeds
from tests.support.feed_server import rss
from tests.support.hub_watch import NEWS, PUBLIC, config, watching


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


async def test_the_same_news_by_hub_and_by_poll_at_once_is_told_once(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        body = watch.document(NEWS)
        watch.feeds.play("/feed", body)
        held = watch.feeds.hold("/feed")
        poll = asyncio.create_task(watch.bot.app.poller.visit_all(include_not_due=True))
        while watch.feeds.count("/feed") < 2:
            await asyncio.sleep(0)
        brought = asyncio.create_task(watch.hub.distribute(watch.topic, body))
        held.set()
        await asyncio.gather(poll, brought)
        await watch.shows(NEWS)
        await watch.bot.app.outbox.deliver_due()
        assert watch.bot.count(f"items WHERE title = '{NEWS}'") == 1
        assert watch.bot.count("deliveries WHERE kind = 'alert'") == 1
        assert watch.bot.shown(NEWS) == 1


async def test_content_of_another_topic_is_the_hubs_mistake_and_still_only_this_feeds_items(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        kept = await watch.one()
        other = rss("A story of quite another newspaper", head="<link>https://other.example/</link>")
        signature = hmac.new(kept.subscription.secret.encode(), other, "sha256").hexdigest()
        assert await watch.hub.post(kept.subscription.callback, other, signature) == 202
        assert watch.bot.count(f"items WHERE feed != '{watch.url}'") == 0


@pytest.mark.parametrize("public", [f"{PUBLIC}/news/bot", f"{PUBLIC}/news/bot/"])
async def test_a_public_address_may_have_a_path(tmp_path: Path, public: str) -> None:
    async with watching(tmp_path, public=public) as watch:
        assert watch.hub.asked[0]["hub.callback"].startswith(f"{PUBLIC}/news/bot/websub/")
        assert await watch.hub.distribute(watch.topic, watch.document(NEWS)) == [202]
        await watch.shows(NEWS)
        token = watch.hub.asked[0]["hub.callback"].rpartition("/")[2]
        assert await watch.hub.post(f"{PUBLIC}/websub/{token}", watch.document(NEWS), "0" * 64) == 404


async def test_a_feed_may_have_another_name_at_its_hub_than_its_address(tmp_path: Path) -> None:
    async with watching(tmp_path, topic="https://news.example/the-feed?of=all") as watch:
        assert watch.hub.asked[0]["hub.topic"] == "https://news.example/the-feed?of=all"
        assert await watch.hub.distribute(watch.topic, watch.document(NEWS)) == [202]
        await watch.shows(NEWS)
        assert watch.bot.count(f"items WHERE title = '{NEWS}' AND feed = '{watch.url}'") == 1
        watch.feeds.play("/feed", watch.document(NEWS, "A quiet day at the lake"))
        await watch.bot.app.poller.visit_all(include_not_due=True)
        assert watch.bot.count("items") == 2


async def test_a_hub_that_lost_something_is_no_longer_relied_on(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        watch.feeds.play("/feed", watch.document(NEWS, "A quiet day at the lake"))
        watch.clock.move(timedelta(hours=2))
        await watch.bot.app.poller.visit_all()
        await watch.shows(NEWS)
        (known,) = await watch.bot.app.store.read(known_feeds)
        assert known.state.next_poll_at is not None
        assert known.state.next_poll_at - watch.clock.now() < timedelta(minutes=20)


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

        whole = hubs._deps
        hubs._deps = replace(whole, ingest=full)
        assert await watch.hub.distribute(watch.url, watch.document(NEWS)) == [500]
        hubs._deps = whole
        assert await watch.hub.distribute(watch.url, watch.document(NEWS)) == [202]
        await watch.shows(NEWS)
