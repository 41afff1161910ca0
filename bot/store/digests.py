"""Defines the table `digests`: which local dates a chat had its digest for and up to which hit it reached; and what a digest stands for.

A row without parts says when the chat's digests began, or that a digest had nothing to tell.

A period is a range of hit ids: ids only grow, clocks do not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.message import Message
from bot.store.deliveries import FAR_FUTURE
from bot.store.items import ITEM_TIME
from bot.store.store import iso

if TYPE_CHECKING:
    from bot.store import Store

STALE = timedelta(days=3)
"""An item published so long before it was found is no news of a period: the old part of a new feed's list. A clock that is two days ahead
makes no news as old as this."""

FLOOD = timedelta(minutes=10)
"""An alert that must wait longer than this waits for a flood limit; a line that is down is tried more often."""

LATELY = timedelta(days=7)
"""A message that was given up longer ago is not named any more: the chat was away, or an older version did not name it."""

_UNTOLD = f"""(in_digest IS NULL OR EXISTS (SELECT 1 FROM deliveries AS told WHERE told.chat = deliveries.chat
    AND told.key = deliveries.in_digest AND (told.state = 'refused' OR (told.state = 'uncertain' AND told.due_at = '{FAR_FUTURE}'))))"""  # noqa: S608
"""No digest has told of the row, or the one that did was given up itself: then the next one tells it again."""

_NEWS = f"""(hits.origin IN ('digest', 'first') OR (hits.origin = 'poll' AND (items.published_at IS NULL
    OR julianday(items.published_at) >= julianday(hits.created_at) - {STALE / timedelta(days=1)})))"""
"""The hit's item was news when it was found, or was meant to be told."""


@dataclass(frozen=True, slots=True)
class HitRange:
    """What a digest is about: hits with ids above `after` up to `up_to` whose items were news when they were found."""

    after: int
    up_to: int
    late: tuple[datetime, datetime] | None = None
    """And hits that were never news, as those of archives, whose items were published from here up to there."""


@dataclass(frozen=True, slots=True)
class HeldDelivery:
    """A delivery that waits for a digest."""

    id: int
    story: int | None
    held: str


@dataclass(frozen=True, slots=True)
class UnarrivedDelivery:
    """A delivery that may not have arrived, or that was given up."""

    id: int
    line: str
    """The first line of its text."""
    attempts: int
    """How often it was sent without an answer, or tried."""


@dataclass(frozen=True, slots=True)
class PreviousDigest:
    """What the chat's earlier digests contained of a story."""

    items: frozenset[int]
    rules: frozenset[str]
    """Rules that these items hit."""


@dataclass(frozen=True, slots=True)
class DigestRows:
    """The rows of which a chat's digest is made."""

    stories: tuple[int, ...]
    """Ids of the stories with a hit in the range."""
    previous: Mapping[int, PreviousDigest]
    """By story id, what earlier digests contained of it."""
    held: tuple[HeldDelivery, ...]
    unconfirmed: tuple[UnarrivedDelivery, ...]
    undelivered: tuple[UnarrivedDelivery, ...]


def read_rows(store: Store, chat: str, period: HitRange, now: datetime) -> DigestRows:
    """Reads the rows for the chat's digest about a range of hits."""
    stories = stories_of(store, period)
    return DigestRows(
        stories=tuple(stories),
        previous=previously_digested(store, chat, stories, period),
        held=tuple(held_back(store, chat, now)),
        unconfirmed=tuple(unconfirmed(store, chat)),
        undelivered=tuple(undelivered(store, chat, now)),
    )


def begun(store: Store, chat: str, now: datetime) -> bool:
    """True when the chat's digests have begun. What a clock wrote that was ahead of `now` does not count."""
    row = store.conn.execute("SELECT 1 FROM digests WHERE chat = ? AND created_at <= ? LIMIT 1", [chat, iso(now)]).fetchone()
    return row is not None


def digest_exists(store: Store, chat: str, on: date) -> bool:
    """True when the chat got a digest of that local date."""
    return bool(store.conn.execute("SELECT 1 FROM digests WHERE chat = ? AND date = ? AND parts > 0", [chat, on.isoformat()]).fetchone())


