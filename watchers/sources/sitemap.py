"""Defines SitemapWatcher: a news sitemap, or an index of sitemaps, looked at as if it were a feed.

News sitemaps carry titles and dates (Google News schema 0.9); plain ones only addresses, whose last part then stands for the
title. Of an index the newest sitemaps are read, and no deeper.
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
"""Sitemaps of an index that are read at one look: those that changed last."""
MIN_SLUG_WORDS = 3
"""An address needs so many words in its last part to give a title."""


@dataclass(frozen=True, slots=True)
class SitemapRef:
    """A sitemap that an index names. `modified` is as written, "" where it does not say."""

    url: str
    modified: str


@dataclass(frozen=True, slots=True)
class SitemapIndex:
    """An index of sitemaps: the children worth reading, and whether it dates all of them."""

    newest: tuple[SitemapRef, ...]
    dated: bool


class SitemapWatcher:
    """Looks at sitemaps."""

    def __init__(self, client: ConditionalClient, workers: ParseWorkers) -> None:
        """Parsing runs in `workers`: a sitemap may hold 50,000 addresses in 50 MB."""
        self._client = client
        self._workers = workers

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """Visits the sitemap, and for an index its newest children."""
        with self._client.large_body_slot() as body_slot:
            answer = await self._client.fetch_feed(feed, state, now, accept=ACCEPT, body_slot=body_slot)
            if isinstance(answer, PollResult):
                return answer
            found = await self._read(answer.body, feed, now)
            if isinstance(found, PollResult):
                return found
            if isinstance(found, list):
                return await self._result(answer, found, state, hash_of(answer.body), now, size=len(answer.body))
            answer = FetchResponse(answer.url, b"", answer.headers, answer.permanent)
        # The turn is over, and the index let go: who holds a turn must not wait at a host where others wait for one.
        return await self._look_inside(feed, found, answer, state, now)

    async def _read(self, body: bytes, feed: Feed, now: datetime) -> list[Item] | SitemapIndex | PollResult:
        """What the body is; a failed look where it is no sitemap."""
        try:
            return await self._workers.run(read_for_look, body, feed, now, self._client.limits.max_items)
        except NotAFeedError as error:
            return PollResult("failed", error=PollError("not_a_feed", error.problem))
        except ParseStoppedError as error:
            return PollResult("failed", error=PollError("hostile", error.problem))

    async def _look_inside(self, feed: Feed, index: SitemapIndex, answer: FetchResponse, state: FeedState, now: datetime) -> PollResult:
        """What its newest children list. One that cannot be read is noted and leaves the others; where none can, the look has failed."""
        items: list[Item] = []
        notes: list[str] = []
        whole, size = new_hash(), 0
        trouble = PollResult("failed", error=PollError("not_a_feed", Problem("sitemap.empty_index")))
        for child in index.newest:
            with self._client.large_body_slot() as body_slot:
                inside = await self._client.get(FetchRequest(child.url, accept=ACCEPT), body_slot)
                found = await self._read(inside.body, feed, now) if isinstance(inside, FetchResponse) else _not_read(inside, now)
                if isinstance(found, SitemapIndex):
                    found = PollResult("failed", error=PollError("not_a_feed", Problem("sitemap.nested_index")))
                if isinstance(found, PollResult):
                    trouble = found
                    notes.append(f"{child.url}: {found.error.problem if found.error else 'not read'}")
                    continue
                assert isinstance(inside, FetchResponse)
                whole.update(inside.body)
                size += len(inside.body)
                items += found
                del inside
        if len(notes) == len(index.newest):
            return trouble
        # Validators are the index's; they say nothing about the children unless the index dates them, and all of these were read.
        answer = FetchResponse(answer.url, b"", answer.headers if index.dated and not notes else {}, answer.permanent)
        return await self._result(answer, items, state, whole.hexdigest(), now, size=size, notes=tuple(notes))

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
        kept = tuple(items[: self._client.limits.max_items])
        try:
            keys = await self._workers.identify(kept)
        except ParseStoppedError as error:
            return PollResult("failed", error=PollError("hostile", error.problem))
        return PollResult(
            "items",
            items=kept,
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


def _not_read(answer: FetchError | NotModified, now: datetime) -> PollResult:
    """A child is asked without validators: a 304 says nothing."""
    return failed(answer if isinstance(answer, FetchError) else FetchError("broken", Problem("unasked_304"), 304), now)


def newest(children: list[SitemapRef]) -> list[SitemapRef]:
    """The children worth reading: by date where they have one, news before others, later ones before earlier ones."""
    ranked = sorted(enumerate(children), key=lambda pair: ("news" in pair[1].url.lower(), pair[1].modified, pair[0]), reverse=True)
    return [child for _, child in ranked[:CHILDREN]]


def read_for_look(body: bytes, feed: Feed, now: datetime, max_items: int) -> list[Item] | SitemapIndex:
    """The items of a sitemap, at most `max_items`, or an index. Raises NotAFeedError."""
    found = read_sitemap(body, feed, now, max_items)
    if not found or not isinstance(found[0], SitemapRef):
        return found
    return SitemapIndex(tuple(newest(found)), all(child.modified for child in found))


def read_sitemap(body: bytes, feed: Feed, now: datetime, max_items: int) -> list[Any]:
    """The items of a sitemap, at most `max_items`, or the Children of an index. Raises NotAFeedError."""
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


def _latest(items: list[Item], most: int) -> list[Item]:
    """The latest of too many, in their order: sitemaps of 50,000 addresses begin with the oldest as often as with the newest."""
    if len(items) <= most:
        return items
    dated = sorted((at for at, item in enumerate(items) if item.published), key=lambda at: _date_of(items[at]), reverse=True)[:most]
    undated = [at for at, item in enumerate(items) if not item.published]
    room = most - len(dated)
    kept = {*dated, *undated[: room - room // 2], *(undated[-(room // 2) :] if room > 1 else ())}
    return [items[at] for at in sorted(kept)]


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
    except ValueError:  # "http://[": one row's nonsense keeps no other
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
        lang=language(title, known=feed.lang, declared=declared),
        published=plausible_date(published, now),
        source=source,
    )


def title_of(url: str) -> str:
    """Words out of an address: "…/nvidia-opens-centre-in-hanoi-4823.html" → "nvidia opens centre in hanoi"; "" for too few.

    Raises ValueError for what is no address.
    """
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    last = re.sub(r"\.(?:html?|php|aspx?|htm|chn|vnp)$", "", last)
    words = [word for word in re.split(r"[-_+\s]+", last) if word and not re.fullmatch(r"(?:post|p|d|a|id)?\d+", word)]
    return sound(" ".join(words)) if len(words) >= MIN_SLUG_WORDS else ""


def _name(element: Any) -> str:
    """The name of an element without its namespace, and without its prefix where nothing declares that ("news:title")."""
    return element.tag.rpartition("}")[2].rpartition(":")[2] if isinstance(element.tag, str) else ""


def _child(element: Any, name: str) -> str:
    return next(((child.text or "").strip() for child in element if _name(child) == name), "")
