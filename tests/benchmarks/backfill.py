"""Archives against what reading them costs at least, and many workers against one.

A WARC against fastwarc alone and against extracting every page; JSON Lines a second; two workers against one on a job of half a minute, and
Dask against two workers. Run it as `python -m tests.benchmarks backfill`; memory is what `backfill_large` measures.

Archives are made up: pages of 30 KB and records of 3 KB. One in a hundred is a candidate (for the workers every one is), which names a
watched company; one candidate in HITS tells news about it, the others name it in passing.
"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.backfill.dask_executor import Cluster
from bot.backfill.download import all_sources
from bot.backfill.executors import ChunkExecutor, InlineExecutor, ProcessPoolChunkExecutor
from bot.backfill.run import Backfill
from bot.backfill.worker import MatchJob, process_chunk
from seeds.load import Seeds, load_seeds
from tests.benchmarks.rows import Row
from watchers.archives.byte_filter import prescan_of
from watchers.archives.chunk import Chunk, ReadOptions
from watchers.archives.formats import chunks_of, read_chunk
from watchers.archives.source import file_source

WARC_MB = 450
LINES_MB = 400
BUSY_MB = 300
HITS = 5
"""Candidates per hit, as in the archives of docs/backfill.md: 2,446 hits of 11,840 candidates."""
_IN_PASSING = "Analysts who follow Nvidia and other makers gave no opinion."
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_WATCHED = ("nvidia", "amkor", "fpt", "vingroup")


def words_of(chance: random.Random) -> list[str]:
    """Made-up words."""
    syllables = [first + second for first in "bcdfghklmnprstvw" for second in "aeiou"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(30_000)]


def paragraphs(chance: random.Random, words: list[str], size: int) -> list[str]:
    """Sentences of these words, `size` characters or a little more together."""
    found, have = [], 0
    while have < size:
        found.append(" ".join(chance.choices(words, k=60)).capitalize() + ".")
        have += len(found[-1])
    return found


def _page(chance: random.Random, words: list[str], number: int) -> bytes:
    body = paragraphs(chance, words, 9_000)
    if number % 100 == 0 and number % (100 * HITS):
        body.insert(len(body) // 2, _IN_PASSING)
    elif number % 100 == 0:
        body.insert(0, "Nvidia said on Monday that it would invest $200 million in a research centre in Hanoi with FPT.")
    menu = "".join(f'<li class="menu-item menu-item-{at}"><a href="/section/{word}">{word}</a></li>' for at, word in enumerate(words[:200]))
    script = "var settings = {" + ",".join(f'"{word}": "{word}"' for word in words[200:500]) + "};"
    text = "".join(f"<p>{one}</p>" for one in body)
    return (
        f'<!doctype html><html lang="en"><head><title>Page {number}</title><meta charset="utf-8"><script>{script}</script></head>'
        f"<body><ul>{menu}</ul><article><h1>Page {number}</h1>{text}</article></body></html>"
    ).encode()


def warc_record(chance: random.Random, words: list[str], number: int) -> bytes:
    """A page as a record of a WARC; each hundredth is about a watched company."""
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + _page(chance, words, number)
    return _record(body, number)


def _record(body: bytes, number: int) -> bytes:
    header = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
        f"WARC-Date: 2024-12-05T01:00:00Z\r\nWARC-Target-URI: https://news.example/{number}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return header.encode() + body + b"\r\n\r\n"


def _warc(path: Path, chance: random.Random, words: list[str]) -> int:
    size = number = 0
    pages = [_page(chance, words, at) for at in range(1, 100)]
    with path.open("wb") as file:
        while size < WARC_MB * 1_000_000:
            page = _page(chance, words, number) if number % 100 == 0 else pages[number % 99]
            body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
            record = _record(body, number)
            file.write(gzip.compress(record, 1))
            size += len(record)
            number += 1
    return size


def _lines(path: Path, chance: random.Random, words: list[str], *, megabytes: int = LINES_MB, every: int = 100) -> int:
    """Records of news, each `every`-th a candidate."""
    quiet = [paragraphs(chance, words, 2_800) for _ in range(300)]
    passing = [" ".join([*one[: len(one) // 2], _IN_PASSING, *one[len(one) // 2 :]]) for one in quiet]
    plain = [" ".join(one) for one in quiet]
    size = number = 0
    with path.open("wb") as file:
        while size < megabytes * 1_000_000:
            hits = number % (every * HITS) == 0
            text = (passing if number % every == 0 and not hits else plain)[number % 300]
            title = f"Nvidia to invest in centre number {number} in Hanoi" if hits else f"Title {number}"
            line = json.dumps({"id": number, "title": title, "text": text, "published": "2024-12-05T08:00:00Z"}).encode() + b"\n"
            file.write(line)
            size += len(line)
            number += 1
    return size


def _job() -> MatchJob:
    whole = load_seeds()
    rules = {name: whole.rules[name] for name in _WATCHED}
    return MatchJob(Seeds(whole.entities, whole.events, rules, ()), 0.15, ("en", "vi"), "", NOW)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _run(job: MatchJob, crew: ChunkExecutor, *paths: Path) -> float:
    """Seconds for these archives; the workers were started and compiled their rules before."""

    def work() -> None:
        backfill = Backfill(job, crew, None, window=timedelta(hours=72))
        backfill.run(all_sources([str(path) for path in paths]), now=lambda: NOW)

    return _timed(work)


def _alone(job: MatchJob, path: Path, small: Path) -> float:
    """Seconds in one process that has compiled its rules and has matched none of these texts before: it remembers what it matched."""
    crew = InlineExecutor(job)
    _run(job, crew, small)
    list(
        crew.results([Chunk("html", "warm", data=b"<html><title>Nvidia warms the workers up</title></html>")])
    )  # pages are scanned by expressions of their own
    return _run(job, crew, path)


def _reading_lines(job: MatchJob, path: Path) -> float:
    """Seconds for the reading alone: scan, and parsing of what may hit."""
    reading = ReadOptions(NOW, prescan_of(job.seeds))
    assert reading.prescan is not None
    reading.prescan.lines(b"Nvidia\n")  # compiled at its first use
    return _timed(lambda: [read_chunk(chunk, reading) for chunk in chunks_of(file_source(path))])


def _read_only(path: Path) -> None:
    from fastwarc.warc import ArchiveIterator

    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, parse_http=True):
            record.reader.read()


def _pages_of(path: Path, most: int) -> Iterator[bytes]:
    from fastwarc.warc import ArchiveIterator

    with path.open("rb") as stream:
        for number, record in enumerate(ArchiveIterator(stream, parse_http=True)):
            if number >= most:
                return
            yield record.reader.read()


def run() -> list[Row]:
    """The ratios that matter, and the rates behind them."""
    import trafilatura

    chance = random.Random(1)
    words, job = words_of(chance), _job()
    with tempfile.TemporaryDirectory() as folder:
        warc, lines, small = Path(folder) / "a.warc.gz", Path(folder) / "a.jsonl", Path(folder) / "s.jsonl"
        warc_size, lines_size = _warc(warc, chance, words), _lines(lines, chance, words)
        small.write_bytes(b'{"title": "Nvidia warms the workers up"}\n' * 10)
        reading = min(_timed(lambda: _read_only(warc)) for _ in range(2))
        ours = min(_alone(job, warc, small) for _ in range(2))
        pages = list(_pages_of(warc, 100))
        each = _timed(lambda: [trafilatura.extract(page) for page in pages]) / len(pages)
        count = sum(1 for _ in _pages_of(warc, 1 << 30))
        by_line = min(_alone(job, lines, small) for _ in range(2))
        up_to_items = min(_reading_lines(job, lines) for _ in range(2))
        busy = Path(folder) / "b.jsonl"
        _lines(busy, chance, words, megabytes=BUSY_MB, every=1)
        return [
            Row(f"WARC of {WARC_MB} MB, 1 % candidates: times fastwarc just reading it", ours / reading, "x", "≤ 3"),
            Row("the same: times faster than extracting every page with trafilatura", each * count / ours, "x", "≥ 15"),
            Row("the same: throughput, uncompressed", warc_size / ours / 1e6, "MB/s"),
            Row(
                f"JSON Lines of {LINES_MB} MB, 1 % candidates, one core: read up to items", lines_size / up_to_items / 1e6, "MB/s", "≥ 400"
            ),
            Row(f"the same with matching, one candidate in {HITS} a hit with its event", lines_size / by_line / 1e6, "MB/s", "≥ 400"),
            *_side_by_side(job, busy, small),
        ]


def _side_by_side(job: MatchJob, busy: Path, small: Path) -> list[Row]:
    times: dict[str, float] = {}
    for name, crew in (
        ("one", ProcessPoolChunkExecutor(job, 1)),
        ("two", ProcessPoolChunkExecutor(job, 2)),
        ("dask", Cluster(job, "local", 2)),
    ):
        try:
            _run(job, crew, *[small] * 8)
            if isinstance(crew, Cluster):  # the scheduler gives small work to one worker; each must have compiled the rules
                crew._client.run(process_chunk, job.key(), Chunk("jsonl", "warm", data=small.read_bytes()), job)
            times[name] = _run(job, crew, busy)
        finally:
            crew.close()
    return [
        Row("a job that keeps one worker busy", times["one"], "s"),
        Row("the same: two workers against one", times["one"] / times["two"], "x", "≥ 1.7"),
        Row("the same: time of Dask with two workers against --workers 2", times["dask"] / times["two"], "x", "≤ 1.15"),
    ]
