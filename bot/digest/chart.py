"""Defines the pictures of digests: which chats share one, drawn outside the database's thread, and none rather than no digest."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.local_time import local_date
from bot.store.daily_counts import daily_counts

if TYPE_CHECKING:
    from bot.store import StoreThread
    from bot.store.chats import Chat
    from seeds.load import Seeds

log = structlog.get_logger(__name__)

CHART_DAYS = 14


async def draw_charts(thread: StoreThread, chats: Sequence[Chat], seeds: Seeds, now: datetime) -> dict[str, bytes]:
    """The picture of the last 14 days for each chat; chats of the same language, zone and theme share one. None where nothing was found,
    and none when the charts extra is not installed: a digest goes out without its picture rather than not at all."""
    answer: dict[str, bytes] = {}
    made: dict[tuple[str, str, bool], bytes | None] = {}
    if not chats:
        return answer
    watched = {one: entity for one, entity in seeds.entities.items() if entity.watched}
    for chat in chats:
        settings = chat.settings
        look = (settings.language, settings.timezone, chat.raw.get("theme") == "dark")
        if look not in made:
            try:
                last = local_date(now, settings.timezone)
                days = [last - timedelta(days=back) for back in range(CHART_DAYS - 1, -1, -1)]
                counts = await thread.read(daily_counts, list(watched), now, CHART_DAYS, settings.timezone)
                named = {watched[one].name_in(look[0]): row for one, row in counts.items()}
                made[look] = await asyncio.to_thread(picture, named, days, language=look[0], dark=look[2])
            except (ValueError, OverflowError) as error:  # a date at the rim of the calendar
                log.warning("chart not drawn", error=f"{type(error).__name__}: {error}")
                made[look] = None
        drawn = made[look]
        if drawn is not None:
            answer[chat.id] = drawn
    return answer


def picture(counts: Mapping[str, Sequence[int]], days: Sequence[date], *, language: str, dark: bool) -> bytes | None:
    """The chart as a PNG, or None: nothing was found, or it cannot be drawn here, which is logged."""
    if not any(any(row) for row in counts.values()):
        return None
    try:
        from bot.render.chart import bar_chart_png

        return bar_chart_png(counts, days, language=language, dark=dark)
    except Exception as error:  # matplotlib is missing, or has no font, cache or memory: the text matters more
        log.warning("chart not drawn", error=f"{type(error).__name__}: {error}")
        return None
