"""Defines the table `subscriptions`: what WebSub hubs were asked for, for which feed, and what they granted.

What a subscription becomes is decided by `watchers.state.websub`; here it is read and written. Each change reads the row in the transaction
that writes it, because a hub may verify while the request to it is still under way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.store.store import Store, from_iso, iso
from watchers.state.websub import Subscription

_COLUMNS = ("hub", "topic", "callback", "secret", "state", "tries", "error")
_TIMES = ("asked_at", "confirmed_at", "until", "next_at")


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A row: the subscription, under the token that ends its callback, of the feed with that id and address."""

    token: str
    feed: int
    url: str
    subscription: Subscription


@dataclass(frozen=True, slots=True)
class FeedWithHub:
    """An active feed that names a hub."""

    feed: int
    url: str
    hub: str
    topic: str


def read_kept(store: Store, token: str = "") -> list[SubscriptionRow]:
    """All subscriptions, or the one under `token`."""
    where = "WHERE token = ?" if token else ""
    select = "SELECT subscriptions.*, feeds.url AS url FROM subscriptions JOIN feeds ON feeds.id = subscriptions.feed"
    rows = store.conn.execute(f"{select} {where} ORDER BY asked_at", (token,) if token else ())
    return [_kept(row) for row in rows]


def _kept(row: sqlite3.Row) -> SubscriptionRow:
    times = {name: from_iso(row[name]) if row[name] else None for name in _TIMES}
    subscription = Subscription(**{name: row[name] for name in _COLUMNS}, **times)  # type: ignore[arg-type]
    return SubscriptionRow(row["token"], row["feed"], row["url"], subscription)


def feeds_with_hub(store: Store) -> list[FeedWithHub]:
    """The active feeds that name a hub, with the name they give themselves there (else the address that is asked)."""
    rows = store.conn.execute(
        "SELECT id, url, hub, coalesce(nullif(state ->> '$.topic', ''), nullif(state ->> '$.adopted', ''), url) AS topic FROM feeds "
        "WHERE active = 1 AND kind = 'feed' AND hub != '' AND url LIKE 'http%' ORDER BY id"
    )
    return [FeedWithHub(row["id"], row["url"], row["hub"], row["topic"]) for row in rows]


def add(store: Store, token: str, feed: int, subscription: Subscription) -> None:
    """A new one."""
    names = ("token", "feed", *_COLUMNS, *_TIMES)
    marks = ", ".join("?" * len(names))
    store.conn.execute(
        f"INSERT INTO subscriptions ({', '.join(names)}) VALUES ({marks})",  # noqa: S608
        (token, feed, *_values(subscription)),
    )


def change(store: Store, token: str, become: Callable[[Subscription], Subscription | None]) -> Subscription | None:
    """What stands under `token` becomes what `become` makes of it (None: it is forgotten); gives that. None too where nothing stands."""
    row = next(iter(read_kept(store, token)), None)
    if row is None:
        return None
    after = become(row.subscription)
    if after is None:
        forget(store, [token])
    elif after != row.subscription:
        names = (*_COLUMNS, *_TIMES)
        store.conn.execute(
            f"UPDATE subscriptions SET {', '.join(f'{name} = ?' for name in names)} WHERE token = ?",  # noqa: S608
            (*_values(after), token),
        )
    return after


def forget(store: Store, tokens: Sequence[str]) -> None:
    """These callbacks are unknown from now on."""
    store.conn.executemany("DELETE FROM subscriptions WHERE token = ?", [(token,) for token in tokens])


def forget_all(store: Store) -> None:
    """Without a public address no hub can bring anything: every feed is polled at its full pace."""
    store.conn.execute("DELETE FROM subscriptions")


def note_brought(store: Store, token: str, now: datetime) -> None:
    """The hub brought something that was signed as it must be."""
    store.conn.execute("UPDATE subscriptions SET brought_at = ?, brought = brought + 1 WHERE token = ?", (iso(now), token))


def subscribed(store: Store) -> dict[str, Subscription]:
    """What stands between each feed and the hub that it names now, by feed address."""
    return {
        subscription.url: subscription.subscription for subscription in read_kept(store) if subscription.subscription.state != "leaving"
    }


def _values(subscription: Subscription) -> tuple[object, ...]:
    times = (getattr(subscription, name) for name in _TIMES)
    return (*(getattr(subscription, name) for name in _COLUMNS), *(iso(time_) if time_ else None for time_ in times))
