"""Defines settle, which decides what a delivery becomes after a chat service's answer, and record_outcome, which writes it.

    Sent          → sent
    retry         → waiting, due again soon, later each time         flood      → the whole chat waits
    server_error  → as retry; poison when it stays so                migrated   → the chat moves, the message goes to the new id
    uncertain     → repeated after a minute, ten, an hour, no more   gone       → the chat is set to gone, admins get a notice
    bad_markup    → the same as plain text, at once                  poison     → refused, admins get a notice
    refused       → refused; a notice if it was an alert or digest

`settle` is pure. `record_outcome` reads the facts, applies the settlement and writes the notices in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Literal

from bot.i18n.translate import t_plain
from bot.log import redact
from bot.message import NotSent, Sent, Trouble
from bot.render import story
from bot.sanitize import clean
from bot.store import chats as chat_rows
from bot.store import deliveries, settlements
from bot.store.deliveries import ClaimedDelivery, NewDelivery
from bot.store.settlements import ChatFacts, Notice, Settlement

if TYPE_CHECKING:
    from bot.store import Store
    from bot.store.chats import ChatSettings

RETRY_AFTER = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds before a message that surely did not arrive is sent again, by number of attempts; the last for ever: nothing is dropped."""

STEP_ASIDE = 15.0
"""Seconds for which a chat waits at most because the service failed over one message: then its other messages are tried."""
SERVER_ERRORS = 10
"""How often the service may fail over a message (with RETRY_AFTER: some 20 minutes) while a later one of the same chat arrives."""
SERVER_ERRORS_ALONE = 290
"""The same while none does (about a day): then the service itself is in trouble, and the message keeps its chance."""
FLOOD_PAUSE = 30.0
"""Seconds, where a flood limit names none."""


def record_outcome(store: Store, claimed: ClaimedDelivery, answer: Sent | NotSent, now: datetime, defaults: ChatSettings) -> Settlement:
    """Settles a claimed delivery in the database. `defaults`: settings of chats that chose nothing (for the language of notices)."""
    facts = ChatFacts() if isinstance(answer, Sent) else settlements.read_facts(store, claimed)
    settlement = settle(claimed, answer, now, facts)
    settlements.apply(store, claimed, settlement, now)
    if settlement.notice is not None:
        notify_admins(store, settlement.notice, now, defaults)
    return settlement


def notify_admins(store: Store, notice: Notice, now: datetime, defaults: ChatSettings) -> None:
    """Writes a notice to every active chat of an admin, in its language."""
    for admin in chat_rows.read_chats(store, defaults):
        if admin.settings.role == "admin":
            message = story.notice(t_plain(admin.settings.language, notice.code, **notice.args), chat=admin.id)
            deliveries.add(store, NewDelivery(admin.id, "notice", f"notice:{notice.key}", message, now), now)


def settle(claimed: ClaimedDelivery, answer: Sent | NotSent, now: datetime, facts: ChatFacts) -> Settlement:
    """The settlement of a claimed delivery. Pure."""
    if isinstance(answer, Sent):
        return Settlement("sent", message_id=answer.message_id)
    failure = _FailedDelivery(claimed, answer, redact(clean(answer.error))[:300], now, facts)
    settlements_by_kind: Mapping[Trouble, Callable[[], Settlement]] = {
        "retry": failure.retry,
        "server_error": failure.server_error,
        "uncertain": failure.uncertain,
        "flood": failure.flood,
        "migrated": failure.migrated,
        "gone": failure.gone,
        "bad_markup": failure.bad_markup,
        "refused": failure.refused,
    }
    return settlements_by_kind.get(answer.kind, failure.poison)()


