"""Defines PriceMove: that a company's share price went up or down on one trading day, which many outlets tell in as many headlines.

Pure. One company's move in one session is one happening, whatever the words: company, direction and session stand for it. Only strong
moves count (a record, a round market value, two percent and more, "soars"); beside a slight one something else is the news.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_NEW_YORK = ZoneInfo("America/New_York")
_HANOI = timezone(timedelta(hours=7))


def _words(*lines: str) -> re.Pattern[str]:
    return re.compile(r"(?<![^\W_])(?:" + "|".join(lines) + r")(?![^\W_])")


_PRICE = _words(
    "stocks?|shares?|market cap|market capitali[sz]ation|market value|trading|rally|breakout|intraday",
    "cổ phiếu|vốn hóa|vốn hoá|thị giá|giá trị thị trường",
)
_BUSINESS = _words(
    "profits?|revenue|sales|delivery|deliveries|income|orders|earnings (?:rise|fall|jump|beat)",
    "lợi nhuận|doanh thu|doanh số|sản lượng",
)
_STRONG_UP = _words(
    "surg(?:es?|ed|ing)|soar(?:s|ed|ing)?|jump(?:s|ed|ing)?|pop(?:s|ped|ping)|leap(?:s|ed|t)?|skyrocket(?:s|ed|ing)?|rall(?:ies|ied|ying)",
    "spik(?:es?|ed|ing)|explod(?:es?|ed)|rocket(?:s|ed)|breakout",
    "tăng vọt|tăng mạnh|bứt phá|tăng kịch trần|tăng hết biên độ|tăng trần|tím trần",
)
_STRONG_DOWN = _words(
    "plung(?:es?|ed|ing)|tumbl(?:es?|ed|ing)|crash(?:es|ed)?|plummet(?:s|ed)?|sinks?|sinking|sank|slump(?:s|ed)?|nosediv(?:es?|ed)|tank(?:s|ed)",
    "lao dốc|giảm mạnh|giảm sàn|nằm sàn|bốc hơi",
)
_UP = _words("up|higher|ris(?:es?|ing|en)|rose|gain(?:s|ed)?|climb(?:s|ed|ing)?|advanc(?:es?|ed)|lift(?:s|ed|ing)|add(?:s|ed)|tăng")
_DOWN = _words(
    "down|lower|fall(?:s|ing|en)?|fell|drop(?:s|ped)?|slid(?:es?|ing)?|slip(?:s|ped)?|declin(?:es?|ed)|dip(?:s|ped)?|los(?:es|t)|sheds?|giảm|mất"
)
_RECORD = _words("records?|all[- ]time[- ]high|(?:fresh|new) highs?|kỷ lục|kỉ lục|đỉnh lịch sử|cao nhất (?:lịch sử|mọi thời đại)")
_MILESTONE = _words(
    r"(?:us)?\$\s?\d[\d.,]*\s?(?:t|tn|trillion)|\d[\d.,]*\s?(?:trillion|nghìn tỷ|ngàn tỷ|nghìn tỉ|triệu tỷ)(?: usd| đô| đồng)?",
    r"\d\.\d{3}\s(?:tỷ|tỉ)\s(?:usd|đô)",
)
_AHEAD = _words(
    "may|might|could|would|will|should|can|forecast|prediction|target|next|before|isn['’]t|if|toward|approach(?:es)?|nears?",
    r"ahead of|(?:so far )?this year|year[- ]to[- ]date|past (?:month|year)|có thể|sẽ|dự báo",
)
_OPINION = _words(
    "(?:a|to|still a|time to|better) buy|buy, sell|buy or sell|sell or hold|too late|why i|i['’]m|stocks? to (?:buy|watch)",
    "nên mua|có nên",
)
_QUESTION = re.compile(r"(?:is|are|should|will|can|does|has)\b")
_INDEX = _words(r"nasdaq|s&p(?: 500)?|dow(?: jones)?|vn-?index|vn30|wall street|nikkei|kospi|hang seng|indexes|indices|chứng khoán")
_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s?(?:%|percent|per cent)")
_WEEKDAYS = {
    "monday": 0, "tuesday": 1, "wednesday": 2, "thursday": 3, "friday": 4,
    "thứ hai": 0, "thứ ba": 1, "thứ tư": 2, "thứ năm": 3, "thứ sáu": 4,
}  # fmt: skip
_WEEKDAY = _words(*_WEEKDAYS)
_DESCRIBES = _words(
    "supplier|rival|backed|partner|competitor|customer|based|investor|challenger|powered|linked|maker|ceo|chief|chips?|gpus?"
)
_DAY_AT_MOST = 30.0  # percent; a larger figure in a headline is a year's run rather than a day's
_STRONG_FROM = 2.0  # percent
_NEAR = 14  # characters between a name and its verb where no word says that it is about a price


@dataclass(frozen=True, slots=True)
class PriceMove:
    """One strong move of a price: whose, which way, on which trading day, how far in percent if told."""

    mover: str
    up: bool
    session: date
    percent: float | None


@dataclass(frozen=True, slots=True)
class CompanyMention:
    """A company's name in the headline, by its entity id or folded name, with its place there."""

    who: str
    start: int
    end: int


