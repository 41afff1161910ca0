"""Types of events of a person's own are treated by what their tables say, from the match to the message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.digest.select import rank
from bot.i18n.reasons import english
from bot.render import story as render
from bot.store import Store
from bot.store.hits import add_hits
from bot.store.items import MatchedItem, add_items
from bot.store.stories import add_story, join_story
from bot.stories.event_ranking import EventContext, rank_events
from bot.stories.read import read_story
from bot.stories.view import EventView, StoryView
from seeds.load import Seeds, load_seeds
from watchers.match.matcher import Matcher
from watchers.match.result import Match
from watchers.models.item import Item
from watchers.stories import StoryIndex

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
WORDS = {
    "rescue": 'deed = true\ndirected = true\ntriggers = [{ lang = "en", patterns = ["bail~ out"] }]',
    "quotation": 'market = true\ntriggers = [{ lang = "en", patterns = ["quote~ at"], target = "none" }]',
    "twinning": 'mutual = true\ntriggers = [{ lang = "en", patterns = ["twin~ with"] }]',
    "rivalry": 'triggers = [{ lang = "en", patterns = ["surpass~"] }]',
}


@pytest.fixture
def watch(tmp_path: Path) -> Seeds:
    (tmp_path / "events.toml").write_text("".join(f'[[events]]\nid = "{name}"\n{more}\n' for name, more in WORDS.items()), "utf-8")
    (tmp_path / "entities.toml").write_text(
        "".join(
            f'[[entities]]\nid = "{name.lower()}"\nname = "{name}"\nkind = "company"\nwatched = true\n'
            for name in ("Quellon", "Ostrava")
        ),
        "utf-8",
    )
    types = ", ".join(f'"{name}"' for name in WORDS)
    (tmp_path / "rules.toml").write_text(f'[[rules]]\nid = "quellon"\nany = ["quellon"]\nevents = [{types}]\nseverity = "alert"\n', "utf-8")
    return load_seeds(tmp_path)


def article(title: str, number: int = 1) -> Item:
    """An item that an outlet published so many hours after the first."""
    at = NOW + timedelta(hours=number)
    return Item("f", f"https://p{number}.example/", title=title, text=f"{title}.", source=f"Paper {number}", published=at, lang="en")


def story_of(seeds: Seeds, *titles: str) -> tuple[list[Match], list[int], StoryView]:
    """What is matched in items with these titles, the story each is placed in, and the first story as messages see it."""
    matcher, index, store = Matcher(seeds), StoryIndex(timedelta(hours=72)), Store.open(":memory:")
    matches: list[Match] = []
    placed: list[int] = []
    for number, title in enumerate(titles, 1):
        item = article(title, number)
        match = matcher.match(item)
        place = index.place(item, match)
        with store.atomic():
            row = add_items(store, [MatchedItem(item, (f"u:{item.url}",), match)], None, NOW)[0]
            story = add_story(store, row, title, at=NOW) if place.story is None else place.story
            add_hits(store, row, match.hits, story=story, now=NOW, origin="poll")
            if place.story is not None:
                join_story(store, story, row, title, place.why, at=NOW)
        index.record(story, item, match)
        matches.append(match)
        placed.append(story)
    view = read_story(store, placed[0], seeds)
    store.close()
    assert view is not None
    return matches, placed, view


@pytest.mark.parametrize(("title", "again", "said", "line"), [
    (
        "Quellon bails out Ostrava for $300 million", "Ostrava is bailed out by Quellon for $300 million",
        "rescue: Quellon → Ostrava, 300,000,000 USD", "Rescue: Quellon → Ostrava · $300 million",
    ),
    ("Quellon twins with Ostrava", "Quellon is twinned with Ostrava", "twinning: Quellon with Ostrava", "Twinning: Quellon, Ostrava"),
    ("Quellon surpasses Ostrava", "Quellon surpassed Ostrava", "rivalry: Quellon → Ostrava", "Rivalry: Quellon, Ostrava"),
])
def test_who_acts_on_whom_is_said_as_the_type_says(watch: Seeds, title: str, again: str, said: str, line: str) -> None:
    matches, placed, view = story_of(watch, title, again)
    assert said in english(matches[0].hits[0].reasons)
    assert len(set(placed)) == 1
    assert line in render.alert(view, chat="c", language="en", tz="UTC").plain.splitlines()


def test_a_small_sum_in_a_market_report_of_ones_own_is_a_price_and_not_shown(watch: Seeds) -> None:
    matches, placed, view = story_of(watch, "Quellon quoted at $41 in Ostrava", "Quellon is quoted at $41 in Ostrava")
    event = matches[0].events[0]
    assert (event.type, event.amount and event.amount.value) == ("quotation", 41)
    assert len(set(placed)) == 1
    assert "$41" not in render.event_line(view.events[0], "en")
    dear = replace(view.events[0], amount=3e9)
    assert "$3 billion" in render.event_line(dear, "en")


def test_a_report_on_prices_of_ones_own_ranks_below_a_deed(watch: Seeds) -> None:
    prices = story_of(watch, "Quellon quoted at $41")[2]
    deed = story_of(watch, "Quellon bails out Ostrava")[2]
    assert rank(replace(prices, events=deed.events), NOW) == pytest.approx(rank(prices, NOW) + 0.1)


def test_a_deed_of_ones_own_comes_before_talk_in_the_same_title(watch: Seeds) -> None:
    talk, deed = (EventView(name, {}, item_id=1, in_title=True, behaviour=watch.events[name]) for name in ("rivalry", "rescue"))
    ranked, _ = rank_events([talk, deed], EventContext(types=(), entities=(), lead_item=1, sponsored_items=(), times={1: NOW}))
    assert [event.type for event in ranked] == ["rescue", "rivalry"]
