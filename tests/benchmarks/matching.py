"""Measures matching against spaCy's PhraseMatcher over everything, in one process on one core.

Documents of about 3 KB are made of invented words in two alphabets; 1 % of them (or all) name one of the aliases. Both sides look for the
same aliases in the same texts: spaCy tokenises and matches every document, the matcher looks closer only where a name stands.
"""

from __future__ import annotations

import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

from seeds.entities import Entity
from seeds.load import load_seeds
from seeds.rules import Rule
from tests.benchmarks.rows import Row, show
from watchers.match.matcher import Matcher
from watchers.match.names.mentions import NameMatcher
from watchers.models.item import Item

SIZES = (100, 1_000, 10_000, 100_000)
DOCUMENTS, CHARACTERS = 400, 3_000
_SYLLABLES = (
    "ka", "ro", "tek", "vin", "nova", "gen", "ix", "lum", "bra", "sol", "zen", "qu", "mar", "del", "tor", "pha", "wex", "lyn", "gor", "hud",
    "sta", "pel", "min", "dor", "fex",
)  # fmt: skip
_ENGLISH = tuple(first + second for first in "bcdfghklmnprstvw" for second in ("a", "e", "i", "o", "u", "ea", "oo", "al", "er", "in"))
_VIETNAMESE = tuple(
    first + second for first in ("b", "c", "ch", "d", "đ", "g", "h", "kh", "l", "m", "n", "nh", "ph", "th", "tr", "v") for second in (
        "à", "ạnh", "ấp", "ông", "ưới", "iền", "ể", "ộc", "uyên", "ầu", "an", "inh", "ường", "ở", "ốt", "áo")
)  # fmt: skip
VOCABULARY = 60_000
"""Words of each language, as rare as words are (the n-th stands n times more seldom than the first): a tokenizer that remembers words must
not find all of them in its memory, as it would with a few."""


def aliases(count: int) -> list[str]:
    """Invented company names, each once."""
    dice = random.Random(7)
    found: dict[str, None] = {}
    while len(found) < count:
        name = "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(3, 5))).capitalize()
        found[name + dice.choice(("", "", " Group", " Corp", " Holdings"))] = None
    return list(found)


def vocabulary(syllables: Sequence[str], joined: int) -> tuple[list[str], list[float]]:
    """Words with how often they stand, cumulated."""
    dice = random.Random(3)
    words = ["".join(dice.choices(syllables, k=dice.randint(1, joined))) for _ in range(VOCABULARY)]
    return words, list(accumulate(1 / (rank + 5) for rank in range(VOCABULARY)))


def documents(names: Sequence[str], share: float) -> list[str]:
    """Texts with punctuation, capitals and figures, of which `share` name one of `names`; half English, half Vietnamese."""
    dice = random.Random(11)
    languages = vocabulary(_ENGLISH, 4), vocabulary(_VIETNAMESE, 1)
    made = []
    for i in range(DOCUMENTS):
        words, shares = languages[i % 2]
        text = dice.choices(words, cum_weights=shares, k=CHARACTERS // (7 if i % 2 == 0 else 5))
        for place in range(0, len(text), 12):
            text[place] = text[place].capitalize()
            text[place - 1] += "."
            text[place // 2] = f"{dice.randint(1, 9_999):,},"
        if dice.random() < share or (share < 1 and i == 0):
            text[dice.randrange(len(text))] = dice.choice(names) + " signs an agreement with a school"
        made.append(" ".join(text)[:CHARACTERS])
    return made


def seconds(work: Callable[[str], object], texts: Sequence[str], *, rounds: int = 5) -> float:
    """The best of some rounds over all texts."""
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        for text in texts:
            work(text)
        best = min(best, time.perf_counter() - started)
    return best


def phrase_matcher(names: Sequence[str]) -> Callable[[str], object]:
    """What one would do without a scan: tokenise everything, then match token by token."""
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("name", [nlp.make_doc(name) for name in names])
    return lambda text: matcher(nlp.make_doc(text))


def entities(names: Sequence[str]) -> dict[str, Entity]:
    """A company for every ten aliases."""
    made = {}
    for i in range(0, len(names), 10):
        made[f"e{i}"] = Entity.model_validate({"id": f"e{i}", "name": names[i], "kind": "company", "names": list(names[i + 1 : i + 10])})
    return made


def run() -> list[Row]:
    """All figures of matching."""
    rows: list[Row] = []
    cost: dict[int, float] = {}
    events = load_seeds().events
    for size in SIZES:
        names = aliases(size)
        started = time.perf_counter()
        known = entities(names)
        book = NameMatcher(known)
        loading = time.perf_counter() - started
        rule = Rule(id="r", any=tuple(list(known)[:50]), about=True)
        seeds: Any = SimpleNamespace(entities=known, events=events, rules={"r": rule}, feeds=())
        matcher = Matcher(seeds)
        spacy_way = phrase_matcher(names)
        for share, label in ((0.01, "1 % candidates"), (1.0, "all candidates")):
            texts = documents(names, share)
            megabytes = sum(len(text.encode()) for text in texts) / 1e6
            slow = seconds(spacy_way, texts, rounds=1)
            mentions = seconds(lambda text, book=book: book.find({"text": text}, "en"), texts)  # type: ignore[misc]
            whole = seconds(lambda text, matcher=matcher: matcher.match(Item(feed="", text=text, lang="en")), texts)  # type: ignore[misc]
            few = share < 1
            told = f"{size:,} aliases, {label}"
            rows.append(Row(f"{told}: up to mentions, times faster than spaCy", slow / mentions, "x", "≥ 40" if few else ""))
            rows.append(Row(f"{told}: with events, about, rules", slow / whole, "x", "≥ 20" if few else ""))
            rows.append(Row(f"{told}: documents a second, up to mentions", len(texts) / mentions, "docs/s"))
            rows.append(Row(f"{told}: throughput, up to mentions", megabytes / mentions, "MB/s"))
            if few:
                cost[size] = whole
        if size == SIZES[-1]:
            rows.append(Row(f"loading {size:,} aliases", loading, "s", "≤ 5"))
            rows.append(Row(f"loading {size:,} aliases, memory", _memory(names), "MB", "≤ 300"))
    rows.append(Row("cost of a document with all that follows, 100,000 aliases against 1,000", cost[100_000] / cost[1_000], "x", "≤ 2.5"))
    return rows


def _memory(names: Sequence[str]) -> float:
    """Megabytes that Python holds for entities and names; the automaton, which tracemalloc does not see, is counted by the process."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    book = NameMatcher(entities(names))
    held = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert book.scanner is not None
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3
    return max(held, grown)


if __name__ == "__main__":
    print(show(run()))
    sys.exit(0)
