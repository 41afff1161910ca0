"""WARC and ARC files in which a record is wrong: it is repaired, or told with its place, and every other record is read."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support.archive_files import PAGES, READING, read, warc
from watchers.archives.chunk import ChunkItems
from watchers.archives.formats import chunks_of, read_chunk
from watchers.archives.source import UnreadableError, bytes_source
from watchers.models.item import Item

URLS = [url for url, _ in PAGES]
LENGTH = b"msgtype=response\r\nContent-Length: %d\r\n"


def record(body: bytes, *, url: str = "https://news.example/odd", kind: bytes = b"application/http; msgtype=response") -> bytes:
    """A WARC record around a body."""
    header = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:9>\r\nWARC-Date: 2024-12-05T01:00:00Z\r\n"
    header += b"WARC-Target-URI: %b\r\n"
    return header % url.encode() + b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)) + body + b"\r\n\r\n"


def answer(payload: bytes, *headers: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    """An HTTP answer with these headers."""
    return b"\r\n".join([status, *headers, b"", payload])


def relength(whole: bytes, change: int) -> bytes:
    """The record with a length in its header that is wrong by `change` bytes."""
    header, _, body = whole.partition(b"\r\n\r\n")
    size = int(header.rpartition(b" ")[2])
    return header.replace(b"Content-Length: %d" % size, b"Content-Length: %d" % (size + change)) + b"\r\n\r\n" + body


def broken(hauls: Iterable[ChunkItems]) -> list[str]:
    """The reasons told."""
    return [one.reason for haul in hauls for one in haul.broken]


PAGE = PAGES[0][1]
TITLE = "Nvidia opens a centre - Example"
HTML = b"Content-Type: text/html; charset=utf-8"


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


ANSWERS = {
    "gzip that is none": answer(PAGE, HTML, b"Content-Encoding: gzip"),
    "gzip in capitals": answer(gzip.compress(PAGE), HTML, b"content-encoding: GZIP"),
    "gzip that nobody names": answer(gzip.compress(PAGE), HTML),
    "gzip with a wrong checksum": answer(gzip.compress(PAGE)[:-8] + b"12345678", HTML, b"Content-Encoding: gzip"),
    "brotli that is none": answer(PAGE, HTML, b"Content-Encoding: br"),
    "zstd that is none": answer(PAGE, HTML, b"Content-Encoding: zstd"),
    "an unknown coding": answer(PAGE, HTML, b"Content-Encoding: utf-8"),
    "deflate": answer(zlib.compress(PAGE), HTML, b"Content-Encoding: deflate"),
    "raw deflate": answer(raw_deflate(PAGE), HTML, b"Content-Encoding: deflate"),
    "deflate that is none": answer(PAGE, HTML, b"Content-Encoding: deflate"),
    "two codings": answer(gzip.compress(zlib.compress(PAGE)), HTML, b"Content-Encoding: deflate, gzip"),
    "chunked": answer(b"%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE), HTML, b"Transfer-Encoding: chunked"),
    "chunked that is not": answer(PAGE, HTML, b"Transfer-Encoding: Chunked"),
    "chunks of a wrong length": answer(b"40\r\n%b\r\n7\r\n%b\r\n0\r\n\r\n" % (PAGE[:64], PAGE[64:]), HTML, b"Transfer-Encoding: chunked"),
    "chunked and gzip that are both gone": answer(PAGE, HTML, b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"),
    "a type in capitals": answer(PAGE, b"CONTENT-TYPE: TEXT/HTML; CHARSET=UTF-8"),
    "no type": answer(PAGE, b"Server: x"),
    "an empty type": answer(PAGE, b"Content-Type:"),
    "a type that says plain text": answer(PAGE, b"Content-Type: text/plain"),
    "HTTP/2": answer(PAGE, HTML, status=b"HTTP/2 200"),
    "line ends without returns": answer(PAGE, HTML).replace(b"\r\n", b"\n", 3),
    "no head at all": PAGE,
}


@pytest.mark.parametrize("how", ANSWERS)
@pytest.mark.parametrize("packed", [True, False])
def test_an_answer_is_read_whatever_its_headers_say(tmp_path: Path, how: str, packed: bool) -> None:
    path = tmp_path / "x.warc"
    records = [*warc(PAGES[1:3]), record(ANSWERS[how]), *warc(PAGES[3:5])]
    path.write_bytes(b"".join(gzip.compress(one) if packed else one for one in records))
    items, hauls = read(path)
    assert [item.title for item in items] == [TITLE] * 5
    assert all("research centre in Hanoi" in item.text for item in items)
    assert not broken(hauls)


def test_brotli_is_undone(tmp_path: Path) -> None:
    brotli = pytest.importorskip("brotli")
    (item,) = read(record(answer(brotli.compress(PAGE), HTML, b"Content-Encoding: br")))[0]
    assert item.title == TITLE


def test_an_answer_without_a_type_that_is_no_text_is_no_page() -> None:
    items, hauls = read(record(answer(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dNvidia", b"Server: x")) + b"".join(warc(PAGES[:1])))
    assert [item.url for item in items] == URLS[:1]
    assert sum((haul.skipped for haul in hauls), start=type(hauls[0].skipped)()).total() == 1


def test_a_packed_answer_that_is_a_bomb_is_read_as_far_as_a_page_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    from watchers.archives import warc as module

    monkeypatch.setattr(module, "LARGEST", 100_000)
    bomb = gzip.compress(PAGE + b" " * 50_000_000)
    assert [item.title for item in read(record(answer(bomb, HTML, b"Content-Encoding: gzip")))[0]] == [TITLE]


WRONG: dict[str, Callable[[bytes], bytes]] = {
    "a length that is too large": lambda whole: relength(whole, 700),
    "a length far past the end of the file": lambda whole: relength(whole, 10**12),
    "a length that is too small": lambda whole: relength(whole, -300),
    "no length": lambda whole: whole.replace(LENGTH % (whole_length(whole)), b"msgtype=response\r\n"),
    "no empty lines behind it": lambda whole: whole[:-4],
}


def whole_length(whole: bytes) -> int:
    header, _, _ = whole.partition(b"\r\n\r\n")
    return int(header.rpartition(b" ")[2])


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("way", ["file", "stream", "members", "one member"])
def test_a_record_whose_length_is_wrong_is_repaired(tmp_path: Path, wrong: str, way: str) -> None:
    records = list(warc(PAGES[:6]))
    records[2] = WRONG[wrong](records[2])
    data = b"".join(gzip.compress(one) if way == "members" else one for one in records)
    data = gzip.compress(data) if way == "one member" else data
    path = tmp_path / "x.warc"
    path.write_bytes(data)
    items, hauls = read(data if way == "stream" else path)
    assert [item.url for item in items] == URLS[:6]
    assert all("two hundred engineers" in item.text for item in items)
    assert not broken(hauls)
    assert [place.reason for haul in hauls for place in haul.repaired] == ["a wrong length"] * ("length" in wrong)


def test_a_coding_that_the_payload_does_not_have_is_counted_as_repaired() -> None:
    whole = b"".join(warc(PAGES[:1]))
    _, hauls = read(whole + record(answer(PAGE, HTML, b"Content-Encoding: br")))
    assert [(place.offset, place.reason) for haul in hauls for place in haul.repaired] == [(len(whole), "a false coding: br")]
    assert sum(haul.repaired_count for haul in hauls) == 1


@pytest.mark.parametrize("junk", [b"<html>a page</html>", b"\x1f\x8b\x08 no member", b"\0" * 4_000 + b"x", b"WARC/1.0\r\nWARC-Type: resp"])
@pytest.mark.parametrize("way", ["file", "stream", "members"])
def test_what_stands_between_records_is_told_and_passed_over(tmp_path: Path, junk: bytes, way: str) -> None:
    records = [gzip.compress(one) if way == "members" else one for one in warc(PAGES[:6])]
    records.insert(3, junk)
    path = tmp_path / "x.warc"
    path.write_bytes(b"".join(records))
    items, hauls = read(path.read_bytes() if way == "stream" else path)
    assert [item.url for item in items] == URLS[:6]
    assert len(broken(hauls)) == 1


@pytest.mark.parametrize("at", [0, 2, 5])
@pytest.mark.parametrize("pieces", ["one", "many"])
def test_a_broken_member_loses_its_record_alone(tmp_path: Path, at: int, pieces: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchers.archives import warc as module

    if pieces == "many":
        monkeypatch.setattr(module, "BLOCK", 2_000)
    members = [gzip.compress(one) for one in warc(PAGES[:6])]
    middle = len(members[at]) // 2
    members[at] = members[at][:middle] + b"\xff" * 40 + members[at][middle + 40 :]
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(members))
    items, hauls = read(path)
    assert [item.url for item in items] == URLS[:at] + URLS[at + 1 : 6]
    assert len(broken(hauls)) == 1
    assert next(one.offset for haul in hauls for one in haul.broken) == sum(map(len, members[:at]))


def test_a_broken_member_of_a_pipe_loses_its_record_alone_and_is_told() -> None:
    members = [gzip.compress(one) for one in warc(PAGES[:6])]
    members[2] = members[2][:200] + b"\xff" * 40 + members[2][240:]
    items: list[Item] = []
    told = ""
    try:
        for chunk in chunks_of(bytes_source("given", b"".join(members))):
            items += read_chunk(chunk, READING).items
    except UnreadableError as error:
        told = str(error)
    assert [item.url for item in items if item.url != URLS[2]] == URLS[:2] + URLS[3:6]
    assert "damaged" in told


@pytest.mark.parametrize("missing", [3, 40, 500])
@pytest.mark.parametrize("packed", [True, False])
def test_a_warc_that_is_cut_says_so(tmp_path: Path, missing: int, packed: bool) -> None:
    path = tmp_path / "x.warc"
    whole = b"".join(gzip.compress(one) if packed else one[:-4] for one in warc(PAGES[:3]))
    path.write_bytes(whole[:-missing])
    items, hauls = read(path)
    assert [item.url for item in items][:2] == URLS[:2]
    assert any("cut" in reason for reason in broken(hauls))


def arc(pages: list[tuple[str, bytes]], change: int = 0) -> bytes:
    """An ARC of these pages; the length of the second is wrong by `change`."""
    parts = [b"filedesc://x.arc 0.0.0.0 20241205000000 text/plain 12\n1 0 Example\n\n"]
    for number, (url, page) in enumerate(pages):
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
        length = len(body) + (change if number == 1 else 0)
        parts.append(b"%b 192.0.2.1 20241205010000 text/html %d\n%b\n" % (url.encode(), length, body))
    return b"".join(parts)


@pytest.mark.parametrize("change", [0, 400, 10**9, -200])
def test_an_arc_goes_on_behind_a_wrong_length(change: int) -> None:
    items, hauls = read(arc(PAGES[:4], change))
    assert [item.url for item in items] == URLS[:4]
    assert not broken(hauls)


@pytest.mark.parametrize("way", ["file", "stream"])
def test_a_large_record_that_is_cut_says_so(tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchers.archives import warc as module

    monkeypatch.setattr(module, "_HELD", 20_000)
    path = tmp_path / "x.warc"
    path.write_bytes(b"".join([*warc(PAGES[:2]), record(answer(b"x" * 90_000, b"Content-Type: video/mp4"))])[:-10_000])
    items, hauls = read(path if way == "file" else path.read_bytes())
    assert [item.url for item in items] == URLS[:2]
    assert any("cut" in reason for reason in broken(hauls))


def test_a_record_that_goes_over_two_members_is_whole(tmp_path: Path) -> None:
    records = list(warc(PAGES[:4]))
    path = tmp_path / "x.warc.gz"
    halves = [half for one in records for half in (one[:500], one[500:])]
    path.write_bytes(b"".join(gzip.compress(half) for half in halves))
    items, hauls = read(path)
    assert [item.url for item in items] == URLS[:4]
    assert all("two hundred engineers" in item.text for item in items)
    assert not broken(hauls)
