"""Defines Bench, what tests of sources that are not feeds share: a server, a client in front of it, parsing processes, a fixed moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.support.feed_server import Answer, FeedServer
from watchers.http.conditional import ConditionalClient
from watchers.models.polling import Limits
from watchers.parsing.sandbox import ParseWorkers
from watchers.sources.article import ArticleFetcher, robots_of

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
LIMITS = Limits(allow_private_addresses=True, timeout=timedelta(seconds=5))


@dataclass
class Bench:
    """What a test asks with."""

    server: FeedServer
    client: ConditionalClient
    workers: ParseWorkers

    @property
    def pages(self) -> ArticleFetcher:
        """Who reads the pages behind items."""
        return ArticleFetcher(self.client, self.workers, robots_of(self.client), lambda: NOW)


def html(body: str) -> Answer:
    """A page."""
    return Answer(body.encode(), headers={"Content-Type": "text/html; charset=utf-8"})
