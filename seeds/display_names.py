"""Defines DisplayNames: the names of entities, offices and event types in other languages than English.

The database stores reasons and events in English; messages in another language look the names up here. Values only.
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
    """`names` has for each language the names that differ from English; `types` all event types that have a name in the language."""

    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    offices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language and person: Vietnamese has different words for the presidents of Vietnam and of the United States."""

    def name(self, lang: str, name: str) -> str:
        """Returns `name` in language `lang`; an unknown name unchanged."""
        return self.names.get(lang, {}).get(name, name)

    def office(self, lang: str, person: str, office: str) -> str:
        """Returns `office` in language `lang` for the person whose name a text writes as `person`."""
        return self.offices.get(lang, {}).get(person, office)

    def event(self, lang: str, type_id: str) -> str:
        """Returns the name of an event type in language `lang`; its id with blanks if it has no name."""
        return self.types.get(lang, {}).get(type_id) or type_id.replace("_", " ")


def naming_of(entities: Mapping[str, Entity], events: Mapping[str, EventType]) -> DisplayNames:
    """Collects the display names of all entities and event types."""
    vietnamese = {entity.name: entity.name_vi for entity in entities.values() if entity.name_vi}
    for entity in entities.values():
        if entity.kind == "place":
            # Events contain a place as the text wrote it: "HCMC", or without accents "Bac Ninh". "Yên Phong" in it stays unchanged.
            display_name = entity.name_in("vi")
            spellings = [name.text for name in entity.names if name.bare and not name.lang]
            vietnamese |= {text: display_name for text in spellings if entity.name_vi or _differ_in_accents_only(text, display_name)}
    types = {lang: {event.id: event.names[lang] for event in events.values() if lang in event.names} for lang in LANGUAGES}
    offices = {name.text: entity.office_vi for entity in entities.values() if entity.office_vi for name in entity.all_names()}
    return DisplayNames({"vi": vietnamese}, {str(lang): names for lang, names in types.items()}, {"vi": offices})


def _differ_in_accents_only(first: str, second: str) -> bool:
    return without_accents(first.casefold()) == without_accents(second.casefold())
