"""Defines EventDates: when an event happens or is to happen, of all the dates that an item names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from watchers.match.events.pattern_catalog import TriggerMatch
from watchers.match.language.date_expressions import DateExpression, read_dates
from watchers.match.language.sentences import Sentence

_SENTENCE_ON = 30
"""Letters by which a date in the next sentence counts as farther from what happened."""
_SPOKEN = re.compile(r"\b(?:said(?:\sin\s\w+)?|reported|told\s(?:\w+\s){1,3}|cho\sbiết|cho\shay|nói)\s?"
                     r"(?:(?:on|late|early|vào|hôm|ngày|sáng|chiều|tối)\s)*$")
"""Before a date: it is that of the speech, not of what is told."""
_SPEAKS = re.compile(r"\s(?:nói|cho\sbiết|cho\shay|khẳng\sđịnh)\b")
"""Behind a date: the same, "ngày 14/7 nói sẽ"."""
_PERIOD = re.compile(r"\b(?:ended|ending|kết\sthúc)\s(?:on\s|vào\s|ngày\s)*$")
"""Before a date: it ends what was counted, "the quarter ended January 25"."""
_YEAR_NEAR, _YEARS = 8, 30
"""Words after an event within which a year is its own, and years within which a number is one."""


class EventDates:
    """Reads the dates of one item's sentences, each at most once."""

    def __init__(self, sentences: Sequence[Sentence], published: date | None) -> None:
        self._sentences, self._published = sentences, published
        self._dates: dict[int, list[DateExpression]] = {}
        self._spoken: dict[int, set[int]] = {}

    def when(self, order: Sequence[TriggerMatch], *, spoken: bool, ahead: bool) -> DateExpression | None:
        """The date told nearest to the words that tell the event. `spoken`: the day on which it is said counts too. `ahead`: the event is
        planned, and a month without a year is one to come."""
        near: list[tuple[int, int, bool, DateExpression]] = []
        for place, match in enumerate(order):
            sentence = self._sentences[match.sentence]
            at = sentence.tokens[match.start].start - sentence.start if match.start else 0
            near += [(abs(each.start - at) + _SENTENCE_ON * place, place, each.start > at, each) for each in self.of(match.sentence)
                     if spoken or each.start not in self._spoken[match.sentence]]
        if not near and ahead and order[0].sentence + 1 < len(self._sentences):
            near = [(each.start, 0, True, each) for each in self.of(order[0].sentence + 1) if each.ahead]
        if not near:
            return None
        _, _, after, chosen = min(near, key=lambda each: each[:2])
        # "In April FPT announced that it plans": what stands before the words is when that was said.
        return chosen.to_come(self._published) if ahead and after and self._published else chosen

    def coming_year(self, told: TriggerMatch) -> bool:
        """Whether a year after that of publication stands right after the words that tell the event: "opens a plant in 2028"."""
        tokens = self._sentences[told.sentence].tokens[told.end:told.end + _YEAR_NEAR]
        years = [int(token.text) for token in tokens if len(token.text) == 4 and token.text.isascii() and token.text.isdigit()]
        return self._published is not None and any(self._published.year < year <= self._published.year + _YEARS for year in years)

    def of(self, number: int) -> list[DateExpression]:
        """The dates of a sentence, by offset in it."""
        if number not in self._dates:
            text = self._sentences[number].spaced
            self._dates[number] = read_dates(text, self._published)
            self._spoken[number] = {
                expression.start
                for expression in self._dates[number]
                if _SPOKEN.search(text, 0, expression.start) or _SPEAKS.match(text, expression.end)
            }
            self._dates[number] = [expression for expression in self._dates[number] if not _PERIOD.search(text, 0, expression.start)]
        return self._dates[number]
