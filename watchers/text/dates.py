"""Defines parse_date: reads the dates of feeds, pages and archives as aware UTC. RFC 822 and ISO 8601 first, then other formats.

Pure: `zone` is the feed's time zone for dates without one; the clock is not read. A date that no rule reads is None. A wrong date is worse
than none, because alerts depend on the age of an item.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from unicodedata import normalize
from zoneinfo import ZoneInfo

FUTURE_TOLERANCE = timedelta(minutes=10)
"""A date at most this far ahead is accepted, because servers' clocks differ; a later one is in the future."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Earlier dates are ignored: nothing was published on the web, and zero or the year one are default values."""

_MONTHS = {
    name: number for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
"""By the first three letters."""

# Zone names of RFC 822, of RSS generators and of Asian publishers, in hours from UTC. Ambiguous names (IST, CST) have the meaning that
# feeds use most: India, and U.S. Central.
_ZONES = {
    "z": 0.0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "met": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3,
    "gst": 4, "pkt": 5, "ist": 5.5, "npt": 5.75, "ict": 7, "wib": 7, "indochina time": 7, "hkt": 8, "sgt": 8, "myt": 8, "pht": 8, "awst": 8,
    "cst+8": 8, "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "hst": -10,
}  # fmt: skip
_WALL_ZONES = {"et": "America/New_York", "ct": "America/Chicago", "pt": "America/Los_Angeles"}
"""Zone names that do not say whether daylight saving time applies."""

_HALF = r"(?:[AaPp]\.?[Mm]\b\.?|(?:SA|CH|sa|ch|sáng|trưa|chiều|tối)\b)"
"""AM and PM, in Vietnamese SA and CH. No zone has such a name."""
_CLOCK = rf"(?P<hour>\d{{1,2}})(?:[:hg](?P<minute>\d{{1,2}})?(?::(?P<second>\d{{1,2}})(?:[.,]\d+)?)?|(?=\s?{_HALF}))\s?(?P<half>{_HALF})?"
_OFFSET_OR_PLACE = r"(?:GMT|UTC|UT)?\s?[+\-\u2212]\s?\d{1,2}:?\d{0,2}|(?:[A-Z][A-Za-z_+-]+/)+[A-Z][A-Za-z_+-]+"
_ZONE = rf"(?P<zone>{_OFFSET_OR_PLACE}|(?!{_HALF})[A-Za-z]{{1,5}}(?:\sTime)?|Indochina\sTime)"
"""An offset, a name of the tz database ("Asia/Ho_Chi_Minh") or one of `_ZONES`."""
_COMMENT = r"(?:\s?(?:\([^()]*\)|\[[\w/+-]+\]))?"
"""A comment after a zone: "-0800 (Pacific)", "+07:00[Asia/Ho_Chi_Minh]"."""

_WEEKDAY = r"(?:[A-Za-z]{3,9}\.?(?:,\s?|\s))?"
_MONTH_NAME = r"(?P<month>[A-Za-z]{3,9})\.?"
_ORDINAL_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_NAMED_DAY = rf"{_ORDINAL_DAY}[\s-]+{_MONTH_NAME}[\s,-]+(?P<year>\d{{4}}|\d{{2}})"
_NUMERIC_DAY = r"(?P<day>\d{1,2})[/.\-](?P<month>\d{1,2})[/.\-](?P<year>\d{4}|\d{2})"
_TIME = rf"(?:(?:[Tt]|[\s,|\-–]+(?:at\s)?){_CLOCK}(?:\s?[(\[]?{_ZONE}[)\]]?)?{_COMMENT})?$"
_TIME_FIRST = rf"{_CLOCK}(?:\s?[(\[]?{_ZONE}[)\]]?)?[\s,|\-–]+{_WEEKDAY}"
_ISO_TIME = r"(?P<hour>\d{2})(?::?(?P<minute>\d{2}))?(?::?(?P<second>\d{2})(?:[.,]\d+)?)?"
_FORMATS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_WEEKDAY}{_NAMED_DAY}{_TIME}",  # Thu, 05 Dec 2024 14:30:00 +0700: RFC 822 and its variants
        rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}",  # 2024-12-05T14:30:00+07:00
        rf"(?P<year>\d{{4}})-?(?P<month>\d{{2}})-?(?P<day>\d{{2}})(?:[Tt\s]+{_ISO_TIME}\s?{_ZONE}?{_COMMENT})?$",  # 20241205T143000Z
        rf"{_WEEKDAY}{_NUMERIC_DAY}{_TIME}",  # 5/12/2024 2:30 PM
        rf"{_WEEKDAY}{_MONTH_NAME}\s{_ORDINAL_DAY},?\s(?P<year>\d{{4}}){_TIME}",  # Thursday, December 5, 2024 - 2:30 PM
        rf"{_TIME_FIRST}{_NUMERIC_DAY}$",  # 14:30 | 05/12/2024
        rf"{_TIME_FIRST}{_NAMED_DAY}$",  # 2:30 PM, 5 Dec 2024
        rf"[A-Za-z]{{3}}\s{_MONTH_NAME}\s{_ORDINAL_DAY}\s{_CLOCK}(?:\s{_ZONE})?\s(?P<year>\d{{4}})$",  # Thu Dec 5 14:30:00 UTC 2024
    )
)
_EPOCH = re.compile(r"(\d{10})(\d{3})?$")
_MONTH_WORDS = {
    word: number
    for number, words in enumerate(("một giêng", "hai", "ba", "tư bốn", "năm", "sáu", "bảy bẩy", "tám", "chín", "mười"), 1)
    for word in words.split()
} | {"mười một": 11, "mười hai": 12, "chạp": 12}
_MONTH_NUMBER = rf"\d{{1,2}}|{'|'.join(sorted(_MONTH_WORDS, key=len, reverse=True))}"
_VIETNAMESE_DAY = re.compile(rf"(?:ngày\s)?(\d{{1,2}})\s?(?:tháng|thg\.?)\s?({_MONTH_NUMBER})\s?(?:,|năm)?\s?(\d{{4}})", re.IGNORECASE)
_VIETNAMESE_CLOCK = re.compile(
    rf"(?P<hour>\d{{1,2}})\s?(?:giờ|[h:g])\s?(?P<minute>\d{{1,2}})?(?:\s?phút|:(?P<second>\d{{1,2}}))?\s?(?P<half>{_HALF})?", re.IGNORECASE
)
_VIETNAMESE_ZONE = re.compile(r"(?:GMT|UTC)\s?[+-]\s?\d{1,2}(?::?\d{2})?|\bICT\b|[+-]\d{2}:?\d{2}|[A-Z][a-z]+/[A-Z][A-Za-z_]+")
_VIETNAMESE_WEEKDAY = re.compile(r"(?<!\w)(?:thứ\s(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\snhật|t[2-7]|cn)\b[\s,.\-–]*", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC|UT)?\s*([+\-\u2212])\s*(\d{1,2}):?(\d{2})?$", re.IGNORECASE)


