"""How long an alert takes: from the last byte of a changed feed to the request at the Bot API server, while 500 feeds are polled.

`python -m tests.benchmarks latency [ALERTS]`. The bot is a process of its own that looks at all feeds twice a second, a hundred times as
often as it ever would by itself, so that every alert falls into a pass; feeds and the strict Bot API server, with limits, are here.
Every so often one feed lists one more item, a piece of news that the packaged rules tell at once.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from statistics import median, quantiles

from aiohttp import web

from tests.benchmarks.polling import feed_body
from tests.benchmarks.rows import Row
from tests.scenarios.faults.world import piece
from tests.support.bot_api import BotApiServer

FEEDS = 500
PIECES = range(234)
"""Numbers of pieces of news, each a story of its own."""
ALERTS = len(PIECES)
APART = 1.6
"""Seconds between two pieces of news: Telegram takes one message a second for a chat, and a pass may hold one up and the next not."""
PASS = 0.5
"""Seconds from one pass over all feeds to the next; the shortest interval that a feed can have is two minutes."""
SETTLED = 3.0
"""Seconds without a message before the measuring begins."""
LATE = 30.0
"""Seconds after which an alert counts as missing."""


class Feeds:
    """Feeds of 20 items that answer 304 until something is published; notes when the last byte of each news left."""

    def __init__(self) -> None:
        self._bodies = [feed_body(number) for number in range(FEEDS)]
        self._versions = [0] * FEEDS
        self._fresh: dict[int, str] = {}
        self.asked = 0
        self.left: dict[str, float] = {}

    def publish(self, number: int, title: str, text: str) -> None:
        """Lists one more item."""
        item = (
            f"<item><title>{title}</title><link>https://h{number}.example/{len(self.left)}</link><description>{text}</description>"
            f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate></item>"
        )
        self._bodies[number] = self._bodies[number].replace(b"<item>", item.encode() + b"<item>", 1)
        self._versions[number] += 1
        self._fresh[number] = title

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                number = int(head.split(b" ", 2)[1].strip(b"/"))
                self.asked += 1
                tag = f'"{number}-{self._versions[number]}"'
                if tag.encode() in head:
                    writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode())
                    continue
                body = self._bodies[number]
                lines = f"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: {tag}\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(lines.encode() + body)
                title = self._fresh.pop(number, "")
                if title:
                    self.left[title] = time.monotonic()
        writer.close()


class Telegram(BotApiServer):
    """Notes when the request for each message came."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[float, str]] = []

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        came, before = time.monotonic(), len(self.calls)
        answer = await super()._serve(request)
        self.came += [(came, str(values.get("text", ""))) for method, values in self.calls[before:] if method == "sendMessage"]
        return answer

    def quiet(self) -> float:
        """Seconds since the last message: the bundled documents are told at the first start."""
        return time.monotonic() - self.came[-1][0] if self.came else SETTLED

    def when(self, title: str) -> float | None:
        """The moment of the first request that tells `title`."""
        return next((came for came, text in self.came if title in text), None)


async def _bot(port: int, base_url: str, chat: int, token: str, database: Path) -> None:
    """The bot: everything as `seedwatch run` has it, and a pass over all feeds twice a second."""
    from dataclasses import replace

    from pydantic import SecretStr

    from bot.app import App, Overrides
    from bot.config import Config
    from seeds.feeds import Feed
    from seeds.load import load_seeds

    config = Config.model_validate({
        "poll": {"allow_private_addresses": True, "full_text": "never", "per_host": 64},
        "alerts": {"max_per_hour": 100_000},
        "chat": {"kind": "telegram", "telegram": {"base_url": base_url, "allowed_chats": [chat]}},
    })  # fmt: skip
    seeds = replace(load_seeds(packaged_feeds=False), feeds=tuple(Feed(url=f"http://127.0.0.1:{port}/{number}") for number in range(FEEDS)))
    async with App(config, database, SecretStr(token), Overrides(seeds=seeds)) as app:
        await app.listen()
        stop = asyncio.Event()
        running = asyncio.create_task(app.run(stop))
        while not running.done():
            await asyncio.gather(app.poller.visit_all(include_not_due=True), asyncio.sleep(PASS))
        await running


async def _measure(alerts: int) -> list[Row]:
    feeds, chance = Feeds(), random.Random(5)
    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.start_server(feeds.answer, "127.0.0.1", 0, backlog=512)
        async with server, Telegram() as telegram:
            chat, port = telegram.private("An"), server.sockets[0].getsockname()[1]
            bot = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.benchmarks.latency", str(port), telegram.base_url, str(chat.id), telegram.token,
                f"{folder}/a.db", stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                while (feeds.asked < 3 * FEEDS or telegram.quiet() < SETTLED) and bot.returncode is None:
                    await asyncio.sleep(0.1)
                if bot.returncode is None:
                    await asyncio.sleep(SETTLED)
                begun, asked = time.monotonic(), feeds.asked
                titles = []
                for number in PIECES[:alerts]:
                    title, text = piece(number)
                    titles.append(title)
                    feeds.publish(chance.randrange(FEEDS), title, text)
                    await asyncio.sleep(APART)
                rate = (feeds.asked - asked) / (time.monotonic() - begun)
                until = time.monotonic() + LATE
                while time.monotonic() < until and any(telegram.when(title) is None for title in titles):
                    await asyncio.sleep(0.2)
            finally:
                if bot.returncode is None:
                    bot.kill()
                _, said = await bot.communicate()
            delays = sorted(
                1000 * (came - feeds.left[title])
                for title in titles
                if title in feeds.left and (came := telegram.when(title)) is not None
            )
    if not delays:
        raise RuntimeError(said.decode()[-3000:])
    return [
        Row("from the last byte of a feed to the alert's request, median", median(delays), "ms", "≤ 100"),
        Row("the same, 99th percentile", quantiles(delays, n=100)[98], "ms", "≤ 500"),
        Row("the slowest", delays[-1], "ms"),
        Row("alerts measured", len(delays)),
        Row("alerts missing", len(titles) - len(delays), "", "≤ 0"),
        Row("feeds looked at beside, a second", rate),
    ]


def run(alerts: int = ALERTS) -> list[Row]:
    """The delays of so many alerts."""
    return asyncio.run(_measure(alerts))


if __name__ == "__main__":
    asyncio.run(_bot(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], Path(sys.argv[5])))
