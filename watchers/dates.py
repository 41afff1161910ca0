"""Defines how a date in the wild becomes aware UTC: RFC 822 and ISO 8601 first, then what publishers really write.

Pure: `zone` is the feed's time zone for dates that name none, nothing asks the clock. What no rule reads gives None; a
guess is worse than no date, because alerts are held back by age.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from unicodedata import normalize
from zoneinfo import ZoneInfo

SLACK = timedelta(minutes=10)
"""How far a clock may run ahead before a date counts as the future."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the web nothing was published in a feed; epoch zeros and year-one defaults are no dates."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan january thg1", "feb february thg2", "mar march thg3", "apr april thg4", "may thg5", "jun june thg6", "jul july thg7",
         "aug august thg8", "sep sept september thg9", "oct october thg10", "nov november thg11", "dec december thg12"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip

# Zone names that RFC 822 knows, that RSS generators invent, and that Asian newsrooms write. Hours from UTC. Names with
# several meanings (IST, CST) have the one that feeds use most: India, and U.S. Central.
_ZONES = {
    "z": 0.0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "met": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3,
    "gst": 4, "pkt": 5, "ist": 5.5, "npt": 5.75, "ict": 7, "wib": 7, "indochina time": 7, "hkt": 8, "sgt": 8, "myt": 8, "pht": 8, "awst": 8,
    "cst+8": 8, "jst": 9, "kst": 9, "acst": 9.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "hst": -10, "et": -5, "pt": -8, "ct": -6,
}  # fmt: skip
# "ET" and "PT" leave daylight saving to the reader.
_WALL_ZONES = {"et": "America/New_York", "ct": "America/Chicago", "pt": "America/Los_Angeles"}

_ZONE = r"(?P<zone>(?:GMT|UTC|UT)?\s*[+\-\u2212]\s*\d{1,2}:?\d{0,2}|[A-Za-z]{1,5}(?:\s+Time)?|Indochina Time)?"
_CLOCK = r"(?P<hour>\d{1,2})[:hg](?P<minute>\d{2})?(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?|SA|CH)?"

_RFC822 = re.compile(
    r"(?:[A-Za-z]{3,9}\.?,?\s+)?(\d{1,2})[\s-]+([A-Za-z]{3,9})\.?[\s,-]+(\d{4}|\d{2})\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*"
    r"((?:GMT|UTC|UT)?\s*[+\-\u2212]\s*\d{1,2}:?\d{0,2}|[A-Za-z]{1,5}|)(?:\s*\([^()]*\))?$"
)
_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:[Tt\s]+(\d{2})(?::?(\d{2}))?(?::?(\d{2})(?:[.,]\d+)?)?\s*"
    r"(Z|z|(?:GMT|UTC)?\s*[+\-\u2212]\s*\d{1,2}:?\d{0,2}|[A-Za-z]{2,5}|)(?:\[[\w/]+\])?)?$"
)
_DAY_ONLY = re.compile(r"(?:[A-Za-z]{3,9}\.?,?\s+)?(\d{1,2})(?:st|nd|rd|th)?[\s-]+([A-Za-z]{3,9})\.?[\s,-]+(\d{4})$")
_MONTH_FIRST = re.compile(
    rf"(?:[A-Za-z]{{3,9}}\.?,?\s+)?(?P<month>[A-Za-z]{{3,9}})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})(?:[\s,]+(?:at\s+)?{_CLOCK}\s*{_ZONE})?$"
)
_ASCTIME = re.compile(
    r"[A-Za-z]{3}\s+(?P<month>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"\s*(?P<zone>[A-Za-z]{1,5})?\s+(?P<year>\d{4})$"
)
_NUMERIC_DAY = r"(?P<day>\d{1,2})[/.\-](?P<month>\d{1,2})[/.\-](?P<year>\d{4}|\d{2})"
_DAY_FIRST = re.compile(rf"(?:[A-Za-z]{{3,9}}\.?,?\s+)?{_NUMERIC_DAY}(?:[\s,T|\-–]+{_CLOCK}\s*(?:\(?{_ZONE}\)?))?$")
_CLOCK_FIRST = re.compile(rf"{_CLOCK}\s*(?:\(?{_ZONE}\)?)?[\s,|\-–]+{_NUMERIC_DAY}$")
_SLASHED_ISO = re.compile(rf"(?P<year>\d{{4}})[/.](?P<month>\d{{1,2}})[/.](?P<day>\d{{1,2}})(?:[\sT,]+{_CLOCK}\s*{_ZONE})?$")
_EPOCH = re.compile(r"(\d{10})(\d{3})?$")
_VIETNAMESE_DAY = re.compile(r"(?:ngày\s*)?(\d{1,2})\s*(?:tháng|thg\.?)\s*(\d{1,2})\s*(?:,|năm)?\s*(\d{4})", re.IGNORECASE)
_VIETNAMESE_CLOCK = re.compile(r"(\d{1,2})\s*(?:giờ|h|:|g)\s*(\d{2})?(?:\s*phút)?\s*(sáng|trưa|chiều|tối|SA|CH|AM|PM)?", re.IGNORECASE)
_VIETNAMESE_WEEKDAY = re.compile(r"(?:thứ\s*(?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ\s*nhật|t[2-7]|cn)\b[\s,.\-–]*", re.IGNORECASE)
_OFFSET = re.compile(r"(?:GMT|UTC|UT)?\s*([+\-\u2212])\s*(\d{1,2}):?(\d{2})?$", re.IGNORECASE)


