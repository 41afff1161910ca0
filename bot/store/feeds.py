"""Defines the table `feeds`: what is remembered of each feed between polls, and which feeds are due.

Which feeds there are is said by the seeds and the configuration; `sync_feeds` mirrors it here, and what is known of a feed that was
taken out stays, so that putting it back repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

import msgspec

from bot.store.store import Store, StoreError, from_iso, iso
from seeds.feeds import Feed
from watchers.models.polling import FeedState
from watchers.models.problem import Problem

_TIMES = ("next_poll_at", "last_ok_at", "last_new_at", "paced_until", "parked_at", "redirect_since")
_PLAIN = ("etag", "last_modified", "body_hash", "polls", "failures", "last_error", "interval", "redirect_to", "hub")
_COLUMNS = (*_PLAIN, *_TIMES, "problem")
"""Fields of FeedState with a column of their own; the others stand in the JSON of `state`."""

_REST = [(field.name, field.type, field.default) for field in msgspec.structs.fields(FeedState) if field.name not in _COLUMNS]
_Rest: Any = msgspec.defstruct("_Rest", _REST, omit_defaults=True)
_plain, _times_of, _rest_of = attrgetter(*_PLAIN), attrgetter(*_TIMES), attrgetter(*[name for name, _, _ in _REST])
_read_rest = msgspec.json.Decoder(dict[str, Any]).decode
_write_rest = msgspec.json.Encoder().encode
_decode_problem = msgspec.json.Decoder(Problem).decode
_SELECT = f"SELECT id, url, state, {', '.join(_COLUMNS)} FROM feeds"  # noqa: S608  (column names of ours)
_UPDATE = (
    f"UPDATE feeds SET {', '.join(f'{column} = ?' for column in _COLUMNS)}, state = ?, last_poll_at = ?, "  # noqa: S608
    "last_parsed_at = coalesce(?, last_parsed_at), error_kind = ? WHERE id = ?"
)


_PORTIONS = (64, 16, 4, 1)
"""States written in one statement: a hundred statements would each wait for the interpreter, and an alert behind them for all."""


class FeedRow(msgspec.Struct, frozen=True):
    """A row of `feeds`."""

    id: int
    url: str
    state: FeedState
    pushed: bool = False
    """Whether a WebSub hub pushes its items at present; set for feeds that are due."""


def sync_feeds(store: Store, feeds: Iterable[Feed], now: datetime) -> None:
    """Makes these feeds the active ones. A new feed is due at once; known feeds keep their state."""
    with store.atomic():
        wanted = {feed.url: feed for feed in feeds}
        have = {row[0]: row[1:] for row in store.conn.execute("SELECT url, name, kind, lang, timezone, active FROM feeds")}
        for url, feed in wanted.items():
            values = (feed.title, feed.kind, feed.lang, feed.timezone, 1)
            if url not in have:
                store.conn.execute(
                    "INSERT INTO feeds (url, name, kind, lang, timezone, next_poll_at) VALUES (?, ?, ?, ?, ?, ?)",
                    (url, *values[:4], iso(now)),
                )
            elif tuple(have[url]) != values:
                store.conn.execute("UPDATE feeds SET name = ?, kind = ?, lang = ?, timezone = ?, active = ? WHERE url = ?", (*values, url))
        gone = [(url,) for url, row in have.items() if url not in wanted and row[-1]]
        store.conn.executemany("UPDATE feeds SET active = 0 WHERE url = ?", gone)


def due_feeds(store: Store, now: datetime, *, every: bool = False) -> list[FeedRow]:
    """The active feeds whose time has come, the longest waiting first; with `every`, all active ones but those that asked for patience
    (Retry-After).

    What a clock wrote that was ahead of `now` is not believed: a feed that was polled later than now, or never, is due, and a hub that
    confirmed later than now has promised nothing.
    """
    patient = "(paced_until IS NULL OR paced_until <= :now)"
    due = f"(next_poll_at IS NULL OR next_poll_at <= :now OR ((last_poll_at IS NULL OR last_poll_at > :now) AND {patient}))"
    moment = {"now": iso(now)}
    rows = store.conn.execute(f"{_SELECT} WHERE active = 1 AND {patient if every else due} ORDER BY next_poll_at, id", moment).fetchall()
    promised = "SELECT feed FROM subscriptions WHERE state = 'active' AND until > :now AND coalesce(confirmed_at, '') <= :now"
    pushed = {row[0] for row in store.conn.execute(promised, moment)}
    return [_known(row, pushed=row["id"] in pushed) for row in rows]


def read_feed(store: Store, url: str) -> FeedRow | None:
    """Returns the feed with this address, or None."""
    row = store.conn.execute(f"{_SELECT} WHERE url = ?", (url,)).fetchone()
    return None if row is None else _known(row)


def save_news(store: Store, feed: int, state: FeedState) -> None:
    """Writes only the fields of `state` that a hub's push changes; a poll at the same time keeps its own."""
    row = store.conn.execute(f"{_SELECT} WHERE id = ?", (feed,)).fetchone()
    now = msgspec.structs.replace(_known(row).state, lags=state.lags, gaps=state.gaps)
    last_new_at = state.last_new_at and iso(state.last_new_at)
    store.conn.execute("UPDATE feeds SET last_new_at = ?, state = ? WHERE id = ?", (last_new_at, _rest(now), feed))


