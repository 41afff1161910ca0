"""Which items of a look are news."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from bot.polling.visit_plan import decide
from bot.store.items import SeenKey
from watchers.models.item import Item
from watchers.models.polling import FeedState, Limits, PollResult
from watchers.state.identity import identities, plain_title
from watchers.state.novelty import Novelty

NOW = datetime(2024, 12, 6, 8, 0, tzinfo=UTC)
FEED = "https://news.example/feed"
POLLED = FeedState(polls=50, last_ok_at=NOW - timedelta(minutes=15))


def item(number: int, *, age: timedelta | None = timedelta(hours=1), guid: str = "g{}", url: str = "https://news.example/{}") -> Item:
    published = None if age is None else NOW - age
    title = f"Headline number {number} of the morning"
    return Item(feed=FEED, guid=guid.format(number), url=url.format(number), title=title, published=published)


def stand(items: Sequence[Item], known: Sequence[Item] = (), state: FeedState = POLLED) -> tuple[Novelty, ...]:
    """The standings in a look at a feed of which all of `known` are stored."""
    seen = {key: SeenKey(number, "") for number, keys in enumerate(identities(known)) for key in keys}
    stored = dict(enumerate(known))
    titles = {plain_title(one.title): number for number, one in enumerate(known)}
    visit = decide(
        PollResult("items", items=tuple(items), keys=identities(items)), seen, state, NOW, Limits(), stored_items=stored, titles=titles
    )
    new: dict[int, Novelty] = {id(one.item): "baseline" if one.baseline else "fresh" for one in visit.new if one.stored_item_id is None}
    return tuple(new.get(id(item), "seen") for item in items)


def test_the_first_look_is_a_baseline_older_than_a_day_and_news_within_it() -> None:
    items = [item(1), item(2, age=timedelta(hours=23)), item(3, age=timedelta(hours=25)), item(4, age=None)]
    assert stand(items, state=FeedState()) == ("fresh", "fresh", "baseline", "baseline")


def test_after_that_what_was_not_seen_is_news_even_when_it_is_dated_late() -> None:
    assert stand([item(1), item(2), item(3, age=timedelta(days=3))], known=[item(1)]) == ("seen", "fresh", "fresh")


def test_new_guids_alone_change_nothing() -> None:
    old = [item(n) for n in range(20)]
    assert set(stand([item(n, guid="https://cms2.example/?p={}") for n in range(20)], known=old)) == {"seen"}


def test_http_to_https_and_a_new_host_prefix_change_nothing() -> None:
    old = [item(n, url="http://news.example/{}") for n in range(20)]
    assert set(stand([item(n, guid="new{}", url="https://www.news.example/{}/") for n in range(20)], known=old)) == {"seen"}


def test_a_new_content_system_with_new_guids_addresses_and_dates_is_recognised_by_its_titles() -> None:
    old = [item(n, age=timedelta(days=2 + n)) for n in range(20)]
    renewed = [item(n, age=timedelta(minutes=1), guid="cms2-{}", url="https://news.example/new/{}") for n in range(20)]
    assert set(stand(renewed, known=old)) == {"seen"}


def test_the_same_title_alone_is_no_identity_where_no_mass_is_new() -> None:
    old = [item(n, age=timedelta(days=2)) for n in range(20)]
    daily = Item(feed=FEED, guid="d2", url="https://news.example/daily/2", title=old[0].title, published=NOW)
    assert stand([*old[:10], daily], known=old) == ("seen",) * 10 + ("fresh",)


def test_an_archive_that_opens_at_once_is_a_baseline_and_the_news_in_it_is_not_lost() -> None:
    archive = [item(n, age=timedelta(days=30 + n)) for n in range(40)]
    assert stand([item(100), *archive], known=[item(200)]) == ("fresh",) + ("baseline",) * 40


def test_undated_items_that_come_in_a_mass_are_a_baseline() -> None:
    assert set(stand([item(n, age=None) for n in range(10)])) == {"baseline"}


def test_a_page_without_dates_that_renews_half_of_its_listing_gives_news() -> None:
    old = [item(n, age=None) for n in range(10)]
    assert stand([*(item(n, age=None) for n in range(20, 26)), *old[:4]], known=old) == ("fresh",) * 6 + ("seen",) * 4


def test_a_feed_that_was_not_asked_for_a_week_gives_the_week_as_news() -> None:
    state = FeedState(polls=50, last_ok_at=NOW - timedelta(days=7))
    assert set(stand([item(n, age=timedelta(hours=12 * n)) for n in range(14)], state=state)) == {"fresh"}


def test_a_busy_feed_whose_whole_listing_is_new_gives_news() -> None:
    assert set(stand([item(n, age=timedelta(minutes=n)) for n in range(20)])) == {"fresh"}


def test_a_last_look_by_a_clock_that_was_ahead_makes_no_news_old() -> None:
    state = FeedState(polls=50, last_ok_at=NOW + timedelta(days=2))
    assert set(stand([item(n, age=timedelta(minutes=n)) for n in range(1, 20)], state=state)) == {"fresh"}


def test_an_item_that_repeats_another_of_the_same_look_is_seen() -> None:
    twice = [item(1), item(1, guid="other")]
    assert stand(twice) == ("fresh", "seen")


def test_a_feed_that_moves_to_another_address_repeats_nothing() -> None:
    old = [item(n) for n in range(10)]
    moved = [replace(one, feed="https://news.example/feed-2") for one in old]
    assert set(stand(moved, known=old, state=FeedState())) == {"seen"}


def test_tracking_parameters_and_edited_titles_repeat_nothing() -> None:
    old = [item(n) for n in range(10)]
    edited = [replace(one, title=f"Updated: {one.title}", url=f"{one.url}?utm_campaign=b", guid="") for one in old]
    assert set(stand(edited, known=old)) == {"seen"}


def test_items_that_leave_and_return_are_seen() -> None:
    assert stand([item(1, age=timedelta(days=40))], known=[item(1, age=timedelta(days=40))]) == ("seen",)
