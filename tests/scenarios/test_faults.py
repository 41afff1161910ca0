"""A sample of the faults (`make faults` runs all): kills, Telegram, feeds and disks that go wrong; nothing lost, nothing told twice."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.store import Store
from bot.store.integrity import problems
from tests.scenarios.faults.campaign import CAMPAIGNS
from tests.scenarios.faults.disk import NoDiskError, small_disk
from tests.scenarios.faults.ledger import Figures, Ledger
from tests.scenarios.faults.world import World, open_world
from tests.support.killing import Killing, killing

SAMPLE = {"kills": 12, "answers": 4, "flapping": 4, "clocks": 8, "locked": 2, "full disk": 2, "commands": 2, "cursed": 3}
"""Lives in trouble for each campaign, and seeds whose dice bring a bit of everything."""
ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.asyncio(loop_scope="module")  # one process compiles for all tests here: three seconds each otherwise


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def killer() -> AsyncIterator[Killing]:
    async with killing() as killer:
        yield killer


@pytest.mark.parametrize("campaign", SAMPLE)
async def test_whatever_fails_each_message_comes_and_only_lost_answers_repeat_one(tmp_path: Path, killer: Killing, campaign: str) -> None:
    try:
        figures = await CAMPAIGNS[campaign](tmp_path, killer, 4, SAMPLE[campaign])
    except NoDiskError as error:
        pytest.skip(f"no disk of its own may be mounted here: {error}")
    assert sum(figures.faults.values()) >= SAMPLE[campaign] / 2, "nothing was tried"
    assert figures.expected
    assert (figures.missing, figures.beyond, figures.broken) == ([], [], [])


@pytest.mark.full
@pytest.mark.timeout(3600)
async def test_five_hundred_kills(tmp_path: Path, killer: Killing) -> None:
    from tests.scenarios.faults.campaign import all_of_them

    figures = await all_of_them(tmp_path, killer, seed=1000, kill=500, rounds=40, say=lambda line: None)
    assert figures.kills >= 500
    assert (figures.missing, figures.beyond, figures.broken) == ([], [], [])


async def test_the_count_sees_what_is_missing_and_what_came_too_often() -> None:
    ledger = Ledger()
    ledger.note("An", 0, ["one", "two"])
    ledger.note("An", 1, ["one", "two"])
    ledger.note("Binh", 1, ["one", "one"])
    ledger.died.add(0)
    assert ledger.missing({"An": ["one", "three"], "Binh": ["two"]}, {"Binh": ["two"]}) == ["An: three"]
    allowed, beyond = ledger.repeats()
    assert allowed == 1, "the bot died with one message to a chat in flight, not with two"
    assert len(beyond) == 2
    ledger.swallowed[1] = 1
    assert [len(ledger.repeats()[1]), ledger.repeats()[0]] == [1, 2]
    assert not Figures(beyond=beyond).kept


# --- the disk ---------------------------------------------------------------------------------------------------------------------------


async def started(world: World, *command: str) -> tuple[int, str]:
    """A command on the world's database as a person starts it: exit status and what stands on stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *command, "--config", str(world.folder / "config.toml"), "--db", str(world.database),
        cwd=ROOT, env={**os.environ, "TELEGRAM_BOT_TOKEN": world.api.token},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


def one_line(said: str) -> str:
    """What the command said in the end; a traceback is no answer to a person."""
    assert "Traceback" not in said, said
    return said.strip().splitlines()[-1]


async def test_a_read_only_disk_is_named_and_the_next_start_goes_on(tmp_path: Path, killer: Killing) -> None:
    try:
        with small_disk(tmp_path / "bot") as disk:
            async with open_world(tmp_path, killer) as world:
                await world.live()
                with disk.read_only():
                    code, said = await started(world, "poll")
                assert code == 1
                assert "ead-only" in one_line(said)
                await world.settle()
                assert world.judge().broken == []
    except NoDiskError as error:
        pytest.skip(f"no disk of its own may be mounted here: {error}")


async def test_a_disk_that_is_full_at_the_start_is_named(tmp_path: Path, killer: Killing) -> None:
    try:
        with small_disk(tmp_path / "bot") as disk:
            async with open_world(tmp_path, killer) as world:
                for left in (0, 400_000):  # nothing can be made; the work stops in the middle
                    with disk.filled(leave=left):
                        code, said = await started(world, "poll")
                    assert code == 1
                    assert "full" in one_line(said) or "No space left" in one_line(said), left
                await world.live()
                await world.settle()
                assert world.judge().kept
    except NoDiskError as error:
        pytest.skip(f"no disk of its own may be mounted here: {error}")


@pytest.mark.parametrize("command", [("poll", "--all"), ("run", "--for", "30s")], ids=["poll", "run"])
async def test_a_destroyed_page_is_named_and_nothing_is_overwritten(tmp_path: Path, killer: Killing, command: tuple[str, ...]) -> None:
    async with open_world(tmp_path, killer) as world:
        await world.live()
        store = Store.open(world.database)
        store.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = store.conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'deliveries'").fetchone()[0]
        store.close()
        raw = bytearray(world.database.read_bytes())
        raw[(root - 1) * 4096 : root * 4096] = b"\xa5" * 4096
        world.database.write_bytes(raw)
        world.publish(random.Random(1))
        world.serve()
        code, said = await started(world, *command)
        assert code == 1
        assert "is damaged" in one_line(said)
        assert "seedwatch rescue" in one_line(said)
        damaged = Store.open(world.database, readonly=True)
        assert problems(damaged) != []
        damaged.close()
        after = world.database.read_bytes()
        assert after[(root - 1) * 4096 : root * 4096] == b"\xa5" * 4096, "what could still be saved by hand must stand"
        assert len(after) >= len(raw)