def known_feeds(store: Store, *, active: bool = True) -> list[FeedRow]:
    """Returns all active rows, by address; with `active` False also those of removed feeds."""
    return [_known(row) for row in store.conn.execute(f"{_SELECT} {'WHERE active = 1' if active else ''} ORDER BY url")]


def never_looked_at(path: Path | str, feeds: Iterable[Feed]) -> int:
    """Returns how many of `feeds` were never polled successfully, according to the database at `path`, which is not changed; all if there
    is none yet."""
    urls = {feed.url for feed in feeds}
    if not Path(path).is_file():
        return len(urls)
    try:
        store = Store.open(path, readonly=True)
    except StoreError:  # whoever opens it to write says what is wrong with it
        return 0
    try:
        return len(urls.difference(row[0] for row in store.conn.execute("SELECT url FROM feeds WHERE polls > 0")))
    finally:
        store.close()


def save_state(store: Store, feed: int, state: FeedState, *, now: datetime) -> None:
    """Writes the state after a visit with items."""
    store.conn.execute(_UPDATE, _row(feed, state, None, now, parsed=True))


class FeedStateUpdate(msgspec.Struct, frozen=True):
    """The state after a visit without items."""

    feed: int
    before: FeedState
    after: FeedState
    error_kind: str | None
    at: datetime


def save_states(store: Store, visits: Iterable[FeedStateUpdate]) -> None:
    """Writes the states after visits without items."""
    steady: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    for visit in visits:
        if _is_steady(visit):
            after, moment = visit.after, iso(visit.at)
            steady.append((after.polls, after.interval, *[each and iso(each) for each in _steady_times(after)], moment, visit.feed))
        else:
            changed.append(_row(visit.feed, visit.after, visit.error_kind, visit.at, parsed=False))
    for rows, statement in ((steady, _update_steady), (changed, _update_many)):
        at = 0
        for portion in _PORTIONS:
            while len(rows) - at >= portion:
                store.conn.execute(statement(portion), list(chain.from_iterable(rows[at : at + portion])))
                at += portion


def _is_steady(update: FeedStateUpdate) -> bool:
    """Whether only the fields changed that every poll changes, as in most visits: fewer columns are written then."""
    after = update.after
    same = msgspec.structs.replace(
        update.before, polls=after.polls, interval=after.interval, next_poll_at=after.next_poll_at, last_ok_at=after.last_ok_at
    )
    return update.error_kind is None and same == after


_STEADY_TIMES = ("next_poll_at", "last_ok_at")
_steady_times = attrgetter(*_STEADY_TIMES)


