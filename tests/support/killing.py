"""Defines Killing: the real bot in processes that end by SIGKILL at a chosen point, hundreds of times in minutes.

A parent process imports and compiles everything once; each run is a fork of it, which opens the bot on a database, makes one pass, and
dies at the n-th point of a kind: "write" (everything is written, the n-th commit is not done), "commit" (just after it), "send" (before
the n-th message leaves), "answer" (after it left, before the bot knows), or at a moment chosen from outside. The production code knows
nothing of this: the points are SQLite's own trace, an `on_commit` and wrapped services.

    test ── JSON line: what to run, where to die ──► parent ── fork ──► bot ── SIGKILL
         ◄── JSON line: how it ended ───────────────┘
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import select
import signal
import sys
import time
import traceback
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from pydantic import SecretStr

from bot.delivery.telegram import TelegramChat

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from bot.app import App
    from bot.commands.receiver import UpdateReceiver
    from bot.config import Config
    from bot.message import ChatService, Message, NotSent, Sent

Point = Literal["write", "commit", "send", "answer", "moment", "never"]


ENDED = "a part of the bot ended by itself"
JUMP_AFTER = 0.15
"""Seconds: a life that polls and sends takes about twice as long."""


@dataclass(frozen=True, slots=True)
class Run:
    """One life of the bot."""

    config: str
    """Path of config.toml; its feeds are the only ones polled."""
    database: str
    screen: str
    """File that the console writes to; lines of all lives stand one behind the other."""
    now: str
    """What the clock shows at the start, ISO 8601."""
    point: Point = "never"
    number: int = 0
    """1: the first point of that kind. Of "moment": milliseconds after the start."""
    token: str = ""
    speed: float = 1.0
    """How much faster the bot's time passes: its pauses between messages cost a test nothing."""
    timeout: float = 20.0
    """Seconds that the bot waits for an answer of Telegram's."""
    hear: bool = False
    """Whether what people said is answered too."""
    stay: bool = False
    """Whether the bot only sends and hears, until it is killed."""
    jump: float = 0.0
    """Seconds by which the wall clock is set in the middle of the life."""
    digests: bool = False
    """Whether digests that are due are sent too, at the end."""


@dataclass(frozen=True, slots=True)
class End:
    """How a life ended. `code` is the exit status, negative for a signal."""

    code: int
    said: str = ""
    """The traceback of a life that failed."""
    seconds: float = 0.0
    """How long it was."""


class Killing:
    """The parent process, for a test. Lives run one after the other."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def live(self, run: Run) -> End:
        """Runs one life to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(run)).encode() + b"\n")
        line = await asyncio.wait_for(self._process.stdout.readline(), 60)
        return End(**json.loads(line))


