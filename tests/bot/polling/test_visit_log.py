"""The log of visits: every trouble is named, and a missing network is one trouble."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.polling.visit_log import ISOLATED_FAILURES, NETWORK_DOWN_MIN_FEEDS, ReportLog, VisitReport
from seeds.feeds import Feed

ANSWERED = VisitReport(Feed(url="https://good.example/"), "unchanged")


def lost(number: int) -> VisitReport:
    error = f"dns: the name lost{number}.example is not known"
    return VisitReport(Feed(url=f"https://lost{number}.example/"), "failed", error=error, error_kind="dns")


def said(reports: list[VisitReport]) -> list[str]:
    log = ReportLog()
    with capture_logs() as lines:
        for report in reports:
            log(report)
    return [str(line.get("url") or line["event"]) for line in lines if line["log_level"] in {"info", "warning", "error"}]


def test_without_a_network_a_few_feeds_and_one_line_are_said_however_often_all_are_tried() -> None:
    lines = said([lost(number) for _ in range(3) for number in range(80)])
    assert lines[:NETWORK_DOWN_MIN_FEEDS] == [f"https://lost{number}.example/" for number in range(NETWORK_DOWN_MIN_FEEDS)]
    assert len(lines) == NETWORK_DOWN_MIN_FEEDS + 1
    assert "is the network down?" in lines[-1]


@pytest.mark.parametrize("dead", [1, NETWORK_DOWN_MIN_FEEDS, NETWORK_DOWN_MIN_FEEDS + ISOLATED_FAILURES])
def test_dead_feeds_that_fail_before_any_other_answers_are_each_named_once(dead: int) -> None:
    lines = said([*(lost(number) for number in range(dead)), ANSWERED, ANSWERED])
    assert sorted(line for line in lines if line.startswith("https:")) == sorted(lost(number).feed.url for number in range(dead))


def test_a_network_that_is_back_is_said_in_one_line() -> None:
    lines = said([*(lost(number) for number in range(80)), ANSWERED, ANSWERED, lost(3)])
    assert len(lines) == NETWORK_DOWN_MIN_FEEDS + 3
    assert "reached again" in lines[-2]
    assert lines[-1] == lost(3).feed.url


def test_other_failures_are_always_named() -> None:
    error = "timeout: no whole answer within 20 s"
    failed = [VisitReport(lost(number).feed, "failed", error=error, error_kind="timeout") for number in range(50)]
    assert len(said(failed)) == len(failed)
    assert said([VisitReport(lost(1).feed, "unexpected", error="trouble")]) == [lost(1).feed.url]
