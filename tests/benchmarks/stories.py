"""How many items a second find their story, and in how much memory, with few and with 100,000 stories in the window.

Run it as `python -m tests.benchmarks stories`. Items are made up: headlines with a sum and about 60 words of text each, words as
rare as in a language, one item in six a later telling of an earlier one.
"""

from __future__ import annotations

import random
import resource
import time
from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate

from watchers.match.result import Match
from watchers.models.item import Item
from watchers.stories import StoryIndex

STORIES = 100_000
MEASURED = 3_000
"""Items timed, at the start and with all stories kept."""

_VERBS = ("signs", "opens", "launches", "reports", "plans", "acquires", "builds")


def _items(chance: random.Random) -> Iterator[Item]:
    syllables = [first + second for first in "bcdfghklmnprstvw" for second in "aeiou"]
    words = ["".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(60_000)]
    shares = list(accumulate(1 / (rank + 10) for rank in range(len(words))))

    def word() -> str:
        return words[bisect(shares, chance.random() * shares[-1])]

    start = datetime(2026, 1, 1, tzinfo=UTC)
    told: list[tuple[str, str, str, int]] = []
    number = 0
    while True:
        if told and chance.random() < 1 / 6:
            one, other, verb, sum_ = chance.choice(told[-5_000:])
        else:
            one, other, verb, sum_ = word().capitalize(), word().capitalize(), chance.choice(_VERBS), chance.randint(1, 999)
            told.append((one, other, verb, sum_))
        title = f"{one} {verb} {word()} {word()} with {other} for ${sum_} million"
        told_so = f"{one} said on Friday that"
        text = " ".join(f"{told_so} the {word()} {word()} of {other} will {word()} its {word()} {word()}." for _ in range(4))
        when = start + timedelta(seconds=2 * number)
        yield Item(feed="", title=title, text=text, lang="en", source=f"source {number % 50}", published=when)
        number += 1


def run() -> dict[str, float]:
    """Items a second with an index that is nearly empty and with `STORIES` kept, and megabytes used by it."""
    index, match = StoryIndex(timedelta(hours=720)), Match(lang="en")
    items = _items(random.Random(1))
    rates: list[float] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stories = 0
    for goal in (0, STORIES):
        spent, timed = 0.0, 0
        while stories < goal or timed < MEASURED:
            one = next(items)
            timing = stories >= goal
            started = time.process_time()
            story = index.place(one, match).story
            if story is None:
                stories += 1
                story = stories
            index.record(story, one, match)
            if timing:
                spent += time.process_time() - started
                timed += 1
        rates.append(timed / spent)
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"items_per_second_empty": round(rates[0]), f"items_per_second_with_{STORIES}": round(rates[1]), "megabytes": round(megabytes)}


if __name__ == "__main__":
    print(run())
