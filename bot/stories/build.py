"""Defines StoryView, a story with everything that messages, digests and pages say about it, and how it is read from the database.

Reading only. What it holds is the words of feeds as they stand in the database: whoever shows them cleans and escapes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.store.hits import read_reasons
from bot.store.items import ITEM_TIME
from bot.store.outlets import OUTLET
from bot.store.store import from_iso
from bot.stories.event_ranking import is_minority, rank_events
from bot.stories.party_names import json_list, parties
from seeds.display_names import DisplayNames
from seeds.events import Behaviour
from watchers.match.result import Reason
from watchers.text.publishers import host_of

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

NO_NAMING = DisplayNames()
NO_BEHAVIOUR = Behaviour()
_NEVER = datetime.max.replace(tzinfo=UTC)
_RELAYS = frozenset({"news.google.com", "bing.com", "msn.com", "news.yahoo.com", "flipboard.com"})
"""Hosts that pass on what others wrote: the link of whoever wrote it is the better one."""


@dataclass(frozen=True, slots=True)
class StorySource:
    """One item of a story, as its publisher."""

    item: int
    name: str
    url: str
    title: str
    at: datetime | None
    """Its time, as `bot.store.items.item_time` says it; None where nobody knows."""
    sponsored: bool = False
    lang: str = ""
    body: str = ""
    """The beginning of its text, or its summary."""


@dataclass(frozen=True, slots=True)
class EventView:
    """An event of a story, with names instead of ids."""

    type: str
    type_names: Mapping[str, str]
    """How people call the type, by language."""
    actors: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    amount: float | None = None
    currency: str | None = None
    place: str | None = None
    date: str | None = None
    status: str = "done"
    attributed_to: str | None = None
    sentence: str = ""
    item: int = 0
    in_title: bool = False
    start: int = 0
    """Where in the text its sentence begins, in code points."""
    parties: frozenset[str] = frozenset()
    """Entity ids among actors and targets."""
    naming: DisplayNames = field(default=NO_NAMING, repr=False, compare=False)
    """How its names are called in other languages."""
    behaviour: Behaviour = field(default=NO_BEHAVIOUR, repr=False, compare=False)
    """How the type is treated; the default for one that is no longer in the seeds."""


@dataclass(frozen=True, slots=True)
class RuleHit:
    """Why the story matters: the best hit of one rule."""

    hit: int
    rule: str
    title: str
    score: float
    severity: str
    why: tuple[str, ...]
    """The reasons in English."""
    item: int
    sponsored: bool = False
    entities: frozenset[str] = frozenset()
    """Of those that the rule looks for, the ones that the hit's item names."""
    share: float = 1.0
    """Of the story's items, the part that the rule caught."""
    reasons: tuple[Reason, ...] = ()
    """The same reasons as values; none for a hit of an older version."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Its title by language, where that differs."""
    naming: DisplayNames = field(default=NO_NAMING, repr=False, compare=False)

    def title_in(self, language: str) -> str:
        """The rule as messages in that language head it."""
        return self.titles.get(language) or self.title


@dataclass(frozen=True, slots=True)
class StoryView:
    """A story as it stands now."""

    id: int
    title: str
    first_at: datetime | None
    """The time of its earliest item; None where none of its items has one."""
    last_at: datetime | None
    sources: tuple[StorySource, ...]
    """One for each item, the better first: whoever is not paid for, wrote it itself, and was early."""
    happenings: tuple[EventView, ...] = ()
    """Best first: the one that the rules look for and that says most."""
    reasons: tuple[RuleHit, ...] = ()
    """One for each rule: those that most items hit, of these the ones that alert, of these the best score first."""
    names: frozenset[str] = frozenset()
    """Watched names as the items write them: bold in a sentence."""
    entities: frozenset[str] = frozenset()
    sponsored: bool = False
    """All of its items are paid for."""
    publishers: tuple[str, ...] = field(default=())
    """Names of its sources, each once, in the order of `sources`."""

    @property
    def lead(self) -> StorySource:
        """The source whose link and words come first."""
        return self.sources[0]

    @property
    def score(self) -> float:
        """Between 0 and 1."""
        return max((reason.score for reason in self.reasons), default=0.0)