def parse_date(raw: str, zone: str = "UTC") -> datetime | None:
    """Parses `raw` to aware UTC. `zone` is the IANA name of the zone if `raw` has none. Returns None if no rule reads `raw`."""
    raw = raw.strip()
    if not raw or len(raw) > 100:
        return None
    date = _parse_standard(raw, zone)
    if date is None:
        raw = normalize("NFC", " ".join(raw.split()))  # single blanks, because the patterns would backtrack over long runs
        date = _parse_other(raw, zone)
    if date is None or date < EARLIEST:
        return None
    return date


def plausible_date(published: datetime | None, fetched_at: datetime) -> datetime | None:
    """Returns the date to store for an item fetched at `fetched_at`: None before 1990, `fetched_at` for a date in the future.

    Every source of items calls it, so no stored date is so early or late that a change of its zone overflows.
    """
    if published is None or published < EARLIEST:
        return None
    return fetched_at if published > fetched_at + FUTURE_TOLERANCE else published


def _parse_standard(raw: str, zone: str) -> datetime | None:
    """Reads the two most common formats by character positions: "Thu, 05 Dec 2024 14:30:00 +0700" and "2024-12-05T14:30:00+07:00"."""
    size = len(raw)
    try:
        if (size == 31 and raw[27:].isdigit()) or (size == 29 and raw[25:] == " GMT"):
            if raw[3:5] != ", " or raw[19] != ":" or raw[22] != ":" or raw[7] != " " or raw[11] != " " or raw[16] != " " or raw[25] != " ":
                return None
            numbers = raw[5:7] + raw[12:16] + raw[17:19] + raw[20:22] + raw[23:25]
            month = _MONTHS.get(raw[8:11].lower())
            if month is None or not (numbers.isdigit() and raw[:3].isalpha() and raw.isascii()) or raw[26] not in "+-G":
                return None
            tzinfo = UTC if size == 29 else _zone_of(raw[26:], zone)
            date = datetime(int(raw[12:16]), month, int(raw[5:7]), int(raw[17:19]), int(raw[20:22]), int(raw[23:25]), tzinfo=tzinfo)
        elif (size == 20 and raw[19] == "Z") or (size == 25 and raw[19] in "+-" and raw[20:22] < "15"):
            if raw[4] != "-" or raw[7] != "-" or raw[10] != "T":
                return None
            date = datetime.fromisoformat(raw)
        else:
            return None
        return date if date.tzinfo is UTC else date.astimezone(UTC)
    except (ValueError, OverflowError):  # a leap second, midnight as 24:00, not a number: `_parse_other` tries next
        return None


