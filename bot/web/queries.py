"""Defines StoryPage and Timeline, which the pages of the web view show, and how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.local_time import local_date
from bot.store import iso
from bot.store.daily_counts import daily_counts, monthly_counts
from bot.store.story_rows import StoryCursor, list_stories
from bot.stories.read import read_stories
from bot.stories.view import StoryView

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

STORIES = 50
"""On one page."""
DAYS = 14
MONTHS = 12


@dataclass(frozen=True, slots=True)
class StoryPage:
    """Stories, the newest first, and where the older ones begin ("" when there are none)."""

    stories: tuple[StoryView, ...]
    older: str = ""


def stories(store: Store, seeds: Seeds, *, before: str = "", entity: str = "", rule: str = "") -> StoryPage:
    """Stories that moved last before the cursor `before` ("TIME,ID", as `StoryPage.older` gave it), of an entity or a rule where named.

    Those without a time come last; their cursor has none.
    """
    last_at, _, number = before.partition(",")
    behind = StoryCursor(last_at, int(number) if number.isdecimal() else 0) if before else None
    rows = list_stories(store, behind=behind, entity=entity, rule=rule, limit=STORIES + 1)
    shown = rows[:STORIES]
    older = f"{iso(shown[-1].last_at) if shown[-1].last_at else ''},{shown[-1].id}" if len(rows) > STORIES else ""
    return StoryPage(tuple(read_stories(store, shown, seeds)), older)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Items with a hit that name an entity, by day and by month of their `item_time`."""

    days: tuple[tuple[date, int], ...]
    months: tuple[tuple[date, int], ...]
    """The first of each month."""


def timeline(store: Store, entity: str, now: datetime, tz: str) -> Timeline:
    """The last 14 days and 12 months, each up to today's so far."""
    today = local_date(now, tz)
    counted = daily_counts(store, [entity], now, DAYS, tz)[entity]
    days = tuple((today - timedelta(days=DAYS - 1 - index), n) for index, n in enumerate(counted))
    return Timeline(days, tuple(monthly_counts(store, entity, now, MONTHS, tz)))
