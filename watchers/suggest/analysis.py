"""Defines DocumentAnalysis and read_texts: find names in the documents of a story, their kinds, relations and importance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from watchers.suggest.candidates import NameCandidate, candidates_of
from watchers.suggest.document import SourceText
from watchers.suggest.kinds import KindEstimate, estimate_kinds
from watchers.suggest.occurrences import occurrences_of
from watchers.suggest.relations import EntityRelations, relations_of
from watchers.suggest.sentences import DocumentSentence, sentences_of

_MAX_ENTITIES = 40
_MAX_WATCHED = 8
_WATCHED_KINDS = frozenset({"company", "brand", "organization", "product", "person", "government"})


@dataclass(frozen=True)
class DocumentAnalysis:
    """Candidates in the order of the texts, and for each its kind in `kinds` (None: unknown). `relations` and `chosen` refer to
    candidates by index; `chosen` are those to draft, the most important first."""

    sentences: list[DocumentSentence]
    candidates: list[NameCandidate]
    kinds: list[KindEstimate | None]
    relations: EntityRelations
    chosen: tuple[int, ...]

    @property
    def watched(self) -> frozenset[int]:
        """The indexes of the few candidates that the watch is about: organisations before people, no countries, places or sources."""
        fit = []
        for number in self.chosen:
            estimate = self.kinds[number]
            if estimate and estimate.kind in _WATCHED_KINDS and not estimate.source and not self.candidates[number].country:
                fit.append((estimate.kind == "person", number))
        return frozenset(number for _, number in sorted(fit, key=lambda item: item[0])[:_MAX_WATCHED])

    @property
    def small_words(self) -> Counter[str]:
        """Counts the lower-case words of the texts. A name that is also such a word needs its capital letter."""
        return Counter(token.text for sentence in self.sentences for token in sentence.tokens if token.text.islower())


def read_texts(texts: Sequence[SourceText]) -> DocumentAnalysis:
    """Analyses all documents together."""
    sentences = sentences_of(list(texts))
    candidates = candidates_of([occurrence for sentence in sentences for occurrence in occurrences_of(sentence)], sentences)
    relations = relations_of(candidates, sentences)
    kinds = estimate_kinds(candidates, relations)
    fit = [
        number
        for number, (candidate, estimate) in enumerate(zip(candidates, kinds, strict=True))
        if estimate is not None and candidate.display not in relations.symbols
    ]
    ranked = sorted(fit, key=lambda number: (-_importance(number, candidates[number], kinds[number], relations), number))
    return DocumentAnalysis(sentences, candidates, kinds, relations, tuple(ranked[:_MAX_ENTITIES]))


def _importance(number: int, candidate: NameCandidate, estimate: KindEstimate | None, relations: EntityRelations) -> float:
    lead = sum(occurrence.sentence.lead < 2 for occurrence in candidate.occurrences if not occurrence.adjective)
    has_relations = number in relations.parents or number in relations.parents.values() or number in relations.tickers
    weight = estimate.weight if estimate else 0.0
    return candidate.mentions + min(lead, 3) + 2 * (len(candidate.documents) - 1) + 2 * has_relations + min(weight, 6) / 6
