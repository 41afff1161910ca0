"""Soak: the running bot at fifty times the normal rate, and whether its memory stays, every message comes once, and it stops cleanly.

    python -m tests.benchmarks.soak --minutes 60

The bot is a process of its own in which time passes fifty times as fast: polls, stories, digests, retention and Telegram's limits with it.
Feeds and the strict Bot API server are real ones on loopback in this process. The normal rate: FEEDS feeds, 2,000 new items and 200
alerts a day to each of CHATS chats, which is more than most people want to read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from statistics import mean

from tests.benchmarks.rows import Row, show
from tests.scenarios.faults.ledger import Ledger
from tests.scenarios.faults.world import identity, piece
from tests.support.bot_api import BotApiServer, Chat
from tests.support.clock import RunningClock
from tests.support.feed_server import Answer, FeedServer, feed_server, rss

SPEED = 50.0
FEEDS = 60
CHATS = 5
LISTED = 30
ITEMS_A_DAY = 2_000
ALERT_EVERY = 10
"""Every tenth item is told at once."""
START = datetime(2026, 3, 2, 0, 20, tzinfo=UTC)
"""Forty minutes before the digest in Hanoi."""
QUIET = 0.1
"""Share of the time at the end, a minute at most, in which nothing is published, so that what is under way arrives."""
RETENTION = timedelta(hours=6) / SPEED
SAMPLE = 5.0
"""Seconds between two looks at the bot's memory."""

_WORDS = (
    "harvest", "river", "school", "festival", "market", "bridge", "library", "garden", "museum", "concert", "weather", "ferry", "orchard",
    "village", "kitchen", "poet", "lantern", "harbour", "cyclist", "bakery", "temple", "painter", "rainfall", "railway", "orchestra",
)  # fmt: skip


class Press:
    """Feeds on which something is published again and again, by the bot's clock."""

    def __init__(self, server: FeedServer, clock: RunningClock) -> None:
        self._server, self._clock = server, clock
        self._dice = random.Random(7)
        self._listed: list[list[dict[str, str]]] = [[] for _ in range(FEEDS)]
        self.published = 0
        self.alerts: list[str] = []
        for feed in range(FEEDS):
            self._serve(feed)

    def publish(self) -> None:
        """One more item."""
        self.published += 1
        if self.published % ALERT_EVERY:
            words = self._dice.sample(_WORDS, 5)
            title = f"{words[0].capitalize()} and {words[1]} of the {words[2]} number {self.published}"
            text = " ".join(self._dice.choices(_WORDS, k=200)).capitalize() + "."
        else:
            title, text = piece(len(self.alerts))
            self.alerts.append(title)
        feed = self._dice.randrange(FEEDS)
        entry = {
            "title": title, "description": text, "link": f"https://press{feed}.example/{self.published}",
            "pubDate": format_datetime(self._clock.now()),
        }  # fmt: skip
        self._listed[feed] = [entry, *self._listed[feed]][:LISTED]
        self._serve(feed)

    def _serve(self, feed: int) -> None:
        body = rss(*self._listed[feed], title=f"Press {feed}")
        self._server.play(f"/feed{feed}", Answer(body, validators=True))


async def soak(minutes: float) -> list[Row]:
    """Lives through that many minutes; the figures."""
    seconds = minutes * 60
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        feeds = await stack.enter_async_context(feed_server())
        api = await stack.enter_async_context(BotApiServer(monotonic=lambda: time.monotonic() * SPEED))
        chats = [api.private(f"P{number}") for number in range(CHATS - 1)] + [api.group("Team")]
        begun = time.monotonic()
        clock = RunningClock(START, SPEED)
        press = Press(feeds, clock)
        config = _configure(folder, feeds, api, chats)
        log = stack.enter_context((folder / "bot.log").open("w+"))
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.soak", "--bot", str(config), str(folder / "a.db"), str(begun),
            stdout=log, stderr=log, env={**os.environ, "TELEGRAM_BOT_TOKEN": api.token},
        )  # fmt: skip
        try:
            memory = await _through(bot, press, seconds)
            begun = time.monotonic()
            bot.send_signal(signal.SIGTERM)
            code = await asyncio.wait_for(bot.wait(), 60)
            stopping = time.monotonic() - begun
        finally:
            if bot.returncode is None:
                bot.kill()
        if code:
            log.seek(0)
            sys.stderr.write(log.read()[-3000:])
        return _figures(press, chats, memory, code, stopping, api)


