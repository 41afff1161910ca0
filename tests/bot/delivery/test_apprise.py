"""Other services through Apprise, against a server on loopback: arrived, refused, silent, not there, and never a secret in an error."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from bot.delivery.apprise import AppriseService
from bot.message import Message, NotSent, Sent

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's own import

SECRET = "s3cret-webhook-key-0123456789"
MESSAGE = Message("also:SEEDWATCH_HOOK", "<b>Nvidia</b> comes", "Nvidia comes\nIt brings jobs.")


@dataclass
class Hook:
    """A service that takes notifications as JSON."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    hang_up: bool = False

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(json.loads(await request.read()))
        if self.hang_up:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=self.status)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/{path:.*}", hook.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    hook.port = runner.addresses[0][1]
    yield hook
    await runner.cleanup()


def chats(address: str) -> AppriseService:
    return AppriseService({"SEEDWATCH_HOOK": address})


async def test_a_message_arrives_with_its_first_line_as_title(hook: Hook) -> None:
    answer = await chats(f"json://127.0.0.1:{hook.port}/{SECRET}").send(MESSAGE)
    assert answer == Sent("")
    assert [(one["title"], one["message"]) for one in hook.got] == [("Nvidia comes", "It brings jobs.")]


async def test_a_message_of_one_line_has_no_title(hook: Hook) -> None:
    await chats(f"json://127.0.0.1:{hook.port}/").send(Message("also:SEEDWATCH_HOOK", "x", "one line"))
    assert (hook.got[0]["title"], hook.got[0]["message"]) == ("", "one line")


async def test_two_messages_at_once_keep_their_errors_apart(hook: Hook) -> None:
    other = AppriseService({"GOOD": f"json://127.0.0.1:{hook.port}/", "BAD": "json://127.0.0.1:9/"})
    good, bad = await asyncio.gather(other.send(Message("also:GOOD", "x", "x")), other.send(Message("also:BAD", "x", "x")))
    assert isinstance(good, Sent)
    assert isinstance(bad, NotSent)


async def test_a_server_that_says_no_is_asked_again(hook: Hook) -> None:
    hook.status = 503
    answer = await chats(f"json://127.0.0.1:{hook.port}/{SECRET}").send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert answer.kind == "server_error"
    assert "503" in answer.error


async def test_a_connection_cut_before_the_answer_is_a_lost_answer(hook: Hook) -> None:
    hook.hang_up = True
    answer = await chats(f"json://127.0.0.1:{hook.port}/").send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert answer.kind == "uncertain"


@pytest.mark.parametrize("address", ["json://127.0.0.1:9/", "", "nonsense://x/y", "not an address"])
async def test_what_surely_never_left_is_tried_again_and_named_without_its_address(address: str) -> None:
    answer = await chats(f"{address}{SECRET}" if address.startswith("json") else address).send(MESSAGE)
    assert isinstance(answer, NotSent)
    assert answer.kind == "retry"
    assert "SEEDWATCH_HOOK" in answer.error
    assert SECRET not in answer.error
