"""`seedwatch run` as people start it: a process, a configuration, a terminal, signals."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.support.bot_api import BotApiServer
from tests.support.bot_api.chats import Chat
from tests.support.feed_server import Answer, FeedServer, feed_server, rss

NEWS = "Nvidia to build a data center in Hanoi with FPT"
ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A running command and what it said so far, stdout and stderr together."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""

    async def until(self, pattern: str, seconds: float = 20) -> str:
        """Reads on until the pattern stands in what was said."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while not (found := re.search(pattern, self.said)):
                line = await self.process.stdout.readline()
                assert line, f"ended without saying {pattern!r}:\n{self.said}"
                self.said += line.decode()
        return found[0]

    async def end(self, seconds: float = 20) -> int:
        """Reads to the end and gives the exit status."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            self.said += (await self.process.stdout.read()).decode()
            return await self.process.wait()


@asynccontextmanager
async def seedwatch(folder: Path, *arguments: str, token: str = "") -> AsyncIterator[Process]:
    """The command with its arguments in `folder`; killed at the end if it still runs."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TELEGRAM_", "SEEDWATCH_"))}
    env |= {"PYTHONPATH": str(ROOT), "TELEGRAM_BOT_TOKEN": token}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=folder, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def write_config(folder: Path, *urls: str, more: str = "") -> None:
    (folder / "config.toml").write_text(
        '[seeds]\nfeeds = false\n[poll]\nallow_private_addresses = true\nfull_text = "never"\n'
        + more
        + "".join(f'\n[[feeds]]\nurl = "{url}"\nname = "Feed {number}"\n' for number, url in enumerate(urls)),
        "utf-8",
    )


def plant(server: FeedServer) -> str:
    recent = format_datetime(datetime.now(UTC) - timedelta(minutes=5))
    return server.play("/feed", rss({"title": NEWS, "pubDate": recent}))


def is_sound(database: Path) -> bool:
    conn = sqlite3.connect(database)
    try:
        return bool(conn.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    finally:
        conn.close()


async def test_the_first_start_shows_what_the_bundled_documents_hit_and_the_second_repeats_nothing(tmp_path: Path) -> None:
    async with feed_server() as server:
        write_config(tmp_path, plant(server), "http://127.0.0.1:9/feed")
        async with seedwatch(tmp_path, "run") as bot:
            await bot.until("seed document: .*Vietnam")
            await bot.until(NEWS)
            await bot.until(r"not reached.*Feed 1")
            assert "Traceback" not in bot.said
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.end() == 0
        async with seedwatch(tmp_path, "run", "--for", "2s") as bot:
            assert await bot.end() == 0
            assert "seed document" not in bot.said
            assert NEWS not in bot.said
    assert is_sound(tmp_path / "seedwatch.db")


async def test_control_c_ends_it_with_130_and_a_sound_database(tmp_path: Path) -> None:
    async with feed_server() as server:
        write_config(tmp_path, plant(server))
        async with seedwatch(tmp_path, "run") as bot:
            await bot.until(NEWS)
            bot.process.send_signal(signal.SIGINT)
            assert await bot.end() == 130
            assert "Traceback" not in bot.said
    assert is_sound(tmp_path / "seedwatch.db")


async def test_a_visit_that_hangs_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    async with feed_server() as server:
        url = plant(server)
        server.hold("/feed")
        write_config(tmp_path, url)
        async with seedwatch(tmp_path, "run") as bot:
            await bot.until("seed document")
            while not server.asked:
                await asyncio.sleep(0.02)
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.end(seconds=8) == 0


async def test_a_second_instance_on_the_same_database_is_refused_in_one_line(tmp_path: Path) -> None:
    async with feed_server() as server:
        write_config(tmp_path, plant(server))
        async with seedwatch(tmp_path, "run") as first:
            await first.until("seed document")
            for command in ("run", "poll"):
                async with seedwatch(tmp_path, command) as second:
                    assert await second.end() == 1
                    assert str(first.process.pid) in second.said
                    assert second.said.count("\n") == 1


@pytest.mark.parametrize(
    ("config", "arguments", "code", "said"),
    [
        ("[pol]\nevery = '1m'\n", ["run"], 2, "pol"),
        ("[chat]\nkind = 'telegram'\n", ["run"], 2, "TELEGRAM_BOT_TOKEN"),
        ("", ["run", "--for", "soon"], 2, "--for"),
        ("", ["run", "--db", "nowhere/at/all.db"], 1, "nowhere/at/all.db"),
    ],
)
async def test_what_cannot_start_says_why_in_one_line(tmp_path: Path, config: str, arguments: list[str], code: int, said: str) -> None:
    (tmp_path / "config.toml").write_text(config, "utf-8")
    async with seedwatch(tmp_path, *arguments) as bot:
        assert await bot.end() == code
        assert said in bot.said
        assert "Traceback" not in bot.said
        assert bot.said.count("\n") == 1


async def test_one_pass_prints_hits_as_json_and_lists_failing_feeds_on_stderr(tmp_path: Path) -> None:
    async with feed_server() as server:
        write_config(tmp_path, plant(server), server.play("/broken", Answer(status=503)))
        async with seedwatch(tmp_path, "poll", "--json") as bot:
            assert await bot.end() == 0
        assert re.search(r'^\{"id": \d+, .*"title": "' + NEWS, bot.said, re.MULTILINE)
        assert re.search(r"^Feed 1 <.*/broken>: .*503", bot.said, re.MULTILINE)
        async with seedwatch(tmp_path, "poll", "--all", "--json", "--quiet") as bot:
            assert await bot.end() == 0
            assert "{" not in bot.said


async def test_a_planted_item_reaches_the_paired_chat_within_two_seconds_and_once_across_restarts(tmp_path: Path) -> None:
    async with feed_server() as server, BotApiServer() as telegram:
        chat = telegram.private("An")
        url = server.play("/feed", rss({"title": "A quiet day", "pubDate": format_datetime(datetime.now(UTC))}))
        write_config(tmp_path, url, more=f'fastest = "1s"\nevery = "1s"\n[chat.telegram]\nbase_url = "{telegram.base_url}"\n')
        async with seedwatch(tmp_path, "run", token=telegram.token) as bot:
            code = (await bot.until(r"/start (\w+)")).split()[1]
            await telegram.say(chat, f"/start {code}")
            await telegram.wait_until(lambda: chat.from_bot, timeout=10)
            plant(server)
            asked = server.count("/feed")
            async with asyncio.timeout(20):
                while server.count("/feed") == asked:
                    await asyncio.sleep(0.01)
            await telegram.wait_until(lambda: alerts(chat), timeout=2)
            bot.process.send_signal(signal.SIGTERM)
            assert await bot.end() == 0
            assert telegram.token not in bot.said
        async with seedwatch(tmp_path, "run", "--for", "4s", token=telegram.token) as bot:
            assert await bot.end() == 0
            assert "/start" not in bot.said, "somebody is paired: no code is shown"
        assert len(alerts(chat)) == 1
    assert is_sound(tmp_path / "seedwatch.db")


def alerts(chat: Chat) -> list[str]:
    return [message.text for message in chat.from_bot if NEWS in message.text]
