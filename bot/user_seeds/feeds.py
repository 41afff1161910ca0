"""Defines how a user's feeds are selected by name or address, and added to or removed from the user's seeds folder.

Errors are FeedsError with one line for the user. Nothing is fetched here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.config import Config, ConfigError
from bot.user_seeds.toml_files import Change, OwnSeedsError, RemoveEntry, SaveEntry, change_entries, lock_seeds, own_entries
from seeds.feeds import Feed, address_identity
from seeds.load import Seeds, load_seeds


class FeedsError(ValueError):
    """A request that cannot be carried out; the message is one line for the user. `usage`: the request itself was wrong, such as an unknown
    feed."""

    def __init__(self, message: str, *, usage: bool = True) -> None:
        super().__init__(message)
        self.usage = usage


def feed_of(draft: Mapping[str, Any]) -> Feed:
    """Returns the Feed of an entry that is not written yet. Raises FeedsError that names the wrong key."""
    try:
        return Feed(**draft)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or draft["url"]
        raise FeedsError(f"{key}: {first['msg'].removeprefix('Value error, ')}") from None


@dataclass(frozen=True)
class AddedFeed:
    """The result of adding a feed. `new`: it was added; else it existed, and its keys `changed` have new values."""

    feed: Feed
    new: bool
    changed: tuple[str, ...] = ()


def add_feeds(config: Config, drafts: Sequence[Mapping[str, Any]], overrides: Mapping[str, Any] | None = None) -> list[AddedFeed]:
    """Adds entries with one write of the file. The change is undone if the seeds are invalid with it. Raises FeedsError.

    A feed that exists keeps its entry, except for the keys in `overrides`, which the user named explicitly.
    """
    folder = config.seeds_folder
    try:
        with lock_seeds(folder):
            changes, added = plan_feeds(config, config.load_seeds(), drafts, overrides or {})
            undo_record = change_entries(folder, changes)
            try:
                config.load_seeds()
            except ConfigError:
                undo_record.undo()
                raise
    except OwnSeedsError as error:
        raise FeedsError(str(error), usage=False) from None
    except ConfigError as error:
        raise FeedsError(str(error)) from None
    return added


def plan_feeds(
    config: Config, seeds: Seeds, drafts: Sequence[Mapping[str, Any]], overrides: Mapping[str, Any]
) -> tuple[list[Change], list[AddedFeed]]:
    """Returns the changes that add these feeds to `seeds`, and the result for each. Raises FeedsError and OwnSeedsError."""
    feeds_by_identity = {address_identity(feed.url): feed for feed in seeds.feeds}
    entries = {address_identity(url): entry for url, entry in own_entries(config.seeds_folder, "feeds").items()}
    packaged, configured = _packaged_feeds(config), {address_identity(feed.url) for feed in config.feeds}
    changes: list[Change] = []
    added: list[AddedFeed] = []
    for draft in drafts:
        identity = address_identity(feed_of(draft).url)
        feed = feeds_by_identity.get(identity)
        if feed is None and entries.get(identity, {}).get("off") and identity in packaged and not overrides:
            feeds_by_identity[identity] = packaged[identity]  # a packaged feed that was switched off is switched on again
            changes.append(RemoveEntry("feeds", packaged[identity].url))
            added.append(AddedFeed(packaged[identity], new=True))
        elif feed is None:
            feeds_by_identity[identity] = feed_of(draft)
            changes.append(SaveEntry("feeds", _entry(draft)))
            added.append(AddedFeed(feeds_by_identity[identity], new=True))
        else:
            changed = {key: value for key, value in overrides.items() if getattr(feed, key) != value}
            if changed and identity in configured:
                raise FeedsError(f"{feed.url} stands in config.toml: change it there")
            entry = dict(entries.get(identity) or feed.model_dump(mode="json", exclude_defaults=True)) | _entry(changed)
            feeds_by_identity[identity] = feed_of(entry)
            changes += [SaveEntry("feeds", entry)] if changed else []
            added.append(AddedFeed(feeds_by_identity[identity], new=False, changed=tuple(changed)))
    return changes, added


def plan_removal(config: Config, url: str) -> list[Change]:
    """Returns the changes that remove a feed: the user's own entry is deleted, a packaged feed is switched off by an entry."""
    packaged = _packaged_feeds(config).get(address_identity(url))
    return [RemoveEntry("feeds", url)] if packaged is None else [SaveEntry("feeds", {"url": packaged.url, "off": True})]


def _packaged_feeds(config: Config) -> dict[str, Feed]:
    """Returns the feeds that come with seedwatch, by identity; none if the configuration leaves them out."""
    return {address_identity(feed.url): feed for feed in load_seeds().feeds} if config.seeds.feeds else {}


def _entry(draft: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in draft.items() if value}


def select_feeds(feeds: Sequence[Feed], wanted: Sequence[str]) -> list[Feed]:
    """Returns the feeds with these addresses or names; all feeds if none is given. Raises FeedsError for an unknown one."""
    if not wanted:
        return list(feeds)
    chosen = []
    for name in wanted:
        matching = [feed for feed in feeds if feed.url == name or feed.name.casefold() == name.casefold()]
        if not matching and "://" in name:
            matching = [feed for feed in feeds if address_identity(feed.url) == address_identity(name)]
        if not matching:
            raise FeedsError(f"there is no feed {name!r}; `seedwatch feeds list` shows them")
        chosen += matching
    return chosen
