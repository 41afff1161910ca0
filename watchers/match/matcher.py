"""Defines Matcher: an item in, a Match out. The one door to everything under `watchers.match`.

    item ─► names (one pass, every item) ─► meant? ─► sponsored? ─► events ─► about ─► rules ─► Match
                 └─ nothing found: no more is done than what rules without names ask for

Compiled once from the seeds; pure from then on: no clock, no network, no file. It pickles as its arguments and is rebuilt where it arrives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import structs

from seeds.languages import LANGUAGES
from watchers.match.events.reader import EventReader
from watchers.match.names.mentions import NameMatcher
from watchers.match.names.spacy_ner import SpacyRecognizer
from watchers.match.result import Event, Field, Match, Mention, Salience
from watchers.match.rules import ItemFacts, RuleMatcher
from watchers.match.salience.score import SalienceScorer
from watchers.match.salience.sponsored import STEMS, is_sponsored
from watchers.models.item import Item
from watchers.text.language import language_of

if TYPE_CHECKING:
    from seeds.load import Seeds
    from seeds.rules import Rule


SUBJECT = "topic"
"""The kind of entity that takes no part in events and is nowhere; an item that names such only is not read for them."""


class Matcher:
    """Matches items against the seeds.

    `salience` is the value from which an item is about an entity; `languages` are those read for events: an item in another is still
    searched for names. Raises ValueError when `spacy_model` names a pipeline that is not there.
    """

    def __init__(self, seeds: Seeds, *, salience: float = 0.15, languages: Sequence[str] = LANGUAGES, spacy_model: str = "") -> None:
        self._made_of = (seeds, salience, tuple(languages), spacy_model)
        self._entities = seeds.entities
        self._languages = tuple(languages)
        self._recognizer = SpacyRecognizer(spacy_model) if spacy_model else None
        self._names = NameMatcher(seeds.entities, STEMS, self._recognizer)
        self._reader = EventReader(seeds.events, seeds.entities)
        names = {feed.url: feed.title for feed in seeds.feeds}
        only = {feed.url: feed.rules for feed in seeds.feeds if feed.rules}
        self._rules = RuleMatcher(seeds.rules, seeds.entities, seeds.events, feeds=names, only=only, threshold=salience)
        self._without_names = self._rules.works_without_names

    def __reduce__(self) -> tuple[object, ...]:
        seeds, salience, languages, spacy_model = self._made_of
        return _rebuild, (seeds, salience, languages, spacy_model)

    def may_match(self, raw: bytes) -> bool:
        """False only when no name of any entity stands in these bytes of UTF-8 text (NFC, escapes resolved)."""
        return self._names.scanner.may_match(raw)

    def literals(self) -> tuple[bytes, ...]:
        """What `may_match` looks for: every spelling of every name, in lower case, as UTF-8."""
        return self._names.scanner.literals()

    def match_without_names(self, items: Sequence[Item]) -> list[Match | None]:
        """The matches of those items in which no name can stand, found in one scan over all of them; None for the others, which `match`
        has to read. Most items of most feeds end here, for a fraction of what each costs by itself."""
        if self._without_names:
            return [None] * len(items)
        free = self._names.free([(item.title, item.summary, item.text) for item in items])
        return [
            Match(language_of(item.text or item.summary or item.title, item.lang), sponsored=item.sponsored) if alone else None
            for item, alone in zip(items, free, strict=True)
        ]

    def match(self, item: Item, *, explain: bool = False, all_events: bool = True) -> Match:
        """All that is known about the item: what it names, tells and is about, and which rules it hits; with `explain` the misses too.

        Without `all_events`, events are read only where they can make a hit, or with `explain` a miss by one condition alone: six of seven
        items of an archive that name somebody go without, for a third of the time. Hits and such misses are the same.
        """
        fields: dict[Field, str] = {"title": item.title, "summary": item.summary, "text": item.text}
        lang = language_of(item.text or item.summary or item.title, item.lang)
        found = self._names.find(fields, lang)
        mentions = found.mentions
        sponsored = item.sponsored or (found.signal and is_sponsored(item.title, item.text or item.summary))
        if not mentions and not self._without_names and not explain:
            return Match(lang, sponsored=sponsored)
        events: tuple[Event, ...] = ()
        with_parts: dict[str, Salience] = {}
        alone: dict[str, Salience] = {}
        if mentions:
            weigher = SalienceScorer(mentions, found.readings, self._entities)
            whole = self._rolled_up(mentions)
            with_parts = {one: weigher.score(one, all_) for one, all_ in whole.items()}
            # Most entities have no parts that are named: what was weighed is theirs alone.
            alone = {
                one: with_parts[one] if len(own) == len(whole[one]) else weigher.score(one, own)
                for one, own in _by_entity(mentions).items()
            }
        together = "\n".join(value for value in fields.values() if value)
        waiting: list[Rule] | None = None
        facts = ItemFacts(item.feed, lang, together, mentions, None, sponsored, with_parts, alone)
        if lang in self._languages and any(self._entities[mention.entity].kind != SUBJECT for mention in mentions):
            if not all_events:
                waiting = self._rules.waiting(facts, explain=explain)
                if not waiting:
                    return Match(lang, mentions, (), sponsored, salience=with_parts)
            named = {field: self._recognizer.named(text) for field, text in fields.items()} if self._recognizer else {}
            events = self._reader.read(fields, mentions, lang=lang, published=item.published, named=named)
        hits, misses = self._rules.judge(structs.replace(facts, events=events), explain=explain, among=None if explain else waiting)
        return Match(lang, mentions, events, sponsored, hits, misses, with_parts)

    def _rolled_up(self, mentions: Sequence[Mention]) -> Mapping[str, list[Mention]]:
        """The mentions of each entity named, those of its parts included, all the way up."""
        found: dict[str, list[Mention]] = {}
        for mention in mentions:
            entity: str | None = mention.entity
            seen: set[str] = set()
            while entity is not None and entity in self._entities and entity not in seen:
                seen.add(entity)
                found.setdefault(entity, []).append(mention)
                entity = self._entities[entity].part_of
        return found


def _by_entity(mentions: Sequence[Mention]) -> Mapping[str, list[Mention]]:
    found: dict[str, list[Mention]] = {}
    for mention in mentions:
        found.setdefault(mention.entity, []).append(mention)
    return found


def _rebuild(seeds: Seeds, salience: float, languages: tuple[str, ...], spacy_model: str) -> Matcher:
    return Matcher(seeds, salience=salience, languages=languages, spacy_model=spacy_model)
