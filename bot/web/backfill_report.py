"""Defines write_report: what the watch would have caught, as one HTML file that needs nothing beside itself and no network.

Hits over time for each watched entity and event type, the biggest stories with their sources, what the rules missed narrowly. Charts are
inline SVG; colours follow the reader's choice of light or dark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.render.chart import Bar
from bot.render.html import render_page
from bot.store import Store, iso
from bot.store.daily_counts import entity_months, event_type_months, months_with_hits
from bot.store.hits import read_hit_totals, read_rule_totals
from bot.store.story_rows import list_stories
from bot.stories.read import read_stories
from bot.stories.view import StoryView
from seeds.load import Seeds

_MONTHS_SHOWN = 48
_STORIES_SHOWN = 25
_SOURCES_SHOWN = 12
_MISSED_SHOWN = 30


def write_report(path: Path, store: Store, seeds: Seeds, *, now: datetime, missed: Mapping[tuple[str, str], int] | None = None) -> None:
    """Writes the report over all stored hits to `path`. `missed`: (rule, what was missing) → items, from the run just done."""
    path.write_text(render(store, seeds, now=now, missed=missed or {}), "utf-8")


def render(store: Store, seeds: Seeds, *, now: datetime, missed: Mapping[tuple[str, str], int]) -> str:
    """The report as HTML."""
    months = months_with_hits(store)
    span = _span(months)
    return render_page(
        "backfill_report.html.j2",
        title="seedwatch: what the watch caught",
        period=f"{months[0]} to {months[-1]}" if months else "Nothing yet",
        date=iso(now)[:10],
        facts=_facts(store, months),
        entities=_charts(_by_entity(store, seeds), span),
        events=_charts(_by_event(store), span),
        rules=_rules(store, seeds),
        stories=_stories(store, seeds),
        missed=_missed(missed, seeds),
    )


def _span(months: Sequence[str]) -> list[str]:
    """Every month from the first to the last, the latest ones where there are many."""
    if not months:
        return []
    year, month = int(months[0][:4]), int(months[0][5:7])
    found = []
    while f"{year:04}-{month:02}" <= months[-1]:
        found.append(f"{year:04}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found[-_MONTHS_SHOWN:]


def _facts(store: Store, months: Sequence[str]) -> list[tuple[str, int]]:
    totals = read_hit_totals(store)
    return [
        ("items", totals.items), ("hits", totals.hits), ("stories", totals.stories), ("sources", totals.sources),
        ("rules that hit", totals.rules), ("months", len(months)),
    ]  # fmt: skip


def _by_entity(store: Store, seeds: Seeds) -> list[tuple[str, Counter[str]]]:
    counts: dict[str, Counter[str]] = {}
    for entity_id, months in entity_months(store).items():
        entity = seeds.entities.get(entity_id)
        if entity is not None and entity.watched:
            counts.setdefault(entity.name, Counter()).update(months)
    return sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))


def _by_event(store: Store) -> list[tuple[str, Counter[str]]]:
    counts = {kind.replace("_", " "): months for kind, months in event_type_months(store).items()}
    return sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))[:12]


def _charts(counts: Iterable[tuple[str, Counter[str]]], span: Sequence[str]) -> list[tuple[str, list[Bar]]]:
    """For each name its bars, one a month."""
    return [(name, [Bar(month, month, months[month]) for month in span]) for name, months in counts]


def _rule_title(rule_id: str, seeds: Seeds) -> str:
    return seeds.rules[rule_id].title if rule_id in seeds.rules else rule_id


def _rules(store: Store, seeds: Seeds) -> list[dict[str, Any]]:
    return [
        {"title": _rule_title(totals.rule, seeds), "hits": totals.hits, "stories": totals.stories} for totals in read_rule_totals(store)
    ]


def _stories(store: Store, seeds: Seeds) -> list[dict[str, Any]]:
    rows = list_stories(store, min_items=2, order="biggest", limit=_STORIES_SHOWN)
    views = {view.id: view for view in read_stories(store, rows, seeds)}
    return [
        {
            "title": views[row.id].title,
            "date": f"{row.first_at:%Y-%m-%d}" if row.first_at else "no date",
            "item_count": row.items,
            "sources": _sources(views[row.id]),
        }
        for row in rows
        if row.id in views
    ]


def _sources(story: StoryView) -> list[dict[str, str]]:
    sources = sorted(story.sources, key=lambda source: source.item_id)
    distinct = dict.fromkeys((source.url, source.name, source.title) for source in sources)
    return [{"url": url, "name": name[:60], "title": title} for url, name, title in list(distinct)[:_SOURCES_SHOWN]]


def _missed(missed: Mapping[tuple[str, str], int], seeds: Seeds) -> list[tuple[str, str, int]]:
    ranked = sorted(missed.items(), key=lambda pair: (-pair[1], pair[0]))[:_MISSED_SHOWN]
    return [(_rule_title(rule, seeds), condition, count) for (rule, condition), count in ranked]
