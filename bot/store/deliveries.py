"""Defines the rows of `deliveries`: what is to be sent to whom, and what became of it. The outbox and the planners write them, nobody else.

    waiting ──claim──► sending ──► sent
       ▲                  │  ├───► refused        (for good)
       └── surely not ────┘  └───► uncertain ──claim──► sending …   (the answer was lost: sent again after REPEAT_AFTER, then no more)

A row whose `held` is set waits for the next digest, which then stands for it. `reply_to` is the key of the delivery (same chat) that this
one edits or answers; such a row is due only when that one is settled. Every change of state is conditional on the state before.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from bot.message import Message, Rows, keys_from_json, keys_to_json
from bot.store.store import from_iso, iso

if TYPE_CHECKING:
    from bot.store import Store

Kind = Literal["reply", "alert", "news", "edit", "notice", "digest"]
Held = Literal["quiet", "cap", "flood"]

REPEAT_AFTER = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""Pauses before a message whose answer was lost is sent again: late and rarely, because it may have arrived."""

STEP_ASIDE_AFTER = 4
"""Failures of the service over a message (within a minute) after which the chat's others go first."""

LONGEST_PAUSE = timedelta(hours=36)
"""No answer makes a message wait longer; floods of half a day and of a whole one have been met."""

FAR_FUTURE = "9999-12-31T23:59:59Z"
"""`due_at` of an uncertain row that is not sent again."""

MENU_LASTS = timedelta(hours=1)
"""A menu that was opened longer ago than this counts as closed."""

KEEP_SENT_FOR = timedelta(days=90)
"""How long settled rows are kept for the doctor, exports and users."""

