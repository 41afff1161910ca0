"""Sitemaps as feeds: news sitemaps, indexes, packed ones, and what is none."""

from __future__ import annotations

import gzip
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seeds.feeds import Feed
from tests.support.feed_server import Answer
from tests.support.sources import LIMITS, NOW, Bench
from watchers.http.unpack import unpack
from watchers.models.polling import FeedState
from watchers.parsing.parse import NotAFeedError
from watchers.sources.sitemap import SitemapIndex, SitemapRef, SitemapWatcher, newest, read_for_poll, read_sitemap, title_of
from watchers.state import poll_schedule

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
    watcher = SitemapWatcher(bench.client, bench.workers)
    look = await watcher.poll(Feed(url=url, kind="sitemap"), FeedState(), NOW)
    first, second = look.items
    assert (first.title, first.source, first.lang) == ("A crane & its crew arrive at the quay", "Quay Times", "en")
    assert first.published == datetime(2024, 12, 6, 0, 0, tzinfo=UTC)
    assert second.title == "harbour master signs plan for dock"
    state = poll_schedule.next_state(FeedState(), look, NOW, LIMITS, new=2)
    assert (await watcher.poll(Feed(url=url, kind="sitemap"), state, NOW)).outcome == "unchanged"


async def test_of_an_index_the_newest_sitemaps_are_read(bench: Bench) -> None:
    rows = "".join(f"<sitemap><loc>{bench.server.url(f'/s{n}.xml')}</loc><lastmod>2024-12-0{n}</lastmod></sitemap>" for n in range(1, 5))
    url = bench.server.play("/index.xml", f"<sitemapindex>{rows}</sitemapindex>".encode())
    for n in range(1, 5):
        bench.server.play(f"/s{n}.xml", f"<urlset><url><loc>https://quay.example/the-story-number-{n}a</loc></url></urlset>".encode())
    watcher = SitemapWatcher(bench.client, bench.workers)
    look = await watcher.poll(Feed(url=url, kind="sitemap"), FeedState(), NOW)
    assert [item.url[-2:] for item in look.items] == ["4a", "3a"]
    assert bench.server.count("/s1.xml") == 0
    state = poll_schedule.next_state(FeedState(), look, NOW, LIMITS, new=2)
    assert (await watcher.poll(Feed(url=url, kind="sitemap"), state, NOW)).outcome == "unchanged"


def sitemap(*rows: str) -> bytes:
    return f"<urlset>{''.join(f'<url><loc>https://quay.example/{row}</loc></url>' for row in rows)}</urlset>".encode()


def index(bench: Bench, *paths: str) -> Feed:
    rows = "".join(f"<sitemap><loc>{bench.server.url(path)}</loc><lastmod>2024-12-06</lastmod></sitemap>" for path in paths)
    body = f"<sitemapindex>{rows}</sitemapindex>".encode()
    return Feed(url=bench.server.play("/index.xml", Answer(body, headers={"ETag": '"i"'})), kind="sitemap")


async def test_a_child_that_cannot_be_read_leaves_the_others_and_is_asked_again(bench: Bench) -> None:
    feed, watcher = index(bench, "/good.xml", "/gone.xml"), SitemapWatcher(bench.client, bench.workers)
    bench.server.play("/good.xml", sitemap("a-story-of-the-harbour"))
    look = await watcher.poll(feed, FeedState(), NOW)
    assert [item.title for item in look.items] == ["a story of the harbour"]
    assert look.notes == (f"{bench.server.url('/gone.xml')}: 404 Not Found",)
    assert look.etag == "", "a 304 for the index would hide what the other child lists"
    bench.server.play("/gone.xml", sitemap("a-story-of-the-quay"))
    assert len((await watcher.poll(feed, poll_schedule.next_state(FeedState(), look, NOW, LIMITS, new=1), NOW)).items) == 2


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (Answer(status=503), "server", "503"),
        (Answer(status=304), "broken", "304 without a question"),
        (b"<sitemapindex><sitemap><loc>https://quay.example/a.xml</loc></sitemap></sitemapindex>", "not_a_feed", "index inside"),
        (b"<html></html>", "not_a_feed", "not a sitemap"),
    ],
)
async def test_an_index_none_of_whose_children_can_be_read_has_failed(bench: Bench, body: Answer | bytes, kind: str, says: str) -> None:
    feed = index(bench, "/one.xml", "/two.xml")
    for path in ("/one.xml", "/two.xml"):
        bench.server.play(path, body)
    look = await SitemapWatcher(bench.client, bench.workers).poll(feed, FeedState(), NOW)
    assert look.error is not None
    assert look.error.kind == kind
    assert says in str(look.error.problem)


