"""Builds items and matches for the tests of stories, from one line of text each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from watchers.match.result import Event, Match, Mention
from watchers.models.item import Item
from watchers.stories import StoryIndex

MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
WINDOW = timedelta(hours=72)


def item(title: str, text: str = "", *, hours: float = 0.0, source: str = "", lang: str = "en") -> Item:
    """An item published so many hours after Monday afternoon (UTC)."""
    return Item(feed="", title=title, text=text, source=source, lang=lang, published=MONDAY + timedelta(hours=hours))


def match(one: Item, *events: Event, **entities: str) -> Match:
    """A match with the events given, and a mention for each entity whose name (`id="Name"`) stands in the title."""
    found = []
    for entity, name in entities.items():
        at = one.title.find(name)
        if at >= 0:
            found.append(Mention(entity.replace("_", "-"), name, "title", at, at + len(name)))
    return Match(lang=one.lang, mentions=tuple(found), events=events)


def stories_of(items: Iterable[Item], window: timedelta = WINDOW) -> list[int]:
    """The story of each item, as they arrive."""
    index = StoryIndex(window)
    placed: list[int] = []
    for one in items:
        found = match(one)
        placement = index.place(one, found)
        story = max(placed, default=0) + 1 if placement.story is None else placement.story
        index.record(story, one, found)
        placed.append(story)
    return placed


def together(*items: Item) -> bool:
    """True where all items become one story, in the given order and backwards."""
    return len(set(stories_of(items))) == 1 and len(set(stories_of(reversed(items)))) == 1


def apart(*items: Item) -> bool:
    """True where every item becomes a story of its own, in the given order and backwards."""
    return len(set(stories_of(items))) == len(items) and len(set(stories_of(reversed(items)))) == len(items)
