"""Defines Killing: the real bot in processes that end by SIGKILL at a chosen point, hundreds of times in minutes.

A parent process imports and compiles everything once; each run is a fork of it, which opens the bot on a database, makes one pass, and
dies at the n-th point of a kind: "commit" (after the n-th commit of the writer), "send" (before the n-th message leaves), "answer"
(after it left, before the bot knows). The production code knows nothing of this: the points are an `on_commit` and wrapped services.

    test ── JSON line: what to run, where to die ──► parent ── fork ──► bot ── SIGKILL
         ◄── JSON line: how it ended ───────────────┘
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
import traceback
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.deliver.message import ChatService, Message, NotSent, Sent

Point = Literal["commit", "send", "answer", "never"]


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
    """1: the first point of that kind."""
    token: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """How a life ended. `code` is the exit status, negative for a signal."""

    code: int
    said: str = ""
    """The traceback of a life that failed."""


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
    """A chat service around which one may die."""

    def __init__(self, service: ChatService, countdown: Countdown) -> None:
        self._service, self._countdown = service, countdown
        self.kind = service.kind

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


async def _live(run: Run, screen: TextIO) -> None:
    from pydantic import SecretStr

    from bot.app import App, Given
    from bot.config import load_config
    from bot.parts import open_services
    from tests.support.bot_app import packaged_matcher, packaged_seeds
    from tests.support.clock import ShiftedClock

    config = load_config(Path(run.config), env={})
    token = SecretStr(run.token) if run.token else None
    countdown = Countdown(run.point, run.number)
    services: dict[str, ChatService] = {
        kind: Mortal(service, countdown) for kind, service in open_services(config, token, screen).items()
    }  # fmt: skip
    given = Given(
        clock=ShiftedClock(datetime.fromisoformat(run.now)),
        seeds=replace(packaged_seeds(), feeds=config.feeds),
        matcher=packaged_matcher(),
        services=services,
        on_commit=lambda: countdown.reach("commit"),
        on_report=lambda report: None,
    )
    async with App(config, run.database, token, given) as app:
        await app.poll_once(every=True)


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
    with io.FileIO(reading) as pipe:
        said = pipe.readall() or b""
    _, status = os.waitpid(child, 0)
    return End(os.waitstatus_to_exitcode(status), said.decode("utf-8", "replace"))


def main() -> None:
    """The parent: compiles once, then forks a life for each line."""
    from tests.support.bot_app import packaged_matcher
    from watchers.items import Item

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
