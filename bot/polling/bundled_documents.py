"""Defines ingest_documents, which matches and stores the bundled seed documents at the first start of a database.

They show what the watch does without a network. A document is stored as an item and recognised by its identity keys afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.polling.ingest import IncomingItem, PlanDeliveries, WriteResult, write_arrivals
from bot.polling.live_stories import LiveStories
from bot.polling.matcher_thread import AsyncMatcher
from bot.store import StoreThread
from bot.store.items import MatchedItem, known_keys
from seeds.documents import Document
from watchers.models.item import Item
from watchers.state.identity import identity_keys

FEED = "seeds/documents"
"""The value of `items.feed` of a document."""


def item_of(document: Document) -> Item:
    """Converts a document to an item."""
    return Item(
        feed=FEED,
        url=document.url,
        guid=document.id,
        title=document.title,
        text=document.text,
        lang=document.lang,
        published=document.published,
        source=document.source or document.attributed,
        sponsored=document.sponsored,
    )


async def ingest_documents(
    documents: Callable[[], Sequence[Document]],
    *,
    store: StoreThread,
    matching: AsyncMatcher,
    stories: LiveStories,
    plan_deliveries: PlanDeliveries | None,
    now: datetime,
) -> WriteResult:
    """Matches and stores the documents that are not in the database yet, and plans their deliveries. Does nothing if all are stored."""
    items = [item_of(document) for document in documents()]
    keys = [identity_keys(item) for item in items]
    stored_keys = await store.read(known_keys, [item_keys[0] for item_keys in keys])
    new = [(item, item_keys) for item, item_keys in zip(items, keys, strict=True) if item_keys[0] not in stored_keys]
    matches = await matching.match([item for item, _ in new])
    arrivals = [IncomingItem(MatchedItem(item, item_keys, match)) for (item, item_keys), match in zip(new, matches, strict=True)]
    result = await store.write(
        write_arrivals, arrivals, feed=None, now=now, stories=stories, plan_deliveries=plan_deliveries, origin="first"
    )
    stories.mark_committed()
    return result
