"""Defines SitemapWatcher: polls a news sitemap, or an index of sitemaps, like a feed.

News sitemaps contain titles and dates (Google News schema 0.9). Plain sitemaps contain addresses only; the last part of an address is
then used as title. Of an index only the newest sitemaps are read, and no index inside an index.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from lxml import etree

from seeds.feeds import Feed
from watchers.http.address_rules import MAX_URL
from watchers.http.client import FetchError, FetchRequest, FetchResponse, NotModified
from watchers.http.conditional import ConditionalClient, failed, hash_of, new_hash, same_bytes, validator
from watchers.models.item import Item
from watchers.models.polling import FeedState, PollError, PollResult
from watchers.models.problem import Problem
from watchers.parsing.parse import NotAFeedError
from watchers.parsing.sandbox import ParseStoppedError, ParseWorkers
from watchers.state.poll_schedule import header_hints
from watchers.text.dates import parse_date, plausible_date
from watchers.text.html_text import line, sound
from watchers.text.language import language

ACCEPT = "application/xml,text/xml;q=0.9,*/*;q=0.5"
CHILDREN = 2
"""Number of sitemaps of an index that are read in one poll: those that changed last."""
MIN_SLUG_WORDS = 3
"""The last part of an address is used as a title only if it has at least this many words."""


@dataclass(frozen=True, slots=True)
class SitemapRef:
    """A sitemap in an index. `modified` is its date as written, or ""."""

    url: str
    modified: str


@dataclass(frozen=True, slots=True)
class SitemapIndex:
    """An index of sitemaps: the sitemaps to read, and whether all of its sitemaps have a date."""

    newest: tuple[SitemapRef, ...]
    dated: bool


class SitemapWatcher:
    """Polls sitemaps."""

    def __init__(self, client: ConditionalClient, workers: ParseWorkers) -> None:
        """Parsing runs in `workers`: a sitemap can have 50,000 addresses in 50 MB."""
        self._client = client
        self._workers = workers

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """Polls the sitemap; for an index also its newest sitemaps."""
        with self._client.large_body_slot() as body_slot:
            answer = await self._client.fetch_feed(feed, state, now, accept=ACCEPT, body_slot=body_slot)
            if isinstance(answer, PollResult):
                return answer
            content = await self._read(answer.body, feed, now)
            if isinstance(content, PollResult):
                return content
            if isinstance(content, list):
                return await self._result(answer, content, state, hash_of(answer.body), now, size=len(answer.body))
            answer = FetchResponse(answer.url, b"", answer.headers, answer.permanent)
        # The slot is released before the sitemaps are fetched. Waiting for a host while holding a slot could deadlock with polls that hold
        # the host and wait for a slot.
        return await self._poll_index(feed, content, answer, state, now)

    async def _read(self, body: bytes, feed: Feed, now: datetime) -> list[Item] | SitemapIndex | PollResult:
        """Parses a body to items or an index; a failed poll result if it is not a sitemap."""
        try:
            return await self._workers.run(read_for_poll, body, feed, now, self._client.limits.max_items)
        except NotAFeedError as error:
            return PollResult("failed", error=PollError("not_a_feed", error.problem))
        except ParseStoppedError as error:
            return PollResult("failed", error=PollError("hostile", error.problem))

    async def _poll_index(self, feed: Feed, index: SitemapIndex, answer: FetchResponse, state: FeedState, now: datetime) -> PollResult:
        """Reads the newest sitemaps of `index`. A sitemap that cannot be read becomes a note; the poll fails if none can be read."""
        items: list[Item] = []
        notes: list[str] = []
        body_hash, size = new_hash(), 0
        failure = PollResult("failed", error=PollError("not_a_feed", Problem("sitemap.empty_index")))
        for child in index.newest:
            with self._client.large_body_slot() as body_slot:
                child_answer = await self._client.get(FetchRequest(child.url, accept=ACCEPT), body_slot)
                if isinstance(child_answer, FetchResponse):
                    content = await self._read(child_answer.body, feed, now)
                else:
                    content = _failed_child(child_answer, now)
                if isinstance(content, SitemapIndex):
                    content = PollResult("failed", error=PollError("not_a_feed", Problem("sitemap.nested_index")))
                if isinstance(content, PollResult):
                    failure = content
                    notes.append(f"{child.url}: {content.error.problem if content.error else 'not read'}")
                    continue
                assert isinstance(child_answer, FetchResponse)
                body_hash.update(child_answer.body)
                size += len(child_answer.body)
                items += content
                del child_answer
        if len(notes) == len(index.newest):
            return failure
        # The validators belong to the index. They cover the sitemaps only if the index dates all of them and all were read.
        answer = FetchResponse(answer.url, b"", answer.headers if index.dated and not notes else {}, answer.permanent)
        return await self._result(answer, items, state, body_hash.hexdigest(), now, size=size, notes=tuple(notes))

    async def _result(
        self,
        answer: FetchResponse,
        items: list[Item],
        state: FeedState,
        body_hash: str,
        now: datetime,
        *,
        size: int,
        notes: tuple[str, ...] = (),
    ) -> PollResult:
        if body_hash == state.body_hash:
            return msgspec.structs.replace(same_bytes(answer, body_hash, now), size=size)
        limited_items = tuple(items[: self._client.limits.max_items])
        try:
            keys = await self._workers.identify(limited_items)
        except ParseStoppedError as error:
            return PollResult("failed", error=PollError("hostile", error.problem))
        return PollResult(
            "items",
            items=limited_items,
            keys=keys,
            etag=validator(answer, "ETag"),
            last_modified=validator(answer, "Last-Modified"),
            body_hash=body_hash,
            hints=header_hints(answer.headers, now),
            redirect=answer.permanent,
            size=size,
            parser="sitemap",
            notes=notes,
        )


def _failed_child(answer: FetchError | NotModified, now: datetime) -> PollResult:
    """Converts an error to a poll result. A 304 is an error too, because sitemaps of an index are requested without validators."""
    return failed(answer if isinstance(answer, FetchError) else FetchError("broken", Problem("unasked_304"), 304), now)


def newest(children: list[SitemapRef]) -> list[SitemapRef]:
    """Returns the sitemaps to read: news sitemaps first, then the latest dates, then the last in the index."""
    ranked = sorted(enumerate(children), key=lambda pair: ("news" in pair[1].url.lower(), pair[1].modified, pair[0]), reverse=True)
    return [child for _, child in ranked[:CHILDREN]]


def read_for_poll(body: bytes, feed: Feed, now: datetime, max_items: int) -> list[Item] | SitemapIndex:
    """Parses a sitemap to at most `max_items` items, or an index to its newest sitemaps. Raises NotAFeedError."""
    content = read_sitemap(body, feed, now, max_items)
    if not content or not isinstance(content[0], SitemapRef):
        return content
    return SitemapIndex(tuple(newest(content)), all(child.modified for child in content))


def read_sitemap(body: bytes, feed: Feed, now: datetime, max_items: int) -> list[Any]:
    """Parses a sitemap to at most `max_items` Items, or an index to all its SitemapRefs. Raises NotAFeedError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True, remove_pis=True)
    try:
        root: Any = etree.fromstring(body.lstrip(), parser)
    except etree.XMLSyntaxError:
        root = None
    kind = _name(root) if root is not None else ""
    if kind == "sitemapindex":
        return [
            SitemapRef(sound(url, MAX_URL), sound(_child(element, "lastmod"), 100))
            for element in root
            if (url := _child(element, "loc")) and len(url) <= MAX_URL
        ]
    if kind != "urlset":
        raise NotAFeedError(Problem("not_a_sitemap"))
    return _latest([item for element in root if (item := _item(element, feed, now))], max_items)


