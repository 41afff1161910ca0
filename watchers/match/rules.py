"""Defines RuleMatcher: which rules an item hits, with a score that orders a digest, the reasons, and what was missing for the others.

The fields of a rule mean what the contract says, to the letter. Values only: everything about the item was worked out before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from seeds.entities import Entity
from seeds.events import EventType
from seeds.folding import restore_d, without_accents
from seeds.rules import Rule
from watchers.match.language.prefilter import PrefilteredRegex, whole
from watchers.match.reasons import EVENT, SALIENCE
from watchers.match.result import Argument, Event, Hit, Mention, Miss, Reason, Salience, UnknownName
from watchers.text.fold import fold

EVERYTHING_SCORE = 0.3
"""An item of a feed that is wanted whole, without anything found in it, stands below the items in which something was."""

MAX_WORDS_NAMED = 8
"""Words that the reason for a miss names, of those that the rule asks for."""


class ItemFacts(msgspec.Struct, frozen=True):
    """What is known about an item when the rules are asked. `with_parts` and `alone` are the salience of each entity named, with and
    without its subsidiaries' mentions; `text` is title, summary and text as given, in this order."""

    feed: str
    lang: str
    text: str
    mentions: Sequence[Mention]
    events: Sequence[Event] | None
    """None: not read yet, and every condition on them counts as met."""
    sponsored: bool
    with_parts: Mapping[str, Salience] = {}
    alone: Mapping[str, Salience] = {}


class RuleMatcher:
    """All rules, ready to be asked. `types` are the types of events, `feeds` gives the names of feeds by address, `threshold` is
    what counts as about."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        entities: Mapping[str, Entity],
        types: Mapping[str, EventType],
        *,
        feeds: Mapping[str, str],
        only: Mapping[str, tuple[str, ...]],
        threshold: float,
    ) -> None:
        self._rules = tuple(rules[rule] for rule in sorted(rules))
        self._entities, self._types, self._feeds, self._only, self._threshold = entities, types, feeds, only, threshold

    @property
    def works_without_names(self) -> bool:
        """Whether an item that names no entity can hit."""
        return any(not (rule.any or rule.all or rule.groups) for rule in self._rules)

    def judge(self, facts: ItemFacts, *, explain: bool, among: Sequence[Rule] | None = None) -> tuple[tuple[Hit, ...], tuple[Miss, ...]]:
        """The hits, best first, and with `explain` the rules that found something they look for and yet did not hit. `among`: those that
        `waiting` left, where no misses are wanted."""
        hits: list[Hit] = []
        misses: list[Miss] = []
        for rule in self._asked(facts, self._rules if among is None else among, explain=explain):
            verdict = _RuleEvaluation(rule, facts, self, whole=explain)
            if verdict.hits:
                hits.append(Hit(rule.id, verdict.score(), rule.severity, tuple(verdict.reasons)))
            elif explain and verdict.touched:
                misses.append(Miss(rule.id, tuple(verdict.missing)))
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.rule))), tuple(misses)

    def waiting(self, facts: ItemFacts, *, explain: bool) -> list[Rule]:
        """The rules that hit, or would with the right event; with `explain`, also those that would then miss by a single condition.
        `facts.events` is None."""
        found = []
        for rule in self._asked(facts, self._rules, explain=explain):
            verdict = _RuleEvaluation(rule, facts, self, whole=explain)
            if verdict.hits or (explain and verdict.touched and len(verdict.missing) == 1):
                found.append(rule)
        return found

    def _asked(self, facts: ItemFacts, rules: Sequence[Rule], *, explain: bool) -> Iterator[Rule]:
        """The rules that the item's feed is for; without `explain` only those that can hit by what is seen at once."""
        wanted = self._only.get(facts.feed, ())
        for rule in rules:
            if wanted and rule.id not in wanted:
                continue
            if not explain and rule.any and facts.with_parts.keys().isdisjoint(rule.any):
                continue
            if not explain and not facts.with_parts and (rule.all or rule.groups):
                continue
            if not explain and rule.events and facts.events is not None and not facts.events:
                continue
            yield rule

    def title(self, entity: str) -> str:
        """How messages show an entity."""
        known = self._entities.get(entity)
        return known.name if known else entity

    def mutual(self, event_type: str) -> bool:
        """Whether both sides act in events of the type."""
        known = self._types.get(event_type)
        return known is not None and known.mutual

    def from_feed(self, rule: Rule, feed: str) -> bool:
        """Whether the rule wants this feed."""
        return not rule.feeds or feed in rule.feeds or self._feeds.get(feed, feed) in rule.feeds

    @property
    def threshold(self) -> float:
        """The salience from which an item is about an entity."""
        return self._threshold