def read_story(store: Store, story: int, seeds: Seeds) -> StoryView | None:
    """The story with its items, events and hits, or None when there is no such story or none of its items is left."""
    row = store.conn.execute("SELECT id, title, first_at, last_at FROM stories WHERE id = ?", [story]).fetchone()
    if row is None:
        return None
    items = list(
        store.conn.execute(
            "SELECT id, url, title, substr(CASE text WHEN '' THEN summary ELSE text END, 1, 2000) AS body, lang, sponsored, "  # noqa: S608
            f"{ITEM_TIME} AS at, {OUTLET} AS outlet "
            "FROM items WHERE id IN (SELECT item FROM hits WHERE story = ?) ORDER BY first_seen_at, id",
            [story],
        )
    )
    if not items:
        return None
    marks = ", ".join("?" * len(items))
    ids = [item["id"] for item in items]
    events = list(store.conn.execute(f"SELECT * FROM events WHERE item IN ({marks}) ORDER BY id", ids))  # noqa: S608
    mentions = list(
        store.conn.execute(f"SELECT DISTINCT item, entity, part_of, text FROM mentions WHERE item IN ({marks})", ids)  # noqa: S608
    )
    hits = list(store.conn.execute("SELECT * FROM hits WHERE story = ? ORDER BY score DESC, id", [story]))
    return _view(row, seeds, items=items, events=events, mentions=mentions, hits=hits)


def story_title(store: Store, story: int, seeds: Seeds) -> str | None:
    """The headline of the story as it stands now (of the denial, once it is denied), or None when there is no such story."""
    row = store.conn.execute("SELECT title FROM stories WHERE id = ?", (story,)).fetchone()
    if row is None:
        return None
    view = read_story(store, story, seeds)
    return str(row["title"]) if view is None else view.title


def title_or_opening(title: str, text: str) -> str:
    """What an item is called: its title, or the beginning of its text."""
    if title:
        return title
    words = " ".join(text.split())
    return words if len(words) <= 120 else words[:119].rsplit(" ", 1)[0] + "…"


def told_by(story: StoryView, item: int) -> StoryView | None:
    """The story as this item alone tells it, None when the item is none of its."""
    sources = tuple(source for source in story.sources if source.item == item)
    if not sources:
        return None
    return replace(story, sources=sources, happenings=tuple(happening for happening in story.happenings if happening.item == item))


