"""The bot's one web server: parts share it, strangers find nothing, slow and large bodies end."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot import log
from bot.http_server import CallbackServer, read_body


async def hook(_request: web.Request) -> web.Response:
    return web.Response(text="hook")


async def below(request: web.Request) -> web.Response:
    body = await read_body(request, 10, seconds=0.2)
    return web.Response(status=413) if body is None else web.Response(text=f"below {request.path.rpartition('/')[2]} {len(body)}")


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[CallbackServer, aiohttp.ClientSession]]:
    listener = CallbackServer(0)
    listener.add_route("/telegram/hook", hook)
    listener.add_route("/websub/", below)
    await listener.start()
    try:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{listener.port}") as session:
            yield listener, session
    finally:
        await listener.stop()


async def test_two_parts_share_one_port_and_nobody_else_is_there() -> None:
    async with listening() as (listener, session):
        for path, said in (("/telegram/hook", "hook"), ("/websub/abc", "below abc 0")):
            async with session.get(path) as answer:
                assert (answer.status, await answer.text()) == (200, said)
        for path in ("/", "/telegram/", "/telegram/hook/", "/telegram/hookx", "/websub", "/websub/a/b", "/websub%2Fabc"):
            async with session.get(path) as answer:
                assert (answer.status, await answer.text()) == (404, ""), path
        listener.remove_route("/telegram/hook")
        async with session.get("/telegram/hook") as answer:
            assert answer.status == 404


async def test_a_body_that_is_too_large_or_too_slow_is_not_waited_for() -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100
            await asyncio.sleep(0)

    async with listening() as (_, session):
        for body, status in ((b"x" * 10, 200), (b"x" * 11, 413)):
            async with session.post("/websub/a", data=body) as answer:
                assert answer.status == status
        for stream, status in ((slow(), 408), (endless(), 413)):
            async with asyncio.timeout(5), session.post("/websub/a", data=stream) as answer:
                assert answer.status == status


async def test_a_taken_port_is_said_in_one_line() -> None:
    async with listening() as (listener, _):
        second = CallbackServer(listener.port)
        with pytest.raises(OSError, match=rf"web.port: cannot listen at 127.0.0.1:{listener.port}: address already in use"):
            await second.start()


@pytest.fixture(autouse=True)
def _quiet_again() -> Iterator[None]:
    handlers, hook = logging.getLogger().handlers[:], sys.excepthook
    yield
    logging.getLogger().handlers[:] = handlers
    sys.excepthook = hook


async def say(listener: CallbackServer, *parts: bytes) -> None:
    """Sends `parts` and breaks the connection off."""
    _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.01)
    writer.transport.abort()
    await asyncio.sleep(0.01)


CHUNKED = b"POST /websub/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        (b"NONSENSE\r\n\r\n",),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",),
        (b"GET / HTTP/9.9\r\n\r\n",),
        (b"GET / HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n",),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",),
        (b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",),
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"NONSENSE X Y\r\n\r\n"),
        (CHUNKED + b"ZZ\r\n",),
        (CHUNKED + b"3\r\nabc\r\n", b"ZZ\r\n"),
        (CHUNKED + b"3\r\nabc\r\n",),
    ],
)
async def test_a_malformed_request_writes_one_short_line_at_most(capsys: pytest.CaptureFixture[str], parts: tuple[bytes, ...]) -> None:
    log.set_up()
    async with listening() as (listener, _):
        await say(listener, *parts)
    said = capsys.readouterr().err
    assert len(said) < 200
    assert said.count("\n") <= 1


async def test_a_failure_of_a_handler_still_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise ValueError("a fault of ours")

    log.set_up()
    async with listening() as (listener, session):
        listener.add_route("/broken", broken)
        async with session.get("/broken") as answer:
            assert answer.status == 500
    said = capsys.readouterr().err
    assert "a fault of ours" in said
    assert "Traceback" in said
