"""Defines Ledger, which counts what chats got against what they should have got. Pure; it sees only what stands in the chats.

A message may stand in a chat twice only when the answer to its first copy was lost: the bot died with that one message to the chat in
flight, or the driver swallowed the answer. So each life has a number of losses to offer; a repeat without one is beyond the promise.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MOST = 4
"""Copies: one, and three repeats."""


@dataclass
class Figures:
    """What a run of the driver found. Sums of two are their sum."""

    faults: Counter[str] = field(default_factory=Counter)
    """Faults that were really met, by kind."""
    lives: int = 0
    expected: int = 0
    """Messages that had to reach a chat, each counted once a chat."""
    missing: list[str] = field(default_factory=list)
    repeated: int = 0
    """Copies that the promise allows."""
    beyond: list[str] = field(default_factory=list)
    """Copies that it does not."""
    named: int = 0
    """Messages that a digest named or brought in the alert's place: every answer was lost, or a flood limit was too long."""
    set_aside: int = 0
    """Messages over which Telegram always failed, and that a digest named."""
    answers_failed: int = 0
    """Commands that were answered by saying that they failed, or whose answer was sent as often as the promise says and may be lost."""
    broken: list[str] = field(default_factory=list)
    """What else was wrong: a database that is not sound, a bot that failed to start."""

    @property
    def kills(self) -> int:
        """How often the bot was killed."""
        return sum(count for what, count in self.faults.items() if what.startswith("killed"))

    @property
    def kept(self) -> bool:
        """Whether every promise was."""
        return not (self.missing or self.beyond or self.broken)

    def add(self, other: Figures) -> None:
        """Takes the figures of another run in."""
        self.faults.update(other.faults)
        self.lives += other.lives
        self.expected += other.expected
        self.repeated += other.repeated
        self.named += other.named
        self.set_aside += other.set_aside
        self.answers_failed += other.answers_failed
        self.missing += other.missing
        self.beyond += other.beyond
        self.broken += other.broken


@dataclass
class Ledger:
    """What each chat got, life after life."""

    got: defaultdict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    """By chat: the life in which a message came, and what it is."""
    died: set[int] = field(default_factory=set)
    """Lives that ended by a kill."""
    swallowed: Counter[int] = field(default_factory=Counter)
    """By life: answers that the driver kept from the bot."""

    def note(self, chat: str, life: int, messages: Iterable[str]) -> None:
        """Messages that came to the chat in that life, as far as they tell one from another."""
        self.got[chat] += [(life, message) for message in messages]

    def missing(self, expected: Mapping[str, Sequence[str]], named: Mapping[str, Collection[str]]) -> list[str]:
        """Messages that a chat should have got and did not, those left out that a digest named or brought."""
        return [
            f"{chat}: {one}"
            for chat, wanted in expected.items()
            for one in wanted
            if one not in {message for _, message in self.got[chat]} and one not in named.get(chat, ())
        ]

    def repeats(self) -> tuple[int, list[str]]:
        """How many copies the promise allows, and those that it does not."""
        allowed, beyond = 0, []
        swallowed = Counter(self.swallowed)
        in_flight = {(chat, life) for chat in self.got for life in self.died}
        for chat, messages in self.got.items():
            lives = defaultdict(list)
            for life, message in messages:
                lives[message].append(life)
            for message, copies in lives.items():
                for before in copies[:-1]:
                    if (chat, before) in in_flight:
                        in_flight.remove((chat, before))
                        allowed += 1
                    elif swallowed[before]:
                        swallowed[before] -= 1
                        allowed += 1
                    else:
                        beyond.append(f"{chat}: {message} in the lives {copies}")
                if len(copies) > MOST:
                    beyond.append(f"{chat}: {message} {len(copies)} times")
        return allowed, beyond
