"""Defines how tests put the real bot together: packaged knowledge, feeds on loopback, a console that writes into memory."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import structlog

from bot.app import App, Overrides
from bot.clock import Clock
from bot.config import Config
from bot.polling.visit_log import VisitReport
from seeds.documents import Document
from seeds.feeds import Feed
from seeds.load import Seeds, load_seeds
from watchers.match.matcher import Matcher

# Without this structlog draws tracebacks with all local variables: twenty seconds for one that has the seeds in sight.
structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.LogfmtRenderer()])


@cache
def packaged_seeds() -> Seeds:
    """The packaged entities, events and rules, without feeds."""
    return load_seeds(packaged_feeds=False)


@cache
def packaged_matcher() -> Matcher:
    """A Matcher of the packaged seeds; takes half a second, so that all tests share it."""
    return Matcher(packaged_seeds())


def config_of(**sections: dict[str, object]) -> Config:
    """A configuration for loopback: private addresses allowed, no pages fetched; `sections` override."""
    poll = {"allow_private_addresses": True, "full_text": "never", "per_host": 64, **sections.pop("poll", {})}
    return Config.model_validate({"poll": poll, **sections})


@dataclass
class Bot:
    """A bot under test and what it showed."""

    app: App
    screen: io.StringIO
    reports: list[VisitReport] = field(default_factory=list)

    def shown(self, text: str) -> int:
        """How often `text` stands on the screen."""
        return self.screen.getvalue().count(text)

    def count(self, table: str) -> int:
        """Rows of a table, read by another connection as any tool would."""
        import sqlite3

        conn = sqlite3.connect(self.app.database)
        try:
            return int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        finally:
            conn.close()


@asynccontextmanager
async def open_bot(
    database: Path,
    feeds: Sequence[str | Feed] = (),
    *,
    config: Config | None = None,
    clock: Clock | None = None,
    documents: Callable[[], Sequence[Document]] = tuple,
    **given: object,
) -> AsyncIterator[Bot]:
    """The real bot on `database`, polling `feeds`; without the bundled documents unless they are asked for."""
    seeds = replace(packaged_seeds(), feeds=tuple(feed if isinstance(feed, Feed) else Feed(url=feed) for feed in feeds))
    screen, reports = io.StringIO(), list[VisitReport]()
    parts = Overrides(clock=clock, seeds=seeds, documents=documents, matcher=packaged_matcher(), out=screen, on_report=reports.append)
    for name, part in given.items():
        setattr(parts, name, part)
    async with App(config or config_of(), database, None, parts) as app:
        yield Bot(app, screen, reports)
