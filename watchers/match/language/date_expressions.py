"""Defines `read_dates`: dates in English and Vietnamese text, absolute or relative to when the item was published.

"5 December 2024", "Dec. 5", "2024-12-05", "on Thursday", "yesterday", "next month", "in October", "mid-2027"; "hôm 28/10", "sáng 11/2",
"ngày 5/12/2024", "tháng 10/2025", "hôm qua",
"tháng tới". A date without a year is the one nearest to `published`; without `published`, relative
dates and dates without a year are left out. Dates are ISO 8601 at the precision of the text: "YYYY-MM-DD" or "YYYY-MM".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import msgspec
from msgspec import structs

from watchers.match.language.word_runs import word_runs


class DateExpression(msgspec.Struct, frozen=True, gc=False):
    """A date and where it stands. `ahead`: it is after the day of publication."""

    iso: str
    start: int
    end: int
    ahead: bool
    open: bool = False
    """A month without a year."""

    def to_come(self, published: date) -> DateExpression:
        """The same month after publication, where no year is given and the last one was taken."""
        if not self.open or self.iso >= published.isoformat()[:7]:
            return self
        year = int(self.iso[:4]) + 1
        return structs.replace(self, iso=f"{year}{self.iso[4:]}", ahead=True)


_MONTHS = {name: number for number, names in enumerate(
    ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug", "september sept sep",
     "october oct",
     "november nov", "december dec"), 1) for name in names.split()}
_M = (
    r"(?P<m>january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\b\.?)"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_THU = {"hai": 0, "2": 0, "ba": 1, "3": 1, "tư": 2, "4": 2, "năm": 3, "5": 3, "sáu": 4, "6": 4, "bảy": 5, "7": 5}

_AHEAD = re.compile(r"\b(?:will|due|scheduled|expected|plans?|planned|set\sto|slated|this|next|by|until|from|dự\skiến|sẽ|sắp|kế\shoạch|"
                    r"trước|đến|sang|từ|tới|cuối|chậm\snhất)\b", re.IGNORECASE)

_PLANNED = re.compile(r"\b(?:will|due|scheduled|expected|plans?|planned|set\sto|slated|next|dự\skiến|sẽ|sắp|kế\shoạch|tới|chậm\snhất)\b",
                      re.IGNORECASE)
"""Of these, the words that tell of a plan; the others also stand before months just past: "by the end of September", told in October."""
_RECENT = 2
"""Months that are just past."""

Reading = Callable[[re.Match[str], date | None], tuple[date, bool] | None]


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, published: date | None) -> date | None:
    """The date of that day and month that lies nearest to publication."""
    if published is None:
        return None
    options = [one for year in (published.year - 1, published.year, published.year + 1) if (one := _day(year, month, day)) is not None]
    return min(options, key=lambda option: abs((option - published).days), default=None)


def _full(match: re.Match[str], published: date | None) -> tuple[date, bool] | None:
    groups = match.groupdict()
    month = _MONTHS[groups["m"].lower().rstrip(".")] if not groups["m"].isdigit() else int(groups["m"])
    day = int(groups["d"])
    one = _day(int(groups["y"]), month, day) if groups.get("y") else _nearest(month, day, published)
    return (one, True) if one else None


def _month(match: re.Match[str], published: date | None) -> tuple[date, bool] | None:
    groups = match.groupdict()
    month = _MONTHS[groups["m"].lower().rstrip(".")] if not groups["m"].isdigit() else int(groups["m"])
    if not 1 <= month <= 12:
        return None
    year = groups.get("y")
    if year:
        return date(int(year), month, 1), False
    if published is None:
        return None
    # A bare month is the last one of that name, as news tells what was; words of plan before it turn it to the next one.
    last = match[0].lower().startswith(("last", "back", "since"))
    before = match.string[max(0, match.start() - 40):match.end()]
    recent = 0 < (published.month - month) % 12 <= _RECENT
    ahead = not last and _AHEAD.search(before) is not None and not (recent and not _PLANNED.search(before))
    later = month > published.month or (last and month == published.month)
    return date(published.year - (later and not ahead) + (ahead and month < published.month), month, 1), False


def _weekday(match: re.Match[str], published: date | None) -> tuple[date, bool] | None:
    if published is None:
        return None
    groups = match.groupdict()
    wanted = _DAYS.index(groups["day"].lower()) if groups.get("day") else _THU[groups["thu"].lower()] if groups.get("thu") else 6
    mode = (groups.get("mode") or "").lower()
    back = (published.weekday() - wanted) % 7
    if mode in {"next", "this coming", "coming", "tới", "tuần tới"}:
        return published + timedelta(days=(wanted - published.weekday()) % 7 or 7), True
    if mode == "last":
        back = back or 7
    return published - timedelta(days=back), True


def _shift(days: int) -> Reading:
    return lambda _match, published: (published + timedelta(days=days), True) if published else None


def _shift_month(months: int) -> Reading:
    def read(_match: re.Match[str], published: date | None) -> tuple[date, bool] | None:
        if published is None:
            return None
        index = published.year * 12 + published.month - 1 + months
        return date(index // 12, index % 12 + 1, 1), False
    return read


_Y = r"(?P<y>(?:19|20)\d\d)"
_NUMBER = b"0"
"""Among what stands in a text, any figure; a sign there is one between two figures."""


def _needs(*groups: str) -> tuple[frozenset[bytes], ...]:
    """Of each group a text must hold one, or the expression beside it cannot stand there: words, `_NUMBER`, or a sign between figures."""
    return tuple(frozenset(group.encode().split()) for group in groups)


_NAMES = " ".join(_MONTHS)
_THANG = "tháng thang"
_READINGS = tuple((needs, re.compile(pattern, re.IGNORECASE), reading) for needs, pattern, reading in (
    (_needs("-"), rf"(?<![\d./-]){_Y}-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)", _full),
    (_needs("0", _NAMES), rf"\b{_M}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s{_Y})?", _full),
    (_needs("0", _NAMES), rf"(?<![\d.,])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?\s{_M}(?:,?\s{_Y})?(?!\w)", _full),
    (_needs("/"), rf"(?<![\d./,])(?P<d>\d{{1,2}})/(?P<m>\d{{1,2}})/{_Y}(?!\d)", _full),
    (_needs("-"), rf"(?<![\d./,])(?P<d>\d{{1,2}})-(?P<m>\d{{1,2}})-{_Y}(?!\d)", _full),
    (_needs("."), rf"(?<![\d./,])(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.{_Y}(?!\d)", _full),
    (_needs("0", _THANG, "ngày ngay"),
     rf"\b(?:ngày|ngay)\s(?P<d>\d{{1,2}})\s(?:tháng|thang)\s(?P<m>\d{{1,2}})(?:[\s,]+(?:năm|nam)\s{_Y})?(?!\d)", _full),
    (_needs("0", _THANG), rf"\b(?:tháng|thang)\s?(?P<m>\d{{1,2}})(?:/|-|\snăm\s|\snam\s){_Y}(?!\d)", _month),
    (_needs("/"), r"(?<![\d./,])(?P<d>\d{1,2})/(?P<m>\d{1,2})(?!\d|[/.]\d|\s(?:phiên|mã|số|trường|nước|người|thành|tỉnh|điểm)\b)", _full),
    (_needs(". -", "ngày hôm sáng chiều tối trưa phiên đêm"),
     r"(?:\b(?:ngày|hôm|sáng|chiều|tối|trưa|phiên|đêm)\s)(?P<d>\d{1,2})[.-](?P<m>\d{1,2})(?!\d|[/.-]\d)", _full),
    (_needs("0", _THANG), r"\b(?:tháng|thang)\s(?P<m>\d{1,2})(?!\d|[/.,]\d)(?:\s(?:này|tới|sau|năm\snay|vừa\squa|năm\sngoái))?", _month),
    (_needs("0", _NAMES), rf"\b{_M}(?:,?\s(?:of\s)?{_Y})(?!\d)", _month),
    (_needs(_NAMES, "in since until by this late early mid last next from for of beginning"),
     rf"\b(?:in|since|until|by|this|late|early|mid|last|next|from|for|end\sof|back\sin|beginning)[\s-]{_M}(?!\w)", _month),
    (_needs(" ".join(lead + day for lead in ("", "on", "last", "late", "early", "next", "coming", "this") for day in _DAYS)),  # "onMonday"
     r"\b(?:on|last|late|early|next|(?:this\s)?coming|this)?\s?(?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b", _weekday),
    # "thứ hai" alone is "the second" far more often than a day.
    (_needs("thứ thu"), (r"\b(?:(?:vào|sáng|chiều|tối|trưa|đêm|hôm|ngày|từ|đến|phiên|vao|sang|chieu|toi|hom|ngay)\s(?:thứ|thu)|(?-i:Thứ)"
     r"|(?:thứ|thu)"
     r"(?=\s\w+\s?(?:,\s?|\(|\(?ngày\s|tuần\s)\(?(?:\d|này|trước|tới|qua)))\s(?P<thu>hai|ba|tư|năm|sáu|bảy|[2-7])(?!\w|[.,]\d)"
     r"(?:\s(?P<mode>tới|tuần\stới))?"), _weekday),
    (_needs("chủ", "nhật"), r"\b(?:chủ\snhật)(?!\w)", _weekday),
    (_needs("yesterday hôm hom", "yesterday qua"), r"\b(?:yesterday|hôm\squa|hom\squa)(?!\w)", _shift(-1)),
    (_needs("today hôm hom sáng chiều tối trưa", "today nay"),
     r"\b(?:today|hôm\snay|hom\snay|sáng\snay|chiều\snay|tối\snay|trưa\snay)(?!\w)", _shift(0)),
    (_needs("tomorrow ngày hôm", "tomorrow mai sau"), r"\b(?:tomorrow|ngày\smai|hôm\ssau)(?!\w)", _shift(1)),
    (_needs("hôm", "kia"), r"\b(?:hôm\skia)(?!\w)", _shift(-2)),
    (_needs("next tháng", "month tới sau"), r"\b(?:next\smonth|tháng\stới|tháng\ssau)(?!\w)", _shift_month(1)),
    (_needs("last tháng", "month trước qua"), r"\b(?:last\smonth|tháng\strước|tháng\svừa\squa)(?!\w)", _shift_month(-1)),
    (_needs("this tháng", "month này"), r"\b(?:this\smonth|tháng\snày)(?!\w)", _shift_month(0)),
))
_BETWEEN_FIGURES = re.compile(r"\d([-./])(?=\d)")
_FIGURE = re.compile(r"\d")
def _held(text: str) -> set[bytes]:
    """What of `_needs` stands in a text."""
    found = set(word_runs(text.lower()))
    if _FIGURE.search(text):
        found.update((_NUMBER, *(sign.encode() for sign in _BETWEEN_FIGURES.findall(text))))
    return found


_NEXT = re.compile(r"\b(?:next|coming)\s", re.IGNORECASE)


def read_dates(text: str, published: date | None) -> list[DateExpression]:
    """The dates of a sentence, in order, none overlapping; the more exact reading of the same words wins."""
    held = _held(text)
    found: list[DateExpression] = []
    for needs, pattern, reading in _READINGS:
        if any(map(held.isdisjoint, needs)):
            continue
        for match in pattern.finditer(text):
            if any(match.start() < expression.end and expression.start < match.end() for expression in found):
                continue
            read = reading(match, published)
            if read is None:
                continue
            one, exact = read
            if reading is _weekday and published is not None and _NEXT.match(match[0].lstrip()):
                one = one + timedelta(days=7)
            iso = one.isoformat() if exact else one.isoformat()[:7]
            ahead = published is not None and (one > published if exact else (one.year, one.month) > (published.year, published.month))
            found.append(DateExpression(iso, match.start(), match.end(), ahead, reading is _month and not match.groupdict().get("y")))
    return sorted(found, key=lambda expression: expression.start)
