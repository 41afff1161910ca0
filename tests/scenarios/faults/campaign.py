"""Defines the campaigns: sequences of lives, each in news and in trouble, chosen by dice that a seed starts.

    news ─► a life in trouble (killed at a point · Telegram misbehaves, or fails over one message always · feeds flap · the clock is set ·
            the database is held · the disk is full, also under commands · updates that nobody knows) ─► …
         ─► quiet lives until nothing waits ─► count
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.scenarios.faults.disk import small_disk
from tests.scenarios.faults.ledger import Figures
from tests.scenarios.faults.world import FEEDS, World, open_world
from tests.support.bot_api import BAD_GATEWAY, HANG, HANG_AFTER, RESET, RESET_AFTER, SERVER_ERROR, SLOW, Fault
from tests.support.feed_server import Answer
from tests.support.killing import Killing, Point

POINTS: tuple[tuple[Point, int], ...] = (("write", 14), ("commit", 14), ("send", 7), ("answer", 7), ("moment", 600))
"""Where the bot is killed, and up to which number: what a life that tells some news reaches. A life that ends before is no kill."""
ANSWERS = (Fault.flood(7), Fault.flood(900), SERVER_ERROR, BAD_GATEWAY, RESET, RESET_AFTER, SLOW)
HANGS = (HANG, HANG_AFTER)
"""These cost as long as the bot waits: a life of one each."""
PATIENCE = 3.0
"""Seconds that it waits then."""
STAY = 2000
"""Milliseconds after which a bot is killed that only sends and hears."""
KILLS_A_WORLD = 50

Say = Callable[[str], None]


async def kills(folder: Path, killer: Killing, seed: int, count: int) -> Figures:
    """One database through `count` kills, some of them in a row, while Telegram and feeds misbehave now and then."""
    dice = random.Random(seed)
    async with open_world(folder, killer) as world:
        while world.figures.kills < count:
            if world.figures.lives > 5 * count + 20:
                world.figures.broken.append(f"seed {seed}: only {world.figures.kills} of {world.figures.lives} lives could be killed")
                break
            if dice.random() < 0.7:
                world.publish(dice)
            if dice.random() < 0.25:
                world.api.fail("sendMessage", dice.choice(ANSWERS))
            if dice.random() < 0.25:
                await world.ask(dice)
            if dice.random() < 0.1:
                await world.say_odd(dice)
            flap(world, dice, likely=0.1)
            world.jump(dice, likely=0.2)
            point, most = dice.choice(POINTS)
            end = await world.live(point, dice.randint(1, most))
            world.api.forget_faults()
            if end.code not in {0, -9}:
                world.figures.broken.append(f"seed {seed}: ended with {end.code}: {end.said}")
            if dice.random() < 0.2:
                world.check_database()
        await world.settle()
        return world.judge()


async def answers(folder: Path, killer: Killing, seed: int, rounds: int) -> Figures:
    """Telegram misbehaves in every life, with sends and edits; time-outs are waited for."""
    dice = random.Random(seed)
    async with open_world(folder, killer) as world:
        for number in range(rounds):
            world.publish(dice)
            world.serve()
            if number % 8 == 7:
                world.api.fail("sendMessage", HANGS[number // 8 % 2])
            else:
                world.api.fail("sendMessage", *dice.choices(ANSWERS, k=dice.randint(1, 4)))
                world.api.fail("editMessageText", dice.choice(ANSWERS))
            end = await world.live(timeout=PATIENCE)
            world.api.forget_faults()
            if end.code:
                world.figures.broken.append(f"seed {seed}: ended with {end.code}: {end.said}")
        await world.settle()
        return world.judge()


async def clocks(folder: Path, killer: Killing, seed: int, rounds: int) -> Figures:
    """The clock is set in half of the lives, sometimes in the middle of one, while Telegram misbehaves now and then."""
    dice = random.Random(seed)
    async with open_world(folder, killer) as world:
        for _ in range(rounds):
            world.publish(dice)
            world.serve()
            world.jump(dice, likely=0.5)
            if dice.random() < 0.25:
                world.api.fail("sendMessage", dice.choice(ANSWERS))
            end = await world.live()
            world.api.forget_faults()
            if end.code:
                world.figures.broken.append(f"seed {seed}: ended with {end.code}: {end.said}")
        await world.settle()
        return world.judge()


async def flapping(folder: Path, killer: Killing, seed: int, rounds: int) -> Figures:
    """Feeds that fail, empty themselves, lose their newest items and give them back."""
    dice = random.Random(seed)
    async with open_world(folder, killer) as world:
        for _ in range(rounds):
            world.publish(dice)
            flap(world, dice, likely=0.6)
            world.jump(dice, likely=0.1)
            end = await world.live()
            if end.code:
                world.figures.broken.append(f"seed {seed}: ended with {end.code}: {end.said}")
        await world.settle()
        return world.judge()


def flap(world: World, dice: random.Random, *, likely: float) -> None:
    """Each feed answers wrongly with this likelihood; else it says what it lists."""
    flaws: dict[int, Answer] = {}
    for feed in range(FEEDS):
        if dice.random() < likely:
            name, flaw = dice.choice(_flaws(world, feed))
            flaws[feed] = flaw
            world.figures.faults[f"feed: {name}"] += 1
    world.serve(flaws)


def _flaws(world: World, feed: int) -> list[tuple[str, Answer]]:
    whole = world.listing(feed)
    return [
        ("answers 500", Answer(b"Internal Server Error", status=500)),
        ("answers 404", Answer(b"not found", status=404)),
        ("answers 200 with nothing", Answer(b"")),
        ("answers with a page", Answer(b"<html><body>We will be back soon</body></html>", headers={"Content-Type": "text/html"})),
        ("cut in the middle", Answer(whole[: len(whole) * 2 // 3])),
        ("newest items left out", Answer(world.listing(feed, leave_out=2))),
        ("cuts the connection", Answer(raw=_cut)),
    ]


async def _cut(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def locked(folder: Path, killer: Killing, seed: int, rounds: int) -> Figures:
    """Another program holds the database for a while, from before the bot's start or from the middle of its work."""
    dice = random.Random(seed)
    async with open_world(folder, killer) as world:
        await world.live()
        for number in range(rounds):
            world.publish(dice)
            world.serve()
            async with _held(world.database, after=0.0 if number % 2 else 0.15 * dice.random(), seconds=0.2 + 0.4 * dice.random()):
                end = await world.live()
            world.figures.faults["database held by another program"] += 1
            if end.code:
                world.figures.broken.append(f"seed {seed}: ended with {end.code}: {end.said}")
        await world.settle()
        return world.judge()


