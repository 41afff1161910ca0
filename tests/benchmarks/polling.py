"""What a pass over local feeds costs, beside the same pass of lemon24's `reader`: first pass, unchanged pass, memory.

Run it as `python -m tests.benchmarks polling [FEEDS]`. The feeds are served by a process of their own that does nothing but answer; each
side runs in a process of its own, and only its passes are timed. One item in a hundred is a candidate. Unchanged passes of the sides take
turns, so that a machine that becomes slower does so for all, and the median counts.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from pathlib import Path
from statistics import median
from typing import Any

import structlog

from tests.benchmarks.rows import Row

FEEDS, ITEMS, WORDS = 2_000, 20, 40
REAL_FEEDS, REAL_ITEMS, REAL_WORDS = 500, 36, 220
"""Feeds of real size: about 60 KB."""
MANY_FEEDS = 10_000
AGAIN = 9
"""Unchanged passes of each side."""
_WORDS = ("market", "growth", "report", "city", "government", "plan", "project", "energy", "people", "water", "school", "road", "event")


def feed_body(number: int, items: int = ITEMS, words: int = WORDS) -> bytes:
    """A feed of made-up news, its items described in so many words; every hundredth item names a watched company."""
    chance = random.Random(number)
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=30)
    rows = []
    for place in range(items):
        title = " ".join(chance.choices(_WORDS, k=8)) + f" {number} {place}"
        if (number * items + place) % 100 == 0:
            title = f"Nvidia to build a data center in Hanoi, {title}"
        rows.append(
            f"<item><title>{title}</title><link>https://h{number}.example/a/{place}</link><guid>https://h{number}.example/a/{place}</guid>"
            f"<pubDate>{format_datetime(start - timedelta(minutes=7 * place))}</pubDate>"
            f"<description>{' '.join(chance.choices(_WORDS, k=words))}</description></item>"
        )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Feed {number}</title><link>https://h{number}.example/</link>'
        f"<language>en</language>{''.join(rows)}</channel></rss>"
    ).encode()


async def serve(feeds: int, items: int, words: int) -> None:
    """Answers /N with feed N, 304 where the validator fits; prints its port."""
    bodies = [feed_body(number, items, words) for number in range(feeds)]
    tags = [f'"{blake2b(body, digest_size=6).hexdigest()}"' for body in bodies]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode().strip("/")
                if not path.isdigit():
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                tag = tags[int(path)]
                if tag.encode() in head:
                    writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode())
                else:
                    body = bodies[int(path)]
                    answer = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {tag}\r\nContent-Length: {len(body)}\r\n\r\n"
                    writer.write(answer.encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


async def seedwatch_side(port: int, feeds: int, folder: Path) -> dict[str, Any]:
    """Our passes; gives the memory of the first one."""
    import io
    from dataclasses import replace

    from bot.app import App, Overrides
    from bot.config import Config
    from seeds.feeds import Feed
    from seeds.load import load_seeds

    config = Config.model_validate({"poll": {"allow_private_addresses": True, "full_text": "never", "per_host": 64}})
    seeds = replace(load_seeds(packaged_feeds=False), feeds=tuple(Feed(url=f"http://127.0.0.1:{port}/{number}") for number in range(feeds)))
    outcomes: dict[str, int] = {}

    def count(report: Any) -> None:
        outcomes[report.outcome] = outcomes.get(report.outcome, 0) + 1

    given = Overrides(seeds=seeds, out=io.StringIO(), on_report=count)
    held: list[float] = []
    async with App(config, folder / "seedwatch.db", None, given) as app:
        watching = asyncio.create_task(_watch_memory(held))

        async def one_pass() -> None:
            await app.poll_once(include_not_due=True)
            watching.cancel()  # after the first pass: the most is held by then, and the others are too short to be looked at

        passes = await _passes(one_pass)
    assert outcomes == {"items": feeds, "unchanged": (passes - 1) * feeds}, outcomes
    return {"peak": max(held)}


async def _watch_memory(held: list[float]) -> None:
    """MB of memory of this process and the one beside it, four times a second; what they share counts once."""
    while True:
        pids = ["self", *(str(child.pid) for child in multiprocessing.active_children())]
        kilobytes = 0
        for pid in pids:
            with suppress(OSError):
                text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
                kilobytes += int(text.partition("\nPss:")[2].split()[0])
        held.append(kilobytes / 1024)
        await asyncio.sleep(0.25)


async def _passes(work: Callable[[], Awaitable[object]]) -> int:
    """Does a pass and says how long it took whenever it is told to, until told nothing; gives how many there were."""
    count = 0
    while (await asyncio.to_thread(sys.stdin.readline)).strip():
        start = time.perf_counter()
        await work()
        sys.stdout.write(f"{time.perf_counter() - start}\n")
        sys.stdout.flush()
        count += 1
    return count


async def reader_side(port: int, feeds: int, folder: Path) -> dict[str, Any]:
    """reader's passes, with the ten workers that its documentation suggests, its search index not updated."""
    import logging

    from reader import make_reader

    logging.disable(logging.CRITICAL)
    reader = make_reader(str(folder / "reader.db"))
    for number in range(feeds):
        reader.add_feed(f"http://127.0.0.1:{port}/{number}")

    async def one_pass() -> None:
        reader.update_feeds(workers=10, scheduled=False)

    await _passes(one_pass)
    count = reader.get_entry_counts().total
    assert count is not None
    assert count >= feeds, count
    return {}


