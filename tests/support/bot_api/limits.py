"""Defines FloodLimits: how many messages Telegram takes, and how long it makes one wait who sends more.

Source: the Bots FAQ ("My bot is hitting limits"): about one message a second in one chat with short bursts, 20 a minute in one group,
about 30 a second to all. Time is handed in; nothing here waits.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Callable


class FloodLimits:
    """Counts messages; `take` is asked before each.

    `now` gives seconds of any monotonic clock. `burst` messages to a chat may come at once, then one a second.
    A chat that was told to wait and sends all the same is told again, with the rest of its wait.
    """

    def __init__(self, now: Callable[[], float], *, burst: int = 3, per_group_minute: int = 20, per_second: int = 30) -> None:
        self._now = now
        self.burst, self.per_group_minute, self.per_second = burst, per_group_minute, per_second
        self._chat_tokens: dict[int, tuple[float, float]] = {}
        self._group: defaultdict[int, deque[float]] = defaultdict(deque)
        self._all: deque[float] = deque()
        self._wait: dict[int, float] = {}
        self.refused = 0
        """How often somebody was told to wait."""

    def take(self, chat: int, *, group: bool) -> int | None:
        """None when a message to `chat` may pass now (and is counted), else the whole seconds to wait."""
        now = self._now()
        until = self._wait.get(chat, 0.0)
        if now < until:
            self.refused += 1
            return max(1, math.ceil(until - now - 1e-9))
        tokens, at = self._chat_tokens.get(chat, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - at))
        ready = now
        if tokens < 1 - 1e-9:
            ready = max(ready, now + 1 - tokens)
        minute = self._group[chat]
        while minute and minute[0] <= now - 60:
            minute.popleft()
        if group and len(minute) >= self.per_group_minute:
            ready = max(ready, minute[0] + 60)
        while self._all and self._all[0] <= now - 1:
            self._all.popleft()
        if ready > now:
            return self._refuse(chat, now, ready)
        if len(self._all) >= self.per_second:
            self.refused += 1
            return 1
        self._chat_tokens[chat] = (tokens - 1, now)
        if group:
            minute.append(now)
        self._all.append(now)
        return None

    def _refuse(self, chat: int, now: float, until: float) -> int:
        seconds = max(1, math.ceil(until - now - 1e-9))
        self._wait[chat] = now + seconds
        self.refused += 1
        return seconds
