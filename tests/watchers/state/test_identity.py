"""What makes two items the same item."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.models.item import Item
from watchers.state.identity import canonical_url, identities, identity_keys

FEED = "https://news.example/feed"
DAY = datetime(2024, 12, 5, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "variant",
    [
        "https://news.example/a/story-1",
        "http://news.example/a/story-1",
        "https://www.news.example/a/story-1/",
        "https://m.news.example/a/story-1",
        "https://amp.news.example/a/story-1",
        "https://NEWS.example:443/a/story-1",
        "https://news.example/a/story-1?utm_source=rss&utm_medium=feed",
        "https://news.example/a/story-1?utm_source=rss&amp;utm_medium=feed",
        "https://news.example/a/story-1?fbclid=abc&gclid=d",
        "https://news.example/a/story-1#comments",
        "https://news.example/a/story-1/amp/",
        "https://news.example/a/story-1?amp=1",
        "https://news.example//a/story-1",
        " https://news.example/a/story-1\n",
        "https://www.google.com/url?rct=j&sa=t&url=https://news.example/a/story-1&ct=ga",
    ],
)
def test_one_article_has_one_canonical_address(variant: str) -> None:
    assert canonical_url(variant) == "https://news.example/a/story-1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/a?id=1", "https://news.example/a?id=2"),
        ("https://news.example/story.html", "https://other.example/story.html"),
        ("https://news.example/Story", "https://news.example/story"),
        ("https://news.example/#!/story/1", "https://news.example/#!/story/2"),
        ("https://news.example:8080/a", "https://news.example/a"),
        ("https://news.example/?p=11", "https://news.example/?p=12"),
        ("https://news.example/a?ref=10023", "https://news.example/a?ref=10024"),
        ("https://example.com/camp", "https://example.com/c"),
        ("https://m.example/a", "https://www.example/a"),
    ],
)
def test_different_articles_keep_different_addresses(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


def test_percent_signs_case_and_parameter_order_do_not_matter() -> None:
    assert canonical_url("https://news.example/h%c3%a0-n%e1%bb%99i?b=2&a=1") == canonical_url("https://news.example/hà-nội?a=1&b=2")


@given(st.text(max_size=80))
def test_canonical_twice_is_canonical_once(url: str) -> None:
    once = canonical_url("https://news.example/" + url)
    assert canonical_url(once) == once


def item(guid: str = "g-1", url: str = "https://news.example/a", title: str = "Amkor opens its factory near Hanoi", **more: object) -> Item:
    return Item(feed=FEED, guid=guid, url=url, title=title, published=more.pop("published", DAY), **more)  # type: ignore[arg-type]


def same(one: Item, other: Item) -> bool:
    return not set(identity_keys(one)).isdisjoint(identity_keys(other))


def test_a_new_guid_a_new_address_or_a_new_title_alone_is_the_same_item() -> None:
    assert same(item(), item(guid="g-2"))
    assert same(item(), item(url="https://news.example/a-with-new-slug"))
    assert same(item(), item(title="UPDATE: Amkor opens its factory near Hanoi"))
    assert same(item(), item(guid="g-2", url="https://news.example/moved"))
    assert same(item(), item(guid="g-2", title="Another headline for the same article"))


def test_a_new_guid_and_address_and_day_is_another_item() -> None:
    assert not same(item(), item(guid="g-2", url="https://news.example/b", published=datetime(2024, 12, 7, tzinfo=UTC)))


def test_the_same_headline_at_another_publisher_is_another_item() -> None:
    assert not same(item(guid="1"), item(guid="2", url="https://other.example/a"))


def test_a_guid_counts_in_its_own_feed_only() -> None:
    other = Item(feed="https://other.example/feed", guid="g-1", url="https://other.example/z", title="Something else entirely here")
    assert not same(item(), other)


def test_a_guid_that_different_items_share_is_no_identity() -> None:
    first, second = identities([item(guid="1"), item(guid="1", url="https://news.example/b", title="Quite another headline today")])
    assert not any(key == f"g:{FEED}\x1f1" for key in first + second)
    assert not set(first) & set(second)


def test_a_home_page_as_everybodys_link_is_no_identity() -> None:
    home = "https://news.example/"
    first, second = identities([item(guid="1", url=home), item(guid="2", url=home, title="Quite another headline today")])
    assert not set(first) & set(second)
    assert not any(key.startswith("u:") for key in identity_keys(item(url=home)))
    assert not any(key.endswith(home) for key in identity_keys(item(guid=home)))


def test_an_entry_has_one_name_in_its_feed_its_guid_or_else_its_address_or_else_its_title_and_day() -> None:
    named = [identity_keys(one)[0] for one in (item(), item(guid=""), item(guid="", url=""), item(guid="", url="", published=None))]
    assert [name.partition("\x1f")[2] for name in named[:3]] == [
        "g-1", "https://news.example/a", f"{FEED}|amkor opens its factory near hanoi|2024-12-05",
    ]  # fmt: skip
    assert named[3].startswith(f"h:{FEED}\x1f")


def test_short_titles_and_items_without_a_date_are_not_known_by_title() -> None:
    assert not any(key.startswith("t:") for key in identity_keys(item(title="Photos")))
    assert not any(key.startswith("t:") for key in identity_keys(item(published=None)))


def test_every_item_has_a_key() -> None:
    bare = Item(feed=FEED, title="Live", summary="One")
    assert identity_keys(bare)[0].startswith("h:")
    assert identity_keys(bare) != identity_keys(Item(feed=FEED, title="Live", summary="Two"))
