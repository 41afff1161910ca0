"""A story as messages see it: who it names, and whose words it has."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.stories import stories_since
from bot.store import Store
from bot.store.hits import add_hits
from bot.store.items import MatchedItem, add_items
from bot.store.stories import add_story
from bot.store.story_rows import list_stories
from bot.stories.read import read_stories, read_story, story_title
from bot.stories.view import StoryView
from bot.web.backfill_report import render
from seeds.entities import Entity
from seeds.load import Seeds
from tests.support.news import SEEDS, investment, publish
from watchers.match.result import Hit, Match, Mention
from watchers.models.item import Item

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
BAG = Entity(id="bag", name="Units of old", kind="brand", part_of="vingroup")
CABS = Entity(id="cabs", name="GSM", kind="company", part_of="vingroup")
LAND = Entity(id="land", name="United States", kind="government")
WATCH: Seeds = replace(SEEDS, entities={**SEEDS.entities, "bag": BAG, "cabs": CABS, "land": LAND})


def told(text: str, entity: str, words: str, **more: Any) -> StoryView:
    """The story of one item whose title names the entity by these words."""
    given = {"url": "https://paper.example/1", "title": text, "text": text, "published": NOW, **more}
    item = Item(feed="https://paper.example/rss", **given)
    at = text.find(words)
    match = Match("en", (Mention(entity, words, "title", at, at + len(words), None),), (investment(entity, item),), False, ())
    store = Store.open(":memory:")
    with store.atomic():
        store.conn.execute("INSERT INTO feeds (url, name) VALUES ('https://paper.example/rss', 'https://paper.example/rss')")
        number = add_items(store, [MatchedItem(item, (f"u:{item.url}",), match)], None, NOW)[0]
        story = add_story(store, number, item.title, at=NOW)
        add_hits(store, number, [Hit("deals", 0.8, "alert", ())], story=story, now=NOW, origin="poll")
    view = read_story(store, story, WATCH)
    store.close()
    assert view is not None
    return view


@pytest.mark.parametrize(
    ("entity", "words", "shown"),
    [
        ("bag", "VinDynamics", "VinDynamics"),
        ("cabs", "Green SM", "Green SM"),
        ("cabs", "GSM Group", "GSM"),
        ("cabs", "XSM", "GSM"),
        ("cabs", "the cabs", "GSM"),
        ("land", "America", "United States"),
    ],
)
def test_a_party_is_called_as_the_item_calls_it_where_its_own_name_would_puzzle(entity: str, words: str, shown: str) -> None:
    assert told(f"{words} invests in Hanoi", entity, words).happenings[0].actors == (shown,)


def test_a_feed_without_a_name_is_called_by_its_host() -> None:
    assert told("Nvidia invests", "nvidia", "Nvidia").publishers == ("paper.example",)
    assert told("Nvidia invests", "nvidia", "Nvidia", url="").publishers == ("paper.example",)
    assert told("Nvidia invests", "nvidia", "Nvidia", source="The Paper").publishers == ("The Paper",)


def story_of(*told: tuple[str, str, int]) -> StoryView:
    """One story of items, each with a status, a title and the hour when it came."""
    store = Store.open(":memory:")
    story: int | None = None
    for status, title, hours in told:
        item = Item(
            feed="f", url=f"https://p.example/{hours}", title=title, text=f"{title}.", source=f"Paper {hours}", published=NOW + hours * HOUR
        )
        event = investment("nvidia", item, status=status)  # type: ignore[arg-type]
        story = publish(store, item, NOW + hours * HOUR, story=story, events=[event])
    assert story is not None
    view = read_story(store, story, SEEDS)
    store.close()
    assert view is not None
    return view


@pytest.mark.parametrize(("first", "then"), [("reported", "denied"), ("planned", "done"), ("done", "denied"), ("denied", "done")])
def test_how_it_ended_is_what_the_story_says_from_then_on(first: str, then: str) -> None:
    view = story_of((first, "Nvidia to invest", 0), (then, "Nvidia on its investment", 2))
    assert view.lead.title == "Nvidia on its investment"
    assert [happening.status for happening in view.happenings] == [then, first]


@pytest.mark.parametrize(("first", "then"), [("done", "planned"), ("denied", "reported"), ("planned", "reported"), ("planned", "planned")])
def test_what_says_less_than_was_told_leads_nothing(first: str, then: str) -> None:
    assert story_of((first, "Nvidia to invest", 0), (then, "Nvidia on its investment", 2)).lead.title == "Nvidia to invest"


def test_a_plan_told_before_it_was_denied_but_found_later_changes_nothing() -> None:
    view = story_of(("denied", "Nvidia denies", 5), ("reported", "Nvidia to invest", 1))
    assert view.happenings[0].status == "denied"
    assert view.lead.title == "Nvidia denies"


def test_one_odd_reading_among_many_ends_nothing() -> None:
    view = story_of(*[("planned", "Nvidia to invest", hours) for hours in range(6)], ("done", "Nvidia, a history", 7))
    assert view.lead.title == "Nvidia to invest"
    assert view.happenings[0].status == "planned"


@pytest.mark.parametrize("title", ["Nvidia: no money for Hanoi", ""])
def test_a_denied_headline_leads_no_list_command_or_page(title: str, tmp_path: Path) -> None:
    store = Store.open(tmp_path / "seedwatch.db")
    story: int | None = None
    told = [("planned", "Nvidia to invest in Hanoi", 0), ("planned", "Hanoi awaits Nvidia", 1), ("denied", title, 2)]
    for status, heading, hours in told:
        at = datetime.now(UTC).replace(microsecond=0) - (3 - hours) * HOUR
        item = Item("f", f"https://p.example/{hours}", title=heading, text="Nvidia will put no money into it.", published=at)
        event = investment("nvidia", item, status=status)  # type: ignore[arg-type]
        story = publish(store, item, at, story=story, events=[event])
    assert story is not None
    now = title or "Nvidia will put no money into it."
    assert story_title(store, story, SEEDS) == now
    assert [one.title for one in read_stories(store, list_stories(store), SEEDS)] == [now]
    assert f"<b>{now}</b>" in render(store, SEEDS, now=datetime.now(UTC), missed={})
    assert [one["title"] for one in stories_since(store, SEEDS, datetime.now(UTC) - 9 * HOUR, undated=False)] == [now]
    store.close()
