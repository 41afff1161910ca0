"""Defines the pages of the web view: values in, HTML text out. Pure.

A function a page prepares what its template in bot/web/templates shows: names, times in the reader's zone, text of feeds made plain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from bot.export.feed_rows import remarks
from bot.i18n import formats
from bot.local_time import local, local_date
from bot.render.chart import Bar
from bot.render.headline import headline, matched_sentence
from bot.render.html import render_page
from bot.render.markup import Span, shorten
from bot.render.story import event_line
from bot.sanitize import plain
from bot.store import from_iso
from bot.stories.view import StorySource, StoryView, by_time
from bot.web.queries import StoryPage, Timeline
from watchers.state.feed_health import in_words

if TYPE_CHECKING:
    from bot.store.search import SearchResult
    from seeds.entities import Entity
    from seeds.load import Seeds

LANGUAGE = "en"
PUBLISHERS_SHOWN = 6
"""Publishers that a card names."""
LATEST_STORIES = 10
"""Stories on the page of an entity."""


@dataclass(frozen=True, slots=True)
class EntityLink:
    """An entity's name and the address of its page."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every page knows: the seeds, the zone of its times, and now."""

    seeds: Seeds
    tz: str
    now: datetime

    def entity(self, entity_id: str) -> EntityLink:
        """The entity as pages name and link it; one that is not watched any more goes by its id."""
        entity = self.seeds.entities.get(entity_id)
        return EntityLink(plain(entity.name if entity else entity_id), f"/entities/{quote(entity_id, safe='')}")

    def rule_title(self, rule_id: str) -> str:
        """The rule's title; its id when the rule is gone."""
        rule = self.seeds.rules.get(rule_id)
        return plain(rule.title if rule else rule_id)

    def event_title(self, event_type: str) -> str:
        """The name of a type of event, with a capital letter."""
        event = self.seeds.events.get(event_type)
        name = event.title("en") if event else event_type.replace("_", " ")
        return name[:1].upper() + name[1:]

    def local_date(self, moment: datetime | None) -> date | None:
        """The date in the page's zone."""
        return local_date(moment, self.tz) if moment else None

    def day(self, on: date) -> str:
        """ "Today, 2 March 2026"."""
        today = local_date(self.now, self.tz)
        name = {0: "Today, ", 1: "Yesterday, "}.get((today - on).days, f"{on:%A}, ")
        return name + formats.day(LANGUAGE, on)

    def time(self, moment: datetime | None) -> str:
        """Date and time, or "no date"."""
        return formats.moment(LANGUAGE, moment, self.tz)


def stories_page(shelf: StoryPage, context: PageContext, *, entity: str = "", rule: str = "", before: str = "") -> str:
    """Stories by day, the newest first."""
    names = [context.entity(entity).name] if entity else []
    names += [context.rule_title(rule)] if rule else []
    title = f"Stories: {', '.join(names)}" if names else "Stories"
    days = [
        (context.day(on) if on else "No date", [story_card(story, context, under=on) for story in stories])
        for on, stories in groupby(shelf.stories, key=lambda story: context.local_date(story.last_at))
    ]
    query = {"entity": entity, "rule": rule, "before": shelf.older}
    older = "/?" + urlencode({key: value for key, value in query.items() if value}) if shelf.older else ""
    empty = "No older stories." if before else "No stories yet."
    return render_page("stories.html.j2", title=title, here="" if names else "/", days=days, older=older, empty=empty)


@dataclass(frozen=True, slots=True)
class StoryCard:
    """A story in a list."""

    id: int
    title: str
    sentence: tuple[Span, ...]
    """The sentence that a rule matched."""
    event: str
    foot: str
    """When, by whom, and whether it is sponsored."""
    alert: bool


def story_card(story: StoryView, context: PageContext, *, under: date | None = None) -> StoryCard:
    """The story under a heading of the date `under`, if any. A story of that day, or of today, shows its time without the date."""
    publishers = [plain(publisher) for publisher in story.publishers]
    names = ", ".join(publishers[:PUBLISHERS_SHOWN])
    names += f" and {len(publishers) - PUBLISHERS_SHOWN} more" if len(publishers) > PUBLISHERS_SHOWN else ""
    time = context.time(story.last_at)
    if story.last_at and context.local_date(story.last_at) in {under, context.local_date(context.now)}:
        time = f"{local(story.last_at, context.tz):%H:%M}"
    return StoryCard(
        story.id,
        headline(story, LANGUAGE),
        tuple(matched_sentence(story)),
        event_line(story.events[0], LANGUAGE) if story.events else "",
        " · ".join(part for part in (time, names, "sponsored" if story.sponsored else "") if part),
        any(hit.severity == "alert" for hit in story.reasons),
    )


