"""Who published an item is called the same everywhere, and never by a path."""

from __future__ import annotations

import pytest

from bot.store import Store
from bot.store.items import MatchedItem, add_items
from bot.store.outlets import OUTLET, outlet
from tests.bot.store.test_items import SEEN
from watchers.models.item import Item


@pytest.mark.parametrize(
    ("source", "feed_name", "url", "feed", "expected"),
    [
        ("Reuters", "A feed", "https://www.paper.example/1", "https://paper.example/rss", "Reuters"),
        ("", "Paper: economy", "https://www.paper.example/1", "https://paper.example/rss", "Paper: economy"),
        ("", "https://paper.example/rss", "https://www.paper.example/1", "https://rss.example/paper", "paper.example"),
        ("", "", "", "https://www.paper.example/rss", "paper.example"),
        ("", None, "https://news.example/1", "/home/somebody/old/2025-part.jsonl.zst", "news.example"),
        ("", None, "", "/home/somebody/old/2025-part.jsonl.zst", "2025-part.jsonl.zst"),
        ("", None, "", "C:\\old\\part.csv", "part.csv"),
        ("", None, "http://[broken", "stories.jsonl", "stories.jsonl"),
    ],
)
def test_an_outlet_has_one_name(source: str, feed_name: str | None, url: str, feed: str, expected: str) -> None:
    assert outlet(source, feed_name, url, feed) == expected
    store = Store.open(":memory:")
    if feed_name is not None:
        store.conn.execute("INSERT INTO feeds (url, name) VALUES (?, ?)", (feed, feed_name))
    with store.atomic():
        add_items(store, [MatchedItem(Item(feed, url, title="t", source=source), ("k",))], None, SEEN)
    assert store.conn.execute(f"SELECT {OUTLET} FROM items").fetchone()[0] == expected
    store.close()
