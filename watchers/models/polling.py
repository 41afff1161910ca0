"""Defines the Watcher protocol and the values that pass through it: Limits and FeedState in, PollResult out.

A look is one visit to one feed: network and parsing, no database, no decision about what is new. What a look means for
the feed's next state is decided in `pace`; which of its items are new, in `baseline`.

What is made anew at each look of each feed is a msgspec.Struct: a frozen dataclass of as many fields takes ten times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

import msgspec

from seeds.feeds import Feed
from watchers.models.item import Item
from watchers.version import USER_AGENT

ErrorKind = Literal[
    "address",  # refused by the address rules: a scheme, a private network, a malformed address
    "dns",
    "refused",  # nobody listens, or no route
    "tls",
    "timeout",
    "broken",  # reset, wrong length, undecodable compression: the answer did not arrive whole
    "too_large",
    "redirect",  # a loop, too many hops, or a redirect without a target
    "client",  # 4xx
    "gone",  # 410, and 404 after a long time is treated the same by `pace`
    "throttled",  # 429, or 503 with Retry-After
    "server",  # 5xx
    "not_a_feed",  # HTML, an empty body, or nothing that any parser understands
    "hostile",  # a body made to hurt: entity bombs, absurd depth or attributes, a parser that had to be stopped
]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far one look may go, and the bounds of the pace. Durations are timedeltas, sizes bytes."""

    every: timedelta = timedelta(minutes=15)
    fastest: timedelta = timedelta(minutes=2)
    slowest: timedelta = timedelta(days=1)
    concurrency: int = 64
    per_host: int = 2
    timeout: timedelta = timedelta(seconds=20)
    """The whole of one look's network time: DNS, connecting, redirects and the body together."""
    max_bytes: int = 10_000_000
    """After decompression."""
    max_redirects: int = 6
    max_items: int = 5_000
    """Of one look, in the order of the document: a 10 MB body of empty entries holds a million."""
    allow_private_addresses: bool = False
    parse_seconds: float = 10.0
    """For one body in a worker process."""
    parse_memory: int = 768_000_000
    """Address space of a worker process, in bytes."""
    user_agent: str = USER_AGENT


class FeedState(msgspec.Struct, frozen=True):
    """What is remembered of a feed between looks. The store keeps it; `poll_schedule.next_state` makes the next one. Times are aware
    UTC."""

    etag: str = ""
    last_modified: str = ""
    body_hash: str = ""
    polls: int = 0
    """Looks that gave a good answer, unchanged ones counted. 0: the next good one is the baseline."""
    failures: int = 0
    """In a row, since the last good answer."""
    failing_since: datetime | None = None
    last_error: str = ""
    interval: float = 0.0
    """Seconds between looks as the pace has found it; 0: not found yet, `Limits.every` holds."""
    floor: float = 0.0
    """Seconds that the source asks for between looks at least (ttl, max-age, sy:updatePeriod); 0: it does not say."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day (UTC) and, in `skip_days`, days of the week (Monday 0) in which the source wants no visit."""
    skip_days: tuple[int, ...] = ()
    next_poll_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    paced_until: datetime | None = None
    """Retry-After: not one request before this."""
    parked_at: datetime | None = None
    """Set when long failure made the feed parked: it is then looked at once a week, and reported."""
    redirect_to: str = ""
    """Where a permanent redirect has pointed since `redirect_since`; followed each time, adopted after days."""
    redirect_since: datetime | None = None
    adopted: str = ""
    """The address asked instead of the configured one, once a permanent redirect was adopted; "" for none."""
    redirect_polls: int = 0
    """Good looks that ended at `redirect_to`."""
    hub: str = ""
    """The WebSub hub that the feed names, and `topic`, its own name for itself there."""
    topic: str = ""
    lags: tuple[float, ...] = ()
    """Seconds between publication and first sight of the latest items (at most `health.LAGS_KEPT`)."""
    gaps: tuple[float, ...] = ()
    """Seconds between the latest publications (at most `health.GAPS_KEPT`): the feed's rhythm."""


class ScheduleHints(msgspec.Struct, frozen=True):
    """What the source says about how often it wants to be asked. Seconds; 0 or empty where it is silent."""

    retry_after: float = 0.0
    floor: float = 0.0
    """The longest of Cache-Control max-age, Expires, ttl and sy:updatePeriod."""
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day in UTC, 0–23."""
    skip_days: frozenset[int] = frozenset()
    """Days of the week, Monday 0, in UTC."""


@dataclass(frozen=True, slots=True)
class PollError:
    """Why a look gave nothing. `permanent` is what the source itself said (410), not our guess."""

    kind: ErrorKind
    message: str
    status: int = 0
    permanent: bool = False


class PollResult(msgspec.Struct, frozen=True):
    """What one look gave.

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
    """The address that permanent redirects alone led to, when the look ended there well; else ""."""
    hub: str = ""
    topic: str = ""
    size: int = 0
    """Bytes of the body after decompression."""
    parser: Literal["", "fast", "feedparser", "json", "sitemap", "gdelt", "page"] = ""
    date_header: str = ""
    """The server's own clock as it said it ("Date"): unread, because only the doctor asks."""
    notes: tuple[str, ...] = ()
    """What a person should know though the look went well: entries that were skipped, replaced characters."""


class Watcher(Protocol):
    """Something that can look at one kind of source."""

    async def look(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """Visits `feed` once. Expected trouble is in `PollResult.error`; only bugs raise."""
        ...