def story_page(story: StoryView, context: PageContext) -> str:
    """One story: what happened, why it matters, who tells it."""
    because = {reason.item_id: reason.why for reason in story.join_reasons}
    first, last = context.time(story.first_at), context.time(story.last_at)
    entities = [entity for entity in sorted(story.entities) if entity in context.seeds.entities]
    entities.sort(key=lambda entity: not context.seeds.entities[entity].watched)
    names = {source.item_id: source.name for source in story.sources}
    events = [
        {
            "line": event_line(event, LANGUAGE),
            "sentence": shorten(plain(event.sentence), 600),
            "source": plain(names.get(event.item_id, "")),
        }
        for event in story.events
    ]
    return render_page(
        "story.html.j2",
        title=headline(story, LANGUAGE),
        here="",
        story=story,
        period=first if first == last else f"{first} to {last}",
        entities=[context.entity(entity) for entity in entities],
        events=events,
        sentence=matched_sentence(story),
        sources=[_source(source, because.get(source.item_id, ()), context) for source in sorted(story.sources, key=by_time)],
    )


def _source(source: StorySource, because: Sequence[str], context: PageContext) -> dict[str, Any]:
    return {
        "title": plain(source.title) or shorten(plain(source.body), 100) or "(no title)",
        "url": source.url,
        "name": plain(source.name),
        "time": context.time(source.at),
        "sponsored": source.sponsored,
        "because": plain("; ".join(because)),
    }


def entities_page(counts: Mapping[str, Sequence[int]], context: PageContext) -> str:
    """Who is watched, those in the news first. `counts`: hits a day by entity, today's last."""
    entities = context.seeds.entities
    ranked = sorted(counts.items(), key=lambda pair: (-sum(pair[1]), entities[pair[0]].name))
    rows = [(context.entity(entity), entities[entity].kind, days) for entity, days in ranked]
    return render_page("entities.html.j2", title="Watched", here="/entities", rows=rows)


def entity_page(entity: Entity, times: Timeline, events: Sequence[tuple[str, int]], shelf: StoryPage, context: PageContext) -> str:
    """One entity over time, and its stories."""
    whole = context.seeds.entities.get(entity.part_of or "")
    return render_page(
        "entity.html.j2",
        title=plain(entity.name),
        here="",
        entity=entity,
        whole=context.entity(whole.id) if whole is not None else None,
        members=[context.entity(member.id) for member in context.seeds.entities.values() if member.part_of == entity.id],
        days=[Bar(f"{on.day}", context.day(on), count) for on, count in times.days],
        months=[Bar(f"{on:%b}", f"{on:%B %Y}", count) for on, count in times.months],
        events=[(context.event_title(event_type), count) for event_type, count in events],
        cards=[story_card(story, context) for story in shelf.stories[:LATEST_STORIES]],
    )


def search_page(  # noqa: PLR0917
    query: str, entity: str, event: str, results: Sequence[SearchResult], total: int, context: PageContext
) -> str:
    """The form and the first results of `total`."""
    entities = sorted(context.seeds.entities.values(), key=lambda entity: (not entity.watched, entity.name.casefold()))
    return render_page(
        "search.html.j2",
        title=f"{query} – search" if query else "Search",
        here="/search",
        query=query,
        entity=entity,
        entities=[(entity.id, plain(entity.name)) for entity in entities],
        event=event,
        events=[(event.id, context.event_title(event.id)) for event in context.seeds.events.values() if event.reported],
        count=_count(len(results), total) if query or entity or event else "",
        results=[_result(result, context) for result in results],
    )


def _count(shown: int, total: int) -> str:
    if not total:
        return "Nothing found."
    return f"{total:,} found" + (f", the first {shown} shown" if shown < total else "")


def _result(result: SearchResult, context: PageContext) -> dict[str, Any]:
    title, text = plain(result.title), plain(result.text)
    return {
        "title": title or shorten(text, 100) or "(no title)",
        "url": result.url,
        "text": shorten(text, 240) if title else "",
        "source": plain(result.outlet),
        "time": context.time(from_iso(result.at) if result.at else None),
        "story": result.story_id,
    }


def feeds_page(rows: Sequence[dict[str, Any]], context: PageContext) -> str:
    """The feeds with their health, those in trouble first."""
    rows = sorted(rows, key=lambda row: (not row["says"], (row["name"] or row["url"]).casefold()))
    shown = [
        {
            "name": plain(row["name"] or row["url"]),
            "url": row["url"],
            "condition": row["condition"],
            "good": row["condition"] in {"ok", "new"},
            "interval": _duration(row["interval"]),
            "delay": _duration(row["delay_median"]),
            "last_new": context.time(from_iso(row["last_new_at"])) if row["last_new_at"] else "–",
            "remarks": plain(remarks(row)),
        }
        for row in rows
    ]
    return render_page("feeds.html.j2", title="Feeds", here="/feeds", rows=shown, failing=sum(bool(row["says"]) for row in rows))


def _duration(seconds: float | None) -> str:
    return in_words(timedelta(seconds=seconds)) if seconds else "–"


def error_page(title: str, message: str) -> str:
    """The page of an address that cannot be shown."""
    return render_page("error.html.j2", title=title, here="", message=message)
