"""Subscriptions at hubs (WebSub) over time: asked for, renewed, denied, moved, left, and what is said of them meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.export.feed_rows import remarks
from bot.store.feeds import known_feeds, sync_feeds
from bot.store.websub_subscriptions import read_kept
from tests.support.bot_app import open_bot
from tests.support.hub import open_hub
from tests.support.hub_watch import NEWS, Watch, config, row_of_feed, watching


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


async def test_a_hub_that_is_gone_leaves_the_feed_to_polling_and_is_said(tmp_path: Path) -> None:
    async with watching(tmp_path, subscribe=False) as watch:
        watch.hub.verifies = False
        await watch.tick()
        assert remarks(await row_of_feed(watch)) == "WebSub, asked, not verified yet"
        app = watch.bot.app
        assert app.hubs is not None
        await app.store.write(lambda store: store.conn.execute("UPDATE feeds SET hub = 'http://127.0.0.1:9/'"))
        await watch.tick()
        assert remarks(await row_of_feed(watch)).startswith("WebSub: no connection to 127.0.0.1")
        watch.feeds.play("/feed", watch.document(NEWS, "A quiet day at the lake"))
        await app.poller.visit_all(include_not_due=True)
        await watch.shows(NEWS)


async def test_a_lease_that_ended_is_said(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        watch.clock.move(timedelta(days=30))
        assert remarks(await row_of_feed(watch)) == "WebSub, the lease has ended"
        watch.clock.move(timedelta(days=-30))
        assert remarks(await row_of_feed(watch)) == "WebSub, subscribed"


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
        assert [subscriber.topic for subscriber in second.subscribers.values()] == [watch.url]


async def test_subscriptions_outlive_a_restart_and_end_without_a_public_address(tmp_path: Path) -> None:
    async with watching(tmp_path) as watch:
        before = await watch.one()
    async with open_bot(tmp_path / "a.db", [watch.url], config=config()) as bot:
        assert await bot.app.store.read(read_kept) == [before]
    async with open_bot(tmp_path / "a.db", [watch.url]) as bot:
        assert await bot.app.store.read(read_kept) == []
        assert bot.app.listener is None
