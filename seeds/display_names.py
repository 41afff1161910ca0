"""Defines DisplayNames: how entities, offices and event types are called in a language other than the English of stored words.

Reasons and events are kept in the database in one language; messages in another look the names up here. Values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seeds.entities import Entity
from seeds.events import EventType
from seeds.folding import without_accents
from seeds.languages import LANGUAGES


@dataclass(frozen=True)
class DisplayNames:
    """Names by language, only where they differ; event types by language, all that have a name there."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    offices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language and by the person as texts write the name: a president is another word in Hanoi than in Washington."""

    def name(self, lang: str, name: str) -> str:
        """What messages in that language call whom others call `name`; an unknown name stays as it is."""
        return self.names.get(lang, {}).get(name, name)

    def office(self, lang: str, person: str, office: str) -> str:
        """The office of whom a text calls `person`."""
        return self.offices.get(lang, {}).get(person, office)

    def event(self, lang: str, type_id: str) -> str:
        """What they call an event type; its id in words when it is unknown."""
        return self.types.get(lang, {}).get(type_id) or type_id.replace("_", " ")


def naming_of(entities: Mapping[str, Entity], events: Mapping[str, EventType]) -> DisplayNames:
    """The names that these seeds give."""
    vietnamese = {entity.name: entity.name_vi for entity in entities.values() if entity.name_vi}
    for entity in entities.values():
        if entity.kind == "place":
            # A place stands in events as its text wrote it: "HCMC", and without accents "Bac Ninh"; "Yên Phong" in it stays itself.
            called = entity.name_in("vi")
            spellings = [name.text for name in entity.names if name.bare and not name.lang]
            vietnamese |= {text: called for text in spellings if entity.name_vi or _same(text, called)}
    types = {lang: {event.id: event.names[lang] for event in events.values() if lang in event.names} for lang in LANGUAGES}
    offices = {name.text: entity.office_vi for entity in entities.values() if entity.office_vi for name in entity.all_names()}
    return DisplayNames({"vi": vietnamese}, {str(lang): names for lang, names in types.items()}, {"vi": offices})


def _same(one: str, other: str) -> bool:
    """True where only accents and case tell them apart."""
    return without_accents(one.casefold()) == without_accents(other.casefold())
