"""Defines Seeds and `load_seeds`: the four files, packaged and the user's, read, laid over each other and checked as one.

    packaged entities.toml ─┐
    packaged events.toml   ─┤   the user's folder       config.toml
    packaged rules.toml    ─┼─► same ids override ────► [[rules]] [[feeds]] ───► crosscheck ───► Seeds
    packaged feeds.toml    ─┘                           override too

An entry that overrides another replaces it whole. Nothing is fetched and nothing is matched here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from seeds.display_names import DisplayNames, naming_of
from seeds.entities import Entity
from seeds.errors import SeedError
from seeds.events import EventType
from seeds.feeds import Feed, address_identity
from seeds.references import check_entities, check_events, check_feeds, check_rules
from seeds.rules import Rule
from seeds.toml_tables import Entries, TableSchema, read_entries

M = TypeVar("M", bound=BaseModel)
CONFIG_FILE = "config.toml"
_ENTITIES = TableSchema("entities", Entity)
_EVENTS = TableSchema("events", EventType)
_RULES = TableSchema("rules", Rule)
_FEEDS = TableSchema("feeds", Feed, "url", address_identity)


@dataclass(frozen=True)
class Seeds:
    """All that is watched, checked as a whole: whatever one entry names stands in another."""

    entities: Mapping[str, Entity]
    events: Mapping[str, EventType]
    rules: Mapping[str, Rule]
    feeds: tuple[Feed, ...]

    @cached_property
    def naming(self) -> DisplayNames:
        """How messages in other languages call what stands here."""
        return naming_of(self.entities, self.events)


@dataclass
class _LayeredSeeds:
    """Entries laid over each other by identity, with the file each one came from and what was wrong on the way."""

    errors: list[SeedError] = field(default_factory=list)
    files: dict[str, dict[str, str]] = field(default_factory=dict)

    def lay(self, kind: TableSchema[M], under: dict[str, M], over: Entries[M]) -> None:
        """Puts `over` on what lies `under` it."""
        under.update(over.values)
        self.files.setdefault(kind.table, {}).update(dict.fromkeys(over.values, over.file))
        self.errors += over.errors


def load_seeds(
    folder: Path | None = None,
    *,
    packaged_feeds: bool = True,
    packaged_rules: bool = True,
    rules: Sequence[Rule] = (),
    feeds: Sequence[Feed] = (),
) -> Seeds:
    """The packaged seeds with those of `folder` and of config.toml (`rules`, `feeds`) over them.

    `packaged_feeds` and `packaged_rules` leave the packaged ones of that kind out. Raises SeedError for the first mistake; `try_seeds`
    gives all of them.
    """
    seeds, errors = try_seeds(folder, packaged_feeds=packaged_feeds, packaged_rules=packaged_rules, rules=rules, feeds=feeds)
    if errors:
        raise errors[0]
    return seeds


def try_seeds(
    folder: Path | None = None,
    *,
    packaged_feeds: bool = True,
    packaged_rules: bool = True,
    rules: Sequence[Rule] = (),
    feeds: Sequence[Feed] = (),
) -> tuple[Seeds, list[SeedError]]:
    """Like `load_seeds`, but gives what could be read together with every mistake. With mistakes the Seeds are not fit for matching."""
    layers = _LayeredSeeds()
    entities: dict[str, Entity] = {}
    events: dict[str, EventType] = {}
    all_rules: dict[str, Rule] = {}
    all_feeds: dict[str, Feed] = {}
    layers.lay(_ENTITIES, entities, _packaged(_ENTITIES))
    layers.lay(_EVENTS, events, _packaged(_EVENTS))
    if packaged_rules:
        layers.lay(_RULES, all_rules, _packaged(_RULES))
    if packaged_feeds:
        layers.lay(_FEEDS, all_feeds, _packaged(_FEEDS))
    if folder is not None:
        if not folder.is_dir():
            layers.errors.append(SeedError(folder, "", "", "is not a folder; expected one with entities.toml, rules.toml or the like"))
        layers.lay(_ENTITIES, entities, read_entries(folder, str(folder), _ENTITIES))
        layers.lay(_EVENTS, events, read_entries(folder, str(folder), _EVENTS))
        layers.lay(_RULES, all_rules, read_entries(folder, str(folder), _RULES))
        layers.lay(_FEEDS, all_feeds, read_entries(folder, str(folder), _FEEDS))
    layers.lay(_RULES, all_rules, _from_config(_RULES, rules))
    layers.lay(_FEEDS, all_feeds, _from_config(_FEEDS, feeds))
    # What an entry that could not be read would have held is not known; saying that others name it would only be noise.
    if not layers.errors:
        layers.errors += chain(
            check_entities(entities, layers.files["entities"]),
            check_events(events, layers.files["events"]),
            check_rules(all_rules, entities, events, layers.files["rules"]),
            check_feeds(all_feeds, all_rules, layers.files["feeds"]),
        )
    return Seeds(entities, events, all_rules, tuple(feed for feed in all_feeds.values() if not feed.off)), layers.errors


@cache
def _packaged(kind: TableSchema[M]) -> Entries[M]:
    """Read once a process: a reload concerns a person's own files, and the values are frozen."""
    return read_entries(files("seeds"), "seeds", kind)


def _from_config(kind: TableSchema[M], values: Sequence[M]) -> Entries[M]:
    entries: Entries[M] = Entries(CONFIG_FILE)
    for value in values:
        entries.add(kind, value)
    return entries
