"""Defines what messages say in each language: fixed words, counts, sums of money, times, dates. Data and formatting only.

A phrase that is missing in one language is an error at import, not a message in the wrong language.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from bot.local_time import local

Language = Literal["en", "vi"]

_EN = {
    "according_to": "according to {who}",
    "source": "1 source",
    "sources": "{n} sources",
    "also_in": "Also in",
    "more": "+{n} more",
    "why": "Why: {rule}",
    "sponsored": "sponsored",
    "status_planned": "planned",
    "status_reported": "reported, not confirmed",
    "status_denied": "denied",
    "status_done": "",
    "untitled": "(untitled)",
    "undated": "no date",
    "cap_reached": "That was alert number {n} within an hour, the limit; what follows stands in the next digest.",
    "cap_reached_alone": "That was alert number {n} within an hour, the limit; what follows comes later.",
    "news": "Update",
    "news_denied": "{what}: denied now",
    "news_done": "{what}: planned before, done now",
    "news_amount": "{what}: the sum is known, {amount}",
    "digest": "Digest, {date}",
    "digest_counts": "{stories} from {sources}",
    "story": "1 story",
    "stories": "{n} stories",
    "one_source": "1 source",
    "empty": "Nothing matched your rules in this period.",
    "held": "Held back until now",
    "held_quiet": "quiet hours",
    "held_cap": "over the limit of alerts an hour",
    "held_flood": "Telegram's flood limit",
    "perhaps": "May not have arrived",
    "perhaps_line": "sent {n} times without an answer",
    "undelivered": "Could not be sent",
    "undelivered_line": "tries: {n}",
    "feeds_wrong": "Feeds in trouble: {feeds}",
    "feed_failed": "{feed} ({n} failures: {error})",
    "feed_silent": "{feed} (nothing new since {date})",
    "unusual": "Unusual: {counts}",
    "usual": "{name} {n} (usual {usual})",
    "left_out": "and {n} more stories of this rule",
    "again": "Told before, taken up again since",
    "nothing_new": "Nothing new in this period.",
    "chart": "Hits of the last 14 days",
    "notice": "Notice",
    "notice_gone": "The chat {chat} cannot be reached any more ({error}). It gets nothing until it writes again.",
    "notice_poison": "A message to {chat} could not be sent and was set aside ({key}): {error}",
    "notice_moved": "The chat {old} has become {new}; its settings moved along.",
}
_VI = {
    "according_to": "theo {who}",
    "source": "1 nguồn",
    "sources": "{n} nguồn",
    "also_in": "Cũng có trên",
    "more": "+{n} nữa",
    "why": "Lý do: {rule}",
    "sponsored": "tài trợ",
    "status_planned": "dự kiến",
    "status_reported": "chưa được xác nhận",
    "status_denied": "bị bác bỏ",
    "status_done": "",
    "untitled": "(không có tiêu đề)",
    "undated": "không rõ ngày",
    "cap_reached": "Đây là tin báo thứ {n} trong một giờ, đã đến giới hạn; các tin tiếp theo nằm trong bản tổng hợp tới.",
    "cap_reached_alone": "Đây là tin báo thứ {n} trong một giờ, đã đến giới hạn; các tin tiếp theo sẽ đến sau.",
    "news": "Cập nhật",
    "news_denied": "{what}: nay bị bác bỏ",
    "news_done": "{what}: trước là dự kiến, nay đã thực hiện",
    "news_amount": "{what}: đã có số tiền, {amount}",
    "digest": "Tổng hợp, {date}",
    "digest_counts": "{stories} từ {sources}",
    "story": "1 tin",
    "stories": "{n} tin",
    "one_source": "1 nguồn",
    "empty": "Không có tin nào khớp quy tắc của bạn trong kỳ này.",
    "held": "Tin được giữ lại đến nay",
    "held_quiet": "giờ yên lặng",
    "held_cap": "quá giới hạn tin báo mỗi giờ",
    "held_flood": "giới hạn gửi của Telegram",
    "perhaps": "Có thể chưa đến nơi",
    "perhaps_line": "đã gửi {n} lần, không có hồi đáp",
    "undelivered": "Không gửi được",
    "undelivered_line": "số lần thử: {n}",
    "feeds_wrong": "Nguồn tin gặp lỗi: {feeds}",
    "feed_failed": "{feed} (lỗi {n} lần: {error})",
    "feed_silent": "{feed} (không có tin mới từ {date})",
    "unusual": "Bất thường: {counts}",
    "usual": "{name} {n} (thường {usual})",
    "left_out": "và {n} tin khác của quy tắc này",
    "again": "Đã đưa, nay có thêm nơi đăng",
    "nothing_new": "Không có tin mới trong kỳ này.",
    "chart": "Số tin khớp trong 14 ngày qua",
    "notice": "Thông báo",
    "notice_gone": "Không còn liên lạc được với {chat} ({error}). Cuộc trò chuyện này không nhận tin cho đến khi viết lại.",
    "notice_poison": "Một tin gửi tới {chat} không gửi được và đã để riêng ({key}): {error}",
    "notice_moved": "{old} đã thành {new}; cài đặt được chuyển theo.",
}
if _EN.keys() != _VI.keys():
    raise AssertionError(f"phrases that one language lacks: {sorted(_EN.keys() ^ _VI.keys())}")
PHRASES: dict[str, dict[str, str]] = {"en": _EN, "vi": _VI}

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_SCALES_EN = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_SCALES_VI = ((1e12, "nghìn tỷ"), (1e9, "tỷ"), (1e6, "triệu"))
_CURRENCIES_VI = {"VND": "đồng"}


def say(language: str, phrase: str, **parts: object) -> str:
    """The phrase in that language with its parts filled in."""
    return PHRASES[language][phrase].format(**parts)


def count(language: str, one: str, many: str, n: int) -> str:
    """ "1 source", "3 sources"."""
    return say(language, one) if n == 1 else say(language, many, n=n)


def money(language: str, value: float, currency: str | None) -> str:
    """ "$200 million", "5 trillion VND"; "200 triệu USD", "5 nghìn tỷ đồng"."""
    scales = _SCALES_VI if language == "vi" else _SCALES_EN
    scale, word = next(((size, name) for size, name in scales if abs(value) >= size), (1.0, ""))
    shown = value / scale
    digits = f"{shown:,.2f}".rstrip("0").rstrip(".") if word else f"{shown:,.0f}"
    if language == "vi":
        digits = digits.translate(str.maketrans(",.", ".,"))
        unit = _CURRENCIES_VI.get(currency or "", currency or "")
        return " ".join(part for part in (digits, word, unit) if part)
    sign = _SIGNS.get(currency or "", "")
    return " ".join(part for part in (f"{sign}{digits}", word, "" if sign else currency or "") if part)


def decimal(language: str, value: float) -> str:
    """ "0.82", "0,82"."""
    return f"{value:.2f}".replace(".", "," if language == "vi" else ".")


def day(language: str, on: date) -> str:
    """ "23 Apr 2024", "23/4/2024"."""
    if language == "vi":
        return f"{on.day}/{on.month}/{on.year}"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def clock(language: str, wall: datetime) -> str:
    """A wall-clock time: "23 Apr 2024, 14:05", "14:05 23/4/2024"."""
    if language == "vi":
        return f"{wall:%H:%M} {day(language, wall.date())}"
    return f"{day(language, wall.date())}, {wall:%H:%M}"


def moment(language: str, at: datetime | None, tz: str) -> str:
    """The instant as a wall-clock time of the zone, "no date" for None."""
    return clock(language, local(at, tz)) if at else say(language, "undated")


def event_date(language: str, text: str) -> str:
    """An event's date, "2024-12-05", "2024-12" or "2024", for people; anything else as it is."""
    try:
        if len(text) == 10:
            return day(language, date.fromisoformat(text))
        if len(text) == 7:
            first = date.fromisoformat(f"{text}-01")
            return f"{first.month}/{first.year}" if language == "vi" else f"{_MONTHS[first.month - 1]} {first.year}"
    except ValueError:
        return text
    return text
