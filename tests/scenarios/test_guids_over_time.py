"""Guids over time, through the real bot: what is given to another item is told, what was only edited or moved is not told again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from seeds.feeds import Feed
from tests.support.bot_app import Bot, open_bot
from tests.support.clock import RunningClock
from tests.support.feed_server import FeedServer, feed_server, rss
from watchers.models.polling import PollResult
from watchers.parsing.parse import parse_feed
from watchers.state.identity import identities

NEWS = (
    ("Amkor opens its factory near Hanoi", "The chip packager opened its largest factory in Bac Ninh on Thursday"),
    ("The harbour gets a second crane", "Two years after the storm the port authority ordered a replacement by barge"),
    ("Nvidia hires a hundred engineers for its new centre", "Most of them come from the two universities of the capital city"),
    ("Rice exports reach a record in the autumn", "Traders say that demand from Manila and Jakarta did not let up"),
)


class Watch:
    """A bot, its one feed, and a clock that is moved by hand."""

    def __init__(self, bot: Bot, server: FeedServer, clock: RunningClock) -> None:
        self.bot, self.server, self.clock = bot, server, clock

    def entry(self, number: int, guid: str = "current", **more: str) -> dict[str, str]:
        """One of NEWS, published a minute ago."""
        title, summary = NEWS[number]
        when = format_datetime(self.clock.now() - timedelta(minutes=1))
        given = {"title": title, "description": summary, "pubDate": when, "link": f"https://news.example/story-{number}"}
        return {**given, 'guid isPermaLink="false"': guid, **more}

    async def poll(self, *entries: dict[str, str], days: float = 1) -> int:
        """Lists these, looks, and lets days pass; gives how many items were new."""
        self.server.play("/feed", rss(*entries))
        self.bot.reports.clear()
        await self.bot.app.poll_once(include_not_due=True)
        self.clock.move(timedelta(days=days))
        (report,) = self.bot.reports
        assert report.outcome == "items", report.error
        return report.new


@pytest.fixture
async def watch(tmp_path: Path) -> AsyncIterator[Watch]:
    clock = RunningClock()
    async with feed_server() as server, open_bot(tmp_path / "a.db", [server.url("/feed")], clock=clock) as bot:
        yield Watch(bot, server, clock)


async def test_a_page_whose_one_guid_is_the_current_alert_gives_each_alert_once(watch: Watch) -> None:
    for number in range(4):
        assert await watch.poll(watch.entry(number), days=0.5) == 1
        assert await watch.poll(watch.entry(number, description="The text was written anew, and the date too"), days=0.5) == 0
    assert watch.bot.count("items") == 4


async def test_a_feed_that_counts_its_entries_by_their_place_gives_each_once(watch: Watch) -> None:
    listed: list[dict[str, str]] = []
    for number in range(4):
        listed = [watch.entry(number), *listed][:2]
        placed = [{**entry, 'guid isPermaLink="false"': str(place)} for place, entry in enumerate(listed, start=1)]
        assert await watch.poll(*placed) == 1
        assert await watch.poll(*placed, {"title": "An advertisement"}) <= 1
    assert watch.bot.count("items") == 5


async def test_the_guid_goes_to_the_item_that_has_it_now(watch: Watch) -> None:
    await watch.poll(watch.entry(0))
    assert await watch.poll(watch.entry(1)) == 1
    title, summary = NEWS[1]
    assert await watch.poll(watch.entry(1, link="https://news.example/another-slug", title=f"Updated: {title}")) == 0
    assert await watch.poll(watch.entry(1, link="https://news.example/third-slug", title="Barge brings it", description=summary + ".")) == 0
    assert await watch.poll(watch.entry(0, link="https://news.example/story-9", title="Amkor opens its factory near Hanoi")) == 0


async def test_edits_slugs_hosts_and_new_guids_repeat_nothing(watch: Watch) -> None:
    def stories(**more: str) -> list[dict[str, str]]:
        return [watch.entry(number, f"guid-{number}", **more) for number in range(4)]

    assert await watch.poll(*stories()) == 4
    steps = (
        [{**story, "link": story["link"].replace("https://", "http://www.")} for story in stories()],
        [{**story, "link": story["link"].replace("news.example", "moved.example")} for story in stories()],
        [{**story, "link": story["link"] + "-with-a-new-slug"} for story in stories()],
        [{**story, "title": "Breaking: " + story["title"], "link": story["link"] + "-renamed"} for story in stories()],
        [{**story, "title": "Quite another headline", "link": story["link"] + "-again"} for story in stories()],
        [{**story, 'guid isPermaLink="false"': "cms2-" + story["title"]} for story in stories()],
    )
    for number, step in enumerate(steps):
        assert await watch.poll(*step) == 0, number


async def test_an_alert_that_hub_and_poll_bring_at_once_under_an_old_guid_is_one_item(watch: Watch) -> None:
    await watch.poll(watch.entry(0))
    body = rss(watch.entry(1))
    url = watch.server.play("/feed", body)
    items = parse_feed(body, feed=Feed(url=url), content_type="", now=watch.clock.now()).items
    look = PollResult("items", items=items, keys=identities(items))
    poller = watch.bot.app.poller
    await asyncio.gather(poller.ingest_pushed(url, look), poller.visit_all(include_not_due=True), poller.ingest_pushed(url, look))
    assert watch.bot.count("items") == 2
