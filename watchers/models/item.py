"""Defines Item, one thing published, as every source gives it and everything after it takes it.

Values only: no network, no clock, no database.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class Item(msgspec.Struct, frozen=True, gc=False):
    """An article in a feed or an archive. Texts are plain (tags stripped, entities decoded once), dates are aware UTC."""

    feed: str
    """Address of the feed, or path of the archive; "" for text handed in."""
    url: str = ""
    """As published; `canonical_url` makes the form that identity compares."""
    guid: str = ""
    title: str = ""
    summary: str = ""
    text: str = ""
    lang: str = ""
    """"en", "vi", or "" where nothing told."""
    published: datetime | None = None
    source: str = ""
    """Who published it, for people: "Reuters"."""
    author: str = ""
    sponsored: bool = False
    """The source itself marks it as paid for (a feed's category, an archive's field)."""
