"""Defines FeedWatcher: polls one RSS, Atom, RDF or JSON feed.

    host limits ─► fetch ─► 304 or same bytes? ─► unchanged
                     └─► parse (fast, else feedparser in a worker process) ─► items with their identity keys ─► PollResult

No database. `watchers.state` decides which items are new and when to poll again.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Protocol

import aiohttp

from seeds.feeds import Feed
from watchers.http.address_rules import MAX_URL
from watchers.http.client import FetchResponse
from watchers.http.conditional import ConditionalClient, hash_of, same_bytes, validator
from watchers.http.host_limits import HostLimiter
from watchers.models.polling import FeedState, Limits, PollError, PollResult
from watchers.models.problem import Problem
from watchers.parsing.normalize import ParsedFeed, normalize_feed
from watchers.parsing.parse import NotAFeedError, read_fast
from watchers.parsing.sandbox import ParseStoppedError
from watchers.state.identity import identities
from watchers.state.poll_schedule import header_hints, header_lines, join_hints

SMALL_BODY_BYTES = 64_000
"""A body of at most this size is parsed on the event loop, whatever it contains, because that takes milliseconds."""

CHEAP_BODY_BYTES = 300_000
CHEAP_BODY_MARKS = 12_000
"""A body of at most this size and with at most this number of "<" and "&" is also parsed on the event loop. Real feeds of that size have
fewer. Every other body is parsed in a worker process."""

MAX_FAST_ENTRIES = 500
"""A body with more entries is parsed in a worker process whatever its size: thousands of empty entries fit into a small body."""

_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_REL = re.compile(r"""[;\s]rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""", re.IGNORECASE)
"""RFC 8288, section 3: a link in angle brackets, followed by its relations, of which there can be several."""

FeedWithKeys = tuple[ParsedFeed, tuple[tuple[str, ...], ...]]
"""A feed and the identity keys of each of its items."""


class Parsers(Protocol):
    """Parses bodies that the fast path does not parse."""

    async def parse(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> FeedWithKeys:
        """Parses `body`. Raises NotAFeedError, or ParseStoppedError if a limit was reached."""
        ...


class FirstPassReader(Protocol):
    """Parses small bodies of first polls in another process, in parallel to the network work of this one."""

    async def read(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> FeedWithKeys | None:
        """Returns the result of the fast path; None if the caller has to parse the body itself."""
        ...


class FeedWatcher:
    """Polls feeds. One watcher serves the whole process, with many polls at a time."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        limits: Limits,
        parsers: Parsers,
        host_limiter: HostLimiter | None = None,
        first_pass_reader: FirstPassReader | None = None,
    ) -> None:
        """`host_limiter` is shared with the other watchers, so that the limits apply to all of them together."""
        self._client = ConditionalClient(session, limits, host_limiter)
        self._limits = limits
        self._parsers = parsers
        self._first_pass_reader = first_pass_reader

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """Polls `feed` once. A body with the same bytes as last time is "unchanged", like a 304."""
        with self._client.large_body_slot() as body_slot:
            answer = await self._client.fetch_feed(feed, state, now, body_slot=body_slot)
            if isinstance(answer, PollResult):
                return answer
            if (body_hash := hash_of(answer.body)) == state.body_hash:
                return same_bytes(answer, body_hash, now)
            return await self._read(feed, answer, now, body_hash, first=state.polls == 0)

    async def read(self, feed: Feed, answer: FetchResponse, now: datetime) -> PollResult:
        """Parses a body that was fetched, or pushed by a WebSub hub, to a poll result."""
        return await self._read(feed, answer, now, hash_of(answer.body))

    async def _read(self, feed: Feed, answer: FetchResponse, now: datetime, body_hash: str, *, first: bool = False) -> PollResult:
        try:
            parsed, keys = (first and await self._read_first_pass(feed, answer, now)) or await self._parse(feed, answer, now)
        except NotAFeedError as error:
            return PollResult("failed", error=PollError("not_a_feed", error.problem), size=len(answer.body))
        except ParseStoppedError as error:
            return PollResult("failed", error=PollError("hostile", error.problem), size=len(answer.body))
        return PollResult(
            "items",
            items=parsed.items,
            keys=keys,
            etag=validator(answer, "ETag"),
            last_modified=validator(answer, "Last-Modified"),
            body_hash=body_hash,
            title=parsed.title,
            lang=parsed.lang,
            hints=join_hints(header_hints(answer.headers, now), parsed.hints),
            redirect=answer.permanent,
            hub=parsed.hub or link_of(answer, "hub"),
            topic=parsed.topic or link_of(answer, "self"),
            size=len(answer.body),
            parser=parsed.parser,
            date_header=answer.headers.get("Date", ""),
            notes=parsed.notes,
        )

    async def _read_first_pass(self, feed: Feed, answer: FetchResponse, now: datetime) -> FeedWithKeys | None:
        if self._first_pass_reader is None or not is_cheap(answer.body):
            return None
        content_type = answer.headers.get("Content-Type", "")
        return await self._first_pass_reader.read(answer.body, feed=feed, content_type=content_type, base=answer.url, now=now)

    async def _parse(self, feed: Feed, answer: FetchResponse, now: datetime) -> FeedWithKeys:
        content_type = answer.headers.get("Content-Type", "")
        if not answer.body.strip():
            raise NotAFeedError(Problem("not_a_feed.empty"))
        if is_cheap(answer.body):
            limit = self._limits.max_items
            result = read_plain(answer.body, feed=feed, content_type=content_type, base=answer.url, now=now, max_items=limit)
            if result is not None:
                return result
        return await self._parsers.parse(answer.body, feed=feed, content_type=content_type, base=answer.url, now=now)


def read_plain(body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime, max_items: int) -> FeedWithKeys | None:
    """Runs the fast path: parses `body` and makes items with keys. None if the body needs feedparser or has too many entries."""
    document = read_fast(body, content_type, MAX_FAST_ENTRIES)
    if document is None:
        return None
    parsed = normalize_feed(document, feed=feed, base=base, now=now, max_items=max_items)
    return parsed, identities(parsed.items)


def is_cheap(body: bytes) -> bool:
    """Returns True if the fast path takes so little time on `body` that it may run on the event loop."""
    size = len(body)
    return size <= SMALL_BODY_BYTES or (size <= CHEAP_BODY_BYTES and body.count(b"<") + body.count(b"&") <= CHEAP_BODY_MARKS)


def link_of(answer: FetchResponse, rel: str) -> str:
    """Returns the address with relation `rel` ("hub", "self") from the Link headers, or "".

    A feed can declare its WebSub hub there instead of in the document (W3C WebSub, section 4).
    """
    for header in header_lines(answer.headers, "Link"):
        for target, parameters in _LINK.findall(header[:8_000]):
            if any(rel in (quoted or bare).lower().split() for quoted, bare in _REL.findall(parameters)):
                address = target.strip()
                return address if address.isprintable() and len(address) <= MAX_URL else ""
    return ""
