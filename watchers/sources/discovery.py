"""Defines FeedDiscovery: which feeds stand behind the address of a site, as `feeds add` and chats ask.

Every candidate is looked at for real before it is offered, by the same watcher and under the same address rules as any feed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

from seeds.feeds import Feed
from watchers.http.address_rules import AddressRefusedError, check_url
from watchers.http.client import FetchError, FetchRequest, NotModified
from watchers.http.conditional import ConditionalClient
from watchers.models.polling import FeedState, Watcher
from watchers.models.problem import Problem, ProblemError
from watchers.parsing.sandbox import ParseStoppedError, ParseWorkers
from watchers.sources.page import base_of
from watchers.text.html_text import line
from watchers.text.language import language

ACCEPT = "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,*/*;q=0.5"
COMMON_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed/", "/feeds/posts/default", "/feed.json")
"""Where the content systems in use put their feed: WordPress, Ghost, Hugo, Jekyll, Blogger, home-made ones."""
TRIED = 12
"""Candidates that are looked at, at most."""
LONGEST = 60.0
"""Seconds for all of it: a person waits. Each of a dozen candidates may take a look's whole time."""
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_FEED_WORDS = re.compile(r"(?:^|[/._=?-])(?:rss|atom|feed|feeds|rdf)(?:$|[/._=?-])|\.(?:rss|atom|rdf)(?:$|\?)", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?|binh-luan", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DiscoveredFeed:
    """A feed that answered. `items` counts what it lists, `lang` is "en", "vi" or "" by its titles."""

    url: str
    title: str
    items: int
    lang: Literal["en", "vi", ""]
    newest: datetime | None = None
    hub: str = ""


class DiscoveryError(ProblemError):
    """No feed was found, or the address could not be asked."""


class FeedDiscovery:
    """Finds feeds. `client` and `workers` are those of the watchers, so that every limit holds here too."""

    def __init__(self, client: ConditionalClient, watcher: Watcher, workers: ParseWorkers) -> None:
        """`watcher` looks at the candidates."""
        self._client, self._watcher, self._workers = client, watcher, workers

    async def find(self, address: str, now: datetime, *, limit: int = 5) -> tuple[DiscoveredFeed, ...]:
        """Gives up to `limit` feeds behind `address`, the likeliest first. `address` may lack its scheme.

        The address itself when it is a feed; else what the page names (link rel=alternate, links that look like feeds); else what
        answers at the usual places. After `LONGEST` seconds what was found so far. Raises DiscoveryError when there is none.
        """
        found: dict[str, DiscoveredFeed] = {}
        try:
            async with asyncio.timeout(LONGEST):
                await self._find(address, now, limit, found)
        except TimeoutError:
            if not found:
                raise DiscoveryError(Problem("discovery.seconds", {"address": address, "seconds": f"{LONGEST:g}"})) from None
        return tuple(found.values())

    async def _find(self, address: str, now: datetime, limit: int, found: dict[str, DiscoveredFeed]) -> None:
        address = with_scheme(address)
        try:
            check_url(address, allow_private=self._client.limits.allow_private_addresses)
        except AddressRefusedError as error:
            raise DiscoveryError(error.problem) from None
        itself = await _look(address, self._watcher, now)
        if isinstance(itself, DiscoveredFeed):
            found[itself.url] = itself
            return
        with self._client.large_body_slot() as body_slot:
            answer = await self._client.get(FetchRequest(address, accept=ACCEPT), body_slot)
            if isinstance(answer, FetchError | NotModified):
                raise DiscoveryError(_at(address, answer.problem if isinstance(answer, FetchError) else itself))
            try:
                named = await self._workers.run(feed_links, answer.body, answer.url)
            except ParseStoppedError as error:
                raise DiscoveryError(_at(address, error.problem)) from None
        await _look_at_all(named, self._watcher, now, limit, found)
        if not found:
            parts = urlsplit(answer.url)
            await _look_at_all((f"{parts.scheme}://{parts.netloc}{path}" for path in COMMON_PATHS), self._watcher, now, 1, found)
        if not found:
            raise DiscoveryError(Problem("discovery.nothing", {"address": address, "problem": itself}))


async def _look_at_all(addresses: Iterable[str], watcher: Watcher, now: datetime, limit: int, found: dict[str, DiscoveredFeed]) -> None:
    for tried, address in enumerate(dict.fromkeys(addresses)):
        if tried >= TRIED or len(found) >= limit:
            break
        candidate = await _look(address, watcher, now)
        if isinstance(candidate, DiscoveredFeed):
            found.setdefault(candidate.url, candidate)


def _at(address: str, problem: Problem) -> Problem:
    return Problem("at", {"address": address, "problem": problem})


async def _look(address: str, watcher: Watcher, now: datetime) -> DiscoveredFeed | Problem:
    """The feed at `address`, or why there is none."""
    look = await watcher.poll(Feed(url=address), FeedState(), now)
    if look.outcome != "items":
        return look.error.problem if look.error else Problem("no_feed")
    titles = " ".join(item.title for item in look.items[:10])
    lang = language(titles, declared=look.lang)
    dates = [item.published for item in look.items if item.published]
    return DiscoveredFeed(
        url=look.redirect or address,
        title=look.title,
        items=len(look.items),
        lang="en" if lang == "en" else "vi" if lang == "vi" else "",
        newest=max(dates, default=None),
        hub=look.hub,
    )


def feed_links(body: bytes, base: str) -> list[str]:
    """Addresses of feeds that a page names: declared ones first, feeds of comments last, then links that look like feeds."""
    from lxml import etree, html

    try:
        root: Any = html.document_fromstring(body, parser=html.HTMLParser(remove_comments=True, no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    base = base_of(root, base)
    declared, looking = [], []
    for link in root.iter("link"):
        rels = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().partition(";")[0].strip()
        if "alternate" in rels and kind in _FEED_TYPES:
            declared.append((bool(_COMMENTS.search(f"{link.get('href')} {line(link.get('title') or '')}")), _join(base, link.get("href"))))
    for anchor in root.iter("a"):
        href = anchor.get("href") or ""
        if _FEED_WORDS.search(href):
            looking.append(_join(base, href))
    ranked = [url for _, url in sorted(declared, key=lambda pair: pair[0])] + looking
    return list(dict.fromkeys(filter(None, ranked)))[:TRIED]


def with_scheme(address: str) -> str:
    """ "vnexpress.net" → "https://vnexpress.net"; "feed://…" → "https://…"."""
    address = address.strip()
    if address.lower().startswith("feed:"):
        address = address[5:].removeprefix("//")
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:(?!\d)", address):
        return address
    return "https://" + address.lstrip("/")


def _join(base: str, href: str | None) -> str:
    try:
        whole = urljoin(base, (href or "").strip())
    except ValueError:
        return ""
    return whole.partition("#")[0] if whole.startswith(("http://", "https://")) else ""
