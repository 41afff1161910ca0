"""Defines Settlement, what a delivery becomes after a service's answer, and how it is written: `deliveries` and `chats` in one transaction.

`bot.delivery.settlement` decides; this module reads the facts for it and applies the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from bot.store import chats, deliveries
from bot.store.store import iso

if TYPE_CHECKING:
    from bot.message import Message
    from bot.store import Store
    from bot.store.deliveries import ClaimedDelivery


@dataclass(frozen=True, slots=True)
class ChatFacts:
    """The facts about the chat of a delivery that decide how a failure is settled."""

    title: str = ""
    active: bool = True
    """False when the chat is gone or unknown."""
    others_arrived: bool = False
    """True when another message reached the chat since the service began to fail over this delivery."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to every admin: the code of its sentence and the arguments of it."""

    code: Literal["notice_moved", "notice_gone", "notice_poison"]
    key: str
    """Key of its delivery: an admin gets each key once."""
    args: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settlement:
    """The next state of a delivery and of its chat."""

    state: Literal["sent", "waiting", "uncertain", "refused"]
    message_id: str = ""
    """Of a sent message: its id in the service, or ""."""
    error: str = ""
    due_at: datetime | None = None
    """When the delivery is sent again; None: never."""
    again_in: float | None = None
    """The same in seconds from now, for the monotonic clock."""
    answer_lost: bool = False
    """The answer was lost: one more of the few repeats is used up."""
    server_error: bool = False
    """The service failed over the message."""
    new_message: Message | None = None
    """Replaces the message of the delivery."""
    chat_pause: float = 0.0
    """Seconds for which nothing goes to the chat."""
    chat_due_at: datetime | None = None
    """The same written down, for all that waits for the chat; None: the pause does not survive a restart."""
    chat_moved_to: str = ""
    """The chat has this id now."""
    chat_gone: bool = False
    """The chat is set to gone, and everything that waits for it is refused."""
    chat_left: bool = False
    """Nothing more goes to the old id: deliveries planned in memory are dropped."""
    notice: Notice | None = field(default=None)


def read_facts(store: Store, claimed: ClaimedDelivery) -> ChatFacts:
    """The facts about the delivery's chat."""
    row = store.conn.execute("SELECT title, state FROM chats WHERE id = ?", [claimed.chat]).fetchone()
    arrived = deliveries.others_arrived(store, claimed)
    if row is None:
        return ChatFacts(active=False, others_arrived=arrived)
    return ChatFacts(row["title"] or "", active=row["state"] == "active", others_arrived=arrived)


def apply(store: Store, claimed: ClaimedDelivery, settlement: Settlement, now: datetime) -> None:
    """Writes the settlement of a delivery in state `sending`. Call it in a transaction."""
    if settlement.state == "sent":
        deliveries.sent(store, claimed.id, settlement.message_id, now)
    elif settlement.state == "refused":
        deliveries.refuse(store, claimed.id, settlement.error)
    else:
        store.conn.execute(
            "UPDATE deliveries SET state = ?, error = ?, due_at = ?, lost = lost + ?, server_errors = server_errors + ?, "
            "failing_since = CASE WHEN ? THEN coalesce(failing_since, ?) ELSE failing_since END, body = coalesce(?, body) "
            "WHERE id = ? AND state = 'sending'",
            [
                settlement.state, settlement.error, deliveries.FAR_FUTURE if settlement.due_at is None else iso(settlement.due_at),
                settlement.answer_lost, settlement.server_error, settlement.server_error, iso(now),
                None if settlement.new_message is None else settlement.new_message.to_json(), claimed.id,
            ],
        )  # fmt: skip
    if settlement.chat_due_at is not None:
        deliveries.postpone_chat(store, claimed.chat, settlement.chat_due_at, settlement.error)
    if settlement.chat_moved_to:
        chats.move_chat(store, claimed.chat, settlement.chat_moved_to)
    if settlement.chat_gone:
        chats.set_state(store, claimed.chat, "gone", error=settlement.error)
        deliveries.refuse_chat(store, claimed.chat, settlement.error)
