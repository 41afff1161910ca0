"""Hits as CSV, JSON Lines and RSS: every word arrives, and none does harm where it is opened."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import feedparser
import pytest

from bot.export import export
from bot.store import Store
from tests.support.news import SEEDS, publish
from watchers.items import Item
from watchers.match.result import Hit

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
HITS = (Hit("deals", 0.8, "alert", ('Nvidia & "friends" <act>.', "Twice.")), Hit("nvidia", 0.5, "digest", ("Nvidia leads.",)))


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.open(":memory:")
    item = Item(
        "https://f.example/rss?a=1&b=2",
        "https://x.example/?a=1&b=2",
        title='=Nvidia "and" <b>FPT</b>\x0b',
        text="t",
        source="Báo",
        published=NOW,
    )
    publish(store, item, NOW, hits=HITS)
    publish(store, Item("f", "", title="Later", text="t"), NOW + timedelta(hours=2), hits=HITS[1:])
    yield store
    store.close()


def made(store: Store, form: str, since: datetime | None = None) -> str:
    return "".join(export(store, form, SEEDS.rules, since=since, now=NOW))


def test_json_lines_hold_every_hit(store: Store) -> None:
    records = [json.loads(line) for line in made(store, "jsonl").splitlines()]
    assert [(one["rule"], one["title"]) for one in records] == [
        ("deals", '=Nvidia "and" <b>FPT</b>\x0b'), ("nvidia", '=Nvidia "and" <b>FPT</b>\x0b'), ("nvidia", "Later"),
    ]  # fmt: skip
    assert records[0]["why"] == list(HITS[0].why)


def test_csv_reads_back_and_holds_no_formula(store: Store) -> None:
    rows = list(csv.DictReader(io.StringIO(made(store, "csv"))))
    assert len(rows) == 3
    assert rows[0]["title"].startswith("'=Nvidia")
    assert rows[0]["why"] == " | ".join(HITS[0].why)


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


def test_since_leaves_older_hits_out(store: Store) -> None:
    assert [json.loads(line)["title"] for line in made(store, "jsonl", NOW + timedelta(hours=1)).splitlines()] == ["Later"]
