"""Defines the fixtures of watchers: the process that parses, and the bench of sources that are not feeds (other modules have their own)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.feed_server import feed_server
from tests.support.sources import LIMITS, Bench
from watchers.http.client import open_session
from watchers.http.conditional import ConditionalClient
from watchers.parsing.sandbox import ParseWorkers


@pytest.fixture(scope="module")
def workers(request: pytest.FixtureRequest) -> Iterator[ParseWorkers]:
    """A parsing process that a module shares, within the module's own LIMITS."""
    pool = ParseWorkers(request.module.LIMITS, workers=1)
    yield pool
    pool.close()


@pytest.fixture
async def bench(workers: ParseWorkers) -> AsyncIterator[Bench]:
    """A server of its own for each test."""
    async with feed_server() as server, open_session(LIMITS) as session:
        yield Bench(server, ConditionalClient(session, LIMITS), workers)
