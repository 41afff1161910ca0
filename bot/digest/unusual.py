"""Defines what a digest says beside its stories: counts that are unusual, and feeds in trouble. Reads the database, decides by numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.digest.model import FeedTrouble, UnusualCount
from bot.i18n import formats
from bot.i18n.problems import problem_text
from bot.i18n.translate import t_plain
from bot.render.markup import shorten
from bot.sanitize import clean
from bot.store.daily_counts import daily_counts
from bot.store.feeds import feed_names, known_feeds
from bot.store.hits import first_live_hit_at
from watchers.state.feed_health import health, is_alarming

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

DAYS = 28
HISTORY = 7
"""Days of hits that must lie behind before anything is called usual."""
DEVIATIONS = 2.0


def unusual_words(unusual: Sequence[UnusualCount], language: str) -> str:
    """ "Nvidia 9 (usual 3), FPT 0 (usual 4)"."""
    return ", ".join(
        t_plain(language, "usual", name=clean(count.name_in(language)), n=count.count, usual=count.usual) for count in unusual
    )


def is_unusual(before: Sequence[int], today: int) -> bool:
    """True when today's count lies further from the mean of the days before than two deviations, and by three items at least.

    The deviation is never taken below that of chance arrivals with the same mean (Poisson), so a quiet month makes two items no news.
    """
    mean = sum(before) / len(before)
    deviation = math.sqrt(sum((one - mean) ** 2 for one in before) / len(before))
    return abs(today - mean) >= max(3.0, DEVIATIONS * max(deviation, math.sqrt(mean)))


def unusual_counts(store: Store, seeds: Seeds, now: datetime) -> tuple[UnusualCount, ...]:
    """Watched entities whose last 24 hours differ from the 28 days before, the furthest first. Archives are left out: what they hold of a
    day cannot be compared with what the feeds tell of one."""
    first = first_live_hit_at(store)
    if first is None:
        return ()
    behind = min(DAYS, int((now - timedelta(days=1) - first) / timedelta(days=1)))
    if behind < HISTORY:
        return ()
    watched = [one for one, entity in seeds.entities.items() if entity.watched]
    found = []
    for entity, days in daily_counts(store, watched, now, DAYS + 1, archives=False).items():
        before, today = days[-1 - behind : -1], days[-1]
        if is_unusual(before, today):
            mean = sum(before) / len(before)
            named = seeds.entities[entity]
            found.append((abs(today - mean), UnusualCount(named.name, today, round(mean), named.translations)))
    return tuple(one for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1].name)))


def feeds_in_trouble(store: Store, now: datetime) -> tuple[FeedTrouble, ...]:
    """Feeds that are suspended, failing for a day, or silent against their rhythm (`watchers.state.feed_health` judges)."""
    names = feed_names(store)
    troubles = []
    for row in known_feeds(store):
        state = row.state
        verdict = health(state, now)
        if is_alarming(verdict, state, now):
            silent = verdict.condition == "silent" and state.last_new_at is not None
            since = state.last_new_at.date() if silent and state.last_new_at is not None else None
            troubles.append(FeedTrouble(names.get(row.url) or row.url, state.failures, state.problem or state.last_error or "?", since))
    return tuple(troubles)


def feed_trouble_words(troubles: Sequence[FeedTrouble], language: str, *, limit: int = 5) -> str:
    """The feeds in trouble as one line, by name; those over the limit as a count. "" when there are none."""
    texts = []
    for trouble in troubles:
        feed = shorten(clean(trouble.feed), 60)
        if trouble.silent_since is not None:
            texts.append(t_plain(language, "feed_silent", feed=feed, date=formats.day(language, trouble.silent_since)))
        else:
            error = shorten(clean(problem_text(language, trouble.problem)), 80)
            texts.append(t_plain(language, "feed_failed", feed=feed, n=trouble.failures, error=error))
    more = [t_plain(language, "more", n=len(texts) - limit)] if len(texts) > limit else []
    return "; ".join(sorted(texts)[:limit] + more)
