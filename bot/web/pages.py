"""Defines the pages of the web view: values in, Html out. Pure; words of feeds are made plain here and escaped by `bot.web.html`."""

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
from bot.render.headline import headline, matched_sentence
from bot.render.markup import shorten
from bot.render.story import event_line
from bot.sanitize import plain
from bot.store import from_iso
from bot.stories.build import EventView, RuleHit, StorySource, StoryView, by_time
from bot.web.charts import bar_chart_svg
from bot.web.html import Html, Part, el, link, page
from bot.web.queries import StoryPage, Timeline
from watchers.state.feed_health import in_words

if TYPE_CHECKING:
    from bot.store.search import SearchResult
    from seeds.entities import Entity
    from seeds.load import Seeds

LANGUAGE = "en"
NAMED = 6
"""Entities, or publishers, that a card names."""
_NAV = (("/", "Stories"), ("/entities", "Watched"), ("/search", "Search"), ("/feeds", "Feeds"), ("/hits.rss", "RSS"))


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every page knows: the seeds, the zone of its times, and now."""

    seeds: Seeds
    tz: str
    now: datetime


def page_layout(title: str, here: str, *body: Part) -> Html:
    """A page with its head: where one is, and where one can go."""
    ways = [el("a", name, href=to, aria_current="page" if to == here else None) for to, name in _NAV]
    feed = el("link", rel="alternate", type="application/rss+xml", title="seedwatch: hits", href="/hits.rss")
    return page(
        f"{title} · seedwatch", (el("header", el("b", el("a", "seedwatch", href="/")), *ways), el("main", *body)), head=feed
    )  # fmt: skip


def stories_page(shelf: StoryPage, looking: PageContext, *, entity: str = "", rule: str = "", before: str = "") -> Html:
    """Stories by day, the newest first."""
    what = [_entity_name(entity, looking)] if entity else []
    what += [_rule_name(rule, looking)] if rule else []
    title = f"Stories: {', '.join(what)}" if what else "Stories"
    body: list[Part] = [el("h1", title)]
    if not shelf.stories:
        body.append(el("p", "No stories yet." if not before else "No older stories.", class_="faint"))
    for on, told in groupby(shelf.stories, key=lambda story: _date(story.last_at, looking)):
        body.append(el("section", el("h2", _day(on, looking) if on else "No date"), [card(one, looking, under=on) for one in told]))
    if shelf.older:
        asked = {"entity": entity, "rule": rule, "before": shelf.older}
        older = "/?" + urlencode({key: value for key, value in asked.items() if value})
        body.append(el("p", el("a", "Older stories", href=older, rel="next")))
    return page_layout(title, "/" if not what else "", *body)


def card(story: StoryView, looking: PageContext, *, under: date | None = None) -> Html:
    """A story in a list, whose heading says the date `under` if any: of that day, and of today, the time alone is enough."""
    alert = any(reason.severity == "alert" for reason in story.reasons)
    publishers = [plain(publisher) for publisher in story.publishers]
    shown = ", ".join(publishers[:NAMED]) + (f" and {len(publishers) - NAMED} more" if len(publishers) > NAMED else "")
    when = _time(story.last_at, looking)
    if story.last_at and _date(story.last_at, looking) in {under, local_date(looking.now, looking.tz)}:
        when = f"{local(story.last_at, looking.tz):%H:%M}"
    foot = [when, shown, "sponsored" if story.sponsored else ""]
    marks = el("span", "alert", class_="alert") if alert else None
    return el(
        "article",
        el("h3", el("a", headline(story, LANGUAGE), href=f"/stories/{story.id}")),
        _sentence(story),
        el("p", event_line(story.happenings[0], LANGUAGE)) if story.happenings else None,
        el("p", " · ".join(part for part in foot if part), [" · ", marks] if marks else None, class_="faint"),
    )


def story_page(story: StoryView, because: Mapping[int, Sequence[str]], looking: PageContext) -> Html:
    """One story: what happened, why it matters, who tells it."""
    title = headline(story, LANGUAGE)
    first, last = _time(story.first_at, looking), _time(story.last_at, looking)
    named = [entity for entity in sorted(story.entities) if entity in looking.seeds.entities]
    named.sort(key=lambda one: not looking.seeds.entities[one].watched)
    names = {source.item: source.name for source in story.sources}
    return page_layout(
        title,
        "",
        el("h1", title),
        el("p", first if first == last else f"{first} to {last}", " · sponsored" if story.sponsored else "", class_="faint"),
        el("p", [_entity_tag(one, looking) for one in named]) if named else None,
        (el("h2", "What happened"), [_happening(happening, names) for happening in story.happenings])
        if story.happenings
        else _sentence(story),
        (el("h2", "Why it is here"), [_reason(reason) for reason in story.reasons]) if story.reasons else None,
        el("h2", "Sources"),
        [_source(source, because.get(source.item, ()), looking) for source in sorted(story.sources, key=by_time)],
        el("footer", el("a", "As JSON", href=f"/stories/{story.id}.json"), class_="faint"),
    )


def entities_page(counts: Mapping[str, Sequence[int]], looking: PageContext) -> Html:
    """Who is watched, those in the news first."""
    rows = sorted(counts.items(), key=lambda pair: (-sum(pair[1]), looking.seeds.entities[pair[0]].name))
    heads = el("tr", el("th", "Who"), el("th", "What"), el("th", "14 days", class_="n"), el("th", "Today", class_="n"))
    table = [
        el("tr", el("td", el("a", plain(looking.seeds.entities[one].name), href=_to_entity(one))),
           el("td", looking.seeds.entities[one].kind), el("td", str(sum(row)), class_="n"), el("td", str(row[-1]), class_="n"))
        for one, row in rows
    ]  # fmt: skip
    empty = el("p", "Nothing is watched.", class_="faint") if not rows else None
    return page_layout(
        "Watched", "/entities", el("h1", "Watched"), empty, el("div", el("table", heads, *table), class_="wide") if rows else None
    )


def entity_page(entity: Entity, times: Timeline, events: Sequence[tuple[str, int]], shelf: StoryPage, looking: PageContext) -> Html:
    """One entity over time, and its stories."""
    name = plain(entity.name)
    parts = [one for one in looking.seeds.entities.values() if one.part_of == entity.id]
    whole = looking.seeds.entities.get(entity.part_of or "")
    about: list[Part] = [entity.kind, " · watched" if entity.watched else ""]
    if whole is not None:
        about += [" · part of ", _entity_tag(whole.id, looking)]
    types = [f"{_type_name(kind, looking)} {n}" for kind, n in events]
    more = el("p", el("a", f"All stories of {name}", href="/?" + urlencode({"entity": entity.id}))) if shelf.stories else None
    return page_layout(
        name,
        "",
        el("h1", name),
        el("p", *about, class_="faint"),
        el("p", "Counts too: ", [_entity_tag(part.id, looking) for part in parts], class_="faint") if parts else None,
        bar_chart_svg([(f"{on.day}", _day(on, looking), n) for on, n in times.days], "Items with a hit, last 14 days"),
        bar_chart_svg(
            [(f"{on:%b}", f"{on:%B %Y}", n) for on, n in times.months], "Items with a hit, last 12 months, by date of publication"
        ),
        (el("h2", "Events of the last 12 months"), el("p", [el("span", event_type, class_="tag") for event_type in types]))
        if types
        else None,
        (el("h2", "Latest stories"), [card(story, looking) for story in shelf.stories[:10]], more) if shelf.stories else None,
    )


def search_page(  # noqa: PLR0917
    query: str, entity: str, event: str, found: Sequence[SearchResult], total: int, stories: Mapping[int, int], looking: PageContext
) -> Html:
    """The form and what it found: the first results of `total`."""
    entities = sorted(looking.seeds.entities.values(), key=lambda one: (not one.watched, one.name.casefold()))
    events = [one for one in looking.seeds.events.values() if one.reported]
    form = el(
        "form",
        el("input", type="search", name="q", value=query, aria_label="Words", placeholder='Words, "a phrase", begin*', maxlength=300),
        _choice("entity", "anybody", [(one.id, plain(one.name)) for one in entities], entity),
        _choice("event", "any event", [(one.id, _type_name(one.id, looking)) for one in events], event),
        el("button", "Search", type="submit"),
        action="/search", method="get", role="search",
    )  # fmt: skip
    body: list[Part] = [el("h1", "Search"), form]
    if query or entity or event:
        body.append(el("p", _found(len(found), total), class_="faint"))
    body += [_result(search, stories.get(search.item), looking) for search in found]
    return page_layout(f"{query} – search" if query else "Search", "/search", *body)


def feeds_page(rows: Sequence[dict[str, Any]], looking: PageContext) -> Html:
    """The feeds with their health, those in trouble first."""
    rows = sorted(rows, key=lambda row: (not row["says"], (row["name"] or row["url"]).casefold()))
    wrong = sum(bool(row["says"]) for row in rows)
    names = (("Feed", ""), ("State", ""), ("Every", "n"), ("Delay", "n"), ("Last new", "n"), ("Says", ""))
    heads = el("tr", *(el("th", name, class_=kind or None) for name, kind in names))
    table = []
    for row in rows:
        good = row["condition"] in {"ok", "new"}
        table.append(
            el("tr", el("td", link(plain(row["name"] or row["url"]), row["url"])),
               el("td", row["condition"], class_="good" if good else "alert"), el("td", _span(row["interval"]), class_="n"),
               el("td", _span(row["delay_median"]), class_="n"),
               el("td", _time(from_iso(row["last_new_at"]), looking) if row["last_new_at"] else "–", class_="n"),
               el("td", plain(remarks(row))))
        )  # fmt: skip
    count = el("p", f"{len(rows)} feeds, {wrong or 'none'} in trouble", class_="faint")
    return page_layout("Feeds", "/feeds", el("h1", "Feeds"), count, el("div", el("table", heads, *table), class_="wide"))


def trouble_page(title: str, said: str) -> Html:
    """What stands where a page cannot."""
    return page_layout(title, "", el("h1", title), el("p", said), el("p", el("a", "To the stories", href="/")))


# --- parts of pages -----------------------------------------------------------------------------------------------------------------------


def _sentence(story: StoryView) -> Html | None:
    runs = matched_sentence(story)
    return el("p", [el("strong", run.text) if run.bold else run.text for run in runs]) if runs else None


def _happening(event: EventView, names: Mapping[int, str]) -> Html:
    said = plain(event.sentence)
    return el(
        "article",
        el("h3", event_line(event, LANGUAGE)),
        el("blockquote", shorten(said, 600)) if said else None,
        el("p", plain(names.get(event.item, "")), class_="faint"),
    )


def _reason(hit: RuleHit) -> Html:
    kind = el("span", hit.severity, class_="alert" if hit.severity == "alert" else None)
    return el(
        "article",
        el("h3", el("a", plain(hit.title), href="/?" + urlencode({"rule": hit.rule}))),
        el("p", kind, f" · score {hit.score:.2f}", class_="faint"),
        el("ul", [el("li", plain(why)) for why in hit.why]) if hit.why else None,
    )


def _source(source: StorySource, because: Sequence[str], looking: PageContext) -> Html:
    paid = " · sponsored" if source.sponsored else ""
    return el(
        "article",
        el("h3", link(plain(source.title) or shorten(plain(source.body), 100) or "(no title)", source.url)),
        el("p", f"{plain(source.name)} · {_time(source.at, looking)}{paid}", class_="faint"),
        el("p", "Same news because: ", plain("; ".join(because)), class_="faint") if because else None,
    )


def _found(shown: int, total: int) -> str:
    if not total:
        return "Nothing found."
    return f"{total:,} found" + (f", the first {shown} shown" if shown < total else "")


def _result(search: SearchResult, story: int | None, looking: PageContext) -> Html:
    when = _time(from_iso(search.at) if search.at else None, looking)
    text = plain(search.text)
    ways: list[Part] = [[" · ", el("a", "its story", href=f"/stories/{story}")]] if story else []
    return el(
        "article",
        el("h3", link(plain(search.title) or shorten(text, 100) or "(no title)", search.url)),
        el("p", shorten(text, 240)) if text and search.title else None,
        el("p", f"{plain(search.outlet)} · {when}", *ways, class_="faint"),
    )


def _choice(name: str, none: str, options: Sequence[tuple[str, str]], chosen: str) -> Html:
    rows = [el("option", shown, value=value, selected=value == chosen) for value, shown in options]
    return el("select", el("option", none, value=""), rows, name=name, aria_label=name.capitalize())


def _entity_tag(one: str, looking: PageContext) -> Html:
    return el("a", _entity_name(one, looking), href=_to_entity(one), class_="tag")


def _entity_name(one: str, looking: PageContext) -> str:
    known = looking.seeds.entities.get(one)
    return plain(known.name if known else one)


def _rule_name(one: str, looking: PageContext) -> str:
    known = looking.seeds.rules.get(one)
    return plain(known.title if known else one)


def _type_name(kind: str, looking: PageContext) -> str:
    known = looking.seeds.events.get(kind)
    name = known.title("en") if known else kind.replace("_", " ")
    return name[:1].upper() + name[1:]


def _to_entity(one: str) -> str:
    return f"/entities/{quote(one, safe='')}"


def _day(on: date, looking: PageContext) -> str:
    today = local_date(looking.now, looking.tz)
    name = {0: "Today, ", 1: "Yesterday, "}.get((today - on).days, f"{on:%A}, ")
    return name + formats.day(LANGUAGE, on)


def _date(moment: datetime | None, looking: PageContext) -> date | None:
    return local_date(moment, looking.tz) if moment else None


def _time(moment: datetime | None, looking: PageContext) -> str:
    return formats.moment(LANGUAGE, moment, looking.tz)


def _span(seconds: float | None) -> str:
    return in_words(timedelta(seconds=seconds)) if seconds else "–"
