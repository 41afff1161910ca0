"""Defines `sum_of`, for how much an event is, and `one_sum_each`, which lets a sum belong to one event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from seeds.events import EventType
from watchers.match.events.pattern_catalog import SentenceMatches, TriggerMatch
from watchers.match.language.sentences import Sentence
from watchers.match.result import Amount, Event


def sum_of(
    kind: EventType, order: Sequence[TriggerMatch], sentences: Sequence[Sentence], readings: Sequence[SentenceMatches]
) -> Amount | None:
    """The sum that the event is about: the nearest to its words, or to the words that its type names ("profit", "lãi")."""
    if kind.amount is None:
        return None
    chosen: Amount | None = None
    for match in order:
        sums = _sums(sentences[match.sentence])
        anchors = [match.start] if not kind.amount else [start for start, _ in readings[match.sentence].amounts.get(kind.id, ())]
        choice = [(abs(at - anchored), at, amount) for at, amount in sums for anchored in anchors
                  if not kind.amount or abs(at - anchored) <= 8]
        if choice and chosen is None:
            chosen = min(choice, key=lambda each: each[:2])[2]
        elif chosen is not None:
            # The text gives to the last digit what the headline rounds.
            chosen = next((amount for _, amount in sums if _rounded(chosen, amount)), chosen)
    if chosen is None and not kind.amount:
        everywhere = {money.amount for sentence in sentences[:4] for money in sentence.sums}
        return everywhere.pop() if len(everywhere) == 1 else None
    return chosen


def _sums(sentence: Sentence) -> list[tuple[int, Amount]]:
    return [(at, token.money.amount) for at, token in enumerate(sentence.tokens) if token.money is not None]


def _rounded(given: Amount, exact: Amount) -> bool:
    """Whether `exact` is what `given` rounds: within 5 %, in the same currency, with more digits."""
    digits = [len(f"{amount.value:.0f}".rstrip("0")) for amount in (given, exact)]
    return given.currency == exact.currency and digits[1] > digits[0] and abs(given.value - exact.value) <= 0.05 * exact.value


def one_sum_each(types: Mapping[str, EventType], events: Sequence[Event]) -> list[Event]:
    """The events, where a sum that several of them took stays with the one that it is said of: results before the deal beside them, what
    is invested before what is built."""
    found: list[Event] = []
    for event in events:
        rivals = [each for each in events if each is not event and each.amount == event.amount]
        anchored = bool(types[event.type].amount)
        lost = event.amount is not None and any(
            (types[each.type].amount and not anchored) or types[event.type].yields_sum_to == each.type for each in rivals
        )
        found.append(replace(event, amount=None) if lost else event)
    return found
