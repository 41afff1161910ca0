"""Defines the first archive: the bundled seed documents, matched and told once, at the first start of a database.

They show at once, without a network, what the watch does. A document is an item like any other, known by its keys from then on.
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
"""What stands as `items.feed` of a document."""


def item_of(document: Document) -> Item:
    """The document as an item."""
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


async def tell_documents(
    documents: Callable[[], Sequence[Document]],
    *,
    store: StoreThread,
    matching: AsyncMatcher,
    stories: LiveStories,
    tell: PlanDeliveries | None,
    now: datetime,
) -> WriteResult:
    """Matches, stores and tells the documents that this database does not know yet; nothing when it knows them all."""
    items = [item_of(document) for document in documents()]
    keys = [identity_keys(item) for item in items]
    known = await store.read(known_keys, [some[0] for some in keys])
    new = [(item, some) for item, some in zip(items, keys, strict=True) if some[0] not in known]
    matches = await matching.match([item for item, _ in new])
    arrivals = [IncomingItem(MatchedItem(item, some, match)) for (item, some), match in zip(new, matches, strict=True)]
    written = await store.write(write_arrivals, arrivals, feed=None, now=now, stories=stories, tell=tell, origin="first")
    stories.settled()
    return written