def session(title: str, lead: str, days: frozenset[str], when: datetime, lang: str) -> date:
    """The trading day that a text on prices tells of.

    The date or weekday it names, else the last one that had begun when it was published. Lower-case texts; `days` are terms of `figures`.
    """
    local = when.astimezone(_HANOI if lang == "vi" else _NEW_YORK)
    day = local.date()
    if local.hour + local.minute / 60 < (9.0 if lang == "vi" else 9.5):
        day -= timedelta(days=1)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    for named in sorted(days):
        for year in (local.year, local.year - 1):
            try:
                there = date(year, int(named[4:6]), int(named[7:9]))
            except ValueError:
                continue
            if timedelta(0) <= local.date() - there <= timedelta(days=7):
                return there
    weekday = _WEEKDAY.search(title) or _WEEKDAY.search(lead)
    if weekday:
        back = (local.weekday() - _WEEKDAYS[weekday.group()]) % 7
        if back < 5:
            return local.date() - timedelta(days=back)
    return day


def may_move(title: str) -> bool:
    """Whether a lower-case headline has any word that `read_move` looks for; cheap, and false for most."""
    return any(pattern.search(title) for pattern in (_PRICE, _STRONG_UP, _STRONG_DOWN, _RECORD))


def read_move(
    title: str, lead: str, names: Sequence[CompanyMention], *, days: frozenset[str], when: datetime, lang: str
) -> PriceMove | None:
    """The move that a headline tells, or None. `title` and `lead` in lower case, `names` in order, `when` aware."""
    mover = _mover(title, names)
    if mover is None:
        return None
    strong_up, strong_down = _STRONG_UP.search(title), _STRONG_DOWN.search(title)
    up, down = strong_up or _UP.search(title), strong_down or _DOWN.search(title)
    verb = strong_up or strong_down or up or down
    percent = next((one for one in (float(found.replace(",", ".")) for found in _PERCENT.findall(title)) if one < _DAY_AT_MOST), None)
    milestone = _MILESTONE.search(title) if _PRICE.search(title) else None
    if _BUSINESS.search(title) and not milestone:
        return None
    priced = _PRICE.search(title) or (_RECORD.search(title) and _PRICE.search(lead))
    at_once = (strong_up or strong_down) and verb and 0 <= verb.start() - mover.end <= _NEAR
    if not priced and not at_once:
        return None
    told = percent is not None and verb is not None
    if not _certain(title, verb, told=told, milestone=milestone is not None):
        return None
    strong = strong_up or strong_down or milestone or (percent is not None and percent >= _STRONG_FROM and verb)
    if not strong and not (_RECORD.search(title) and not _AHEAD.search(title)):
        return None
    rising = not down or (up is not None and up.start() < down.start())
    return PriceMove(mover.who, rising, session(title, lead, days, when, lang), percent)


def _certain(title: str, verb: re.Match[str] | None, *, told: bool, milestone: bool) -> bool:
    """False for advice, questions and what has not happened yet."""
    if (_OPINION.search(title) or _QUESTION.match(title)) and not told:
        return milestone and not _QUESTION.match(title) and not _OPINION.search(title)
    ahead = _AHEAD.search(title)
    return told or not (ahead and verb and ahead.start() < verb.start())


def _mover(title: str, names: Sequence[CompanyMention]) -> CompanyMention | None:
    """Whose price it is: the first name that does not only describe another ("Nvidia supplier …"), unless an index comes before it."""
    index = _INDEX.search(title)
    for name in names:
        if index and index.start() < name.start:
            return None
        after = title[name.end :]
        following = re.match(r"(?:['’]s)?[\s-]*", after)
        rest = after[following.end() :] if following else after
        if not _DESCRIBES.match(rest):
            return name
    return None
