"""Local dates, quiet hours and digest times, across clocks that are set back, set forward, or skip a whole day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.local_time import date_exists, digest_date, first_instant_at, local, local_date, parse_clock, parse_quiet_hours, zone

ZONES = sorted(available_timezones())
TRICKY = [
    *("America/New_York", "Europe/Berlin", "Asia/Ho_Chi_Minh", "Pacific/Apia", "Pacific/Kiritimati", "Asia/Beirut", "America/Havana"),
    *("Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran", "America/Asuncion", "Pacific/Chatham", "Antarctica/Troll", "UTC"),
]


def test_the_same_instant_has_two_dates() -> None:
    instant = datetime(2026, 3, 1, 20, tzinfo=UTC)
    assert local_date(instant, "Asia/Ho_Chi_Minh") == date(2026, 3, 2)
    assert local_date(instant, "America/New_York") == date(2026, 3, 1)


def test_an_unknown_zone_is_refused_with_what_was_expected() -> None:
    with pytest.raises(ValueError, match="unknown time zone 'Mars/Olympus'"):
        zone("Mars/Olympus")


@pytest.mark.parametrize("text", ["8:05", "08:05", "8h05", "08h05", " 8.05 "])
def test_a_time_is_read_as_people_write_it(text: str) -> None:
    assert parse_clock(text) == time(8, 5)


@pytest.mark.parametrize("wrong", ["25:00", "8", "8:5", "8.5", "08:60", "", "x", "-1:00"])
def test_a_wrong_time_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="expected a time"):
        parse_clock(wrong)


@pytest.mark.parametrize(
    ("text", "inside", "outside"), [("22:00-07:00", "23:30 22:00 03:00", "07:00 12:00"), ("12:00–13:00", "12:59", "13:00 11:59")]
)
def test_quiet_hours_cover_the_night_and_not_their_end(text: str, inside: str, outside: str) -> None:
    hours = parse_quiet_hours(text)
    assert hours is not None
    assert all(hours.covers(parse_clock(one)) for one in inside.split())
    assert not any(hours.covers(parse_clock(one)) for one in outside.split())


def test_quiet_hours_that_never_end_are_refused() -> None:
    assert parse_quiet_hours("") is None
    with pytest.raises(ValueError, match="two different times"):
        parse_quiet_hours("07:00-07:00")


def test_a_time_that_the_clock_skips_is_due_at_the_jump() -> None:
    due = first_instant_at(date(2026, 3, 8), time(2, 30), "America/New_York")
    assert due == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)
    assert local(due, "America/New_York").time() == time(3)


def test_a_time_that_comes_twice_is_due_the_first_time() -> None:
    due = first_instant_at(date(2026, 11, 1), time(1, 30), "America/New_York")
    assert due == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_midnight_that_does_not_exist() -> None:
    due = first_instant_at(date(2025, 3, 9), time(0), "America/Havana")
    assert local(due, "America/Havana") == datetime(2025, 3, 9, 1, tzinfo=zone("America/Havana"))


def test_apia_had_no_30_december_2011() -> None:
    assert not date_exists(date(2011, 12, 30), "Pacific/Apia")
    assert date_exists(date(2011, 12, 29), "Pacific/Apia")
    assert digest_date(datetime(2011, 12, 30, 12, tzinfo=UTC), time(8), "Pacific/Apia")[0] == date(2011, 12, 29)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    st.sampled_from(ZONES),
)
def test_what_is_due_is_due_now_and_was_not_a_second_before(naive: datetime, at: time, tz: str) -> None:
    now = naive.replace(tzinfo=UTC)
    on, due = digest_date(now, at, tz)
    assert due <= now
    assert local(due, tz).replace(tzinfo=None) >= datetime.combine(on, at)
    before = local(due - timedelta(seconds=1), tz).replace(tzinfo=None)
    assert before < datetime.combine(on, at)


def dates_of(tz: str, at: time, start: datetime, end: datetime, tick: timedelta) -> list[date]:
    """What a clock that looks every `tick` sees as due, each date when it is first seen."""
    seen: list[date] = []
    now = start
    while now < end:
        on, _ = digest_date(now, at, tz)
        if on not in seen[-3:]:
            seen.append(on)
        now += tick
    return seen


def all_dates(tz: str, start: date, end: date) -> list[date]:
    return [day for n in range((end - start).days + 1) if date_exists(day := start + timedelta(days=n), tz)]


@pytest.mark.parametrize("at", [time(0), time(2, 30), time(8), time(23, 45)], ids=str)
@pytest.mark.parametrize("tz", TRICKY)
def test_every_local_date_of_half_a_year_comes_once_and_in_order(tz: str, at: time) -> None:
    start = datetime(2011, 9, 1, 3, tzinfo=UTC) if tz == "Pacific/Apia" else datetime(2025, 2, 1, 3, tzinfo=UTC)
    seen = dates_of(tz, at, start, start + timedelta(days=183), timedelta(hours=2))
    assert seen == all_dates(tz, seen[0], seen[-1])


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_every_local_date_of_two_years_comes_once_in_every_zone() -> None:
    for tz in ZONES:
        for at in (time(0), time(2, 30), time(8), time(23, 45)):
            for year in (2011, 2025):
                start = datetime(year, 1, 1, tzinfo=UTC)
                seen = dates_of(tz, at, start, start + timedelta(days=731), timedelta(hours=2))
                assert seen == all_dates(tz, seen[0], seen[-1]), (tz, at)
