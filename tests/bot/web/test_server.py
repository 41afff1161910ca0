"""The web view asked over loopback, as a browser and as those who mean harm ask it."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import feedparser
import msgspec
import pytest

from bot.store import Store
from bot.store.feeds import read_feed, save_state, sync_feeds
from bot.store.search import fill
from bot.web import server
from bot.web.server import WebApp
from seeds.entities import Entity
from seeds.feeds import Feed
from tests.support.clock import START, FakeClock
from tests.support.listening import listening
from tests.support.news import SEEDS, investment, publish
from watchers.match.result import Hit, Reason
from watchers.models.item import Item

NOW = START
FEED = "https://news.example/feed"
EVIL = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'</title></style>&lt;b&gt;"
PATHS = ("/", "/entities", "/entities/nvidia", "/search", "/search?q=nvidia", "/feeds", "/stories/1", "/stories/2")


class Read(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {tag}"
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def links(self) -> list[str]:
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a"]


def fill_store(path: Path) -> None:
    """Two stories on two days, one of them told by an enemy; a feed that fails."""
    store = Store.open(path)
    first = Item("f", "https://a.example/1?a=1&b=2", title="Nvidia mở nhà máy ở Đà Nẵng", text="Nvidia mở nhà máy. Họ vui.", source="Báo A",
                 published=NOW - timedelta(hours=2), lang="vi")  # fmt: skip
    told = publish(store, first, NOW - timedelta(hours=2), events=(investment("nvidia", first, amount=2e8, place="Da Nang"),))
    second = Item("f", "https://b.example/1", title="Nvidia opens plant", text="Nvidia opens.", source="Paper B", published=NOW)
    publish(store, second, NOW - timedelta(hours=1), story=told)
    evil = Item("f", "javascript:alert(3)", title=f"Nvidia {EVIL}", text=f"Nvidia {EVIL}. \u202egnp.exe\x00", source=EVIL, author=EVIL,
                published=NOW - timedelta(days=3))  # fmt: skip
    hits = (Hit("nvidia", 0.5, "digest", (Reason("word", {"text": EVIL}),)), Hit(EVIL, 0.4, "digest", ()))
    publish(
        store, evil, NOW - timedelta(days=3), hits=hits, events=(investment("nvidia", evil, place=EVIL, target=EVIL, attributed_to=EVIL),)
    )
    fill(store)
    sync_feeds(store, [Feed(url=FEED, name="News <i>daily</i>")], NOW)
    known = read_feed(store, FEED)
    assert known is not None
    failing = msgspec.structs.replace(
        known.state, failures=3, failing_since=NOW - timedelta(days=2), last_error=f"dns: {EVIL}", polls=4, hub="https://h.example/"
    )
    save_state(store, known.id, failing, now=NOW)
    store.close()


@dataclass
class Asking:
    """A served view and somebody who asks."""

    base: str
    session: aiohttp.ClientSession
    view: WebApp

    async def get(self, path: str, status: int = 200, **headers: str) -> str:
        async with self.session.get(self.base + path, headers=headers, allow_redirects=False) as answer:
            assert answer.status == status, (path, answer.status, await answer.text())
            for name, value in server.HEADERS.items():
                assert answer.headers[name] == value
            return await answer.text()

    async def page(self, path: str, status: int = 200) -> Read:
        read = Read(await self.get(path, status))
        assert read.open == []
        return read


@asynccontextmanager
async def served(path: Path) -> AsyncIterator[Asking]:
    feeds = (Feed(url=FEED, name="News <i>daily</i>"),)
    entities = {**SEEDS.entities, "evil": Entity(id="evil", name=EVIL, kind="company", watched=True, part_of="nvidia")}
    store = Store.open(path, readonly=True)
    view = WebApp(store, replace(SEEDS, feeds=feeds, entities=entities), FakeClock(NOW), "Asia/Ho_Chi_Minh")
    try:
        async with listening(view.application()) as base, aiohttp.ClientSession() as session:
            yield Asking(base, session, view)
    finally:
        view.close()
        store.close()


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[Asking]:
    fill_store(tmp_path / "a.db")
    async with served(tmp_path / "a.db") as asking:
        yield asking


async def test_odd_dates_in_an_old_database_stop_no_page(tmp_path: Path) -> None:
    fill_store(tmp_path / "a.db")
    store = Store.open(tmp_path / "a.db")
    for table, column in (("items", "published_at"), ("stories", "first_at"), ("stories", "last_at"), ("hits", "created_at")):
        store.conn.execute(f"UPDATE {table} SET {column} = '9999-12-31T23:59:59Z' WHERE id % 2 = 0")
        store.conn.execute(f"UPDATE {table} SET {column} = '0001-01-01T00:00:00Z' WHERE id % 2 = 1")
    store.close()
    async with served(tmp_path / "a.db") as asking:
        for path in (*PATHS, "/hits.rss"):
            await asking.get(path)


async def test_stories_stand_by_day_with_their_sources(asking: Asking) -> None:
    page = await asking.page("/")
    headings = [word for word in page.words if re.search(r"\d{4}$", word)]
    assert [heading.split(",")[0] for heading in headings] == ["Today", "Friday"]
    assert "Nvidia mở nhà máy ở Đà Nẵng" in page.text
    assert "Báo A, Paper B" in page.text
    assert "alert" in page.text
    assert "/stories/1" in page.links()


async def test_a_story_shows_its_events_its_reasons_and_every_source(asking: Asking) -> None:
    page = await asking.page("/stories/1")
    for said in (
        "Investment: Nvidia",
        "$200 million",
        "Deals",
        "leads the title",
        "Nvidia opens plant",
        "Same news because: test",
    ):
        assert said in page.text
    assert {"https://a.example/1?a=1&b=2", "https://b.example/1", "/entities/nvidia", "/?rule=deals"} <= set(page.links())


async def test_an_entity_has_its_timeline_its_events_and_its_stories(asking: Asking) -> None:
    page = await asking.page("/entities/nvidia")
    assert [attrs["aria-label"] for tag, attrs in page.tags if tag == "svg"] == [
        "Items with a hit, last 14 days: 3",
        "Items with a hit, last 12 months, by date of publication: 3",
    ]
    assert sum(tag == "rect" for tag, _ in page.tags) == 26
    assert "Investment 2" in page.text
    assert "/?entity=nvidia" in page.links()
    record = json.loads(await asking.get("/entities/nvidia.json"))
    assert [day["items"] for day in record["days"]][-4:] == [1, 0, 0, 2]
    assert [month["items"] for month in record["months"]][-2:] == [1, 2]
    assert record["events"] == {"investment": 2}
    await asking.page("/entities/nobody", 404)


async def test_accents_are_optional_in_a_search(asking: Asking) -> None:
    for query in ("da%20nang", "%C4%90%C3%A0%20N%E1%BA%B5ng", "DA+NANG", "nh%C3%A0*"):
        page = await asking.page(f"/search?q={query}")
        assert "1 found" in page.text, query
        assert "/stories/1" in page.links()
    assert "Nothing found." in (await asking.page("/search?q=zebra")).text
    assert "Nothing found." in (await asking.page("/search?q=nvidia&event=acquisition")).text
    assert len(json.loads(await asking.get("/search.json?q=nvidia&entity=nvidia"))["items"]) == 3
    for nonsense in ("%22", "AND+OR+NOT", "*", "a%00b", "%ED%A0%80", "x" * 2_000, "NEAR(%22"):
        await asking.page(f"/search?q={nonsense}")


async def test_feeds_show_their_health(asking: Asking) -> None:
    page = await asking.page("/feeds")
    assert "1 feeds, 1 in trouble" in page.text
    assert "failing for 2 d" in page.text
    assert "News <i>daily</i>" in page.text
    (row,) = json.loads(await asking.get("/feeds.json"))["feeds"]
    assert (row["url"], row["condition"], row["hub"], row["pushed_until"]) == (FEED, "failing", "https://h.example/", None)


async def test_hits_are_a_feed_and_stories_are_json(asking: Asking) -> None:
    feed = feedparser.parse((await asking.get("/hits.rss")).encode())
    assert not feed.bozo
    assert len(feed.entries) == 3
    told = json.loads(await asking.get("/stories.json"))
    assert [one["id"] for one in told["stories"]] == [1, 2]
    assert told["older"] is None
    story = json.loads(await asking.get("/stories/1.json"))
    assert [one["source"] for one in story["items"]] == ["Báo A", "Paper B"]
    assert story["items"][1]["joined_because"] == ["test"]
    assert story["events"][0]["amount"] == {"value": 2e8, "currency": "USD"}
    assert json.loads(await asking.get("/stories.json?rule=deals"))["stories"][0]["id"] == 1
    assert json.loads(await asking.get("/stories.json?entity=fpt"))["stories"] == []


@pytest.mark.parametrize("path", PATHS)
async def test_no_word_of_a_feed_becomes_markup(asking: Asking, path: str) -> None:
    page = await asking.page(path)
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "iframe", "style", "i", "object", "base"})
    for tag, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "style"], tag
        for name in ("href", "src", "action"):
            assert re.match(r"(https?://|/(?!/))", attrs.get(name) or "/"), attrs
    for tag, attrs in page.tags:
        if tag == "a" and (attrs["href"] or "").startswith("http"):
            assert attrs["rel"] == "noreferrer noopener"


async def test_what_an_enemy_wrote_is_shown_as_he_wrote_it(asking: Asking) -> None:
    page = await asking.page("/stories/2")
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>" in page.text
    assert "\u202e" not in page.text
    assert "javascript:" not in "".join(page.links())
    query = await asking.page("/search?q=%22%3E%3Cscript%3Ealert(9)%3C/script%3E")
    assert ("input", '"><script>alert(9)</script>') in [(tag, attrs.get("value")) for tag, attrs in query.tags]
    for parameter in ("entity", "rule", "before"):
        await asking.page(f"/?{parameter}=%22%3E%3Cscript%3Ealert(9)%3C/script%3E")


async def test_older_stories_are_a_page_further_and_none_is_lost_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(tmp_path / "a.db")
    for number in range(7):
        item = Item("f", f"https://a.example/{number}", title=f"Nvidia story {number}", text="Nvidia.", source="A", published=NOW)
        publish(store, item, NOW)
    store.close()
    monkeypatch.setattr("bot.web.queries.STORIES", 3)
    async with served(tmp_path / "a.db") as asking:
        seen, path = [], "/"
        for _ in range(3):
            page = await asking.page(path)
            seen += [link for link in page.links() if link.startswith("/stories/")]
            path = next((link for link in page.links() if "before=" in link), "")
        assert path == ""
        assert seen == [f"/stories/{number}" for number in range(7, 0, -1)]
        assert "No older stories." in (await asking.page("/?before=1999-01-01T00:00:00Z,5")).text


async def test_stories_without_a_date_come_last_and_are_said_to_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(tmp_path / "a.db")
    for number in range(3):
        publish(store, Item("/old/part.jsonl", title=f"Nvidia undated {number}", text="Nvidia."), NOW, origin="backfill")
    for number in range(2):
        at = NOW - timedelta(days=90 + number)
        publish(store, Item("f", f"https://a.example/{number}", title=f"Nvidia dated {number}", text="Nvidia.", published=at), at)
    fill(store)
    store.close()
    async with served(tmp_path / "a.db") as asking:
        page = await asking.page("/")
        assert page.text.index("Nvidia dated 1") < page.text.index("No date") < page.text.index("Nvidia undated 2")
        assert "Today" not in page.text
        assert "no date · part.jsonl" in page.text
        assert "no date · part.jsonl" in (await asking.page("/entities/nvidia")).text
        assert json.loads(await asking.get("/stories/1.json"))["last_at"] is None
        assert "part.jsonl · no date" in (await asking.page("/stories/1")).text
        assert "part.jsonl · no date" in (await asking.page("/search?q=undated")).text
        found = json.loads(await asking.get("/search.json?entity=nvidia"))
        assert [one["title"] for one in found["items"]][:2] == ["Nvidia dated 0", "Nvidia dated 1"]
        monkeypatch.setattr("bot.web.queries.STORIES", 2)
        seen, path = [], "/"
        while path:
            page = await asking.page(path)
            seen += [link for link in page.links() if link.startswith("/stories/")]
            path = next((link for link in page.links() if "before=" in link), "")
        assert seen == [f"/stories/{number}" for number in (4, 5, 3, 2, 1)]


async def test_cards_of_an_entity_say_their_date_unless_it_is_today(asking: Asking) -> None:
    page = await asking.page("/entities/nvidia")
    today, before = (f"{(NOW + timedelta(hours=7) - timedelta(hours=back)):%H:%M}" for back in (1, 72))
    assert f" {today} · Báo A, Paper B" in page.text
    assert re.search(rf"\d+ \w+ \d{{4}}, {before} · ", page.text)
    stories = await asking.page("/")
    assert not re.search(rf"\d{{4}}, {before} · ", stories.text), "under its day's heading the time is enough"


async def test_a_search_says_how_many_items_it_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(tmp_path / "a.db")
    for number in range(7):
        publish(store, Item("f", f"https://a.example/{number}", title=f"Nvidia story {number}", text="Nvidia."), NOW)
    fill(store)
    store.close()
    monkeypatch.setattr("bot.web.server.FOUND", 3)
    async with served(tmp_path / "a.db") as asking:
        assert "7 found, the first 3 shown" in (await asking.page("/search?q=nvidia")).text
        assert "7 found" in (await asking.page("/search?entity=nvidia")).text
        assert json.loads(await asking.get("/search.json?q=nvidia"))["found"] == 7


async def test_only_this_machine_is_answered_whatever_name_points_here(asking: Asking) -> None:
    port = asking.base.rpartition(":")[2]
    for host in ("127.0.0.1", f"127.0.0.1:{port}", "localhost", "LOCALHOST:9000", f"[::1]:{port}"):
        await asking.get("/", Host=host)
    for host in (
        "evil.example",
        f"evil.example:{port}",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "127.0.0.1:80@evil",
        "0.0.0.0",
        "[::2",
        "x",
        "[v1.x]",
    ):
        assert "Nvidia" not in await asking.get("/stories.json", 421, Host=host), host
        await asking.get("/nothing", 421, Host=host)


async def test_without_a_host_nothing_is_told(asking: Asking) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(asking.base.rpartition(":")[2]))
    writer.write(b"GET /stories.json HTTP/1.0\r\n\r\n")
    assert b" 421 " in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_nothing_can_be_changed_here(asking: Asking) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        async with asking.session.request(method, f"{asking.base}/stories/1", data=b"x" if method != "OPTIONS" else None) as answer:
            assert answer.status == 405
            assert answer.headers["Content-Security-Policy"]
            assert "Access-Control-Allow-Origin" not in answer.headers
    async with asking.session.head(f"{asking.base}/") as answer:
        assert answer.status == 200
    with pytest.raises(sqlite3.OperationalError, match=r"readonly"):
        asking.view._store.conn.execute("DELETE FROM items")


@pytest.mark.parametrize("path", ["/nothing", "/stories/999", "/stories/1e9", "/stories/99999999999999999999", "/style.css/x",
                                  "/stories/1.xml", "/%2e%2e/config.toml", "/bot/web/server.py"])  # fmt: skip
async def test_what_is_not_there_is_said_in_a_page(asking: Asking, path: str) -> None:
    assert "Not found" in (await asking.page(path, 404)).text


async def test_styles_and_icon_come_from_here(asking: Asking) -> None:
    css = await asking.get("/style.css")
    assert "prefers-color-scheme: dark" in css
    assert "url(" not in css
    assert "@import" not in css
    assert (await asking.get("/icon.svg")).startswith("<svg")


async def test_what_takes_too_long_to_read_is_broken_off(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "SLOWEST", 0.05)

    def forever(store: Store, *_: object, **__: object) -> None:
        store.conn.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n").fetchall()

    monkeypatch.setattr("bot.web.queries.stories", forever)
    begun = time.monotonic()
    assert "too long" in (await asking.page("/", 503)).text
    assert time.monotonic() - begun < 2
    assert "Watched" in (await asking.page("/entities")).text, "the next one is read"


async def test_a_failure_names_no_library_and_no_path(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("/home/somebody/secret")

    monkeypatch.setattr("bot.web.queries.stories", broken)
    text = await asking.get("/", 500)
    assert "secret" not in text
    assert "RuntimeError" not in text


async def test_the_view_sees_what_a_running_bot_writes_and_does_not_hold_it_up(tmp_path: Path) -> None:
    fill_store(tmp_path / "a.db")
    writer = Store.open(tmp_path / "a.db", busy_timeout=0.2)
    async with served(tmp_path / "a.db") as asking:
        await asking.page("/")
        with writer.atomic():
            item = Item("f", "https://c.example/1", title="FPT and Nvidia sign", text="FPT.", source="C", published=NOW)
            publish(writer, item, NOW)
            assert "sign" not in (await asking.page("/")).text
        assert "FPT and Nvidia sign" in (await asking.page("/")).text
    writer.close()


def test_the_tests_stand_in_the_year_they_say() -> None:
    assert datetime(2026, 3, 2, tzinfo=UTC).date() == NOW.date(), "months and weekdays above are counted from here"
