"""Defines what a person may do to the feeds besides polling them: pick them by name or address, and add some to their own seeds folder.

Every mistake is a FeedsError with one line for that person. Nothing is fetched here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.config import Config, ConfigError
from bot.user_seeds.toml_files import Change, OwnSeedsError, Put, Take, change_entries, lock_seeds, own_entries
from seeds.feeds import Feed, address_identity
from seeds.load import Seeds, load_seeds


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


@dataclass(frozen=True)
class Added:
    """What became of a feed that was to be added: `new`, or there already with these keys `changed` (none: it stays as it is)."""

    feed: Feed
    new: bool
    changed: tuple[str, ...] = ()


def add_feeds(config: Config, drafts: Sequence[Mapping[str, Any]], given: Mapping[str, Any] | None = None) -> list[Added]:
    """Adds entries with one write of the file; the change is undone when the seeds do not fit together with it. Raises FeedsError.

    A feed that is there already keeps its entry; only what a person named in so many words (`given`) is changed in it.
    """
    folder = config.seeds_folder
    try:
        with lock_seeds(folder):
            changes, added = plan_feeds(config, config.load_seeds(), drafts, given or {})
            written = change_entries(folder, changes)
            try:
                config.load_seeds()
            except ConfigError:
                written.undo()
                raise
    except OwnSeedsError as error:
        raise FeedsError(str(error), usage=False) from None
    except ConfigError as error:
        raise FeedsError(str(error)) from None
    return added


def plan_feeds(
    config: Config, seeds: Seeds, drafts: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
) -> tuple[list[Change], list[Added]]:
    """The changes that add these feeds to the `seeds` as they are, and what becomes of each. Raises FeedsError and OwnSeedsError."""
    there = {address_identity(feed.url): feed for feed in seeds.feeds}
    entries = {address_identity(url): entry for url, entry in own_entries(config.seeds_folder, "feeds").items()}
    packaged, fixed = _packaged(config), {address_identity(feed.url) for feed in config.feeds}
    changes: list[Change] = []
    added: list[Added] = []
    for draft in drafts:
        identity = address_identity(feed_of(draft).url)
        feed = there.get(identity)
        if feed is None and entries.get(identity, {}).get("off") and identity in packaged and not given:
            there[identity] = packaged[identity]  # it comes with seedwatch and was switched off
            changes.append(Take("feeds", packaged[identity].url))
            added.append(Added(packaged[identity], new=True))
        elif feed is None:
            there[identity] = feed_of(draft)
            changes.append(Put("feeds", _entry(draft)))
            added.append(Added(there[identity], new=True))
        else:
            changed = {key: value for key, value in given.items() if getattr(feed, key) != value}
            if changed and identity in fixed:
                raise FeedsError(f"{feed.url} stands in config.toml: change it there")
            entry = dict(entries.get(identity) or feed.model_dump(mode="json", exclude_defaults=True)) | _entry(changed)
            there[identity] = feed_of(entry)
            changes += [Put("feeds", entry)] if changed else []
            added.append(Added(there[identity], new=False, changed=tuple(changed)))
    return changes, added


def removed_feed(config: Config, url: str) -> list[Change]:
    """The changes that take a feed out: a person's own entry goes, one that comes with seedwatch is switched off by an entry."""
    packaged = _packaged(config).get(address_identity(url))
    return [Take("feeds", url)] if packaged is None else [Put("feeds", {"url": packaged.url, "off": True})]


def _packaged(config: Config) -> dict[str, Feed]:
    """The feeds that come with seedwatch, by identity; none where the configuration leaves them out."""
    return {address_identity(feed.url): feed for feed in load_seeds().feeds} if config.seeds.feeds else {}


def _entry(draft: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in draft.items() if value}


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
