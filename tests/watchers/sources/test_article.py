"""Pages: those watched for their links, and those behind items."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from seeds.feeds import Feed
from tests.support.feed_server import Answer, feed_server
from tests.support.sources import LIMITS, NOW, Bench, html
from watchers.models.item import Item
from watchers.models.polling import FeedState
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.article import Article, ArticleError, ArticleFetcher, robots_of
from watchers.sources.discovery import feed_links
from watchers.sources.page import PageWatcher
from watchers.state import poll_schedule
from watchers.state.feed_health import health, is_alarming

PAGE = """<html><head><title>Press room</title></head><body><nav><a href="/about">About us</a></nav>
<article><h2><a href="/press/1?utm_source=home">The first release of the month</a></h2>
<a href="/press/1"><img></a><time datetime="2024-12-05T10:00:00Z">5 Dec</time></article>
<article><h2><a href="https://other.example/2">Một thông cáo báo chí mới</a></h2></article>
<article><h2><a href="javascript:void(0)">No address</a></h2></article></body></html>"""


async def test_a_page_is_watched_for_the_links_of_its_selector(bench: Bench) -> None:
    url = bench.server.play("/press", Answer(PAGE.encode(), headers={"Content-Type": "text/html; charset=utf-8"}))
    watcher = PageWatcher(bench.client, bench.workers, robots_of(bench.client))
    feed = Feed(url=url, kind="page", select="article")
    look = await watcher.poll(feed, FeedState(), NOW)
    assert look.title == "Press room"
    assert look.items[0].published == datetime(2024, 12, 5, 10, 0, tzinfo=UTC)
    look = await watcher.poll(Feed(url=url, kind="page", select="article a"), FeedState(), NOW)
    assert [item.title for item in look.items] == ["The first release of the month", "Một thông cáo báo chí mới"]
    assert [item.lang for item in look.items] == ["en", "vi"]
    assert look.items[0].url == bench.server.url("/press/1?utm_source=home")


async def test_a_selector_that_finds_nothing_or_is_none_is_an_error(bench: Bench) -> None:
    url = bench.server.play("/press", PAGE.encode())
    watcher = PageWatcher(bench.client, bench.workers, robots_of(bench.client))
    for select, says in ((".gone a", "finds no link"), ("a[[", "no CSS selector")):
        look = await watcher.poll(Feed(url=url, kind="page", select=select), FeedState(), NOW)
        assert look.error is not None
        assert says in str(look.error.problem)


async def test_a_page_that_robots_txt_closes_is_not_asked(bench: Bench) -> None:
    bench.server.play("/robots.txt", b"User-agent: *\nDisallow: /press\n")
    url = bench.server.play("/press", PAGE.encode())
    look = await PageWatcher(bench.client, bench.workers, robots_of(bench.client)).poll(
        Feed(url=url, kind="page", select="a"), FeedState(), NOW
    )
    assert look.error is not None
    assert "robots.txt" in str(look.error.problem)
    assert bench.server.count("/press") == 0


async def test_a_page_that_was_rebuilt_is_reported_and_gives_no_news_when_it_comes_back(bench: Bench) -> None:
    url = bench.server.play("/press", html(PAGE), html("<html><body><div id=app></div></body></html>"))
    watcher, feed = PageWatcher(bench.client, bench.workers, robots_of(bench.client)), Feed(url=url, kind="page", select="article a")
    state, now = FeedState(), NOW
    for _ in range(8):
        look = await watcher.poll(feed, state, now)
        state = poll_schedule.next_state(state, look, now, LIMITS, new=len(look.items))
        assert state.next_poll_at is not None
        now = state.next_poll_at
    found = health(state, now)
    assert found.condition == "failing"
    assert "finds no link on the page" in found.says
    assert is_alarming(found, state, now), "doctor and digest carry a line on it"
    assert state.body_hash, "what the page listed last is still known"


SENTENCES = "The harbour company said on Friday that it will open a second dock next year. " * 8
STORY = (
    "<html><head><title>Dock</title></head><body><nav>Home News</nav>"
    f"<article><h1>Dock</h1><p>{SENTENCES}</p><p>5 &lt; 6 &amp; more.</p></article></body></html>"
)


async def test_the_article_behind_an_item_is_read(bench: Bench) -> None:
    url = bench.server.play("/story", html(STORY))
    text = await bench.pages.text_behind(Item(feed="f", url=url, title="Dock"))
    assert text is not None
    assert text.startswith("The harbour company said")
    assert "Home News" not in text
    assert "5 < 6 & more." in text


async def test_what_is_no_article_gives_its_reason(bench: Bench) -> None:
    server, pages = bench.server, bench.pages
    cases = {
        server.play("/pdf", Answer(b"%PDF", headers={"Content-Type": "application/pdf"})): "not a page but application/pdf",
        server.play("/short", html("<html><body><p>Accept cookies</p></body></html>")): "no article",
        server.url("/missing"): "404",
        server.play("/deep", html("<div>" * 50_000 + "x")): "no",
        server.play("/nul", html("<html><body>\x00\x01</body></html>")): "no",
        server.play("/empty", html("")): "no",
        "http://user@127.0.0.1/": "user name",
    }
    for url, says in cases.items():
        found = await pages.read(url)
        assert isinstance(found, ArticleError)
        assert says in found.reason


async def test_robots_txt_is_asked_once_and_obeyed_also_where_a_redirect_leads(bench: Bench) -> None:
    server, pages = bench.server, bench.pages
    server.play("/robots.txt", b"User-agent: seedwatch\nDisallow: /private/\nAllow: /private/open\n\nUser-agent: *\nDisallow: /\n")
    server.play("/private/story", html(STORY))
    server.play("/private/open", html(STORY))
    server.redirect("/short-link", "/private/story", 302)
    assert isinstance(await pages.read(server.url("/private/story")), ArticleError)
    assert server.count("/private/story") == 0
    assert isinstance(await pages.read(server.url("/private/open")), Article)
    assert isinstance(await pages.read(server.url("/short-link")), ArticleError)
    assert server.count("/robots.txt") == 1


async def test_a_server_that_cannot_give_its_robots_txt_is_left_alone(bench: Bench) -> None:
    bench.server.play("/robots.txt", Answer(status=500))
    url = bench.server.play("/story", html(STORY))
    assert isinstance(await bench.pages.read(url), ArticleError)
    assert bench.server.count("/story") == 0


async def test_what_robots_txt_closes_is_not_even_asked_for_where_a_redirect_leads(bench: Bench) -> None:
    """The page was asked for, and let go of afterwards."""
    async with feed_server() as other:
        other.play("/robots.txt", b"User-agent: *\nDisallow: /private\n")
        for path in ("/private", "/open"):
            other.play(path, html(STORY))
        bench.server.play("/robots.txt", b"User-agent: *\nDisallow: /closed\n")
        bench.server.play("/closed", html(STORY))
        for path, target in (("/a", other.url("/private")), ("/b", other.url("/open")), ("/c", "/closed"), ("/d", "/b")):
            bench.server.redirect(path, target, 302)
        pages = bench.pages
        found = {path: await pages.read(bench.server.url(path)) for path in ("/a", "/b", "/c", "/d")}
        assert [path for path, one in found.items() if isinstance(one, Article)] == ["/b", "/d"]
        assert other.count("/private") == bench.server.count("/closed") == 0
        assert other.count("/robots.txt") == 1


async def test_a_watched_page_that_moved_is_asked_only_where_robots_txt_lets_us(bench: Bench) -> None:
    bench.server.play("/robots.txt", b"User-agent: *\nDisallow: /new\n")
    bench.server.play("/new", html(PAGE))
    watcher = PageWatcher(bench.client, bench.workers, robots_of(bench.client))
    feed = Feed(url=bench.server.redirect("/old", "/new"), kind="page", select="a")
    for state in (FeedState(), FeedState(adopted=bench.server.url("/new"))):
        look = await watcher.poll(feed, state, NOW)
        assert look.error is not None
        assert "robots.txt" in str(look.error.problem)
    assert bench.server.count("/new") == 0


async def test_of_a_robots_txt_no_more_is_read_than_counts(bench: Bench) -> None:
    begins = b"User-agent: *\nDisallow: /story\n"

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 90000000000\r\n\r\n" + begins)
        while not writer.transport.is_closing():
            writer.write(b"# nothing more\n" * 1_000)
            await writer.drain()
            await asyncio.sleep(0)

    bench.server.play("/robots.txt", Answer(raw=endless))
    for path in ("/story", "/other"):
        bench.server.play(path, html(STORY))
    assert isinstance(await bench.pages.read(bench.server.url("/story")), ArticleError)
    assert isinstance(await bench.pages.read(bench.server.url("/other")), Article)


async def test_links_are_read_as_a_person_sees_them_and_as_the_web_takes_them(bench: Bench) -> None:
    page = (
        '<p><a href="/how to">How to write &lt;table&gt; &amp;amp; more</a> <a href="/esc\x1b[31m">Red\x1b[31m letters</a>'
        f'<a href="/{"x" * 5_000}">Too long an address</a></p>'
    )
    url = bench.server.play("/press", html(page))
    watcher = PageWatcher(bench.client, bench.workers, robots_of(bench.client))
    look = await watcher.poll(Feed(url=url, kind="page", select="a"), FeedState(), NOW)
    assert look.items[0].title == "How to write <table> &amp; more"
    assert look.items[0].url == bench.server.url("/how%20to")
    assert len(look.items) == 2
    assert all(item.title.isprintable() and item.url.isprintable() for item in look.items)


@pytest.mark.parametrize("charset", ["nonsense", "zlib", "base64", "idna", "undefined", "x" * 5_000, "'utf-8'", "windows-1252"])
async def test_a_page_in_a_charset_that_is_none_is_read_all_the_same(bench: Bench, charset: str) -> None:
    """It was set aside as a bug of ours."""
    page = "<p><a href='/1'>Quán café mới</a></p>".encode("cp1252", "xmlcharrefreplace")
    url = bench.server.play("/press", Answer(page, headers={"Content-Type": f"text/html; charset={charset}"}))
    watcher = PageWatcher(bench.client, bench.workers, robots_of(bench.client))
    look = await watcher.poll(Feed(url=url, kind="page", select="a"), FeedState(), NOW)
    assert [item.url for item in look.items] == [bench.server.url("/1")]
    if charset == "windows-1252":
        assert look.items[0].title == "Quán café mới"


async def test_a_base_that_is_no_address_is_passed_over(bench: Bench) -> None:
    page = '<html><head><base href="http://["></head><body><a href="/rss">The feed of it</a></body></html>'
    url = bench.server.play("/press", html(page))
    watcher = PageWatcher(bench.client, bench.workers, robots_of(bench.client))
    look = await watcher.poll(Feed(url=url, kind="page", select="a"), FeedState(), NOW)
    assert [item.url for item in look.items] == [bench.server.url("/rss")]
    assert feed_links(page.encode(), url) == [bench.server.url("/rss")]


class Counting(ParseWorkers):
    """Counts how many pages are extracted at once."""

    inside = most = 0

    async def run(self, function: Callable[..., Any], *args: object) -> Any:
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            return await super().run(function, *args)
        finally:
            self.inside -= 1


async def test_pages_leave_a_parsing_process_to_feeds(bench: Bench) -> None:
    """A feed whose hits lead to hundreds of slow pages kept both busy for minutes."""
    workers = Counting(LIMITS, workers=2)
    try:
        pages = ArticleFetcher(bench.client, workers, robots_of(bench.client), lambda: NOW)
        urls = [bench.server.play(f"/story{number}", html(STORY)) for number in range(6)]
        found = await asyncio.gather(*(pages.read(url) for url in urls))
    finally:
        workers.close()
    assert all(isinstance(one, Article) for one in found)
    assert workers.most == 1
