"""The made-up news that the trials with faults, the long runs and the measuring of delays count by: each is a story of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from seeds.load import load_seeds
from tests.scenarios.faults.world import piece
from watchers.match.matcher import Matcher
from watchers.models.item import Item
from watchers.stories import StoryIndex

PIECES = 300


@pytest.mark.parametrize(("apart", "window"), [(432, 6), (432, 72), (2, 72)])
def test_the_pieces_of_news_stay_stories_of_their_own(apart: int, window: int) -> None:
    matcher, index = Matcher(load_seeds(packaged_feeds=False)), StoryIndex(timedelta(hours=window))
    told: dict[int, str] = {}
    for number in range(PIECES):
        title, text = piece(number)
        when = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=apart * number)
        one = Item(feed="", title=title, text=text, source=f"Press {number % 60}", published=when, lang="en")
        read = matcher.match(one)
        index.forget(when - timedelta(hours=window))
        placed = index.place(one, read)
        assert placed.story is None, f"{title} joins {told[placed.story]}: {placed.why}"
        index.record(number, one, read)
        told[number] = title
        again = index.place(one, read)
        assert again.story == number
