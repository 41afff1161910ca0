"""Defines write_report: what the watch would have caught, as one HTML file that needs nothing beside itself and no network.

Hits over time for each watched entity and event type, the biggest stories with their sources, what the rules missed narrowly. Charts are
inline SVG; light and dark follow the reader. All text from items is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from bot.store import Store, iso
from bot.store.outlets import OUTLET
from bot.stories.build import story_title
from seeds.load import Seeds

_CSS = """
:root{color-scheme:light dark;--ink:#1d2733;--soft:#66748a;--line:#e3e8ef;--back:#fbfcfe;--card:#fff;--bar:#2f6fde;
--bar2:#e07a3f}
@media(prefers-color-scheme:dark){:root{--ink:#e6ebf2;--soft:#93a1b5;--line:#2a3442;--back:#10161e;--card:#18212c;--bar:#6aa0ff;
--bar2:#f29b68}
}
*{box-sizing:border-box}
body{margin:0 auto;max-width:62rem;padding:2.5rem 1.2rem 4rem;background:var(--back);color:var(--ink);
font:16px/1.55 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1{font-size:2rem;margin:0 0 .2rem}
h2{margin:2.6rem 0 .8rem;font-size:1.25rem}
p.lead{color:var(--soft);margin:.2rem 0 1.6rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.8rem}
.fact,.card{background:var(--card);border:1px solid var(--line);border-radius:.7rem;padding:.9rem 1.1rem}
.fact b{display:block;font-size:1.6rem}
.fact span{color:var(--soft);font-size:.85rem}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr));gap:.8rem}
.card h3{margin:0 0 .4rem;font-size:1rem;display:flex;justify-content:space-between}
.card h3 i{font-style:normal;color:var(--soft);font-weight:400}
svg{width:100%;height:5.2rem;display:block}
.bar{fill:var(--bar)}
.events .bar{fill:var(--bar2)}
.axis{fill:var(--soft);font-size:9px}
ol{padding-left:1.4rem}
li{margin:.7rem 0}
li small,td small{color:var(--soft)}
a{color:inherit}
table{border-collapse:collapse;width:100%}
td,th{padding:.4rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td.n{text-align:right;white-space:nowrap}
"""
_MONTHS_SHOWN = 48
_STORIES_SHOWN = 25


def write_report(path: Path, store: Store, seeds: Seeds, *, now: datetime, missed: Mapping[tuple[str, str], int] | None = None) -> None:
    """Writes the report over all stored hits to `path`. `missed`: (rule, what was missing) → items, from the run just done."""
    path.write_text(render(store, seeds, now=now, missed=missed or {}), "utf-8")


def render(store: Store, seeds: Seeds, *, now: datetime, missed: Mapping[tuple[str, str], int]) -> str:
    """The report as HTML."""
    months = [row[0] for row in store.conn.execute(
        "SELECT DISTINCT substr(published_at, 1, 7) FROM items WHERE published_at IS NOT NULL AND id IN (SELECT item FROM hits) ORDER BY 1"
    )]  # fmt: skip
    span = _span(months)
    parts = [
        _facts(store, months),
        _section("By company", _charts(_by_entity(store, seeds), span, "")),
        _section("By what happened", _charts(_by_event(store), span, "events")),
        _section("By rule", _rules(store, seeds)),
        _section("Biggest stories", _stories(store, seeds)),
        _section("Missed narrowly", _missed(missed, seeds)),
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>seedwatch: what the watch caught</title><style>{_CSS}</style><h1>What the watch caught</h1>"
        f'<p class="lead">{escape(_period(months))}, with the rules of {iso(now)[:10]}</p>{"".join(parts)}</html>\n'
    )


def _period(months: Sequence[str]) -> str:
    return f"{months[0]} to {months[-1]}" if months else "Nothing yet"


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


def _section(title: str, body: str) -> str:
    return f"<h2>{escape(title)}</h2>{body}" if body else ""


def _facts(store: Store, months: Sequence[str]) -> str:
    one = store.conn.execute(
        "SELECT count(*), count(DISTINCT item), count(DISTINCT story), count(DISTINCT rule) FROM hits"
    ).fetchone()  # fmt: skip
    sources = store.conn.execute(
        "SELECT count(DISTINCT CASE source WHEN '' THEN feed ELSE source END) FROM items WHERE id IN (SELECT item FROM hits)"
    ).fetchone()[0]
    shown = {"items": one[1], "hits": one[0], "stories": one[2], "sources": sources, "rules that hit": one[3], "months": len(months)}
    cards = "".join(f'<div class="fact"><b>{count:,}</b><span>{name}</span></div>' for name, count in shown.items())
    return f'<div class="facts">{cards}</div>'


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


def _charts(counts: Iterable[tuple[str, Counter[str]]], span: Sequence[str], kind: str) -> str:
    cards = "".join(
        f'<div class="card"><h3>{escape(name)}<i>{sum(months[one] for one in span):,}</i></h3>{_bars(months, span)}</div>'
        for name, months in counts
    )
    return f'<div class="grid {kind}">{cards}</div>' if cards else ""


def _bars(months: Mapping[str, int], span: Sequence[str]) -> str:
    if not span:
        return ""
    highest = max((months.get(one, 0) for one in span), default=0) or 1
    width = 300 / len(span)
    bars = []
    for at, one in enumerate(span):
        count = months.get(one, 0)
        height = 62 * count / highest
        place = f'x="{at * width + width * 0.1:.1f}" y="{66 - height:.1f}" width="{width * 0.8:.1f}" height="{height:.1f}"'
        bars.append(f'<rect class="bar" {place} rx="1.5"><title>{one}: {count:,}</title></rect>')
    last = f'<text class="axis" x="300" y="78" text-anchor="end">{span[-1]}</text>' if len(span) > 1 else ""
    label = f"{sum(months.get(one, 0) for one in span)} items from {span[0]} to {span[-1]}"
    return (
        f'<svg viewBox="0 0 300 80" preserveAspectRatio="none" role="img" aria-label="{label}">{"".join(bars)}'
        f'<text class="axis" x="0" y="78">{span[0]}</text>{last}</svg>'
    )


def _rules(store: Store, seeds: Seeds) -> str:
    rows = store.conn.execute(
        "SELECT rule, count(*) AS hits, count(DISTINCT story) AS stories FROM hits GROUP BY rule ORDER BY hits DESC, rule"
    )
    body = "".join(
        f'<tr><td>{escape(seeds.rules[row["rule"]].title if row["rule"] in seeds.rules else row["rule"])}<td class="n">{row["hits"]:,}'
        f'<td class="n">{row["stories"]:,}'
        for row in rows
    )
    return f'<div class="card"><table><tr><th>rule<th>hits<th>stories{body}</table></div>' if body else ""


def _stories(store: Store, seeds: Seeds) -> str:
    rows = store.conn.execute(
        "SELECT id, first_at, items, sources FROM stories WHERE items > 1 ORDER BY sources DESC, items DESC, id LIMIT ?",
        (_STORIES_SHOWN,),
    ).fetchall()
    return "<ol>" + "".join(_story(store, row, seeds) for row in rows) + "</ol>" if rows else ""


def _story(store: Store, row: Any, seeds: Seeds) -> str:
    items = store.conn.execute(
        f"SELECT DISTINCT items.url, items.title, {OUTLET} AS outlet FROM hits "  # noqa: S608
        "JOIN items ON items.id = hits.item WHERE hits.story = ? ORDER BY items.id LIMIT 12",
        (row["id"],),
    ).fetchall()
    links = " · ".join(_link(item["url"], item["outlet"], item["title"]) for item in items)
    title = story_title(store, row["id"], seeds) or ""
    return f"<li><b>{escape(title)}</b><br><small>{(row['first_at'] or 'no date')[:10]} · {row['items']} items · {links}</small>"


def _link(url: str, name: str, title: str) -> str:
    shown = escape(name[:60])
    if not url.startswith(("http://", "https://")):
        return shown
    return f'<a href="{escape(url)}" title="{escape(title)}" rel="noreferrer">{shown}</a>'


def _missed(missed: Mapping[tuple[str, str], int], seeds: Seeds) -> str:
    ranked = sorted(missed.items(), key=lambda pair: (-pair[1], pair[0]))[:30]
    body = "".join(
        f'<tr><td>{escape(seeds.rules[rule].title if rule in seeds.rules else rule)}<td>{escape(why)}<td class="n">{count:,}'
        for (rule, why), count in ranked
    )
    return f'<div class="card"><table><tr><th>rule<th>the one thing that was missing<th>items{body}</table></div>' if body else ""
