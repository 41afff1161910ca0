"""Defines Seeds and `load_seeds`: reads the four packaged files and the user's files, merges them and checks the result.

    packaged entities.toml ─┐
    packaged events.toml   ─┤   the user's folder       config.toml
    packaged rules.toml    ─┼─► same ids override ────► [[rules]] [[feeds]] ───► crosscheck ───► Seeds
    packaged feeds.toml    ─┘                           override too

An entry with the same id replaces the earlier entry completely. Nothing is fetched or matched here.
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
    """All entities, event types, rules and feeds. Every id that an entry refers to exists."""

    entities: Mapping[str, Entity]
    events: Mapping[str, EventType]
    rules: Mapping[str, Rule]
    feeds: tuple[Feed, ...]

    @cached_property
    def naming(self) -> DisplayNames:
        """The display names in other languages."""
        return naming_of(self.entities, self.events)


@dataclass
class _LayeredSeeds:
    """Collects the file of each entry and all errors while entries are merged by identity."""

    errors: list[SeedError] = field(default_factory=list)
    files: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, schema: TableSchema[M], merged: dict[str, M], layer: Entries[M]) -> None:
        """Adds the entries of `layer` to `merged`; an entry of the same identity is replaced."""
        merged.update(layer.values)
        self.files.setdefault(schema.table, {}).update(dict.fromkeys(layer.values, layer.file))
        self.errors += layer.errors


def load_seeds(
    folder: Path | None = None,
    *,
    packaged_feeds: bool = True,
    packaged_rules: bool = True,
    rules: Sequence[Rule] = (),
    feeds: Sequence[Feed] = (),
) -> Seeds:
    """Returns the packaged seeds, merged with those of `folder` and of config.toml (`rules`, `feeds`).

    With `packaged_feeds` or `packaged_rules` false, the packaged ones are left out. Raises SeedError for the first error; `try_seeds`
    returns all errors.
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
    """Same as `load_seeds`, but returns the readable entries together with all errors. With errors, the Seeds must not be used to match."""
    layers = _LayeredSeeds()
    entities: dict[str, Entity] = {}
    events: dict[str, EventType] = {}
    all_rules: dict[str, Rule] = {}
    all_feeds: dict[str, Feed] = {}
    layers.add(_ENTITIES, entities, _packaged(_ENTITIES))
    layers.add(_EVENTS, events, _packaged(_EVENTS))
    if packaged_rules:
        layers.add(_RULES, all_rules, _packaged(_RULES))
    if packaged_feeds:
        layers.add(_FEEDS, all_feeds, _packaged(_FEEDS))
    if folder is not None:
        if not folder.is_dir():
            layers.errors.append(SeedError(folder, "", "", "is not a folder; expected one with entities.toml, rules.toml or the like"))
        layers.add(_ENTITIES, entities, read_entries(folder, str(folder), _ENTITIES))
        layers.add(_EVENTS, events, read_entries(folder, str(folder), _EVENTS))
        layers.add(_RULES, all_rules, read_entries(folder, str(folder), _RULES))
        layers.add(_FEEDS, all_feeds, read_entries(folder, str(folder), _FEEDS))
    layers.add(_RULES, all_rules, _from_config(_RULES, rules))
    layers.add(_FEEDS, all_feeds, _from_config(_FEEDS, feeds))
    # References are checked only if every entry could be read: a reference to an unreadable entry would be reported as unknown.
    if not layers.errors:
        layers.errors += chain(
            check_entities(entities, layers.files["entities"]),
            check_events(events, layers.files["events"]),
            check_rules(all_rules, entities, events, layers.files["rules"]),
            check_feeds(all_feeds, all_rules, layers.files["feeds"]),
        )
    return Seeds(entities, events, all_rules, tuple(feed for feed in all_feeds.values() if not feed.off)), layers.errors


@cache
def _packaged(schema: TableSchema[M]) -> Entries[M]:
    """Reads a packaged file, once per process: a reload reads only the user's files, and the values are frozen."""
    return read_entries(files("seeds"), "seeds", schema)


def _from_config(schema: TableSchema[M], values: Sequence[M]) -> Entries[M]:
    entries: Entries[M] = Entries(CONFIG_FILE)
    for value in values:
        entries.add(schema, value)
    return entries
