"""Runs the faults in full: `python -m tests.scenarios.faults [--kills N] [--rounds N] [--seed N]`. Exit status 1 for a broken promise."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests.scenarios.faults.campaign import all_of_them
from tests.scenarios.faults.ledger import Figures
from tests.support.killing import killing


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.scenarios.faults", description="kills, disks, answers and feeds that go wrong")
    parser.add_argument("--kills", type=int, default=500, help="how often the bot is killed")
    parser.add_argument("--rounds", type=int, default=40, help="lives in each other kind of trouble")
    parser.add_argument("--seed", type=int, default=1, help="of the dice")
    given = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # it draws a traceback for every bot that is killed while it speaks
    begun = time.monotonic()
    figures = asyncio.run(_run(given.kills, given.rounds, given.seed))
    print(table(figures, time.monotonic() - begun))
    return 0 if figures.kept else 1


async def _run(kills: int, rounds: int, seed: int) -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        async with killing() as killer:
            return await all_of_them(Path(folder), killer, seed=seed, kill=kills, rounds=rounds, say=lambda line: print(line, flush=True))


def table(figures: Figures, seconds: float) -> str:
    """The figures for people."""
    rows = [f"{what:<52} {count:>6}" for what, count in sorted(figures.faults.items())]
    rows += [
        "",
        f"{'faults tried':<52} {sum(figures.faults.values()):>6}   ({figures.kills} kills, {figures.lives} lives, {seconds:.0f} s)",
        f"{'messages expected':<52} {figures.expected:>6}",
        f"{'missing':<52} {len(figures.missing):>6}",
        f"{'repeated, one for each lost answer':<52} {figures.repeated:>6}",
        f"{'repeated beyond the promise':<52} {len(figures.beyond):>6}",
        f"{'not as an alert, but in a digest':<52} {figures.named:>6}",
        f"{'set aside and named in a digest, never taken':<52} {figures.set_aside:>6}",
        f"{'commands answered as failed, or perhaps not':<52} {figures.answers_failed:>6}",
        f"{'databases not sound, bots that failed':<52} {len(figures.broken):>6}",
    ]
    return "\n".join([*rows, *figures.missing, *figures.beyond, *figures.broken])


if __name__ == "__main__":
    sys.exit(main())
