"""Defines VisitReport, what became of one visit, and ReportLog, which says it in the log.

What failed is said always, what brought items as a rule, the rest on demand. Where nothing at all can be reached, one line says so instead
of one for each feed: a machine without a network has one trouble, not eighty.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import structlog

from seeds.feeds import Feed

NO_NETWORK = frozenset({"dns", "refused"})
"""Kinds of failure (`watchers.models.polling.ErrorKind`) that a missing network gives."""
NETWORK_DOWN_MIN_FEEDS = 5
"""So many feeds of which none answers may well be the network's trouble."""
ISOLATED_FAILURES = 20
"""And so many more may still be their own."""

log = structlog.get_logger("bot.polling.poller")


class VisitReport(msgspec.Struct, frozen=True):
    """What became of one visit."""

    feed: Feed
    outcome: Literal["items", "unchanged", "failed", "unexpected"]
    new: int = 0
    hits: tuple[int, ...] = ()
    error: str = ""
    """Of a visit that failed "kind: what was wrong", else ""."""


class ReportLog:
    """Hears of every visit of one process."""

    def __init__(self) -> None:
        self._unreached: dict[str, VisitReport] = {}
        """Feeds out of reach since the last answer of any, the latest report of each."""

    def __call__(self, report: VisitReport) -> None:
        """Says one visit."""
        if report.outcome == "unexpected":
            log.error("feed set aside for an hour", feed=report.feed.title, url=report.feed.url, error=report.error)
            return
        if report.outcome == "failed" and report.error.partition(":")[0] in NO_NETWORK:
            self._out_of_reach(report)
            return
        self._reached()
        if report.outcome == "failed":
            _say_failed(report)
        else:
            say = log.info if report.new else log.debug
            say("feed visited", feed=report.feed.title, outcome=report.outcome, new=report.new, hits=len(report.hits))

    def _out_of_reach(self, report: VisitReport) -> None:
        before = len(self._unreached)
        self._unreached[report.feed.url] = report
        if before < NETWORK_DOWN_MIN_FEEDS:
            _say_failed(report)
        if before < len(self._unreached) == NETWORK_DOWN_MIN_FEEDS:
            log.warning(
                "one feed after the other cannot be reached: is there a network? Each is tried again by itself",
                feeds=NETWORK_DOWN_MIN_FEEDS,
            )

    def _reached(self) -> None:
        """Some feed answered: there is a network."""
        kept_back = list(self._unreached.values())[NETWORK_DOWN_MIN_FEEDS:]
        if len(kept_back) > ISOLATED_FAILURES:
            log.info("feeds can be reached again; `seedwatch feeds` says how each is", out_of_reach=len(self._unreached))
        else:
            for report in kept_back:  # it was theirs, not the network's
                _say_failed(report)
        self._unreached.clear()


def _say_failed(report: VisitReport) -> None:
    log.warning("feed not reached", feed=report.feed.title, url=report.feed.url, error=report.error)
