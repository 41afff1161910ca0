"""Defines FeedDiscovery: finds the feeds of a site by its address, for `feeds add` and for chats.

Every candidate is polled before it is offered, by the same watcher and under the same address rules as any feed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from seeds.feeds import Feed
from seeds.languages import LANGUAGES
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
"""Where common content systems put their feed: WordPress, Ghost, Hugo, Jekyll, Blogger and others."""
MAX_CANDIDATES = 12
"""Maximum number of candidates that are polled."""
MAX_SECONDS = 60.0
"""Timeout of the whole search, because a person waits. Each candidate alone can take the full timeout of a poll."""
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_FEED_WORDS = re.compile(r"(?:^|[/._=?-])(?:rss|atom|feed|feeds|rdf)(?:$|[/._=?-])|\.(?:rss|atom|rdf)(?:$|\?)", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?|binh-luan", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DiscoveredFeed:
    """A feed that was polled successfully. `items` is the number of its items, `lang` the language of its titles or ""."""

    url: str
    title: str
    items: int
    lang: str
    newest: datetime | None = None
    hub: str = ""


class DiscoveryError(ProblemError):
    """No feed was found, or the address could not be requested."""


class FeedDiscovery:
    """Finds the feeds of a site."""

    def __init__(self, client: ConditionalClient, watcher: Watcher, workers: ParseWorkers) -> None:
        """`watcher` polls the candidates. `client` and `workers` are those of the watchers, so that all limits apply."""
        self._client, self._watcher, self._workers = client, watcher, workers

    async def find(self, address: str, now: datetime, *, limit: int = 5) -> tuple[DiscoveredFeed, ...]:
        """Returns up to `limit` feeds of `address`, the likeliest first. `address` may lack its scheme.

        If the address is a feed itself, only that feed is returned. Otherwise the feeds that the page links (link rel=alternate, or
        links that look like feeds), or else one at `COMMON_PATHS`. After `MAX_SECONDS` the search ends with the feeds found so far.
        Raises DiscoveryError if there is none.
        """
        feeds: dict[str, DiscoveredFeed] = {}
        try:
            async with asyncio.timeout(MAX_SECONDS):
                await self._find(address, now, limit, feeds)
        except TimeoutError:
            if not feeds:
                raise DiscoveryError(Problem("discovery.seconds", {"address": address, "seconds": f"{MAX_SECONDS:g}"})) from None
        return tuple(feeds.values())

    async def _find(self, address: str, now: datetime, limit: int, feeds: dict[str, DiscoveredFeed]) -> None:
        """Adds the feeds of `address` to `feeds`."""
        address = with_scheme(address)
        try:
            check_url(address, allow_private=self._client.limits.allow_private_addresses)
        except AddressRefusedError as error:
            raise DiscoveryError(error.problem) from None
        direct = await _poll(address, self._watcher, now)
        if isinstance(direct, DiscoveredFeed):
            feeds[direct.url] = direct
            return
        with self._client.large_body_slot() as body_slot:
            answer = await self._client.get(FetchRequest(address, accept=ACCEPT), body_slot)
            if isinstance(answer, FetchError | NotModified):
                raise DiscoveryError(_at_address(address, answer.problem if isinstance(answer, FetchError) else direct))
            try:
                links = await self._workers.run(feed_links, answer.body, answer.url)
            except ParseStoppedError as error:
                raise DiscoveryError(_at_address(address, error.problem)) from None
        await _poll_candidates(links, self._watcher, now, limit, feeds)
        if not feeds:
            parts = urlsplit(answer.url)
            await _poll_candidates((f"{parts.scheme}://{parts.netloc}{path}" for path in COMMON_PATHS), self._watcher, now, 1, feeds)
        if not feeds:
            raise DiscoveryError(Problem("discovery.nothing", {"address": address, "problem": direct}))


async def _poll_candidates(addresses: Iterable[str], watcher: Watcher, now: datetime, limit: int, feeds: dict[str, DiscoveredFeed]) -> None:
    for index, address in enumerate(dict.fromkeys(addresses)):
        if index >= MAX_CANDIDATES or len(feeds) >= limit:
            break
        candidate = await _poll(address, watcher, now)
        if isinstance(candidate, DiscoveredFeed):
            feeds.setdefault(candidate.url, candidate)


def _at_address(address: str, problem: Problem) -> Problem:
    return Problem("at", {"address": address, "problem": problem})


async def _poll(address: str, watcher: Watcher, now: datetime) -> DiscoveredFeed | Problem:
    """Returns the feed at `address`, or the problem."""
    result = await watcher.poll(Feed(url=address), FeedState(), now)
    if result.outcome != "items":
        return result.error.problem if result.error else Problem("no_feed")
    titles = " ".join(item.title for item in result.items[:10])
    lang = language(titles, declared=result.lang)
    dates = [item.published for item in result.items if item.published]
    return DiscoveredFeed(
        url=result.redirect or address,
        title=result.title,
        items=len(result.items),
        lang=lang if lang in LANGUAGES else "",
        newest=max(dates, default=None),
        hub=result.hub,
    )


def feed_links(body: bytes, base: str) -> list[str]:
    """Returns the addresses of feeds that a page links: declared feeds, declared feeds of comments, then links that look like feeds."""
    from lxml import etree, html

    try:
        root: Any = html.document_fromstring(body, parser=html.HTMLParser(remove_comments=True, no_network=True, huge_tree=False))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return []
    base = base_of(root, base)
    declared, feed_like = [], []
    for link in root.iter("link"):
        rels = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().partition(";")[0].strip()
        if "alternate" in rels and kind in _FEED_TYPES:
            declared.append((bool(_COMMENTS.search(f"{link.get('href')} {line(link.get('title') or '')}")), _join(base, link.get("href"))))
    for anchor in root.iter("a"):
        href = anchor.get("href") or ""
        if _FEED_WORDS.search(href):
            feed_like.append(_join(base, href))
    ranked = [url for _, url in sorted(declared, key=lambda pair: pair[0])] + feed_like
    return list(dict.fromkeys(filter(None, ranked)))[:MAX_CANDIDATES]


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
        url = urljoin(base, (href or "").strip())
    except ValueError:
        return ""
    return url.partition("#")[0] if url.startswith(("http://", "https://")) else ""
