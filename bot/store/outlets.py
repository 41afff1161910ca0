"""Defines outlet: who published an item, as people see it everywhere. Known to SQL as a function of the same name (see `Store`). Pure."""

from __future__ import annotations

from watchers.text.publishers import host_of

OUTLET = "outlet(items.source, (SELECT name FROM feeds WHERE feeds.url = items.feed), items.url, items.feed)"
"""The outlet of a row of `items`, in SQL."""


def outlet(source: str, feed_name: str | None, url: str, feed: str) -> str:
    """What the item itself names, else its feed's name, else the host of its address or of its feed's.

    An item from an archive that has none of these is known by the name of the archive's file, never by its path.
    """
    return source or _name(feed_name or "") or host_of(url) or host_of(feed) or feed.rstrip("/\\").replace("\\", "/").rpartition("/")[2]


def _name(feed_name: str) -> str:
    """A feed's name, "" where it has none and its address stands for one."""
    return "" if "://" in feed_name else feed_name
