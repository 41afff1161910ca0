"""Defines Draft and `draft_watch`: drafts entities, their events and rules for a story from its documents.

The caller passes a function that reads events of the drafted entities (the matcher, in the command), because this package reads no events.
Entities that the seeds already contain keep their id and data; only new spellings are added.
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


class EventExtractor(Protocol):
    """Reads the events between `entities` from a text."""

    def __call__(self, entities: Mapping[str, Entity], text: SourceText) -> Iterable[FoundEvent]: ...


@dataclass(frozen=True)
class Draft:
    """A draft of a watch for review."""

    entities: tuple[DraftEntity, ...]
    events: tuple[FoundEvent, ...]
    rules: tuple[Rule, ...]


def draft_watch(texts: Sequence[SourceText], *, known: Mapping[str, Entity], read_events: EventExtractor | None = None) -> Draft:
    """Drafts a watch from documents of one story. `known` are the entities of the seeds; {} for an independent watch."""
    analysis = read_texts(texts)
    entities = draft_entities(analysis, known)
    by_id = {entity.entity.id: entity.entity for entity in entities}
    events = tuple(_distinct(event for text in texts for event in (read_events(by_id, text) if read_events else ())))
    return Draft(entities, events, tuple(draft_rules(entities, events, keywords_of(analysis.sentences))))


def _distinct(events: Iterable[FoundEvent]) -> list[FoundEvent]:
    """Keeps the first of equal events; drops events without participants."""
    seen: dict[tuple[str, tuple[str, ...], tuple[str, ...]], FoundEvent] = {}
    for event in events:
        if event.actors or event.targets:
            seen.setdefault((event.type, event.actors, event.targets), event)
    return list(seen.values())
