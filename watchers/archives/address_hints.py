"""Defines with_address_hints: completes an archived item with the day and publisher in its address, and checks its date.

An item without a date in its record and address has none: the time of the import says nothing about it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from msgspec.structs import replace

from watchers.models.item import Item
from watchers.text.dates import plausible_date
from watchers.text.publishers import host_of

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_YEAR, _DAY = r"(?P<year>(?:19|20)\d\d)", r"(?P<day>0?[1-9]|[12]\d|3[01])"
_SEPARATED = re.compile(rf"(?<![0-9A-Za-z]){_YEAR}([/-])(?P<month>0?[1-9]|1[0-2]|{'|'.join(_MONTHS)})\2{_DAY}(?!\d)", re.IGNORECASE)
_TOGETHER = re.compile(rf"(?<![0-9A-Za-z]){_YEAR}(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?:\d{{6}}(?:\d{{3}})?)?(?!\d)")
"""Also with the time of day behind it, to the second or its thousandth."""


def with_address_hints(item: Item, now: datetime) -> Item:
    """Returns the item with date and source. `now` is the time of the import; no date is later."""
    published = plausible_date(item.published, now) or date_in_address(item.url, now)
    source = item.source or host_of(item.url)
    return item if published is item.published and source is item.source else replace(item, published=published, source=source)


def date_in_address(url: str, now: datetime) -> datetime | None:
    """The day that the path of an address names, as midnight UTC: "/2025/10/06/", "-20251006.htm". None for no day up to now."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    found = _SEPARATED.search(path) or _TOGETHER.search(path)
    if found is None:
        return None
    month = found["month"].lower()
    try:
        day = datetime(int(found["year"]), _MONTHS.index(month) + 1 if month in _MONTHS else int(month), int(found["day"]), tzinfo=UTC)
    except ValueError:  # February has no 30th
        return None
    return None if day > now else plausible_date(day, now)
