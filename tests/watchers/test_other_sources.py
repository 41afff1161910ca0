"""Sources that are not feeds: news sitemaps, GDELT's article lists, pages watched for their links, pages behind items."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seeds.feeds import Feed
from tests.support.feed_server import Answer, FeedServer, feed_server
from watchers import pace
from watchers.fetch import open_session
from watchers.gdelt_watcher import GdeltWatcher, article_list, read_articles, tidy
from watchers.items import Item
from watchers.page_watcher import PageWatcher
from watchers.pages import Article, NoArticle, Pages, robots_of
from watchers.parse import NotAFeedError
from watchers.sitemap_watcher import Child, SitemapWatcher, newest, read_sitemap, title_of
from watchers.visitor import Visitor
from watchers.watcher import FeedState, Limits
from watchers.worker import ParseWorkers

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
LIMITS = Limits(allow_private_addresses=True, timeout=timedelta(seconds=5))


@dataclass
class Bench:
    server: FeedServer
    visitor: Visitor
    workers: ParseWorkers

    @property
    def pages(self) -> Pages:
        return Pages(self.visitor, self.workers, robots_of(self.visitor), lambda: NOW)


@pytest.fixture(scope="module")
def workers() -> Iterator[ParseWorkers]:
    pool = ParseWorkers(LIMITS, workers=1)
    yield pool
    pool.close()


@pytest.fixture
async def bench(workers: ParseWorkers) -> AsyncIterator[Bench]:
    async with feed_server() as server, open_session(LIMITS) as session:
        yield Bench(server, Visitor(session, LIMITS), workers)


NEWS_SITEMAP = b"""<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://quay.example/crane-arrives</loc><news:news><news:publication><news:name>Quay Times</news:name>
<news:language>en</news:language></news:publication><news:publication_date>2024-12-06T07:00:00+07:00</news:publication_date>
<news:title>A crane &amp;amp; its crew arrive at the quay</news:title></news:news></url>
<url><loc>https://quay.example/2024/harbour-master-signs-plan-for-dock-8812.html</loc><lastmod>2024-12-05</lastmod></url>
<url><loc>javascript:alert(1)</loc></url>
</urlset>"""


async def test_a_news_sitemap_is_read_as_items(bench: Bench) -> None:
    url = bench.server.play("/news.xml", Answer(NEWS_SITEMAP, validators=True))
    watcher = SitemapWatcher(bench.visitor, bench.workers)
    look = await watcher.look(Feed(url=url, kind="sitemap"), FeedState(), NOW)
    first, second = look.items
    assert (first.title, first.source, first.lang) == ("A crane & its crew arrive at the quay", "Quay Times", "en")
    assert first.published == datetime(2024, 12, 6, 0, 0, tzinfo=UTC)
    assert second.title == "harbour master signs plan for dock"
    state = pace.after(FeedState(), look, NOW, LIMITS, new=2)
    assert (await watcher.look(Feed(url=url, kind="sitemap"), state, NOW)).outcome == "unchanged"


async def test_of_an_index_the_newest_sitemaps_are_read(bench: Bench) -> None:
    rows = "".join(f"<sitemap><loc>{bench.server.url(f'/s{n}.xml')}</loc><lastmod>2024-12-0{n}</lastmod></sitemap>" for n in range(1, 5))
    url = bench.server.play("/index.xml", f"<sitemapindex>{rows}</sitemapindex>".encode())
    for n in range(1, 5):
        bench.server.play(f"/s{n}.xml", f"<urlset><url><loc>https://quay.example/the-story-number-{n}a</loc></url></urlset>".encode())
    watcher = SitemapWatcher(bench.visitor, bench.workers)
    look = await watcher.look(Feed(url=url, kind="sitemap"), FeedState(), NOW)
    assert [item.url[-2:] for item in look.items] == ["4a", "3a"]
    assert bench.server.count("/s1.xml") == 0
    state = pace.after(FeedState(), look, NOW, LIMITS, new=2)
    assert (await watcher.look(Feed(url=url, kind="sitemap"), state, NOW)).outcome == "unchanged"


async def test_a_packed_sitemap_is_unpacked_within_the_limit(bench: Bench) -> None:
    watcher = SitemapWatcher(bench.visitor, bench.workers)
    url = bench.server.play("/s.xml.gz", Answer(gzip.compress(NEWS_SITEMAP), headers={"Content-Type": "application/octet-stream"}))
    assert len((await watcher.look(Feed(url=url, kind="sitemap"), FeedState(), NOW)).items) == 2
    url = bench.server.play("/bomb.xml.gz", Answer(gzip.compress(b"<urlset>" + b" " * 30_000_000)))
    look = await watcher.look(Feed(url=url, kind="sitemap"), FeedState(), NOW)
    assert look.error is not None
    assert look.error.kind == "hostile"


BOMB = f'<!DOCTYPE u [<!ENTITY a "{"a" * 900}"><!ENTITY b "{"&a;" * 900}"><!ENTITY c "{"&b;" * 900}">]>'


@pytest.mark.parametrize(
    "body",
    [
        f"{BOMB}<urlset><url><loc>https://x.example/a-title-with-&c;-words</loc></url></urlset>",
        "<urlset>" + "<url>" * 100_000,
        "<urlset>" + "<url><loc>https://x.example/one-two-three</loc></url>" * 60_000 + "</urlset>",
        "<urlset " + " ".join(f'a{n}="1"' for n in range(60_000)) + "/>",
        "<sitemapindex>" + "<sitemap><loc>http://user@127.0.0.1/</loc></sitemap>" * 3 + "</sitemapindex>",
        "<sitemapindex>" + "<sitemap><loc>file:///etc/passwd</loc></sitemap>" * 3 + "</sitemapindex>",
    ],
)
async def test_a_hostile_sitemap_does_no_harm(bench: Bench, body: str) -> None:
    url = bench.server.play("/bad.xml", body.encode())
    look = await SitemapWatcher(bench.visitor, bench.workers).look(Feed(url=url, kind="sitemap"), FeedState(), NOW)
    assert len(look.items) <= LIMITS.max_items
    assert sum(len(item.title) for item in look.items) < 1_000_000
    assert look.error is None or look.error.kind in {"hostile", "not_a_feed", "address"}


async def test_what_is_no_sitemap_is_said(bench: Bench) -> None:
    for body in (b"<html></html>", b"", b"\x1f\x8bbroken"):
        url = bench.server.play("/no.xml", body)
        look = await SitemapWatcher(bench.visitor, bench.workers).look(Feed(url=url, kind="sitemap"), FeedState(), NOW)
        assert look.error is not None
        assert look.error.kind == "not_a_feed"


def test_titles_come_out_of_addresses_only_where_there_are_words() -> None:
    assert title_of("https://x.example/a/khanh-thanh-nha-may-moi-post123456.html") == "khanh thanh nha may moi"
    assert title_of("https://x.example/4823") == ""
    assert title_of("https://x.example/about-us") == ""


def test_news_sitemaps_of_an_index_come_first() -> None:
    children = [
        Child("https://x.example/pages.xml", "2024-12-06"),
        Child("https://x.example/news.xml", "2024-12-01"),
        Child("https://x.example/z.xml", ""),
    ]
    assert [child.url[-8:] for child in newest(children)] == ["news.xml", "ages.xml"]


@pytest.mark.shared
def test_real_sitemaps_are_read(shared: Path) -> None:
    for path in sorted((shared / "data" / "sitemaps").glob("*.xml*")):
        assert read_sitemap(path.read_bytes(), Feed(url="https://x.example/s.xml"), NOW, 1_000_000, 1_000), path.name


def article(number: int, **more: str) -> dict[str, str]:
    row = {"url": f"https://wire.example/{number}", "title": "Chip maker ( CHIP ) opens a plant , says its chief"}
    return row | {"seendate": "20241206T070000Z", "domain": "wire.example", "language": "English"} | more


async def test_a_gdelt_query_is_looked_at_like_a_feed(bench: Bench) -> None:
    body = json.dumps({"articles": [article(1), article(2, title="Khai trương nhà máy mới", language="Vietnamese"), {"url": "x"}]}).encode()
    bench.server.play("/doc?query=chips&mode=artlist&format=json&maxrecords=250&sort=datedesc", body)
    watcher = GdeltWatcher(bench.visitor)
    feed = Feed(url=bench.server.url("/doc?query=chips"), kind="gdelt")
    look = await watcher.look(feed, FeedState(), NOW)
    first, second = look.items
    assert (first.title, first.source, first.lang) == ("Chip maker (CHIP) opens a plant, says its chief", "wire.example", "en")
    assert first.published == datetime(2024, 12, 6, 7, 0, tzinfo=UTC)
    assert second.lang == "vi"
    assert look.hints.floor == 900
    state = pace.after(FeedState(), look, NOW, LIMITS, new=2)
    assert (await watcher.look(feed, state, NOW)).outcome == "unchanged"


def test_what_a_gdelt_query_says_itself_stays() -> None:
    assert article_list("https://g.example/doc?query=a&maxrecords=10&format=json&mode=ArtList&sort=datedesc").count("maxrecords") == 1


def test_gdelts_complaints_come_through_and_its_faulty_json_is_read() -> None:
    feed = Feed(url="https://g.example/doc?query=a")
    with pytest.raises(NotAFeedError, match="query was too short"):
        read_articles(b"Your query was too short or too long.", feed, NOW)
    faulty = b'{"articles": [{"url": "https://a.example/1", "title": "A \\\'quoted\\\' title\twith a tab"}]}'
    assert read_articles(faulty, feed, NOW)[0].title == "A 'quoted' title with a tab"
    assert read_articles(b"{}", feed, NOW) == ()


def test_blanks_around_signs_are_taken_out() -> None:
    assert tidy("Apple ( AAPL ) Winner , Says It ' s 5 % Up : $ 3 !") == "Apple (AAPL) Winner, Says It's 5% Up: $3!"


@pytest.mark.shared
def test_a_real_article_list_is_read(shared: Path) -> None:
    items = read_articles((shared / "data" / "gdelt" / "doc-artlist.json").read_bytes(), Feed(url="https://g.example/doc"), NOW)
    assert len(items) > 50
    assert all(item.title and item.url and item.published for item in items)


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


SENTENCES = "The harbour company said on Friday that it will open a second dock next year. " * 8
STORY = (
    "<html><head><title>Dock</title></head><body><nav>Home News</nav>"
    f"<article><h1>Dock</h1><p>{SENTENCES}</p><p>5 &lt; 6 &amp; more.</p></article></body></html>"
)


def html(body: str) -> Answer:
    return Answer(body.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


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
