"""Defines parse_feed: parses the bytes of a response to items, as JSON Feed, by the fast path, or with feedparser.

The charset comes from the bytes first and from the declarations second. No network.
"""

from __future__ import annotations

from datetime import datetime

from seeds.feeds import Feed
from watchers.models.problem import Problem, ProblemError
from watchers.parsing import fast_xml, json_feed
from watchers.parsing.normalize import ParsedDocument, ParsedFeed, normalize_feed
from watchers.text.html_text import is_html


class NotAFeedError(ProblemError, ValueError):
    """The body is not a feed in any format. The problem says what it looks like."""


def parse_feed(body: bytes, *, feed: Feed, content_type: str, now: datetime, base: str = "", max_items: int = 5_000) -> ParsedFeed:
    """Parses `body`. `base` is the address of the response (default: the feed's); relative links refer to it.

    Raises NotAFeedError. Can be slow on malicious bytes: `sandbox.ParseWorkers` parses with a time limit.
    """
    document = read_fast(body, content_type) or read_slow(body, content_type)
    return normalize_feed(document, feed=feed, base=base or feed.url, now=now, max_items=max_items)


def read_fast(body: bytes, content_type: str, max_entries: int | None = None) -> ParsedDocument | None:
    """Parses `body` in bounded time and memory. None if that is not possible, or if it has more than `max_entries` entries."""
    if json_feed.is_json(body, content_type):
        return json_feed.read(body, max_entries)
    return fast_xml.read(body, max_entries)


def read_slow(body: bytes, content_type: str) -> ParsedDocument:
    """Parses `body` by the reference path. Raises NotAFeedError."""
    from watchers.parsing import feedparser_adapter

    try:
        document = None if json_feed.is_json(body, content_type) else feedparser_adapter.read(body, content_type)
    except MemoryError:
        raise
    except Exception as error:
        # feedparser and the codecs raise many types of errors on broken bodies.
        raise NotAFeedError(Problem("not_a_feed.unreadable", {"words": type(error).__name__})) from error
    if document is None:
        raise NotAFeedError(Problem(_problem_code(body)))
    return document


def _problem_code(body: bytes) -> str:
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
