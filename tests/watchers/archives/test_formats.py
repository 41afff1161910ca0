"""Each format is told by its content and read; what is damaged is counted with its place and never ends the reading."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import lzma
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.archive_files import PAGE, READING, RECORDS, as_lines, read
from watchers.archives.chunk import ReadOptions
from watchers.archives.formats import chunks_of, read_chunk, sources_of
from watchers.archives.source import UnreadableError, bytes_source, file_source, pipe_source, read_up_to, unpacked

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Example</title><link>https://news.example/</link>
<item><title>Nvidia opens a centre</title><link>https://news.example/1</link>
<pubDate>Thu, 05 Dec 2024 01:00:00 GMT</pubDate></item></channel></rss>"""


def test_json_lines_with_columns_of_other_names() -> None:
    items, _ = read(as_lines(RECORDS))
    assert [item.title for item in items] == [record["headline"] for record in RECORDS]
    assert items[0].text == "It hires two hundred engineers."
    assert items[0].guid == "1"
    assert items[1].published == datetime(2024, 12, 5, 1, 0, tzinfo=UTC)
    assert items[1].url == "https://news.example/2"


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, lambda data: data.decode().encode("utf-16")])
def test_packed_and_wide_text_is_opened(pack) -> None:  # type: ignore[no-untyped-def]
    items, _ = read(pack(as_lines(RECORDS)))
    assert len(items) == 2


def test_zstd_is_opened() -> None:
    import zstandard

    assert len(read(zstandard.compress(as_lines(RECORDS)))[0]) == 2


@pytest.mark.parametrize("document", [RECORDS, {"articles": RECORDS}, {"status": "ok", "results": RECORDS}])
def test_json_lists_and_objects_that_hold_one(document: object) -> None:
    items, _ = read(json.dumps(document, indent=1).encode())
    assert [item.guid for item in items] == ["1", "2"]


def test_a_long_json_list_is_cut_between_its_elements() -> None:
    many = [{"id": number, "title": f"Title {number}", "text": "x" * 20_000} for number in range(500)]
    source = bytes_source("long", json.dumps(many).encode())
    chunks = list(chunks_of(source))
    assert len(chunks) > 1
    assert [item.guid for chunk in chunks for item in read_chunk(chunk, READING).items] == [str(number) for number in range(500)]
    later = list(chunks_of(source, chunks[0].next))
    assert [chunk.data for chunk in later] == [chunk.data for chunk in chunks[1:]]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_tables_with_quotes_and_line_ends_inside(delimiter: str) -> None:
    text = io.StringIO()
    table = csv.writer(text, delimiter=delimiter)
    table.writerow(["title", "content", "published_at"])
    table.writerow(['He said "yes"', "two\nlines, and more", "2024-12-05"])
    table.writerow(["Second", "plain", "1733360400"])
    items, _ = read(text.getvalue().encode())
    assert [(item.title, item.text) for item in items] == [('He said "yes"', "two\nlines, and more"), ("Second", "plain")]
    assert items[1].published == datetime(2024, 12, 5, 1, 0, tzinfo=UTC)


def test_a_persons_own_mapping_wins() -> None:
    reading = ReadOptions(READING.now, columns={"title": "what"})
    items, _ = read(as_lines([{"what": "Mapped", "title": "Not this"}]), reading)
    assert items[0].title == "Mapped"


def test_a_saved_page() -> None:
    items, _ = read(PAGE.encode())
    (item,) = items
    assert item.title == "Nvidia opens a centre - Example"
    assert item.source == "Example News"
    assert item.url == "https://news.example/nvidia-centre"
    assert item.published == datetime(2024, 12, 5, 1, 0, tzinfo=UTC)
    assert "two hundred engineers" in item.text
    assert "Contact" not in item.text


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1258"])
def test_a_page_is_read_by_the_charset_it_names(charset: str) -> None:
    page = PAGE.replace('charset="utf-8"', f'charset="{charset}"').replace("Example News", "Báo Mẫu")
    assert read(page.encode(charset, "ignore"))[0][0].source == ("Báo Mẫu" if charset != "windows-1258" else "Báo Mu")


def test_a_saved_feed_gives_what_polling_it_would_have_given() -> None:
    items, _ = read(FEED.encode())
    assert [(item.title, item.url, item.feed) for item in items] == [("Nvidia opens a centre", "https://news.example/1", "given")]


