"""Defines what must fit between the files: every entity, event type and rule that one entry names must stand in another.

Pure: values in, a list of SeedErrors out. Doubtful but workable things (a name that two entities own, a rule that cannot hit) are not
errors; `seeds.warnings` finds those.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from seeds.entities import Entity
from seeds.error_messages import unknown
from seeds.errors import SeedError
from seeds.events import EventType
from seeds.feeds import Feed
from seeds.rules import Rule


def check_entities(entities: Mapping[str, Entity], files: Mapping[str, str]) -> Iterator[SeedError]:
    """References from entity to entity, and `part_of` chains that never end. `files` tells in which file an id stands."""
    for entity in entities.values():
        for key in ("part_of", "of", "country"):
            target = getattr(entity, key)
            if target is not None and target not in entities:
                yield SeedError(files[entity.id], entity.id, key, unknown("entity", target, entities))
    looped: set[str] = set()
    for entity in entities.values():
        circle = _circle(entity.id, entities)
        if circle and not looped.intersection(circle):
            looped.update(circle)
            yield SeedError(files[entity.id], entity.id, "part_of", "goes round in a circle: " + " → ".join([*circle, circle[0]]))


def check_events(events: Mapping[str, EventType], files: Mapping[str, str]) -> Iterator[SeedError]:
    """Event types that others name in `hides`."""
    for event in events.values():
        for hide in event.hides:
            if hide not in events:
                yield SeedError(files[event.id], event.id, "hides", unknown("event type", hide, events))


def check_rules(
    rules: Mapping[str, Rule], entities: Collection[str], events: Collection[str], files: Mapping[str, str]
) -> Iterator[SeedError]:
    """Entities and event types that rules name."""
    for rule in rules.values():
        named = [(key, getattr(rule, key)) for key in ("any", "all", "none")]
        named += [(f"groups[{place}]", group) for place, group in enumerate(rule.groups)]
        for key, ids in named:
            for one in ids:
                if one not in entities:
                    yield SeedError(files[rule.id], rule.id, key, unknown("entity", one, entities))
        for event in rule.events:
            if event not in events:
                yield SeedError(files[rule.id], rule.id, "events", unknown("event type", event, events))


def check_feeds(feeds: Mapping[str, Feed], rules: Collection[str], files: Mapping[str, str]) -> Iterator[SeedError]:
    """Rules that feeds name. `feeds` and `files` go by the feed's identity, as in `load_seeds`."""
    for identity, feed in feeds.items():
        for rule in feed.rules:
            if rule not in rules:
                yield SeedError(files[identity], feed.url, "rules", unknown("rule", rule, rules))


def _circle(start: str, entities: Mapping[str, Entity]) -> list[str]:
    """The ids on the circle that `part_of` runs into from `start`, or none."""
    path: list[str] = []
    here: str | None = start
    while here is not None and here in entities:
        if here in path:
            return path[path.index(here) :]
        path.append(here)
        here = entities[here].part_of
    return []
