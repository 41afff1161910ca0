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
from bot.store.outlets import OUTLET
from bot.stories.read import story_title
from seeds.load import Seeds

_MONTHS_SHOWN = 48
_STORIES_SHOWN = 25
_MISSED_SHOWN = 30


def write_report(path: Path, store: Store, seeds: Seeds, *, now: datetime, missed: Mapping[tuple[str, str], int] | None = None) -> None:
    """Writes the report over all stored hits to `path`. `missed`: (rule, what was missing) → items, from the run just done."""
    path.write_text(render(store, seeds, now=now, missed=missed or {}), "utf-8")


def render(store: Store, seeds: Seeds, *, now: datetime, missed: Mapping[tuple[str, str], int]) -> str:
    """The report as HTML."""
    months = [row[0] for row in store.conn.execute(
        "SELECT DISTINCT substr(published_at, 1, 7) FROM items WHERE published_at IS NOT NULL AND id IN (SELECT item FROM hits) ORDER BY 1"
    )]  # fmt: skip
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
    row = store.conn.execute("SELECT count(*), count(DISTINCT item), count(DISTINCT story), count(DISTINCT rule) FROM hits").fetchone()
    hits, items, stories, rules = row
    sources = store.conn.execute(
        "SELECT count(DISTINCT CASE source WHEN '' THEN feed ELSE source END) FROM items WHERE id IN (SELECT item FROM hits)"
    ).fetchone()[0]
    return [
        ("items", items), ("hits", hits), ("stories", stories), ("sources", sources), ("rules that hit", rules), ("months", len(months))
    ]  # fmt: skip


def _by_entity(store: Store, seeds: Seeds) -> list[tuple[str, Counter[str]]]:
    rows = store.conn.execute(
        "SELECT DISTINCT coalesce(mentions.part_of, mentions.entity), items.id, substr(published_at, 1, 7) "
        "FROM mentions JOIN items ON items.id = mentions.item WHERE published_at IS NOT NULL AND items.id IN (SELECT item FROM hits)"
    )
    counts: dict[str, Counter[str]] = {}
    for entity, _, month in rows:
        known = seeds.entities.get(entity)
        if known is not None and known.watched:
            counts.setdefault(known.name, Counter())[month] += 1
    return sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))


def _by_event(store: Store) -> list[tuple[str, Counter[str]]]:
    rows = store.conn.execute(
        "SELECT DISTINCT events.type, items.id, substr(published_at, 1, 7) "
        "FROM events JOIN items ON items.id = events.item WHERE published_at IS NOT NULL AND items.id IN (SELECT item FROM hits)"
    )
    counts: dict[str, Counter[str]] = {}
    for kind, _, month in rows:
        counts.setdefault(str(kind).replace("_", " "), Counter())[month] += 1
    return sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))[:12]


def _charts(counts: Iterable[tuple[str, Counter[str]]], span: Sequence[str]) -> list[tuple[str, list[Bar]]]:
    """For each name its bars, one a month."""
    return [(name, [Bar(month, month, months[month]) for month in span]) for name, months in counts]


def _rule_title(rule_id: str, seeds: Seeds) -> str:
    return seeds.rules[rule_id].title if rule_id in seeds.rules else rule_id


def _rules(store: Store, seeds: Seeds) -> list[dict[str, Any]]:
    rows = store.conn.execute(
        "SELECT rule, count(*) AS hits, count(DISTINCT story) AS stories FROM hits GROUP BY rule ORDER BY hits DESC, rule"
    )
    return [{"title": _rule_title(row["rule"], seeds), "hits": row["hits"], "stories": row["stories"]} for row in rows]


def _stories(store: Store, seeds: Seeds) -> list[dict[str, Any]]:
    rows = store.conn.execute(
        "SELECT id, first_at, items, sources FROM stories WHERE items > 1 ORDER BY sources DESC, items DESC, id LIMIT ?",
        (_STORIES_SHOWN,),
    ).fetchall()
    return [
        {
            "title": story_title(store, row["id"], seeds) or "",
            "date": (row["first_at"] or "no date")[:10],
            "item_count": row["items"],
            "sources": _sources(store, row["id"]),
        }
        for row in rows
    ]


def _sources(store: Store, story_id: int) -> list[dict[str, Any]]:
    rows = store.conn.execute(
        f"SELECT DISTINCT items.url, items.title, {OUTLET} AS outlet FROM hits "  # noqa: S608
        "JOIN items ON items.id = hits.item WHERE hits.story = ? ORDER BY items.id LIMIT 12",
        (story_id,),
    )
    return [{"url": row["url"], "name": row["outlet"][:60], "title": row["title"]} for row in rows]


def _missed(missed: Mapping[tuple[str, str], int], seeds: Seeds) -> list[tuple[str, str, int]]:
    ranked = sorted(missed.items(), key=lambda pair: (-pair[1], pair[0]))[:_MISSED_SHOWN]
    return [(_rule_title(rule, seeds), condition, count) for (rule, condition), count in ranked]
