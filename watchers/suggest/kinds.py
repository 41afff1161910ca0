"""Defines KindEstimate and `estimate_kinds`: estimate the kind of each candidate from its own words and from its neighbours.

The weights are judgements, not measurements: an unambiguous word ("Inc", "Prime Minister") decides alone (4), a usual neighbour needs a
second one (1 to 2), a hint only breaks ties (under 1).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from seeds.entities import Kind
from seeds.languages import Language
from watchers.suggest.candidates import NameCandidate
from watchers.suggest.lexicon import Lexicon, capital_cities, country_names, fold, lexicon, longest_first
from watchers.suggest.occurrences import Occurrence
from watchers.suggest.relations import EntityRelations

_APPOSITION = re.compile(r"^ ?,? ?(?:who is|which is|is|was|–|-)? ?(?:an?|the|its|his|her|another|one of)\b([^.;:(]{0,90})")
_ENOUGH = 2.0
_LINKS = frozenset({",", "and", "or", "&", "và", "cùng", "as", "well"})
_CONTINENTS = frozenset({"asia", "europe", "africa", "america", "pacific"})
_POSSESSED = re.compile(
    r"^['’ ]*s? ?(?:\w+ )?(?:ceo|chief executive|chairman|shares|share price|stock|shareholders|investors|profits?|revenue|subsidiary|"
    r"factory|factories|plant|board)\b"
)
_PROFESSION = re.compile(
    r"\b(?:analysts?|economists?|traders?|lawyers?|executives?|strategists?|researchers?|engineers?|workers?|employees) (?:at|from|with) $"
)
_OWNER = re.compile(r"^, which (?:owns|makes|sells|builds|runs|operates|produces|supplies|employs|manages|is listed)\b")
_LISTING = r"(?: [\w-]+){0,3} ?,? ?(?:such as|like|including|among them|như|gồm|bao gồm)\b[^.;]*$"


Scores = defaultdict[str, float]
"""The evidence for each kind; "source" is the evidence that the text names it as a source of news."""


@dataclass(frozen=True)
class KindEstimate:
    """The kind of a candidate and the evidence for it; `source`: the text names it as a source of news."""

    kind: Kind
    weight: float
    source: bool = False


def estimate_kinds(candidates: list[NameCandidate], relations: EntityRelations) -> list[KindEstimate | None]:
    """Returns an estimate for each candidate, in order; None without enough evidence for any kind."""
    scores: list[Scores] = [_score(candidate) for candidate in candidates]
    for child, parent in relations.parents.items():
        scores[child]["company"] += 2
        scores[parent]["company"] += 2
    for person, (_, organization) in relations.offices.items():
        scores[person]["person"] += 4
        if organization is not None and not candidates[organization].country:
            scores[organization]["company"] += 0.5
    for number in relations.tickers:
        scores[number]["company"] += 5
    _spread_over_lists(candidates, scores)
    return [_estimate(candidate, score) for candidate, score in zip(candidates, scores, strict=True)]


def _estimate(candidate: NameCandidate, score: Scores) -> KindEstimate | None:
    if candidate.country:
        return KindEstimate("organization" if candidate.country.name.endswith("Union") else "government", 6)
    if not score:
        # Named often and never explained: a project, a brand, a case. It belongs into a draft.
        return KindEstimate("product" if _with_article(candidate) else "company", 0.5) if candidate.mentions > 2 else None
    source = score.pop("source", 0.0) > 0
    kind, weight = max(score.items(), key=lambda item: (item[1], item[0] == "company", item[0]), default=("organization", 0.0))
    if source and weight < _ENOUGH:
        return KindEstimate("organization", 1.5, source=True)
    inside = any(not occurrence.initial for occurrence in candidate.occurrences)
    minimum = 0.5 if candidate.mentions > 1 else 0.7 if inside and kind != "place" else 1.5
    return KindEstimate(kind, weight, source) if weight >= minimum else None  # type: ignore[arg-type]


def _with_article(candidate: NameCandidate) -> bool:
    return any(re.search(r"\b(?:its|the|an?) $", occurrence.before) for occurrence in candidate.occurrences)


def _score(candidate: NameCandidate) -> Scores:
    score: Scores = defaultdict(float)
    own: Scores = defaultdict(float)
    for spelling in candidate.spellings:
        for kind, weight in _from_own_words(spelling, "vi" if candidate.occurrences[0].sentence.lang == "vi" else "en"):
            own[kind] = max(own[kind], weight)
    for kind, weight in own.items():
        score[kind] += weight
    seen: Counter[str] = Counter()
    for occurrence in candidate.occurrences:
        for kind, weight in _from_neighbours(occurrence, candidate):
            seen[kind] += 1
            score[kind] += weight / seen[kind]  # a repeated hint adds less each time
    return score


def _from_own_words(spelling: str, lang: Language) -> Iterator[tuple[str, float]]:
    words = lexicon(lang)
    own = [word.lower().strip(".,") for word in spelling.split()]
    first, last = _heads(own)
    if spelling in capital_cities():
        yield "place", 5
    if own[-1] in _CONTINENTS:
        yield "place", 4
    if len(own) > 1:
        for heads, kind in (
            (words.company_heads, "company"), (words.government_heads, "government"),
            (words.organization_heads, "organization"), (words.place_heads, "place"),
        ):
            if last & heads:
                yield kind, 4 if kind != "organization" else 3
            elif first & heads and kind != "company":
                yield kind, 4
    surnames = {fold(word) for word in lexicon("vi").surnames}
    if 2 <= len(own) <= 4 and fold(own[0]) in surnames and all(word.isalpha() for word in own):
        yield "person", 2 if len(own) > 2 else 1
    if len(own) == 1 and spelling.isupper() and len(spelling) > 2:
        yield "organization", 0.3
    if re.fullmatch(r"[A-Z]+-?\d+\w*|.*\b[A-Z]+\d+\w*", spelling):
        yield "product", 2


def _heads(own: list[str]) -> tuple[set[str], set[str]]:
    """Returns the words that can head a name from the left ("bank of …", "trường đại học …") and from the right ("… group")."""
    cut = next((index for index, word in enumerate(own) if word in ("of", "for") and index), len(own))
    return {" ".join(own[:length]) for length in (1, 2, 3)}, {own[cut - 1]}


def _from_neighbours(occurrence: Occurrence, candidate: NameCandidate) -> Iterator[tuple[str, float]]:
    if occurrence.adjective:
        return
    words = lexicon("vi" if occurrence.sentence.lang == "vi" else "en")
    before, after = occurrence.before, occurrence.after
    yield from _from_adjacent_nouns(occurrence, words, before, after)
    yield from _apposition(after, words)
    is_multi_word = len(candidate.words) > 1
    follows = after.strip()
    if _begins_with(follows, words.people_acting):
        yield "person", 1.2 if is_multi_word else 0.5
    if _begins_with(follows, words.acting):
        yield "company", 0.8 if not is_multi_word else 0.6
    if _POSSESSED.match(after):
        yield "company", 2
    if _ends_with(before, words.sources):
        yield "source", 1
    if before.rstrip().endswith("(") and re.match(r"^\) ?[-–—]", follows):
        yield "source", 1  # "HANOI, May 3 (Agency) - …"
    if re.match(r"^-based\b", follows):
        yield "place", 3
    if _ends_with(before, words.company_objects) or _PROFESSION.search(before) or _OWNER.match(follows):
        yield "company", 2
    elif _ends_with(before, words.place_prepositions) and not follows.startswith(("'s", "’s")) and not occurrence.text.isupper():
        yield "place", 1.2
    if re.match(rf"^, (?:{_COUNTRIES})\b", follows) and not re.search(r", $", before):
        yield "place", 1.5


def _from_adjacent_nouns(occurrence: Occurrence, words: Lexicon, before: str, after: str) -> Iterator[tuple[str, float]]:
    candidate_words = occurrence.text.split()
    if _ends_with(before, words.company_nouns) or re.search(rf"\b(?:{longest_first(words.company_nouns)}){_LISTING}", _left_of(occurrence)):
        yield "company", 0.5 if before.endswith((" the company ", " the group ")) else 3
    if _ends_with(before, words.honorifics) or _ends_with(before.replace(" .", "").replace(".", ""), words.honorifics):
        yield "person", 5
    elif len(candidate_words) > 1 and _ends_with(before.rstrip().removesuffix(","), words.offices):
        yield "person", 2.5
    elif _ends_with(before, words.offices) and not (
        occurrence.end < len(occurrence.sentence.tokens) and occurrence.sentence.tokens[occurrence.end].capital
    ):
        yield "person", 3
    if occurrence.sentence.lang == "vi":
        if _ends_with(before, words.place_heads):
            yield "place", 4
        if _ends_with(before, words.product_nouns):
            yield "product", 1.5
    else:
        if _ends_with(before, frozenset(f"{head} of" for head in words.place_heads) | {"coast of", "capital of", "capital ,", "town of"}):
            yield "place", 3
        if _begins_with(after.strip(), words.product_nouns) and re.search(r"\b(?:its|the|new|a|an|called|named)(?: new)? $", before):
            yield "product", 2.5
        if re.search(rf"\b(?:{longest_first(words.product_nouns)}),? (?:called|named|,)? ?$", before):
            yield "product", 2


def _apposition(after: str, words: Lexicon) -> Iterator[tuple[str, float]]:
    apposition = _APPOSITION.match(after) or re.match(r"^ ?[,–(-] ?([^.;:(]{0,50})", after)
    if not apposition:
        return
    inside = re.split(r" (?:that|which|who|owned|based|from|in|at|by|for|with|của|tại|ở) |,", apposition[1])[0]
    described = _APPOSITION.match(after) is not None
    for nouns, kind, weight in (
        (words.offices, "person", 3.0), (words.company_nouns, "company", 2.5), (words.place_heads | {"capital"}, "place", 2.0),
        (words.product_nouns, "product", 2.5), (words.organization_heads, "organization", 1.5), (words.government_heads, "government", 1.5),
    ):
        if described and re.search(rf"\b(?:{longest_first(nouns)})\b", inside):
            yield kind, weight
            return
        if not described and _begins_with(inside.strip(), nouns):
            yield kind, weight
            return


def _left_of(occurrence: Occurrence) -> str:
    # At most sixty words: longer lists are rare, and a page without full stops would take quadratic time.
    return " ".join(token.text for token in occurrence.sentence.tokens[max(0, occurrence.start - 60) : occurrence.start]).lower()


def _spread_over_lists(candidates: list[NameCandidate], scores: list[Scores]) -> None:
    """Adds evidence for lists such as "Google, Intel and Nvidia": a kind that is certain for one is probable for the others."""
    best_kinds = [max(score.items(), key=lambda item: item[1], default=("", 0.0)) for score in scores]
    for members in _lists(candidates):
        for member in members:
            kind, weight = best_kinds[member]
            if weight >= _ENOUGH and kind != "source" and not candidates[member].country:
                for other in members - {member}:
                    if not candidates[other].country:
                        scores[other][kind] += 1.5


def _lists(candidates: list[NameCandidate]) -> Iterator[set[int]]:
    """Finds enumerations: names with only commas and a conjunction between them. Two names with only a comma are no enumeration."""
    spans: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    sentences = {occurrence.sentence.order: occurrence.sentence for candidate in candidates for occurrence in candidate.occurrences}
    for number, candidate in enumerate(candidates):
        for occurrence in candidate.occurrences:
            if not occurrence.adjective:
                spans[occurrence.sentence.order].append((occurrence.start, occurrence.end, number))
    for order, names in spans.items():
        names.sort()
        members: set[int] = set()
        conjunction = False
        for index, (start, _, number) in enumerate(names):
            between = [token.text.lower() for token in sentences[order].tokens[names[index - 1][1] : start]] if index else []
            if not between or not all(word in _LINKS for word in between):
                if conjunction:
                    yield members
                members, conjunction = set(), False
            conjunction = conjunction or not {",", "–"}.issuperset(between)
            members.add(number)
        if conjunction:
            yield members


def _ends_with(before: str, phrases: frozenset[str]) -> bool:
    text = before.rstrip()
    return any(text.endswith(f" {phrase}") for phrase in phrases)


def _begins_with(after: str, phrases: frozenset[str]) -> bool:
    return any(after.startswith(phrase) and not after[len(phrase) : len(phrase) + 1].isalnum() for phrase in phrases)


_COUNTRIES = longest_first(frozenset(name.lower() for name in country_names() if len(name) > 3))
