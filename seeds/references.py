"""Checks references between the files: every entity, event type and rule that an entry refers to must exist.

Pure: values in, SeedErrors out. Questionable entries that still work (a name of two entities, a rule that cannot hit) are no errors;
`seeds.warnings` finds those.
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
    """Checks references from entity to entity, and `part_of` chains for cycles. `files` has the file of each id."""
    for entity in entities.values():
        for key in ("part_of", "of", "country"):
            target = getattr(entity, key)
            if target is not None and target not in entities:
                yield SeedError(files[entity.id], entity.id, key, unknown("entity", target, entities))
    reported: set[str] = set()
    for entity in entities.values():
        cycle = _cycle(entity.id, entities)
        if cycle and not reported.intersection(cycle):
            reported.update(cycle)
            yield SeedError(files[entity.id], entity.id, "part_of", "goes round in a circle: " + " → ".join([*cycle, cycle[0]]))


def check_events(events: Mapping[str, EventType], files: Mapping[str, str]) -> Iterator[SeedError]:
    """Checks the event types in `hides`."""
    for event in events.values():
        for type_id in event.hides:
            if type_id not in events:
                yield SeedError(files[event.id], event.id, "hides", unknown("event type", type_id, events))


def check_rules(
    rules: Mapping[str, Rule], entities: Collection[str], events: Collection[str], files: Mapping[str, str]
) -> Iterator[SeedError]:
    """Checks the entities and event types of rules."""
    for rule in rules.values():
        references = [(key, getattr(rule, key)) for key in ("any", "all", "none")]
        references += [(f"groups[{index}]", group) for index, group in enumerate(rule.groups)]
        for key, entity_ids in references:
            for entity_id in entity_ids:
                if entity_id not in entities:
                    yield SeedError(files[rule.id], rule.id, key, unknown("entity", entity_id, entities))
        for event in rule.events:
            if event not in events:
                yield SeedError(files[rule.id], rule.id, "events", unknown("event type", event, events))


def check_feeds(feeds: Mapping[str, Feed], rules: Collection[str], files: Mapping[str, str]) -> Iterator[SeedError]:
    """Checks the rules of feeds. The keys of `feeds` and `files` are the identities of feeds, as in `load_seeds`."""
    for identity, feed in feeds.items():
        for rule in feed.rules:
            if rule not in rules:
                yield SeedError(files[identity], feed.url, "rules", unknown("rule", rule, rules))


def _cycle(start: str, entities: Mapping[str, Entity]) -> list[str]:
    """Returns the ids of the cycle that the `part_of` chain from `start` reaches; an empty list if there is none."""
    path: list[str] = []
    entity_id: str | None = start
    while entity_id is not None and entity_id in entities:
        if entity_id in path:
            return path[path.index(entity_id) :]
        path.append(entity_id)
        entity_id = entities[entity_id].part_of
    return []