class _RuleEvaluation:
    """One rule held against one item; `whole`: every condition is tested, so that a miss can say all that was missing."""

    def __init__(self, rule: Rule, facts: ItemFacts, book: RuleMatcher, *, whole: bool) -> None:
        self.rule, self.facts, self.book = rule, facts, book
        self.reasons: list[Reason] = []
        self.missing: list[Reason] = []
        self.touched = False
        self._best = 0.0
        if rule.everything:
            self._everything()
        else:
            self._entities()
            for condition in (self._events, self._words, self._source):
                if self.missing and not whole:
                    break
                condition()
        self.hits = not self.missing

    def _salience(self, entity: str) -> Salience | None:
        return (self.facts.with_parts if self.rule.subsidiaries else self.facts.alone).get(entity)

    def _everything(self) -> None:
        self._source()
        self.touched = not self.missing
        if not self.missing:
            self.reasons.append(Reason("everything"))

    def _holds(self, entity: str) -> bool:
        """Whether the entity is named and, where the rule asks for it, is what the item is about."""
        salience = self._salience(entity)
        if salience is None:
            return False
        self.touched = True
        return not self.rule.about or salience.value >= self.book.threshold

    def _entities(self) -> None:
        rule = self.rule
        held = [one for one in rule.any if self._holds(one)]
        if rule.any:
            self._tell(held, rule.any)
        for one in rule.all:
            self._tell([one] if self._holds(one) else [], (one,))
        for one in rule.none:
            if one in self.facts.with_parts and (rule.subsidiaries or one in self.facts.alone):
                self.missing.append(Reason("ruled_out", {"name": self.book.title(one)}))
        if rule.groups:
            self._groups()

    def _tell(self, held: Sequence[str], asked: Sequence[str]) -> None:
        if held:
            for one in held:
                salience = self._salience(one)
                assert salience is not None
                self._best = max(self._best, salience.value)
                supporting = tuple(reason for reason in salience.reasons if reason.supports)[:2]
                explanation = Reason(SALIENCE, {"reasons": supporting}) if supporting else Reason("named", {"name": self.book.title(one)})
                if explanation not in self.reasons:
                    self.reasons.append(explanation)
            return
        named = [one for one in asked if self._salience(one)]
        for one in named:
            salience = self._salience(one)
            assert salience is not None
            args: dict[str, Argument] = {"name": self.book.title(one), "value": salience.value, "limit": self.book.threshold}
            self.missing.append(Reason("in_passing", {**args, "reasons": salience.reasons}))
        if not named:
            absent = self._titles(asked)
            self.missing.append(Reason("all_absent", {"any_names": absent}) if len(absent) > 1 else Reason("absent", {"name": absent[0]}))

    def _groups(self) -> None:
        rule = self.rule
        named = [[one for one in group if self._salience(one)] for group in rule.groups]
        standing = [one[0] for one in named if one]
        if standing:
            self.touched = True
        if len(standing) < 2:
            self.missing.append(Reason("one_group", {"name": self.book.title(standing[0])}) if standing else Reason("no_group"))
            return
        values = [salience.value for group in named for one in group if (salience := self._salience(one))]
        self._best = max(self._best, *values)
        if rule.about and max(values) < self.book.threshold:
            self.missing.append(Reason("about_none", {"names": self._titles(standing)}))
            return
        self.reasons.append(Reason("names", {"all_names": self._titles(standing)}))

    def _events(self) -> None:
        if not self.rule.events or self.facts.events is None:
            return
        told = [event for event in self.facts.events if event.type in self.rule.events]
        if told:
            self.reasons += [self._event_reason(event) for event in told[:3]]
            return
        self.missing.append(Reason("no_event", {"types": tuple(self.rule.events)}))

    def _event_reason(self, event: Event) -> Reason:
        known: dict[str, Argument] = {
            "type": event.type,
            "actors": self._party_names(event.actors),
            "targets": self._party_names(event.targets),
            "mutual": self.book.mutual(event.type),
            "place": event.place or "",
            "date": event.date or "",
            "status": "" if event.status == "done" else event.status,
            "attributed_to": event.attributed_to or "",
        }
        args = {name: value for name, value in known.items() if value}
        if event.amount is not None:
            args |= {"amount": event.amount.value, "currency": event.amount.currency}
        return Reason(EVENT, args)

    def _titles(self, entities: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.book.title(entity) for entity in entities)

    def _party_names(self, parties: Sequence[str | UnknownName]) -> tuple[str, ...]:
        return tuple(party.name if isinstance(party, UnknownName) else self.book.title(party) for party in parties)

    def _words(self) -> None:
        rule = self.rule
        if rule.words:
            word = first_word(rule.words, self.facts.text, exact=rule.exact)
            if word:
                self.touched = True
                self.reasons.append(Reason("word", {"text": word}))
            else:
                code = "no_word_of_many" if len(rule.words) > MAX_WORDS_NAMED else "no_word"
                self.missing.append(Reason(code, {"words": tuple(rule.words[:MAX_WORDS_NAMED])}))
        if rule.not_words:
            word = first_word(rule.not_words, self.facts.text, exact=rule.exact)
            if word:
                self.missing.append(Reason("word_ruled_out", {"text": word}))

    def _source(self) -> None:
        rule = self.rule
        if not self.book.from_feed(rule, self.facts.feed):
            self.missing.append(Reason("other_feed", {"words": tuple(rule.feeds)}))
        if rule.languages and self.facts.lang not in rule.languages:
            languages = tuple(rule.languages)
            known = Reason("other_language", {"lang": self.facts.lang, "langs": languages})
            self.missing.append(known if self.facts.lang else Reason("unknown_language", {"langs": languages}))

    def score(self) -> float:
        """Between 0 and 1: mostly how much the item is about what the rule asks for, more for an event, less for paid content."""
        if self.rule.everything:
            return EVERYTHING_SCORE
        facts, rule = self.facts, self.rule
        value = 0.55 * (self._best or 0.3)
        told = [event for event in facts.events or () if not rule.events or event.type in rule.events]
        if told:
            value += 0.2 + (0.05 if any(one.amount for one in told) else 0) + (0.05 if any(one.status == "done" for one in told) else 0)
        asked = {*rule.any, *rule.all, *(one for group in rule.groups for one in group)}
        value += 0.05 * min(3, sum(one in facts.with_parts and facts.with_parts[one].value >= self.book.threshold for one in asked))
        return round(min(1.0, value * (0.6 if facts.sponsored else 1)), 4)


def first_word(words: Sequence[str], text: str, *, exact: bool) -> str:
    """The first of the words or phrases that stands in the text between word borders; with `exact` with accents and case as written."""
    forms, signs = _signs(tuple(words), exact)
    found = signs.search(_comparable_text(text, exact=exact))
    return forms.get(found.group(), found.group()) if found else ""


def comparable(text: str, *, exact: bool) -> str:
    """The form in which words are compared."""
    if exact:
        return re.sub(r"\s+", " ", restore_d(unicodedata.normalize("NFC", text)))
    return without_accents(fold(text))


_comparable_text = lru_cache(maxsize=4)(comparable)
"""All rules that ask for words ask the same text, one after the other."""


@lru_cache(maxsize=4_000)
def _signs(words: tuple[str, ...], exact: bool) -> tuple[Mapping[str, str], PrefilteredRegex]:
    """The words by the forms in which they are compared, and what finds these."""
    forms = {comparable(word, exact=exact).strip(): word for word in reversed(words)}
    sought = sorted(forms.keys() - {""}, key=lambda form: (-len(form), form))
    return forms, PrefilteredRegex(r"(?<!\w)(?:" + "|".join(map(re.escape, sought)) + r")(?!\w)", map(whole, sought))
