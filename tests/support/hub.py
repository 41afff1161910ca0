"""Defines Hub: a WebSub hub on loopback that verifies, grants leases, signs and distributes, strictly by the Recommendation.

Callbacks are public addresses; `proxy` says where the bot behind one really listens, as a proxy does.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from tests.support.listening import listening


@dataclass
class Subscribed:
    """What the hub knows of one callback."""

    topic: str
    callback: str
    secret: str
    lease: int
    verified: int = 0


@dataclass
class Hub:
    """The hub. `asked` holds the forms as they came in; `granted` the lease in seconds that it grants (0: what was asked for)."""

    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    subscribers: dict[str, Subscribed] = field(default_factory=dict)
    proxy: dict[str, str] = field(default_factory=dict)
    granted: int = 0
    status: int = 202
    verifies: bool = True
    stumbles: bool = False
    """It verifies, and then fails to answer who asked."""
    http: aiohttp.ClientSession = field(init=False)

    async def _take(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.asked.append(form)
        if self.status >= 300:
            return web.Response(status=self.status, text="not today")
        assert request.content_type == "application/x-www-form-urlencoded"
        if self.verifies:  # before the answer: the earliest moment at which a hub may
            await self.verify(form)
        return web.Response(status=500 if self.stumbles else self.status)

    async def verify(self, form: Mapping[str, str]) -> int:
        """Asks the callback whether it wants this; remembers or forgets it when it says yes. Gives the status."""
        lease = self.granted or int(form.get("hub.lease_seconds", "0"))
        challenge = secrets.token_urlsafe(16)
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": challenge}
        if form["hub.mode"] == "subscribe":
            query["hub.lease_seconds"] = str(lease)
        status, said = await self.get(form["hub.callback"], query)
        if status != 200 or said != challenge:
            return status
        if form["hub.mode"] == "unsubscribe":
            self.subscribers.pop(form["hub.callback"], None)
        else:
            known = self.subscribers.get(form["hub.callback"])
            count = known.verified if known else 0
            self.subscribers[form["hub.callback"]] = Subscribed(
                form["hub.topic"], form["hub.callback"], form["hub.secret"], lease, count + 1
            )
        return status

    async def deny(self, topic: str, reason: str = "full") -> int:
        """Tells the latest who asked for the topic that nothing will come of it."""
        form = next(one for one in reversed(self.asked) if one["hub.topic"] == topic)
        status, _ = await self.get(form["hub.callback"], {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason})
        return status

    async def distribute(self, topic: str, body: bytes, *, secret: str = "", method: str = "sha256", sign: bool = True) -> list[int]:
        """Brings the document to everybody who subscribed to the topic; gives their answers."""
        return [
            await self.post(
                subscriber.callback,
                body,
                hmac.new((secret or subscriber.secret).encode(), body, method).hexdigest() if sign else "",
                method,
            )
            for subscriber in list(self.subscribers.values())
            if subscriber.topic == topic
        ]

    async def post(self, callback: str, body: bytes, signature: str, method: str = "sha256", **more: str) -> int:
        """One call with content."""
        headers = {"Content-Type": "application/rss+xml", **more}
        if signature:
            headers["X-Hub-Signature"] = f"{method}={signature}"
        async with self.http.post(self._behind(callback), data=body, headers=headers) as answer:
            return answer.status

    async def get(self, callback: str, query: Mapping[str, str]) -> tuple[int, str]:
        """One call without content."""
        async with self.http.get(self._behind(callback), params=dict(query)) as answer:
            return answer.status, await answer.text()

    def _behind(self, url: str) -> str:
        parts = urlsplit(url)
        public = f"{parts.scheme}://{parts.netloc}"
        return self.proxy.get(public, public) + url.removeprefix(public)


@asynccontextmanager
async def open_hub() -> AsyncIterator[Hub]:
    """A running hub, stopped at the end."""
    hub = Hub()
    app = web.Application()
    app.router.add_post("/", hub._take)
    async with listening(app) as base, aiohttp.ClientSession() as hub.http:
        hub.url = f"{base}/"
        yield hub