def is_missing(store: Store, chat: str, on: date, due_at: datetime, now: datetime) -> bool:
    """Whether the digest of `on`, due at `due_at`, is still to be made: the chat got none of that date, and since it was due its digests
    neither began nor went on (one that had nothing to tell is made again only when its time was moved to a later one)."""
    since = "SELECT 1 FROM digests WHERE chat = ? AND created_at >= ? AND created_at <= ? LIMIT 1"
    return not digest_exists(store, chat, on) and store.conn.execute(since, [chat, iso(due_at), iso(now)]).fetchone() is None


def begin(store: Store, chat: str, on: date, now: datetime) -> None:
    """A chat's digests begin: the one that was due last, of `on`, is not made, and the first one tells the last day and what comes."""
    row = store.conn.execute("SELECT coalesce(max(id), 0) FROM hits WHERE created_at < ?", [iso(now - timedelta(days=1))]).fetchone()
    store.conn.execute(
        "INSERT INTO digests (chat, date, up_to, created_at, parts) VALUES (?, ?, ?, ?, 0) "
        "ON CONFLICT DO UPDATE SET created_at = excluded.created_at",
        [chat, (on - timedelta(days=1)).isoformat(), row[0], iso(now)],
    )


def record(store: Store, chat: str, on: date, *, up_to: int, parts: int, now: datetime) -> bool:
    """Writes that the chat had its digest of `on`, or that there was nothing to tell (no parts). False when it got one before."""
    return (
        store.conn.execute(
            "INSERT INTO digests (chat, date, up_to, created_at, parts) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "up_to = max(up_to, excluded.up_to), created_at = excluded.created_at, parts = excluded.parts WHERE parts = 0",
            [chat, on.isoformat(), up_to, iso(now), parts],
        ).rowcount
        > 0
    )


def next_period(store: Store, chat: str) -> HitRange:
    """From where the chat's digests have reached to the newest hit."""
    after = store.conn.execute("SELECT coalesce(max(up_to), 0) FROM digests WHERE chat = ?", [chat]).fetchone()[0]
    return HitRange(after, max(after, _newest(store)))


def period_had(store: Store, chat: str, on: date) -> HitRange | None:
    """What the digest of that date covered, or None when there was none."""
    row = store.conn.execute("SELECT up_to FROM digests WHERE chat = ? AND date = ? AND parts > 0", [chat, on.isoformat()]).fetchone()
    if row is None:
        return None
    before = store.conn.execute(
        "SELECT coalesce(max(up_to), 0) FROM digests WHERE chat = ? AND date < ?", [chat, on.isoformat()]
    ).fetchone()
    return HitRange(min(before[0], row[0]), row[0])


def period_between(store: Store, since: datetime, until: datetime) -> HitRange:
    """The hits found after `since` up to `until`."""
    after = store.conn.execute("SELECT coalesce(max(id), 0) FROM hits WHERE created_at <= ?", [iso(since)]).fetchone()[0]
    up_to = store.conn.execute("SELECT coalesce(max(id), 0) FROM hits WHERE created_at <= ?", [iso(until)]).fetchone()[0]
    return HitRange(after, max(after, up_to))


def _newest(store: Store) -> int:
    return int(store.conn.execute("SELECT coalesce(max(id), 0) FROM hits").fetchone()[0])


def stories_of(store: Store, period: HitRange) -> list[int]:
    """Stories with a hit in the period. Backfilled hits count as news only when they were meant for a digest."""
    rows = store.conn.execute(
        f"SELECT DISTINCT hits.story FROM hits JOIN items ON items.id = hits.item WHERE hits.id > ? AND hits.id <= ? "  # noqa: S608
        f"AND hits.story IS NOT NULL AND {_NEWS}",
        [period.after, period.up_to],
    )
    stories = {row["story"] for row in rows}
    if period.late:
        rows = store.conn.execute(
            f"SELECT DISTINCT hits.story FROM items JOIN hits ON items.id = hits.item WHERE {ITEM_TIME} >= ? AND {ITEM_TIME} < ? "  # noqa: S608
            f"AND hits.story IS NOT NULL AND (items.archived OR NOT {_NEWS})",
            [iso(moment) for moment in period.late],
        )
        stories |= {row["story"] for row in rows}
    return sorted(stories)


