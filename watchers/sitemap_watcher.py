"""Defines SitemapWatcher: a news sitemap, or an index of sitemaps, looked at as if it were a feed.

News sitemaps carry titles and dates (Google News schema 0.9); plain ones only addresses, whose last part then stands for the
title. Of an index the newest sitemaps are read, and no deeper.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from lxml import etree

from seeds.feeds import Feed
from watchers.dates import not_after, parse_date
from watchers.fetch import Fetched, FetchError, FetchRequest, Unchanged
from watchers.identity import identities
from watchers.items import Item
from watchers.language import language
from watchers.pace import header_hints
from watchers.parse import NotAFeedError
from watchers.text import line
from watchers.visitor import Visitor, failed, hash_of, same_bytes, validator
from watchers.watcher import FeedState, Look, LookError
from watchers.worker import ParseStoppedError, ParseWorkers

ACCEPT = "application/xml,text/xml;q=0.9,*/*;q=0.5"
CHILDREN = 2
"""Sitemaps of an index that are read at one look: those that changed last."""
MIN_SLUG_WORDS = 3
"""An address needs so many words in its last part to give a title."""


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap that an index names. `modified` is as written, "" where it does not say."""

    url: str
    modified: str


class SitemapWatcher:
    """Looks at sitemaps."""

    def __init__(self, visitor: Visitor, workers: ParseWorkers) -> None:
        """Parsing runs in `workers`: a sitemap may hold 50,000 addresses in 50 MB."""
        self._visitor = visitor
        self._workers = workers

    async def look(self, feed: Feed, state: FeedState, now: datetime) -> Look:
        """Visits the sitemap, and for an index its newest children."""
        answer = await self._visitor.ask(feed, state, now, accept=ACCEPT)
        if isinstance(answer, Look):
            return answer
        limits = self._visitor.limits
        try:
            found = await self._workers.run(read_sitemap, answer.body, feed, now, limits.max_bytes, limits.max_items)
            body = answer.body
            if found and isinstance(found[0], Child):
                return await self._look_inside(feed, found, answer, state, now)
        except NotAFeedError as error:
            return Look("failed", error=LookError("not_a_feed", str(error)))
        except ParseStoppedError as error:
            return Look("failed", error=LookError("hostile", str(error)))
        body_hash = hash_of(body)
        if body_hash == state.body_hash:
            return same_bytes(answer, body_hash, now)
        return self._result(answer, found, body_hash, now)

    async def _look_inside(self, feed: Feed, children: list[Child], index: Fetched, state: FeedState, now: datetime) -> Look:
        bodies, items = [], []
        limits = self._visitor.limits
        for child in newest(children):
            answer = await self._visitor.get(FetchRequest(child.url, accept=ACCEPT))
            if isinstance(answer, FetchError | Unchanged):
                return failed(answer, now) if isinstance(answer, FetchError) else Look("unchanged", body_hash=state.body_hash)
            bodies.append(answer.body)
            found = await self._workers.run(read_sitemap, answer.body, feed, now, limits.max_bytes, limits.max_items)
            items += [one for one in found if isinstance(one, Item)]
        body_hash = hash_of(b"".join(bodies))
        # Validators are the index's; they say nothing about the children unless the index dates them.
        dated = all(child.modified for child in children)
        plain = Fetched(index.url, b"".join(bodies), index.headers if dated else {}, index.permanent)
        if body_hash == state.body_hash:
            return same_bytes(plain, body_hash, now)
        return self._result(plain, items, body_hash, now)

    def _result(self, answer: Fetched, items: list[Item], body_hash: str, now: datetime) -> Look:
        kept = tuple(items[: self._visitor.limits.max_items])
        return Look(
            "items",
            items=kept,
            keys=identities(kept),
            etag=validator(answer, "ETag"),
            last_modified=validator(answer, "Last-Modified"),
            body_hash=body_hash,
            hints=header_hints(answer.headers, now),
            redirect=answer.permanent,
            size=len(answer.body),
            parser="sitemap",
        )


def newest(children: list[Child]) -> list[Child]:
    """The children worth reading: by date where they have one, news before others, later ones before earlier ones."""
    ranked = sorted(enumerate(children), key=lambda pair: ("news" in pair[1].url.lower(), pair[1].modified, pair[0]), reverse=True)
    return [child for _, child in ranked[:CHILDREN]]


def read_sitemap(body: bytes, feed: Feed, now: datetime, max_bytes: int, max_items: int) -> list[Any]:
    """The items of a sitemap, or the Children of an index. Raises NotAFeedError."""
    if body.startswith(b"\x1f\x8b"):  # sitemap.xml.gz, served as a file
        body = _unpack(body, max_bytes)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, remove_comments=True, remove_pis=True)
    try:
        root: Any = etree.fromstring(body.lstrip(), parser)
    except etree.XMLSyntaxError:
        root = None
    kind = etree.QName(root).localname if root is not None else ""
    if kind == "sitemapindex":
        return [Child(*pair) for element in root if (pair := (_child(element, "loc"), _child(element, "lastmod")))[0]]
    if kind != "urlset":
        raise NotAFeedError("not a sitemap")
    items = (_item(element, feed, now) for element in root)
    return [item for item, _ in zip((one for one in items if one), range(max_items), strict=False)]


def _item(element: Any, feed: Feed, now: datetime) -> Item | None:
    url = _child(element, "loc")
    if not url.startswith(("http://", "https://")):
        return None
    news = next((child for child in element if _name(child) == "news"), None)
    title = date = source = declared = keywords = ""
    if news is not None:
        title, date, keywords = line(_child(news, "title")), _child(news, "publication_date"), line(_child(news, "keywords"))
        publication = next((child for child in news if _name(child) == "publication"), None)
        if publication is not None:
            source, declared = line(_child(publication, "name"), 200), _child(publication, "language")
    title = title or title_of(url)
    published = parse_date(date or _child(element, "lastmod"), feed.timezone)
    return Item(
        feed=feed.url,
        url=url,
        title=title,
        summary=keywords,
        lang=language(title, known=feed.lang, declared=declared),
        published=not_after(published, now),
        source=source,
    )


def title_of(url: str) -> str:
    """Words out of an address: "…/nvidia-opens-centre-in-hanoi-4823.html" → "nvidia opens centre in hanoi"; "" for too few."""
    last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    last = re.sub(r"\.(?:html?|php|aspx?|htm|chn|vnp)$", "", last)
    words = [word for word in re.split(r"[-_+\s]+", last) if word and not re.fullmatch(r"(?:post|p|d|a|id)?\d+", word)]
    return " ".join(words) if len(words) >= MIN_SLUG_WORDS else ""


def _name(element: Any) -> str:
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def _child(element: Any, name: str) -> str:
    return next(((child.text or "").strip() for child in element if _name(child) == name), "")


def _unpack(body: bytes, max_bytes: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(body, max_bytes)
    except zlib.error:
        raise NotAFeedError("not a sitemap: broken gzip") from None
    if unpacker.unconsumed_tail:
        raise ParseStoppedError(f"more than {max_bytes:,} bytes after decompression")
    return unpacked
