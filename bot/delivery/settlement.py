"""Defines what an answer of a chat service makes of a delivery: `record_outcome`, run in one transaction on the writer.

    Sent          → sent
    retry         → waiting, due again soon, later each time         flood      → the whole chat waits
    server_error  → as retry; poison when it stays so                migrated   → the chat moves, the message goes to the new one
    uncertain     → repeated after a minute, ten, an hour, no more   gone       → the chat is set aside, admins are told
    bad_markup    → the same as plain text, at once                  poison     → for good, admins are told
    refused       → for good

Decides and writes; sends nothing and waits for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING

from bot.i18n.translate import t_plain
from bot.log import redact
from bot.message import NotSent, Sent
from bot.render import story
from bot.sanitize import clean
from bot.store import chats as chat_rows
from bot.store import deliveries
from bot.store.chats import Chat, ChatSettings
from bot.store.deliveries import ClaimedDelivery, NewDelivery

if TYPE_CHECKING:
    from bot.store import Store

RETRY_AFTER = (2.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds before a message that surely did not arrive is sent again, by how often it was tried; the last for ever: nothing is dropped."""

STEP_ASIDE = 15.0
"""Seconds for which a chat waits at most because the service failed over one message: then its others are tried."""
SERVER_ERRORS = 10
"""How often the service may fail over a message (with RETRY_AFTER: some 20 minutes) while a later one of the same chat arrives."""
SERVER_ERRORS_ALONE = 290
"""The same while none does (about a day): then the trouble is the service's, and the message is worth patience."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a delivery."""

    state: str
    """The delivery's state now."""
    error: str = ""
    again_in: float | None = None
    """Seconds until this delivery is tried again."""
    chat_pause: float = 0.0
    """Seconds for which nothing goes to this chat."""
    chat_left: bool = False
    """True when the chat is gone or has another id: what is planned in memory for it is void."""


def record_outcome(store: Store, claimed: ClaimedDelivery, answer: Sent | NotSent, now: datetime, defaults: ChatSettings) -> Settlement:
    """Writes what became of a claimed delivery. `defaults` are the settings of chats that chose nothing (for the language of notices)."""
    if isinstance(answer, Sent):
        deliveries.sent(store, claimed.id, answer.message_id, now)
        return Settlement("sent")
    case = _FailedDelivery(store, claimed, answer, redact(clean(answer.error))[:300], now, defaults)
    return getattr(case, answer.kind, case.poison)()


