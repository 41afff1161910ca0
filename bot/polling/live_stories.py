"""Defines LiveStories, the story index of the story window in memory, kept in step with the database.

`placement` assigns an item to a story and `write` records it at once, so that the next item of the same visit sees it. If the transaction
is not committed, memory is ahead of the database; the next `begin_transaction` then reads the stories again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.store.store import Store
from bot.store.stories import add_story, join_story, told_since
from bot.stories.build import title_or_opening
from watchers.match.result import Match
from watchers.models.item import Item
from watchers.stories import StoryAssignment, StoryIndex

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of items without a date in the index: they can join each other's stories, but never a current one."""


class LiveStories:
    """Create one per process. Transactions that write stories must not overlap; `bot.polling.poller` holds a lock around them."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._index = StoryIndex(window)
        self._stale = True
        self._in_transaction = False

    def begin_transaction(self, store: Store, now: datetime) -> None:
        """Call at the start of the transaction. Reads the stories from the database if memory may differ from it."""
        if self._stale:
            self._index = StoryIndex(self._window)
            for story_id, item, match, seen in told_since(store, self._since(now)):
                self._index.record(story_id, item, match, seen=seen or _UNDATED)
        self._stale = self._in_transaction = True

    def mark_committed(self) -> None:
        """Call after the commit: memory and database agree again."""
        if self._in_transaction:
            self._stale = self._in_transaction = False

    def placement(self, item: Item, match: Match, *, published_at: datetime | None) -> StoryAssignment:
        """Returns the story that the item belongs to. `published_at` is the result of `bot.store.items.item_time`."""
        return self._index.place(item, match, seen=published_at or _UNDATED)

    def write(
        self, store: Store, item_id: int, item: Item, match: Match, *, placement: StoryAssignment, published_at: datetime | None
    ) -> int:
        """Returns the id of the item's story: a new one or the one it joins. Does not write the hits."""
        story_id = placement.story
        if story_id is None:
            story_id = add_story(store, item_id, title_of(item), at=published_at, sponsored=item.sponsored or match.sponsored)
        self._index.record(story_id, item, match, seen=published_at or _UNDATED)
        return story_id

    def write_joined(
        self, store: Store, story_id: int, item_id: int, item: Item, match: Match, *, why: Sequence[str], published_at: datetime | None
    ) -> None:
        """Updates the counts, lead and reasons of a story that an item joined. Call after the item's hits are written."""
        join_story(store, story_id, item_id, title_of(item), why, at=published_at, sponsored=item.sponsored or match.sponsored)

    def forget(self, now: datetime) -> None:
        """Drops stories from memory that no new item can join."""
        since = self._since(now)
        if since is not None:
            self._index.forget(since)

    def _since(self, now: datetime) -> datetime | None:
        """The time of the last item in the oldest stories that a new item may join; None includes all stories, also undated ones."""
        # A feed may list an item one window late, and that item may join a story that began one window earlier.
        return now - 2 * self._window


def title_of(item: Item) -> str:
    """The title of a story led by this item: the item's title, or the beginning of its text."""
    return title_or_opening(item.title, item.summary or item.text)
