"""Defines DraftEntity and `draft_entities`: make entities of the chosen names, with ids, spellings, conditions and relations."""

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
    """An entity with its evidence. `known`: the seeds already contain it; `source`: the text names it as a source of news."""

    entity: Entity
    known: bool
    mentions: int
    documents: int
    example: str
    source: bool = False


def draft_entities(analysis: DocumentAnalysis, known: Mapping[str, Entity]) -> tuple[DraftEntity, ...]:
    """Makes entities of the chosen names. An entity in `known` keeps its id and data; new spellings are added."""
    ids = _ids(analysis, known)
    small = analysis.small_words
    watched = analysis.watched
    drafted = []
    for number in analysis.chosen:
        candidate, estimate = analysis.candidates[number], analysis.kinds[number]
        if estimate is None:
            continue
        entity = _entity(number, estimate, analysis, ids, small).model_copy(update={"watched": number in watched})
        if ids[number] in known:
            entity = _with_new_spellings(known[ids[number]], entity)
        example = min((occurrence.sentence for occurrence in candidate.occurrences), key=lambda sentence: sentence.order).text
        drafted.append(DraftEntity(entity, ids[number] in known, candidate.mentions, len(candidate.documents), example, estimate.source))
    return tuple(drafted)


def _ids(analysis: DocumentAnalysis, known: Mapping[str, Entity]) -> dict[int, str]:
    known_keys = {name_key(name.text): entity.id for entity in known.values() for name in entity.all_names()}
    ids: dict[int, str] = {}
    for number in analysis.chosen:
        candidate = analysis.candidates[number]
        keys = [name_key(text) for text in (candidate.display, *candidate.spellings)]
        known_id = next((known_keys[key] for key in keys if key in known_keys), None)
        ids[number] = known_id if known_id and known_id not in ids.values() else _free_id(candidate, {*ids.values(), *known})
    return ids


def _entity(number: int, estimate: KindEstimate, analysis: DocumentAnalysis, ids: Mapping[int, str], small: Counter[str]) -> Entity:
    candidates, relations = analysis.candidates, analysis.relations
    candidate = candidates[number]
    parent = relations.parents.get(number)
    office, organization = relations.offices.get(number, ("", None))
    country = capital_cities().get(candidate.display)
    person = estimate.kind == "person"
    organization_id = ids.get(organization) if organization is not None else None
    place = candidates[organization].display if organization is not None else ""
    return Entity(
        id=ids[number],
        name=candidate.display,
        kind=estimate.kind,
        part_of=ids.get(parent) if parent is not None and not candidates[parent].country else None,
        of=organization_id if person else None,
        office=office if person else "",
        country=next((ids[other] for other in ids if country and candidates[other].country == country), None),
        tickers=tuple(sorted(relations.tickers.get(number, ()))),
        names=tuple(_country_names(candidate) if candidate.country else _names(candidate, place, small)),
    )


def _names(candidate: NameCandidate, organization: str, small: Counter[str]) -> Iterable[Name]:
    """Yields the spellings except `display`, ambiguous ones with conditions."""
    for text, _ in sorted(candidate.spellings.items(), key=lambda item: (-item[1], item[0])):
        other_words = [word for word in candidate.words if name_key(word) != name_key(text)]
        if text in candidate.short:
            yield Name(text=text, near=tuple([*other_words, organization] if organization else other_words))
        elif small[text.lower()]:
            yield Name(text=text, case=True)
        elif text != candidate.display:
            yield Name(text=text)


def _country_names(candidate: NameCandidate) -> Iterable[Name]:
    """Yields all usual names of a country in the languages of the texts, and its adjective."""
    if candidate.country is None:
        return
    vietnamese = any(occurrence.sentence.lang == "vi" for occurrence in candidate.occurrences)
    for text in sorted(candidate.country.names - {candidate.display}):
        if vietnamese or text not in candidate.country.vietnamese:
            yield Name(text=text, lang="vi" if text in candidate.country.vietnamese else None)
    for adjective in candidate.country.adjectives[:1]:
        yield Name(text=adjective, lang="en")


def _with_new_spellings(known: Entity, drafted: Entity) -> Entity:
    """Returns the entity of the seeds with the new spellings of the draft; watched if either is."""
    keys = {name_key(name.text) for name in known.all_names()}
    new = tuple(name for name in drafted.names if name_key(name.text) not in keys and not name.near)
    return known.model_copy(update={"names": (*known.names, *new), "watched": known.watched or drafted.watched})


def _free_id(candidate: NameCandidate, taken: Collection[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", fold(candidate.display)).strip("-") or "entity"
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