async def bare_side(port: int, feeds: int, _folder: Path) -> dict[str, Any]:
    """What asking alone costs: concurrent conditional GETs with the same HTTP library."""
    import aiohttp

    tags: dict[int, str] = {}
    gate = asyncio.Semaphore(64)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as session:

        async def get(number: int) -> None:
            headers = {"If-None-Match": tags[number]} if number in tags else {}
            async with gate, session.get(f"http://127.0.0.1:{port}/{number}", headers=headers) as answer:
                await answer.read()
                tags[number] = answer.headers["ETag"]

        async def every() -> None:
            await asyncio.gather(*(get(number) for number in range(feeds)))

        await _passes(every)
    return {}


class _Side:
    """One side in a process of its own."""

    def __init__(self, what: str, port: int, feeds: int) -> None:
        self._process = subprocess.Popen(_command(what, port, feeds), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._told, self._says = self._process.stdin, self._process.stdout

    def one_pass(self) -> float:
        """Seconds that it took."""
        self._told.write("pass\n")
        self._told.flush()
        return float(self._says.readline())

    def end(self) -> dict[str, Any]:
        """What it has to say of itself: its peak of memory in MB."""
        self._told.write("\n")
        self._told.flush()
        found: dict[str, Any] = json.loads(self._says.readline())
        self._process.wait()
        return found


def _command(what: str, *numbers: int) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.polling", what, *(str(number) for number in numbers)]


def _measure(sides: tuple[str, ...], feeds: int, items: int = ITEMS, words: int = WORDS) -> dict[str, dict[str, Any]]:
    """Each side's first pass, one after the other, and the median of its unchanged ones, in turns; times in ms a feed."""
    with subprocess.Popen(_command("serve", 0, feeds, items, words), stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            first, running = {}, {}
            for what in sides:
                running[what] = _Side(what, port, feeds)
                first[what] = running[what].one_pass()
            again = [{what: side.one_pass() for what, side in running.items()} for _ in range(AGAIN)]
            peaks = {what: side.end()["peak"] for what, side in running.items()}
        finally:
            server.kill()
    return {
        what: {
            "first": 1000 * first[what] / feeds,
            "unchanged": 1000 * median(one[what] for one in again) / feeds,
            "peak": peaks[what],
        }
        for what in sides
    }  # fmt: skip


def run(feeds: int = FEEDS) -> list[Row]:
    """Passes of small feeds, feeds of real size, and many feeds, as rows."""
    small = _measure(("bare", "seedwatch", "reader"), feeds)
    real = _measure(("seedwatch", "reader"), max(1, feeds * REAL_FEEDS // FEEDS), REAL_ITEMS, REAL_WORDS)
    many = _measure(("seedwatch",), feeds * MANY_FEEDS // FEEDS)
    ours, theirs, bare = small["seedwatch"], small["reader"], small["bare"]
    return [
        Row("first pass, times faster than reader", theirs["first"] / ours["first"], "×", "≥ 3"),
        Row("first pass of feeds of real size, times faster than reader", real["reader"]["first"] / real["seedwatch"]["first"], "×", "≥ 6"),
        Row("unchanged pass, times faster than reader", theirs["unchanged"] / ours["unchanged"], "×", "≥ 4"),
        Row("unchanged pass, times what bare GETs take", ours["unchanged"] / bare["unchanged"], "×", "≤ 1.6"),
        Row("first pass, five times the feeds: cost of one, times what it was", many["seedwatch"]["first"] / ours["first"], "×", "≤ 1.3"),
        Row("peak memory", ours["peak"], "MB", "≤ 250"),
        Row("first pass, a feed", ours["first"], "ms"),
        Row("first pass of feeds of real size, a feed", real["seedwatch"]["first"], "ms"),
        Row("unchanged pass, a feed", ours["unchanged"], "ms"),
        Row("reader: first pass, a feed", theirs["first"], "ms"),
        Row("reader: first pass of feeds of real size, a feed", real["reader"]["first"], "ms"),
        Row("reader: unchanged pass, a feed", theirs["unchanged"], "ms"),
        Row("bare GETs, unchanged, a feed", bare["unchanged"], "ms"),
        Row("peak memory with five times the feeds", many["seedwatch"]["peak"], "MB"),
    ]


def main(arguments: list[str]) -> None:
    """One side, in a process of its own."""
    what, port, feeds, *shape = arguments[0], *(int(argument) for argument in arguments[1:])
    if what == "serve":
        asyncio.run(serve(feeds, *shape))
        return
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for what was measured
    side = {"seedwatch": seedwatch_side, "reader": reader_side, "bare": bare_side}[what]
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(side(port, feeds, Path(folder)))
    found.setdefault("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
