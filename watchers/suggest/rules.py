"""Defines FoundEvent and `draft_rules`: what a careful follower of the story would start with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seeds.rules import Rule
from watchers.suggest.profiles import DraftEntity


@dataclass(frozen=True)
class FoundEvent:
    """An event between drafted entities: their ids, and the sentence that tells it."""

    type: str
    actors: tuple[str, ...]
    targets: tuple[str, ...]
    sentence: str


def draft_rules(entities: Sequence[DraftEntity], events: Sequence[FoundEvent], keywords: tuple[str, ...]) -> Iterable[Rule]:
    """Each main name goes to the digest, what happened to them and between them is an alert, and the story's own words catch the rest."""
    if not entities:
        return
    main = [entity.entity for entity in entities if entity.entity.watched]
    ids = tuple(one.id for one in main)
    countries = tuple(entity.entity.id for entity in entities if not entity.entity.watched and entity.entity.kind == "government")
    types = tuple(sorted({event.type for event in events}))
    head = main[0] if main else entities[0].entity
    for one in main:
        yield Rule(id=f"{one.id}-watch", name=one.name, any=(one.id,), severity="digest")
    if main and types:
        yield Rule(id=f"{head.id}-events", name=f"{head.name}: what happened", any=ids, events=types, severity="alert")
    if len(main) > 1:
        groups = tuple((one,) for one in ids)
        severity = "alert" if types else "digest"
        yield Rule(id=f"{head.id}-between", name=f"{head.name}: between them", groups=groups, events=types, about=False, severity=severity)
    if keywords and (ids or countries):
        named = (*ids, *countries)
        yield Rule(id=f"{head.id}-story", name=f"{head.name}: the story", any=named, words=keywords, about=False, severity="digest")