def parse_date(raw: str, zone: str = "UTC") -> datetime | None:
    """Reads `raw` as aware UTC. `zone` is an IANA name and holds where `raw` names none. None where no rule reads it."""
    raw = raw.strip()
    if not raw or len(raw) > 100:
        return None
    found = _usual(raw, zone)
    if found is None:
        raw = " ".join(raw.split())  # runs of blanks may be read in as many ways as they are long
        found = _common(raw, zone) or _wild(raw, zone)
    if found is None or found < EARLIEST:
        return None
    return found


def plausible_date(published: datetime | None, fetched_at: datetime) -> datetime | None:
    """The date that is stored for what was fetched at `fetched_at`: None before 1990, `fetched_at` for the future.

    Every source of items calls it: feeds, sitemaps, pages and archives. So no stored date lies at the rim of the calendar, where
    a change of zone overflows.
    """
    if published is None or published < EARLIEST:
        return None
    return fetched_at if published > fetched_at + SLACK else published


def _usual(raw: str, zone: str) -> datetime | None:
    """The two forms that nearly all feeds use, by their places: "Thu, 05 Dec 2024 14:30:00 +0700" and "2024-12-05T14:30:00+07:00"."""
    size = len(raw)
    try:
        if (size == 31 and raw[27:].isdigit()) or (size == 29 and raw[25:] == " GMT"):
            if raw[3:5] != ", " or raw[19] != ":" or raw[22] != ":" or raw[7] != " " or raw[11] != " " or raw[16] != " " or raw[25] != " ":
                return None
            numbers = raw[5:7] + raw[12:16] + raw[17:19] + raw[20:22] + raw[23:25]
            month = _MONTHS.get(raw[8:11].lower())
            if month is None or not (numbers.isdigit() and raw[:3].isalpha() and raw.isascii()) or raw[26] not in "+-G":
                return None
            where = UTC if size == 29 else _zone_of(raw[26:], zone)
            found = datetime(int(raw[12:16]), month, int(raw[5:7]), int(raw[17:19]), int(raw[20:22]), int(raw[23:25]), tzinfo=where)
        elif (size == 20 and raw[19] == "Z") or (size == 25 and raw[19] in "+-" and raw[20:22] < "15"):
            if raw[4] != "-" or raw[7] != "-" or raw[10] != "T":
                return None
            found = datetime.fromisoformat(raw)
        else:
            return None
        return found if found.tzinfo is UTC else found.astimezone(UTC)
    except (ValueError, OverflowError):  # a leap second, midnight as 24:00, what is no number
        return None


