"""Stories as the database has them: one, and the listing of all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.stories import stories_since
from bot.store import Store
from bot.store.hits import add_hits
from bot.store.items import MatchedItem, add_items
from bot.store.stories import add_story
from bot.store.story_rows import StoryCursor, list_stories, read_story_rows
from bot.stories.read import read_stories, read_story, story_title
from bot.stories.view import StoryView
from bot.web.backfill_report import render
from tests.support.news import SEEDS, investment, publish
from watchers.match.result import Hit, Match, Mention
from watchers.models.item import Item

NOW = datetime(2026, 3, 2, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


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
    view = read_story(store, story, SEEDS)
    store.close()
    assert view is not None
    return view


def test_a_feed_without_a_name_is_called_by_its_host() -> None:
    assert told("Nvidia invests", "nvidia", "Nvidia").publishers == ("paper.example",)
    assert told("Nvidia invests", "nvidia", "Nvidia", url="").publishers == ("paper.example",)
    assert told("Nvidia invests", "nvidia", "Nvidia", source="The Paper").publishers == ("The Paper",)


@pytest.fixture
def store() -> Iterator[Store]:
    """Four stories, of one, two, one and one items; the last one has no time."""
    opened = Store.open(":memory:")
    for story, (title, hours, rule) in enumerate([("Nvidia one", 1, "nvidia"), ("FPT two", 2, "fpt"), ("VinBrain three", 3, "deals")]):
        item = Item("f", f"https://p.example/{story}", title=title, text=f"{title}.", source="Paper", published=NOW + hours * HOUR)
        publish(opened, item, NOW + hours * HOUR, hits=(Hit(rule, 0.5, "alert", ()),))
    second = Item("f", "https://q.example/", title="FPT again", text="FPT again.", source="Other", published=NOW + 2 * HOUR)
    publish(opened, second, NOW + 2 * HOUR, story=2, hits=(Hit("fpt", 0.5, "alert", ()),))
    publish(opened, Item("f", "https://r.example/", title="Old", text="Old."), NOW, origin="backfill")
    yield opened
    opened.close()


def test_stories_are_listed_by_their_last_move_and_those_without_a_time_come_last(store: Store) -> None:
    assert [row.id for row in list_stories(store)] == [3, 2, 1, 4]
    assert [row.id for row in list_stories(store, limit=2)] == [3, 2]
    assert [row.id for row in list_stories(store, since=NOW + 2 * HOUR)] == [3, 2, 4]
    assert [row.id for row in list_stories(store, since=NOW + 2 * HOUR, undated=False)] == [3, 2]


def test_a_listing_goes_on_behind_a_story(store: Store) -> None:
    third, second = list_stories(store)[:2]
    assert third.last_at == NOW + 3 * HOUR
    assert [row.id for row in list_stories(store, behind=StoryCursor("2026-03-02T08:00:00Z", third.id))] == [2, 1, 4]
    assert [row.id for row in list_stories(store, behind=StoryCursor("2026-03-02T07:00:00Z", second.id))] == [1, 4]
    assert [row.id for row in list_stories(store, behind=StoryCursor("", 5))] == [4]
    assert list_stories(store, behind=StoryCursor("", 4)) == []


def test_a_listing_can_be_of_an_entity_or_a_part_of_it_of_a_rule_or_of_the_biggest(store: Store) -> None:
    assert [row.id for row in list_stories(store, entity="vingroup")] == [3]
    assert [row.id for row in list_stories(store, rule="fpt")] == [2]
    assert [(row.id, row.items, row.sources) for row in list_stories(store, order="biggest", min_items=2)] == [(2, 2, 2)]


def test_the_rows_of_a_story_are_its_own(store: Store) -> None:
    rows = read_story_rows(store, 2)
    assert rows is not None
    assert [item.title for item in rows.items] == ["FPT two", "FPT again"]
    assert {hit.rule for hit in rows.hits} == {"fpt"}
    assert {mention.text for mention in rows.mentions} == {"FPT"}
    assert [reason.item_id for reason in rows.story.join_reasons] == [rows.items[1].id]
    assert read_story_rows(store, 99) is None
    assert read_story(store, 99, SEEDS) is None
    assert story_title(store, 99, SEEDS) is None


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
