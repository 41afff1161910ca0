"""The bundled documents at the first start of a database: stored and told once, each on its own day or on none."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bot.polling.bundled_documents import ingest_documents
from bot.polling.ingest import WriteResult
from bot.polling.live_stories import LiveStories
from bot.store import Store, StoreThread
from seeds.documents import Document
from tests.bot.backfill.archive import small_seeds
from watchers.match.matcher import Matcher
from watchers.match.result import Match
from watchers.models.item import Item

NOW = datetime.datetime(2026, 3, 2, 8, tzinfo=datetime.UTC)
TEXT = "Nvidia said that it would build a research centre in Hanoi with FPT, and hire two hundred engineers there."
DATED = Document(id="dated", title="Nvidia to build a research centre in Hanoi", text=TEXT, lang="en", date=datetime.date(2023, 9, 12))
UNDATED = Document(id="undated", title="FPT and Nvidia plan a school for engineers in Da Nang", text=TEXT, lang="en")


class Here:
    """Matches where it is called."""

    def __init__(self) -> None:
        self._matcher = Matcher(small_seeds())

    async def match(self, items: Sequence[Item]) -> list[Match]:
        """See Matching."""
        return [self._matcher.match(item) for item in items]


@pytest.fixture
def thread(tmp_path: Path) -> Iterator[StoreThread]:
    one = StoreThread(tmp_path / "a.db")
    one.start()
    yield one
    one.close()


async def tell(thread: StoreThread, *documents: Document) -> WriteResult:
    """A start of the bot with these documents."""
    keeper = LiveStories(datetime.timedelta(hours=72))
    return await ingest_documents(lambda: documents, store=thread, matching=Here(), stories=keeper, plan_deliveries=None, now=NOW)


def days(store: Store) -> dict[str, tuple[str | None, str | None]]:
    """Of each document its date, and that of its story."""
    rows = store.conn.execute(
        "SELECT items.guid, items.published_at, stories.first_at FROM items JOIN hits ON hits.item = items.id "
        "JOIN stories ON stories.id = hits.story GROUP BY items.id"
    )
    return {row[0]: (row[1], row[2]) for row in rows}


async def test_a_document_without_a_date_does_not_count_as_today(thread: StoreThread) -> None:
    written = await tell(thread, DATED, UNDATED)
    assert len(written.items) == 2
    found = await thread.read(days)
    assert found["dated"][0] == "2023-09-12T00:00:00Z"
    assert found["undated"][0] is None
    assert not any((first or "").startswith("2026") for _, first in found.values())


async def test_documents_are_told_once(thread: StoreThread) -> None:
    await tell(thread, DATED, UNDATED)
    assert (await tell(thread, DATED, UNDATED)).items == ()
