"""Memory of the command `backfill` over archives of many gigabytes: the reading process, and each worker.

    python -m tests.benchmarks backfill_large [GB]

Archives of that size (5 unless told, uncompressed) are built on disk one after the other, each is read by the real command with the
packaged rules into a database file, and the peak of each process is taken from the kernel. One record in a hundred is about a watched
company. The archives that are one stream (a single gzip member, a Zstandard frame, a member of a zip) cannot be cut on disk and are handed
to workers as bytes, which is another way through the code.
"""

from __future__ import annotations

import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks.backfill import paragraphs, warc_record, words_of
from tests.benchmarks.rows import Row

BOUND = "≤ 300"
"""MB at most, of each process."""
_LOOK = 0.1
"""Seconds between two looks at the processes. Their peaks are the kernel's: only what a process does in its last moments is missed."""


def run(gigabytes: int = 5) -> list[Row]:
    """Peak memory in MB, by archive and process, and the rate."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, build, both in (
            ("WARC, a gzip member a record", _packed_warc, True),
            ("WARC in one gzip member", _gzipped_warc, False),
            ("WARC in one Zstandard frame", _zstd_warc, True),
            ("JSON Lines", _plain_lines, True),
            ("JSON Lines in one gzip member", _gzipped_lines, True),
            ("JSON Lines in a zip", _zipped_lines, False),
        ):
            archive = folder / "archive"
            build(archive, gigabytes * 1_000_000_000)
            for workers in (1, 2) if both else (1,):
                rows += _rows(f"{gigabytes} GB {what}", archive, gigabytes, workers)
            archive.unlink()
    return rows


def _rows(what: str, archive: Path, gigabytes: int, workers: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        started = time.perf_counter()
        summary, main, others = _backfilled(archive, Path(name), workers)
        seconds = time.perf_counter() - started
    told = f"{what}, {workers} {'worker' if workers == 1 else 'workers'}"
    assert summary["hits"] > 0
    assert not summary["broken"]
    assert not summary["refused"]
    rows = [
        Row(f"{told}: peak of the process", main, "MB", BOUND),
        Row(f"{told}: rate, process start counted", gigabytes * 1e3 / seconds, "MB/s"),
        Row(f"{told}: items with hits", summary["matched"]),
    ]
    if workers > 1:
        rows.insert(1, Row(f"{told}: peak of the largest worker", others, "MB", BOUND))
    return rows


def _backfilled(archive: Path, folder: Path, workers: int) -> tuple[dict[str, int], float, float]:
    """What the command said, the peak of its process and of the largest other one, in MB."""
    command = [sys.executable, "-m", "bot", "backfill", str(archive), "--db", str(folder / "a.db"), "--json", "--workers", str(workers)]
    with (folder / "out").open("w+") as out:
        running = subprocess.Popen(command, stdout=out)
        peaks: dict[int, float] = {}
        while running.poll() is None:
            for pid in (running.pid, *_below(running.pid)):
                peaks[pid] = max(peaks.get(pid, 0), _peak(pid))
            time.sleep(_LOOK)
        assert running.returncode == 0
        out.seek(0)
        *_, last = out
    main = peaks.pop(running.pid)
    return json.loads(last)["summary"], main, max(peaks.values(), default=0)


def _below(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = [int(one) for one in task.read_text("ascii").split()]
        except OSError:
            continue
        for one in found:
            yield one
            yield from _below(one)


def _peak(pid: int) -> float:
    """The most memory the process held at once until now, in MB; 0 for one that is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def _records(size: int) -> Iterator[tuple[bytes, int]]:
    """Records of a WARC up to so many bytes, each with the number of the quiet page it repeats, or -1."""
    chance = random.Random(1)
    words = words_of(chance)
    quiet = [warc_record(chance, words, number) for number in range(1, 100)]
    done = number = 0
    while done < size:
        at = number % 100 - 1
        record = quiet[at] if at >= 0 else warc_record(chance, words, number)
        yield record, at
        done += len(record)
        number += 1


def _packed_warc(path: Path, size: int) -> None:
    packed: dict[int, bytes] = {}
    with path.open("wb") as file:
        for record, at in _records(size):
            if at < 0:
                file.write(gzip.compress(record, 1))
                continue
            if at not in packed:
                packed[at] = gzip.compress(record, 1)
            file.write(packed[at])


def _gzipped_warc(path: Path, size: int) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for record, _ in _records(size):
            file.write(record)


def _zstd_warc(path: Path, size: int) -> None:
    import zstandard

    with path.open("wb") as file, zstandard.ZstdCompressor(level=1).stream_writer(file) as packed:
        for record, _ in _records(size):
            packed.write(record)


def _plain_lines(path: Path, size: int) -> None:
    with path.open("wb") as file:
        _write_lines(file.write, size)


def _gzipped_lines(path: Path, size: int) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        _write_lines(file.write, size)


def _zipped_lines(path: Path, size: int) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.jsonl", "w", force_zip64=True) as file,
    ):
        _write_lines(file.write, size)


def _write_lines(write: Callable[[bytes], object], size: int) -> None:
    chance = random.Random(1)
    words = words_of(chance)
    quiet = [" ".join(paragraphs(chance, words, 2_800)) for _ in range(300)]
    done = number = 0
    while done < size:
        title = (
            f"Nvidia to invest ${number} million in the {words[number % 30_000]} centre in Hanoi"
            if number % 100 == 0
            else f"Title {number}"
        )
        record = {"id": number, "title": title, "text": quiet[number % 300], "published": f"20{number // 100 % 20 + 5:02}-12-05T08:00:00Z"}
        line = json.dumps(record).encode() + b"\n"
        write(line)
        done += len(line)
        number += 1
