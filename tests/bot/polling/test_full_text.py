"""The page behind a hit is read before the item is stored; whatever goes wrong there leaves the item as the feed gave it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.support.bot_app import Bot, config_of, open_bot
from tests.support.feed_server import Answer, FeedServer, feed_server, rss

NEWS = "Nvidia to build a data center in Hanoi with FPT"
PARAGRAPHS = (
    "Nvidia will build a data center in Hanoi together with FPT, the two companies said at a ceremony on Tuesday in the capital.",
    "The site is to open next year and will hold several thousand processors for customers of both companies in the region, they said.",
    "Officials of the city said that the land had been prepared since spring, and that the power line would be ready by the autumn.",
)
BODY = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)
PAGE = f"<html><head><title>{NEWS}</title></head><body><article><h1>{NEWS}</h1>{BODY}</article></body></html>"
PAYWALL = "<p>This site needs a subscription; sign in or choose one of our plans to go on reading.</p>" * 9


def html(body: str) -> Answer:
    return Answer(body.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


def plant(server: FeedServer, **pages: Answer) -> str:
    recent = format_datetime(datetime.now(UTC) - timedelta(minutes=5))
    for name, page in pages.items():
        server.play(f"/{name}", page)
    return server.play(
        "/feed",
        rss(
            {"title": NEWS, "pubDate": recent, "link": server.url("/news")},
            {"title": "Rain over the weekend in the north", "pubDate": recent, "link": server.url("/rain")},
        ),
    )


def text_of(bot: Bot, title: str) -> str:
    import sqlite3

    conn = sqlite3.connect(bot.app.database)
    try:
        return str(conn.execute("SELECT text FROM items WHERE title = ?", (title,)).fetchone()[0])
    finally:
        conn.close()


@pytest.mark.parametrize(("mode", "asked"), [("hits", (1, 0)), ("never", (0, 0)), ("always", (1, 1))])
async def test_pages_are_read_for_the_items_that_the_configuration_says(tmp_path: Path, mode: str, asked: tuple[int, int]) -> None:
    async with feed_server() as server:
        url = plant(server, news=html(PAGE), rain=html(PAGE.replace(NEWS, "Rain").replace("Nvidia", "The rain").replace("FPT", "wind")))
        async with open_bot(tmp_path / "a.db", [url], config=config_of(poll={"full_text": mode})) as bot:
            await bot.app.poll_once()
            assert (server.count("/news"), server.count("/rain")) == asked
            assert (PARAGRAPHS[1] in text_of(bot, NEWS)) == (mode != "never")
            assert bot.shown(NEWS) == 1


@pytest.mark.parametrize(
    "page",
    [
        Answer(status=500),
        html("<html><body>Please accept our cookies.</body></html>"),
        html(f"<html><body><article>{PAYWALL}</article></body></html>"),
        Answer(b"\x00\xff" * 500, headers={"Content-Type": "application/pdf"}),
    ],
    ids=["error", "cookies", "paywall", "pdf"],
)
async def test_a_page_without_the_article_leaves_the_hit_as_the_feed_gave_it(tmp_path: Path, page: Answer) -> None:
    async with feed_server() as server:
        url = plant(server, news=page)
        async with open_bot(tmp_path / "a.db", [url], config=config_of(poll={"full_text": "hits"})) as bot:
            await bot.app.poll_once()
            assert text_of(bot, NEWS) == ""
            assert bot.shown(NEWS) == 1


async def test_pages_of_a_new_feeds_old_items_are_left_alone(tmp_path: Path) -> None:
    async with feed_server() as server:
        server.play("/news", html(PAGE))
        old = format_datetime(datetime.now(UTC) - timedelta(days=3))
        url = server.play("/feed", rss({"title": NEWS, "pubDate": old, "link": server.url("/news")}))
        async with open_bot(tmp_path / "a.db", [url], config=config_of(poll={"full_text": "hits"})) as bot:
            await bot.app.poll_once()
            assert bot.count("hits") > 0
            assert server.count("/news") == 0


async def test_a_site_whose_robots_txt_says_no_is_not_read(tmp_path: Path) -> None:
    async with feed_server() as server:
        server.play("/robots.txt", Answer(b"User-agent: *\nDisallow: /news\n", headers={"Content-Type": "text/plain"}))
        url = plant(server, news=html(PAGE))
        async with open_bot(tmp_path / "a.db", [url], config=config_of(poll={"full_text": "hits"})) as bot:
            await bot.app.poll_once()
            assert server.count("/news") == 0
            assert bot.shown(NEWS) == 1
