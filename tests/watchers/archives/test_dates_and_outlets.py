"""Dates and outlets of archived items: from the record, else from the address; never past the fetching, never the time of the import."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.archive_files import PAGE, READING, read, warc
from watchers.archives.chunk import ReadOptions
from watchers.models.item import Item


def line(**fields: object) -> bytes:
    """A record as a line of JSON Lines."""
    return json.dumps({"title": "Nvidia opens a centre in Hanoi", **fields}).encode() + b"\n"


def one(data: bytes, reading: ReadOptions = READING) -> Item:
    """The only item of an archive."""
    (item,) = read(data, reading)[0]
    return item


@pytest.mark.parametrize(
    "address",
    [
        "https://news.example/2025/10/06/nvidia-in-hanoi",
        "https://news.example/2025/10/6/nvidia",
        "https://news.example/tech/2025-10-06-nvidia-in-hanoi.html",
        "https://news.example/nvidia-in-hanoi-2025-10-06",
        "https://news.example/world/2025/oct/06/nvidia",
        "https://news.example/nvidia-in-hanoi-20251006.htm",
        "https://news.example/nvidia-in-hanoi-20251006085512345.htm",
        "https://news.example/20251006/nvidia",
    ],
)
def test_an_item_without_a_date_has_the_day_of_its_address(address: str) -> None:
    assert one(line(url=address)).published == datetime(2025, 10, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://news.example/nvidia-4801234.html",
        "https://news.example/2025/10/",
        "https://news.example/2025/13/40/nvidia",
        "https://news.example/2025/02/30/nvidia",
        "https://news.example/1912/04/15/titanic",
        "https://news.example/2030/01/01/nvidia",
        "https://news.example/order-120251006",
        "https://news.example/nvidia?day=2025-10-06",
        "https://[news.example/nvidia",
    ],
)
def test_an_item_without_a_date_stays_without_one(address: str) -> None:
    assert one(line(url=address)).published is None


def test_the_records_own_date_wins() -> None:
    assert one(line(url="https://news.example/2025/10/06/x", published="2025-10-07")).published == datetime(2025, 10, 7, tzinfo=UTC)


@pytest.mark.parametrize("published", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", 9_999_999_999, "99991231T235959Z"])
def test_the_future_ends_at_the_import(published: object) -> None:
    item = one(line(published=published))
    assert item.published is None or item.published <= READING.now


@pytest.mark.parametrize("published", ["0001-01-01", "1601-01-01T00:00:00Z", "19010101", "1970-01-01"])
def test_no_article_is_older_than_the_web(published: str) -> None:
    assert one(line(published=published)).published is None


def test_until_counts_the_date_that_is_stored() -> None:
    records = line(published="9999-12-31T23:59:59Z")
    assert read(records, ReadOptions(READING.now, until=datetime(2025, 6, 1, tzinfo=UTC)))[0] == []
    assert len(read(records, ReadOptions(READING.now, until=datetime(2027, 1, 1, tzinfo=UTC)))[0]) == 1


def test_a_page_is_not_newer_than_its_record() -> None:
    page = PAGE.replace("2024-12-05T08:00:00+07:00", "2025-03-01T08:00:00+07:00").encode()
    item = one(b"".join(warc([("https://news.example/1", page)])))
    assert item.published == datetime(2024, 12, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("date", ["Thu, 31 Dec 9999 23:59:59 -1200", "Thu, 5 Dec 2024 02:30:00 PM", "Mon, 0 Foo 2024"])
def test_an_odd_date_of_a_mail_costs_nothing_else(date: str) -> None:
    head = "From a Thu Dec  5 08:00:00 2024\nFrom: a@x.example\n"
    mails = [f"{head}Subject: Nvidia {number}\nDate: {date}\n\nText\n\n" for number in range(2)]
    items, hauls = read("".join(mails).encode())
    assert [item.title for item in items] == ["Nvidia 0", "Nvidia 1"]
    assert not any(haul.broken_count for haul in hauls)
    if "PM" in date:
        assert items[0].published == datetime(2024, 12, 5, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(("written", "hour"), [("2024-12-05 02:30:00 PM", 14), ("05/12/2024 2:30:00 CH", 14), ("05/12/2024 12:30 SA", 0)])
def test_the_half_of_the_day_is_no_zone(written: str, hour: int) -> None:
    assert one(line(published=written)).published == datetime(2024, 12, 5, hour, 30, tzinfo=UTC)


def test_an_item_without_a_source_has_the_host_of_its_address() -> None:
    assert one(line(url="https://www.news.example/1")).source == "news.example"
    assert one(line(url="https://www.news.example/1", source="The News")).source == "The News"
    assert not one(line()).source


def test_a_database_with_dates_at_the_rim_of_the_calendar(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE news (title TEXT, published TEXT)")
        conn.executemany("INSERT INTO news VALUES (?, ?)", [("One", "9999-12-31 23:59:59-05:00"), ("Two", "2024-12-05")])
    conn.close()
    assert [item.title for item in read(path)[0]] == ["One", "Two"]
