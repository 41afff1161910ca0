"""Archives against what reading them costs at least, and many workers against one.

A WARC against fastwarc alone and against extracting every page; JSON Lines a second; two workers against one on a job of half a minute, and
Dask against two workers; memory. Run it as `python -m tests.benchmarks backfill`. Archives are made up: pages of 30 KB and records of 3 KB,
one in a hundred about a watched company; for the workers every record is.
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.backfill.cluster import Cluster
from bot.backfill.crew import Alone, Crew, Processes
from bot.backfill.run import Backfill
from bot.backfill.task import Job, do_chunk
from bot.backfill.web import all_sources
from seeds.load import Seeds, load_seeds
from watchers.archives.haul import Chunk

WARC_MB = 450
LINES_MB = 400
BUSY_MB = 160
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_WATCHED = ("nvidia", "amkor", "fpt", "vingroup")


def _words(chance: random.Random) -> list[str]:
    syllables = [first + second for first in "bcdfghklmnprstvw" for second in "aeiou"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(30_000)]


def _paragraphs(chance: random.Random, words: list[str], size: int) -> list[str]:
    found, have = [], 0
    while have < size:
        found.append(" ".join(chance.choices(words, k=60)).capitalize() + ".")
        have += len(found[-1])
    return found


def _page(chance: random.Random, words: list[str], number: int) -> bytes:
    body = _paragraphs(chance, words, 9_000)
    if number % 100 == 0:
        body.insert(0, "Nvidia said on Monday that it would invest $200 million in a research centre in Hanoi with FPT.")
    menu = "".join(f'<li class="menu-item menu-item-{at}"><a href="/section/{word}">{word}</a></li>' for at, word in enumerate(words[:200]))
    script = "var settings = {" + ",".join(f'"{word}": "{word}"' for word in words[200:500]) + "};"
    text = "".join(f"<p>{one}</p>" for one in body)
    return (
        f'<!doctype html><html lang="en"><head><title>Page {number}</title><meta charset="utf-8"><script>{script}</script></head>'
        f"<body><ul>{menu}</ul><article><h1>Page {number}</h1>{text}</article></body></html>"
    ).encode()


def _warc(path: Path, chance: random.Random, words: list[str]) -> int:
    size = number = 0
    pages = [_page(chance, words, at) for at in range(1, 100)]
    with path.open("wb") as file:
        while size < WARC_MB * 1_000_000:
            page = _page(chance, words, number) if number % 100 == 0 else pages[number % 99]
            body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
            header = (
                f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012}>\r\n"
                f"WARC-Date: 2024-12-05T01:00:00Z\r\nWARC-Target-URI: https://news.example/{number}\r\n"
                f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            record = header.encode() + body + b"\r\n\r\n"
            file.write(gzip.compress(record, 1))
            size += len(record)
            number += 1
    return size


def _lines(path: Path, chance: random.Random, words: list[str], *, megabytes: int = LINES_MB, every: int = 100) -> int:
    """Records of news, each `every`-th about a watched company."""
    quiet = [" ".join(_paragraphs(chance, words, 2_800)) for _ in range(300)]
    size = number = 0
    with path.open("wb") as file:
        while size < megabytes * 1_000_000:
            text = quiet[number % 300]
            title = f"Nvidia to invest in centre number {number} in Hanoi" if number % every == 0 else f"Title {number}"
            line = json.dumps({"id": number, "title": title, "text": text, "published": "2024-12-05T08:00:00Z"}).encode() + b"\n"
            file.write(line)
            size += len(line)
            number += 1
    return size


def _job() -> Job:
    whole = load_seeds()
    rules = {name: whole.rules[name] for name in _WATCHED}
    return Job(Seeds(whole.entities, whole.events, rules, ()), 0.15, ("en", "vi"), "", NOW)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _run(job: Job, crew: Crew, *paths: Path) -> float:
    """Seconds for these archives; the workers were started and compiled their rules before."""

    def work() -> None:
        backfill = Backfill(job, crew, None, window=timedelta(hours=72))
        backfill.run(all_sources([str(path) for path in paths]), now=lambda: NOW)

    return _timed(work)


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


def run() -> dict[str, float]:
    """The ratios that matter, and the rates behind them."""
    import trafilatura

    chance = random.Random(1)
    words, job = _words(chance), _job()
    with tempfile.TemporaryDirectory() as folder:
        warc, lines, small = Path(folder) / "a.warc.gz", Path(folder) / "a.jsonl", Path(folder) / "s.jsonl"
        warc_size, lines_size = _warc(warc, chance, words), _lines(lines, chance, words)
        small.write_bytes(b'{"title": "Nvidia warms the workers up"}\n' * 10)
        alone = Alone(job)
        _run(job, alone, small)
        reading = min(_timed(lambda: _read_only(warc)) for _ in range(2))
        ours = min(_run(job, alone, warc) for _ in range(2))
        pages = list(_pages_of(warc, 100))
        each = _timed(lambda: [trafilatura.extract(page) for page in pages]) / len(pages)
        count = sum(1 for _ in _pages_of(warc, 1 << 30))
        by_line = min(_run(job, alone, lines) for _ in range(2))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        result = {
            "warc_megabytes_per_second": warc_size / ours / 1e6,
            "warc_times_of_fastwarc_alone": ours / reading,
            "times_faster_than_extracting_every_page": each * count / ours,
            "json_lines_megabytes_per_second": lines_size / by_line / 1e6,
            "peak_megabytes": peak,
        }
        busy = Path(folder) / "b.jsonl"
        _lines(busy, chance, words, megabytes=BUSY_MB, every=1)
        result |= _side_by_side(job, busy, small)
    return {name: round(value, 2) for name, value in result.items()}


def _side_by_side(job: Job, busy: Path, small: Path) -> dict[str, float]:
    times = {}
    for name, crew in (("one", Processes(job, 1)), ("two", Processes(job, 2)), ("dask", Cluster(job, "local", 2))):
        try:
            _run(job, crew, *[small] * 8)
            if isinstance(crew, Cluster):  # the scheduler gives small work to one worker; each must have compiled the rules
                crew._client.run(do_chunk, job.key(), Chunk("jsonl", "warm", data=small.read_bytes()), job)
            times[name] = _run(job, crew, busy)
        finally:
            crew.close()
    return {
        "one_worker_seconds": times["one"],
        "two_workers_times_faster": times["one"] / times["two"],
        "dask_against_two_workers": times["dask"] / times["two"],
    }


if __name__ == "__main__":
    print(run())