@lru_cache(maxsize=len(_PORTIONS))
def _update_steady(rows: int) -> str:
    columns = ("polls", "interval", *_STEADY_TIMES, "last_poll_at")
    given = ", ".join(f"{column} = given.column{place}" for place, column in enumerate(columns, start=1))
    return f"UPDATE feeds SET {given} {_given(rows, len(columns) + 1)}"  # noqa: S608  (column names of ours)


@lru_cache(maxsize=len(_PORTIONS))
def _update_many(rows: int) -> str:
    columns = [f"{column} = given.column{place}" for place, column in enumerate((*_COLUMNS, "state", "last_poll_at"), start=1)]
    rest = len(columns) + 1
    return (
        f"UPDATE feeds SET {', '.join(columns)}, last_parsed_at = coalesce(given.column{rest}, last_parsed_at), "  # noqa: S608
        f"error_kind = given.column{rest + 1} {_given(rows, rest + 2)}"
    )


def _given(rows: int, width: int) -> str:
    """So many rows of values, the last of each the feed's id."""
    values = f"({','.join('?' * width)})"
    return f"FROM (VALUES {','.join([values] * rows)}) AS given WHERE feeds.id = given.column{width}"


def _row(feed: int, state: FeedState, error_kind: str | None, now: datetime, *, parsed: bool) -> tuple[Any, ...]:
    moment = iso(now)
    return (*_plain(state), *_times(state), _problem(state), _rest(state), moment, moment if parsed else None, error_kind, feed)


def set_aside(store: Store, feed: int, until: datetime, error: str, now: datetime) -> None:
    """Suspends polls until `until` after an unexpected exception."""
    store.conn.execute(
        "UPDATE feeds SET next_poll_at = ?, last_poll_at = ?, failures = failures + 1, last_error = ?, problem = NULL, "
        "error_kind = 'unexpected' WHERE id = ?",
        (iso(until), iso(now), error, feed),
    )


def _times(state: FeedState) -> list[str | None]:
    return [moment and iso(moment) for moment in _times_of(state)]


def read_problem(text: str | None) -> Problem | None:
    """The problem in a row's column `problem`; None where an older version wrote the row, or the last poll succeeded."""
    return _decode_problem(text) if text else None


def _problem(state: FeedState) -> str | None:
    return _write_rest(state.problem).decode() if state.problem else None


def _rest(state: FeedState) -> str:
    return _write_rest(_Rest(*_rest_of(state))).decode()


def _known(row: Sequence[Any], *, pushed: bool = False) -> FeedRow:
    number, url, rest, *columns = row
    values = _read_rest(rest)
    for name, value in zip(_COLUMNS, columns, strict=True):
        if value is not None:  # rows of earlier versions may lack what has a default
            values[name] = read_problem(value) if name == "problem" else value
    return FeedRow(number, url, msgspec.convert(values, FeedState), pushed)


@dataclass(frozen=True, slots=True)
class FeedSummary:
    """How an active feed does: its failures in a row, its last error, and when it last answered well."""

    name: str
    url: str
    failures: int
    last_error: str | None
    """The last error in English."""
    problem: Problem | None
    """The same error as a value; None in rows of older versions."""
    last_ok_at: datetime | None


def summarize_feeds(store: Store) -> list[FeedSummary]:
    """The active feeds, those that failed most often first."""
    sql = "SELECT name, url, failures, last_error, problem, last_ok_at FROM feeds WHERE active = 1 ORDER BY failures DESC"
    return [
        FeedSummary(
            name=row["name"],
            url=row["url"],
            failures=row["failures"],
            last_error=row["last_error"],
            problem=read_problem(row["problem"]),
            last_ok_at=from_iso(row["last_ok_at"]) if row["last_ok_at"] else None,
        )
        for row in store.conn.execute(sql)
    ]


def feed_names(store: Store) -> dict[str, str]:
    """The name of every feed, also of those that were taken out, by address."""
    return {row["url"]: row["name"] for row in store.conn.execute("SELECT url, name FROM feeds")}
