"""Defines WebSubSubscriber, which subscribes to the hubs that feeds name (WebSub), so that they push new items.

    feeds with a hub ─► plan ─► request to the hub ─► it verifies at our callback ─► it pushes signed content
                                                                                └─► parsed like a poll ─► Poller.ingest_pushed ─► alerts

Runs while the bot runs and if the bot is reachable at `[web] public_url`. `watchers.state.websub` decides about subscriptions, the poller
about items. The feeds are still polled, at longer intervals, in case a hub loses content.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urljoin, urlsplit

import structlog

from bot.clock import Clock
from bot.http_server import CallbackServer, read_body
from bot.store import Store, StoreThread
from bot.store.websub_subscriptions import FeedWithHub, SubscriptionRow, add, change, feeds_with_hub, forget, note_brought, read_kept
from seeds.feeds import Feed
from watchers.http.client import FetchResponse
from watchers.http.host_limits import HostLimiter
from watchers.models.polling import Limits, PollResult
from watchers.state.websub import (
    LEAVING_TRIES,
    Subscription,
    asking,
    confirmed,
    denied,
    is_signed,
    leaving,
    readable,
    refused,
    request_form,
    verify,
)

if TYPE_CHECKING:
    from aiohttp import web

AT_ONCE = 20
"""Hub requests per tick: subscribing many feeds of one hub is spread over hours."""
BODIES = 4
"""Pushed bodies that are read and parsed at once, each up to `poll.max_bytes`, and one per callback. Further requests wait at the socket.
Any feed may name its own hub, and a hub that sends slowly on many connections must not block the others."""
WAITING = 8
"""Waiting requests per callback above which a hub is asked to retry later."""
PATH = "/websub/"
log = structlog.get_logger()


class HubClient(Protocol):
    """Sends requests to hubs."""

    async def ask(self, hub: str, form: Mapping[str, str]) -> str:
        """Returns "" if the hub accepted, else the error."""
        ...


class DocumentParser(Protocol):
    """Parses feed documents."""

    async def read(self, feed: Feed, answer: FetchResponse, now: datetime) -> PollResult:
        """Returns the poll result of a body; expected errors are in `PollResult.error`."""
        ...


@dataclass(frozen=True, slots=True)
class WebSubDependencies:
    """The objects WebSubSubscriber works with."""

    store: StoreThread
    clock: Clock
    caller: HubClient
    reader: DocumentParser
    limits: Limits
    feed_at: Callable[[str], Feed | None]
    """Returns the feed that is polled at this address."""
    ingest: Callable[[str, PollResult], Awaitable[object]]
    """Ingests content pushed for this address; returns when it is written."""


@dataclass(frozen=True, slots=True)
class WebSubPlan:
    """The actions of a tick: tokens to unsubscribe, tokens to delete, feeds to subscribe, tokens whose hub gets a request now."""

    leave: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()
    add: tuple[FeedWithHub, ...] = ()
    ask: tuple[str, ...] = ()


def plan(rows: Sequence[SubscriptionRow], wanted: Sequence[FeedWithHub], now: datetime) -> WebSubPlan:
    """Pure: the stored subscriptions, the feeds with hubs and the time go in. Only verified subscriptions are cancelled at the hub; others
    are deleted, so their callback answers 404."""
    wanted_by_feed = {hub.feed: hub for hub in wanted}
    leave: list[str] = []
    forget: list[str] = []
    ask: list[str] = []
    subscribed: set[int] = set()
    for row in rows:
        subscription = row.subscription
        hub = wanted_by_feed.get(row.feed)
        # `asked_at` in the future: the clock was ahead when it was written.
        due = subscription.next_at is None or subscription.next_at <= now or subscription.asked_at > now
        if subscription.state == "leaving":
            if due:
                (forget if subscription.tries >= LEAVING_TRIES else ask).append(row.token)
        elif hub is None or (hub.hub, hub.topic) != (subscription.hub, subscription.topic):
            (leave if subscription.is_active(now) else forget).append(row.token)
        else:
            subscribed.add(row.feed)
            if due:
                ask.append(row.token)
    return WebSubPlan(tuple(leave), tuple(forget), tuple(hub for hub in wanted if hub.feed not in subscribed), tuple(ask))


class WebSubSubscriber:
    """Subscribes and answers callbacks. Call `start` once, then `tick` from a periodic job."""

    def __init__(self, public_url: str, listener: CallbackServer, deps: WebSubDependencies) -> None:
        self._base = public_url.rstrip("/") + PATH
        self._path = urlsplit(self._base).path
        self._listener = listener
        self._deps = deps
        self._bodies = HostLimiter(overall=BODIES, per_host=1)

    async def start(self) -> None:
        """Starts to answer callbacks. Deletes subscriptions of an earlier `public_url`, whose callbacks no longer reach us."""
        await self._deps.store.write(_forget_other_callbacks, self._base)
        self._listener.add_route(self._path, self._handle_callback)

    async def tick(self) -> None:
        """Sends the requests that are due: new subscriptions, renewals and cancellations."""
        store, now = self._deps.store, self._deps.clock.now()
        tokens = await store.write(_prepare, self._base, now)
        await asyncio.gather(*(self._ask(token) for token in tokens))

    async def _ask(self, token: str) -> None:
        store, now = self._deps.store, self._deps.clock.now()
        asked = await store.write(change, token, lambda subscription: asking(subscription, now))
        if asked is None:
            return
        error = await self._deps.caller.ask(asked.hub, request_form(asked))
        if error:
            log.warning("hub not asked", hub=asked.hub, topic=asked.topic, mode=asked.mode, error=error)
            # If the hub confirmed in between (tries are 0 again), only its answer was lost: the error is not stored.
            await store.write(
                change,
                token,
                lambda subscription: replace(subscription, error=error) if subscription.tries == asked.tries else subscription,
            )

    async def _handle_callback(self, request: web.Request) -> web.Response:
        """Handles a request to a callback. Without a valid token the answer is 404."""
        from aiohttp import web

        token = request.rel_url.raw_path.rpartition("/")[2]
        rows = await self._deps.store.read(read_kept, token) if token else []
        if not rows:
            return web.Response(status=404)
        if request.method == "GET":
            return await self._verify(rows[0], request.query)
        if request.method == "POST":
            return await self._receive_content(rows[0], request)
        return web.Response(status=405, headers={"Allow": "GET, POST"})

    async def _verify(self, row: SubscriptionRow, query: Mapping[str, str]) -> web.Response:
        from aiohttp import web

        store, now, subscription = self._deps.store, self._deps.clock.now(), row.subscription
        reason = denied(query, subscription)
        if reason is not None:
            await store.write(change, row.token, lambda stored: refused(stored, f"denied: {reason}", now))
            log.warning("subscription denied", feed=row.url, hub=subscription.hub, reason=reason)
            return web.Response()
        challenge = verify(query, subscription)
        if challenge is None:
            log.warning(
                "verification refused", feed=row.url, mode=readable(query.get("hub.mode", "")), topic=readable(query.get("hub.topic", ""))
            )
            return web.Response(status=404)
        if subscription.state == "leaving":
            await store.write(forget, [row.token])
            log.info("unsubscribed", feed=row.url, hub=subscription.hub)
        else:
            updated = await store.write(
                change, row.token, lambda stored: confirmed(stored, query, now) if verify(query, stored) else stored
            )
            log.info("subscribed", feed=row.url, hub=subscription.hub, until=updated.until if updated else None)
        return web.Response(text=challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def _receive_content(self, row: SubscriptionRow, request: web.Request) -> web.Response:
        """Handles pushed content. Content with a bad signature is dropped but answered like valid content, so that callers cannot probe
        signatures (WebSub §7.1)."""
        from aiohttp import web

        subscription, deps = row.subscription, self._deps
        feed = deps.feed_at(row.url)
        if feed is None or subscription.state == "leaving":
            return web.Response(status=410)  # tells the hub to end the subscription
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return web.Response(status=415)
        if self._bodies.users_of(row.token) >= WAITING:
            return web.Response(status=503, headers={"Retry-After": "60"})
        async with self._bodies.slot_for_key(row.token):
            body = await read_body(request, deps.limits.max_bytes)
            if body is None:
                log.warning("content dropped", feed=row.url, why=f"more than {deps.limits.max_bytes:,} bytes")
                return web.Response(status=413)
            if not is_signed(request.headers.get("X-Hub-Signature", ""), subscription.secret, body):
                log.warning("content dropped", feed=row.url, why="its signature is wrong or missing")
                return web.Response(status=202)
            return web.Response(
                status=await self._ingest_content(row, feed, FetchResponse(subscription.topic, body, _content_headers(request)))
            )

    async def _ingest_content(self, row: SubscriptionRow, feed: Feed, content: FetchResponse) -> int:
        """Returns the HTTP status: 202 also for content that cannot be parsed, since the next poll finds the items; 500 for content that
        was not written, so that the hub retries."""
        deps = self._deps
        try:
            poll = await deps.reader.read(feed, content, deps.clock.now())
            if poll.error is not None:
                log.warning("content dropped", feed=row.url, why=str(poll.error.problem))
                return 202
            await deps.ingest(row.url, poll)
            await deps.store.write(note_brought, row.token, deps.clock.now())
        except Exception as error:  # a full disk or a bug: the hub retries, and the next poll finds the items, too
            log.error("content not written", feed=row.url, error=f"{type(error).__name__}: {error}")
            log.debug("content not written", exc_info=True)
            return 500
        return 202


def _content_headers(request: web.Request) -> dict[str, str]:
    """Keeps only the headers needed to parse the document; the others describe the hub's request, not the feed."""
    return {name: request.headers[name] for name in ("Content-Type",) if name in request.headers}


