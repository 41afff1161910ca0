"""Pages: those watched for their links, and those behind items."""

from __future__ import annotations

from datetime import UTC, datetime

from seeds.feeds import Feed
from tests.support.feed_server import Answer
from tests.support.sources import LIMITS, NOW, Bench, html
from watchers import pace
from watchers.health import health, is_alarming
from watchers.items import Item
from watchers.page_watcher import PageWatcher
from watchers.pages import Article, NoArticle, robots_of
from watchers.watcher import FeedState

PAGE = """<html><head><title>Press room</title></head><body><nav><a href="/about">About us</a></nav>
<article><h2><a href="/press/1?utm_source=home">The first release of the month</a></h2>
<a href="/press/1"><img></a><time datetime="2024-12-05T10:00:00Z">5 Dec</time></article>
<article><h2><a href="https://other.example/2">Một thông cáo báo chí mới</a></h2></article>
<article><h2><a href="javascript:void(0)">No address</a></h2></article></body></html>"""


async def test_a_page_is_watched_for_the_links_of_its_selector(bench: Bench) -> None:
    url = bench.server.play("/press", Answer(PAGE.encode(), headers={"Content-Type": "text/html; charset=utf-8"}))
    watcher = PageWatcher(bench.visitor, bench.workers, robots_of(bench.visitor))
    feed = Feed(url=url, kind="page", select="article")
    look = await watcher.look(feed, FeedState(), NOW)
    assert look.title == "Press room"
    assert look.items[0].published == datetime(2024, 12, 5, 10, 0, tzinfo=UTC)
    look = await watcher.look(Feed(url=url, kind="page", select="article a"), FeedState(), NOW)
    assert [item.title for item in look.items] == ["The first release of the month", "Một thông cáo báo chí mới"]
    assert [item.lang for item in look.items] == ["en", "vi"]
    assert look.items[0].url == bench.server.url("/press/1?utm_source=home")


async def test_a_selector_that_finds_nothing_or_is_none_is_an_error(bench: Bench) -> None:
    url = bench.server.play("/press", PAGE.encode())
    watcher = PageWatcher(bench.visitor, bench.workers, robots_of(bench.visitor))
    for select, says in ((".gone a", "finds no link"), ("a[[", "no CSS selector")):
        look = await watcher.look(Feed(url=url, kind="page", select=select), FeedState(), NOW)
        assert look.error is not None
        assert says in look.error.message


async def test_a_page_that_robots_txt_closes_is_not_asked(bench: Bench) -> None:
    bench.server.play("/robots.txt", b"User-agent: *\nDisallow: /press\n")
    url = bench.server.play("/press", PAGE.encode())
    look = await PageWatcher(bench.visitor, bench.workers, robots_of(bench.visitor)).look(
        Feed(url=url, kind="page", select="a"), FeedState(), NOW
    )
    assert look.error is not None
    assert "robots.txt" in look.error.message
    assert bench.server.count("/press") == 0


async def test_a_page_that_was_rebuilt_is_reported_and_gives_no_news_when_it_comes_back(bench: Bench) -> None:
    url = bench.server.play("/press", html(PAGE), html("<html><body><div id=app></div></body></html>"))
    watcher, feed = PageWatcher(bench.visitor, bench.workers, robots_of(bench.visitor)), Feed(url=url, kind="page", select="article a")
    state, now = FeedState(), NOW
    for _ in range(8):
        look = await watcher.look(feed, state, now)
        state = pace.after(state, look, now, LIMITS, new=len(look.items))
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
        assert isinstance(found, NoArticle)
        assert says in found.reason


async def test_robots_txt_is_asked_once_and_obeyed_also_where_a_redirect_leads(bench: Bench) -> None:
    server, pages = bench.server, bench.pages
    server.play("/robots.txt", b"User-agent: seedwatch\nDisallow: /private/\nAllow: /private/open\n\nUser-agent: *\nDisallow: /\n")
    server.play("/private/story", html(STORY))
    server.play("/private/open", html(STORY))
    server.redirect("/short-link", "/private/story", 302)
    assert isinstance(await pages.read(server.url("/private/story")), NoArticle)
    assert server.count("/private/story") == 0
    assert isinstance(await pages.read(server.url("/private/open")), Article)
    assert isinstance(await pages.read(server.url("/short-link")), NoArticle)
    assert server.count("/robots.txt") == 1


async def test_a_server_that_cannot_give_its_robots_txt_is_left_alone(bench: Bench) -> None:
    bench.server.play("/robots.txt", Answer(status=500))
    url = bench.server.play("/story", html(STORY))
    assert isinstance(await bench.pages.read(url), NoArticle)
    assert bench.server.count("/story") == 0