@dataclass(frozen=True, slots=True)
class _FailedDelivery:
    """A delivery that was not sent; a method for each kind of NotSent."""

    claimed: ClaimedDelivery
    answer: NotSent
    error: str
    now: datetime
    facts: ChatFacts

    def retry(self) -> Settlement:
        """The chat's other messages would fail too: the chat pauses, one message tries again, and the order of messages stays."""
        pause = RETRY_AFTER[min(self.claimed.attempts - self.claimed.lost, len(RETRY_AFTER)) - 1]
        return replace(self.again(pause), chat_pause=pause)

    def server_error(self) -> Settlement:
        """The service may fail over every message for a while, or over this one always: other arrivals in the chat tell which."""
        failures = self.claimed.server_errors + 1
        if failures >= SERVER_ERRORS_ALONE or (failures >= SERVER_ERRORS and self.facts.others_arrived):
            return self.poison()
        pause = RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1]
        return replace(self.again(pause), chat_pause=min(pause, STEP_ASIDE), server_error=True)

    def uncertain(self) -> Settlement:
        """A few late repeats: a message that is lost is worse than a repeat, many repeats are worse than a lost message."""
        pause = deliveries.repeat_after(self.claimed.lost)
        if pause is None:
            return Settlement("uncertain", error=self.error, answer_lost=True)
        return replace(self.again(pause.total_seconds()), state="uncertain", answer_lost=True)

    def flood(self) -> Settlement:
        """The chat's pause is written to the database, so that it survives a restart."""
        pause = min(max(1.0, self.answer.retry_after or FLOOD_PAUSE), deliveries.LONGEST_PAUSE.total_seconds() - 60.0)
        until = self.now + timedelta(seconds=pause + 1)  # stored times are cut to whole seconds
        return replace(self.again(pause), due_at=until, chat_pause=pause, chat_due_at=until)

    def migrated(self) -> Settlement:
        """The message goes to the new chat at once. A move that names no other chat would repeat for ever: poison."""
        old, new = self.claimed.chat, self.answer.new_chat
        if not new or new == old:
            return self.poison()
        notice = Notice("notice_moved", f"moved:{old}", {"old": old, "new": new})
        return replace(self.again(0.0), chat_moved_to=new, chat_left=True, notice=notice)

    def gone(self) -> Settlement:
        """Nothing more is sent to the chat until it comes back."""
        left = Settlement("refused", error=self.error, chat_left=True)
        if not self.facts.active:
            return left
        args = {"chat": self.chat_name(), "error": self.error}
        return replace(left, chat_gone=True, notice=Notice("notice_gone", f"gone:{self.claimed.chat}:{self.claimed.id}", args))

    def bad_markup(self) -> Settlement:
        """Sent again as plain text. A message that fails without markup too is poison."""
        message = self.claimed.message
        plain = replace(message, html=escape(message.plain))
        return self.poison() if message.html == plain.html else replace(self.again(0.0), new_message=plain)

    def refused(self) -> Settlement:
        """For good. Admins get a notice when it was an alert, a follow-up or a digest."""
        wanted = self.claimed.kind in {"alert", "digest", "news"}
        return Settlement("refused", error=self.error, notice=self.set_aside() if wanted else None)

    def poison(self) -> Settlement:
        """Set aside for good, so that other messages go on. A notice that cannot be sent causes no other notice."""
        notice = None if self.claimed.kind == "notice" else self.set_aside()
        return Settlement("refused", error=f"{self.answer.kind}: {self.error}", notice=notice)

    def again(self, pause: float) -> Settlement:
        """Sent again after so many seconds. A delivery with a lost answer stays unconfirmed."""
        state: Literal["waiting", "uncertain"] = "uncertain" if self.claimed.lost else "waiting"
        return Settlement(state, error=self.error, due_at=self.now + timedelta(seconds=pause), again_in=pause)

    def set_aside(self) -> Notice:
        """The notice that a message was refused for good."""
        args = {"chat": self.chat_name(), "key": self.claimed.key, "error": self.error}
        return Notice("notice_poison", f"poison:{self.claimed.id}", args)

    def chat_name(self) -> str:
        """The chat's title and id."""
        return f"{clean(self.facts.title)} ({self.claimed.chat})" if self.facts.title else self.claimed.chat
