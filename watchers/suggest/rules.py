"""Defines FoundEvent and `draft_rules`: draft the rules of a watch from its entities, events and keywords."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seeds.rules import Rule
from watchers.suggest.profiles import DraftEntity


@dataclass(frozen=True)
class FoundEvent:
    """An event between drafted entities: the ids of its participants, and its sentence."""

    type: str
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    sentence: str


def draft_rules(entities: Sequence[DraftEntity], events: Sequence[FoundEvent], keywords: tuple[str, ...]) -> Iterable[Rule]:
    """Drafts a digest rule for each watched entity, alert rules for their events and relations, and a digest rule with the keywords."""
    if not entities:
        return
    main = [entity.entity for entity in entities if entity.entity.watched]
    ids = tuple(entity.id for entity in main)
    countries = tuple(entity.entity.id for entity in entities if not entity.entity.watched and entity.entity.kind == "government")
    types = tuple(sorted({event.type for event in events}))
    head = main[0] if main else entities[0].entity
    for watched in main:
        yield Rule(id=f"{watched.id}-watch", name=watched.name, any=(watched.id,), severity="digest")
    if main and types:
        yield Rule(id=f"{head.id}-events", name=f"{head.name}: what happened", any=ids, events=types, severity="alert")
    if len(main) > 1:
        groups = tuple((entity_id,) for entity_id in ids)
        severity = "alert" if types else "digest"
        yield Rule(id=f"{head.id}-between", name=f"{head.name}: between them", groups=groups, events=types, about=False, severity=severity)
    if keywords and (ids or countries):
        story_ids = (*ids, *countries)
        yield Rule(id=f"{head.id}-story", name=f"{head.name}: the story", any=story_ids, words=keywords, about=False, severity="digest")