@asynccontextmanager
async def _held(database: Path, *, after: float, seconds: float) -> AsyncIterator[None]:
    async def hold() -> None:
        await asyncio.sleep(after)
        conn = sqlite3.connect(database, isolation_level=None, timeout=0)
        try:
            conn.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            conn.execute("ROLLBACK")
        except sqlite3.OperationalError:
            pass  # the bot was writing just then: it holds the database, not we
        finally:
            conn.close()

    holding = asyncio.create_task(hold())
    try:
        yield
    finally:
        await holding


async def full_disk(folder: Path, killer: Killing, seed: int, rounds: int) -> Figures:
    """The disk is full, or has a few pages left, while news comes; the bot goes on or is killed, and later there is room again."""
    dice = random.Random(seed)
    with small_disk(folder / "bot") as disk:
        async with open_world(folder, killer) as world:
            await world.live()
            for number in range(rounds):
                world.publish(dice)
                world.serve()
                with disk.filled(leave=dice.choice((0, 4096, 16_384, 65_536))):
                    # A bot that cannot write waits for room, as it should: only a kill ends that life.
                    end = await world.live("moment", 900 + 100 * (number % 4))
                world.figures.faults["disk full"] += 1
                if end.code not in {0, -9} and not any(said in end.said for said in ("disk is full", "No space left")):
                    world.figures.broken.append(f"seed {seed}: ended with {end.code}: {end.said}")
                if dice.random() < 0.5:
                    await world.live()
            await world.settle()
            return world.judge()


async def commands(folder: Path, killer: Killing, seed: int, rounds: int) -> Figures:
    """People write while the disk is full, and Telegram has updates that nobody knows; there is room again before the bot is killed."""
    dice = random.Random(seed)
    with small_disk(folder / "bot") as disk:
        async with open_world(folder, killer) as world:
            await world.live()
            for _ in range(rounds):
                living = asyncio.create_task(world.live("moment", STAY, stay=True))
                listening = asyncio.create_task(world.next_poll())
                await asyncio.wait({living, listening}, return_when=asyncio.FIRST_COMPLETED)
                listening.cancel()
                with disk.filled(leave=dice.choice((0, 4096, 16_384))):
                    for _ in range(dice.randint(1, 3)):
                        await world.ask(dice)
                        await world.say_odd(dice)
                    await asyncio.sleep(0.2)
                world.figures.faults["disk full under commands"] += 1
                end = await living
                if end.code != -9:
                    world.figures.broken.append(f"seed {seed}: ended with {end.code}: {end.said}")
            await world.settle()
            return world.judge()


async def cursed(folder: Path, killer: Killing, seed: int, rounds: int) -> Figures:
    """Telegram fails over some messages each time they are sent, and takes all others."""
    dice = random.Random(seed)
    async with open_world(folder, killer) as world:
        for number in range(rounds):
            world.publish(dice)
            if number % 8 == 0:
                world.curse()
            world.serve()
            end = await world.live()
            if end.code:
                world.figures.broken.append(f"seed {seed}: ended with {end.code}: {end.said}")
        await world.settle(hours=30)
        return world.judge()


Campaign = Callable[[Path, Killing, int, int], Awaitable[Figures]]
CAMPAIGNS: dict[str, Campaign] = {
    "kills": kills,
    "answers": answers,
    "flapping": flapping,
    "clocks": clocks,
    "locked": locked,
    "full disk": full_disk,
    "commands": commands,
    "cursed": cursed,
}


async def all_of_them(folder: Path, killer: Killing, *, seed: int, kill: int, rounds: int, say: Say) -> Figures:
    """Every campaign with dice of its own; the sum of what they found."""
    figures = Figures()
    plan = [("kills", min(KILLS_A_WORLD, kill - at)) for at in range(0, kill, KILLS_A_WORLD)]
    plan += [(name, rounds) for name in CAMPAIGNS if name != "kills"]
    for number, (name, count) in enumerate(plan):
        place = folder / str(number)
        found = await CAMPAIGNS[name](place, killer, seed + number, count)
        figures.add(found)
        say(f"{name:<10} {found.lives:>4} lives, {found.expected:>5} messages, missing {len(found.missing)}, beyond {len(found.beyond)}")
        with contextlib.suppress(OSError):
            (place / "screen").unlink()
    return figures