def _common(raw: str, zone: str) -> datetime | None:
    match = _RFC822.match(raw)
    if match:
        day, month_name, year, hour, minute, second, offset = match.groups()
        month = _MONTHS.get(month_name[:3].lower(), 0)
        return _build((_year(year), month, int(day), int(hour), int(minute), int(second or 0)), offset, zone)
    match = _ISO.match(raw)
    if match:
        year, month_text, day, hour, minute, second, offset = match.groups()
        return _build((int(year), int(month_text), int(day), int(hour or 0), int(minute or 0), int(second or 0)), offset or "", zone)
    return None


def _wild(raw: str, zone: str) -> datetime | None:
    raw = normalize("NFC", raw)
    match = _EPOCH.match(raw)
    if match:
        return datetime.fromtimestamp(int(match[1]), UTC)
    bare = _VIETNAMESE_WEEKDAY.sub("", raw, count=1).strip(" ,")
    for pattern in (_DAY_FIRST, _CLOCK_FIRST, _SLASHED_ISO, _MONTH_FIRST, _ASCTIME):
        match = pattern.match(bare)
        if match:
            return _from_named(match.groupdict(), zone)
    match = _DAY_ONLY.match(bare)
    if match:
        return _build((int(match[3]), _MONTHS.get(match[2][:3].lower(), 0), int(match[1]), 0, 0, 0), "", zone)
    return _vietnamese(raw, zone)


def _from_named(parts: dict[str, str | None], zone: str) -> datetime | None:
    month_text = parts["month"] or ""
    month = int(month_text) if month_text.isdigit() else _MONTHS.get(month_text[:3].lower(), 0)
    day = int(parts["day"] or 0)
    if month > 12 >= day and month_text.isdigit():  # 12/31/2024: only one order makes a date
        day, month = month, day
    hour = _afternoon(int(parts.get("hour") or 0), parts.get("half") or "")
    minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
    return _build((_year(parts["year"] or "0"), month, day, hour, minute, second), parts.get("zone") or "", zone)


def _vietnamese(raw: str, zone: str) -> datetime | None:
    """ "Thứ Năm, 05 tháng 12 năm 2024, 14 giờ 30", "5 Tháng Mười Hai, 2024 …" stays unread (words for numbers are not used in feeds)."""
    match = _VIETNAMESE_DAY.search(raw)
    if not match:
        return None
    rest = raw[: match.start()] + " " + raw[match.end() :]
    offset = re.search(r"(?:GMT|UTC)\s*[+-]\s*\d{1,2}(?::?\d{2})?|\bICT\b|[+-]\d{2}:?\d{2}", rest, re.IGNORECASE)
    if offset:
        rest = rest[: offset.start()] + rest[offset.end() :]
    clock = _VIETNAMESE_CLOCK.search(rest)
    hour = minute = 0
    if clock:
        hour, minute = _afternoon(int(clock[1]), clock[3] or ""), int(clock[2] or 0)
    return _build((int(match[3]), int(match[2]), int(match[1]), hour, minute, 0), offset[0] if offset else "", zone)


def _afternoon(hour: int, half: str) -> int:
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


def _build(wall: tuple[int, int, int, int, int, int], offset: str, zone: str) -> datetime | None:
    year, month, day, hour, minute, second = wall
    extra = timedelta()
    if hour == 24 and minute == 0:  # midnight, written at the end of its day
        hour, extra = 0, timedelta(days=1)
    where = _zone_of(offset, zone)
    try:
        # A leap second has no place in datetime; the second before it is near enough.
        local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=where)
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
    if name in _WALL_ZONES:
        return ZoneInfo(_WALL_ZONES[name])
    hours_off = _ZONES.get(name)
    return ZoneInfo(zone) if hours_off is None else timezone(timedelta(hours=hours_off))
