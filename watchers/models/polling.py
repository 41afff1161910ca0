"""Defines the Watcher protocol and its values: Limits and FeedState in, PollResult out.

A poll asks one feed once: network and parsing, no database, no decision about new items. `watchers.state.poll_schedule` computes the
feed's next state from the result; `watchers.state.novelty` decides which items are new.

Values that every poll creates are msgspec.Structs, because they are much cheaper to create than frozen dataclasses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec

from seeds.feeds import Feed
from watchers.models.item import Item
from watchers.models.problem import Problem
from watchers.version import USER_AGENT

ErrorKind = Literal[
    "address",  # refused by the address rules: a scheme, a private network, a malformed address
    "dns",
    "refused",  # no server listens on the port, or there is no route
    "tls",
    "timeout",
    "broken",  # reset, wrong length, undecodable compression: the response is incomplete
    "too_large",
    "redirect",  # a loop, too many hops, or a redirect without a target
    "client",  # 4xx
    "gone",  # 410; `poll_schedule` treats a 404 that lasts long in the same way
    "throttled",  # 429, or 503 with Retry-After
    "server",  # 5xx
    "not_a_feed",  # HTML, an empty body, or nothing that any parser understands
    "hostile",  # a malicious body: entity bombs, extreme depth or attribute counts, a parser that exceeded its limits
]


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a poll, and the bounds of the poll interval. Durations are timedeltas, sizes are bytes."""

    every: timedelta = timedelta(minutes=15)
    fastest: timedelta = timedelta(minutes=2)
    slowest: timedelta = timedelta(days=1)
    concurrency: int = 64
    per_host: int = 2
    timeout: timedelta = timedelta(seconds=20)
    """Total network time of a poll: DNS, connection, redirects and body together."""
    max_bytes: int = 10_000_000
    """After decompression."""
    max_redirects: int = 6
    max_items: int = 5_000
    """Items of a poll, in the order of the document. A 10 MB body of empty entries could hold a million."""
    allow_private_addresses: bool = False
    parse_seconds: float = 10.0
    """For one body in a worker process."""
    parse_memory: int = 768_000_000
    """Address space of a worker process, in bytes."""
    user_agent: str = USER_AGENT


class FeedState(msgspec.Struct, frozen=True):
    """The state of a feed between two polls. The store saves it; `poll_schedule.next_state` computes the next one. Times are aware UTC."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    polls: int = 0
    """Number of successful polls, unchanged answers included. 0: the next successful poll is the baseline."""
    failures: int = 0
    """Failed polls in a row since the last successful one."""
    failing_since: datetime | None = None
    last_error: str = ""
    """The sentence of `problem` in English."""
    problem: Problem | None = None
    """Why the last poll failed; None if it did not, or if an older version wrote the state."""
    interval: float = 0.0
    """Seconds between polls as computed from the feed's rhythm; 0: not computed yet, `Limits.every` applies."""
    floor: float = 0.0
    """Minimum seconds between polls that the source asks for (ttl, max-age, sy:updatePeriod); 0: it does not ask."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day (UTC), and in `skip_days` days of the week (Monday 0), in which the source does not want to be polled."""
    skip_days: tuple[int, ...] = ()
    next_poll_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    paced_until: datetime | None = None
    """From Retry-After: no request is sent before this time."""
    parked_at: datetime | None = None
    """When the feed was suspended because it failed for long; it is then polled once a week and reported as failing."""
    redirect_to: str = ""
    """Target of a permanent redirect since `redirect_since`. It is followed at every poll and accepted for good after days."""
    redirect_since: datetime | None = None
    adopted: str = ""
    """The address polled instead of the configured one, once a permanent redirect was accepted; "" for none."""
    redirect_polls: int = 0
    """Successful polls that ended at `redirect_to`."""
    hub: str = ""
    """The WebSub hub that the feed declares. `topic` is the feed's address at that hub."""
    topic: str = ""
    lags: tuple[float, ...] = ()
    """Seconds between publication and first poll of the latest items (at most `feed_health.LAGS_KEPT`)."""
    gaps: tuple[float, ...] = ()
    """Seconds between the latest publications (at most `feed_health.GAPS_KEPT`): the feed's rhythm."""


class ScheduleHints(msgspec.Struct, frozen=True):
    """How often the source wants to be polled. Seconds; 0 or empty if the source does not say."""

    retry_after: float = 0.0
    floor: float = 0.0
    """The longest of Cache-Control max-age, Expires, ttl and sy:updatePeriod."""
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day in UTC, 0–23."""
    skip_days: frozenset[int] = frozenset()
    """Days of the week, Monday 0, in UTC."""


@dataclass(frozen=True, slots=True)
class PollError:
    """Why a poll failed. `permanent` is set if the source itself said so (410), never by an estimate of ours."""

    kind: ErrorKind
    problem: Problem
    status: int = 0
    permanent: bool = False


class PollResult(msgspec.Struct, frozen=True):
    """The outcome of a poll.

    `outcome` is "items" (a body was parsed; it may hold no item), "unchanged" (304, or the same bytes as last time) or "failed".
    `keys` are the identity keys of each item, in the same order (see `identity.identities`).
    """

    outcome: Literal["items", "unchanged", "failed"]
    items: tuple[Item, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    error: PollError | None = None
    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    title: str = ""
    lang: str = ""
    hints: ScheduleHints = ScheduleHints()
    redirect: str = ""
    """The final address if the poll succeeded and every redirect was permanent; else ""."""
    hub: str = ""
    topic: str = ""
    size: int = 0
    """Bytes of the body after decompression."""
    parser: Literal["", "fast", "feedparser", "json", "sitemap", "gdelt", "page"] = ""
    date_header: str = ""
    """The server's Date header, unparsed: only the doctor reads it."""
    notes: tuple[str, ...] = ()
    """Warnings of a successful poll: skipped entries, replaced characters."""


class Watcher(Protocol):
    """Polls one kind of source."""

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """Polls `feed` once. Expected errors are in `PollResult.error`; only bugs raise."""
        ...
