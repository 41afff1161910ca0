"""Defines Draft and `draft_watch`: entities, the events between them and rules for a story, from its documents.

Which events a text tells is read by the caller's reader over the drafted entities (the matcher, in the command), because reading events
is not this layer's work. Entities that the seeds have already are only marked: they keep their id and data, and what is new is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from seeds.entities import Entity
from seeds.rules import Rule
from watchers.suggest.analysis import read_texts
from watchers.suggest.document import SourceText
from watchers.suggest.keywords import keywords_of
from watchers.suggest.profiles import DraftEntity, draft_entities
from watchers.suggest.rules import FoundEvent, draft_rules


class EventReader(Protocol):
    """Reads the events of one text, of which these entities are the names known."""

    def __call__(self, entities: Mapping[str, Entity], text: SourceText) -> Iterable[FoundEvent]: ...


@dataclass(frozen=True)
class Draft:
    """A watch to review."""

    entities: tuple[DraftEntity, ...]
    events: tuple[FoundEvent, ...]
    rules: tuple[Rule, ...]


def draft_watch(texts: Sequence[SourceText], *, known: Mapping[str, Entity], read_events: EventReader | None = None) -> Draft:
    """A draft from documents of one story. `known` are the entities that the seeds have; {} for a watch of its own."""
    reading = read_texts(texts)
    entities = draft_entities(reading, known)
    by_id = {entity.entity.id: entity.entity for entity in entities}
    events = tuple(_distinct(event for text in texts for event in (read_events(by_id, text) if read_events else ())))
    return Draft(entities, events, tuple(draft_rules(entities, events, keywords_of(reading.sentences))))


def _distinct(events: Iterable[FoundEvent]) -> list[FoundEvent]:
    """Each event once, where the texts first tell it; one without anybody in it tells nothing."""
    seen: dict[tuple[str, tuple[str, ...], tuple[str, ...]], FoundEvent] = {}
    for event in events:
        if event.actors or event.targets:
            seen.setdefault((event.type, event.actors, event.targets), event)
    return list(seen.values())