def test_a_news_sitemap() -> None:
    sitemap = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
        "<loc>https://news.example/1</loc><news:news><news:publication><news:name>Example</news:name></news:publication>"
        "<news:publication_date>2024-12-05</news:publication_date><news:title>Nvidia opens</news:title></news:news></url></urlset>"
    )
    assert [(item.title, item.source) for item in read(sitemap.encode())[0]] == [("Nvidia opens", "Example")]


def test_mail_boxes() -> None:
    message = (
        "From {0}@example Thu Dec  5 08:00:00 2024\nFrom: Letter <{0}@example>\nSubject: =?utf-8?q?Nvidia_m=E1=BB=9F?= {0}\n"
        "Date: Thu, 5 Dec 2024 08:00:00 +0700\nMessage-ID: <{0}@x>\n\nBody {0}\n\n"
    )
    items, _ = read((message.format("one") + message.format("two")).encode())
    assert [(item.title, item.text, item.source) for item in items] == [
        ("Nvidia mở one", "Body one", "Letter"),
        ("Nvidia mở two", "Body two", "Letter"),
    ]


def test_gdelt_knowledge_graph() -> None:
    cells = [
        "20241205083000-1",
        "20241205083000",
        "1",
        "news.example",
        "https://news.example/a",
        *[""] * 18,
        "Jensen Huang,20",
        "",
        "",
        "<PAGE_TITLE>Nvidia &amp; Vietnam</PAGE_TITLE>",
    ]
    items, _ = read(("\t".join(cells) + "\n").encode())
    assert (items[0].title, items[0].source, items[0].summary) == ("Nvidia & Vietnam", "news.example", "Jensen Huang")


def test_texts_take_title_and_day_from_first_line_and_name(tmp_path: Path) -> None:
    note = tmp_path / "2024-12-05 note.txt"
    note.write_text("# Nvidia opens\n\nA centre.", "utf-8")
    items, _ = read(note)
    assert (items[0].title, items[0].text) == ("Nvidia opens", "A centre.")
    assert items[0].published == datetime(2024, 12, 5, tzinfo=UTC)


