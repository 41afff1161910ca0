"""What a look means: tables of old state and look, and the plan that comes out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from bot.polling.visit_plan import decide
from bot.store import iso
from bot.store.items import SeenKey
from watchers.models.item import Item
from watchers.models.polling import FeedState, Limits, PollError, PollResult
from watchers.models.problem import Problem
from watchers.state.identity import identities

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = FeedState(polls=5, last_ok_at=NOW - timedelta(minutes=15))
FEED = "https://a.example/feed"


def item(number: int, *, hours: float = 1) -> Item:
    return Item(
        feed=FEED,
        url=f"https://a.example/{number}",
        guid=str(number),
        title=f"The news with number {number}",
        published=NOW - timedelta(hours=hours),
    )


def look(*items: Item) -> PollResult:
    return PollResult("items", items=items, keys=identities(items), etag='"e"')


def known(some: PollResult, *numbers: int, at: datetime = NOW) -> dict[str, SeenKey]:
    return {key: SeenKey(number + 100, iso(at)) for number in numbers for key in some.keys[number]}


def test_new_items_come_oldest_first_because_feeds_list_the_newest_first() -> None:
    given = look(item(2), item(1), item(0))
    visit = decide(given, known(given, 2), LATER, NOW, Limits())
    assert [one.item.guid for one in visit.new] == ["1", "2"]
    assert not any(one.baseline for one in visit.new)


def test_the_first_look_makes_old_and_undated_items_the_baseline() -> None:
    given = look(item(0, hours=2), item(1, hours=25))
    visit = decide(given, {}, FeedState(), NOW, Limits())
    assert {one.item.guid: one.baseline for one in visit.new} == {"0": False, "1": True}


def test_a_known_item_under_a_new_guid_teaches_the_new_key() -> None:
    given = look(item(0))
    before = {key: seen for key, seen in known(given, 0).items() if not key.startswith("g:")}
    visit = decide(given, before, LATER, NOW, Limits(), stored_items={100: replace(item(0), guid="old")})
    assert visit.new == ()
    assert visit.learned_keys == ((f"g:{FEED}\x1f0", 100),)


def test_listed_keys_are_written_anew_once_a_day() -> None:
    given = look(item(0), item(1))
    before = known(given, 0, at=NOW - timedelta(hours=25)) | known(given, 1, at=NOW - timedelta(hours=23))
    assert set(decide(given, before, LATER, NOW, Limits()).touched_keys) == set(given.keys[0])


def test_a_failed_look_changes_nothing_but_the_pace() -> None:
    failed = PollResult("failed", error=PollError("timeout", Problem("timeout", {"seconds": "20"})))
    visit = decide(failed, {}, LATER, NOW, Limits())
    assert (visit.new, visit.learned_keys, visit.touched_keys) == ((), (), ())
    assert visit.state.failures == 1
    assert visit.state.next_poll_at is not None
    assert visit.state.next_poll_at > NOW


def test_what_another_feed_listed_days_ago_is_stored_and_rings_nobody() -> None:
    for hours, late in ((1, False), (49, True)):
        for title in (item(0).title, "Quite another headline for it"):
            given = look(replace(item(0, hours=hours), title=title))
            stored = {100: replace(item(0), feed="https://b.example/feed")}
            before = {key: SeenKey(100, iso(NOW)) for key in given.keys[0] if not key.startswith("g:")}
            (new,) = decide(given, before, LATER, NOW, Limits(), stored_items=stored).new
            assert new.baseline == late