_ORDER = "CASE d.kind WHEN 'reply' THEN 0 WHEN 'alert' THEN 1 WHEN 'news' THEN 1 WHEN 'edit' THEN 2 WHEN 'notice' THEN 2 ELSE 3 END"


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A message to be stored for sending."""

    chat: str
    kind: Kind
    key: str
    """What it is about; the database takes each (chat, key) once: "alert:17", "digest:2026-03-01:2"."""
    message: Message
    due_at: datetime
    story: int | None = None
    part: int = 1
    reply_to: str | None = None
    held: Held | None = None
    rule: str | None = None
    """The rule that an alert or edit names."""
    content_hash: str | None = None
    """Of an alert or edit: changes when its lines about the story do."""
    replace: bool = False
    """True: a row of the same key that was not sent yet takes this message (and `held`) instead. False: the row that is there stays."""


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """A row that may be sent now, without its message, which is read at the claim."""

    id: int
    chat: str
    kind: str
    key: str
    part: int
    steps_aside: bool = False
    """True when the service failed over it so often that the chat's other messages go first."""


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A row in state `sending`, which the claimer must settle."""

    id: int
    chat: str
    kind: str
    key: str
    story: int | None
    attempts: int
    """Number of claims, including this one."""
    lost: int
    """Number of earlier lost answers."""
    server_errors: int
    """Number of earlier failures of the service."""
    message: Message


def add(store: Store, new: NewDelivery, now: datetime) -> bool:
    """Writes the row unless its (chat, key) is there. True when something was written or replaced. Call it in a transaction."""
    sql = (
        "INSERT INTO deliveries "
        "(chat, kind, key, state, attempts, due_at, story, body, part, reply_to, held, rule, content_hash, created_at) "
        "VALUES (?, ?, ?, 'waiting', 0, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (chat, key) DO "
    )
    if new.replace:
        sql += "UPDATE SET body = excluded.body, held = excluded.held, story = excluded.story, "
        sql += "rule = excluded.rule, content_hash = excluded.content_hash "
        sql += "WHERE state IN ('waiting', 'uncertain') AND in_digest IS NULL"
    else:
        sql += "NOTHING"
    values = [
        new.chat, new.kind, new.key, iso(new.due_at), new.story, new.message.to_json(), new.part, new.reply_to, new.held, new.rule,
        new.content_hash, iso(now),
    ]  # fmt: skip
    return store.conn.execute(sql, values).rowcount > 0


def due(
    store: Store,
    now: datetime,
    *,
    kinds: Sequence[str],
    leave_out: Collection[int] = (),
    not_to: Collection[str] = (),
    and_these: Sequence[int] = (),
    limit: int = 5000,
) -> list[DueDelivery]:
    """Rows for chats of these kinds that may be sent at `now`: replies first, then alerts, edits and digests, each in the order written.

    A row written or tried by a clock that was ahead of `now` counts as due, and so does one due later than any pause lasts: a clock set
    back must not silence anybody. So do `and_these`, whose pause is over by a better clock, if they still wait.
    `leave_out` are rows, `not_to` chats that are passed over.
    """
    rows = store.conn.execute(
        f"""SELECT d.id, d.chat, d.kind, d.key, d.part, d.server_errors >= {STEP_ASIDE_AFTER} AS aside FROM deliveries d
            LEFT JOIN deliveries t ON d.reply_to IS NOT NULL AND t.chat = d.chat AND t.key = d.reply_to
            WHERE d.state IN ('waiting', 'uncertain') AND d.held IS NULL AND d.due_at != '{FAR_FUTURE}'
              AND (d.due_at <= :now OR d.created_at > :now OR d.claimed_at > :now OR d.due_at > :believed
                OR d.id IN (SELECT value FROM json_each(:these)))
              AND substr(d.chat, 1, instr(d.chat || ':', ':') - 1) IN (SELECT value FROM json_each(:kinds))
              AND d.chat NOT IN (SELECT value FROM json_each(:not_to))
              AND (t.id IS NULL OR t.state IN ('sent', 'refused') OR (t.state = 'uncertain' AND t.due_at = '{FAR_FUTURE}'))
            ORDER BY aside, {_ORDER}, d.id LIMIT :limit""",  # noqa: S608  (constants of this module)
        {
            "now": iso(now),
            "believed": iso(now + LONGEST_PAUSE),
            "these": json.dumps(list(and_these)),
            "kinds": json.dumps(list(kinds)),
            "not_to": json.dumps(list(not_to)),
            "limit": limit + len(leave_out),
        },
    )
    return [
        DueDelivery(row["id"], row["chat"], row["kind"], row["key"], row["part"], bool(row["aside"]))
        for row in rows
        if row["id"] not in leave_out
    ]


def next_due_at(store: Store, now: datetime) -> datetime | None:
    """Returns when the next row after `now` becomes due, or None."""
    row = store.conn.execute(
        "SELECT min(due_at) FROM deliveries WHERE state IN ('waiting', 'uncertain') AND held IS NULL AND due_at > ? AND due_at != ?",
        [iso(now), FAR_FUTURE],
    ).fetchone()
    return None if row is None or row[0] is None else from_iso(row[0])


def claim(store: Store, delivery: int, now: datetime) -> ClaimedDelivery | None:
    """Takes the row for sending, or None when somebody else has, it is settled, or what it was to change never arrived.

    The message comes with the service's id of the message that it edits or answers. A body that cannot be read raises ValueError after the
    row was set aside as refused.
    """
    with store.atomic():
        row = store.conn.execute(
            "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, claimed_at = ? "
            "WHERE id = ? AND state IN ('waiting', 'uncertain') AND held IS NULL RETURNING *",
            [iso(now), delivery],
        ).fetchone()
        if row is None:
            return None
        message = _readable(store, row)
        if message is None:
            return None
        if row["reply_to"] is not None:
            target = store.conn.execute(
                "SELECT state, message_id, menu FROM deliveries WHERE chat = ? AND key = ?", [row["chat"], row["reply_to"]]
            ).fetchone()
            arrived = target["message_id"] if target is not None and target["state"] == "sent" else None
            if row["kind"] == "edit":
                if not arrived:
                    refuse(store, delivery, "the message to edit never arrived")
                    return None
                message = replace(message, edit=arrived, buttons=_open_menu(target, now) or message.buttons)
            elif arrived:
                message = replace(message, reply_to=arrived)
        return ClaimedDelivery(
            delivery, row["chat"], row["kind"], row["key"], row["story"], row["attempts"], row["lost"], row["server_errors"], message
        )  # fmt: skip


def _readable(store: Store, row: dict[str, Any]) -> Message | None:
    try:
        return Message.from_json(row["body"])
    except ValueError as error:
        refuse(store, row["id"], f"poison: {error}")
        return None


def _open_menu(row: Mapping[str, Any] | None, now: datetime) -> Rows | None:
    """The keys among which somebody is choosing under the message of this row."""
    if row is None or row["menu"] is None:
        return None
    menu = json.loads(row["menu"])
    return keys_from_json(menu["keys"]) if menu["until"] > iso(now) else None


def set_menu(store: Store, chats: Sequence[str], message_id: str, keys: Rows | None, now: datetime) -> None:
    """Somebody opened a menu under the alert that has this id in one of these chats (None: left it): edits keep it."""
    menu = None if keys is None else json.dumps({"until": iso(now + MENU_LASTS), "keys": keys_to_json(keys)}, ensure_ascii=False)
    store.conn.execute(
        "UPDATE deliveries SET menu = ? WHERE kind = 'alert' AND message_id = ? AND chat IN (SELECT value FROM json_each(?))",
        [menu, message_id, json.dumps(list(chats))],
    )


def sent(store: Store, delivery: int, message_id: str, now: datetime) -> None:
    """Records that it arrived. Held rows that a digest covers are settled with it."""
    with store.atomic():
        row = store.conn.execute(
            "UPDATE deliveries SET state = 'sent', sent_at = ?, message_id = ?, error = NULL WHERE id = ? AND state = 'sending' "
            "RETURNING chat, kind, key",
            [iso(now), message_id, delivery],
        ).fetchone()
        if row is not None and row["kind"] == "digest":
            store.conn.execute(
                "UPDATE deliveries SET state = 'sent', sent_at = ?, message_id = ? WHERE chat = ? AND in_digest = ? "
                "AND held IS NOT NULL AND state = 'waiting'",
                [iso(now), message_id, row["chat"], row["key"]],
            )


def retry(store: Store, delivery: int, error: str, due_at: datetime) -> None:
    """Records that it did not arrive: it waits again until `due_at`."""
    store.conn.execute(
        "UPDATE deliveries SET state = CASE WHEN lost > 0 THEN 'uncertain' ELSE 'waiting' END, error = ?, due_at = ? "
        "WHERE id = ? AND state = 'sending'",
        [error, iso(due_at), delivery],
    )


def others_arrived(store: Store, claimed: ClaimedDelivery) -> bool:
    """Whether another message has reached the chat since the service began to fail over this one."""
    sql = (
        "SELECT 1 FROM deliveries WHERE chat = ? AND state = 'sent' AND held IS NULL "
        "AND sent_at > (SELECT failing_since FROM deliveries WHERE id = ?) LIMIT 1"
    )
    return claimed.server_errors > 0 and store.conn.execute(sql, [claimed.chat, claimed.id]).fetchone() is not None


def recent_claims(store: Store, since: datetime, now: datetime) -> list[tuple[str, datetime]]:
    """What was begun to be sent after `since`, whatever became of it: chat and time, the oldest first."""
    rows = store.conn.execute(
        "SELECT chat, claimed_at FROM deliveries WHERE claimed_at > ? AND claimed_at <= ? ORDER BY claimed_at, id", [iso(since), iso(now)]
    )
    return [(row["chat"], from_iso(row["claimed_at"])) for row in rows]


def repeat_after(lost: int) -> timedelta | None:
    """The pause before a message is sent again after `lost` earlier answers and this one were lost; None: it is not sent again."""
    return REPEAT_AFTER[lost] if lost < len(REPEAT_AFTER) else None


def mark_unconfirmed(store: Store, delivery: int, error: str, now: datetime) -> datetime | None:
    """Its answer was lost: `uncertain`. Returns when it is sent again, None when it is not (the next digest says so)."""
    with store.atomic():
        row = store.conn.execute("SELECT lost FROM deliveries WHERE id = ? AND state = 'sending'", [delivery]).fetchone()
        if row is None:
            return None
        pause = repeat_after(row["lost"])
        again = None if pause is None else now + pause
        store.conn.execute(
            "UPDATE deliveries SET state = 'uncertain', lost = lost + 1, error = ?, due_at = ? WHERE id = ?",
            [error, FAR_FUTURE if again is None else iso(again), delivery],
        )
        return again


def refuse(store: Store, delivery: int, error: str) -> None:
    """Records that the service will never accept it."""
    store.conn.execute("UPDATE deliveries SET state = 'refused', error = ? WHERE id = ? AND state = 'sending'", [error, delivery])


def recover(store: Store, now: datetime) -> int:
    """At start: rows that a stopped process left in `sending` may have arrived, so they become uncertain. Returns how many."""
    with store.atomic():
        rows = [row["id"] for row in store.conn.execute("SELECT id FROM deliveries WHERE state = 'sending'")]
        for one in rows:
            mark_unconfirmed(store, one, "the program stopped while it was being sent", now)
        return len(rows)


def postpone_chat(store: Store, chat: str, until: datetime, error: str) -> None:
    """Sends nothing to this chat before `until` (a flood limit), also after a restart."""
    store.conn.execute(
        "UPDATE deliveries SET due_at = max(due_at, ?), error = ? WHERE chat = ? AND state IN ('waiting', 'uncertain') AND held IS NULL",
        [iso(until), error, chat],
    )


def refuse_chat(store: Store, chat: str, error: str) -> int:
    """Refuses all waiting rows of a chat that is gone. Returns their number."""
    return store.conn.execute(
        "UPDATE deliveries SET state = 'refused', error = ? WHERE chat = ? AND state IN ('waiting', 'uncertain')", [error, chat]
    ).rowcount


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A row that waits because of quiet hours or a cap, and that no digest covers."""

    id: int
    kind: str
    story_id: int


