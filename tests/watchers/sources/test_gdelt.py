"""GDELT's article lists as feeds, with its own words for errors."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seeds.feeds import Feed
from tests.support.sources import LIMITS, NOW, Bench
from watchers.models.polling import FeedState
from watchers.parsing.parse import NotAFeedError
from watchers.sources.gdelt import MAX_BYTES, MAX_ROWS, Articles, GdeltWatcher, article_list, read_articles, tidy
from watchers.state import poll_schedule


def article(number: int, **more: str) -> dict[str, str]:
    row = {"url": f"https://wire.example/{number}", "title": "Chip maker ( CHIP ) opens a plant , says its chief"}
    return row | {"seendate": "20241206T070000Z", "domain": "wire.example", "language": "English"} | more


async def test_a_gdelt_query_is_looked_at_like_a_feed(bench: Bench) -> None:
    body = json.dumps({"articles": [article(1), article(2, title="Khai trương nhà máy mới", language="Vietnamese"), {"url": "x"}]}).encode()
    bench.server.play("/doc?query=chips&mode=artlist&format=json&maxrecords=250&sort=datedesc", body)
    watcher = GdeltWatcher(bench.client, bench.workers)
    feed = Feed(url=bench.server.url("/doc?query=chips"), kind="gdelt")
    look = await watcher.poll(feed, FeedState(), NOW)
    first, second = look.items
    assert (first.title, first.source, first.lang) == ("Chip maker (CHIP) opens a plant, says its chief", "wire.example", "en")
    assert first.published == datetime(2024, 12, 6, 7, 0, tzinfo=UTC)
    assert second.lang == "vi"
    assert look.hints.floor == 900
    state = poll_schedule.next_state(FeedState(), look, NOW, LIMITS, new=2)
    assert (await watcher.poll(feed, state, NOW)).outcome == "unchanged"


def test_what_a_gdelt_query_says_itself_stays() -> None:
    assert article_list("https://g.example/doc?query=a&maxrecords=10&format=json&mode=ArtList&sort=datedesc").count("maxrecords") == 1


def test_gdelts_complaints_come_through_and_its_faulty_json_is_read() -> None:
    feed = Feed(url="https://g.example/doc?query=a")
    with pytest.raises(NotAFeedError, match="query was too short"):
        read_articles(b"Your query was too short or too long.", feed, NOW)
    faulty = b'{"articles": [{"url": "https://a.example/1", "title": "A \\\'quoted\\\' title\twith a tab"}]}'
    assert read_articles(faulty, feed, NOW).items[0].title == "A 'quoted' title with a tab"
    assert read_articles(b"{}", feed, NOW) == Articles()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"Please limit requests to one every 5 seconds or contact us for larger queries.", "limit requests"),
        (b"The specified phrase is too short.", "phrase is too short"),
        (b"Timespan is too short.", "Timespan"),
        (b"<html><head><title>502</title></head></html>", "not an article list"),
        (b"", "the answer is empty"),
        (b'{"articles": [{"url": "https://a.example/1", "ti', "broken JSON"),
        (b'{"articles": {"url": "https://a.example/1"}}', "not an article list"),
        (b'{"articles": null}', "not an article list"),
        (b'{"articles": ' + b"[" * 100_000, "broken JSON"),
    ],
)
def test_what_gdelt_says_in_place_of_a_list_is_the_error(body: bytes, says: str) -> None:
    with pytest.raises(NotAFeedError, match=says):
        read_articles(body, Feed(url="https://g.example/doc"), NOW)


def test_rows_of_gdelt_that_are_nonsense_leave_the_others() -> None:
    wrong: list[object] = [
        None,
        1,
        [],
        {},
        {"url": None},
        {"url": [], "title": {}},
        {"url": "ftp://x", "title": "T"},
        {"url": "https://x/"},
    ]
    odd = article(7, seendate="99999999T999999Z", domain="\ud800", language="Klingon", title="Half a letter\ud800 stands here")
    body = json.dumps({"articles": [*wrong, odd]}).encode()
    (item,) = read_articles(body, Feed(url="https://g.example/doc"), NOW).items
    assert (item.title, item.published) == ("Half a letter stands here", None)
    (item.title + item.source + item.url).encode()


@pytest.mark.parametrize(("seen", "stored"), [("99991231T235959Z", NOW), ("19000101T000000Z", None)])
def test_a_date_of_gdelt_that_cannot_be_is_not_stored(seen: str, stored: datetime | None) -> None:
    body = json.dumps({"articles": [article(1, seendate=seen)]}).encode()
    assert read_articles(body, Feed(url="https://g.example/doc"), NOW).items[0].published == stored


def test_blanks_around_signs_are_taken_out() -> None:
    assert tidy("Apple ( AAPL ) Winner , Says It ' s 5 % Up : $ 3 !") == "Apple (AAPL) Winner, Says It's 5% Up: $3!"


@pytest.mark.shared
def test_a_real_article_list_is_read(shared: Path) -> None:
    items = read_articles((shared / "data" / "gdelt" / "doc-artlist.json").read_bytes(), Feed(url="https://g.example/doc"), NOW).items
    assert len(items) > 50
    assert all(item.title and item.url and item.published for item in items)


async def test_a_list_that_is_no_list_of_250_is_read_beside_the_loop(bench: Bench) -> None:
    """A megabyte of JSON on the loop took a tenth of a second, its 5,000 titles another."""
    rows = [article(number, title="<&" * 400) for number in range(300)]
    body = json.dumps({"articles": rows}).encode()
    assert len(body) < MAX_BYTES
    url = bench.server.play("/doc?query=chips&mode=artlist&format=json&maxrecords=250&sort=datedesc", body)
    begun = time.thread_time()
    look = await GdeltWatcher(bench.client, bench.workers).poll(Feed(url=url, kind="gdelt"), FeedState(), NOW)
    assert time.thread_time() - begun < 0.05
    assert len(look.items) == MAX_ROWS


async def test_of_a_list_with_broken_rows_the_others_are_read(bench: Bench) -> None:
    """Broken strings are mended, and what is lost is told."""
    rows = [json.dumps(article(number)) for number in (1, 2, 3, 4)]
    rows[1] = rows[1].replace("Chip maker", r'Chip \d maker\'s "new" boss')
    rows[2] = '{"url": "https://wire.example/3", "title": }'
    bench.server.play(
        "/doc?query=chips&mode=artlist&format=json&maxrecords=250&sort=datedesc", f'{{"articles": [{", ".join(rows)}]}}'.encode()
    )
    look = await GdeltWatcher(bench.client, bench.workers).poll(
        Feed(url=bench.server.url("/doc?query=chips"), kind="gdelt"), FeedState(), NOW
    )
    assert [item.url[-1] for item in look.items] == ["1", "2", "4"]
    assert look.items[1].title == 'Chip d maker\'s "new" boss (CHIP) opens a plant, says its chief'
    assert look.notes == ("1 of 4 articles are broken JSON",)
