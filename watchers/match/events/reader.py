"""Defines EventReader: an item's texts and the names found in them → the events that it reports.

    fields ─► sentences ─► triggers and cues (one pass) ─► what is the item's news ─► who, how much, where, when, how sure, who says so

What counts as triggers, roles and exclusions is data (`seeds/events.toml`); the reader holds only grammar. Pure: no clock, network, file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from seeds.entities import Entity
from seeds.events import EventType
from watchers.match.events.amounts import one_sum_each
from watchers.match.events.arguments import ArgumentReader
from watchers.match.events.long_documents import is_long, with_whole_sentences
from watchers.match.events.pattern_catalog import EventPatterns
from watchers.match.events.selection import select_events
from watchers.match.language.sentences import Sentence, read_sentences
from watchers.match.names.spacy_ner import NamedEntity
from watchers.match.result import Event, Field, Mention

_FIELDS: tuple[Field, ...] = ("title", "summary", "text")


class EventReader:
    """Reads events. Compiled once for each language, at its first text; may be used for any number of items, not by two threads at once."""

    def __init__(self, types: Mapping[str, EventType], entities: Mapping[str, Entity]) -> None:
        self._types = types
        self._entities = entities
        self._books: dict[tuple[str, bool], EventPatterns] = {}

    def read(
        self, fields: Mapping[Field, str], mentions: Sequence[Mention], *, lang: str, published: datetime | None,
        named: Mapping[Field, Sequence[NamedEntity]] = MappingProxyType({}),
    ) -> tuple[Event, ...]:
        """The events of an item, the surest first. `fields` are its texts as given and `mentions` point into them; `lang` is "en" or
        "vi" ("" is read as English). `published` dates relative dates.
        `named` are further names that a pipeline found in the fields. Sentence offsets count code points of the field as given."""
        lang = "vi" if lang == "vi" else "en"
        by_field: dict[str, list[Mention]] = defaultdict(list)
        for mention in mentions:
            by_field[mention.field].append(mention)
        sentences: list[Sentence] = []
        for field in _FIELDS:
            given = fields.get(field) or ""
            if given and not (field == "summary" and given in (fields.get("text") or "")):
                sentences += read_sentences(field, given, by_field[field], self._entities)
        if not sentences:
            return ()
        book = self._book(lang, lang == "vi" and _without_accents(fields.values()))
        readings = book.read(sentences)
        tellings = select_events(self._types, sentences, readings, published.year if published else None)
        if not tellings and not is_long(sentences):
            return ()
        parts = ArgumentReader(self._types, self._entities, sentences, readings, lang=lang,
                           published=published.date() if published else None, named=named)
        events = one_sum_each(self._types, [event for telling in tellings if (event := parts.event(telling)) is not None])
        whole = is_long(sentences) and not any(self._types[one.type].background for one in events[:2])
        return tuple(with_whole_sentences(events, self._types, readings, parts) if whole else events)

    def _book(self, lang: str, folded: bool) -> EventPatterns:
        key = (lang, folded)
        if key not in self._books:
            self._books[key] = EventPatterns(self._types, lang, folded=folded)
        return self._books[key]


_ACCENTED = re.compile(r"[đĐ\u00c0-\u00ff\u0102\u0103\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0\u0300-\u0323\u1ea0-\u1ef9]")


def _without_accents(texts: Iterable[str]) -> bool:
    """Whether Vietnamese text has hardly any accents: ordinary text has them in every fourth letter."""
    start = " ".join(texts)[:2000]
    return len(_ACCENTED.findall(start)) < 0.03 * len(start)
