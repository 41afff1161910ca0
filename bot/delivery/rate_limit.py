"""Defines RateLimits, what a chat service allows, and RateLimiter, the clocks that keep to it: one for all chats, one for each.

Pure but for its own memory: the time (seconds, monotonic) is an argument.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from bot.message import RateLimits

NONE = RateLimits(gap=0, chat_gap=0, group_count=0)
"""For the terminal."""
GENTLE = RateLimits(gap=0.1, chat_gap=1.0, group_count=0)
"""For services whose limits nobody states."""


def is_group(chat: str) -> bool:
    """True for an id below zero or a public @name: groups, supergroups and channels of Telegram have these."""
    return chat.partition(":")[2].startswith(("-", "@"))


@dataclass(slots=True)
class _ChatClock:
    next_at: float = 0.0
    sent: deque[float] = field(default_factory=deque)


class RateLimiter:
    """When the next message may go to which chat. A topic of a group counts for its group."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._next_at = 0.0
        self._chats: dict[str, _ChatClock] = {}

    @property
    def next_at(self) -> float:
        """When the next message may go to anybody."""
        return self._next_at

    def ready_at(self, chat: str) -> float:
        """When the next message may go to this chat, other chats left aside."""
        clock = self._chats.get(chat.partition("/")[0])
        if clock is None:
            return 0.0
        ready = clock.next_at
        if is_group(chat) and self._limits.group_count and len(clock.sent) >= self._limits.group_count:
            ready = max(ready, clock.sent[0] + self._limits.group_window)
        return ready

    def take(self, chat: str, now: float) -> None:
        """A message goes to this chat now."""
        # A sleep that took a little too long is caught up with; more than that would be a 31st message within a second.
        self._next_at = max(self._next_at, now - 0.4 * self._limits.gap) + self._limits.gap
        clock = self._chats.setdefault(chat.partition("/")[0], _ChatClock())
        clock.next_at = now + self._limits.chat_gap
        if is_group(chat) and self._limits.group_count:
            clock.sent.append(now)
            while len(clock.sent) > self._limits.group_count:
                clock.sent.popleft()

    @property
    def window(self) -> float:
        """Seconds after which a message counts no more."""
        return max(self._limits.chat_gap, self._limits.group_window if self._limits.group_count else 0.0)

    def forget(self, now: float) -> None:
        """Drops clocks that hold nobody back any more, so that memory does not grow with every chat ever met."""
        window = self._limits.group_window
        self._chats = {
            chat: clock for chat, clock in self._chats.items() if clock.next_at > now or (clock.sent and clock.sent[-1] + window > now)
        }  # fmt: skip
