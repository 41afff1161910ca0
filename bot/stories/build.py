"""Defines build_story: a story's rows in, its StoryView out. Pure: no database, no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.stories.event_ranking import EventContext, is_minority, rank_events
from bot.stories.party_names import party_names
from bot.stories.view import NO_BEHAVIOUR, EventView, RuleHit, StorySource, StoryView, by_time
from watchers.text.publishers import host_of

if TYPE_CHECKING:
    from bot.store.story_rows import StoryEventRow, StoryHitRow, StoryMentionRow, StoryRows
    from seeds.load import Seeds

_RELAYS = frozenset({"news.google.com", "bing.com", "msn.com", "news.yahoo.com", "flipboard.com"})
"""Hosts that pass on what others wrote: the link of whoever wrote it is the better one."""


@dataclass(frozen=True, slots=True)
class StoryNames:
    """The entities that the items of a story name."""

    by_item: Mapping[int, set[str]]
    """Entities and the groups that they are parts of, by item id."""
    spellings: Mapping[tuple[int, str], set[str]]
    """The words by which an item names an entity, by item id and entity."""


def build_story(rows: StoryRows, seeds: Seeds) -> StoryView:
    """The story as it stands now, with the names and titles of today's seeds."""
    names = _names(rows.mentions)
    sources = _sources(rows)
    reasons = _reasons(rows, names, seeds)
    events, settling_item = rank_events(
        [_event(row, seeds, names) for row in rows.events],
        EventContext(
            types={kind for rule in reasons if rule.rule in seeds.rules for kind in seeds.rules[rule.rule].events},
            entities={entity for reason in reasons for entity in reason.entities},
            lead_item=sources[0].item_id,
            sponsored_items={source.item_id for source in sources if source.sponsored},
            times={source.item_id: source.at for source in sources},
        ),
    )
    if settling_item is not None:  # the source that says how it ended leads the story
        sources.sort(key=lambda source: source.item_id != settling_item)
    watched = {entity_id for entity_id, entity in seeds.entities.items() if entity.watched}
    return StoryView(
        id=rows.story.id,
        title=title_or_opening(sources[0].title, sources[0].body) or rows.story.title,
        first_at=rows.story.first_at,
        last_at=rows.story.last_at,
        sources=tuple(sources),
        events=tuple(events),
        reasons=tuple(reasons),
        names=frozenset(mention.text for mention in rows.mentions if {mention.entity, mention.part_of} & watched),
        entities=frozenset(entity for entities in names.by_item.values() for entity in entities),
        sponsored=all(source.sponsored for source in sources),
        publishers=tuple(dict.fromkeys(source.name for source in sources if source.name)),
        join_reasons=rows.story.join_reasons,
    )


def title_or_opening(title: str, text: str) -> str:
    """An item's title, or the beginning of its text when it has none."""
    if title:
        return title
    words = " ".join(text.split())
    return words if len(words) <= 120 else words[:119].rsplit(" ", 1)[0] + "…"


def _names(mentions: Sequence[StoryMentionRow]) -> StoryNames:
    by_item: dict[int, set[str]] = {}
    spellings: dict[tuple[int, str], set[str]] = {}
    for mention in mentions:
        spellings.setdefault((mention.item_id, mention.entity), set()).add(mention.text)
        by_item.setdefault(mention.item_id, set()).update(entity for entity in (mention.entity, mention.part_of) if entity)
    return StoryNames(by_item, spellings)


def _sources(rows: StoryRows) -> list[StorySource]:
    """The items as their publishers, the better first."""
    rules: dict[int, list[str]] = {}
    for hit in rows.hits:
        rules.setdefault(hit.item_id, []).append(hit.rule)
    credited = {row.event.attributed_to.casefold() for row in rows.events if row.event.attributed_to}
    sources = [
        StorySource(
            item_id=item.id,
            name=item.outlet,
            url=item.url,
            title=item.title,
            at=item.at,
            sponsored=item.sponsored,
            lang=item.lang,
            body=item.body,
            published_at=item.published_at,
            rules=tuple(sorted(rules.get(item.id, ()))),
        )
        for item in rows.items
    ]
    return sorted(sources, key=lambda source: _source_rank(source, credited))


def _source_rank(source: StorySource, credited: set[str]) -> tuple[bool, bool, bool, datetime, int]:
    """Sorts sources, the better first: not sponsored, not a relay, credited by the others, early."""
    relay = host_of(source.url) in _RELAYS or not source.url
    return (source.sponsored, relay, source.name.casefold() not in credited, *by_time(source))


def _reasons(rows: StoryRows, names: StoryNames, seeds: Seeds) -> list[RuleHit]:
    """The best hit of each rule: first the rules that most items hit, of these the ones that alert, of these the best score."""
    sponsored = {item.id for item in rows.items if item.sponsored}
    counts = Counter(hit.rule for hit in rows.hits)
    best: dict[str, StoryHitRow] = {}
    for hit in sorted(rows.hits, key=lambda hit: (hit.item_id in sponsored, -hit.score, hit.id)):
        best.setdefault(hit.rule, hit)
    reasons = [
        _reason(
            hit,
            seeds,
            named=names.by_item.get(hit.item_id, set()),
            sponsored=hit.item_id in sponsored,
            share=counts[hit.rule] / len(rows.items),
        )
        for hit in best.values()
    ]
    return sorted(
        reasons,
        key=lambda reason: (
            reason.sponsored, is_minority(counts, reason.rule), reason.severity != "alert", -reason.score, reason.rule,
        ),
    )  # fmt: skip


def _reason(hit: StoryHitRow, seeds: Seeds, *, named: set[str], sponsored: bool, share: float) -> RuleHit:
    rule = seeds.rules.get(hit.rule)
    looked_for = {*rule.any, *rule.all, *(entity for group in rule.groups for entity in group)} if rule else set()
    return RuleHit(
        hit_id=hit.id,
        rule=hit.rule,
        title=rule.title if rule else hit.rule.replace("-", " ").capitalize(),
        score=hit.score,
        severity=hit.severity,
        why=hit.why,
        reasons=hit.reasons,
        item_id=hit.item_id,
        sponsored=sponsored,
        entities=frozenset(looked_for & named),
        share=share,
        titles=rule.translations if rule else {},
        naming=seeds.naming,
    )


def _event(row: StoryEventRow, seeds: Seeds, names: StoryNames) -> EventView:
    event = row.event
    event_type = seeds.events.get(event.type)
    return EventView(
        type=event.type,
        type_names={str(lang): name for lang, name in event_type.names.items()} if event_type else {},
        actors=party_names(event.actors, row.item_id, seeds, names.spellings),
        targets=party_names(event.targets, row.item_id, seeds, names.spellings),
        amount=event.amount.value if event.amount else None,
        currency=event.amount.currency or None if event.amount else None,
        place=event.place,
        date=event.date,
        status=event.status,
        attributed_to=event.attributed_to,
        sentence=row.sentence,
        item_id=row.item_id,
        in_title=event.field == "title",
        start=event.start,
        parties=frozenset(party for party in (*event.actors, *event.targets) if isinstance(party, str)),
        naming=seeds.naming,
        behaviour=event_type or NO_BEHAVIOUR,
    )
