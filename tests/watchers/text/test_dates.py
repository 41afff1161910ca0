"""Dates as newsrooms write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchers.text.dates import parse_date, plausible_date

HANOI = "Asia/Ho_Chi_Minh"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Thu, 05 Dec 2024 14:30:00 +0700", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 14:30:00 GMT+7", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 14:30:00 +7", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 14:30:00 +07:00", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 14:30:00 ICT", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 14:30:00 UTC+07", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 14:30:00", utc(2024, 12, 5, 7, 30)),
        ("Thu, 5 Dec 24 14:30 GMT", utc(2024, 12, 5, 14, 30)),
        ("05 December 2024 09:30:15 EST", utc(2024, 12, 5, 14, 30, 15)),
        ("Thu, 05 Dec 2024 14:30:00 -0000", utc(2024, 12, 5, 14, 30)),
        ("Thu, 05-Dec-2024 14:30:00 GMT", utc(2024, 12, 5, 14, 30)),
        ("Fri, 05 Jul 2024 09:30:00 ET", utc(2024, 7, 5, 13, 30)),
        ("Fri, 05 Jan 2024 09:30:00 ET", utc(2024, 1, 5, 14, 30)),
        ("Thu, 05 Dec 2024 14:30:00 PST (Pacific)", utc(2024, 12, 5, 22, 30)),
        ("2024-12-05T14:30:00Z", utc(2024, 12, 5, 14, 30)),
        ("2024-12-05T14:30:00.123456+07:00", utc(2024, 12, 5, 7, 30)),
        ("2024-12-05T14:30:00+0700", utc(2024, 12, 5, 7, 30)),
        ("2024-12-05T14:30+07", utc(2024, 12, 5, 7, 30)),
        ("2024-12-05 14:30:00", utc(2024, 12, 5, 7, 30)),
        ("2024-12-05", utc(2024, 12, 4, 17, 0)),
        ("20241205T143000Z", utc(2024, 12, 5, 14, 30)),
        ("2024-12-05T24:00:00Z", utc(2024, 12, 6, 0, 0)),
        ("2024/12/05 14:30", utc(2024, 12, 5, 7, 30)),
        ("05/12/2024 14:30", utc(2024, 12, 5, 7, 30)),
        ("5/12/2024", utc(2024, 12, 4, 17, 0)),
        ("05/12/2024, 14:30 GMT+7", utc(2024, 12, 5, 7, 30)),
        ("05/12/2024 - 14:30 (GMT+7)", utc(2024, 12, 5, 7, 30)),
        ("14:30 05/12/2024", utc(2024, 12, 5, 7, 30)),
        ("14:30 | 05/12/2024", utc(2024, 12, 5, 7, 30)),
        ("14h30 05-12-2024", utc(2024, 12, 5, 7, 30)),
        ("05.12.2024 14:30:45", utc(2024, 12, 5, 7, 30, 45)),
        ("12/31/2024 02:30:00 PM", utc(2024, 12, 31, 7, 30)),
        ("Thứ Năm, 05/12/2024, 14:30 (GMT+7)", utc(2024, 12, 5, 7, 30)),
        ("Thứ năm, 5/12/2024, 14:30 (GMT+7)", utc(2024, 12, 5, 7, 30)),
        ("Chủ Nhật, 08/12/2024 07:00", utc(2024, 12, 8, 0, 0)),
        ("T5, 05/12/2024 14:30", utc(2024, 12, 5, 7, 30)),
        ("Thứ Năm, ngày 05 tháng 12 năm 2024, 14 giờ 30 phút", utc(2024, 12, 5, 7, 30)),
        ("05 tháng 12, 2024", utc(2024, 12, 4, 17, 0)),
        ("5 Tháng 12 năm 2024 2:30 CH", utc(2024, 12, 5, 7, 30)),
        ("2:30 chiều ngày 5 tháng 12 năm 2024", utc(2024, 12, 5, 7, 30)),
        ("December 5, 2024 2:30 PM", utc(2024, 12, 5, 7, 30)),
        ("Dec. 5, 2024 at 9:30 AM EST", utc(2024, 12, 5, 14, 30)),
        ("Thu Dec  5 14:30:00 2024", utc(2024, 12, 5, 7, 30)),
        ("Thu Dec 05 14:30:00 UTC 2024", utc(2024, 12, 5, 14, 30)),
        ("5 Dec 2024", utc(2024, 12, 4, 17, 0)),
        ("1733409000", utc(2024, 12, 5, 14, 30)),
        ("1733409000123", utc(2024, 12, 5, 14, 30)),
        ("  Thu, 05 Dec 2024\n 14:30:00 +0700 ", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 23:59:60 GMT", utc(2024, 12, 5, 23, 59, 59)),
        ("Thu, 05 Dec 2024 02:30:00 PM", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 02:30:00 p.m. EST", utc(2024, 12, 5, 19, 30)),
        ("Thu, 5 Dec 2024 9:05 am PST", utc(2024, 12, 5, 17, 5)),
        ("Thu, 05 Dec 2024 12:05:09 AM +0700", utc(2024, 12, 4, 17, 5, 9)),
        ("Thu, 05 Dec 2024 2:30 CH", utc(2024, 12, 5, 7, 30)),
        ("Thu, 05 Dec 2024 9 PM", utc(2024, 12, 5, 14)),
        ("THU,05 DEC 2024 14:30:00", utc(2024, 12, 5, 7, 30)),
        ("Thursday, December 5, 2024 - 2:30 PM", utc(2024, 12, 5, 7, 30)),
        ("2:30 PM, 5 Dec 2024", utc(2024, 12, 5, 7, 30)),
        ("2:30 PM 05/12/2024", utc(2024, 12, 5, 7, 30)),
        ("2024-12-05 02:30:00 PM", utc(2024, 12, 5, 7, 30)),
        ("2024-12-05T2:30:00 PM", utc(2024, 12, 5, 7, 30)),
        ("2024-12-05T2:30:00 CH +07:00", utc(2024, 12, 5, 7, 30)),
        ("2024-12-05T14:30:5+01:00", utc(2024, 12, 5, 13, 30, 5)),
        ("2024-12-5 4:3:2", utc(2024, 12, 4, 21, 3, 2)),
        ("05/12/2024 2:30:00 SA", utc(2024, 12, 4, 19, 30)),
        ("Thu, 05 Dec 2024 14:30:00 Europe/Paris", utc(2024, 12, 5, 13, 30)),
        ("2024-12-05T14:30:00[Europe/Paris]", utc(2024, 12, 5, 13, 30)),
        ("Thu, 05 Dec 2024 14:30:00 Nowhere/Land", utc(2024, 12, 5, 7, 30)),
        ("Thu Dec 05 2024 14:30:00 GMT+0700 (Indochina Time)", utc(2024, 12, 5, 7, 30)),
        ("Thứ Năm, 5 Tháng Mười Hai 2024 14:30:45 +0700", utc(2024, 12, 5, 7, 30, 45)),
        ("Thứ Ba, 5 tháng mười một, 2024 2:30:45 CH", utc(2024, 11, 5, 7, 30, 45)),
        ("T5, 5 Thg12 2024 14:30:00 +0700", utc(2024, 12, 5, 7, 30)),
        ("Thứ Bảy, 7 Tháng Chín 2024", utc(2024, 9, 6, 17)),
    ],
)
def test_a_date_in_the_wild_is_read(raw: str, expected: datetime) -> None:
    assert parse_date(raw, HANOI) == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "Thu, 31 Feb 2024 10:00:00 GMT",
        "0001-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "99/99/2024",
        "5",
        "x" * 500,
        "2024-13-45",
    ],
)
def test_what_is_no_date_is_none_and_no_guess(raw: str) -> None:
    assert parse_date(raw, HANOI) is None


def test_a_date_without_a_zone_is_the_feeds_time() -> None:
    assert parse_date("05/12/2024 14:30", "UTC") == utc(2024, 12, 5, 14, 30)
    assert parse_date("05/12/2024 14:30", "America/New_York") == utc(2024, 12, 5, 19, 30)


FETCHED_AT = utc(2024, 12, 5, 8)


@pytest.mark.parametrize(
    ("published", "stored"),
    [
        (utc(2031, 1, 1), FETCHED_AT),
        (datetime.max.replace(tzinfo=UTC), FETCHED_AT),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-11))), FETCHED_AT),
        (FETCHED_AT + timedelta(minutes=3), FETCHED_AT + timedelta(minutes=3)),  # a clock that runs ahead a little
        (utc(2024, 12, 4), utc(2024, 12, 4)),
        (utc(1990, 1, 1), utc(1990, 1, 1)),
        (utc(1989, 12, 31, 23, 59), None),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=11))), None),
        (None, None),
    ],
)
def test_a_date_that_cannot_be_is_clamped_or_dropped(published: datetime | None, stored: datetime | None) -> None:
    assert plausible_date(published, FETCHED_AT) == stored


@given(st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2035, 1, 1)))
def test_what_standards_write_is_read_back(moment: datetime) -> None:
    whole = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_date(whole.isoformat()) == whole
    assert parse_date(whole.strftime("%a, %d %b %Y %H:%M:%S GMT")) == whole


HALVES = st.sampled_from(["AM", "am", "a.m.", "SA", "PM", "pm", "p.m.", "CH"])
DAYS = st.sampled_from(
    ["Thu, 05 Dec 2024 {}", "2024-12-05 {}", "2024-12-05T{}", "5/12/2024 {}", "Dec 5, 2024 {}", "5 Tháng 12 2024 {}", "{} 5/12/2024"]
)


@given(DAYS, st.integers(1, 12), st.integers(0, 59), HALVES)
def test_a_clock_of_twelve_hours_is_read_in_every_form(day: str, hour: int, minute: int, half: str) -> None:
    afternoon = half.lower()[0] in "pc"
    expected = datetime(2024, 12, 5, hour % 12 + 12 * afternoon, minute, tzinfo=ZoneInfo(HANOI))
    assert parse_date(day.format(f"{hour}:{minute:02} {half}"), HANOI) == expected


@given(st.text(alphabet="0123456789 /:-+,.TZAPMCHsathg áng()[]", max_size=60))
def test_no_signs_of_a_date_make_it_raise(raw: str) -> None:
    found = parse_date(raw, HANOI)
    assert found is None or found.tzinfo is UTC


@given(st.text(max_size=60))
def test_no_text_makes_it_raise(raw: str) -> None:
    found = parse_date(raw, HANOI)
    assert found is None or found.tzinfo is UTC
