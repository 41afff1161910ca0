"""Defines PageWatcher: polls a page without a feed. The links that a CSS selector matches are its items."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import urljoin

from seeds.feeds import Feed
from watchers.http.address_rules import MAX_URL
from watchers.http.conditional import ConditionalClient, hash_of, same_bytes, validator
from watchers.http.host_limits import LargeBodySlot
from watchers.http.robots import Robots
from watchers.models.item import Item
from watchers.models.polling import FeedState, PollError, PollResult
from watchers.models.problem import Problem
from watchers.parsing.parse import NotAFeedError
from watchers.parsing.sandbox import ParseStoppedError, ParseWorkers
from watchers.state.identity import canonical_url
from watchers.state.poll_schedule import header_hints
from watchers.text.dates import parse_date, plausible_date
from watchers.text.html_text import line, sound
from watchers.text.language import language

ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.1"
MAX_LINKS = 1_000
"""Links read of one page, in the order of the page."""


class PageWatcher:
    """Polls pages; every selected link is an item."""

    def __init__(self, client: ConditionalClient, workers: ParseWorkers, robots: Robots) -> None:
        """Pages are made for people, so robots.txt applies. Parsing runs in `workers`."""
        self._client, self._workers, self._robots = client, workers, robots

    async def poll(self, feed: Feed, state: FeedState, now: datetime) -> PollResult:
        """Polls the page once. It is an error if the selector matches no link: the page was rebuilt, or the selector is wrong."""
        with self._client.large_body_slot() as body_slot:
            return await self._poll(feed, state, now, body_slot)

    async def _poll(self, feed: Feed, state: FeedState, now: datetime, body_slot: LargeBodySlot) -> PollResult:

        async def check_address(url: str) -> PollError | None:
            return await self._robots.refusal(url, now)

        answer = await self._client.fetch_feed(feed, state, now, accept=ACCEPT, body_slot=body_slot, check_address=check_address)
        if isinstance(answer, PollResult):
            return answer
        body_hash = hash_of(answer.body)
        if body_hash == state.body_hash:
            return same_bytes(answer, body_hash, now)
        content_type = answer.headers.get("Content-Type", "")
        try:
            title, items = await self._workers.run(read_links, answer.body, content_type, answer.url, feed, now)
            keys = await self._workers.identify(items)
        except NotAFeedError as error:
            return PollResult("failed", error=PollError("not_a_feed", error.problem))
        except ParseStoppedError as error:
            return PollResult("failed", error=PollError("hostile", error.problem))
        return PollResult(
            "items",
            items=items,
            keys=keys,
            etag=validator(answer, "ETag"),
            last_modified=validator(answer, "Last-Modified"),
            body_hash=body_hash,
            title=title,
            hints=header_hints(answer.headers, now),
            redirect=answer.permanent,
            size=len(answer.body),
            parser="page",
        )


def read_links(body: bytes, content_type: str, base: str, feed: Feed, now: datetime) -> tuple[str, tuple[Item, ...]]:
    """Returns the page's title and an item for each element that `feed.select` matches: the element's own link or the first inside it.

    Raises NotAFeedError if there is no link, or if `feed.select` is not a valid selector.
    """
    from cssselect import SelectorError
    from lxml import etree, html

    def parser_of(charset: str | None) -> html.HTMLParser:
        return html.HTMLParser(encoding=charset, remove_comments=True, no_network=True, huge_tree=False)

    try:
        parser = parser_of(_charset(body, content_type))
    except (LookupError, ValueError):  # an unknown charset: use the declaration inside the page
        parser = parser_of(None)
    try:
        root: Any = html.document_fromstring(body, parser=parser)
        elements = root.cssselect(feed.select)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise NotAFeedError(Problem("not_a_page")) from None
    except SelectorError as error:
        raise NotAFeedError(Problem("selector.invalid", {"selector": repr(feed.select), "words": str(error)})) from None
    base = base_of(root, base)
    items: dict[str, Item] = {}
    for element in elements:
        item = _item(element, base, feed, now)
        if item:
            key = canonical_url(item.url)
            # A picture and a headline often link to the same article: the longer title is the headline.
            if key not in items or len(item.title) > len(items[key].title):
                items[key] = item
    if not items:
        raise NotAFeedError(Problem("selector.no_link", {"selector": repr(feed.select)}))
    return _text(root.findtext(".//title") or ""), tuple(items.values())[:MAX_LINKS]


def base_of(root: Any, address: str) -> str:
    """Returns the address that relative links of the page at `address` refer to."""
    try:
        return urljoin(address, str(next(iter(root.xpath("//base/@href")), "")))
    except ValueError:  # "http://["
        return address


def _item(element: Any, base: str, feed: Feed, now: datetime) -> Item | None:
    anchor = element if element.tag == "a" else next(element.iter("a"), None)
    if anchor is None:
        return None
    try:
        url = urljoin(base, (anchor.get("href") or "").strip())
    except ValueError:
        return None
    if not url.startswith(("http://", "https://")) or len(url) > MAX_URL:
        return None
    url = sound(url, MAX_URL).replace(" ", "%20")
    title = _text(" ".join(anchor.itertext())) or _text(anchor.get("title") or "") or _text(" ".join(element.itertext()))
    if not title:
        return None
    time_element = next(iter(element.iter("time")), None) if element is not anchor else None
    raw_date = (time_element.get("datetime") or "".join(time_element.itertext())) if time_element is not None else ""
    published = plausible_date(parse_date(raw_date, feed.timezone), now) if raw_date else None
    # Most links have no date. A link that was not on the page at the last poll is new.
    return Item(feed=feed.url, url=url, title=title, lang=language(title, configured=feed.lang), published=published)


def _text(text: str) -> str:
    """Cleans text that the HTML parser has decoded already: "<table>" in it is text of the headline, not a tag."""
    return line(escape(text, quote=False))


def _charset(body: bytes, content_type: str) -> str | None:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        name = content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
        return name or None
    return "utf-8"
