"""Defines ArticleFetcher: fetches the page behind an item and extracts its article as plain text.

The limits of feeds and robots.txt apply to every page.
"""

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

MIN_ARTICLE_CHARS = 200
"""A shorter text is a cookie notice or a teaser, not an article."""


EXTRACTED_AT_ONCE = 1
"""Pages extracted at a time. There are two parsing processes, and one stays free for feeds: the hits of one feed can lead to hundreds of
slow pages."""


@dataclass(frozen=True, slots=True)
class Article:
    """The main text of a page."""

    url: str
    text: str
    title: str = ""
    published: datetime | None = None
    """The day on the page, at midnight UTC; only `article_of` fills it."""


@dataclass(frozen=True, slots=True)
class ArticleError:
    """Why a page has no article."""

    reason: str


class ArticleFetcher:
    """Fetches pages and extracts their articles."""

    def __init__(
        self, client: ConditionalClient, workers: ParseWorkers, robots: Robots, clock: Callable[[], datetime] | None = None
    ) -> None:
        """`clock` returns the time by which a robots.txt expires; by default the system time."""
        self._client, self._workers, self._robots = client, workers, robots
        self._clock = clock or (lambda: datetime.now(UTC))
        self._extracting = asyncio.Semaphore(EXTRACTED_AT_ONCE)

    async def text_behind(self, item: Item) -> str | None:
        """Returns the plain text of the article at the item's address, without a repeated headline; None on any error."""
        article = await self.read(item.url)
        if isinstance(article, ArticleError):
            return None
        headline, _, rest = article.text.partition("\n")
        return rest if rest and folded(headline) == folded(item.title) else article.text

    async def read(self, url: str) -> Article | ArticleError:
        """Fetches `url` and returns its article, or the reason why there is none."""
        with self._client.large_body_slot() as body_slot:
            page = await self._page(url, body_slot)
            if isinstance(page, ArticleError):
                return page
            try:
                async with self._extracting:
                    text = await self._workers.run(extract, page.body, page.url)
            except ParseStoppedError as error:
                return ArticleError(str(error))
        return Article(page.url, text) if len(text) >= MIN_ARTICLE_CHARS else ArticleError("no article found on the page")

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
    """Returns the main text of an HTML page; "" if it has none. Slow, and seconds on malicious pages: run it in a worker process.

    Raises ParseStoppedError if the extraction fails.
    """
    import trafilatura

    try:
        text = trafilatura.extract(body, url=url, include_comments=False, include_tables=False, favor_precision=True, deduplicate=False)
    except MemoryError:
        raise
    except Exception as error:
        # The library raises many types of errors on odd pages. They concern this page only.
        raise ParseStoppedError(Problem("parsing.page", {"words": type(error).__name__})) from error
    return plain(text.replace("&", "&amp;").replace("<", "&lt;")) if text else ""


def article_of(body: bytes, *, url: str) -> Article | None:
    """Extracts the article of a page with its title and date; None if it has none.

    For single pages. Archives use `watchers.archives.html_page`, which is much faster and less exact.
    """
    import trafilatura

    document = trafilatura.bare_extraction(body, url=url or None, include_comments=False, include_tables=False, with_metadata=True)
    if document is None or isinstance(document, dict) or not document.text:  # a dict is returned only with `as_dict`
        return None
    try:
        published = datetime.fromisoformat(document.date).replace(tzinfo=UTC) if document.date else None
    except ValueError:
        published = None
    return Article(url, document.text, document.title or "", published)


def robots_of(client: ConditionalClient) -> Robots:
    """Returns a Robots that requests robots.txt with `client`, and so within the same limits."""

    async def get(url: str) -> FetchResponse | NotModified | FetchError:
        return await client.get(FetchRequest(url, accept="text/plain,*/*;q=0.1", first=MAX_BYTES))

    return Robots(get)
