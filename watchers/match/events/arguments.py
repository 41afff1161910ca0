"""Defines ArgumentReader: who acted, on whom, for how much, where, when, how surely and who says so, for the events chosen in an item.

The sentence with the strongest trigger speaks first; what it leaves open is filled from the other sentences that tell the same, in order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from msgspec import structs

from seeds.entities import Entity
from seeds.events import EventType
from watchers.match.events.amounts import sum_of
from watchers.match.events.attribution import AttributionReader
from watchers.match.events.dates import EventDates
from watchers.match.events.participants import CapitalisationStats, Participant, parties, with_labels
from watchers.match.events.pattern_catalog import SentenceMatches, TriggerMatch
from watchers.match.events.places import is_location_only, place_of
from watchers.match.events.roles import (
    agent,
    agent_inside,
    anchor,
    descriptive_participants,
    group_after,
    group_before,
    group_to,
    in_office,
    is_adverse_passive,
    joined,
    passive,
    preference_groups,
)
from watchers.match.events.selection import ReportedEvent
from watchers.match.events.status import EventStatusReader
from watchers.match.language.attribution_words import is_press
from watchers.match.language.english_names import is_adjective
from watchers.match.language.sentences import Sentence
from watchers.match.names.spacy_ner import NamedEntity
from watchers.match.result import Event, Field, UnknownName

_IT = frozenset(("it", "they", "company", "firm", "group", "hãng", "công", "tập"))
"""Words at the start of a sentence that stand for the party of the one before."""
_WITH = frozenset(("with", "với", "cùng", "voi"))
_COMPANIES = ("company", "brand", "organization", "government")


class ArgumentReader:
    """Reads the parts of events of one item. Sentences are taken apart at most once."""

    def __init__(
        self,
        types: Mapping[str, EventType],
        entities: Mapping[str, Entity],
        sentences: Sequence[Sentence],
        readings: Sequence[SentenceMatches],
        *,
        lang: str,
        published: date | None,
        named: Mapping[Field, Sequence[NamedEntity]] = MappingProxyType({}),
    ) -> None:
        self._types, self._entities = types, entities
        self._sentences, self._readings = sentences, readings
        self._lang, self._labels = lang, named
        self._letters = CapitalisationStats(sentences)
        self._named: dict[int, list[Participant]] = {}
        self._aside: dict[int, list[Participant]] = {}
        self._dates = EventDates(sentences, published)
        self._status = EventStatusReader(sentences, readings, self._dates, lang)
        self._acts: dict[tuple[str, int, int, int], tuple[list[Participant], list[Participant]]] = {}
        self._sources = AttributionReader(
            sentences, readings, lambda number: self._parties_of(number, ""), lambda: self._main_party(_COMPANIES)
        )

    def event(self, telling: ReportedEvent) -> Event | None:
        """The event with its parts; None where its type needs somebody who acts and nobody does."""
        kind = self._types[telling.type]
        strongest = sorted(telling.told, key=lambda match: (match.trigger.weight, -match.start))
        first = list({match.sentence: match for match in strongest}.values())
        first.sort(key=lambda match: match.sentence)
        main = max(first[:4], key=lambda match: (match.trigger.weight * (1.0 if match.sentence < 3 else 0.5), -match.sentence))
        order = [main, *(match for match in first if match is not main and self._same(kind, main, match))][:4]
        actors, targets = self._actors_and_targets(kind, order)
        if kind.needs_actor and not actors:
            return None
        order.sort(key=lambda match: match.sentence)
        status = self._status.status_of(order, self._with_lead(order), by_date=not kind.background)
        around = self._with_lead(order)
        when = self._dates.when(around, spoken=kind.background, ahead=status == "planned") if status != "denied" else None
        source = self._sources.source(
            [match.sentence for match in order], main=main.sentence, involved={*actors, *targets}, denied=status == "denied",
            only_beside=kind.source_beside,
        )
        sentence = self._sentences[main.sentence]
        return Event(
            type=telling.type, actors=actors, targets=targets, amount=sum_of(kind, order, self._sentences, self._readings),
            place=self._place(kind, around),
            date=when.iso if when else None, status=status, attributed_to=source,
            field=sentence.field, start=sentence.start, end=sentence.end,
        )

    def _with_lead(self, order: list[TriggerMatch]) -> list[TriggerMatch]:
        """The places that tell the event and, where only the headline tells it in words that we know, the sentence under it: it says the
        same at more length."""
        lead = next((at for at, sentence in enumerate(self._sentences) if sentence.field != "title"), None)
        if lead is None or any(self._sentences[match.sentence].field != "title" for match in order):
            return order
        return [*order, structs.replace(order[0], sentence=lead, start=0, end=0)]

    def acts_itself(self, told: TriggerMatch) -> bool:
        """Whether the sentence itself names a known party that acts, rather than the item as a whole."""
        return any(participant.kind in _COMPANIES for participant in self._sides(self._types[told.type], told)[0])

    def _same(self, kind: EventType, main: TriggerMatch, other: TriggerMatch) -> bool:
        """Whether another sentence can tell of the same event: somebody known acts in both, or in one of them nobody does."""
        acting = [[participant for participant in self._sides(kind, told)[0] if participant.kind in _COMPANIES] for told in (main, other)]
        if any(_states(one) and _offices(another) for one, another in (acting, reversed(acting))):
            return True
        known = [{participant.value for participant in each} for each in acting]
        return not known[0] or not known[1] or bool(known[0] & known[1])

    def _parties_of(self, number: int, type_id: str) -> list[Participant]:
        if number not in self._named:
            nouns = [span for spans in self._readings[number].nouns.values() for span in spans]
            sentence = self._sentences[number]
            found = parties(sentence, self._entities, nouns, self._letters, lang=self._lang)
            found = with_labels(sentence, found, self._labels.get(sentence.field, ()))
            self._named[number] = found
            self._aside[number] = descriptive_participants(sentence.tokens, found)
        mine = set(self._readings[number].nouns.get(type_id, ()))
        sources = {end for _, end in self._readings[number].source_after} if type_id else set()
        return [
            participant
            for participant in self._named[number]
            if participant.start not in sources
            and (participant.kind != "noun" or (participant.start, participant.end) in mine)
            and not (type_id and ((participant.kind != "company" and is_press(participant.text)) or participant in self._aside[number]))
        ]

    def _sides(self, kind: EventType, told: TriggerMatch) -> tuple[list[Participant], list[Participant]]:
        """Who acts and who is acted on in one sentence."""
        key = (kind.id, told.sentence, told.start, told.end)
        if key not in self._acts:
            self._acts[key] = self._read_sides(kind, told)
        return self._acts[key]

    def _read_sides(self, kind: EventType, told: TriggerMatch) -> tuple[list[Participant], list[Participant]]:
        able, touched = ("noun", *kind.actors, "name"), (*kind.targets, "name")
        tokens = self._sentences[told.sentence].tokens
        named = self._parties_of(told.sentence, kind.id)
        if "person" in able:
            named = [participant for participant in named if not in_office(tokens, named, participant)]
        at = anchor(named, told.start, told.end)
        side, other = told.trigger.actor, told.trigger.target
        acting: list[Participant] = []
        if side == "before" and is_adverse_passive(tokens, at, told.end):
            acting = agent_inside(tokens, named, at, able)
            return acting, [participant for participant in group_before(tokens, named, at, touched) if participant not in acting]
        if side == "before":
            acting = agent(tokens, named, told.end, able) or agent_inside(tokens, named, at, able)
            if acting or passive(tokens, at, told.end):
                side, other = "after", "before"
                named = [participant for participant in named if participant not in acting]
        if not acting and side in {"before", "both"}:
            acting = group_before(tokens, named, at, able)
        if side == "to":
            acting = group_to(tokens, named, at, able)
            if not acting and not self._denied(told):
                acting = group_before(tokens, named, at, able)
        if side == "both":
            acting = [*acting, *(each for each in named if each.end <= at and each.kind in able and each not in acting
                                 and each.start and tokens[each.start - 1].word in _WITH)]
        if side == "both" or (not acting and side == "after"):
            acting = [*acting, *(each for each in group_after(tokens, named, at, able) if each not in acting)]
        if not acting and side == "before":
            acting = [participant for participant in named if participant.kind == "noun"][:1]
        if not acting and any(token.word in _IT for token in tokens[:4]):
            acting = self._before_it(told.sentence, kind)
        goals = group_before(tokens, named, at, touched) if other in {"before", "both"} else []
        if other in {"after", "both"}:
            goals = [*goals, *group_after(tokens, named, at, touched)]
        return acting, [each for each in goals if each.value not in {participant.value for participant in acting}]

    def _actors_and_targets(
        self, kind: EventType, order: Sequence[TriggerMatch]
    ) -> tuple[tuple[str | UnknownName, ...], tuple[str | UnknownName, ...]]:
        actors: list[Participant] = []
        targets: list[Participant] = []
        for match in order:
            acting, goals = self._sides(kind, match)
            # A name found later says more than "the judge" of a headline.
            if not actors or (acting and all(_unnamed(each) for each in actors) and not all(_unnamed(each) for each in acting)):
                actors = acting or actors
            elif acting and _nouns(actors) and not _nouns(acting):
                actors = acting
            elif _states(actors) and _offices(acting):
                actors = acting  # the ministry that acts, where the headline names its country
            elif match.trigger.actor == "both" and len(actors) == 1 < len(acting) and actors[0].value in {each.value for each in acting}:
                actors = acting  # the headline names one side only
            targets = targets or goals
        if not actors and not any(self._by_somebody(match) for match in order):
            accused = order[0].trigger.actor == "none"
            actors = self._main_party(kind.actors, {target.value for target in targets} if accused else (), listed=kind.background)
        if len(actors) == 1 and _nouns(actors):
            actors = self._holder(actors[0], order) or actors
        taken = {actor.value for actor in actors}
        return _values(actors), _values([target for target in targets if target.value not in taken])

    def _holder(self, office: Participant, order: Sequence[TriggerMatch]) -> list[Participant]:
        """Who holds the office that acts, where the sentence under the headline names the person right behind it."""
        for match in self._with_lead(list(order)):
            tokens, size = self._sentences[match.sentence].tokens, office.end - office.start
            for each in self._parties_of(match.sentence, ""):
                title = " ".join(token.word for token in tokens[max(0, each.start - size):each.start])
                if each.kind in {"person", "name"} and title == office.text.lower():
                    return [each]
        return []

    def _before_it(self, number: int, kind: EventType) -> list[Participant]:
        """Whom "it" or "the company" at the start of a sentence means: the first party of the sentence before that names one."""
        for earlier in range(number - 1, max(number - 4, -1), -1):
            for participant in self._parties_of(earlier, kind.id):
                if participant.kind in _COMPANIES and participant.kind in kind.actors:
                    return [participant]
        return []

    def _by_somebody(self, told: TriggerMatch) -> bool:
        """Whether the words say that somebody acts whom they do not name: a sale without a buyer denied, an order won from a client."""
        side = told.trigger.actor
        if side == "before":
            return is_adverse_passive(self._sentences[told.sentence].tokens, told.start, told.end)
        return side == "after" or (side == "to" and self._denied(told))

    def _denied(self, told: TriggerMatch) -> bool:
        return any(kind == "denied" for kind, _, _ in self._readings[told.sentence].cues)

    def _main_party(self, kinds: Sequence[str], others: Collection[str | UnknownName] = (), *, listed: bool = False) -> list[Participant]:
        """The first party of the item that could have acted: "the company", "hãng" and headlines without a subject mean it. `others`
        did not; `listed`: all of the list in which it stands."""
        for tier in preference_groups(tuple(kinds)):
            for number in range(min(3, len(self._sentences))):
                for participant in self._parties_of(number, ""):
                    tokens = self._sentences[number].tokens
                    if (
                        participant.kind in tier
                        and participant.value not in others
                        and participant not in self._aside[number]
                        and not is_location_only(tokens, participant)
                    ):
                        return joined(tokens, self._parties_of(number, ""), participant) if listed else [participant]
        return []

    def _place(self, kind: EventType, order: Sequence[TriggerMatch]) -> str | None:
        if not kind.place:
            return None
        found = [place_of(self._sentences[match.sentence], self._parties_of(match.sentence, kind.id), match.start) for match in order]
        place = min((one for one in found if one is not None), default=(0, None))[1]
        if place is None and kind.place_is_target:
            goals = [goal for match in order for goal in self._sides(kind, match)[1] if goal.kind in {"place", "government"}]
            return next((goal.text for goal in goals if not is_adjective(goal.text)), None)
        return place


def _unnamed(party: Participant) -> bool:
    return party.kind == "noun" and party.text.islower()


def _nouns(found: Sequence[Participant]) -> bool:
    return bool(found) and all(participant.kind == "noun" for participant in found)


def _states(found: Sequence[Participant]) -> bool:
    return bool(found) and all(participant.kind == "government" for participant in found)


def _offices(found: Sequence[Participant]) -> bool:
    return bool(found) and all(participant.kind == "organization" and isinstance(participant.value, UnknownName) for participant in found)


def _values(found: Sequence[Participant]) -> tuple[str | UnknownName, ...]:
    return tuple(dict.fromkeys(participant.value for participant in found))
