"""Defines the web view's HTTP side: which addresses there are, who may ask, and what every answer carries.

It listens on 127.0.0.1 alone, and answers only under a name of this machine: a page elsewhere whose name was made to point here (DNS
rebinding) gets 421. There is no script, no form that changes anything, and a policy that would let neither run. The database is read on
one thread with a connection that cannot write; a question that takes too long is broken off.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.clock import Clock
from bot.export.feed_rows import row_of
from bot.export.hits import export
from bot.export.records import search_record, story_record
from bot.store.daily_counts import daily_counts, items_by_event_type
from bot.store.feeds import known_feeds
from bot.store.search import count_found, search
from bot.store.websub_subscriptions import subscribed
from bot.stories.read import read_story
from bot.web import pages, queries

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOST = "127.0.0.1"
NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names under which this machine calls itself; with any port, so that a tunnel (ssh -L) works."""
SLOWEST = 5.0
"""Seconds that one page may read."""
RSS_REACH = timedelta(days=90)
FOUND = 50
LONGEST_QUERY = 300
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_FOLDER = Path(__file__).parent
log = structlog.get_logger()


class WebApp:
    """The pages of one database."""

    def __init__(self, store: Store, seeds: Seeds, clock: Clock, tz: str) -> None:
        """`store` is opened for reading only; it stays its owner's to close, after `close`. `tz`: the zone of all times and days."""
        self._store, self._seeds, self._clock, self._tz = store, seeds, clock, tz
        self._thread = ThreadPoolExecutor(1, "web-reader")

    def application(self) -> web.Application:
        """What is served."""
        app = web.Application(middlewares=[_guard], client_max_size=1024)
        ways: dict[str, Handler] = {
            "/": self._stories,
            "/stories.json": self._stories,
            r"/stories/{id:\d{1,15}}{form:(\.json)?}": self._story,
            "/entities": self._entities,
            r"/entities/{id:[a-z0-9-]{1,100}}{form:(\.json)?}": self._entity,
            "/search": self._search,
            "/search.json": self._search,
            "/feeds": self._feeds,
            "/feeds.json": self._feeds,
            "/hits.rss": self._rss,
            "/style.css": _file("style.css", "text/css"),
            "/icon.svg": _file("icon.svg", "image/svg+xml"),
        }
        for path, handler in ways.items():
            app.router.add_get(path, handler)
        return app

    def close(self) -> None:
        """Waits for what is being read."""
        self._thread.shutdown()

    async def _read(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """`fn(store, …)` on the reading thread; sqlite3.OperationalError "interrupted" when it takes too long."""

        def run() -> T:
            with self._store.time_limit(SLOWEST):
                return fn(self._store, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, run)

    def _looking(self) -> pages.PageContext:
        return pages.PageContext(self._seeds, self._tz, self._clock.now())

    async def _stories(self, request: web.Request) -> web.Response:
        asked = {name: _asked(request, name) for name in ("entity", "rule", "before")}
        if request.path.endswith(".json"):
            shelf = await self._read(queries.stories, self._seeds, **asked)
            return _json({"stories": [story_record(story) for story in shelf.stories], "older": shelf.older or None})

        def page(store: Store) -> str:
            return pages.stories_page(queries.stories(store, self._seeds, **asked), self._looking(), **asked)

        return _html(await self._read(page))

    async def _story(self, request: web.Request) -> web.Response:
        number = int(request.match_info["id"])
        story = await self._read(read_story, number, self._seeds)
        if story is None:
            raise web.HTTPNotFound
        if request.match_info["form"]:
            return _json(story_record(story))
        return _html(pages.story_page(story, self._looking()))

    async def _entities(self, _request: web.Request) -> web.Response:
        watched = [one for one, entity in self._seeds.entities.items() if entity.watched]
        counts = await self._read(daily_counts, watched, self._clock.now(), queries.DAYS, self._tz)
        return _html(pages.entities_page(counts, self._looking()))

    async def _entity(self, request: web.Request) -> web.Response:
        entity = self._seeds.entities.get(request.match_info["id"])
        if entity is None:
            raise web.HTTPNotFound
        now = self._clock.now()
        times = await self._read(queries.timeline, entity.id, now, self._tz)
        events = await self._read(items_by_event_type, entity.id, now - timedelta(days=365))
        shelf = await self._read(queries.stories, self._seeds, entity=entity.id)
        if request.match_info["form"]:
            return _json(
                {
                    "id": entity.id, "name": entity.name, "kind": entity.kind, "watched": entity.watched, "part_of": entity.part_of,
                    "days": [{"date": on.isoformat(), "items": n} for on, n in times.days],
                    "months": [{"month": f"{on:%Y-%m}", "items": n} for on, n in times.months],
                    "events": events, "stories": [story.id for story in shelf.stories],
                }
            )  # fmt: skip
        return _html(pages.entity_page(entity, times, list(events.items()), shelf, self._looking()))

    async def _search(self, request: web.Request) -> web.Response:
        query, entity, event = (_asked(request, name) for name in ("q", "entity", "event"))
        found, total = [], 0
        if query or entity or event:
            found = await self._read(search, query, entity=entity, event=event, limit=FOUND)
            total = await self._read(count_found, query, entity=entity, event=event)
        if request.path.endswith(".json"):
            return _json({"query": query, "found": total, "items": [search_record(result) for result in found]})
        return _html(pages.search_page(query, entity, event, found, total, self._looking()))

    async def _feeds(self, request: web.Request) -> web.Response:
        known, hubs = await self._read(lambda store: (known_feeds(store), subscribed(store)))
        states, now = {one.url: one.state for one in known}, self._clock.now()
        rows = [row_of(feed, states.get(feed.url), now, hub=hubs.get(feed.url)) for feed in self._seeds.feeds]
        return _json({"feeds": rows}) if request.path.endswith(".json") else _html(pages.feeds_page(rows, self._looking()))

    async def _rss(self, _request: web.Request) -> web.Response:
        now = self._clock.now()
        text = await self._read(lambda store: "".join(export(store, "rss", self._seeds, since=now - RSS_REACH, now=now)))
        return web.Response(body=text.encode("utf-8", "replace"), content_type="application/rss+xml", charset="utf-8")


@web.middleware
async def _guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Who may ask; what every answer carries, errors too; and no word of a library in any."""
    try:
        if _host_of(request) not in NAMES:
            answer: web.StreamResponse = _trouble(421, "Not here", "This page answers at http://127.0.0.1 and http://localhost alone.")
        else:
            answer = await handler(request)
    except web.HTTPNotFound:
        answer = _trouble(404, "Not found", "There is no such page, or what stood there was dropped since.")
    except web.HTTPException as error:
        answer = _trouble(error.status, error.reason, "That cannot be asked here.")
        if "Allow" in error.headers:
            answer.headers["Allow"] = error.headers["Allow"]
    except sqlite3.OperationalError as error:
        slow = "interrupted" in str(error)
        log.warning("page not read", path=request.path, error=str(error))
        answer = _trouble(503, "Not now", "That would take too long to read." if slow else "The database cannot be read at the moment.")
    except Exception:
        log.exception("page failed", path=request.path)
        answer = _trouble(500, "Failed", "This page failed unexpectedly; the log of `seedwatch serve` shows where.")
    answer.headers.update(HEADERS)
    return answer


def _host_of(request: web.Request) -> str:
    """The name under which the page was asked, without its port; "" for none or nonsense."""
    try:
        return (urlsplit(f"//{request.headers.get('Host', '')}").hostname or "").lower()
    except ValueError:
        return ""


def _asked(request: web.Request, name: str) -> str:
    return " ".join(request.query.get(name, "").split())[:LONGEST_QUERY].encode("utf-8", "replace").decode()


def _html(page: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=page, content_type="text/html", charset="utf-8")


def _trouble(status: int, title: str, said: str) -> web.Response:
    return _html(pages.error_page(title, said), status)


def _json(value: object) -> web.Response:
    text = json.dumps(value, ensure_ascii=False)
    return web.Response(body=text.encode("utf-8", "replace"), content_type="application/json", charset="utf-8")


def _file(name: str, kind: str) -> Handler:
    body = (_FOLDER / name).read_bytes()

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8")

    return answer
