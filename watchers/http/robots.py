"""Defines Robots: what robots.txt allows (RFC 9309), asked once a day a host and obeyed for pages.

While it cannot be read, nothing is allowed there; that is the network's trouble or the server's, and told as such. Feeds and sitemaps are
published for programs; their addresses are asked without it.
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
from watchers.http.client import Fetched, FetchError, NotModified
from watchers.models.polling import PollError

AGENT = "seedwatch"
KEPT_FOR = timedelta(days=1)
TROUBLE_KEPT_FOR = timedelta(minutes=10)
"""A robots.txt that could not be read is asked for again soon: pages stay shut meanwhile."""
HOSTS_KEPT = 5_000
LETTERS_KEPT = 10_000_000
"""Of all rules of all hosts: 20 MB, where each host may fill half a megabyte."""
MAX_BYTES = 500 * 1024
"""RFC 9309 asks for at least 500 KiB to be read."""
MAX_RULES = 5_000
"""For us, in the order of the file."""
QUICK = 20_000
"""Letters read on the loop: two milliseconds."""
QUICK_RULES = 200_000
"""Rules times letters of the address that are compared there; half a second was made of 5,000 rules."""
_NAME = re.compile(r"([A-Za-z_-]*).*")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one robots.txt for us: (allowed, pattern) with the pattern's length as its weight."""

    lines: tuple[tuple[bool, str], ...] = ()
    trouble: PollError | None = None
    """Why robots.txt could not be read; then nothing is allowed."""

    @property
    def size(self) -> int:
        """Letters, about."""
        return sum(len(pattern) + 50 for _, pattern in self.lines)

    def allow(self, url: str) -> bool:
        """Whether `url` may be asked: the longest pattern that fits decides, allowing wins over forbidding."""
        parts = urlsplit(url)
        path = _encoded(parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if path == "/robots.txt":
            return True
        if self.trouble:
            return False
        best, allowed = -1, True
        for permits, pattern in self.lines:
            weight = len(pattern)
            if (weight > best or (weight == best and permits)) and _fits(pattern, path):
                best, allowed = weight, permits
        return allowed


def parse_robots(text: str, agent: str = AGENT) -> Rules:
    """Reads robots.txt for `agent`; groups that name it win over those for everybody. Linear in the text, whatever it names."""
    ours: list[tuple[bool, str]] = []
    everybody: list[tuple[bool, str]] = []
    group: list[list[tuple[bool, str]]] = []
    in_rules = named = False
    for raw in text[:MAX_BYTES].lstrip("\ufeff").splitlines():
        key, separator, value = raw.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not separator:
            continue
        if key == "user-agent":
            if in_rules:
                group, in_rules = [], False
            us = _NAME.sub(r"\1", value).lower() == agent
            named = named or us
            spoken_to = everybody if value.startswith("*") else ours
            if (us or spoken_to is everybody) and not any(one is spoken_to for one in group):
                group.append(spoken_to)
        elif key in {"allow", "disallow"}:
            in_rules = True
            if value and len(value) <= MAX_URL:
                for lines in group:
                    if len(lines) < MAX_RULES:
                        lines.append((key == "allow", _encoded(value)))
    return Rules(tuple(ours if named else everybody))


class Robots:
    """Remembers the rules of hosts for a day. `get` fetches an address within every limit."""

    def __init__(self, get: Callable[[str], Awaitable[Fetched | NotModified | FetchError]]) -> None:
        """Nothing is asked before the first question."""
        self._get = get
        self._known: OrderedDict[str, tuple[datetime, Rules]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Rules]] = {}
        self._held = 0

    async def refusal(self, url: str, now: datetime) -> PollError | None:
        """Why `url` may not be asked by us; None when it may."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return PollError("address", "not an address that can be asked")
        rules = await self._rules_of(f"{parts.scheme}://{parts.netloc}", now)
        quick = len(rules.lines) * len(url) <= QUICK_RULES
        allowed = rules.allow(url) if quick else await asyncio.to_thread(rules.allow, url)
        return None if allowed else rules.trouble or PollError("client", "the site's robots.txt does not allow this page")

    async def _rules_of(self, origin: str, now: datetime) -> Rules:
        known = self._known.get(origin)
        if known and timedelta() <= now - known[0] < (TROUBLE_KEPT_FOR if known[1].trouble else KEPT_FOR):
            return known[1]
        asking = self._asking.get(origin)
        if asking is None:
            asking = self._asking[origin] = asyncio.create_task(self._ask(origin))
        try:
            rules = await asyncio.shield(asking)
        finally:
            self._asking.pop(origin, None)
        self._keep(origin, now, rules)
        return rules

    def _keep(self, origin: str, now: datetime, rules: Rules) -> None:
        before = self._known.pop(origin, None)
        self._held += rules.size - (before[1].size if before else 0)
        self._known[origin] = (now, rules)
        while len(self._known) > 1 and (len(self._known) > HOSTS_KEPT or self._held > LETTERS_KEPT):
            _, (_, dropped) = self._known.popitem(last=False)
            self._held -= dropped.size

    async def _ask(self, origin: str) -> Rules:
        answer = await self._get(origin + "/robots.txt")
        if isinstance(answer, Fetched):
            text = answer.body[:MAX_BYTES].decode("utf-8", "replace")
            return parse_robots(text) if len(text) <= QUICK else await asyncio.to_thread(parse_robots, text)
        if isinstance(answer, NotModified):
            return Rules(trouble=PollError("broken", "robots.txt could not be read: 304 without a question"))
        if answer.status in range(400, 500) and answer.status != 429:
            return Rules()  # there is none: everything is allowed
        # unreachable: nothing is (RFC 9309, 2.3.1.4)
        return Rules(trouble=PollError(answer.kind, f"robots.txt could not be read: {answer.message}", answer.status))


def _encoded(path: str) -> str:
    return quote(unquote(path, errors="surrogateescape"), safe="/*$?=&:;,@!'()+~-._%", errors="surrogateescape")


def _fits(pattern: str, path: str) -> bool:
    anchored = pattern.endswith("$")
    pieces = (pattern[:-1] if anchored else pattern).split("*")
    if not path.startswith(pieces[0]):
        return False
    at = len(pieces[0])
    for number, piece in enumerate(pieces[1:], start=2):
        if anchored and number == len(pieces):
            return path.endswith(piece) and len(path) - len(piece) >= at
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return not anchored or at == len(path)
