"""Answers /timeline [entity]: a chart of hits over time; text without the charts extra."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.commands.command import Command, ReplyMessage, Request, Response, text
from bot.commands.lookup import find_entity, unknown_entity
from bot.i18n.translate import Markup
from bot.local_time import local_date
from bot.render.chart import bar_chart_png, bar_chart_text
from bot.render.markup import plain_text
from bot.sanitize import clean
from bot.store.daily_counts import daily_counts

if TYPE_CHECKING:
    from bot.store import Store

log = structlog.get_logger(__name__)

DAYS = 30


@dataclass(frozen=True)
class TimelineData:
    """The counts and, if it could be drawn, the chart."""

    caption: Markup
    counts: dict[str, list[int]]
    picture: bytes | None


async def fetch(request: Request) -> TimelineData | Markup:
    """Counts hits and draws the chart in a thread; returns a sentence if there are none."""
    wanted = {entity.id: entity.name_in(request.lang) for entity in request.seeds.entities.values() if entity.watched}
    caption = request.say("timeline_caption", days=DAYS)
    if request.words:
        found = find_entity(request.seeds, request.words)
        if found.entity is None:
            return unknown_entity(request, request.words, found)
        wanted = {found.entity.id: found.entity.name_in(request.lang)}
        caption = request.say("timeline_caption_of", name=found.entity.name_in(request.lang), days=DAYS)
    counted = await request.services.thread.read(daily_counts, list(wanted), request.now, DAYS, request.settings.timezone)
    counts = {wanted[one]: row for one, row in sorted(counted.items(), key=lambda pair: -sum(pair[1]))[:8] if any(row)}
    if not counts:
        return request.say("timeline_none")
    last = local_date(request.now, request.settings.timezone)
    days = [last - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    try:
        picture: bytes | None = await asyncio.to_thread(bar_chart_png, counts, days, language=request.lang, title=plain_text(caption))
    except ImportError:
        picture = None
    except Exception as error:  # a missing font or cache folder of matplotlib's: the numbers matter more than the picture
        log.warning("chart not drawn", error=f"{type(error).__name__}: {error}")
        picture = None
    return TimelineData(caption, counts, picture)


def read(_store: Store, request: Request) -> Response:
    """Sends the chart or the numbers."""
    drawn = request.fetched
    if not isinstance(drawn, TimelineData):
        return text(drawn)
    if drawn.picture is not None:
        return Response((ReplyMessage(drawn.caption, photo=drawn.picture),))
    rows = []
    for name, row in drawn.counts.items():
        weeks = [sum(row[max(0, at - 7) : at]) for at in range(len(row), 0, -7)][::-1]
        bars = zip(bar_chart_text(weeks, 16), weeks, strict=True)
        rows.append(f"{clean(name)}: {sum(row)}\n" + "\n".join(f"{bar or '·'} {count}" for bar, count in bars))
    return text(request.say("timeline_text", days=DAYS, bars=Markup("\n".join(rows).replace("&", "&amp;").replace("<", "&lt;"))))


COMMAND = Command(fetch=fetch, read=read)
