"""Defines how a story is read: its rows from the database, made a StoryView with today's seeds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bot.store.story_rows import StoryRow, read_story_row, read_story_rows
from bot.stories.build import build_story

if TYPE_CHECKING:
    from bot.store import Store
    from bot.stories.view import StoryView
    from seeds.load import Seeds


def read_story(store: Store, story_id: int, seeds: Seeds) -> StoryView | None:
    """The story with its items, events and hits; None when there is no such story or none of its items is left."""
    rows = read_story_rows(store, story_id)
    return None if rows is None else build_story(rows, seeds)


def read_stories(store: Store, rows: Iterable[StoryRow], seeds: Seeds) -> list[StoryView]:
    """The stories of a listing, in its order; those of which no item is left are missing."""
    return [story for row in rows if (story := read_story(store, row.id, seeds)) is not None]


def story_title(store: Store, story_id: int, seeds: Seeds) -> str | None:
    """The headline of the story as it stands now (of the denial, once it is denied); None when there is no such story."""
    view = read_story(store, story_id, seeds)
    if view is not None:
        return view.title
    row = read_story_row(store, story_id)
    return None if row is None else row.title
