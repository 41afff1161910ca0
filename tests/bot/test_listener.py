"""The bot's one web server: parts share it, strangers find nothing, slow and large bodies end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.listener import Listener, read_body


async def hook(_request: web.Request) -> web.Response:
    return web.Response(text="hook")


async def below(request: web.Request) -> web.Response:
    body = await read_body(request, 10, seconds=0.2)
    return web.Response(status=413) if body is None else web.Response(text=f"below {request.path.rpartition('/')[2]} {len(body)}")


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[Listener, aiohttp.ClientSession]]:
    listener = Listener(0)
    listener.answer("/telegram/hook", hook)
    listener.answer("/websub/", below)
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
        listener.leave("/telegram/hook")
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
        second = Listener(listener.port)
        with pytest.raises(OSError, match=rf"web.port: cannot listen at 127.0.0.1:{listener.port}: address already in use"):
            await second.start()
