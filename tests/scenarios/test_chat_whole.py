"""The whole bot, feeds to chat and back: a feed found and a name added from the phone catch the next item without a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from pydantic import SecretStr

from bot.app import App, Overrides
from tests.support.bot_api import BotApiServer
from tests.support.bot_app import config_of
from tests.support.feed_server import Answer, feed_server, rss


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(app.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


def item(title: str) -> dict[str, str]:
    return {"title": title, "description": title + ".", "pubDate": format_datetime(datetime.now(UTC) - timedelta(minutes=5))}


async def test_from_pairing_to_the_alert_about_a_name_added_in_the_chat(tmp_path: Path) -> None:
    async with feed_server() as feeds, BotApiServer(monotonic=None) as server:
        site = feeds.play("/", Answer(b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head></html>'))
        old = rss(item("Nothing of note happened in the city council today"))
        fresh = rss(item("Zorvex to build a factory in Bac Giang with Amkor"))
        address = feeds.play("/rss", old, old, fresh)
        config = config_of(
            chat={"telegram": {"base_url": server.base_url}}, seeds={"path": str(tmp_path / "seeds"), "feeds": False},
            poll={"every": "2s", "fastest": "2s"},
        )  # fmt: skip
        (tmp_path / "seeds").mkdir()
        app = App(config, tmp_path / "a.db", SecretStr(server.token), Overrides(documents=tuple))
        async with app:
            await app.listen()
            async with running(app):
                chat = server.private("An")
                await server.say(chat, f"/start {app.pairing_code}")
                await server.wait_until(lambda: any("Welcome" in text for text in chat.texts))
                await server.say(chat, f"/feeds add {site}")
                await server.wait_until(lambda: "is now polled" in chat.last.text, timeout=15)
                await server.say(chat, "/watch add Zorvex")
                await server.wait_until(lambda: "Keep it" in chat.last.buttons)
                await server.press(chat.last, "Keep it")
                await server.wait_until(lambda: "is now watched" in chat.last.text, timeout=10)
                await server.wait_until(lambda: "Zorvex to build" in chat.last.text, timeout=20)
                assert len(server.commands) == 2
        assert feeds.count("/rss") >= 2
        assert address in (tmp_path / "seeds" / "feeds.toml").read_text()
        assert [refusal for refusal in server.refusals if "chat not found" not in refusal[2]] == []
