"""Defines parse_feed, from the bytes of an answer to items: JSON Feed, the fast path, or feedparser.

Charsets are judged here and below, from the bytes first and the labels second. Nothing here asks the network.
"""

from __future__ import annotations

from datetime import datetime

from seeds.feeds import Feed
from watchers.models.problem import Problem, ProblemError
from watchers.parsing import fast_xml, json_feed
from watchers.parsing.normalize import ParsedDocument, ParsedFeed, normalize_feed
from watchers.text.html_text import is_html


class NotAFeedError(ProblemError, ValueError):
    """The body is no feed in any form; the text says what it looks like."""


def parse_feed(body: bytes, *, feed: Feed, content_type: str, now: datetime, base: str = "", max_items: int = 5_000) -> ParsedFeed:
    """Reads `body` as a feed. `base` is the address that answered (default: the feed's), for links without a host.

    Raises NotAFeedError. May be slow on hostile bytes: see `worker` for the form with a time limit.
    """
    channel = read_fast(body, content_type) or read_slow(body, content_type)
    return normalize_feed(channel, feed=feed, base=base or feed.url, now=now, max_items=max_items)


def read_fast(body: bytes, content_type: str, most: int | None = None) -> ParsedDocument | None:
    """What can be read in bounded time and memory, or None; None also for more than `most` entries."""
    if json_feed.is_json(body, content_type):
        return json_feed.read(body, most)
    return fast_xml.read(body, most)


def read_slow(body: bytes, content_type: str) -> ParsedDocument:
    """The reference path. Raises NotAFeedError."""
    from watchers.parsing import feedparser_adapter

    try:
        channel = None if json_feed.is_json(body, content_type) else feedparser_adapter.read(body, content_type)
    except MemoryError:
        raise
    except Exception as error:
        # feedparser and the codecs below it raise whatever they stumble over; that is this body's fault and nobody else's.
        raise NotAFeedError(Problem("not_a_feed.unreadable", {"words": type(error).__name__})) from error
    if channel is None:
        raise NotAFeedError(Problem(_looks_like(body)))
    return channel


def _looks_like(body: bytes) -> str:
    head = body[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        return "not_a_feed.empty"
    if is_html(head):
        return "not_a_feed.page"
    if head.startswith((b"{", b"[")):
        return "not_a_feed.broken_json" if b"jsonfeed.org" in head else "not_a_feed.json"
    if b"<urlset" in head or b"<sitemapindex" in head:
        return "not_a_feed.sitemap"
    return "not_a_feed"
