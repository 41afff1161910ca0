"""Defines FeedWatcher: one look at one feed.

    host gate ─► fetch ─► 304 or same bytes? ─► unchanged
                   └─► parse (fast, else feedparser in a worker process) ─► items with their keys ─► Look

No database; what is new and when to look again is decided by others.
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
"""Bytes up to which the fast path runs on the loop whatever they are: 20 ms for the worst that could be thought of, 3 as a rule."""

SMALL = 300_000
MARKS = 12_000
"""Bytes and marks of markup ("<" and "&") up to which it still does: 25 ms for the worst, 8 as a rule. The most that a real feed of that
size was seen to have is 10,164. The rest is read in a worker process."""

CROWDED_HOST = 500
"""Entries above which a small body is read there, too: 300 KB of empty ones took 1.7 seconds."""

_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_REL = re.compile(r"""[;\s]rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""", re.IGNORECASE)
"""RFC 8288, 3: each link in angle brackets, its relations, of which there may be several, behind it."""

Read = tuple[ParsedFeed, tuple[tuple[str, ...], ...]]
"""A feed and the keys of its items."""


class Parsers(Protocol):
    """Where bodies that are not proven cheap are parsed."""

    async def parse(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> Read:
        """Raises NotAFeedError, or ParseStoppedError when the limits were reached."""
        ...


class FirstPassReader(Protocol):
    """Another process that reads plain bodies of first looks: much at once, while this one waits for the network."""

    async def read(self, body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime) -> Read | None:
        """What the fast path gives; None where it has to be read here."""
        ...


class FeedWatcher:
    """Looks at RSS, Atom, RDF and JSON feeds. One for the whole process; looks run side by side."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        limits: Limits,
        parsers: Parsers,
        gate: HostLimiter | None = None,
        beside: FirstPassReader | None = None,
    ) -> None:
        """`gate` is shared with watchers of other kinds, so that the limits hold over all of them. `beside` is optional help."""
        self._client = ConditionalClient(session, limits, gate)
        self._limits = limits
        self._parsers = parsers
        self._beside = beside

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """Visits `feed` once. A good answer with the same bytes as last time is "unchanged", like a 304."""
        with self._client.large_body_slot() as body_slot:
            answer = await self._client.fetch_feed(feed, state, now, body_slot=body_slot)
            if isinstance(answer, PollResult):
                return answer
            if (body_hash := hash_of(answer.body)) == state.body_hash:
                return same_bytes(answer, body_hash, now)
            return await self._read(feed, answer, now, body_hash, first=state.polls == 0)

    async def read(self, feed: Feed, answer: FetchResponse, now: datetime) -> PollResult:
        """The look that a body makes, however it arrived: asked for, or pushed by a WebSub hub."""
        return await self._read(feed, answer, now, hash_of(answer.body))

    async def _read(self, feed: Feed, answer: FetchResponse, now: datetime, body_hash: str, *, first: bool = False) -> PollResult:
        try:
            parsed, keys = (first and await self._read_beside(feed, answer, now)) or await self._parse(feed, answer, now)
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

    async def _read_beside(self, feed: Feed, answer: FetchResponse, now: datetime) -> Read | None:
        if self._beside is None or not is_cheap(answer.body):
            return None
        content_type = answer.headers.get("Content-Type", "")
        return await self._beside.read(answer.body, feed=feed, content_type=content_type, base=answer.url, now=now)

    async def _parse(self, feed: Feed, answer: FetchResponse, now: datetime) -> Read:
        content_type = answer.headers.get("Content-Type", "")
        if not answer.body.strip():
            raise NotAFeedError(Problem("not_a_feed.empty"))
        if is_cheap(answer.body):
            limit = self._limits.max_items
            plain = read_plain(answer.body, feed=feed, content_type=content_type, base=answer.url, now=now, max_items=limit)
            if plain is not None:
                return plain
        return await self._parsers.parse(answer.body, feed=feed, content_type=content_type, base=answer.url, now=now)


def read_plain(body: bytes, *, feed: Feed, content_type: str, base: str, now: datetime, max_items: int) -> Read | None:
    """The whole fast path, wherever it runs; None where the reference parser has to read the body, or it is crowded."""
    channel = read_fast(body, content_type, CROWDED_HOST)
    if channel is None:
        return None
    parsed = normalize_feed(channel, feed=feed, base=base, now=now, max_items=max_items)
    return parsed, identities(parsed.items)


def is_cheap(body: bytes) -> bool:
    """Whether the fast path, and what makes items of its entries, is done with it in the time that everybody else can wait."""
    size = len(body)
    return size <= SMALL_BODY_BYTES or (size <= SMALL and body.count(b"<") + body.count(b"&") <= MARKS)


def link_of(answer: FetchResponse, rel: str) -> str:
    """A WebSub hub may stand in a Link header instead of the document (W3C WebSub, section 4), each in one of its own."""
    for header in header_lines(answer.headers, "Link"):
        for target, parameters in _LINK.findall(header[:8_000]):
            if any(rel in (quoted or bare).lower().split() for quoted, bare in _REL.findall(parameters)):
                named = target.strip()
                return named if named.isprintable() and len(named) <= MAX_URL else ""
    return ""