def _prepare(store: Store, base: str, now: datetime) -> tuple[str, ...]:
    """Writes the changes of the plan; returns the tokens whose hub gets a request now."""
    actions = plan(read_kept(store), [resolved for hub in feeds_with_hub(store) if (resolved := _resolve_addresses(hub))], now)
    for token in actions.leave:
        change(store, token, lambda subscription: leaving(subscription, now))
    forget(store, actions.forget)
    added = []
    for hub in actions.add[: max(0, AT_ONCE - len(actions.ask))]:
        token = secrets.token_urlsafe(24)
        add(store, token, hub.feed, Subscription(hub.hub, hub.topic, base + token, secrets.token_urlsafe(32), now))
        added.append(token)
    return (*actions.leave, *actions.ask, *added)[:AT_ONCE]


def _resolve_addresses(hub: FeedWithHub) -> FeedWithHub | None:
    """Makes the hub and topic addresses absolute: feeds may give them relative to the feed, or omit the topic. None if one is invalid."""
    try:
        return replace(hub, hub=urljoin(hub.url, hub.hub), topic=urljoin(hub.url, hub.topic))
    except ValueError:  # such as "http://["
        return None


def _forget_other_callbacks(store: Store, base: str) -> None:
    forget(store, [row.token for row in read_kept(store) if not row.subscription.callback.startswith(base)])