@asynccontextmanager
async def killing() -> AsyncIterator[Killing]:
    """A parent process that is ready, ended with the test."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.killing", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
        # The semaphores of a killed bot's workers are nobody's any more; Python clears them away and would say so each time.
        env={**os.environ, "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker"},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"ready\n"
        yield Killing(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


class Countdown:
    """Dies at the n-th call for the chosen kind of point."""

    def __init__(self, point: Point, number: int) -> None:
        self._point, self._left = point, number

    def reach(self, point: Point) -> None:
        """A point is reached."""
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """A chat service around which the process may die."""

    def __init__(self, service: ChatService, countdown: Countdown) -> None:
        self._service, self._countdown = service, countdown
        self.kind, self.capabilities = service.kind, service.capabilities

    async def start(self) -> None:
        """See ChatService."""
        await self._service.start()

    async def stop(self) -> None:
        """See ChatService."""
        await self._service.stop()

    async def send(self, message: Message) -> Sent | NotSent:
        """See ChatService."""
        self._countdown.reach("send")
        answer = await self._service.send(message)
        self._countdown.reach("answer")
        return answer


class MortalTelegram(TelegramChat):
    """Telegram, around which the process may die."""

    def __init__(self, countdown: Countdown, run: Run, base_url: str) -> None:
        super().__init__(SecretStr(run.token), base_url, timeout=run.timeout)
        self._countdown, self._stay = countdown, run.stay
        self.heard = asyncio.Event()
        """Set once everything that waited was heard."""

    async def send(self, message: Message) -> Sent | NotSent:
        """See ChatService."""
        self._countdown.reach("send")
        answer = await super().send(message)
        self._countdown.reach("answer")
        return answer

    async def updates(self, offset: int | None, timeout: float) -> list[Any]:
        """See TelegramChat. A life that does not stay hears what waits, and then nothing more."""
        if self._stay:
            return await super().updates(offset, timeout)
        found = await super().updates(offset, 0)
        if not found:
            self.heard.set()
            await asyncio.Event().wait()
        return found


async def _live(run: Run, screen: TextIO) -> None:
    from bot.app import App, Overrides
    from bot.config import load_config
    from bot.digest.schedule import send_due
    from tests.support.bot_app import packaged_matcher, packaged_seeds
    from tests.support.clock import RunningClock

    config = load_config(Path(run.config), env={})
    countdown = Countdown(run.point, run.number)
    now = datetime.fromisoformat(run.now)
    clock = RunningClock(now, run.speed)
    if run.jump:
        asyncio.get_running_loop().call_later(JUMP_AFTER, clock.move, timedelta(seconds=run.jump))
    given = Overrides(
        clock=clock,
        seeds=replace(packaged_seeds(), feeds=config.feeds),
        matcher=packaged_matcher(),
        services=_services(config, run, screen, countdown),
        on_commit=lambda: countdown.reach("commit"),
        on_report=lambda report: None,
    )
    async with App(config, run.database, SecretStr(run.token) if run.token else None, given) as app:
        await app.store.write_alone(lambda store: store.conn.set_trace_callback(lambda sql: _traced(sql, countdown)))
        if run.stay:
            await app.listen()
            await _must_not_end(app.outbox.run(), _updates(app).run())
        await app.poll_once(include_not_due=True)
        if run.hear:
            telegram = app.services["telegram"]
            assert isinstance(telegram, MortalTelegram)
            await app.listen()
            hearing = asyncio.create_task(_must_not_end(_updates(app).run()))
            heard = asyncio.create_task(telegram.heard.wait())
            await asyncio.wait({hearing, heard}, return_when=asyncio.FIRST_COMPLETED)
            if hearing.done():
                hearing.result()
            await _updates(app).settled()
            hearing.cancel()
            await app.outbox.deliver_due()
        if run.digests:
            await send_due(app.store, app.seeds, app.config, app.clock, app.capabilities)
            await app.outbox.deliver_due()


def _updates(app: App) -> UpdateReceiver:
    assert app._updates is not None
    return app._updates


async def _must_not_end(*parts: Coroutine[Any, Any, None]) -> None:
    """Runs what runs for ever in a bot. Raises RuntimeError when one of it ends."""
    tasks = [asyncio.create_task(part) for part in parts]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    raise RuntimeError(f"{ENDED}: {done}")


def _services(config: Config, run: Run, screen: TextIO, countdown: Countdown) -> dict[str, ChatService]:
    from bot.wiring import open_services

    if run.token:
        return {"telegram": MortalTelegram(countdown, run, config.chat.telegram.base_url)}
    return {kind: Mortal(service, countdown) for kind, service in open_services(config, None, screen).items()}


def _traced(sql: str, countdown: Countdown) -> None:
    if sql == "COMMIT":
        countdown.reach("write")


def _fork(run: Run) -> End:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # stdout is the parent's word to the test
        code = 1
        try:
            with open(run.screen, "a", encoding="utf-8") as screen:  # noqa: PTH123
                asyncio.run(_live(run, screen))
            code = 0
        except BaseException:
            os.write(writing, traceback.format_exc().encode()[-60_000:])
        finally:
            os._exit(code)
    os.close(writing)
    begun = time.monotonic()
    with io.FileIO(reading) as pipe:
        if run.point == "moment" and not select.select([pipe], [], [], run.number / 1000)[0]:
            os.kill(child, signal.SIGKILL)
        said = pipe.readall() or b""
    _, status = os.waitpid(child, 0)
    return End(os.waitstatus_to_exitcode(status), said.decode("utf-8", "replace"), time.monotonic() - begun)


def main() -> None:
    """The parent: compiles once, then forks a life for each line."""
    from tests.support.bot_app import packaged_matcher
    from watchers.models.item import Item

    # Warm: what is compiled at the first match is shared by all lives.
    packaged_matcher().match(Item(feed="", title="Nvidia invests in a factory in Vietnam", text="Nvidia said on Monday it would."))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        raw: dict[str, Any] = json.loads(line)
        sys.stdout.write(json.dumps(asdict(_fork(Run(**raw)))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