def test_of_too_many_addresses_the_latest_are_kept_wherever_they_stand() -> None:
    dated = "".join(f"<url><loc>https://q.example/story-{n}</loc><lastmod>2024-11-{n:02}</lastmod></url>" for n in range(1, 29))
    feed = Feed(url="https://q.example/s.xml")
    found = read_sitemap(f"<urlset>{dated}</urlset>".encode(), feed, NOW, 3)
    assert [item.url[-2:] for item in found] == ["26", "27", "28"]
    bare = sitemap(*(f"story-{n}" for n in range(10)))
    assert [item.url[-1] for item in read_sitemap(bare, feed, NOW, 4)] == ["0", "1", "8", "9"]
    assert [item.url[-1] for item in read_sitemap(bare, feed, NOW, 1)] == ["0"]


async def test_a_packed_sitemap_is_unpacked_within_the_limit(bench: Bench) -> None:
    watcher = SitemapWatcher(bench.client, bench.workers)
    url = bench.server.play("/s.xml.gz", Answer(gzip.compress(NEWS_SITEMAP), headers={"Content-Type": "application/octet-stream"}))
    assert len((await watcher.poll(Feed(url=url, kind="sitemap"), FeedState(), NOW)).items) == 2
    url = bench.server.play("/bomb.xml.gz", Answer(gzip.compress(b"<urlset>" + b" " * 30_000_000)))
    look = await watcher.poll(Feed(url=url, kind="sitemap"), FeedState(), NOW)
    assert look.error is not None
    assert look.error.kind == "too_large"


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
    look = await SitemapWatcher(bench.client, bench.workers).poll(Feed(url=url, kind="sitemap"), FeedState(), NOW)
    assert len(look.items) <= LIMITS.max_items
    assert sum(len(item.title) for item in look.items) < 1_000_000
    assert look.error is None or look.error.kind in {"hostile", "not_a_feed", "address"}


async def test_what_is_no_sitemap_is_said(bench: Bench) -> None:
    for body in (b"<html></html>", b"", b"\x1f\x8bbroken"):
        url = bench.server.play("/no.xml", body)
        look = await SitemapWatcher(bench.client, bench.workers).poll(Feed(url=url, kind="sitemap"), FeedState(), NOW)
        assert look.error is not None
        assert look.error.kind == "not_a_feed"


def test_titles_come_out_of_addresses_only_where_there_are_words() -> None:
    assert title_of("https://x.example/a/khanh-thanh-nha-may-moi-post123456.html") == "khanh thanh nha may moi"
    assert title_of("https://x.example/4823") == ""
    assert title_of("https://x.example/about-us") == ""


def test_news_sitemaps_of_an_index_come_first() -> None:
    children = [
        SitemapRef("https://x.example/pages.xml", "2024-12-06"),
        SitemapRef("https://x.example/news.xml", "2024-12-01"),
        SitemapRef("https://x.example/z.xml", ""),
    ]
    assert [child.url[-8:] for child in newest(children)] == ["news.xml", "ages.xml"]


@pytest.mark.shared
def test_real_sitemaps_are_read(shared: Path) -> None:
    for path in sorted((shared / "data" / "sitemaps").glob("*.xml*")):
        assert read_sitemap(unpack(path.read_bytes(), 1_000_000), Feed(url="https://x.example/s.xml"), NOW, 1_000), path.name


async def test_an_address_that_stands_for_a_title_brings_no_control_characters_and_has_an_end(bench: Bench) -> None:
    body = sitemap("red%1b[31m-alert-for%00-all", "x-y-z-" + "w-" * 1_000_000, "a-b-c d")
    look = await SitemapWatcher(bench.client, bench.workers).poll(
        Feed(url=bench.server.play("/s.xml", body), kind="sitemap"), FeedState(), NOW
    )
    assert [item.title for item in look.items] == ["red[31m alert for all", "a b c d"]
    assert look.items[1].url == "https://quay.example/a-b-c%20d"


