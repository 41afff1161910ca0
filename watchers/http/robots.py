"""Defines Robots: decides whether robots.txt (RFC 9309) allows a page. Each host is asked once a day.

While robots.txt cannot be read, no page of the host is allowed, and the error names the network or server problem. Feeds and sitemaps are
published for programs, so they are requested without a check.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, unquote, urlsplit

from watchers.http.address_rules import MAX_URL
from watchers.http.client import FetchError, FetchResponse, NotModified
from watchers.models.polling import PollError
from watchers.models.problem import Problem

AGENT = "seedwatch"
RULES_TTL = timedelta(days=1)
ERROR_TTL = timedelta(minutes=10)
"""A robots.txt that could not be read is requested again soon, because its pages are blocked until then."""
MAX_HOSTS = 5_000
"""Hosts in the cache."""
MAX_CACHE_CHARS = 10_000_000
"""Characters of all cached rules; one host can fill half a megabyte."""
MAX_BYTES = 500 * 1024
"""RFC 9309 requires that at least 500 KiB are read."""
MAX_RULES = 5_000
"""Rules kept of one robots.txt, in the order of the file."""
MAX_CHARS_ON_LOOP = 20_000
"""A robots.txt with more characters is parsed in a thread, not on the event loop."""
MAX_COMPARISONS_ON_LOOP = 200_000
"""If rules times characters of the address exceed this, the rules are compared in a thread."""
_NAME = re.compile(r"([A-Za-z_-]*).*")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one robots.txt that apply to seedwatch, as pairs (allowed, pattern)."""

    lines: tuple[tuple[bool, str], ...] = ()
    error: PollError | None = None
    """Why robots.txt could not be read; then no page is allowed."""

    @property
    def size(self) -> int:
        """Returns the approximate size in characters."""
        return sum(len(pattern) + 50 for _, pattern in self.lines)

    def allow(self, url: str) -> bool:
        """Returns True if `url` may be requested. The longest matching pattern decides; of equal ones, "allow" wins."""
        parts = urlsplit(url)
        path = _encoded(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if path == "/robots.txt":
            return True
        if self.error:
            return False
        longest, allowed = -1, True
        for permits, pattern in self.lines:
            length = len(pattern)
            if (length > longest or (length == longest and permits)) and _matches(pattern, path):
                longest, allowed = length, permits
        return allowed


def parse_robots(text: str, agent: str = AGENT) -> Rules:
    """Parses robots.txt for `agent`. Groups that name the agent replace the groups for "*". Takes linear time on any text."""
    own_rules: list[tuple[bool, str]] = []
    general_rules: list[tuple[bool, str]] = []
    group: list[list[tuple[bool, str]]] = []  # the lists that the rules of the current group go to: general, own, both or none
    in_rules = named = False
    for raw in text[:MAX_BYTES].lstrip("\ufeff").splitlines():
        key, separator, value = raw.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not separator:
            continue
        if key == "user-agent":
            if in_rules:
                group, in_rules = [], False
            is_own = _NAME.sub(r"\1", value).lower() == agent
            named = named or is_own
            rules = general_rules if value.startswith("*") else own_rules
            if (is_own or rules is general_rules) and not any(listed is rules for listed in group):
                group.append(rules)
        elif key in {"allow", "disallow"}:
            in_rules = True
            if value and len(value) <= MAX_URL:
                for lines in group:
                    if len(lines) < MAX_RULES:
                        lines.append((key == "allow", _encoded(value)))
    return Rules(tuple(own_rules if named else general_rules))


class Robots:
    """Caches the rules of hosts for a day."""

    def __init__(self, get: Callable[[str], Awaitable[FetchResponse | NotModified | FetchError]]) -> None:
        """`get` requests an address within all limits. A robots.txt is requested when it is first needed."""
        self._get = get
        self._cache: OrderedDict[str, tuple[datetime, Rules]] = OrderedDict()
        self._requests: dict[str, asyncio.Task[Rules]] = {}
        self._cached_chars = 0

    async def refusal(self, url: str, now: datetime) -> PollError | None:
        """Returns the reason why `url` must not be requested; None if it may be."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return PollError("address", Problem("address.invalid"))
        rules = await self._rules_of(f"{parts.scheme}://{parts.netloc}", now)
        is_quick = len(rules.lines) * len(url) <= MAX_COMPARISONS_ON_LOOP
        allowed = rules.allow(url) if is_quick else await asyncio.to_thread(rules.allow, url)
        return None if allowed else rules.error or PollError("client", Problem("robots.forbids"))

    async def _rules_of(self, origin: str, now: datetime) -> Rules:
        """Returns the rules of `origin` from the cache, or requests them. Concurrent callers share one request."""
        cached = self._cache.get(origin)
        if cached and timedelta() <= now - cached[0] < (ERROR_TTL if cached[1].error else RULES_TTL):
            return cached[1]
        request = self._requests.get(origin)
        if request is None:
            request = self._requests[origin] = asyncio.create_task(self._request(origin))
        try:
            rules = await asyncio.shield(request)
        finally:
            self._requests.pop(origin, None)
        self._store(origin, now, rules)
        return rules

    def _store(self, origin: str, now: datetime, rules: Rules) -> None:
        previous = self._cache.pop(origin, None)
        self._cached_chars += rules.size - (previous[1].size if previous else 0)
        self._cache[origin] = (now, rules)
        while len(self._cache) > 1 and (len(self._cache) > MAX_HOSTS or self._cached_chars > MAX_CACHE_CHARS):
            _, (_, oldest) = self._cache.popitem(last=False)
            self._cached_chars -= oldest.size

    async def _request(self, origin: str) -> Rules:
        answer = await self._get(origin + "/robots.txt")
        if isinstance(answer, FetchResponse):
            text = answer.body[:MAX_BYTES].decode("utf-8", "replace")
            return parse_robots(text) if len(text) <= MAX_CHARS_ON_LOOP else await asyncio.to_thread(parse_robots, text)
        if isinstance(answer, NotModified):
            return Rules(error=PollError("broken", Problem("robots.unread", {"problem": Problem("unasked_304")})))
        if answer.status in range(400, 500) and answer.status != 429:
            return Rules()  # the host has no robots.txt: all pages are allowed
        # robots.txt is unreachable: no page is allowed (RFC 9309, 2.3.1.4)
        return Rules(error=PollError(answer.kind, Problem("robots.unread", {"problem": answer.problem}), answer.status))


def _encoded(path: str) -> str:
    return quote(unquote(path, errors="surrogateescape"), safe="/*$?=&:;,@!'()+~-._%", errors="surrogateescape")


def _matches(pattern: str, path: str) -> bool:
    """Returns True if a robots.txt pattern with "*" and a final "$" matches `path`. Finds each piece once, so it takes linear time."""
    anchored = pattern.endswith("$")
    pieces = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(pieces[0]):
        return False
    offset = len(pieces[0])
    for number, piece in enumerate(pieces[1:], start=2):
        if anchored and number == len(pieces):
            return path.endswith(piece) and len(path) - len(piece) >= offset
        start = path.find(piece, offset)
        if start < 0:
            return False
        offset = start + len(piece)
    return not anchored or offset == len(path)
