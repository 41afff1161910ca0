"""Defines what tests of archives read: records, a page, WARC records, and `read`, all that a source gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from watchers.archives.chunk import ChunkItems, ReadOptions
from watchers.archives.formats import chunks_of, read_chunk
from watchers.archives.source import bytes_source, file_source
from watchers.models.item import Item

READING = ReadOptions(datetime(2026, 1, 1, tzinfo=UTC))
DAY = "2024-12-05"
RECORDS: list[dict[str, object]] = [
    {
        "id": 1,
        "headline": "Nvidia opens a centre in Hanoi",
        "body": "It hires <b>two hundred</b> engineers.",
        "date": DAY,
        "link": "https://news.example/1",
    },
    {
        "id": 2,
        "headline": "FPT ký hợp đồng tại Nhật Bản",
        "body": "Trị giá 20 triệu USD.",
        "date": "Thu, 05 Dec 2024 08:00:00 +0700",
        "link": "https://news.example/2",
    },
]
PAGE = """<!doctype html><html lang="en"><head><title>Nvidia opens a centre - Example</title><meta charset="utf-8">
<meta property="article:published_time" content="2024-12-05T08:00:00+07:00"><meta property="og:site_name" content="Example News">
<link rel="canonical" href="https://news.example/nvidia-centre"></head><body><nav>Home Contact</nav><article><h1>Nvidia opens a centre</h1>
<p>Nvidia opened a research centre in Hanoi on Thursday, and hires two hundred engineers there over the next two years.</p>
</article></body></html>"""


def as_lines(records: list[dict[str, object]]) -> bytes:
    """The records as JSON Lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


def read(data: bytes | Path, reading: ReadOptions = READING) -> tuple[list[Item], list[ChunkItems]]:
    """All items of a file or of these bytes, and what each piece of it gave."""
    source = file_source(data) if isinstance(data, Path) else bytes_source("given", data)
    hauls = [read_chunk(chunk, reading) for chunk in chunks_of(source)]
    return [item for haul in hauls for item in haul.items], hauls


def warc(pages: list[tuple[str, bytes]]) -> Iterator[bytes]:
    """A WARC record for each (address, page)."""
    for url, page in pages:
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(page) + page
        header = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{abs(hash(url))}>\r\nWARC-Date: 2024-12-05T01:00:00Z\r\n"
            f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        yield header.encode() + body + b"\r\n\r\n"


PAGES = [(f"https://news.example/{number}", PAGE.replace("/nvidia-centre", f"/{number}").encode()) for number in range(40)]
