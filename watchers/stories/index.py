"""Defines StoryIndex: which story an arriving item joins, and why.

Pure: no clock, no network, no file; it remembers what it was told with `record` until `forget`.

    item + match ─► traits ─► candidates (by rare terms and word runs) ─► compare with each ─► the best story without a contradiction

A term's posting list is bounded, and only the rarest terms of an item are looked up, so that an item costs the same whether a
thousand stories are kept or a hundred thousand. A wrongly merged alert is worse than a second one: when in doubt, a new story.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from watchers.match.result import Event, Match
from watchers.models.item import Item
from watchers.stories.contradictions import contradiction, disjoint_names
from watchers.stories.developments import Development, Known, Statement, developments, record_developments
from watchers.stories.features import Features, read_traits
from watchers.stories.price_moves import PriceMove
from watchers.stories.similarity import SAME_STORY_THRESHOLD, compare, weight

_LOOKED_UP = 10  # rarest terms of an item that find candidates
_POSTINGS = 48  # newest items kept for a term
_KEYED = 30  # terms of the text by which an item can be found, beside those of its title
_VOTES = 1.0  # weight of the shared terms that makes a candidate: one rare name, or two lesser words
_BESIDE_BEST = 0.35  # share of the best candidate's votes below which another is not worth comparing
_COMPARED = 20  # candidates compared
_MEMBERS = 12  # items of a story that are compared
_MOVES = 4  # items on the same move of a price that are compared
_RUNS = 4  # lowest word-run hashes that find copies
_CHROME = -1  # in place of a story: a sentence that stood in two different stories is the site's own words
_CHROME_KEPT = 20_000  # sentences
_NOTHING = Known()


@dataclass(frozen=True, slots=True)
class StoryAssignment:
    """Where an item belongs: the story to join, or None for one of its own.

    `why` says for people what it shares with that story; `developments` what it adds to it (a plan carried out, an amount, a denial).
    """

    story: int | None
    why: tuple[str, ...] = ()
    developments: tuple[Development, ...] = ()


@dataclass(slots=True)
class _IndexedItem:
    story: int
    traits: Features


@dataclass(slots=True)
class _Story:
    first: datetime
    last: datetime
    members: list[int] = field(default_factory=list)
    known: Known = _NOTHING
    """What its items have said of their events."""


class StoryIndex:
    """The stories of the window. Not for use by several threads."""

    def __init__(self, window: timedelta) -> None:
        """`window`: how far a story's first and last item may lie apart; zero makes every item a story of its own."""
        self._window = window
        self._items: dict[int, _IndexedItem] = {}
        self._stories: dict[int, _Story] = {}
        self._postings: dict[str | int, int | list[int]] = {}
        self._seen_in: Counter[str] = Counter()
        self._rarities: dict[str, float] = {}
        self._sentences: dict[int, int] = {}
        self._next = 0
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._last: tuple[Item, Match, Features] | None = None

    def __len__(self) -> int:
        """Items remembered."""
        return len(self._items)

    def place(self, item: Item, match: Match, *, seen: datetime | None = None) -> StoryAssignment:
        """Which story the item joins. Changes nothing. `seen`: when it was first seen, for items that have no date of their own."""
        if not self._window:
            return StoryAssignment(None)
        traits = self._traits(item, match, seen)
        best: tuple[float, int, tuple[str, ...]] | None = None
        for story, scored in self._judged(traits).items():
            if best is None or (scored[0], -story) > (best[0], -best[1]):
                best = (scored[0], story, scored[1])
        if best is None:
            return StoryAssignment(None)
        return StoryAssignment(best[1], best[2], developments(self._stories[best[1]].known, _statements(match)))

    def record(self, story: int, item: Item, match: Match, *, seen: datetime | None = None) -> None:
        """Remember that this item belongs to this story."""
        if not self._window:
            return
        traits = self._traits(item, match, seen)
        number = self._next
        self._next += 1
        self._latest = max(self._latest, traits.when)
        kept = self._stories.setdefault(story, _Story(traits.when, traits.when))
        kept.first, kept.last = min(kept.first, traits.when), max(kept.last, traits.when)
        self._items[number] = _IndexedItem(story, traits)
        kept.members.append(number)
        kept.known = record_developments(kept.known, _statements(match), (*traits.title_figures.sums, *traits.lead_figures.sums))
        every = {*traits.title, *traits.lead}
        self._seen_in.update(every)
        self._rarities.clear()
        for key in self._keys(traits):
            self._post(key, number)
        for sentence in traits.sentences:
            if self._sentences.setdefault(sentence, story) != story:
                self._sentences[sentence] = _CHROME
        self._last = None

    def _post(self, key: str | int, number: int) -> None:
        """Note that this item has this key. Most keys have one item, which stands without a list."""
        posting = self._postings.get(key)
        if posting is None:
            self._postings[key] = number
        elif isinstance(posting, int):
            self._postings[key] = [posting, number]
        else:
            posting.append(number)
            if len(posting) >= 2 * _POSTINGS:
                del posting[:-_POSTINGS]

    def _posted(self, key: str | int, most: int = _POSTINGS) -> list[int]:
        """The newest items with this key that are still kept."""
        posting = self._postings.get(key)
        if posting is None:
            return []
        numbers = [posting] if isinstance(posting, int) else posting[-most:]
        return [number for number in numbers if number in self._items]

    def forget(self, before: datetime) -> None:
        """Drop the stories whose last item is older than `before`."""
        gone = {story for story, kept in self._stories.items() if kept.last < before}
        if not gone:
            return
        self._rarities.clear()
        for story in gone:
            for number in self._stories.pop(story).members:
                traits = self._items.pop(number).traits
                for term in {*traits.title, *traits.lead}:
                    self._seen_in[term] -= 1
                    if self._seen_in[term] <= 0:
                        del self._seen_in[term]
        for key in [key for key in self._postings if not self._posted(key, 2 * _POSTINGS)]:
            del self._postings[key]
        for sentence in [sentence for sentence, story in self._sentences.items() if story in gone]:
            del self._sentences[sentence]
        chrome = [sentence for sentence, story in self._sentences.items() if story == _CHROME]
        for sentence in chrome[:-_CHROME_KEPT]:
            del self._sentences[sentence]
        self._last = None

    def _traits(self, item: Item, match: Match, seen: datetime | None) -> Features:
        if self._last and self._last[0] is item and self._last[1] is match:
            return self._last[2]
        when = item.published or seen or (self._latest if self._items else datetime(1970, 1, 1, tzinfo=UTC))
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        traits = read_traits(item, match, when)
        chrome = frozenset(mark for mark in traits.sentences if self._sentences.get(mark) == _CHROME)
        if chrome:
            traits = read_traits(item, match, when, chrome)
        self._last = (item, match, traits)
        return traits

    def _rarity(self, term: str) -> float:
        known = self._rarities.get(term)
        if known is None:
            total = len(self._items) + 30
            known = min(1.0, max(0.0, math.log(total / (self._seen_in.get(term, 0) + 1)) / math.log(total / 2)))
            self._rarities[term] = known
        return known

    def _keys(self, traits: Features) -> list[str | int]:
        """What finds this item: its words and figures, the first word runs, and the move it tells."""
        keys: list[str | int] = [*dict.fromkeys((*traits.title, *traits.lead[:_KEYED]))]
        keys.extend(traits.shingles[:_RUNS])
        if traits.move:
            keys.append(_move_key(traits.move))
        return keys

    def _candidates(self, traits: Features) -> list[int]:
        votes: dict[int, float] = {}
        seen_in = self._seen_in
        ranked = sorted([(seen_in.get(term, 0), term) for term in {*traits.title, *traits.lead}])[:_LOOKED_UP]
        titles = sorted([(seen_in.get(term, 0), term) for term in traits.title])[:_LOOKED_UP]
        chosen: list[str | int] = [*dict.fromkeys([term for _, term in (*titles, *ranked)])]
        for key in [*chosen, *traits.shingles[:_RUNS]]:
            value = 1.0 if isinstance(key, int) else weight(key, self._rarity)
            for number in self._posted(key):
                votes[number] = votes.get(number, 0.0) + value
        least = max(_VOTES, _BESIDE_BEST * max(votes.values(), default=0.0))
        likely = [number for number, vote in votes.items() if vote >= least]
        ranked_numbers = sorted(likely, key=lambda number: (-votes[number], number))[:_COMPARED]
        if traits.move:
            ranked_numbers.extend(number for number in self._posted(_move_key(traits.move), _MOVES) if number not in ranked_numbers)
        return ranked_numbers

    def _judged(self, traits: Features) -> dict[int, tuple[float, tuple[str, ...]]]:
        """The stories that the item may join, each with its score and reasons."""
        found: dict[int, tuple[float, tuple[str, ...]]] = {}
        for number in self._candidates(traits):
            kept = self._items[number]
            story = self._stories[kept.story]
            if max(story.last, traits.when) - min(story.first, traits.when) > self._window:
                continue
            likeness = compare(traits, kept.traits, self._rarity)
            if likeness.score < SAME_STORY_THRESHOLD or likeness.score <= found.get(kept.story, (0.0,))[0]:
                continue
            if len(story.members) == 1 or self._fits(traits, self._sampled(story)):
                found[kept.story] = (likeness.score, likeness.why)
        return found

    def _sampled(self, story: _Story) -> Iterable[Features]:
        numbers = story.members if len(story.members) <= _MEMBERS else story.members[: _MEMBERS // 2] + story.members[-_MEMBERS // 2 :]
        return [self._items[number].traits for number in numbers]

    def _fits(self, traits: Features, members: Iterable[Features]) -> bool:
        """No more than a quarter of the story's items contradict: one odd member neither opens nor closes a story."""
        against = total = 0
        for other in members:
            total += 1
            mine, yours = disjoint_names(traits, other)
            moves = traits.move and other.move and traits.move.mover == other.move.mover
            against += bool(contradiction(traits, other)) or (bool(mine and yours) and not moves)
        return against * 4 <= total


def _move_key(move: PriceMove) -> str:
    return f"move:{move.mover}:{move.session.isoformat()}"


def _statements(match: Match) -> list[Statement]:
    return [_statement(event) for event in match.events]


def _statement(event: Event) -> Statement:
    parties = frozenset(party for party in (*event.actors, *event.targets) if isinstance(party, str))
    if event.amount is None:
        return Statement(event.type, event.status, parties=parties)
    return Statement(event.type, event.status, event.amount.value, event.amount.currency, parties)
