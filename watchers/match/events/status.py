"""Defines EventStatusReader: how sure an event is, of all that its item says of it. The words themselves stand in `status`."""

from __future__ import annotations

from collections.abc import Sequence

from watchers.match.events.dates import EventDates
from watchers.match.events.pattern_catalog import SentenceMatches, TriggerMatch
from watchers.match.language.sentences import Sentence
from watchers.match.language.status_cues import is_abandoned, read_status
from watchers.match.result import Status


class EventStatusReader:
    """Reads the status of one item's events."""

    def __init__(self, sentences: Sequence[Sentence], readings: Sequence[SentenceMatches], dates: EventDates, lang: str) -> None:
        self._sentences, self._readings, self._dates, self._lang = sentences, readings, dates, lang

    def status_of(self, order: Sequence[TriggerMatch], around: Sequence[TriggerMatch], *, by_date: bool) -> Status:
        """How sure the event told at `order` is; `around` adds the sentence under a headline that tells it alone.
        `by_date`: a date to come makes it a plan; results and shares need a word that says so."""
        read: list[Status] = []
        for match in order[:3]:
            if match.trigger.status:
                read.append(match.trigger.status)
                continue
            ahead = by_date and any(each.ahead for each in self._dates.of(match.sentence))
            status = read_status(self._readings[match.sentence].cues, match.start, match.end, ahead=ahead)
            given = is_abandoned(self._readings[match.sentence].cues, match.start)
            if status == "done" and not given and (self._to_come(match) or self._opens_later(match)):
                status = "planned"
            read.append(status)
        if read[0] not in {"denied", "reported"}:
            read[1:1] = self._said_in_lead(around[len(order):])
        if "denied" in read[:2] or self._denied_later(order):
            return "denied"
        if "reported" in read[:2]:
            return "reported"
        return "planned" if "planned" in read[:2] else "done"

    def _said_in_lead(self, added: Sequence[TriggerMatch]) -> list[Status]:
        """What the sentence under a headline says where the headline alone tells the event: "according to people familiar with it"."""
        cues = {kind for match in added for kind, _, _ in self._readings[match.sentence].cues}
        return ["reported"] if "reported" in cues else []

    def _denied_later(self, order: Sequence[TriggerMatch]) -> bool:
        """Whether one of the next two sentences says that all this is not so: "The company denied the report", "bác bỏ thông tin này"."""
        last = order[-1].sentence
        for number in range(last + 1, min(last + 3, len(self._sentences))):
            reading = self._readings[number]
            if any(cue == "denied" for cue, _, _ in reading.cues) and not reading.told and any(
                token.word in _ALL_THIS for token in self._sentences[number].tokens
            ):
                return True
        return False

    def _opens_later(self, told: TriggerMatch) -> bool:
        """Whether a year to come stands with it, and no word says that it is done."""
        tokens, cues = self._sentences[told.sentence].tokens, self._readings[told.sentence].cues
        past = any(token.word.endswith("ed") for token in tokens[told.start:told.end]) or any(kind == "done" for kind, _, _ in cues)
        return not past and self._dates.coming_year(told)

    def _to_come(self, told: TriggerMatch) -> bool:
        """Whether English tells it with "to": "to open", in a headline also with a few words between, "to look at easing"."""
        if self._lang != "en":
            return False
        sentence = self._sentences[told.sentence]
        reach = _TO_COME if sentence.field == "title" else 1
        before = [token.word for token in sentence.tokens[max(0, told.start - reach):told.start + 1]]
        return "to" in before and not any(word in _NO_PLAN for word in before)


_ALL_THIS = frozenset(("report", "reports", "rumour", "rumours", "rumor", "rumors", "claim", "claims", "this", "này", "trên", "đồn"))
_TO_COME = 3
_NO_PLAN = frozenset(("due", "thanks", "according", "up", "rise", "rises", "falls", "jumps", "climbs", "rose", "fell"))
