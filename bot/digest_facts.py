"""Defines what a digest says beside its stories: counts that are unusual, and feeds in trouble. Reads the database, decides by numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.deliver import phrases
from bot.deliver.markup import clean, shorten
from bot.store.store import from_iso, iso

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

DAYS = 28
HISTORY = 7
"""Days of hits that must lie behind before anything is called usual."""
DEVIATIONS = 2.0
FAILURES = 3
"""A feed is in trouble after so many failures in a row; one or two are weather."""
SILENCE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Unusual:
    """An entity that was in the news more, or less, than usual."""

    name: str
    count: int
    usual: int


def daily_counts(store: Store, entities: Sequence[str], now: datetime, days: int) -> dict[str, list[int]]:
    """For each entity the items with a hit that name it or a part of it, in the `days` spans of 24 hours up to `now`, oldest first."""
    counts = {one: [0] * days for one in entities}
    rows = store.db.query(
        "SELECT entity, age, count(*) AS n FROM (SELECT DISTINCT named.entity AS entity, hits.item AS item, "
        "CAST((julianday(:now) - julianday(hits.created_at)) AS INTEGER) AS age FROM hits JOIN "
        "(SELECT item, entity FROM mentions UNION SELECT item, part_of FROM mentions WHERE part_of IS NOT NULL) AS named "
        "ON named.item = hits.item WHERE hits.created_at > :since AND hits.created_at <= :now AND hits.origin != 'backfill') "
        "GROUP BY entity, age",
        {"now": iso(now), "since": iso(now - timedelta(days=days))},
    )
    for row in rows:
        if row["entity"] in counts and 0 <= row["age"] < days:
            counts[row["entity"]][days - 1 - row["age"]] = row["n"]
    return counts


def is_unusual(before: Sequence[int], today: int) -> bool:
    """True when today's count lies further from the mean of the days before than two deviations, and by three items at least.

    The deviation is never taken below that of chance arrivals with the same mean (Poisson), so a quiet month makes two items no news.
    """
    mean = sum(before) / len(before)
    deviation = math.sqrt(sum((one - mean) ** 2 for one in before) / len(before))
    return abs(today - mean) >= max(3.0, DEVIATIONS * max(deviation, math.sqrt(mean)))


def unusual_counts(store: Store, seeds: Seeds, now: datetime) -> tuple[Unusual, ...]:
    """Watched entities whose last 24 hours differ from the 28 days before, the furthest first."""
    first = store.db.execute("SELECT min(created_at) FROM hits WHERE origin != 'backfill'").fetchone()[0]
    if first is None:
        return ()
    behind = min(DAYS, int((now - timedelta(days=1) - from_iso(first)) / timedelta(days=1)))
    if behind < HISTORY:
        return ()
    watched = [one for one, entity in seeds.entities.items() if entity.watched]
    found = []
    for entity, days in daily_counts(store, watched, now, DAYS + 1).items():
        before, today = days[-1 - behind : -1], days[-1]
        if is_unusual(before, today):
            mean = sum(before) / len(before)
            found.append((abs(today - mean), Unusual(seeds.entities[entity].name, today, round(mean))))
    return tuple(one for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1].name)))


def feeds_in_trouble(store: Store, language: str, now: datetime, *, limit: int = 5) -> tuple[str, ...]:
    """Feeds that fail, or list nothing new for long though they did before; one short text each, the worst first."""
    failing = list(
        store.db.query(
            "SELECT url, name, failures, last_error FROM feeds WHERE active = 1 AND failures >= ? ORDER BY failures DESC, url", [FAILURES]
        )
    )
    silent = list(
        store.db.query(
            "SELECT url, name, last_new_at FROM feeds WHERE active = 1 AND failures = 0 AND last_new_at < ? AND last_ok_at > ? "
            "ORDER BY last_new_at",
            [iso(now - SILENCE), iso(now - timedelta(days=2))],
        )
    )
    said = []
    for one in failing:
        error = shorten(clean(one["last_error"] or "?"), 60)
        said.append(phrases.say(language, "feed_failed", feed=_called(one), n=one["failures"], error=error))
    for one in silent:
        since = phrases.day(language, from_iso(one["last_new_at"]).date())
        said.append(phrases.say(language, "feed_silent", feed=_called(one), date=since))
    more = [phrases.say(language, "more", n=len(said) - limit)] if len(said) > limit else []
    return tuple(said[:limit] + more)


def _called(feed: Mapping[str, Any]) -> str:
    return clean(feed["name"] or feed["url"])
