"""Defines PartReader: who acted, on whom, for how much, where, when, how surely and who says so, for the events chosen in an item.

The sentence with the strongest trigger speaks first; what it leaves open is filled from the other sentences that tell the same, in order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from seeds.entities import Entity
from seeds.events import EventType
from watchers.match.attribution import AGENCIES, OFFICES, trailing_source
from watchers.match.language_book import Reading, Told
from watchers.match.news import Telling
from watchers.match.parties import COMPANY_NOUNS, Party, parties
from watchers.match.result import Amount, Event, Named, Status
from watchers.match.roles import agent, agent_inside, anchor, group_after, group_before, group_to, passive, place_of, tiers
from watchers.match.sentences import Sentence, Token
from watchers.match.status import read_status
from watchers.match.when import When, read_dates

_SPEAKERS = ("company", "brand", "organization", "government", "person", "name", "noun")
_IT = frozenset(("it", "they", "company", "firm", "group", "hãng", "công", "tập"))
"""Words at the start of a sentence that stand for the party of the one before."""
_WITH = frozenset(("with", "với", "cùng", "voi"))
_SENTENCE_ON = 30
"""Letters by which a date in the next sentence counts as farther from what happened."""
_COMPANIES = ("company", "brand", "organization", "government")


class PartReader:
    """Reads the parts of events of one item. Sentences are taken apart at most once."""

    def __init__(
        self, types: Mapping[str, EventType], entities: Mapping[str, Entity], sentences: Sequence[Sentence], readings: Sequence[Reading],
        *, lang: str, published: date | None,
    ) -> None:
        self._types, self._entities = types, entities
        self._sentences, self._readings = sentences, readings
        self._lang, self._published = lang, published
        self._named: dict[int, list[Party]] = {}
        self._dates: dict[int, list[When]] = {}
        self._acts: dict[tuple[str, int, int, int], tuple[list[Party], list[Party]]] = {}
        self._names = frozenset(
            token.word for sentence in sentences if not sentence.headline for token in sentence.tokens[1:] if token.text[0].isupper()
        )

    def event(self, telling: Telling) -> Event | None:
        """The event with its parts; None where its type needs somebody who acts and nobody does."""
        kind = self._types[telling.type]
        strongest = sorted(telling.told, key=lambda one: (one.trigger.weight, -one.start))
        first = list({one.sentence: one for one in strongest}.values())
        first.sort(key=lambda one: one.sentence)
        main = max(first[:4], key=lambda one: (one.trigger.weight * (1.0 if one.sentence < 3 else 0.5), -one.sentence))
        order = [main, *(one for one in first if one is not main and self._same(kind, main, one))][:4]
        actors, targets = self._actors_and_targets(kind, order)
        if kind.needs_actor and not actors:
            return None
        order.sort(key=lambda one: one.sentence)
        when = self._when(order)
        sentence = self._sentences[main.sentence]
        return Event(
            type=telling.type, actors=actors, targets=targets, amount=self._amount(kind, order), place=self._place(kind, order),
            date=when.iso if when else None, status=self._status(order), attributed_to=self._source(order),
            field=sentence.field, start=sentence.start, end=sentence.end,
        )

    def acts_itself(self, told: Told) -> bool:
        """Whether the sentence itself names a known party that acts, rather than the item as a whole."""
        return any(one.kind in _COMPANIES for one in self._sides(self._types[told.type], told)[0])

    def _same(self, kind: EventType, main: Told, other: Told) -> bool:
        """Whether another sentence can tell of the same event: somebody known acts in both, or in one of them nobody does."""
        known = [{one.value for one in self._sides(kind, told)[0] if one.kind in _COMPANIES} for told in (main, other)]
        return not known[0] or not known[1] or bool(known[0] & known[1])

    def _parties_of(self, number: int, type_id: str) -> list[Party]:
        if number not in self._named:
            nouns = [span for spans in self._readings[number].nouns.values() for span in spans]
            self._named[number] = parties(self._sentences[number], self._entities, nouns, self._names)
        mine = set(self._readings[number].nouns.get(type_id, ()))
        sources = {end for _, end in self._readings[number].source_after} if type_id else set()
        return [one for one in self._named[number] if one.start not in sources and (one.kind != "noun" or (one.start, one.end) in mine)
                and not (type_id and _is_agency(one))]

    def _sides(self, kind: EventType, told: Told) -> tuple[list[Party], list[Party]]:
        """Who acts and who is acted on in one sentence."""
        key = (kind.id, told.sentence, told.start, told.end)
        if key not in self._acts:
            self._acts[key] = self._read_sides(kind, told)
        return self._acts[key]

    def _read_sides(self, kind: EventType, told: Told) -> tuple[list[Party], list[Party]]:
        able, touched = ("noun", *kind.actors, "name"), (*kind.targets, "name")
        tokens = self._sentences[told.sentence].tokens
        named = self._parties_of(told.sentence, kind.id)
        at = anchor(named, told.start, told.end)
        side, other = told.trigger.actor, told.trigger.target
        acting: list[Party] = []
        if side == "before":
            acting = agent(tokens, named, told.end, able) or agent_inside(tokens, named, at, able)
            if acting or passive(tokens, at, told.end):
                side, other = "after", "before"
                named = [one for one in named if one not in acting]
        if not acting and side in {"before", "both"}:
            acting = group_before(tokens, named, at, able)
        if side == "to":
            acting = group_to(tokens, named, at, able) or group_before(tokens, named, at, able)
        if side == "both":
            acting = [*acting, *(each for each in named if each.end <= at and each.kind in able and each not in acting
                                 and each.start and tokens[each.start - 1].word in _WITH)]
        if side == "both" or (not acting and side == "after"):
            acting = [*acting, *(each for each in group_after(tokens, named, at, able) if each not in acting)]
        if not acting and side == "before":
            acting = [one for one in named if one.kind == "noun"][:1]
        if not acting and any(token.word in _IT for token in tokens[:4]):
            acting = self._before_it(told.sentence, kind)
        goals = group_before(tokens, named, at, touched) if other in {"before", "both"} else []
        if other in {"after", "both"}:
            goals = [*goals, *group_after(tokens, named, at, touched)]
        return acting, [each for each in goals if each.value not in {one.value for one in acting}]

    def _actors_and_targets(self, kind: EventType, order: Sequence[Told]) -> tuple[tuple[str | Named, ...], tuple[str | Named, ...]]:
        actors: list[Party] = []
        targets: list[Party] = []
        for one in order:
            acting, goals = self._sides(kind, one)
            # A name found later says more than "the judge" of a headline.
            if not actors or (acting and all(_unnamed(each) for each in actors) and not all(_unnamed(each) for each in acting)):
                actors = acting or actors
            targets = targets or goals
        actors = actors or self._main_party(kind.actors)
        taken = {one.value for one in actors}
        return _values(actors), _values([one for one in targets if one.value not in taken])

    def _before_it(self, number: int, kind: EventType) -> list[Party]:
        """Whom "it" or "the company" at the start of a sentence means: the first party of the sentence before that names one."""
        for earlier in range(number - 1, max(number - 4, -1), -1):
            for one in self._parties_of(earlier, kind.id):
                if one.kind in _COMPANIES and one.kind in kind.actors:
                    return [one]
        return []

    def _main_party(self, kinds: Sequence[str]) -> list[Party]:
        """The first party of the item that could have acted: "the company", "hãng" and headlines without a subject mean it."""
        for tier in tiers(tuple(kinds)):
            for number in range(min(3, len(self._sentences))):
                for one in self._parties_of(number, ""):
                    if one.kind in tier:
                        return [one]
        return []

    def _amount(self, kind: EventType, order: Sequence[Told]) -> Amount | None:
        if kind.amount is None:
            return None
        chosen: Amount | None = None
        for one in order:
            sums = self._sums(one.sentence)
            anchors = [one.start] if not kind.amount else [start for start, _ in self._readings[one.sentence].amounts.get(kind.id, ())]
            choice = [(abs(at - anchored), at, amount) for at, amount in sums for anchored in anchors
                      if not kind.amount or abs(at - anchored) <= 8]
            if choice and chosen is None:
                chosen = min(choice, key=lambda each: each[:2])[2]
            elif chosen is not None:
                # The text gives to the last digit what the headline rounds.
                chosen = next((amount for _, amount in sums if _rounded(chosen, amount)), chosen)
        if chosen is None and not kind.amount:
            everywhere = {amount for number in range(min(4, len(self._sentences))) for _, amount in self._sums(number)}
            return everywhere.pop() if len(everywhere) == 1 else None
        return chosen

    def _sums(self, number: int) -> list[tuple[int, Amount]]:
        return [(at, token.money.amount) for at, token in enumerate(self._sentences[number].tokens) if token.money is not None]

    def _place(self, kind: EventType, order: Sequence[Told]) -> str | None:
        if not kind.place:
            return None
        found = [place_of(self._sentences[one.sentence], self._parties_of(one.sentence, kind.id), one.start) for one in order]
        return min((one for one in found if one is not None), default=(0, None))[1]

    def _when(self, order: Sequence[Told]) -> When | None:
        near: list[tuple[int, int, When]] = []
        for place, one in enumerate(order):
            at = self._sentences[one.sentence].tokens[one.start].start - self._sentences[one.sentence].start
            near += [(abs(each.start - at) + _SENTENCE_ON * place, place, each) for each in self._dates_of(one.sentence)]
        return min(near, key=lambda each: each[:2])[2] if near else None

    def _dates_of(self, number: int) -> list[When]:
        if number not in self._dates:
            tokens = self._sentences[number].tokens
            text, last = "", tokens[0].start
            for token in tokens:
                text += " " * max(0, token.start - last) + token.text
                last = token.end
            self._dates[number] = read_dates(text, self._published)
        return self._dates[number]

    def _status(self, order: Sequence[Told]) -> Status:
        read: list[Status] = []
        for one in order[:3]:
            if one.trigger.status:
                read.append(one.trigger.status)
                continue
            tokens = self._sentences[one.sentence].tokens
            ahead = any(each.ahead for each in self._dates_of(one.sentence))
            status = read_status(self._readings[one.sentence].cues, one.start, one.end, ahead=ahead)
            if status == "done" and "to" in {tokens[one.start].word, tokens[max(0, one.start - 1)].word} and self._lang == "en":
                status = "planned"
            read.append(status)
        if "denied" in read:
            return "denied"
        if "reported" in read[:2]:
            return "reported"
        return "planned" if "planned" in read[:2] else "done"

    def _source(self, order: Sequence[Told]) -> str | None:
        """Whom the event is attributed to: an agency before a company that speaks for itself, "the company" being the item's first."""
        found: list[Party] = []
        numbers = list(dict.fromkeys([one.sentence for one in order] + list(range(min(3, len(self._sentences))))))
        for number in numbers:
            sentence, reading = self._sentences[number], self._readings[number]
            tokens = sentence.tokens
            if sentence.field == "title":
                tail = trailing_source([token.word for token in tokens])
                if tail:
                    return " ".join(token.text for token in tokens[tail[0]:tail[1]])
            named = self._parties_of(number, "")
            for _, end in reading.source_after:
                found += [one for one in named if one.start == end and one.kind in _SPEAKERS]
            for start, _ in reading.source_before:
                found += self._speakers(tokens, named, start)
        agencies = [one for one in found if _is_agency(one)]
        choice = agencies or found
        return choice[0].text if choice else None

    def _speakers(self, tokens: Sequence[Token], named: Sequence[Party], start: int) -> list[Party]:
        """Who speaks, where a word of speech begins at token `start`: the party right before it or before its office."""
        for one in named:
            if one.kind in _SPEAKERS and one.end <= start and all(token.word in OFFICES for token in tokens[one.end:start]):
                belongs = one.start > 0 and tokens[one.start - 1].word in {"thuộc", "thuoc", "of", "của", "cua"}
                return self._main_party(_COMPANIES) if belongs else [one]
        return self._main_party(_COMPANIES) if start and tokens[start - 1].word in COMPANY_NOUNS else []


def _unnamed(party: Party) -> bool:
    return party.kind == "noun" and party.text.islower()


def _is_agency(party: Party) -> bool:
    return party.text.lower().removeprefix("the ").removesuffix(" news") in AGENCIES


def _rounded(given: Amount, exact: Amount) -> bool:
    """Whether `exact` is what `given` rounds: within 5 %, in the same currency, with more digits."""
    digits = [len(f"{one.value:.0f}".rstrip("0")) for one in (given, exact)]
    return given.currency == exact.currency and digits[1] > digits[0] and abs(given.value - exact.value) <= 0.05 * exact.value


def _values(found: Sequence[Party]) -> tuple[str | Named, ...]:
    return tuple(dict.fromkeys(one.value for one in found))
