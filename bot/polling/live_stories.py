"""Defines LiveStories: the stories of the window in memory, kept true to the database.

A turn places an item and records it at once, so that the next item of the same visit sees it. When the transaction of a turn does not
commit, memory is ahead of the database: the next turn then reads the stories from the database anew.
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
"""Where the index keeps what nobody knows the time of: such items tell the same news as each other, never as something of today."""


class LiveStories:
    """One for a process. Turns that tell stories must not overlap; `bot.polling.poller` holds a lock around them."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._index = StoryIndex(window)
        self._stale = True
        self._begun = False

    def begin(self, store: Store, now: datetime) -> None:
        """At the start of a turn's transaction: reads the stories when memory cannot be trusted."""
        if self._stale:
            self._index = StoryIndex(self._window)
            for story, item, match, seen in told_since(store, self._since(now)):
                self._index.record(story, item, match, seen=seen or _UNDATED)
        self._stale = self._begun = True

    def settled(self) -> None:
        """The turn's transaction is committed: memory and database agree, if it told any story at all."""
        if self._begun:
            self._stale = self._begun = False

    def placement(self, item: Item, match: Match, *, at: datetime | None) -> StoryAssignment:
        """Where the item belongs. `at`: its time, as `bot.store.items.item_time` gives it."""
        return self._index.place(item, match, seen=at or _UNDATED)

    def write(self, store: Store, number: int, item: Item, match: Match, *, placement: StoryAssignment, at: datetime | None) -> int:
        """Gives the item's story, a new one or the one it joins; its hits are not written yet."""
        story = placement.story
        if story is None:
            story = add_story(store, number, title_of(item), at=at, sponsored=item.sponsored or match.sponsored)
        self._index.record(story, item, match, seen=at or _UNDATED)
        return story

    def write_joined(
        self, store: Store, story: int, number: int, item: Item, match: Match, *, why: Sequence[str], at: datetime | None
    ) -> None:
        """After the hits of an item that joined a story are written: the story's counts, lead and reasons."""
        join_story(store, story, number, title_of(item), why, at=at, sponsored=item.sponsored or match.sponsored)

    def forget(self, now: datetime) -> None:
        """Drops from memory what is out of reach."""
        since = self._since(now)
        if since is not None:
            self._index.forget(since)

    def _since(self, now: datetime) -> datetime | None:
        """The last time of the oldest stories that an item may join; None: of all, also of those without a time."""
        # A feed may list an item a window late, and that one may join a story that began a window before it.
        return now - 2 * self._window


def title_of(item: Item) -> str:
    """What a story is called after its item: the title, or the beginning of its text."""
    return title_or_opening(item.title, item.summary or item.text)
