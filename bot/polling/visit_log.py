"""Defines VisitReport, the outcome of one visit, and ReportLog, which logs it.

Failed visits are always logged, visits with new items at level info, the others at debug. If no feed at all can be reached, one line says
so instead of one line for each feed.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import structlog

from seeds.feeds import Feed

NO_NETWORK = frozenset({"dns", "refused"})
"""Kinds of failure (`watchers.models.polling.ErrorKind`) that a missing network causes."""
NETWORK_DOWN_MIN_FEEDS = 5
"""If this number of feeds in a row fails, assume that our own network is down."""
ISOLATED_FAILURES = 20
"""If at most this number of further feeds failed until another answers, assume that those feeds failed, not the network."""

log = structlog.get_logger("bot.polling.poller")


class VisitReport(msgspec.Struct, frozen=True):
    """The outcome of one visit."""

    feed: Feed
    outcome: Literal["items", "unchanged", "failed", "unexpected"]
    new: int = 0
    hits: tuple[int, ...] = ()
    error: str = ""
    """"kind: problem" if the visit failed, else ""."""
    error_kind: str = ""
    """The `watchers.models.polling.ErrorKind` if the visit failed, else ""."""


class ReportLog:
    """Logs every visit of one process."""

    def __init__(self) -> None:
        self._unreachable: dict[str, VisitReport] = {}
        """The latest report of each feed that could not be reached since any feed last answered."""

    def __call__(self, report: VisitReport) -> None:
        """Logs one visit."""
        if report.outcome == "unexpected":
            log.error("feed set aside for an hour", feed=report.feed.title, url=report.feed.url, error=report.error)
            return
        if report.outcome == "failed" and report.error_kind in NO_NETWORK:
            self._add_unreachable(report)
            return
        self._log_reachable()
        if report.outcome == "failed":
            _log_failure(report)
        else:
            log_visit = log.info if report.new else log.debug
            log_visit("feed visited", feed=report.feed.title, outcome=report.outcome, new=report.new, hits=len(report.hits))

    def _add_unreachable(self, report: VisitReport) -> None:
        count_before = len(self._unreachable)
        self._unreachable[report.feed.url] = report
        if count_before < NETWORK_DOWN_MIN_FEEDS:
            _log_failure(report)
        if count_before < len(self._unreachable) == NETWORK_DOWN_MIN_FEEDS:
            log.warning(
                "no feed can be reached: is the network down? All feeds are tried again",
                feeds=NETWORK_DOWN_MIN_FEEDS,
            )

    def _log_reachable(self) -> None:
        """A feed has answered, so the network works."""
        unlogged = list(self._unreachable.values())[NETWORK_DOWN_MIN_FEEDS:]
        if len(unlogged) > ISOLATED_FAILURES:
            log.info("feeds can be reached again; `seedwatch feeds` shows the state of each", out_of_reach=len(self._unreachable))
        else:
            for report in unlogged:  # these feeds failed, not the network
                _log_failure(report)
        self._unreachable.clear()


def _log_failure(report: VisitReport) -> None:
    log.warning("feed not reached", feed=report.feed.title, url=report.feed.url, error=report.error)
