"""Defines ConditionalClient, what every watcher does the same way: pass the host gate, ask with the right validators, tell what came.

    Fetched   a body to be read                   Look   the visit is over already: unchanged, or failed

What the body means is the watchers' business.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

from seeds.feeds import Feed
from watchers.http.client import ACCEPT_FEED, Fetched, FetchError, FetchRequest, NotModified, RedirectChain, fetch
from watchers.http.host_limits import HostLimiter, LargeBodySlot
from watchers.http.unpack import CutBodyError, UnpackedTooLargeError, unpack
from watchers.models.polling import FeedState, Limits, PollError, PollResult, ScheduleHints
from watchers.state.poll_schedule import header_hints

UNCONDITIONAL_EVERY_N_POLLS = 10
"""Every so many polls validators are left out, because servers lie about them."""

LONGEST_VALIDATOR = 2_000
"""Characters. Servers take 8 KB of headers, some 4."""


May = Callable[[str], Awaitable[PollError | None]]
"""Why an address may not be asked; None when it may."""


class ConditionalClient:
    """Asks sources politely. Shared by all watchers, so that the limits hold over all of them."""

    def __init__(self, session: aiohttp.ClientSession, limits: Limits, gate: HostLimiter | None = None) -> None:
        """`session` comes from `fetch.open_session` with the same limits."""
        self.session = session
        self.limits = limits
        self.gate = gate or HostLimiter(overall=limits.concurrency, per_host=limits.per_host)
        self._seconds = limits.timeout.total_seconds()

    def turn(self) -> LargeBodySlot:
        """A look's place among those that hold a large body; to be used in a `with` around all that holds it."""
        return LargeBodySlot(self.gate)

    async def ask(
        self,
        feed: Feed,
        state: FeedState,
        now: datetime,
        *,
        url: str = "",
        accept: str = ACCEPT_FEED,
        turn: LargeBodySlot | None = None,
        may: May | None = None,
    ) -> Fetched | PollResult:
        """Asks for the feed, or for `url` in its place, with its validators. `turn` and `may`: as in `get`."""
        address = state.adopted or url or feed.url
        if address.startswith("file:") and address == feed.url:
            return await self._read_file(address)
        trusting = state.polls % UNCONDITIONAL_EVERY_N_POLLS != UNCONDITIONAL_EVERY_N_POLLS - 1
        request = FetchRequest(address, state.etag if trusting else "", state.last_modified if trusting else "", accept)
        answer = await self.get(request, turn, may)
        if isinstance(answer, FetchError):
            return failed(answer, now)
        if isinstance(answer, NotModified):
            if not (request.etag or request.last_modified):  # taken for an answer, it would stand for a baseline that nobody has seen
                return failed(FetchError("broken", "304 Not Modified, though nothing was said of what is known", 304), now)
            return unchanged(answer, state, now)
        return answer

    async def get(
        self, request: FetchRequest, turn: LargeBodySlot | None = None, may: May | None = None
    ) -> Fetched | NotModified | FetchError:
        """One request as it is, within the host and overall limits; a redirect to another host passes that one's limits too.

        `turn` is taken for a large body; until `get` returns it must not have been. Before each address is asked, those of redirects too,
        `may` says why it may not be.
        """
        way = RedirectChain(request.url, self._seconds, turn, may is not None)
        while True:
            if may is not None and (refusal := await may(way.url)):
                return FetchError(refusal.kind, refusal.message, refusal.status)
            async with self.gate.passing(way.url):
                answer = await fetch(self.session, request, self.limits, way)
            if not isinstance(answer, RedirectChain):
                return answer

    async def _read_file(self, address: str) -> Fetched | PollResult:
        """A file: address stands in the configuration alone: chats and feeds are refused it by `address.check_url`."""
        path = Path(unquote(urlsplit(address).path))

        def read() -> bytes:
            with path.open("rb") as file:
                return unpack(file.read(self.limits.max_bytes + 1), self.limits.max_bytes)

        try:
            body = await asyncio.to_thread(read)
        except UnpackedTooLargeError as error:
            return PollResult("failed", error=PollError("too_large", str(error)))
        except CutBodyError as error:
            return PollResult("failed", error=PollError("broken", f"{path}: {error}"))
        except OSError as error:
            return PollResult("failed", error=PollError("client", f"{path}: {(error.strerror or 'cannot be read').lower()}"))
        if len(body) > self.limits.max_bytes:
            return PollResult("failed", error=PollError("too_large", f"more than {self.limits.max_bytes:,} bytes"))
        return Fetched(address, body, {})


def hash_of(body: bytes) -> str:
    """The hash by which two bodies are the same."""
    return new_hash(body).hexdigest()


def new_hash(body: bytes = b"") -> hashlib._Hash:
    """The same for a body that comes in parts."""
    return hashlib.sha1(body, usedforsecurity=False)  # twice as fast as the next; who forges his own feed's fools nobody else


def validator(answer: Fetched | NotModified, name: str) -> str:
    """The answer's ETag or Last-Modified exactly as given, or "" where none can be given back.

    One that is no text cannot be kept; one of kilobytes makes servers refuse the next request.
    """
    value = answer.headers.get(name, "")
    return value if len(value) <= LONGEST_VALIDATOR and value.isprintable() else ""


def failed(error: FetchError, now: datetime) -> PollResult:
    """The look that a failed fetch makes."""
    reason = PollError(error.kind, error.message, error.status, permanent=error.kind == "gone")
    return PollResult("failed", error=reason, hints=header_hints(error.headers, now) if error.headers else ScheduleHints())


def unchanged(answer: NotModified, state: FeedState, now: datetime) -> PollResult:
    """The look that a 304 makes: what was remembered still holds; a newer validator in the 304 takes its place."""
    return PollResult(
        "unchanged",
        etag=validator(answer, "ETag") or state.etag,
        last_modified=validator(answer, "Last-Modified") or state.last_modified,
        body_hash=state.body_hash,
        hints=header_hints(answer.headers, now),
        redirect=answer.permanent,
    )


def same_bytes(answer: Fetched, body_hash: str, now: datetime) -> PollResult:
    """The look that a 200 with the bytes of last time makes."""
    return PollResult(
        "unchanged",
        etag=validator(answer, "ETag"),
        last_modified=validator(answer, "Last-Modified"),
        body_hash=body_hash,
        hints=header_hints(answer.headers, now),
        redirect=answer.permanent,
        size=len(answer.body),
    )
