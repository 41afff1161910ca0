"""Defines dates, times, numbers and sums of money as messages write them. The patterns are in the language's file; Babel fills them."""

from __future__ import annotations

from datetime import date, datetime

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from bot.i18n.translate import catalog, t_plain
from bot.local_time import local

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))


def money(lang: str, value: float, currency: str | None) -> str:
    """ "$200 million", "5 trillion VND"; "200 triệu USD", "5 nghìn tỷ đồng". `currency` is an ISO 4217 code, or empty."""
    scale, word = next(((size, name) for size, name in _SCALES if abs(value) >= size), (1.0, ""))
    number = format_decimal(value / scale, format="#,##0.##" if word else "#,##0", locale=catalog(lang).locale)
    amount = t_plain(lang, f"number.{word}", number=number) if word else number
    if not currency:
        return amount
    known = f"money.{currency}" in catalog(lang).sentences
    return t_plain(lang, f"money.{currency}", amount=amount) if known else t_plain(lang, "money.any", amount=amount, currency=currency)


def decimal(lang: str, value: float) -> str:
    """Two digits after the mark: "0.82", "0,82"."""
    return format_decimal(value, format="0.00", locale=catalog(lang).locale)


def day(lang: str, on: date) -> str:
    """ "23 Apr 2024", "23/4/2024"."""
    return _date(lang, on, "day")


def day_of_month(lang: str, on: date) -> str:
    """Without the year: "23 Apr", "23/4"."""
    return _date(lang, on, "day_of_month")


def day_and_time(lang: str, wall: datetime) -> str:
    """A wall-clock time: "23 Apr 2024, 14:05", "14:05 23/4/2024"."""
    time = format_time(wall, catalog(lang).sentences["format.time"], locale=catalog(lang).locale)
    return t_plain(lang, "format.day_and_time", day=day(lang, wall.date()), time=time)


def moment(lang: str, at: datetime | None, tz: str) -> str:
    """The instant as a wall-clock time of the zone, "no date" for None."""
    return day_and_time(lang, local(at, tz)) if at else t_plain(lang, "undated")


def event_date(lang: str, text: str) -> str:
    """An event's date, "2024-12-05", "2024-12" or "2024", for people; any other text unchanged."""
    try:
        if len(text) == 10:
            return day(lang, date.fromisoformat(text))
        if len(text) == 7:
            return _date(lang, date.fromisoformat(f"{text}-01"), "month")
    except ValueError:
        return text
    return text


def _date(lang: str, on: date, pattern: str) -> str:
    return format_date(on, catalog(lang).sentences[f"format.{pattern}"], locale=catalog(lang).locale)
