"""Hits as CSV, JSON Lines and RSS: every word arrives, and none does harm where it is opened."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal

import feedparser
import pytest

from bot.export.hits import export
from bot.store import Store
from tests.support.news import SEEDS, investment, publish
from watchers.match.result import Hit, Reason
from watchers.models.item import Item

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
HITS_TITLE = '=Nvidia "and" <b>FPT</b>\x0b'
HITS = (
    Hit("deals", 0.8, "alert", (Reason("word", {"text": 'Nvidia & "friends" <act>.'}), Reason("named", {"name": "Nvidia"}))),
    Hit("nvidia", 0.5, "digest", (Reason("title.none"),)),
)
WHY = ['"Nvidia & "friends" <act>." stands in it', "Nvidia is named"]


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    item = Item(
        "https://f.example/rss?a=1&b=2",
        "https://x.example/?a=1&b=2",
        title=HITS_TITLE,
        text="t",
        source="Báo",
        published=NOW,
    )
    publish(store, item, NOW, hits=HITS)
    publish(store, Item("f", "", title="Later", text="t"), NOW + timedelta(hours=2), hits=HITS[1:])
    yield store
    store.close()


def made(store: Store, form: Literal["csv", "jsonl", "rss"], since: datetime | None = None, *, site: str = "") -> str:
    return "".join(export(store, form, SEEDS, since=since, now=NOW, site=site))


def test_json_lines_hold_every_hit(store: Store) -> None:
    records = [json.loads(line) for line in made(store, "jsonl").splitlines()]
    assert [(record["rule"], record["title"]) for record in records] == [
        ("deals", '=Nvidia "and" <b>FPT</b>\x0b'), ("nvidia", '=Nvidia "and" <b>FPT</b>\x0b'), ("nvidia", "Later"),
    ]  # fmt: skip
    assert records[0]["why"] == WHY


def test_csv_reads_back_and_holds_no_formula(store: Store) -> None:
    rows = list(csv.DictReader(io.StringIO(made(store, "csv"))))
    assert len(rows) == 3
    assert rows[0]["title"].startswith("'=Nvidia")
    assert rows[0]["why"] == " | ".join(WHY)


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"])
def test_no_form_of_a_sign_begins_a_formula_in_csv(sign: str) -> None:
    store = Store.open(":memory:")
    publish(store, Item("f", "", title=f"{sign}HYPERLINK(1)", text="t"), NOW, hits=HITS)
    rows = list(csv.DictReader(io.StringIO(made(store, "csv"), newline="")))
    assert {row["title"] for row in rows} == {f"'{sign}HYPERLINK(1)"}
    store.close()


def test_csv_of_nothing_has_its_heading(store: Store) -> None:
    assert made(store, "csv", NOW + timedelta(days=1)) == made(store, "csv").splitlines()[0] + "\r\n"


def test_rss_is_a_feed_that_a_reader_takes(store: Store) -> None:
    feed = feedparser.parse(made(store, "rss"))
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == ["Later", '=Nvidia "and" <b>FPT</b>']
    entry = feed.entries[1]
    assert entry.link == "https://x.example/?a=1&b=2"
    assert entry.published == "Mon, 02 Mar 2026 05:00:00 +0000"
    assert [tag.term for tag in entry.tags] == ["Deals", "Nvidia"]
    assert entry.author == "Báo"
    assert "&lt;act&gt;" in entry.summary
    assert feed.entries[0].id != entry.id


def test_rss_names_no_address_of_this_machine_but_the_one_that_is_configured(store: Store) -> None:
    feed = feedparser.parse(made(store, "rss"))
    assert feed.feed.link == "https://seedwatch.invalid/"
    assert "127.0.0.1" not in made(store, "rss")
    assert feedparser.parse(made(store, "rss", site="https://watch.example/a?b&c")).feed.link == "https://watch.example/a?b&c"


def test_rss_tells_the_news_of_each_item_first_and_then_why_it_came() -> None:
    store = Store.open(":memory:")
    text = "FPT <b>will</b> spend $90 million on a data centre in Hue, it said. The weather was fine."
    item = Item("f", "https://a.example/1", title="Big plans at FPT", text=text)
    story = publish(store, item, NOW, hits=HITS[:1], events=[investment("fpt", item, amount=90e6)])
    other = Item("f", "https://b.example/2", title="Big plans", text="In Hue a centre of FPT for $90 million is to be built.")
    publish(store, other, NOW, hits=HITS[1:], story=story)
    second, first = feedparser.parse(made(store, "rss")).entries
    said = "<p>FPT <b>will</b> spend $90 million on a data centre in Hue, it said.</p>"
    assert first.summary.startswith(said.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;"))
    assert "<p>Deals: \"Nvidia &amp;" in first.summary
    assert second.summary == "<p>In Hue a centre of FPT for $90 million is to be built.</p><p>Nvidia: not in the title</p>"
    store.close()


def test_since_leaves_older_hits_out(store: Store) -> None:
    assert [json.loads(line)["title"] for line in made(store, "jsonl", NOW + timedelta(hours=1)).splitlines()] == ["Later"]


def test_since_goes_by_publication_and_an_unknown_date_stays_empty(store: Store) -> None:
    old = Item("/old/a.jsonl", "https://old.example/1", title="Old", text="t", published=NOW - timedelta(days=300))
    publish(store, old, NOW + timedelta(hours=3), hits=HITS[1:], origin="backfill")
    publish(store, Item("/old/a.jsonl", "", title="Undated", text="t"), NOW + timedelta(hours=3), hits=HITS[1:], origin="backfill")
    assert [json.loads(line)["title"] for line in made(store, "jsonl", NOW + timedelta(hours=1)).splitlines()] == ["Later"]
    records = {one["title"]: one for one in map(json.loads, made(store, "jsonl", NOW - timedelta(days=301)).splitlines())}
    assert set(records) == {"Old", "Later", HITS_TITLE}
    everything = {one["title"]: one for one in map(json.loads, made(store, "jsonl").splitlines())}
    assert everything["Undated"]["published_at"] is None
    assert (everything["Old"]["source"], everything["Undated"]["source"]) == ("old.example", "a.jsonl")
    rows = {row["title"]: row for row in csv.DictReader(io.StringIO(made(store, "csv")))}
    assert rows["Undated"]["published_at"] == ""
    entries = {entry.title: entry for entry in feedparser.parse(made(store, "rss")).entries}
    assert "published" not in entries["Undated"]
    assert entries["Later"].published == "Mon, 02 Mar 2026 07:00:00 +0000", "a feed's item without a date counts when it was found"
