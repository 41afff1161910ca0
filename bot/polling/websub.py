"""Defines WebSubSubscriber: has the hubs that feeds name bring their news (WebSub), while the bot runs and can be reached at `[web]
public_url`.

    feeds with a hub ─► plan ─► ask the hub ─► it verifies at our callback ─► it brings content there, signed
                                                                                └─► parsed like a look ─► Poller.bring ─► alerts

What a subscription becomes is decided by `watchers.state.websub`, what items mean by the poller. Polling goes on, slower, for what hubs
lose.
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
"""Hubs asked in one tick: ten thousand feeds that name one hub are spread over hours."""
BODIES = 4
"""Contents that are read and parsed at once, each up to `poll.max_bytes`, and one of a callback: what comes meanwhile waits at the socket.
Any feed may name a hub of its own, and one that sends slowly on many connections would hold up the others."""
WAITING = 8
"""Calls at one callback, above which a hub is told to come again."""
PATH = "/websub/"
log = structlog.get_logger()


class HubClient(Protocol):
    """Who posts to hubs."""

    async def ask(self, hub: str, form: Mapping[str, str]) -> str:
        """Gives "" when the hub accepted, else why not."""
        ...


class DocumentParser(Protocol):
    """Who reads documents."""

    async def read(self, feed: Feed, answer: FetchResponse, now: datetime) -> PollResult:
        """The look that a body makes; expected trouble is in `PollResult.error`."""
        ...


@dataclass(frozen=True, slots=True)
class WebSubDependencies:
    """What Hubs work with."""

    store: StoreThread
    clock: Clock
    caller: HubClient
    reader: DocumentParser
    limits: Limits
    feed_of: Callable[[str], Feed | None]
    """The feed that is polled at that address."""
    bring: Callable[[str, PollResult], Awaitable[object]]
    """Takes what a hub brought for that address; returns when it is written."""


@dataclass(frozen=True, slots=True)
class WebSubPlan:
    """What a tick does: callbacks to leave, callbacks to forget, feeds to subscribe to, callbacks whose hub is asked now."""

    leave: tuple[str, ...] = ()
    forget: tuple[str, ...] = ()
    add: tuple[FeedWithHub, ...] = ()
    ask: tuple[str, ...] = ()


def plan(kept: Sequence[SubscriptionRow], wanted: Sequence[FeedWithHub], now: datetime) -> WebSubPlan:
    """Pure: what stands, what the feeds say, and the moment in. A hub is left only where it once verified; else its call gets 404."""
    want = {hub.feed: hub for hub in wanted}
    leave: list[str] = []
    dropped: list[str] = []
    ask: list[str] = []
    served: set[int] = set()
    for one in kept:
        subscription = one.subscription
        named = want.get(one.feed)
        # Asked later than now: by a clock that was ahead.
        due = subscription.next_at is None or subscription.next_at <= now or subscription.asked_at > now
        if subscription.state == "leaving":
            if due:
                (dropped if subscription.tries >= LEAVING_TRIES else ask).append(one.token)
        elif named is None or (named.hub, named.topic) != (subscription.hub, subscription.topic):
            (leave if subscription.brings(now) else dropped).append(one.token)
        else:
            served.add(one.feed)
            if due:
                ask.append(one.token)
    return WebSubPlan(tuple(leave), tuple(dropped), tuple(hub for hub in wanted if hub.feed not in served), tuple(ask))


class WebSubSubscriber:
    """Subscribes and listens. `tick` is for a job; `start` comes before it."""

    def __init__(self, public_url: str, listener: CallbackServer, parts: WebSubDependencies) -> None:
        self._base = public_url.rstrip("/") + PATH
        self._path = urlsplit(self._base).path
        self._listener = listener
        self._parts = parts
        self._bodies = HostLimiter(overall=BODIES, per_host=1)

    async def start(self) -> None:
        """Answers callbacks from now on. Subscriptions of an older `public_url` are forgotten: their callbacks lead nowhere."""
        await self._parts.store.write(_forget_elsewhere, self._base)
        self._listener.add_route(self._path, self._answer)

    async def tick(self) -> None:
        """Asks the hubs that are due: new ones, renewals, farewells."""
        store, now = self._parts.store, self._parts.clock.now()
        tokens = await store.write(_prepare, self._base, now)
        await asyncio.gather(*(self._ask(token) for token in tokens))

    async def _ask(self, token: str) -> None:
        store, now = self._parts.store, self._parts.clock.now()
        asked = await store.write(change, token, lambda subscription: asking(subscription, now))
        if asked is None:
            return
        error = await self._parts.caller.ask(asked.hub, request_form(asked))
        if error:
            log.warning("hub not asked", hub=asked.hub, topic=asked.topic, mode=asked.mode, error=error)
            # Confirmed meanwhile (tries are 0 again): then the error was only about the answer.
            await store.write(
                change,
                token,
                lambda subscription: replace(subscription, error=error) if subscription.tries == asked.tries else subscription,
            )

    async def _answer(self, request: web.Request) -> web.Response:
        """A call at a callback: nobody who does not know its token gets further than here."""
        from aiohttp import web

        token = request.rel_url.raw_path.rpartition("/")[2]
        kept = await self._parts.store.read(read_kept, token) if token else []
        if not kept:
            return web.Response(status=404)
        if request.method == "GET":
            return await self._verified(kept[0], request.query)
        if request.method == "POST":
            return await self._brought(kept[0], request)
        return web.Response(status=405, headers={"Allow": "GET, POST"})

    async def _verified(self, kept: SubscriptionRow, query: Mapping[str, str]) -> web.Response:
        from aiohttp import web

        store, now, subscription = self._parts.store, self._parts.clock.now(), kept.subscription
        reason = denied(query, subscription)
        if reason is not None:
            await store.write(change, kept.token, lambda one: refused(one, f"denied: {reason}", now))
            log.warning("subscription denied", feed=kept.url, hub=subscription.hub, reason=reason)
            return web.Response()
        challenge = verify(query, subscription)
        if challenge is None:
            log.warning(
                "verification refused", feed=kept.url, mode=readable(query.get("hub.mode", "")), topic=readable(query.get("hub.topic", ""))
            )
            return web.Response(status=404)
        if subscription.state == "leaving":
            await store.write(forget, [kept.token])
            log.info("unsubscribed", feed=kept.url, hub=subscription.hub)
        else:
            after = await store.write(change, kept.token, lambda one: confirmed(one, query, now) if verify(query, one) else one)
            log.info("subscribed", feed=kept.url, hub=subscription.hub, until=after.until if after else None)
        return web.Response(text=challenge, headers={"X-Content-Type-Options": "nosniff"})

    async def _brought(self, kept: SubscriptionRow, request: web.Request) -> web.Response:
        """Content. What is not signed as it must be is dropped and answered like what is: nobody learns a signature here (section 7.1)."""
        from aiohttp import web

        subscription, parts = kept.subscription, self._parts
        feed = parts.feed_of(kept.url)
        if feed is None or subscription.state == "leaving":
            return web.Response(status=410)  # the hub may forget us
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return web.Response(status=415)
        if self._bodies.users_of(kept.token) >= WAITING:
            return web.Response(status=503, headers={"Retry-After": "60"})
        async with self._bodies.slot_for_key(kept.token):
            body = await read_body(request, parts.limits.max_bytes)
            if body is None:
                log.warning("content dropped", feed=kept.url, why=f"more than {parts.limits.max_bytes:,} bytes")
                return web.Response(status=413)
            if not is_signed(request.headers.get("X-Hub-Signature", ""), subscription.secret, body):
                log.warning("content dropped", feed=kept.url, why="its signature is wrong or missing")
                return web.Response(status=202)
            return web.Response(status=await self._take(kept, feed, FetchResponse(subscription.topic, body, _said_of(request))))

    async def _take(self, kept: SubscriptionRow, feed: Feed, content: FetchResponse) -> int:
        """The status to answer: content that nobody can read is taken, and a poll will see; what was not written shall come again."""
        parts = self._parts
        try:
            look = await parts.reader.read(feed, content, parts.clock.now())
            if look.error is not None:
                log.warning("content dropped", feed=kept.url, why=look.error.message)
                return 202
            await parts.bring(kept.url, look)
            await parts.store.write(note_brought, kept.token, parts.clock.now())
        except Exception as error:  # a full disk as well as a bug: the hub repeats it, and the next poll finds it
            log.error("content not written", feed=kept.url, error=f"{type(error).__name__}: {error}")
            log.debug("content not written", exc_info=True)
            return 500
        return 202


def _said_of(request: web.Request) -> dict[str, str]:
    """Of the headers only what tells how to read the document: the others are the hub's, not the feed's."""
    return {name: request.headers[name] for name in ("Content-Type",) if name in request.headers}


def _prepare(store: Store, base: str, now: datetime) -> tuple[str, ...]:
    """Writes what the plan changes; gives the tokens whose hub is to be asked."""
    doing = plan(read_kept(store), [whole for hub in feeds_with_hub(store) if (whole := _whole(hub))], now)
    for token in doing.leave:
        change(store, token, lambda subscription: leaving(subscription, now))
    forget(store, doing.forget)
    added = []
    for hub in doing.add[: max(0, AT_ONCE - len(doing.ask))]:
        token = secrets.token_urlsafe(24)
        add(store, token, hub.feed, Subscription(hub.hub, hub.topic, base + token, secrets.token_urlsafe(32), now))
        added.append(token)
    return (*doing.leave, *doing.ask, *added)[:AT_ONCE]


def _whole(hub: FeedWithHub) -> FeedWithHub | None:
    """With whole addresses: feeds write them relative to themselves, or leave their own out. None: what it names is no address."""
    try:
        return replace(hub, hub=urljoin(hub.url, hub.hub), topic=urljoin(hub.url, hub.topic))
    except ValueError:  # "http://[": one feed's nonsense keeps no other from its hub
        return None


def _forget_elsewhere(store: Store, base: str) -> None:
    forget(store, [subscription.token for subscription in read_kept(store) if not subscription.subscription.callback.startswith(base)])