def _view(
    row: Mapping[str, Any],
    seeds: Seeds,
    *,
    items: Sequence[Mapping[str, Any]],
    events: Sequence[Mapping[str, Any]],
    mentions: Sequence[Mapping[str, Any]],
    hits: Sequence[Mapping[str, Any]],
) -> StoryView:
    sources = [
        StorySource(
            item=item["id"],
            name=item["outlet"],
            url=item["url"],
            title=item["title"],
            at=_moment(item["at"]),
            sponsored=bool(item["sponsored"]),
            lang=item["lang"],
            body=item["body"],
        )
        for item in items
    ]
    credited = {(event["attributed_to"] or "").casefold() for event in events} - {""}
    sources.sort(key=lambda source: _standing(source, credited))
    named: dict[int, set[str]] = {}
    called: dict[tuple[int, str], set[str]] = {}
    for mention in mentions:
        called.setdefault((mention["item"], mention["entity"]), set()).add(mention["text"])
        named.setdefault(mention["item"], set()).update(id_ for id_ in (mention["entity"], mention["part_of"]) if id_)
    paid = {source.item for source in sources if source.sponsored}
    hit_by = Counter(hit["rule"] for hit in hits)
    reasons: dict[str, RuleHit] = {}
    for hit in sorted(hits, key=lambda one: (one["item"] in paid, -one["score"], one["id"])):
        reason = _reason(hit, named.get(hit["item"], set()), paid, seeds)
        reasons.setdefault(hit["rule"], replace(reason, share=hit_by[hit["rule"]] / len(items)))
    wanted = {kind for one in reasons for kind in (seeds.rules[one].events if one in seeds.rules else ())}
    watched = {one for one, entity in seeds.entities.items() if entity.watched}
    entities = frozenset(entity for of_item in named.values() for entity in of_item)
    looked_for = {entity for one in reasons.values() for entity in one.entities}
    happenings, newer = rank_events(
        [_happening(event, seeds, called) for event in events],
        wanted=wanted,
        looked_for=looked_for,
        lead=sources[0].item,
        paid=paid,
        at={source.item: source.at for source in sources},
    )
    if newer is not None:  # who tells how it ended speaks for the story from then on
        sources.sort(key=lambda source: source.item != newer)
    publishers = tuple(dict.fromkeys(source.name for source in sources if source.name))
    return StoryView(
        id=row["id"],
        title=title_or_opening(sources[0].title, sources[0].body) or row["title"],
        first_at=_moment(row["first_at"]),
        last_at=_moment(row["last_at"]),
        sources=tuple(sources),
        happenings=tuple(happenings),
        reasons=tuple(
            sorted(
                reasons.values(),
                key=lambda one: (one.sponsored, is_minority(hit_by, one.rule), one.severity != "alert", -one.score, one.rule),
            )
        ),
        names=frozenset(m["text"] for m in mentions if {m["entity"], m["part_of"]} & watched),
        entities=entities,
        sponsored=len(paid) == len(sources),
        publishers=publishers,
    )


def by_time(source: StorySource) -> tuple[datetime, int]:
    """Sorts sources, the earliest first and those without a time last."""
    return (source.at or _NEVER, source.item)


def latest_first(source: StorySource) -> tuple[float, int]:
    """Sorts sources, the latest first and those without a time last."""
    return (-source.at.timestamp() if source.at else 0.0, -source.item)


def _moment(text: str | None) -> datetime | None:
    return from_iso(text) if text else None


def _standing(source: StorySource, credited: set[str]) -> tuple[bool, bool, bool, datetime, int]:
    """Sorts sources, the better first."""
    return (source.sponsored, host_of(source.url) in _RELAYS or not source.url, source.name.casefold() not in credited, *by_time(source))


def _reason(hit: Mapping[str, Any], named: Iterable[str], paid: set[int], seeds: Seeds) -> RuleHit:
    rule = seeds.rules.get(hit["rule"])
    looked_for = {*rule.any, *rule.all, *(one for group in rule.groups for one in group)} if rule else set()
    return RuleHit(
        hit=hit["id"],
        rule=hit["rule"],
        title=rule.title if rule else str(hit["rule"]).replace("-", " ").capitalize(),
        score=hit["score"],
        severity=hit["severity"],
        why=tuple(str(sentence) for sentence in json_list(hit["why"])),
        reasons=read_reasons(hit["reasons"]),
        item=hit["item"],
        sponsored=hit["item"] in paid,
        entities=frozenset(looked_for.intersection(named)),
        titles={"vi": rule.name_vi} if rule and rule.name_vi else {},
        naming=seeds.naming,
    )


def _happening(row: Mapping[str, Any], seeds: Seeds, called: Mapping[tuple[int, str], set[str]]) -> EventView:
    known = seeds.events.get(row["type"])
    return EventView(
        type=row["type"],
        type_names={str(lang): name for lang, name in known.names.items()} if known else {},
        actors=parties(row["actors"], row["item"], seeds, called),
        targets=parties(row["targets"], row["item"], seeds, called),
        amount=row["amount"],
        currency=row["currency"],
        place=row["place"],
        date=row["date"],
        status=row["status"],
        attributed_to=row["attributed_to"],
        sentence=row["sentence"],
        item=row["item"],
        in_title=row["field"] == "title",
        start=row["start"],
        parties=frozenset(one for part in ("actors", "targets") for one in json_list(row[part]) if isinstance(one, str)),
        naming=seeds.naming,
        behaviour=known or NO_BEHAVIOUR,
    )