async def test_an_index_of_fifty_thousand_sitemaps_brings_the_two_that_are_read(bench: Bench) -> None:
    children = "".join(f"<sitemap><loc>https://quay.example/{n}.xml</loc></sitemap>" for n in range(50_000))
    found = read_for_poll(f"<sitemapindex>{children}</sitemapindex>".encode(), Feed(url="https://quay.example/"), NOW, 10)
    assert isinstance(found, SitemapIndex)
    assert [child.url[-9:] for child in found.newest] == ["49999.xml", "49998.xml"]
    assert not found.dated


@pytest.mark.parametrize("address", ["http://[x/", "http://a]x/a-b-c", "http://a\u2100.example/a-b-c"])
def test_an_address_that_is_none_leaves_the_others(address: str) -> None:
    """One such row lost the whole sitemap, as a bug of ours, at every look."""
    body = f"<urlset><url><loc>{address}</loc></url><url><loc>https://quay.example/a-story-of-the-quay</loc></url></urlset>".encode()
    assert [item.title for item in read_sitemap(body, Feed(url="https://quay.example/s.xml"), NOW, 10)] == ["a story of the quay"]


UNDECLARED = b"""<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://quay.example/a/771</loc><news:news><news:publication><news:name>Quay Times</news:name><news:language>en</news:language>
</news:publication>
<news:title>A tug pulls the ferry home</news:title><news:publication_date>2024-12-06T07:00:00Z</news:publication_date></news:news>
<image:image><image:loc>https://quay.example/tug.jpg</image:loc></image:image></url>
<url><loc>https://quay.example/a-story-of-the-quay</loc></url></urlset>"""


@pytest.mark.parametrize("body", [UNDECLARED, UNDECLARED.replace(b"news:", b"n:")])
def test_a_prefix_that_is_not_declared_is_read_by_the_name_behind_it(body: bytes) -> None:
    first, second = read_sitemap(body, Feed(url="https://quay.example/s.xml"), NOW, 10)
    assert (first.title, first.source, first.lang, first.url) == (
        "A tug pulls the ferry home",
        "Quay Times",
        "en",
        "https://quay.example/a/771",
    )
    assert first.published == datetime(2024, 12, 6, 7, tzinfo=UTC)
    assert second.title == "a story of the quay"


@pytest.mark.parametrize(("year", "stored"), [("9999", NOW), ("1066", None)])
def test_a_date_of_a_sitemap_that_cannot_be_is_not_stored(year: str, stored: datetime | None) -> None:
    body = NEWS_SITEMAP.replace(b"2024-12-06", f"{year}-12-31".encode())
    assert read_sitemap(body, Feed(url="https://quay.example/s.xml"), NOW, 10)[0].published == stored


@pytest.mark.parametrize("root", ["urlset", "sm:urlset", "sitemapindex", "sm:sitemapindex"])
def test_the_root_of_a_sitemap_may_have_a_prefix_that_is_not_declared(root: str) -> None:
    row = "sitemap" if root.endswith("index") else "url"
    body = f"<{root}><sm:{row}><sm:loc>https://quay.example/a-story-of-the-quay</sm:loc></sm:{row}></{root}>".encode()
    (found,) = read_sitemap(body, Feed(url="https://quay.example/s.xml"), NOW, 10)
    assert found.url == "https://quay.example/a-story-of-the-quay"


ODD_MARKUP = st.sampled_from(
    ["<a:b:c>", "</n:news>", "<n:news>", "<1>", "<é:title>", "&", "&x;", "<!--", "<![CDATA[", "<loc/>", "<?x", 'a="', ":", "\x00"]
)


@given(st.data())
def test_odd_markup_in_a_sitemap_raises_nothing_of_its_own(data: st.DataObject) -> None:
    body = NEWS_SITEMAP.decode()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(body)))
        body = body[:place] + data.draw(ODD_MARKUP) + body[place:]
    with suppress(NotAFeedError):
        read_sitemap(body.encode(), Feed(url="https://quay.example/s.xml"), NOW, 10)
