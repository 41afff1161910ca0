"""Defines DocumentAnalysis: what the documents of a story say when read for names: candidates, their kinds, how they hang together, which
matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from watchers.suggest.candidates import NameCandidate, candidates_of
from watchers.suggest.document import SourceText
from watchers.suggest.kinds import KindEstimate, verdicts_of
from watchers.suggest.relations import EntityRelations, relations_of
from watchers.suggest.sentences import Sentence, sentences_of
from watchers.suggest.sightings import sightings_of

_MOST_ENTITIES = 40
_MOST_WATCHED = 8
_WATCHED_KINDS = frozenset({"company", "brand", "organization", "product", "person", "government"})


@dataclass(frozen=True)
class DocumentAnalysis:
    """Candidates in the order of the texts; `verdicts` beside them, `relations` by their places; `chosen`: the places of those worth
    drafting, the most important first."""

    sentences: list[Sentence]
    candidates: list[NameCandidate]
    verdicts: list[KindEstimate | None]
    relations: EntityRelations
    chosen: tuple[int, ...]

    @property
    def watched(self) -> frozenset[int]:
        """The few that the watch is about: organisations before people, no countries, places or mere sources."""
        fit = []
        for number in self.chosen:
            verdict = self.verdicts[number]
            if verdict and verdict.kind in _WATCHED_KINDS and not verdict.source and not self.candidates[number].country:
                fit.append((verdict.kind == "person", number))
        return frozenset(number for _, number in sorted(fit, key=lambda item: item[0])[:_MOST_WATCHED])

    @property
    def small_words(self) -> Counter[str]:
        """The words that the texts write small: a name that is also one of them is only a name with its capital."""
        return Counter(token.text for sentence in self.sentences for token in sentence.tokens if token.text.islower())


def read_texts(texts: Sequence[SourceText]) -> DocumentAnalysis:
    """Reads all documents together."""
    sentences = sentences_of(list(texts))
    candidates = candidates_of([sighting for sentence in sentences for sighting in sightings_of(sentence)], sentences)
    relations = relations_of(candidates, sentences)
    verdicts = verdicts_of(candidates, relations)
    fit = [
        number
        for number, (candidate, verdict) in enumerate(zip(candidates, verdicts, strict=True))
        if verdict is not None and candidate.display not in relations.symbols
    ]
    ranked = sorted(fit, key=lambda number: (-_importance(number, candidates[number], verdicts[number], relations), number))
    return DocumentAnalysis(sentences, candidates, verdicts, relations, tuple(ranked[:_MOST_ENTITIES]))


def _importance(number: int, candidate: NameCandidate, verdict: KindEstimate | None, relations: EntityRelations) -> float:
    lead = sum(sighting.sentence.lead < 2 for sighting in candidate.sightings if not sighting.adjective)
    tied = number in relations.parents or number in relations.parents.values() or number in relations.tickers
    weight = verdict.weight if verdict else 0.0
    return candidate.mentions + min(lead, 3) + 2 * (len(candidate.documents) - 1) + 2 * tied + min(weight, 6) / 6
