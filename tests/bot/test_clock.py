"""The clock watch: it tells a clock that was set from time that passed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clock import ClockWatch
from tests.support.clock import FakeClock


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=-2), timedelta(hours=1), timedelta(days=2)])
def test_a_clock_that_is_set_is_noticed_once(by: timedelta) -> None:
    clock = FakeClock()
    watch = ClockWatch(clock)
    clock.advance(1.0)
    clock.set(clock.now() + by)
    assert watch.moved() == by
    clock.advance(1.0)
    assert watch.moved() == timedelta()


def test_time_that_passes_and_a_clock_that_is_pushed_gently_are_no_jump() -> None:
    clock = FakeClock()
    watch = ClockWatch(clock)
    for _ in range(1000):
        clock.advance(2.0)
        clock.set(clock.now() - timedelta(milliseconds=1))
        assert watch.moved() == timedelta()