def _parse_other(raw: str, zone: str) -> datetime | None:
    if match := _EPOCH.match(raw):
        return datetime.fromtimestamp(int(match[1]), UTC)
    without_weekday = _VIETNAMESE_WEEKDAY.sub("", raw, count=1).strip(" ,")
    for pattern in _FORMATS:
        if match := pattern.match(without_weekday):
            return _from_groups(match.groupdict(), zone)
    return _parse_vietnamese(raw, zone)


def _from_groups(groups: dict[str, str | None], zone: str) -> datetime | None:
    month_text = groups["month"] or ""
    month = int(month_text) if month_text.isdigit() else _MONTHS.get(month_text[:3].lower(), 0)
    day = int(groups["day"] or 0)
    if month > 12 >= day and month_text.isdigit():  # 12/31/2024 is only valid as month and day
        day, month = month, day
    return _build((_year(groups["year"] or "0"), month, day, *_clock(groups)), groups.get("zone") or "", zone)


def _parse_vietnamese(raw: str, zone: str) -> datetime | None:
    """Reads "Thứ Năm, 05 tháng 12 năm 2024, 14 giờ 30", "5 Tháng Mười Hai 2024, 2:30 CH"."""
    match = _VIETNAMESE_DAY.search(raw)
    if not match:
        return None
    rest = raw[: match.start()] + " " + raw[match.end() :]
    zone_match = _VIETNAMESE_ZONE.search(rest)
    if zone_match:
        rest = rest[: zone_match.start()] + rest[zone_match.end() :]
    clock = _VIETNAMESE_CLOCK.search(rest)
    month = int(match[2]) if match[2].isdigit() else _MONTH_WORDS.get(" ".join(match[2].lower().split()), 0)
    local = (int(match[3]), month, int(match[1]), *_clock(clock.groupdict() if clock else {}))
    return _build(local, zone_match[0] if zone_match else "", zone)


def _clock(groups: dict[str, str | None]) -> tuple[int, int, int]:
    """Returns hour (0 to 24), minute and second from the groups of a match."""
    hour = _hour_of_day(int(groups.get("hour") or 0), groups.get("half") or "")
    return hour, int(groups.get("minute") or 0), int(groups.get("second") or 0)


def _hour_of_day(hour: int, half: str) -> int:
    mark = half.lower().replace(".", "")
    if mark in {"pm", "ch", "chiều", "tối"} and hour < 12:
        return hour + 12
    if mark in {"am", "sa", "sáng"} and hour == 12:
        return 0
    return hour


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (2000 if year < 70 else 1900)


def _build(parts: tuple[int, int, int, int, int, int], offset: str, zone: str) -> datetime | None:
    year, month, day, hour, minute, second = parts
    extra = timedelta()
    if hour == 24 and minute == 0:  # midnight at the end of the day
        hour, extra = 0, timedelta(days=1)
    tzinfo = _zone_of(offset, zone)
    try:
        # datetime has no leap seconds; the second before is used.
        local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=tzinfo)
        return (local + extra).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=512)
def _zone_of(offset: str, zone: str) -> tzinfo:
    offset = offset.strip().strip("()")
    if not offset:
        return UTC if zone == "UTC" else ZoneInfo(zone)
    match = _OFFSET.match(offset)
    if match:
        digits = match[2]
        hours, minutes = int(digits), int(match[3] or 0)
        if hours <= 14 and minutes < 60:
            span = timedelta(hours=hours, minutes=minutes)
            return timezone(-span if match[1] != "+" else span)
        return ZoneInfo(zone)
    name = offset.lower()
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    if name in _WALL_ZONES or "/" in offset:
        with suppress(ValueError, LookupError, OSError):  # unknown zone
            return ZoneInfo(_WALL_ZONES.get(name, offset))
    return ZoneInfo(zone)
