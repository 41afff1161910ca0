"""Records and files of unusual shape or charset: read, or refused with what to do."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from seeds.load import load_seeds
from tests.support.archive_files import READING, read
from watchers.archives.byte_filter import prescan_of
from watchers.archives.chunk import ReadOptions
from watchers.archives.formats import chunks_of, read_chunk
from watchers.archives.source import UnreadableError, bytes_source


def test_an_object_that_holds_a_list_is_no_line_of_json_lines() -> None:
    articles = [{"title": f"Nvidia opens centre {number}", "text": "x" * 900} for number in range(100)]
    for before in ({"status": "ok", "total": 2, "meta": {"page": 1}}, {}):
        for name, some in (("articles", articles[:2]), ("data", articles)):
            items, _ = read(json.dumps({**before, name: some}).encode())
            assert [item.title for item in items] == [one["title"] for one in some]
    single = {"id": 1, "title": "Nvidia opens a centre", "docs": [{"a": 1}]}
    assert [item.title for item in read(json.dumps(single).encode())[0]] == ["Nvidia opens a centre"]


def test_a_table_of_unknown_columns_is_refused_until_they_are_named() -> None:
    table = "Überschrift,Inhalt,wann\r\n" + "".join(f'Nvidia opens centre {n},"Some, text",05/06/2024\r\n' for n in range(4))
    with pytest.raises(UnreadableError, match="--map title=COLUMN; there are Überschrift, Inhalt, wann"):
        read(table.encode())
    source = bytes_source("given", table.encode())
    own = {"title": "Überschrift", "published": "wann"}
    (chunk,) = chunks_of(source, own=tuple(own.values()))
    items = read_chunk(chunk, ReadOptions(READING.now, columns=own)).items
    assert [item.title for item in items] == [f"Nvidia opens centre {n}" for n in range(4)]


def test_prose_with_commas_is_a_text() -> None:
    (item,) = read(b"Nvidia, FPT, and others\nThe firms, it is said, met.\nThey spoke, ate, and left, late.\nNo more.")[0]
    assert item.title == "Nvidia, FPT, and others"


def test_lines_that_only_strict_readers_refuse_are_read() -> None:
    written = [
        '{"title": "Nvidia buys a stake", "text": NaN}',
        '{"title": "Nvidia \\ud800 buys"}',
        '{"title": "Vingroup m\u00e0 l\u00e0 Nvidia"}',
    ]
    items, hauls = read("\n".join(written).encode("cp1252"))
    assert [item.title for item in items] == ["Nvidia buys a stake", "Nvidia ? buys", "Vingroup m\u00e0 l\u00e0 Nvidia"]
    assert not items[0].text
    assert not any(haul.broken_count for haul in hauls)


@pytest.mark.parametrize("charset", ["cp1252", "utf-16", "utf-8-sig"])
def test_tables_and_texts_in_other_charsets(charset: str) -> None:
    told = "Caf\u00e9 soci\u00e9t\u00e9 \u00e0 Hanoi: Nvidia r\u00e9unit ses ing\u00e9nieurs"
    assert [item.title for item in read(told.encode(charset))[0]] == [told]
    table = f"title;url\n{told};https://news.example/1\n"
    assert [item.title for item in read(table.encode(charset))[0]] == [told]
    assert [item.title for item in read(json.dumps([{"title": told}], ensure_ascii=False).encode(charset))[0]] == [told]


def test_this_bots_database_gives_its_items_with_their_guids(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with sqlite3.connect(path) as conn:
        conn.executescript(
            "CREATE TABLE items (id INTEGER PRIMARY KEY, feed, url, guid, title, summary, text, lang, published_at, source, author, "
            "sponsored);"
            "CREATE TABLE hits (item, rule); CREATE TABLE mentions (item); CREATE TABLE deliveries (id);"
            "CREATE TABLE stories (id INTEGER PRIMARY KEY, title, published_at); INSERT INTO stories VALUES (1, 'A story', '2024-12-05');"
            "CREATE VIRTUAL TABLE found USING fts5(title, text);"
            "INSERT INTO items (url, guid, title) VALUES ('https://news.example/1', 'tag:1', 'Nvidia opens a centre');"
            "INSERT INTO found VALUES ('Nvidia opens a centre', '');"
        )
    conn.close()
    items, hauls = read(path)
    assert [(item.guid, item.title) for item in items] == [("tag:1", "Nvidia opens a centre")]
    assert sum(haul.read for haul in hauls) == 1


def test_letters_at_the_cuts_of_a_long_json_list_stay_whole() -> None:
    records = [{"title": "ộ" * 401 + str(number)} for number in range(2_000)]
    items, _ = read(json.dumps(records, ensure_ascii=False).encode())
    assert [item.title for item in items] == [record["title"] for record in records]


def test_a_broken_byte_does_not_make_another_charset_of_a_file() -> None:
    rows = "".join(f"Vingroup xây nhà máy số {number} tại Hải Phòng\n" for number in range(9))
    items, _ = read(b"title\turl\n" + rows.replace("\n", "\thttps://news.example/\n").encode() + b"Nvidia caf\xe9\tx\n")
    assert [item.title for item in items] == [*rows.splitlines(), "Nvidia caf\ufffd"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_that_name_nobody_are_counted_and_told_when_they_are_no_records(end: str) -> None:
    good = [json.dumps({"title": title}) for title in ("Nvidia opens a centre", "A quiet day", "Rain in the hills")]
    odd = ['{"title": "cut in the mid', '"title": "without a beginning"}', "[1, 2]", "", "   "]
    lines = [good[0], odd[0], good[1], odd[1], odd[2], odd[3], odd[4], good[2]]
    data = end.join(lines).encode()
    for last in (b"", end.encode()):
        items, hauls = read(data + last, ReadOptions(READING.now, prescan_of(load_seeds(packaged_feeds=False))))
        assert [item.title for item in items] == ["Nvidia opens a centre"], "records that name nobody are not even parsed"
        assert sum(haul.read for haul in hauls) == 6
        told = [(broken.offset, broken.reason.partition(":")[0]) for haul in hauls for broken in haul.broken]
        assert told == [
            (data.index(odd[0].encode()), "no JSON"),
            (data.index(odd[1].encode()), "no JSON"),
            (data.index(odd[2].encode()), "expected an object, got list"),
        ]
