"""When a known guid stands for another item, and when for the same one that was edited."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from watchers.models.item import Item
from watchers.state.reused_guids import is_another

DAY = datetime(2024, 12, 5, 7, 30, tzinfo=UTC)
FEED = "https://news.example/feed"
OLD = Item(
    feed=FEED,
    guid="1",
    url="https://news.example/amkor-opens-its-factory",
    title="Amkor opens its factory near Hanoi",
    summary="The chip packager opened its largest factory in Bac Ninh on Thursday, with the province's leaders as guests.",
    published=DAY,
)
OTHER = Item(
    feed=FEED,
    guid="1",
    url="https://news.example/harbour-gets-a-crane",
    title="The harbour gets a second crane",
    summary="Two years after the storm the port authority has ordered a replacement that arrives in spring by barge.",
    published=DAY + timedelta(days=2),
)


def test_another_link_and_title_and_text_and_a_later_date_make_another_item() -> None:
    assert is_another(OLD, OTHER, OTHER.published or DAY)


def test_without_dates_or_texts_link_and_title_decide() -> None:
    assert is_another(replace(OLD, published=None), replace(OTHER, published=None), DAY)
    assert is_another(replace(OLD, summary=""), replace(OTHER, summary=""), DAY)


@pytest.mark.parametrize(
    "edited",
    [
        replace(OTHER, url=OLD.url),
        replace(OTHER, url=OLD.url.replace("https", "http") + "/?utm_source=rss"),
        replace(OTHER, title="UPDATE: Amkor opens its factory near Hanoi"),
        replace(OTHER, title="Amkor opens its largest factory near Hanoi, Vietnam"),
        replace(OTHER, summary=f"Updated at noon. {OLD.summary} Its shares rose."),
        replace(OTHER, published=OLD.published),
        replace(OTHER, published=DAY - timedelta(days=9)),
        replace(OTHER, title="", summary=""),
    ],
    ids=["link", "link with tracking", "title", "longer title", "text", "same date", "earlier date", "nothing said"],
)
def test_what_shares_one_of_them_is_an_edit(edited: Item) -> None:
    assert not is_another(OLD, edited, DAY + timedelta(days=2))


def test_a_number_or_the_guid_itself_in_both_addresses_makes_them_one_article() -> None:
    numbered = "https://news.example/{}-4823412.html"
    assert not is_another(replace(OLD, url=numbered.format("old-slug")), replace(OTHER, url=numbered.format("new-slug")), DAY)
    slug = "https://news.example/abc-de/{}"
    assert not is_another(replace(OLD, guid="abc-de", url=slug.format(1)), replace(OTHER, guid="abc-de", url=slug.format(2)), DAY)
    counted = "https://news.example/1/{}"
    assert is_another(replace(OLD, url=counted.format("one")), replace(OTHER, url=counted.format("two")), DAY)


def test_alerts_from_one_mould_are_told_apart_once_hours_lie_between_them() -> None:
    one = replace(OLD, title="Storm warning for the coast of Da Nang", summary="", url="https://weather.example/alerts/a")
    other = replace(one, title="Storm warning for the coast of Hue", url="https://weather.example/alerts/b")
    assert not is_another(one, replace(other, published=DAY + timedelta(hours=1)), DAY)
    assert is_another(one, replace(other, title="Flood warning for the river of Hue", published=DAY + timedelta(hours=9)), DAY)


@pytest.mark.parametrize("link", ["", "https://news.example/"])
def test_items_without_a_link_of_their_own_are_told_apart_by_dates_far_apart(link: str) -> None:
    one, other = replace(OLD, url=link), replace(OTHER, url=link)
    assert is_another(one, other, DAY)
    assert not is_another(one, replace(other, published=DAY + timedelta(hours=1)), DAY)
    assert not is_another(one, replace(other, published=None), DAY)
    assert not is_another(OLD, other, DAY)


def test_of_an_item_that_was_dropped_only_what_is_recent_is_another() -> None:
    assert is_another(None, OTHER, DAY + timedelta(days=3))
    assert not is_another(None, OTHER, DAY + timedelta(days=30))
    assert not is_another(None, replace(OTHER, published=None), DAY)