def previously_digested(store: Store, chat: str, stories: Sequence[int], period: HitRange) -> dict[int, PreviousDigest]:
    """Of these stories the ones that a digest of the chat told before the period. One that was refused for good told nothing."""
    ranges = _told_ranges(store, chat)
    rows = store.conn.execute(
        f"SELECT hits.id, hits.story, hits.item, hits.rule FROM hits JOIN items ON items.id = hits.item "  # noqa: S608  (constants)
        f"WHERE hits.story IN (SELECT value FROM json_each(?)) AND hits.id <= ? AND {_NEWS}",
        [json.dumps(list(stories)), period.after],
    )
    found: dict[int, PreviousDigest] = {}
    for row in rows:
        if any(after < row["id"] <= up_to for after, up_to in ranges):
            known = found.get(row["story"], PreviousDigest(frozenset(), frozenset()))
            found[row["story"]] = PreviousDigest(known.items | {row["item"]}, known.rules | {row["rule"]})
    return found


def _told_ranges(store: Store, chat: str) -> list[tuple[int, int]]:
    rows = store.conn.execute(
        "SELECT up_to, lag(up_to, 1, 0) OVER (ORDER BY up_to, date) AS after, parts > 0 AND NOT EXISTS (SELECT 1 FROM deliveries "
        "WHERE deliveries.chat = digests.chat AND kind = 'digest' AND key LIKE 'digest:' || date || ':%' AND state = 'refused') AS told "
        "FROM digests WHERE chat = ?",
        [chat],
    )
    return [(row["after"], row["up_to"]) for row in rows if row["told"]]


def held_back(store: Store, chat: str, now: datetime) -> list[HeldDelivery]:
    """What waits for this chat's digest: held rows, and alerts that a flood limit keeps from going out."""
    rows = store.conn.execute(
        f"SELECT id, story, held FROM deliveries WHERE chat = ? AND state = 'waiting' AND {_UNTOLD} "  # noqa: S608  (constants)
        "AND kind IN ('alert', 'news') AND (held IS NOT NULL OR (due_at > ? AND created_at <= ?))",
        [chat, iso(now + FLOOD), iso(now)],
    )
    return [HeldDelivery(row["id"], row["story"], row["held"] or "flood") for row in rows]


def unconfirmed(store: Store, chat: str) -> list[UnarrivedDelivery]:
    """Messages to the chat whose answers were lost, that are not sent again, and that no digest has named."""
    rows = store.conn.execute(
        f"SELECT id, body, lost FROM deliveries WHERE chat = ? AND state = 'uncertain' AND due_at = ? AND {_UNTOLD} "  # noqa: S608
        "AND kind IN ('alert', 'news', 'digest') ORDER BY id",
        [chat, FAR_FUTURE],
    )
    return [UnarrivedDelivery(row["id"], _first_line(row), row["lost"]) for row in rows]


def undelivered(store: Store, chat: str, now: datetime) -> list[UnarrivedDelivery]:
    """Messages to the chat that were tried lately and given up, and that no digest has named. Once is enough: a line that the service does
    not take would make every digest fail."""
    rows = store.conn.execute(
        "SELECT id, body, attempts FROM deliveries WHERE chat = ? AND state = 'refused' AND attempts > 0 AND in_digest IS NULL "
        "AND claimed_at > ? AND kind IN ('alert', 'news', 'digest') ORDER BY id",
        [chat, iso(now - LATELY)],
    )
    return [UnarrivedDelivery(row["id"], _first_line(row), row["attempts"]) for row in rows]


def _first_line(row: dict[str, Any]) -> str:
    try:
        return Message.from_json(row["body"]).plain.partition("\n")[0]
    except ValueError:
        return ""


def mark_covered(store: Store, key: str, rows: Sequence[int]) -> None:
    """The digest of that key tells what these deliveries would have told; they are not sent by themselves any more."""
    for row in rows:
        store.conn.execute(
            "UPDATE deliveries SET in_digest = ?, held = CASE WHEN state = 'waiting' THEN coalesce(held, 'flood') ELSE held END "
            "WHERE id = ? AND state IN ('waiting', 'uncertain', 'refused')",
            [key, row],
        )
