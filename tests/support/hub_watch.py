"""Defines Watch, the real bot with one feed that names a hub, a hub that keeps to the Recommendation, and a clock moved by hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from bot.config import Config
from bot.export.feed_rows import row_of
from bot.store.feeds import known_feeds
from bot.store.websub_subscriptions import SubscriptionRow, read_kept, subscribed
from seeds.feeds import Feed
from tests.support.bot_app import Bot, config_of, open_bot
from tests.support.clock import RunningClock
from tests.support.feed_server import FeedServer, feed_server, rss
from tests.support.hub import Hub, open_hub
from watchers.models.item import Item

PUBLIC = "https://bot.example"
NEWS = "Nvidia to build a data center in Hanoi with FPT"


@dataclass
class Watch:
    """A running bot with one feed and its hub."""

    bot: Bot
    hub: Hub
    feeds: FeedServer
    clock: RunningClock
    url: str
    topic: str

    def document(self, *titles: str) -> bytes:
        """The feed, listing these."""
        recent = format_datetime(self.clock.now() - timedelta(minutes=1))
        head = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="hub" href="{self.hub.url}"/>'
        head += f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" href="{self.topic}"/>'
        return rss(*({"title": title, "pubDate": recent} for title in titles), head=head)

    async def kept(self) -> list[SubscriptionRow]:
        """The subscriptions as they stand in the database."""
        return await self.bot.app.store.read(read_kept)

    async def one(self) -> SubscriptionRow:
        """The only one."""
        (kept,) = await self.kept()
        return kept

    async def tick(self) -> None:
        """What the job does every half minute."""
        assert self.bot.app.hubs is not None
        await self.bot.app.hubs.tick()

    async def shows(self, text: str, seconds: float = 2) -> float:
        """Waits until the chat shows it; how long that took."""
        begun = time.monotonic()
        async with asyncio.timeout(seconds):
            while not self.bot.shown(text):
                await asyncio.sleep(0.005)
        return time.monotonic() - begun


async def row_of_feed(watch: Watch) -> dict[str, Any]:
    """What `feeds list` tells of it."""
    store = watch.bot.app.store
    (known,), hubs = await store.read(known_feeds), await store.read(subscribed)
    return row_of(Feed(url=watch.url), known.state, watch.clock.now(), hub=hubs.get(watch.url))


def config(public: str = PUBLIC, **poll: object) -> Config:
    """With a public address, and a port of its own."""
    return config_of(web={"port": 0, "public_url": public}, poll=dict(poll))


@asynccontextmanager
async def watching(
    folder: Path, *, settings: Config | None = None, subscribe: bool = True, public: str = PUBLIC, topic: str = ""
) -> AsyncIterator[Watch]:
    """A bot that has looked once at its feed and, unless told not to, has subscribed at its hub. `topic`: its name there."""
    clock = RunningClock()
    async with feed_server() as feeds, open_hub() as hub:
        url = feeds.url("/feed")
        watch = Watch(None, hub, feeds, clock, url, topic or url)  # type: ignore[arg-type]
        feeds.play("/feed", watch.document("A quiet day at the lake"))
        async with open_bot(folder / "a.db", [url], config=settings or config(public=public), clock=clock) as watch.bot:
            app = watch.bot.app
            assert app.listener is not None
            await app.poll_once()
            stop = asyncio.Event()
            running = asyncio.create_task(app.run(stop))
            async with asyncio.timeout(5):
                while not app.listener.port:
                    await asyncio.sleep(0.005)
            hub.proxy[PUBLIC] = f"http://127.0.0.1:{app.listener.port}"
            # As a running bot does with the bundled documents: the first match of a process loads languages for a second or two.
            await app.matching.match([Item("warm", title=NEWS, text=NEWS)])
            try:
                if subscribe:
                    await watch.tick()
                    assert len(hub.subscribers) == 1
                yield watch
            finally:
                stop.set()
                await running
