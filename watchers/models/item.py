"""Defines Item: one published article, page or record. Every source produces items; matching, stories and the store read them.

A value only: no network, no clock, no database.
"""

from __future__ import annotations

from datetime import datetime

import msgspec


class Item(msgspec.Struct, frozen=True, gc=False):
    """An article in a feed or an archive. Texts are plain (tags stripped, entities decoded once), dates are aware UTC."""

    feed: str
    """Address of the feed, or path of the archive; "" for text from a caller without a source."""
    url: str = ""
    """As published. Identity compares the form that `canonical_url` returns."""
    guid: str = ""
    title: str = ""
    summary: str = ""
    text: str = ""
    lang: str = ""
    """One of `seeds.languages.LANGUAGES`, or "" if unknown."""
    published: datetime | None = None
    source: str = ""
    """Name of the publisher, as shown in messages: "Reuters"."""
    author: str = ""
    sponsored: bool = False
    """The source marks the item as paid content (a category in a feed, a field in an archive)."""