def test_databases_of_items(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE news (id INTEGER PRIMARY KEY, title TEXT, content TEXT)")
        conn.executemany("INSERT INTO news (title, content) VALUES (?, ?)", [("One", "1"), ("Two", "2")])
        conn.execute("CREATE TABLE other (x TEXT)")
    conn.close()
    assert [item.title for item in read(path)[0]] == ["One", "Two"]


def test_parquet(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    path = tmp_path / "some.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"title": ["One", "Two"], "unused": [1, 2]}), path, row_group_size=1)
    items, hauls = read(path)
    assert [item.title for item in items] == ["One", "Two"]
    assert len(hauls) == 2


def reader_database(path: Path) -> Path:
    """What lemon24 reader 3 keeps, by the columns of its tables that concern items."""
    with sqlite3.connect(path) as conn:
        conn.execute("CREATE TABLE feeds (url TEXT PRIMARY KEY NOT NULL, title TEXT, link TEXT, user_title TEXT, added TIMESTAMP NOT NULL)")
        conn.execute(
            "CREATE TABLE entries (id TEXT NOT NULL, feed TEXT NOT NULL, title TEXT, link TEXT, updated TIMESTAMP, author TEXT, "
            "published TIMESTAMP, summary TEXT, content TEXT, enclosures TEXT, data_hash BLOB, first_updated TIMESTAMP NOT NULL, "
            "PRIMARY KEY (id, feed))"
        )
        conn.execute("INSERT INTO feeds VALUES ('https://news.example/rss', 'Feed', NULL, 'My name for it', '2024-01-01 00:00:00')")
        content = json.dumps([{"value": "<p>It hires <b>many</b>.</p>", "type": "text/html", "language": "en"}])
        conn.executemany(
            "INSERT INTO entries VALUES (?, 'https://news.example/rss', ?, ?, NULL, 'Ann', ?, ?, ?, NULL, x'ff00', '2024-12-06 03:00:00')",
            [
                ("g1", "Nvidia opens", "https://news.example/1", "2024-12-05 01:00:00", "In short", content),
                ("g2", "FPT signs", "https://news.example/2", None, None, None),
            ],
        )
    conn.close()
    return path


def inside(path: Path) -> Path:
    """The file in a zip."""
    packed = path.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w") as box:
        box.write(path, path.name)
    return packed


@pytest.mark.parametrize("pack", [lambda path: path, inside], ids=["plain", "in a zip"])
def test_a_database_of_reader(tmp_path: Path, pack) -> None:  # type: ignore[no-untyped-def]
    items, _ = read(pack(reader_database(tmp_path / "reader.sqlite")))
    assert [(item.guid, item.title, item.text, item.source) for item in items] == [
        ("g1", "Nvidia opens", "It hires many.", "My name for it"),
        ("g2", "FPT signs", "", "My name for it"),
    ]
    assert items[0].published == datetime(2024, 12, 5, 1, 0, tzinfo=UTC)
    assert items[1].published == datetime(2024, 12, 6, 3, 0, tzinfo=UTC)
    assert items[0].url == "https://news.example/1"


def test_parquet_inside_a_zip_and_where_a_run_goes_on(tmp_path: Path) -> None:
    import pyarrow
    import pyarrow.parquet

    path = tmp_path / "some.parquet"
    days = [datetime(2024, 12, day, tzinfo=UTC) for day in (5, 6)]
    pyarrow.parquet.write_table(pyarrow.table({"title": ["One", "Two"], "date": days, "raw": [b"x", b"y"]}), path, row_group_size=1)
    packed = inside(path)
    items, _ = read(packed)
    assert [(item.title, item.published) for item in items] == [("One", days[0]), ("Two", days[1])]
    chunks = list(chunks_of(file_source(packed)))
    rest = [read_chunk(chunk, READING).items[0].title for chunk in chunks_of(file_source(packed), chunks[0].next)]
    assert rest == ["Two"]


def test_a_database_inside_a_file_has_a_largest_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchers.archives import databases

    monkeypatch.setattr(databases, "SPOOLED", 1_000)
    (chunk,) = chunks_of(file_source(inside(reader_database(tmp_path / "reader.sqlite"))))
    assert chunk.format == "refused"
    assert "unpack it first" in chunk.note


def test_members_of_tar_and_zip_and_the_place_to_go_on(tmp_path: Path) -> None:
    members = {"a.xml": FEED.encode(), "b/c.jsonl": as_lines(RECORDS), "d.bin": b"\x00\x01\x02" * 9, "e.html": PAGE.encode()}
    tar = tmp_path / "x.tar.gz"
    with tarfile.open(tar, "w:gz") as archive:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    packed = tmp_path / "x.zip"
    with zipfile.ZipFile(packed, "w") as box:
        for name, data in members.items():
            box.writestr(name, data)
    for path in (tar, packed):
        items, hauls = read(path)
        assert len(items) == 4
        assert [broken.reason.split(";")[0] for haul in hauls for broken in haul.broken] == ["of no kind that is known"]
        chunks = list(chunks_of(file_source(path)))
        for at, chunk in enumerate(chunks):
            rest = [one.name for one in chunks_of(file_source(path), chunk.next)]
            assert rest == [one.name for one in chunks[at + 1 :]]


def test_broken_lines_are_counted_with_their_place() -> None:
    items, (haul,) = read(as_lines(RECORDS[:1]) + b'{"title": "cut\n' + b'{"neither": 1}\n' + as_lines(RECORDS[1:]))
    assert len(items) == 2
    assert (haul.read, haul.broken_count, haul.skipped["no title and no text"]) == (4, 1, 1)
    assert haul.broken[0].offset == len(as_lines(RECORDS[:1]))
    assert "no JSON" in haul.broken[0].reason


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\x03" * 100, gzip.compress(b"x" * 1000)[:20], b"PK\x03\x04 no zip"])
def test_what_is_nothing_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(UnreadableError) as refused:
        list(chunks_of(bytes_source("bad", data)))
    assert str(refused.value)


def test_lines_of_a_file_are_whole_wherever_a_span_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchers.archives import lines

    monkeypatch.setattr(lines, "BLOCK", 64)
    path = tmp_path / "x.jsonl"
    path.write_bytes(as_lines([{"title": f"Title {number}"} for number in range(200)]))
    items, hauls = read(path)
    assert [item.title for item in items] == [f"Title {number}" for number in range(200)]
    assert sum(haul.read for haul in hauls) == 200


def test_a_pipe_is_read_once_and_told_by_its_head() -> None:
    source = pipe_source("pipe", io.BytesIO(as_lines(RECORDS * 3_000)))
    assert sum(read_chunk(chunk, READING).read for chunk in chunks_of(source)) == 6_000


def test_dates_bound_what_is_read() -> None:
    reading = ReadOptions(READING.now, since=datetime(2024, 12, 5, 0, 30, tzinfo=UTC), until=datetime(2024, 12, 6, tzinfo=UTC))
    items, (haul,) = read(as_lines(RECORDS), reading)
    assert [item.guid for item in items] == ["2"]
    assert haul.skipped["outside the dates"] == 1


def test_folders_patterns_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("b.jsonl", "a.jsonl"):
        (tmp_path / "in" / name).write_bytes(as_lines(RECORDS))
    names = [Path(source.name).name for source, _ in sources_of([str(tmp_path)])]
    assert names == ["a.jsonl", "b.jsonl"]
    assert len(list(sources_of([str(tmp_path / "in" / "*.jsonl")]))) == 2
    assert [wrong for _, wrong in sources_of([str(tmp_path / "nothing")])] == ["no such file or folder"]


@pytest.mark.shared
def test_all_sample_archives_are_read_or_refused_with_a_reason(shared: Path) -> None:
    told = []
    for source, wrong in sources_of([str(shared / "data" / kind) for kind in ("warc", "gdelt", "sitemaps")]):
        try:
            hauls = [read_chunk(chunk, READING) for chunk in chunks_of(source)]
            told += [broken.reason for haul in hauls for broken in haul.broken]
        except UnreadableError as error:
            told.append(str(error))
        told.append(wrong or "read")
    assert all(told)


def test_of_a_gzip_file_that_is_cut_everything_before_the_cut_is_read(tmp_path: Path) -> None:
    lines = [json.dumps({"title": f"Nvidia opens plant {n} in Hanoi", "text": f"{n * 7919:x}" * 40, "id": str(n)}) for n in range(2_000)]
    packed = gzip.compress("\n".join(lines[:1_000]).encode() + b"\n") + bytes(512) + gzip.compress("\n".join(lines[1_000:]).encode())
    whole, short = tmp_path / "whole.gz", tmp_path / "short.gz"
    whole.write_bytes(packed)
    short.write_bytes(packed[: len(packed) * 3 // 4])
    assert bytes(unpacked(file_source(whole), "gz").open().read()).count(b"\n") == 1_999
    stream = unpacked(file_source(short), "gz").open()
    read = as_far_as_it_goes(lambda: read_up_to(stream, 64))
    assert gzip.decompress(packed).startswith(read)
    with gzip.open(short) as known:
        assert read.startswith(as_far_as_it_goes(lambda: known.read1(64)))
    assert read.count(b"\n") > 1_200


def as_far_as_it_goes(some: Callable[[], bytes]) -> bytes:
    """What `some` gave, piece by piece, before it failed."""
    parts = []
    with pytest.raises((EOFError, UnreadableError), match=r"cut|ended"):
        parts.extend(iter(some, b""))
    return b"".join(parts)


def test_a_text_of_a_gzip_file_that_is_cut_is_read_and_the_cut_told() -> None:
    text = " ".join(f"{number * 7919:x}" for number in range(200_000)).encode()
    packed = gzip.compress(text)
    chunks = chunks_of(bytes_source("cut.txt.gz", packed[: len(packed) // 2]))
    read = next(chunks).data
    assert read
    assert text.startswith(read)
    assert len(read) > len(text) // 3
    with pytest.raises(UnreadableError, match="cut"):
        next(chunks)


def test_of_a_json_list_in_a_gzip_file_that_is_cut_what_came_before_is_read() -> None:
    whole = [{"title": f"Nvidia opens plant {number} in Hanoi", "text": f"{number * 7919:x}" * 9} for number in range(2_000)]
    packed = gzip.compress(json.dumps(whole).encode())
    chunks = chunks_of(bytes_source("cut.json.gz", packed[: len(packed) // 2]))
    some = json.loads(next(chunks).data)
    assert some == whole[: len(some)]
    assert len(some) > 600
    with pytest.raises(UnreadableError, match="cut"):
        next(chunks)


def test_a_damaged_gzip_file_says_so(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"x" * 1_000))
    packed[-6] ^= 1
    (tmp_path / "damaged.gz").write_bytes(packed)
    with pytest.raises(OSError, match="damaged"):
        unpacked(file_source(tmp_path / "damaged.gz"), "gz").open().read()