def held_messages(store: Store, chat: str) -> list[HeldMessage]:
    """What is held back from the chat, in the order written."""
    rows = store.conn.execute(
        "SELECT id, kind, story FROM deliveries "
        "WHERE chat = ? AND state = 'waiting' AND held IS NOT NULL AND in_digest IS NULL ORDER BY id",
        (chat,),
    )
    return [HeldMessage(row["id"], row["kind"], row["story"]) for row in rows]


def release(store: Store, delivery: int, now: datetime) -> None:
    """Nothing holds the row any more: it is due at `now`, as if it was written then."""
    store.conn.execute("UPDATE deliveries SET held = NULL, due_at = ?, created_at = ? WHERE id = ?", (iso(now), iso(now), delivery))


def story_of_message(store: Store, chats: Sequence[str], message_id: str) -> int | None:
    """The story of the message that has this id in one of these chats; None when it told of none."""
    row = store.conn.execute(
        "SELECT story FROM deliveries WHERE chat IN (SELECT value FROM json_each(?)) AND message_id = ? AND story IS NOT NULL "
        "ORDER BY id LIMIT 1",
        (json.dumps(list(chats)), message_id),
    ).fetchone()
    return None if row is None else int(row["story"])


def count_by_state(store: Store) -> dict[str, int]:
    """How many deliveries there are in each state that occurs."""
    return {row["state"]: row["n"] for row in store.conn.execute("SELECT state, count(*) AS n FROM deliveries GROUP BY state")}


def prune(store: Store, now: datetime, *, portion: int = 500) -> int:
    """Drops a portion of the settled rows that nobody asks for any more; returns how many, 0 when none is left.

    Answers to commands after a day, everything else after KEEP; what was said about a story stays as long as the story moves, because a
    later source must know of it, and what may be lost stays until a digest has named it.
    """
    return store.conn.execute(
        "DELETE FROM deliveries WHERE id IN (SELECT d.id FROM deliveries d WHERE d.created_at < :day "
        "AND (d.state IN ('sent', 'refused') OR (d.state = 'uncertain' AND d.in_digest IS NOT NULL)) "
        "AND ((d.kind = 'reply') OR (d.created_at < :old AND NOT EXISTS "
        "(SELECT 1 FROM stories WHERE stories.id = d.story AND stories.last_at >= :old))) LIMIT :portion)",
        {"day": iso(now - timedelta(days=1)), "old": iso(now - KEEP_SENT_FOR), "portion": portion},
    ).rowcount