async def _through(bot: asyncio.subprocess.Process, press: Press, seconds: float) -> list[float]:
    """Publishes at the rate until shortly before the end; the bot's memory in MB, every SAMPLE seconds."""
    begun, memory = time.monotonic(), list[float]()
    until = seconds - min(60.0, QUIET * seconds)
    rate = ITEMS_A_DAY * SPEED / 86_400
    while (passed := time.monotonic() - begun) < seconds and bot.returncode is None:
        while passed < until and press.published < passed * rate:
            press.publish()
        if passed >= len(memory) * SAMPLE:
            memory.append(_resident(bot.pid))
        await asyncio.sleep(0.1)
    return memory


def _resident(pid: int) -> float:
    """MB of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _configure(folder: Path, feeds: FeedServer, api: BotApiServer, chats: list[Chat]) -> Path:
    config = folder / "config.toml"
    config.write_text(
        # A window and a keeping that end within the soak: memory and database must show that what is old goes.
        '[seeds]\nfeeds = false\n[store]\nkeep_items = "12h"\n[stories]\nwindow = "6h"\n'
        '[poll]\nallow_private_addresses = true\nfull_text = "never"\nper_host = 64\n'
        "[digest]\nchart = false\n[alerts]\nmax_per_hour = 1000\n"
        f'[chat]\nkind = "telegram"\n[chat.telegram]\nbase_url = "{api.base_url}"\nallowed_chats = {[chat.id for chat in chats]}\n'
        + "".join(f'[[feeds]]\nurl = "{feeds.url(f"/feed{feed}")}"\nname = "Press {feed}"\n' for feed in range(FEEDS)),
        "utf-8",
    )
    return config


def _figures(press: Press, chats: list[Chat], memory: list[float], code: int, stopping: float, api: BotApiServer) -> list[Row]:
    ledger = Ledger()
    for chat in chats:
        ledger.note(chat.title, 0, (identity(one) for one in chat.from_bot))
    missing = ledger.missing({chat.title: press.alerts for chat in chats}, {})
    _, beyond = ledger.repeats()
    for line in (*missing[:20], *beyond[:20]):
        sys.stderr.write(f"{line}\n")
    fifth = max(1, len(memory) // 5)
    early, late = mean(memory[fifth : 2 * fifth] or memory), mean(memory[-fifth:])
    digests = sum(text.startswith("Digest, ") for chat in chats for text in chat.texts)
    return [
        Row("bot's exit status after SIGTERM", code, "", "≤ 0"),
        Row("stopped after", stopping, "s", "≤ 10"),
        Row("items published", press.published),
        Row("messages expected", len(press.alerts) * len(chats)),
        Row("missing", len(missing), "", "≤ 0"),
        Row("repeated", len(beyond), "", "≤ 0"),
        Row("digests", digests),
        Row("refused for too many messages", api.limits.refused if api.limits else 0),
        Row("memory in the second fifth of the time", early, "MB"),
        Row("memory in the last fifth", late, "MB"),
        Row("last fifth against the second", late / early, "×", "≤ 1.1"),
    ]


async def _bot(config_path: str, database: str, begun: float) -> None:
    """The bot's process: `run` as the command does it, on the fast clock that the parent began at `begun` (seconds, monotonic)."""
    import logging

    from bot.app import App, Overrides, periodic_jobs
    from bot.config import load_config, read_token
    from tests.support.bot_app import packaged_seeds

    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    config = load_config(Path(config_path), env={})
    clock = RunningClock(START + timedelta(seconds=(time.monotonic() - begun) * SPEED), SPEED)
    given = Overrides(clock=clock, seeds=replace(packaged_seeds(), feeds=config.feeds), documents=tuple, on_report=lambda report: None)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with App(config, database, read_token(os.environ), given) as app:
        retention = next(job for job in periodic_jobs(app) if job.name == "retention")

        async def retain() -> None:
            while True:  # the schedule's own hours are the machine's, and no soak is as long
                await asyncio.sleep(RETENTION.total_seconds())
                await retention.run()

        retaining = asyncio.create_task(retain())
        await app.listen()
        await app.run(stop)
        retaining.cancel()


def run(minutes: int = 2) -> list[Row]:
    """The short form, for the table of all benchmarks."""
    return asyncio.run(soak(minutes))


def main(arguments: list[str]) -> int:
    """The command, and the bot's process."""
    if arguments[:1] == ["--bot"]:
        asyncio.run(_bot(arguments[1], arguments[2], float(arguments[3])))
        return 0
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.soak", description="the running bot at fifty times the normal rate")
    parser.add_argument("--minutes", type=float, default=60.0)
    rows = asyncio.run(soak(parser.parse_args(arguments).minutes))
    print(json.dumps({row.what: round(row.value, 2) for row in rows}))
    print(show(rows))
    return 0 if all(row.kept is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
