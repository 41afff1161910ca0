"""Defines what a person may do to the feeds besides polling them: pick them by name or address, and add one to their own seeds folder.

Every mistake is a FeedsError with one line for that person. Nothing is fetched here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from bot.config import Config, ConfigError
from bot.own_seeds import OwnSeedsError, content_of, put_entry, restore
from seeds.feeds import Feed, address_identity


class FeedsError(ValueError):
    """What was asked for cannot be done; the text is one line for a person. `usage`: they asked for what does not exist."""

    def __init__(self, message: str, *, usage: bool = True) -> None:
        super().__init__(message)
        self.usage = usage


def feed_of(draft: Mapping[str, Any]) -> Feed:
    """The Feed of an entry that is not written yet. Raises FeedsError naming the key."""
    try:
        return Feed(**draft)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or draft["url"]
        raise FeedsError(f"{key}: {first['msg'].removeprefix('Value error, ')}") from None


def add_feed(config: Config, draft: Mapping[str, Any]) -> Feed:
    """Writes one entry; the file is put back as it was when the seeds do not fit together with it. Raises FeedsError."""
    feed, folder = feed_of(draft), config.seeds_folder
    before = content_of(folder, "feeds")
    try:
        put_entry(folder, "feeds", {key: list(value) if isinstance(value, tuple) else value for key, value in draft.items() if value})
        config.load_seeds()
    except OwnSeedsError as error:
        raise FeedsError(str(error), usage=False) from None
    except ConfigError as error:
        restore(folder, "feeds", before)
        raise FeedsError(str(error)) from None
    return feed


def chosen_feeds(feeds: Sequence[Feed], wanted: Sequence[str]) -> list[Feed]:
    """The feeds of these addresses or names; all without any. Raises FeedsError for one that is not there."""
    if not wanted:
        return list(feeds)
    chosen = []
    for one in wanted:
        found = [feed for feed in feeds if feed.url == one or feed.name.casefold() == one.casefold()]
        if not found and "://" in one:
            found = [feed for feed in feeds if address_identity(feed.url) == address_identity(one)]
        if not found:
            raise FeedsError(f"there is no feed {one!r}; `seedwatch feeds list` shows them")
        chosen += found
    return chosen
