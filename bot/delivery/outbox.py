"""Defines Outbox, the only door through which messages leave: it claims rows of `deliveries`, sends them, and records what became of them.

    due rows ─► a queue for each chat ─► (pace allows, chat idle) claim ─► send ─► settle
                                               │                                 └─ nothing heard, process killed: uncertain
                                               └─ conditional: whoever comes second gets nothing

What was written is sent even if nobody remembers writing it: all state is in the database, memory holds only clocks, and those that keep to
the limits are set by the database at the start. One message at a time goes to a chat; one chat's pause or backlog never holds another back:
rows are read anew whenever something comes due. Waits use the monotonic clock. `settlement` decides what an answer means.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.delivery.rate_limit import RateLimiter
from bot.delivery.settlement import record_outcome
from bot.log import redact
from bot.message import ChatService, NotSent, RateLimits, Sent
from bot.store import StoreError, deliveries

if TYPE_CHECKING:
    from datetime import datetime

    from bot.clock import Clock
    from bot.store import StoreThread
    from bot.store.chats import ChatSettings
    from bot.store.deliveries import ClaimedDelivery, DueDelivery
    from bot.store.settlements import Settlement

log = structlog.get_logger(__name__)

PARALLEL = 32
"""Messages in flight at once: at 30 a second and answers that take up to a second, enough to reach the limit."""
READ_AHEAD = 5000
"""Rows read from the database at a time."""
IDLE = 15.0
"""Seconds after which the database is looked at even if nobody woke us: a clock that was set, rows that another program wrote."""

PLAN_GAP = 0.5
"""Seconds between two looks at the database while there is something to send, unless somebody wakes us."""
SETTLE_AGAIN = 2.0
"""Seconds until an outcome that could not be written is written again."""

_RANK = {"reply": 0, "alert": 1, "news": 1, "edit": 2, "notice": 2, "digest": 3}


@dataclass(slots=True)
class DeliveryCounts:
    """What one run of `deliver_due` did: deliveries by their new state."""

    states: Counter[str] = field(default_factory=Counter)

    @property
    def sent(self) -> int:
        """How many arrived."""
        return self.states["sent"]


class Outbox:
    """Sends what is due through the services, by the kind in front of a chat's id. Rows of a kind that no service has stay as they are."""

    def __init__(
        self,
        thread: StoreThread,
        services: Mapping[str, ChatService],
        clock: Clock,
        *,
        settings: ChatSettings,
        limits: Mapping[str, RateLimits] | None = None,
    ) -> None:
        """`settings`: of a chat that chose nothing. `limits`: by kind, instead of those of the service."""
        self._thread = thread
        self._services = services
        self._clock = clock
        self._settings = settings
        chosen = {kind: service.capabilities.rate_limits for kind, service in services.items()} | dict(limits or {})
        self._pace = {kind: RateLimiter(chosen[kind]) for kind in services}
        self._awake = asyncio.Event()
        self._queues: dict[str, list[tuple[int, int, DueDelivery]]] = {}
        self._times: list[tuple[float, str]] = []
        """Chats with a queue that must wait, by the time until which."""
        self._open: list[tuple[int, int, str]] = []
        """Chats with a queue that need not, by the rank and number of their first row."""
        self._placed: set[str] = set()
        """Chats that stand in one of the two."""
        self._planned: set[int] = set()
        self._sending: dict[asyncio.Task[None], str] = {}
        self._chat_from: dict[str, float] = {}
        self._row_from: dict[int, float] = {}
        self._next_plan = math.inf
        """When something that is not planned yet comes due."""
        self._stopping = False

    async def start(self) -> int:
        """Before anything is sent: rows that a killed process left in the middle become uncertain, and what it sent within the last minute
        counts for the limits. Returns how many rows were in the middle."""
        now = self._clock.now()
        found = await self._thread.write(deliveries.recover, now)
        await self._restore_pace(now)
        if found:
            log.warning("deliveries recovered", uncertain=found)
        return found

    async def _restore_pace(self, now: datetime) -> None:
        """Messages that a former process began to send count for the limits as if this one had sent them."""
        window = max((pace.window for pace in self._pace.values()), default=0.0)
        monotonic = self._clock.monotonic()
        for chat, claimed_at in await self._thread.read(deliveries.recent_claims, now - timedelta(seconds=window + 1), now):
            if _kind(chat) in self._pace:
                age = (now - claimed_at).total_seconds() - 1  # times are stored in whole seconds, cut
                self._pace[_kind(chat)].take(chat, monotonic - max(0.0, age))

    def wake(self) -> None:
        """Something was written: look now. For the event loop's thread."""
        self._awake.set()

    async def run(self) -> None:
        """Delivers until cancelled; what is being sent then is waited for, so that its answer is not lost."""
        while True:
            self._awake.clear()
            try:
                await self.deliver_due()
                wait = await self._until_next()
            except (StoreError, sqlite3.Error, OSError) as error:  # a full disk, a locked database: they pass
                log.error("deliveries stopped for now", error=redact(str(error)))
                wait = IDLE
            await self._sleep(wait)

    async def deliver_due(self) -> DeliveryCounts:
        """Sends everything that is due, as fast as the limits allow; returns when nothing more is due now."""
        done = DeliveryCounts()
        self._stopping = False
        fresh = True
        try:
            while True:
                due = self._clock.monotonic() >= self._next_plan
                if fresh or due or self._awake.is_set() or not (self._queues or self._sending):
                    self._awake.clear()
                    read = await self._plan()
                    fresh = False
                    if not read and not self._queues and not self._sending:
                        return done
                wait = await self._launch(done)
                fresh = not self._queues and not self._sending
                if not fresh:
                    await self._sleep(min(wait, max(0.0, self._next_plan - self._clock.monotonic())))
        finally:
            self._stopping = True
            self._queues.clear()
            self._times.clear()
            self._open.clear()
            self._placed.clear()
            self._planned.clear()
            if self._sending:
                await asyncio.wait(self._sending)

    async def _plan(self) -> int:
        """Reads due rows into the queues. Returns how many were new."""
        now = self._clock.monotonic()
        self._chat_from = {chat: start for chat, start in self._chat_from.items() if start > now}
        paused = set(self._chat_from)
        over = [row for row, start in self._row_from.items() if start <= now]
        for row in over:
            del self._row_from[row]
        leave_out = {*self._planned, *self._row_from}
        rows = await self._thread.read(
            deliveries.due, self._clock.now(), kinds=tuple(self._services), leave_out=leave_out, not_to=tuple(paused),
            and_these=tuple(over), limit=READ_AHEAD,
        )  # fmt: skip
        found = 0
        for delivery in rows:
            if delivery.id not in self._planned and delivery.chat not in self._chat_from:  # both may have changed meanwhile
                rank = _RANK.get(delivery.kind, 3) + delivery.steps_aside * len(_RANK)
                heapq.heappush(self._queues.setdefault(delivery.chat, []), (rank, delivery.id, delivery))
                self._planned.add(delivery.id)
                self._place(delivery.chat)
                found += 1
        for pace in self._pace.values():
            pace.forget(now)
        at = await self._thread.read(deliveries.next_due_at, self._clock.now())
        waits = [*self._row_from.values(), *self._chat_from.values()]
        if at is not None:
            waits.append(self._clock.monotonic() + (at - self._clock.now()).total_seconds())
        self._next_plan = max(now + PLAN_GAP, min(waits, default=math.inf))
        return found

    def _place(self, chat: str) -> None:
        """A chat that has something to send and is idle gets in line."""
        if chat in self._queues and chat not in self._placed and chat not in self._sending.values():
            self._placed.add(chat)
            heapq.heappush(self._times, (max(self._pace[_kind(chat)].ready_at(chat), self._chat_from.get(chat, 0.0)), chat))

    async def _launch(self, done: DeliveryCounts) -> float:
        """Starts what may start now; returns seconds until the next may, infinity when only an answer can change anything."""
        while len(self._sending) < PARALLEL:
            now = self._clock.monotonic()
            self._let_in(now)
            chat = self._first_open(now)
            if chat is None:
                waits = [pace.next_at for kind, pace in self._pace.items() if any(_kind(entry[2]) == kind for entry in self._open)]
                waits += [self._times[0][0]] if self._times else []
                return max(0.0, min(waits, default=math.inf) - now)
            await self._start(chat, done)
        return math.inf

    def _let_in(self, now: float) -> None:
        """Chats whose wait is over move from the line of times to the line of ranks."""
        while self._times and self._times[0][0] <= now:
            chat = heapq.heappop(self._times)[1]
            self._placed.discard(chat)
            if chat not in self._queues:
                continue
            if self._pace[_kind(chat)].ready_at(chat) > now:  # another topic of its group was quicker
                self._place(chat)
                continue
            self._placed.add(chat)
            rank, number, _ = self._queues[chat][0]
            heapq.heappush(self._open, (rank, number, chat))

    def _first_open(self, now: float) -> str | None:
        """Takes the chat whose turn it is out of the line, if its service may send now."""
        blocked = []
        found = None
        while self._open and found is None:
            entry = heapq.heappop(self._open)
            if entry[2] not in self._queues:
                self._placed.discard(entry[2])
            elif self._pace[_kind(entry[2])].next_at > now:
                blocked.append(entry)
                if all(limiter.next_at > now for limiter in self._pace.values()):
                    break
            else:
                found = entry[2]
        for entry in blocked:
            heapq.heappush(self._open, entry)
        return found

    async def _start(self, chat: str, done: DeliveryCounts) -> None:
        """Claims the chat's next row and sends it beside everything else. The clocks run from the claim on, however long it took."""
        queue = self._queues[chat]
        row = heapq.heappop(queue)[2]
        if not queue:
            del self._queues[chat]
        self._placed.discard(chat)
        claimed = await self._claim(row)
        if claimed is None:
            self._planned.discard(row.id)
            self._place(chat)
            return
        self._pace[_kind(chat)].take(chat, self._clock.monotonic())
        task = asyncio.create_task(self._deliver(row, claimed, done))
        self._sending[task] = chat
        task.add_done_callback(self._ended)

    async def _claim(self, row: DueDelivery) -> ClaimedDelivery | None:
        claim = asyncio.ensure_future(self._thread.write(deliveries.claim, row.id, self._clock.now()))
        try:
            return await asyncio.shield(claim)
        except asyncio.CancelledError:
            claimed = await claim
            if claimed is not None:  # it was not sent, and the database shall not believe that it may have been
                await self._thread.write(deliveries.retry, claimed.id, "stopped before it was sent", self._clock.now())
            raise

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._place_again(self._sending.pop(task, ""))
        if not task.cancelled() and task.exception() is not None:
            log.error("delivery failed", error=redact(repr(task.exception())))

    def _place_again(self, chat: str) -> None:
        if not self._stopping:
            self._place(chat)

    async def _deliver(self, row: DueDelivery, claimed: ClaimedDelivery, done: DeliveryCounts) -> None:
        try:
            try:
                answer = await self._services[_kind(row.chat)].send(claimed.message)
            except Exception as error:  # a service's promise is to answer with a value: this message breaks it
                answer = NotSent("poison", f"{type(error).__name__}: {error}")
            settled = await self._settle(claimed, answer)
            if settled is None:
                return
            self._remember(row, settled)
            done.states[settled.state] += 1
            tell = log.info if settled.state == "sent" else log.warning
            tell("delivery", chat=row.chat, key=row.key, state=settled.state, attempt=claimed.attempts, error=settled.error or None)
        finally:
            self._planned.discard(row.id)

    async def _settle(self, claimed: ClaimedDelivery, answer: Sent | NotSent) -> Settlement | None:
        """Writes what became of it. While the database cannot be written (a full disk), the answer is kept here and written later: only
        this process knows it. None when the process ends before: then the row counts as uncertain at the next start."""
        while True:
            try:
                return await self._thread.write(record_outcome, claimed, answer, self._clock.now(), self._settings)
            except (StoreError, sqlite3.Error, OSError) as error:
                log.error("delivery not recorded yet", chat=claimed.chat, key=claimed.key, error=redact(str(error)))
            if self._stopping:
                return None
            await self._clock.sleep(SETTLE_AGAIN)

    def _remember(self, row: DueDelivery, settled: Settlement) -> None:
        now = self._clock.monotonic()
        if settled.again_in is not None and settled.again_in > 0:
            self._row_from[row.id] = now + settled.again_in
            self._next_plan = min(self._next_plan, self._row_from[row.id])
        if settled.chat_pause > 0:
            self._chat_from[row.chat] = now + settled.chat_pause
            self._next_plan = min(self._next_plan, self._chat_from[row.chat])
        if settled.chat_pause > 0 or settled.chat_left:
            for _, number, _ in self._queues.pop(row.chat, []):
                self._planned.discard(number)

    async def _until_next(self) -> float:
        """Seconds until something may be due by itself."""
        now = self._clock.monotonic()
        waits = [start - now for start in (*self._row_from.values(), *self._chat_from.values())]
        at = await self._thread.read(deliveries.next_due_at, self._clock.now())
        if at is not None:
            waits.append((at - self._clock.now()).total_seconds())
        return max(0.05, min([IDLE, *waits]))

    async def _sleep(self, seconds: float) -> None:
        """Until the time is over (it may be infinite), somebody wakes us, or a message in flight is answered."""
        waits: set[asyncio.Task[object]] = {asyncio.ensure_future(self._awake.wait())}
        if seconds < math.inf:
            waits.add(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait({*waits, *self._sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def _kind(chat: str) -> str:
    return chat.partition(":")[0]
