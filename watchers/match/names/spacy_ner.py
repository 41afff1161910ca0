"""Defines SpacyRecognizer: the named entities of a statistical spaCy pipeline, for those who have one (`match.spacy_model`).

It never overrules the names' own conditions where they hold; it adds: where a name's conditions do not show what is meant, a span that the
pipeline labels as a company, person or place is taken for it; and whoever it names beside the watched ones can act in events. Nothing
depends on a pipeline being there. Loading one reads its files, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from seeds.entities import Kind
from watchers.text.fold import FoldedText

LABELS: Mapping[str, frozenset[str]] = {
    "company": frozenset({"ORG", "ORGANIZATION", "NORP"}),
    "brand": frozenset({"ORG", "ORGANIZATION", "PRODUCT"}),
    "organization": frozenset({"ORG", "ORGANIZATION", "FAC"}),
    "product": frozenset({"PRODUCT", "ORG"}),
    "person": frozenset({"PERSON", "PER"}),
    "government": frozenset({"GPE", "LOC", "LOCATION", "ORG", "NORP"}),
    "place": frozenset({"GPE", "LOC", "LOCATION", "FAC"}),
    "topic": frozenset(),
}
"""Which labels of the usual schemes (OntoNotes, CoNLL, VLSP) fit which kind of entity."""
PARTIES: Mapping[str, str] = {
    "ORG": "name", "ORGANIZATION": "name", "PERSON": "person", "PER": "person", "GPE": "place", "LOC": "place", "LOCATION": "place",
    "FAC": "place", "PRODUCT": "product",
}
"""What somebody with this label is in an event (`watchers.match.events.participants`)."""
LONGEST = 100_000
"""Characters of a field that are read: pipelines need memory in proportion, and news is shorter."""


class NamedEntity(NamedTuple):
    """Somebody named at `start` to `end` of a text; `kind` as in `watchers.match.events.participants`."""

    start: int
    end: int
    kind: str


class SpacyRecognizer:
    """A pipeline by name or path. Raises ValueError with what to do when it is not there."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._last: tuple[str, dict[tuple[int, int], str]] | None = None
        _ = self._pipeline

    @cached_property
    def _pipeline(self) -> Any:
        import spacy

        try:
            return spacy.load(self._model)
        except OSError as error:
            raise ValueError(
                f'match.spacy_model: no spaCy pipeline {self._model!r} here; install it, give its path, or set "" for the built-in rules'
            ) from error

    def spans_of(self, field: FoldedText) -> dict[tuple[int, int], str]:
        """Places in the field as given, with the label of the named entity that stands there. The last field read is remembered."""
        return self._spans(field.original)

    def named(self, text: str) -> tuple[NamedEntity, ...]:
        """Who and what the pipeline names in a text and may take part in events, in order, as places in the text with their kind."""
        return tuple(NamedEntity(start, end, PARTIES[label.upper()]) for (start, end), label in sorted(self._spans(text).items())
                     if label.upper() in PARTIES)

    def _spans(self, text: str) -> dict[tuple[int, int], str]:
        last = self._last  # read once: another thread may put its own field there meanwhile
        if last is None or last[0] != text:
            found = self._pipeline(text[:LONGEST]).ents
            self._last = last = (text, {(one.start_char, one.end_char): one.label_ for one in found})
        return last[1]


def fits(label: str, kind: Kind) -> bool:
    """Whether an entity of this kind may be what the pipeline labelled so."""
    return label.upper() in LABELS[kind]