def _latest(items: list[Item], limit: int) -> list[Item]:
    """Returns the latest `limit` items, in their order. Long sitemaps begin with the oldest address as often as with the newest.

    Items without a date fill the remaining places, half from the beginning and half from the end.
    """
    if len(items) <= limit:
        return items
    indexes = range(len(items))
    dated = sorted((index for index in indexes if items[index].published), key=lambda index: _date_of(items[index]), reverse=True)[:limit]
    undated = [index for index in indexes if not items[index].published]
    room = limit - len(dated)
    selected = {*dated, *undated[: room - room // 2], *(undated[-(room // 2) :] if room > 1 else ())}
    return [items[index] for index in sorted(selected)]


def _date_of(item: Item) -> datetime:
    assert item.published is not None
    return item.published


def _item(element: Any, feed: Feed, now: datetime) -> Item | None:
    url = _child(element, "loc")
    if not url.startswith(("http://", "https://")) or len(url) > MAX_URL:
        return None
    url = sound(url, MAX_URL).replace(" ", "%20")
    try:
        slug = title_of(url)
    except ValueError:  # "http://[": skip only this row
        return None
    news = next((child for child in element if _name(child) == "news"), None)
    title = date = source = declared = keywords = ""
    if news is not None:
        title, date, keywords = line(_child(news, "title")), _child(news, "publication_date"), line(_child(news, "keywords"))
        publication = next((child for child in news if _name(child) == "publication"), None)
        if publication is not None:
            source, declared = line(_child(publication, "name"), 200), _child(publication, "language")
    title = title or slug
    published = parse_date(date or _child(element, "lastmod"), feed.timezone)
    return Item(
        feed=feed.url,
        url=url,
        title=title,
        summary=keywords,
        lang=language(title, configured=feed.lang, declared=declared),
        published=plausible_date(published, now),
        source=source,
    )


def title_of(url: str) -> str:
    """Makes a title from an address: "…/nvidia-opens-centre-in-hanoi-4823.html" → "nvidia opens centre in hanoi"; "" for too few words.

    Raises ValueError for an invalid address.
    """
    slug = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    slug = re.sub(r"\.(?:html?|php|aspx?|htm|chn|vnp)$", "", slug)
    words = [word for word in re.split(r"[-_+\s]+", slug) if word and not re.fullmatch(r"(?:post|p|d|a|id)?\d+", word)]
    return sound(" ".join(words)) if len(words) >= MIN_SLUG_WORDS else ""


def _name(element: Any) -> str:
    """Returns the name of an element without namespace; for "news:title" with an undeclared prefix also without the prefix."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def _child(element: Any, name: str) -> str:
    return next(((child.text or "").strip() for child in element if _name(child) == name), "")
