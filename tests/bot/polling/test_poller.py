"""One pass over feeds on loopback, through the real watcher, matcher, store and console: what is stored, told, and not told again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.polling.poller import MAX_BODIES
from bot.store import Store, iso
from bot.store.integrity import problems
from seeds.feeds import Feed
from tests.support.bot_app import config_of, open_bot, packaged_matcher
from tests.support.clock import RunningClock
from tests.support.feed_server import Answer, feed_server, rss
from watchers.match.result import Match
from watchers.models.item import Item
from watchers.models.polling import FeedState, PollResult

NEWS = "Nvidia to build a data center in Hanoi with FPT"


def entry(title: str, *, age: timedelta = timedelta(hours=1), **more: str) -> dict[str, str]:
    return {"title": title, "pubDate": format_datetime(datetime.now(UTC) - age), **more}


def sound(database: Path) -> bool:
    store = Store.open(database, readonly=True)
    found = problems(store)
    store.close()
    assert found == []
    return True


async def test_a_hit_is_told_once_across_polls_and_restarts(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    async with feed_server() as server:
        url = server.play("/feed", rss(entry(NEWS), entry("Rain expected over the weekend in the north")))
        async with open_bot(database, [url]) as bot:
            assert await bot.app.poll_once() == 1
            assert bot.shown(NEWS) == 1
            await bot.app.poll_once(include_not_due=True)
            assert (bot.count("items"), bot.shown(NEWS)) == (2, 1)
        async with open_bot(database, [url]) as bot:
            await bot.app.poll_once(include_not_due=True)
            assert (bot.count("items"), bot.shown(NEWS)) == (2, 0)
    assert sound(database)


async def test_the_first_poll_of_a_feed_tells_nothing_older_than_a_day_but_keeps_it(tmp_path: Path) -> None:
    old = "Amkor opens a packaging plant in Bac Ninh, Vietnam"
    async with feed_server() as server:
        url = server.play(
            "/feed", rss(entry(NEWS), entry(old, age=timedelta(days=3)), {"title": "Vingroup and Nvidia sign a deal in Hanoi"})
        )
        async with open_bot(tmp_path / "a.db", [url]) as bot:
            await bot.app.poll_once()
            assert (bot.shown(NEWS), bot.shown(old), bot.shown("Vingroup and Nvidia sign")) == (1, 0, 0)
            assert bot.count("items") == 3
            assert bot.count("hits WHERE item IN (SELECT id FROM items WHERE title LIKE 'Amkor%')") > 0


async def test_what_appears_later_is_told_however_it_is_dated(tmp_path: Path) -> None:
    async with feed_server() as server:
        first = [entry(f"Weather report number {n} for the coast") for n in range(8)]
        url = server.play("/feed", rss(*first), rss({"title": NEWS}, *first))
        async with open_bot(tmp_path / "a.db", [url]) as bot:
            await bot.app.poll_once()
            await bot.app.poll_once(include_not_due=True)
            assert bot.shown(NEWS) == 1


async def test_the_same_article_in_two_feeds_is_one_item_and_one_message(tmp_path: Path) -> None:
    link = "https://paper.example/nvidia-hanoi"
    async with feed_server() as server:
        one = server.play("/one", rss(entry(NEWS, link=link)))
        two = server.play("/two", rss(entry(NEWS, link=f"{link}/?utm_source=rss", guid="another")))
        async with open_bot(tmp_path / "a.db", [one, two]) as bot:
            await bot.app.poll_once()
            assert (bot.count("items"), bot.count("stories"), bot.shown(NEWS)) == (1, 1, 1)


async def test_a_new_content_system_with_other_links_guids_and_dates_repeats_nothing(tmp_path: Path) -> None:
    def listing(system: str, age: timedelta) -> bytes:
        titles = [NEWS, *(f"Weather report number {n} for the coast" for n in range(8))]
        return rss(
            *(
                entry(title, age=age + timedelta(days=n), link=f"https://paper.example/{system}/{n}", guid=f"{system}-{n}")
                for n, title in enumerate(titles)
            )
        )

    async with feed_server() as server:
        url = server.play("/feed", listing("old", timedelta(hours=30)), listing("new", timedelta(minutes=1)))
        async with open_bot(tmp_path / "a.db", [url]) as bot:
            await bot.app.poll_once()
            await bot.app.poll_once(include_not_due=True)
            assert (bot.count("items"), bot.shown(NEWS)) == (9, 0)
            keys = bot.count("seen WHERE item = (SELECT id FROM items WHERE title LIKE 'Nvidia%')")
            assert keys == 6, "its new keys are known from now on"


async def test_an_unchanged_feed_costs_no_rows_and_asks_with_its_validators(tmp_path: Path) -> None:
    async with feed_server() as server:
        url = server.play("/feed", Answer(rss(entry(NEWS)), validators=True))
        async with open_bot(tmp_path / "a.db", [url]) as bot:
            await bot.app.poll_once()
            await bot.app.poll_once(include_not_due=True)
            assert [report.outcome for report in bot.reports] == ["items", "unchanged"]
            assert "If-None-Match" in server.last("/feed").headers


async def test_feeds_that_fail_are_named_and_hold_nobody_up(tmp_path: Path) -> None:
    async with feed_server() as server:
        good = server.play("/good", rss(entry(NEWS)))
        bad = [server.play("/500", Answer(status=500)), server.play("/html", b"<html><body>Hello</body></html>"), "http://127.0.0.1:9/none"]
        async with open_bot(tmp_path / "a.db", [*bad, good]) as bot:
            await bot.app.poll_once()
            failed = {report.feed.url: report.error for report in bot.reports if report.outcome == "failed"}
            assert set(failed) == set(bad)
            assert all(failed.values())
            assert bot.shown(NEWS) == 1
            assert await bot.app.poll_once() == 0, "a feed that failed is not asked again at once"
            row = sqlite3.connect(tmp_path / "a.db").execute("SELECT failures, last_error FROM feeds WHERE url = ?", (bad[0],)).fetchone()
            assert row[0] == 1
            assert "500" in row[1]


class Surprising:
    """A watcher with a bug in it."""

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        raise ZeroDivisionError("nobody thought of this")


async def test_a_bug_in_one_feed_sets_that_feed_aside_for_an_hour_and_names_it(tmp_path: Path) -> None:
    from bot.wiring import HttpStack, open_web

    clock = RunningClock()
    async with feed_server() as server, open_web(config_of()) as web:
        good = server.play("/feed", rss(entry(NEWS)))
        odd = Feed(url="https://odd.example/", kind="page", select="a")
        async with open_bot(
            tmp_path / "a.db", [odd, good], clock=clock, web=HttpStack({**web.watchers, "page": Surprising()}, web.pages)
        ) as bot:
            await bot.app.poll_once()
            report = next(one for one in bot.reports if one.feed == odd)
            assert report.outcome == "unexpected"
            assert "look" in report.error
            assert "nobody thought of this" in report.error
            assert bot.shown(NEWS) == 1
            clock.move(timedelta(minutes=59))
            await bot.app.poller.visit_all()
            assert sum(one.feed == odd for one in bot.reports) == 1
            clock.move(timedelta(minutes=2))
            await bot.app.poller.visit_all()
            assert sum(one.feed == odd for one in bot.reports) == 2


async def test_a_turn_that_fails_leaves_nothing_behind_and_is_made_up_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import bot.alerts.plan

    real, broken = bot.alerts.plan.plan_deliveries, [True]

    def tell(*args: object, **kwargs: object) -> int:
        result = real(*args, **kwargs)  # type: ignore[arg-type]
        if broken:
            raise OSError("the machine hiccups after the delivery is written")
        return result

    monkeypatch.setattr(bot.alerts.plan, "plan_deliveries", tell)
    clock = RunningClock()
    async with feed_server() as server:
        url = server.play("/feed", rss(entry(NEWS)))
        async with open_bot(tmp_path / "a.db", [url], clock=clock) as one:
            await one.app.poll_once()
            assert [one.count(table) for table in ("items", "seen", "hits", "stories", "deliveries")] == [0] * 5
            broken.clear()
            clock.move(timedelta(hours=2))
            await one.app.poll_once()
            assert (one.count("stories"), one.shown(NEWS)) == (1, 1)
    assert sound(tmp_path / "a.db")


async def test_a_feed_taken_out_and_put_back_repeats_nothing(tmp_path: Path) -> None:
    async with feed_server() as server:
        url = server.play("/feed", rss(entry(NEWS)))
        for feeds, visits in (([url], 1), ([], 0), ([url], 1)):
            async with open_bot(tmp_path / "a.db", feeds) as bot:
                assert await bot.app.poll_once(include_not_due=True) == visits
                last = bot.shown(NEWS)
        assert last == 0


async def test_next_polls_stand_in_the_database_so_a_restart_asks_nobody_early(tmp_path: Path) -> None:
    async with feed_server() as server:
        url = server.play("/feed", rss(entry(NEWS)))
        async with open_bot(tmp_path / "a.db", [url]) as bot:
            await bot.app.poll_once()
        async with open_bot(tmp_path / "a.db", [url]) as bot:
            assert await bot.app.poll_once() == 0
        due = sqlite3.connect(tmp_path / "a.db").execute("SELECT next_poll_at FROM feeds").fetchone()[0]
        assert iso(datetime.now(UTC) + timedelta(minutes=5)) < due < iso(datetime.now(UTC) + timedelta(minutes=30))


async def test_a_feed_that_asked_for_patience_is_left_alone_even_when_all_are_polled(tmp_path: Path) -> None:
    clock = RunningClock()
    async with feed_server() as server:
        url = server.play("/feed", Answer(status=429, headers={"Retry-After": "3600"}), rss(entry(NEWS)))
        async with open_bot(tmp_path / "a.db", [url], clock=clock) as bot:
            assert await bot.app.poll_once() == 1
            assert await bot.app.poll_once(include_not_due=True) == 0
            clock.move(timedelta(minutes=61))
            assert await bot.app.poll_once(include_not_due=True) == 1
            assert bot.shown(NEWS) == 1


async def test_new_sources_of_a_story_do_not_alert_again(tmp_path: Path) -> None:
    body = (
        "Nvidia said on Monday that it will build a data center in Hanoi together with FPT, investing 200 million dollars in the project."
    )
    async with feed_server() as server:
        one = server.play("/one", rss(entry(NEWS, description=body, link="https://one.example/a"), title="One"))
        two = server.play("/two", rss(entry(NEWS, description=body, link="https://two.example/b"), title="Two"))
        async with open_bot(tmp_path / "a.db", [one]) as bot:
            await bot.app.poll_once()
        async with open_bot(tmp_path / "a.db", [one, two]) as bot:
            await bot.app.poll_once()
            assert bot.count("items") == 2
            assert bot.count("stories") == 1
            assert bot.count("deliveries WHERE kind = 'alert'") == 1


class Stumbling:
    """A matcher with a bug that one text brings out."""

    def match(self, item: Item, *, explain: bool = False) -> Match:
        if "stumble" in item.title:
            raise IndexError("tuple index out of range")
        return packaged_matcher().match(item, explain=explain)

    def match_without_names(self, items: Sequence[Item]) -> list[Match | None]:
        return packaged_matcher().match_without_names([replace(item, title=item.title.replace("stumble", "Nvidia")) for item in items])


async def test_an_item_over_which_the_matcher_stumbles_costs_itself_alone(tmp_path: Path) -> None:
    async with feed_server() as server:
        url = server.play("/feed", rss(entry("stumble"), entry(NEWS)))
        async with open_bot(tmp_path / "a.db", [url], matcher=Stumbling()) as bot:
            await bot.app.poll_once()
            assert [report.outcome for report in bot.reports] == ["items"]
            assert (bot.count("items"), bot.shown(NEWS)) == (2, 1)


async def test_pages_that_are_not_answered_keep_no_feed_waiting(tmp_path: Path) -> None:
    recent = datetime.now(UTC) - timedelta(minutes=5)
    async with feed_server() as slow, feed_server() as quick:
        urls = []
        for number in range(MAX_BODIES + 4):
            slow.play(f"/page{number}", b"x")
            slow.hold(f"/page{number}")
            hit = {"title": f"Nvidia to build data center number {number} in Hanoi with FPT", "link": slow.url(f"/page{number}")}
            urls.append(slow.play(f"/feed{number}", rss({**hit, "pubDate": format_datetime(recent)})))
        urls += [quick.play(f"/feed{number}", rss(entry(f"A quiet day number {number} at the lake"))) for number in range(64)]
        async with open_bot(tmp_path / "a.db", urls, config=config_of(poll={"full_text": "hits", "per_host": 64})) as bot:
            passing = asyncio.create_task(bot.app.poll_once())
            async with asyncio.timeout(20):
                while len({asked.path for asked in quick.asked}) < 64:
                    await asyncio.sleep(0.02)
            assert not passing.done()
            passing.cancel()
            await asyncio.gather(passing, return_exceptions=True)
