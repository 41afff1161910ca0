"""Defines how a Match is shown: as the JSON record of `match --json`, and as lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.i18n.reasons import english
from seeds.entities import Entity
from watchers.match.result import Event, Match, UnknownName
from watchers.models.item import Item


def match_record(item: Item, match: Match, *, identity: object, misses: bool = False) -> dict[str, Any]:
    """The public JSON form of one match; `identity` is the item's id as it was given."""
    record: dict[str, Any] = {
        "id": identity,
        "lang": match.lang,
        "mentions": [
            {
                "entity": mention.entity,
                "text": mention.text,
                "field": mention.field,
                "start": mention.start,
                "end": mention.end,
                "part_of": mention.part_of,
            }
            for mention in match.mentions
        ],
        "events": [event_record(event) for event in match.events],
        "sponsored": match.sponsored or item.sponsored,
        "hits": [
            {"rule": hit.rule, "score": round(hit.score, 4), "severity": hit.severity, "why": english(hit.reasons)} for hit in match.hits
        ],
    }
    if misses:
        record["misses"] = [{"rule": miss.rule, "why": english(miss.reasons)} for miss in match.misses]
    return record


def event_record(event: Event) -> dict[str, Any]:
    """The public JSON form of one event."""
    return {
        "type": event.type,
        "actors": [party_record(actor) for actor in event.actors],
        "targets": [party_record(target) for target in event.targets],
        "amount": {"value": event.amount.value, "currency": event.amount.currency} if event.amount else None,
        "place": event.place,
        "date": event.date,
        "status": event.status,
        "attributed_to": event.attributed_to,
        "field": event.field,
        "start": event.start,
        "end": event.end,
    }


def party_record(party: str | UnknownName) -> str | dict[str, str]:
    """An entity's id, or `{"name": …}` for somebody whom no entity stands for."""
    return {"name": party.name} if isinstance(party, UnknownName) else party


def field_text(item: Item, field: str) -> str:
    """The text of a field of an item, for the offsets of mentions and events."""
    return {"title": item.title, "summary": item.summary, "text": item.text}[field]


def explain(item: Item, match: Match, entities: Mapping[str, Entity], *, misses: bool = False) -> Iterator[str]:
    """The match in lines for a person: what hit and why, what was found, and with `misses` what did not hit."""
    yield item.title or " ".join((item.text or item.summary).split())[:100]
    if match.sponsored or item.sponsored:
        yield "  sponsored: the text says that it is paid for"
    for hit in match.hits:
        yield f"  HIT {hit.rule} ({hit.severity}, score {hit.score:.2f})"
        yield from (f"      {reason}" for reason in english(hit.reasons))
    if not match.hits:
        yield "  no rule hits"
    if misses:
        for miss in match.misses:
            yield f"  no  {miss.rule}"
            yield from (f"      {reason}" for reason in english(miss.reasons))
    counted: dict[str, int] = {}
    for mention in match.mentions:
        counted[mention.entity] = counted.get(mention.entity, 0) + 1
    if counted:
        shown = (f"{entities[one].name if one in entities else one} ×{count}" for one, count in counted.items())
        yield f"  named: {', '.join(shown)}"
    for entity, salience in sorted(match.salience.items(), key=lambda pair: -pair[1].value):
        if misses or salience.value >= 0.15:
            name = entities[entity].name if entity in entities else entity
            yield f"  about {name}: {salience.value:.2f} ({'; '.join(english(salience.reasons))})"
    for event in match.events:
        yield f"  event: {event_line(event, entities)}"
        sentence = " ".join(field_text(item, event.field)[event.start : event.end].split())
        yield f"      “{sentence[:300]}{'…' if len(sentence) > 300 else ''}”"


def party_name(party: str | UnknownName, entities: Mapping[str, Entity]) -> str:
    """How people call an actor or target of an event."""
    if isinstance(party, UnknownName):
        return party.name
    return entities[party].name if party in entities else party


def event_line(event: Event, entities: Mapping[str, Entity]) -> str:
    """One event in a line: type, who, with or to whom, how much, where, when, status, by whose word."""
    actors = ", ".join(party_name(actor, entities) for actor in event.actors)
    targets = ", ".join(party_name(target, entities) for target in event.targets)
    parts = [" → ".join(part for part in (actors, targets) if part)]
    if event.amount:
        parts.append(f"{event.amount.value:,.0f} {event.amount.currency}")
    parts += [part for part in (event.place, event.date, event.status) if part]
    if event.attributed_to:
        parts.append(f"according to {event.attributed_to}")
    return f"{event.type.replace('_', ' ')}: {' · '.join(part for part in parts if part)}"
