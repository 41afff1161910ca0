"""`seedwatch serve` as people start it: a process, an address on stdout, signals."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from tests.bot.web.test_server import fill_store
from tests.scenarios.test_run import seedwatch

QUIET = "[seeds]\nfeeds = false\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
async def test_it_says_its_address_serves_there_and_ends_when_told(tmp_path: Path, number: signal.Signals, code: int) -> None:
    fill_store(tmp_path / "seedwatch.db")
    (tmp_path / "config.toml").write_text(QUIET, "utf-8")
    async with seedwatch(tmp_path, "serve", "--port", "0") as process:
        address = await process.until(r"http://127\.0\.0\.1:\d+/")
        async with aiohttp.ClientSession() as session, session.get(address) as answer:
            assert answer.status == 200
            assert "Nvidia mở nhà máy" in await answer.text()
        process.process.send_signal(number)
        assert await process.end() == code
        assert process.said == f"{address}\n"


async def test_only_this_machine_can_reach_it(tmp_path: Path) -> None:
    fill_store(tmp_path / "seedwatch.db")
    (tmp_path / "config.toml").write_text(QUIET, "utf-8")
    async with seedwatch(tmp_path, "serve", "--port", "0") as process:
        port = int((await process.until(r":(\d+)/"))[1:-1])
        table = Path("/proc/net/tcp")
        if not table.exists():
            pytest.skip("no /proc/net/tcp to read who listens where")
        listening = re.findall(rf"\s([0-9A-F]{{8}}):{port:04X} 00000000:0000 0A", table.read_text())
        assert listening == ["0100007F"]


async def test_a_taken_port_a_wrong_one_and_no_database_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(QUIET, "utf-8")
    async with seedwatch(tmp_path, "serve") as process:
        assert await process.end() == 1
        assert "no database yet" in process.said
    fill_store(tmp_path / "seedwatch.db")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        async with seedwatch(tmp_path, "serve", "--port", port) as process:
            assert await process.end() == 1
            assert process.said.count("\n") == 1
            assert f"127.0.0.1:{port}" in process.said
            assert "--port" in process.said
    async with seedwatch(tmp_path, "serve", "--port", "70000") as process:
        assert await process.end() == 2


async def test_where_the_bot_listens_for_hubs_the_view_takes_the_next_port(tmp_path: Path) -> None:
    fill_store(tmp_path / "seedwatch.db")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "config.toml").write_text(f'{QUIET}[web]\nport = {port}\npublic_url = "https://bot.example"\n', "utf-8")
    async with seedwatch(tmp_path, "run") as bot:
        async with asyncio.timeout(20):
            while not await answers(port):
                await asyncio.sleep(0.05)
        async with seedwatch(tmp_path, "serve") as view:
            assert await view.until(r"http://127\.0\.0\.1:\d+/") == f"http://127.0.0.1:{port + 1}/"
        bot.process.send_signal(signal.SIGTERM)
        assert await bot.end() == 0


async def answers(port: int) -> bool:
    """Whether a bot's own server stands there."""
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/websub/x") as answer:
            return answer.status == 404
    except aiohttp.ClientError:
        return False
