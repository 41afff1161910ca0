"""Days of real polls through the whole bot, as they were, and with what the world does to feeds: nothing more is told, and nothing less."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scenarios.test_replayed_week import Arrivals, vietnamese_week
from tests.support.poll_replay import replay
from watchers.models.item import Item

pytestmark = pytest.mark.shared
FIRST = datetime(2026, 6, 23, tzinfo=UTC)
DAYS = timedelta(days=2)


@dataclass(frozen=True)
class Outcome:
    """What came of the days."""

    alerts: Counter[str]
    """Headlines of alerts."""
    hits: set[tuple[str, str]]
    """Addresses and rules."""
    items: Counter[str]
    """Addresses of the feeds' own items."""


async def outcome(folder: Path, arrivals: Arrivals) -> Outcome:
    folder.mkdir()
    times = sorted({seen for seen, _ in arrivals})
    told = await replay(folder, arrivals, times)
    with sqlite3.connect(folder / "replay.db") as conn:
        hits = set(conn.execute("SELECT url, rule FROM hits JOIN items ON items.id = hits.item"))
        items = Counter(url for (url,) in conn.execute("SELECT url FROM items WHERE feed NOT LIKE '%/blog'"))
    return Outcome(Counter(alert.plain.partition("\n")[0] for alert in told.alerts), hits, items)


def link_blog(arrivals: Arrivals, *, polls: int, say: Callable[[Item], Item]) -> Arrivals:
    """The arrivals, and a feed that lists each article so many polls after its own feed did (before, if less than none)."""
    times = sorted({seen for seen, _ in arrivals})
    places = {time: place for place, time in enumerate(times)}
    listed = [(places[seen] + polls, item) for seen, item in arrivals if 0 <= places[seen] + polls < len(times)]
    blog = [(times[place], replace(say(item), feed="https://links.example/blog", guid=f"link-{item.guid}")) for place, item in listed]
    return sorted([*arrivals, *blog], key=lambda arrival: arrival[0])


def vague(item: Item) -> Item:
    return replace(item, title=f"Link {item.guid[:6]} of the day", text="A reader sent this in", source="Links")


async def test_no_listing_of_a_link_blog_silences_or_repeats_anything(tmp_path: Path, shared: Path) -> None:
    arrivals = [(seen, item) for seen, item in vietnamese_week(shared, FIRST) if seen < FIRST + DAYS]
    alone = await outcome(tmp_path / "alone", arrivals)
    assert len(arrivals) > 400
    assert alone.alerts
    assert max(alone.alerts.values()) == 1
    assert alone.items == Counter(dict.fromkeys(alone.items, 1)), "an address is stored once"
    assert alone.items.total() > 0.99 * len(arrivals)
    for polls in (-1, 1):
        beside = await outcome(tmp_path / f"beside {polls}", link_blog(arrivals, polls=polls, say=vague))
        assert beside.alerts == alone.alerts
        assert beside.hits == alone.hits
        assert beside.items == alone.items


async def test_a_feed_that_lists_the_same_again_adds_nothing(tmp_path: Path, shared: Path) -> None:
    arrivals = [(seen, item) for seen, item in vietnamese_week(shared, FIRST) if seen < FIRST + DAYS / 2]
    alone = await outcome(tmp_path / "alone", arrivals)
    again = await outcome(tmp_path / "again", link_blog(arrivals, polls=1, say=lambda item: item))
    assert (again.alerts, again.hits, again.items) == (alone.alerts, alone.hits, alone.items)
