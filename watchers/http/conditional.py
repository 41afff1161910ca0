"""Defines ConditionalClient: the requests of all watchers, within the host limits and with the validators of the feed.

    FetchResponse   a body for the watcher to parse
    PollResult      the poll is complete: unchanged or failed

It does not parse bodies.
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
from watchers.http.client import ACCEPT_FEED, FetchError, FetchRequest, FetchResponse, NotModified, RedirectChain, fetch
from watchers.http.host_limits import HostLimiter, LargeBodySlot
from watchers.http.unpack import CutBodyError, UnpackedTooLargeError, unpack
from watchers.models.polling import FeedState, Limits, PollError, PollResult, ScheduleHints
from watchers.models.problem import Problem
from watchers.state.poll_schedule import header_hints

UNCONDITIONAL_EVERY_N_POLLS = 10
"""Every 10th poll is unconditional, because some servers answer 304 wrongly."""

LONGEST_VALIDATOR = 2_000
"""Characters. Most servers accept 8 KB of headers, some only 4 KB."""


AddressCheck = Callable[[str], Awaitable[PollError | None]]
"""Takes an address; returns the reason why it must not be requested, or None."""


class ConditionalClient:
    """Sends the requests of the watchers. All watchers share one, so that the limits apply to all of them together."""

    def __init__(self, session: aiohttp.ClientSession, limits: Limits, host_limiter: HostLimiter | None = None) -> None:
        """`session` comes from `client.open_session` with the same limits."""
        self.session = session
        self.limits = limits
        self.host_limiter = host_limiter or HostLimiter(overall=limits.concurrency, per_host=limits.per_host)
        self._timeout_seconds = limits.timeout.total_seconds()

    def large_body_slot(self) -> LargeBodySlot:
        """Returns a slot for the body of one poll. Use it in a `with` block that ends when the body is no longer needed."""
        return LargeBodySlot(self.host_limiter)

    async def fetch_feed(
        self,
        feed: Feed,
        state: FeedState,
        now: datetime,
        *,
        url: str = "",
        accept: str = ACCEPT_FEED,
        body_slot: LargeBodySlot | None = None,
        check_address: AddressCheck | None = None,
    ) -> FetchResponse | PollResult:
        """Requests the feed, or `url` instead, with the feed's validators. `body_slot` and `check_address`: see `get`."""
        address = state.adopted or url or feed.url
        if address.startswith("file:") and address == feed.url:
            return await self._read_file(address)
        conditional = state.polls % UNCONDITIONAL_EVERY_N_POLLS != UNCONDITIONAL_EVERY_N_POLLS - 1
        request = FetchRequest(address, state.etag if conditional else "", state.last_modified if conditional else "", accept)
        answer = await self.get(request, body_slot, check_address)
        if isinstance(answer, FetchError):
            return failed(answer, now)
        if isinstance(answer, NotModified):
            # An "unchanged" would count as a successful poll, and the baseline would be skipped.
            if not (request.etag or request.last_modified):
                return failed(FetchError("broken", Problem("unasked_304.known"), 304), now)
            return unchanged(answer, state, now)
        return answer

    async def get(
        self, request: FetchRequest, body_slot: LargeBodySlot | None = None, check_address: AddressCheck | None = None
    ) -> FetchResponse | NotModified | FetchError:
        """Sends one request within the host and overall limits. A redirect to another host waits for the limits of that host too.

        `body_slot` is acquired for a large body; it must not be held when `get` is called. `check_address` is called for every address,
        redirect targets included, and its error ends the request.
        """
        redirects = RedirectChain(request.url, self._timeout_seconds, body_slot, check_address is not None)
        while True:
            if check_address is not None and (refusal := await check_address(redirects.url)):
                return FetchError(refusal.kind, refusal.problem, refusal.status)
            async with self.host_limiter.slot_for_url(redirects.url):
                answer = await fetch(self.session, request, self.limits, redirects)
            if not isinstance(answer, RedirectChain):
                return answer

    async def _read_file(self, address: str) -> FetchResponse | PollResult:
        """Reads a file: address. Only the configuration can contain one: `address_rules.check_url` refuses it from chats and feeds."""
        path = Path(unquote(urlsplit(address).path))

        def read() -> bytes:
            with path.open("rb") as file:
                return unpack(file.read(self.limits.max_bytes + 1), self.limits.max_bytes)

        try:
            body = await asyncio.to_thread(read)
        except UnpackedTooLargeError as error:
            return PollResult("failed", error=PollError("too_large", error.problem))
        except CutBodyError as error:
            return PollResult("failed", error=PollError("broken", Problem("at", {"address": str(path), "problem": error.problem})))
        except OSError as error:
            reason = Problem("words", {"words": error.strerror.lower()}) if error.strerror else Problem("unreadable_file")
            return PollResult("failed", error=PollError("client", Problem("at", {"address": str(path), "problem": reason})))
        if len(body) > self.limits.max_bytes:
            return PollResult("failed", error=PollError("too_large", Problem("too_large", {"bytes": f"{self.limits.max_bytes:,}"})))
        return FetchResponse(address, body, {})


def hash_of(body: bytes) -> str:
    """Returns the hash by which a body is compared with the body of the last poll."""
    return new_hash(body).hexdigest()


def new_hash(body: bytes = b"") -> hashlib._Hash:
    """Returns the hash object behind `hash_of`, for a body that is read in parts."""
    return hashlib.sha1(body, usedforsecurity=False)  # the fastest choice; a publisher who forges a collision only hides his own items


def validator(answer: FetchResponse | NotModified, name: str) -> str:
    """Returns the response's ETag or Last-Modified unchanged, or "" if it must not be sent back.

    A validator with unprintable characters cannot be stored; servers refuse a request with one of several kilobytes.
    """
    value = answer.headers.get(name, "")
    return value if len(value) <= LONGEST_VALIDATOR and value.isprintable() else ""


def failed(error: FetchError, now: datetime) -> PollResult:
    """Converts a failed request to a poll result."""
    reason = PollError(error.kind, error.problem, error.status, permanent=error.kind == "gone")
    return PollResult("failed", error=reason, hints=header_hints(error.headers, now) if error.headers else ScheduleHints())


def unchanged(answer: NotModified, state: FeedState, now: datetime) -> PollResult:
    """Converts a 304 to a poll result with the validators and the body hash of `state`; a validator in the 304 replaces the old one."""
    return PollResult(
        "unchanged",
        etag=validator(answer, "ETag") or state.etag,
        last_modified=validator(answer, "Last-Modified") or state.last_modified,
        body_hash=state.body_hash,
        hints=header_hints(answer.headers, now),
        redirect=answer.permanent,
    )


def same_bytes(answer: FetchResponse, body_hash: str, now: datetime) -> PollResult:
    """Converts a 200 with the same bytes as last time to a poll result."""
    return PollResult(
        "unchanged",
        etag=validator(answer, "ETag"),
        last_modified=validator(answer, "Last-Modified"),
        body_hash=body_hash,
        hints=header_hints(answer.headers, now),
        redirect=answer.permanent,
        size=len(answer.body),
    )
