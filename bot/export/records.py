"""Defines the JSON records: one form each of a match, an event, a hit, a story and a search result, for commands and web pages; and the
lines in which `match` explains a match to a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.i18n.reasons import english
from bot.store.store import iso
from seeds.entities import Entity
from watchers.match.result import Event, Match, UnknownName
from watchers.models.item import Item

if TYPE_CHECKING:
    from bot.store.hits import StoredHit
    from bot.store.search import SearchResult
    from bot.stories.view import EventView, StoryView


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
    """The public JSON form of an event of an item: its parties as ids, and where the item tells it."""
    return _event_record(
        event,
        actors=[party_record(actor) for actor in event.actors],
        targets=[party_record(target) for target in event.targets],
        amount=(event.amount.value, event.amount.currency) if event.amount else None,
    ) | {"field": event.field, "start": event.start, "end": event.end}


def _event_record(
    event: Event | EventView, *, actors: list[Any], targets: list[Any], amount: tuple[float, str | None] | None
) -> dict[str, Any]:
    return {
        "type": event.type,
        "actors": actors,
        "targets": targets,
        "amount": {"value": amount[0], "currency": amount[1]} if amount else None,
        "place": event.place,
        "date": event.date,
        "status": event.status,
        "attributed_to": event.attributed_to,
    }


def party_record(party: str | UnknownName) -> str | dict[str, str]:
    """An entity's id, or `{"name": …}` for somebody whom no entity stands for."""
    return {"name": party.name} if isinstance(party, UnknownName) else party


def field_text(item: Item, field: str) -> str:
    """The text of a field of an item, for the offsets of mentions and events."""
    return {"title": item.title, "summary": item.summary, "text": item.text}[field]


def hit_record(hit: StoredHit) -> dict[str, Any]:
    """The public JSON form of a stored hit, with what is needed of its item."""
    return {
        "id": hit.id, "item": hit.item, "rule": hit.rule, "story": hit.story, "score": hit.score, "severity": hit.severity,
        "why": list(hit.why), "created_at": hit.created_at, "title": hit.title, "url": hit.url, "source": hit.outlet, "feed": hit.feed,
        "lang": hit.lang, "published_at": hit.published_at, "sponsored": hit.sponsored,
    }  # fmt: skip


def story_record(story: StoryView) -> dict[str, Any]:
    """The public JSON form of a story: its items in the order of `story.sources`, its events with names instead of ids, and the best hit
    of each rule. `why` and `joined_because` say why later items tell the same news."""
    join_reasons = {reason.item_id: list(reason.why) for reason in story.join_reasons}
    return {
        "id": story.id,
        "title": story.title,
        "first_at": _time(story.first_at),
        "last_at": _time(story.last_at),
        "sources": len(story.publishers),
        "entities": sorted(story.entities),
        "items": [
            {
                "id": source.item_id, "title": source.title, "url": source.url, "source": source.name, "at": _time(source.at),
                "published_at": _time(source.published_at), "lang": source.lang, "sponsored": source.sponsored,
                "rules": list(source.rules), "joined_because": join_reasons.get(source.item_id, []),
            }
            for source in story.sources
        ],
        "events": [story_event_record(event) for event in story.events],
        "hits": [
            {"rule": hit.rule, "score": hit.score, "severity": hit.severity, "why": list(hit.why), "item": hit.item_id}
            for hit in story.reasons
        ],
        "why": [{"item": reason.item_id, "why": list(reason.why)} for reason in story.join_reasons],
    }  # fmt: skip


def story_event_record(event: EventView) -> dict[str, Any]:
    """The public JSON form of an event of a story: its parties by name, the sentence and the item that tell it."""
    return _event_record(
        event,
        actors=list(event.actors),
        targets=list(event.targets),
        amount=None if event.amount is None else (event.amount, event.currency),
    ) | {"sentence": event.sentence, "item": event.item_id}


def search_record(result: SearchResult) -> dict[str, Any]:
    """The public JSON form of a search result."""
    return {
        "id": result.item, "title": result.title, "url": result.url, "source": result.outlet, "feed": result.feed, "lang": result.lang,
        "published_at": result.published_at, "first_seen_at": result.first_seen_at, "rules": list(result.rules), "story": result.story_id,
    }  # fmt: skip


def _time(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


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
