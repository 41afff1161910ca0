"""WARC files: cut, packed, clipped, and with records of any size."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.support.archive_files import PAGES, read, warc


@pytest.mark.parametrize("packed", [True, False])
def test_a_warc_is_cut_at_records_wherever_the_spans_end(tmp_path: Path, packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchers.archives import warc as module

    path = tmp_path / "x.warc"
    path.write_bytes(b"".join(gzip.compress(record) if packed else record for record in warc(PAGES)))
    monkeypatch.setattr(module, "BLOCK", 3_000)
    items, hauls = read(path)
    assert len(hauls) > 5
    assert [item.url for item in items] == [url for url, _ in PAGES]


@pytest.mark.parametrize("records", [1, 3, 40])
def test_a_packed_warc_is_whole_however_many_records_share_a_member(tmp_path: Path, records: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchers.archives import warc as module

    path = tmp_path / "x.warc.gz"
    whole = list(warc(PAGES))
    info = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: <urn:uuid:0>\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    members = [info, *(b"".join(whole[at : at + records]) for at in range(0, len(whole), records))]
    path.write_bytes(b"".join(gzip.compress(member) for member in members))
    monkeypatch.setattr(module, "BLOCK", 3_000)
    monkeypatch.setattr(module, "CARRIED", 3_000)
    items, hauls = read(path)
    assert [item.url for item in items] == [url for url, _ in PAGES]
    assert not any(haul.broken_count for haul in hauls)


def test_what_follows_an_enormous_record_in_a_stream_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchers.archives import warc as module

    pages = [PAGES[0], ("https://news.example/film", b"x" * 50_000), *PAGES[1:3]]
    monkeypatch.setattr(module, "_HELD", 20_000)
    for data in (b"".join(warc(pages)), gzip.compress(b"".join(warc(pages)))):
        items, hauls = read(data)
        assert [item.url for item in items] == [url for url, _ in PAGES[:3]]
        assert sum(haul.read for haul in hauls) == 4
        assert sum(haul.skipped.total() for haul in hauls) == 1
        assert not any(haul.broken_count for haul in hauls)


def test_a_warc_packed_with_zstd(tmp_path: Path) -> None:
    import zstandard

    whole, members = tmp_path / "whole.warc.zst", tmp_path / "members.warc.zst"
    whole.write_bytes(zstandard.compress(b"".join(warc(PAGES))))
    members.write_bytes(b"".join(zstandard.compress(record) for record in warc(PAGES)))
    for path in (whole, members):
        assert [item.url for item in read(path)[0]] == [url for url, _ in PAGES]


def test_a_clipped_warc_gives_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    whole = b"".join(gzip.compress(record) for record in warc(PAGES[:3]))
    path.write_bytes(whole[: len(whole) - 200])
    items, _ = read(path)
    assert [item.url for item in items][:2] == [url for url, _ in PAGES[:2]]
