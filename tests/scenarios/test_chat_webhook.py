"""Updates at a webhook: only Telegram is heard, nothing is lost, and going back to asking works."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from bot.commands.webhook import HEADER, LARGEST, Webhook
from bot.http_server import CallbackServer
from tests.support.bot_api import BAD_GATEWAY, BotApiServer
from tests.support.chat_bot import ChatBot, open_chat_bot

PATH = "/hook/here"


@asynccontextmanager
async def hooked(bot: ChatBot) -> AsyncIterator[CallbackServer]:
    """The webhook at work; the server is told the loopback address that a proxy would pass on to."""
    listener = CallbackServer(0)
    await listener.start()
    webhook = Webhook(bot.services, bot.updates.take, listener)
    running = asyncio.create_task(webhook.run())
    try:
        await bot.server.wait_until(lambda: bot.server.webhook["url"])
        assert bot.server.webhook["url"] == f"https://bot.example{PATH}"
        bot.server.webhook["url"] = f"http://127.0.0.1:{listener.port}{PATH}"
        yield listener
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await listener.stop()


async def delivered(bot: ChatBot) -> None:
    await bot.updates.settled()
    await bot.outbox.deliver_due()


CONFIG: dict[str, object] = {"webhook": f"https://bot.example{PATH}"}


async def test_updates_that_telegram_brings_are_answered_once(tmp_path: Path) -> None:
    async with open_chat_bot(tmp_path, telegram=CONFIG) as bot:
        chat = await bot.paired()
        async with hooked(bot) as listener:
            await bot.server.say(chat, "/latest")
            await delivered(bot)
            assert len(chat.texts) == 1
            assert bot.server.waiting == []
            secret = bot.server.webhook["secret_token"]
            body = {"update_id": 870_001, "message": chat.messages[0].to_json(bot.server.bot)}
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"http://127.0.0.1:{listener.port}{PATH}", json=body, headers={HEADER: secret}) as answer,
            ):
                assert answer.status == 200
            await delivered(bot)
            assert len(chat.texts) == 1, "brought twice, answered once"


async def test_who_does_not_know_the_secret_is_not_heard(tmp_path: Path) -> None:
    async with open_chat_bot(tmp_path, telegram=CONFIG) as bot:
        chat = await bot.paired()
        body = {"update_id": 5, "message": (await bot.server.say(chat, "/invite")).to_json(bot.server.bot)}
        bot.server._queue.clear()
        async with hooked(bot) as listener, aiohttp.ClientSession() as session:
            base = f"http://127.0.0.1:{listener.port}"
            secret = bot.server.webhook["secret_token"]
            for url, headers, data, status in (
                (PATH, {}, body, 403),
                (PATH, {HEADER: "wrong"}, body, 403),
                ("/other", {HEADER: secret}, body, 404),
                (PATH, {HEADER: secret}, ["no update"], 400),
                (PATH, {HEADER: secret}, {"update_id": 6, "message": "x" * (LARGEST + 1)}, 413),
            ):
                async with session.post(base + url, json=data, headers=headers) as answer:
                    assert answer.status == status, (url, headers)
        await delivered(bot)
        assert chat.texts == []


async def test_what_cannot_be_read_is_not_brought_again_and_what_cannot_be_kept_is(tmp_path: Path) -> None:
    async with open_chat_bot(tmp_path, telegram=CONFIG) as bot:
        chat = await bot.paired()
        message = (await bot.server.say(chat, "/latest")).to_json(bot.server.bot)
        bot.server._queue.clear()
        async with hooked(bot) as listener, aiohttp.ClientSession() as session:
            headers = {HEADER: bot.server.webhook["secret_token"], "Content-Type": "application/json"}

            async def brought(update: object) -> int:
                address = f"http://127.0.0.1:{listener.port}{PATH}"
                async with session.post(address, data=json.dumps(update), headers=headers) as answer:
                    return answer.status

            assert await brought({"update_id": 6, "message": message | {"text": "/latest \ud83d"}}) == 200
            assert await brought({"update_id": 7, "message": message | {"chat": {"id": 10**30}}}) == 200
            assert await brought({"update_id": 1e999, "message": message}) == 400
            await bot.thread.write_alone(lambda store: store.conn.execute("PRAGMA query_only = ON") and None)
            assert await brought({"update_id": 8, "message": message}) == 500
            await bot.thread.write_alone(lambda store: store.conn.execute("PRAGMA query_only = OFF") and None)
            assert await brought({"update_id": 8, "message": message}) == 200
        await delivered(bot)
        assert len(chat.texts) == 2


async def test_without_a_webhook_in_the_configuration_the_old_one_is_taken_back_and_updates_are_asked_for(tmp_path: Path) -> None:
    async with BotApiServer(monotonic=None) as server, open_chat_bot(tmp_path, server=server) as bot:
        chat = await bot.paired()
        server.webhook = {"url": "https://old.example/hook"}
        server.fail("deleteWebhook", BAD_GATEWAY)
        running = asyncio.create_task(bot.updates.run())
        await server.wait_until(lambda: not server.webhook["url"])
        await server.say(chat, "/latest")
        await server.wait_until(lambda: not server.waiting)
        await delivered(bot)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert len(chat.texts) == 1
