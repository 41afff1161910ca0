"""Defines what a wall clock that was set back does to stored times: what was to happen later comes nearer by as much.

The running bot notices the change itself (`bot.clock.ClockWatch`) and calls `shift_due_times`. One that was started after it finds rows
that
were written later than now, by `time_ahead`. A row that is written by an older clock even after that is not waited for: `due_feeds`,
`deliveries.due` and `bot.polling.websub.plan` take it as due. Times that people chose (snoozed rules, invitations) stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.clock import NOTICED
from bot.store.deliveries import FAR_FUTURE
from bot.store.store import from_iso, iso

if TYPE_CHECKING:
    from bot.store.store import Store

_PLANNED = {
    "feeds": ("next_poll_at", "paced_until"),
    "subscriptions": ("next_at", "until"),
    "deliveries": ("due_at",),
}
"""Columns that say when the program does something, by table."""

_WRITTEN = {"feeds": "last_poll_at", "subscriptions": "asked_at", "deliveries": "claimed_at"}
"""Columns that say when the program did something, by table."""


def time_ahead(store: Store, now: datetime) -> timedelta:
    """How far the latest thing that the program did lies ahead of `now`; zero when it does not."""
    latest = [store.conn.execute(f"SELECT max({column}) FROM {table}").fetchone()[0] for table, column in _WRITTEN.items()]  # noqa: S608
    return max([timedelta(), *(from_iso(moment) - now for moment in latest if moment)])


def shift_due_times(store: Store, by: timedelta, now: datetime) -> None:
    """Everything planned for later than `now` happens earlier by `by`. Call it in a transaction."""
    moment = iso(now)
    for table, columns in _PLANNED.items():
        for column in columns:
            store.conn.execute(
                f"UPDATE {table} SET {column} = strftime('%Y-%m-%dT%H:%M:%SZ', {column}, ?) WHERE {column} > ? AND {column} != ?",  # noqa: S608
                (f"{-by.total_seconds():.0f} seconds", moment, FAR_FUTURE),
            )
    # A pause that came nearer is as long as it was: nothing makes the row due at once.
    store.conn.execute("UPDATE deliveries SET claimed_at = ? WHERE claimed_at > ?", (moment, moment))


def shift_due_times_at_start(store: Store, now: datetime) -> timedelta:
    """What a start does about a clock that was set back before it; gives by how much, at least, or zero. Call it in a transaction."""
    by = time_ahead(store, now)
    if by < NOTICED:
        return timedelta()
    shift_due_times(store, by, now)
    return by
