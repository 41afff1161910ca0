"""Defines ArticleFetcher: the page behind an item, fetched within the same limits as feeds and politely, and its article as plain text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from watchers.http.address_rules import AddressRefusedError, check_url
from watchers.http.client import FetchError, FetchRequest, FetchResponse, NotModified
from watchers.http.conditional import ConditionalClient
from watchers.http.host_limits import LargeBodySlot
from watchers.http.robots import MAX_BYTES, Robots
from watchers.models.item import Item
from watchers.models.polling import PollError
from watchers.models.problem import Problem
from watchers.parsing.sandbox import ParseStoppedError, ParseWorkers
from watchers.sources.page import ACCEPT
from watchers.text.html_text import folded, plain, sound

ENOUGH = 200
"""Characters under which what was extracted is a cookie notice or a teaser, not an article."""


EXTRACTED_AT_ONCE = 1
"""Pages; there are two parsing processes. The hits of one feed may lead to hundreds of pages that take ten seconds each, and odd feeds are
read meanwhile."""


@dataclass(frozen=True, slots=True)
class Article:
    """The main text of a page."""

    url: str
    text: str
    title: str = ""
    published: datetime | None = None
    """The day that the page names, at midnight UTC; known only to `article_of`."""


@dataclass(frozen=True, slots=True)
class ArticleError:
    """Why a page gave none."""

    reason: str


class ArticleFetcher:
    """Reads articles from the web."""

    def __init__(
        self, client: ConditionalClient, workers: ParseWorkers, robots: Robots, clock: Callable[[], datetime] | None = None
    ) -> None:
        """`clock` tells how old a robots.txt is; the machine's clock without it."""
        self._client, self._workers, self._robots = client, workers, robots
        self._clock = clock or (lambda: datetime.now(UTC))
        self._extracting = asyncio.Semaphore(EXTRACTED_AT_ONCE)

    async def text_behind(self, item: Item) -> str | None:
        """The article's plain text behind the item's address; None when there is none to be had, for whatever reason."""
        found = await self.read(item.url)
        if isinstance(found, ArticleError):
            return None
        headline, _, rest = found.text.partition("\n")
        return rest if rest and folded(headline) == folded(item.title) else found.text

    async def read(self, url: str) -> Article | ArticleError:
        """Fetches `url` and gives its article, or the reason why not."""
        with self._client.large_body_slot() as body_slot:
            page = await self._page(url, body_slot)
            if isinstance(page, ArticleError):
                return page
            try:
                async with self._extracting:
                    text = await self._workers.run(extract, page.body, page.url)
            except ParseStoppedError as error:
                return ArticleError(str(error))
        return Article(page.url, text) if len(text) >= ENOUGH else ArticleError("no article found on the page")

    async def _page(self, url: str, body_slot: LargeBodySlot) -> FetchResponse | ArticleError:
        try:
            check_url(url, allow_private=self._client.limits.allow_private_addresses)
        except AddressRefusedError as error:
            return ArticleError(str(error))
        answer = await self._client.get(FetchRequest(url, accept=ACCEPT), body_slot, check_address=self._robots_refusal)
        if not isinstance(answer, FetchResponse):
            return ArticleError(str(answer.problem if isinstance(answer, FetchError) else Problem("unasked_304")))
        kind = answer.headers.get("Content-Type", "text/html").partition(";")[0].strip().lower()
        if "html" not in kind and kind != "text/plain":
            return ArticleError(f"not a page but {sound(kind, 100)}")
        return answer

    async def _robots_refusal(self, url: str) -> PollError | None:
        return await self._robots.refusal(url, self._clock())


def extract(body: bytes, url: str) -> str:
    """The main text of an HTML page; "" where there is none. Slow: some 12 ms a page, seconds for hostile ones."""
    import trafilatura

    try:
        found = trafilatura.extract(body, url=url, include_comments=False, include_tables=False, favor_precision=True, deduplicate=False)
    except MemoryError:
        raise
    except Exception as error:
        # What the extraction stumbles over is this page's fault and nobody else's.
        raise ParseStoppedError(Problem("parsing.page", {"words": type(error).__name__})) from error
    return plain(found.replace("&", "&amp;").replace("<", "&lt;")) if found else ""


def article_of(body: bytes, *, url: str) -> Article | None:
    """The article of a page that is at hand, with its title and date; None where there is none.

    For single pages; `watchers.archives.html_page` reads archives, a thirtieth of the time a page with rougher text, and says what was
    measured.
    """
    import trafilatura

    found = trafilatura.bare_extraction(body, url=url or None, include_comments=False, include_tables=False, with_metadata=True)
    if found is None or isinstance(found, dict) or not found.text:  # a dict only when `as_dict` asks for one
        return None
    try:
        published = datetime.fromisoformat(found.date).replace(tzinfo=UTC) if found.date else None
    except ValueError:
        published = None
    return Article(url, found.text, found.title or "", published)


def robots_of(client: ConditionalClient) -> Robots:
    """Robots that asks through the same client, and so within the same limits."""

    async def get(url: str) -> FetchResponse | NotModified | FetchError:
        return await client.get(FetchRequest(url, accept="text/plain,*/*;q=0.1", first=MAX_BYTES))

    return Robots(get)