@dataclass(frozen=True, slots=True)
class _FailedDelivery:
    """A delivery that was not sent; a method for each kind of NotSent."""

    store: Store
    claimed: ClaimedDelivery
    answer: NotSent
    error: str
    now: datetime
    defaults: ChatSettings

    def retry(self) -> Settlement:
        """The others for this chat would meet the same line: one at a time tries it, and the order of messages stays."""
        pause = RETRY_AFTER[min(self.claimed.attempts - self.claimed.lost, len(RETRY_AFTER)) - 1]
        deliveries.retry(self.store, self.claimed.id, self.error, self.now + timedelta(seconds=pause))
        return Settlement("waiting", self.error, pause, chat_pause=pause)

    def server_error(self) -> Settlement:
        """The service may fail over every message for a while, or over this one always: whether others of its chat arrive tells which."""
        failures = self.claimed.server_errors + 1
        if failures >= SERVER_ERRORS_ALONE or (failures >= SERVER_ERRORS and deliveries.others_arrived(self.store, self.claimed)):
            return self.poison()
        pause = RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1]
        deliveries.count_server_error(self.store, self.claimed.id, self.now)
        deliveries.retry(self.store, self.claimed.id, self.error, self.now + timedelta(seconds=pause))
        return Settlement("waiting", self.error, pause, chat_pause=min(pause, STEP_ASIDE))

    def uncertain(self) -> Settlement:
        """Silence is worse than a repeat, many repeats are worse than silence."""
        again = deliveries.mark_unconfirmed(self.store, self.claimed.id, self.error, self.now)
        return Settlement("uncertain", self.error, None if again is None else (again - self.now).total_seconds())

    def flood(self) -> Settlement:
        """The chat's pause is written down, so that a restart obeys it too."""
        pause = min(max(1.0, self.answer.retry_after or 30.0), deliveries.LONGEST_PAUSE.total_seconds() - 60.0)
        until = self.now + timedelta(seconds=pause + 1)  # times are stored in whole seconds, cut
        deliveries.retry(self.store, self.claimed.id, self.error, until)
        deliveries.postpone_chat(self.store, self.claimed.chat, until, self.error)
        return Settlement("waiting", self.error, pause, chat_pause=pause)

    def migrated(self) -> Settlement:
        """The message goes to the new chat at once. A move that names no other chat would go round for ever."""
        old, new = self.claimed.chat, self.answer.new_chat
        if not new or new == old:
            return self.poison()
        deliveries.retry(self.store, self.claimed.id, self.error, self.now)
        chat_rows.move_chat(self.store, old, new)
        self.notify("notice_moved", f"moved:{old}", old=old, new=new)
        return Settlement("waiting", self.error, 0.0, chat_left=True)

    def gone(self) -> Settlement:
        """Nothing more for this chat until it comes back."""
        chat = self.claimed.chat
        deliveries.refuse(self.store, self.claimed.id, self.error)
        known = chat_rows.read_chat(self.store, chat, self.defaults)
        if known is not None and known.state == "active":
            chat_rows.set_state(self.store, chat, "gone", error=self.error)
            deliveries.refuse_chat(self.store, chat, self.error)
            self.notify("notice_gone", f"gone:{chat}:{self.claimed.id}", leave_out=chat, chat=_called(known), error=self.error)
        return Settlement("refused", self.error, chat_left=True)

    def bad_markup(self) -> Settlement:
        """Better without bold than not at all; markup that is wrong without any markup is poison."""
        message = self.claimed.message
        plain = replace(message, html=escape(message.plain))
        if message.html == plain.html:
            return self.poison()
        deliveries.rewrite(self.store, self.claimed.id, plain)
        deliveries.retry(self.store, self.claimed.id, self.error, self.now)
        return Settlement("waiting", self.error, 0.0)

    def refused(self) -> Settlement:
        """For good; told to admins when it was news to somebody."""
        deliveries.refuse(self.store, self.claimed.id, self.error)
        if self.claimed.kind in {"alert", "digest", "news"}:
            self.report()
        return Settlement("refused", self.error)

    def poison(self) -> Settlement:
        """Set aside, so that it stops nothing else."""
        deliveries.refuse(self.store, self.claimed.id, f"{self.answer.kind}: {self.error}")
        if self.claimed.kind != "notice":  # a notice that cannot be sent must not make another one
            self.report()
        return Settlement("refused", self.error)

    def report(self) -> None:
        """Tells admins that a message was set aside."""
        known = chat_rows.read_chat(self.store, self.claimed.chat, self.defaults)
        called = self.claimed.chat if known is None else _called(known)
        self.notify("notice_poison", f"poison:{self.claimed.id}", chat=called, key=self.claimed.key, error=self.error)

    def notify(self, phrase: str, about: str, *, leave_out: str = "", **parts: str) -> None:
        """A notice to every admin's chat that can be reached."""
        for admin in chat_rows.read_chats(self.store, self.defaults):
            if admin.settings.role == "admin" and admin.id != leave_out:
                message = story.notice(t_plain(admin.settings.language, phrase, **parts), chat=admin.id)
                deliveries.add(self.store, NewDelivery(admin.id, "notice", f"notice:{about}", message, self.now), self.now)


def _called(chat: Chat) -> str:
    return f"{clean(chat.title)} ({chat.id})" if chat.title else chat.id
