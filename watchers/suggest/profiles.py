"""Defines DraftEntity and `draft_entities`: the chosen names as entities, with ids, spellings, conditions and ties to each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from seeds.entities import Entity, Name
from watchers.suggest.analysis import DocumentAnalysis
from watchers.suggest.candidates import NameCandidate
from watchers.suggest.kinds import KindEstimate
from watchers.suggest.lexicon import capital_cities, fold, name_key


@dataclass(frozen=True)
class DraftEntity:
    """An entity with what spoke for it. `known`: the seeds have it already; `source`: it is named as where the news comes from."""

    entity: Entity
    known: bool
    mentions: int
    documents: int
    example: str
    source: bool = False


def draft_entities(reading: DocumentAnalysis, known: Mapping[str, Entity]) -> tuple[DraftEntity, ...]:
    """The chosen names as entities. One that `known` has already keeps its id and data, and new spellings are added to it."""
    ids = _ids(reading, known)
    small = reading.small_words
    watched = reading.watched
    drafted = []
    for number in reading.chosen:
        candidate, verdict = reading.candidates[number], reading.verdicts[number]
        if verdict is None:
            continue
        entity = _entity(number, verdict, reading, ids, small).model_copy(update={"watched": number in watched})
        if ids[number] in known:
            entity = _added(known[ids[number]], entity)
        example = min((sighting.sentence for sighting in candidate.sightings), key=lambda sentence: sentence.order).text
        drafted.append(DraftEntity(entity, ids[number] in known, candidate.mentions, len(candidate.documents), example, verdict.source))
    return tuple(drafted)


def _ids(reading: DocumentAnalysis, known: Mapping[str, Entity]) -> dict[int, str]:
    known_keys = {name_key(name.text): entity.id for entity in known.values() for name in entity.all_names()}
    ids: dict[int, str] = {}
    for number in reading.chosen:
        candidate = reading.candidates[number]
        keys = [name_key(text) for text in (candidate.display, *candidate.spellings)]
        there = next((known_keys[key] for key in keys if key in known_keys), None)
        ids[number] = there if there and there not in ids.values() else _free_id(candidate, {*ids.values(), *known})
    return ids


def _entity(number: int, verdict: KindEstimate, reading: DocumentAnalysis, ids: Mapping[int, str], small: Counter[str]) -> Entity:
    candidates, relations = reading.candidates, reading.relations
    candidate = candidates[number]
    parent = relations.parents.get(number)
    office, organization = relations.offices.get(number, ("", None))
    country = capital_cities().get(candidate.display)
    person = verdict.kind == "person"
    organization_id = ids.get(organization) if organization is not None else None
    place = candidates[organization].display if organization is not None else ""
    return Entity(
        id=ids[number],
        name=candidate.display,
        kind=verdict.kind,
        part_of=ids.get(parent) if parent is not None and not candidates[parent].country else None,
        of=organization_id if person else None,
        office=office if person else "",
        country=next((ids[other] for other in ids if country and candidates[other].country == country), None),
        tickers=tuple(sorted(relations.tickers.get(number, ()))),
        names=tuple(_country_names(candidate) if candidate.country else _names(candidate, place, small)),
    )


def _names(candidate: NameCandidate, organization: str, small: Counter[str]) -> Iterable[Name]:
    """The spellings besides `display`, with conditions where one alone would mean too much."""
    for text, _ in sorted(candidate.spellings.items(), key=lambda item: (-item[1], item[0])):
        beside = [word for word in candidate.words if name_key(word) != name_key(text)]
        if text in candidate.short:
            yield Name(text=text, near=tuple([*beside, organization] if organization else beside))
        elif small[text.lower()]:
            yield Name(text=text, case=True)
        elif text != candidate.display:
            yield Name(text=text)


def _country_names(candidate: NameCandidate) -> Iterable[Name]:
    """All usual names of a country in the languages of the texts, and the word for its people and things."""
    if candidate.country is None:
        return
    vietnamese = any(sighting.sentence.lang == "vi" for sighting in candidate.sightings)
    for text in sorted(candidate.country.names - {candidate.display}):
        if vietnamese or text not in candidate.country.vietnamese:
            yield Name(text=text, lang="vi" if text in candidate.country.vietnamese else None)
    for adjective in candidate.country.adjectives[:1]:
        yield Name(text=adjective, lang="en")


def _added(there: Entity, found: Entity) -> Entity:
    """The entity as the seeds have it, with the spellings that only the documents show; watched also when the documents are about it."""
    keys = {name_key(name.text) for name in there.all_names()}
    new = tuple(name for name in found.names if name_key(name.text) not in keys and not name.near)
    return there.model_copy(update={"names": (*there.names, *new), "watched": there.watched or found.watched})


def _free_id(candidate: NameCandidate, taken: Collection[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", fold(candidate.display)).strip("-") or "entity"
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
