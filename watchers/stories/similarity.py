"""Defines compare: whether two items tell the same news, with the reasons for and against in words.

Pure. Wording that is nearly the same (copies), the same move of a price, or enough shared evidence of what happened (names, figures,
concepts weighed by how rare they are) speak for it; figures, names, days or directions that contradict each other rule it out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from watchers.stories.contradictions import contradiction, disjoint_names, halves
from watchers.stories.features import Features
from watchers.stories.near_duplicates import LONG_ENOUGH, containment
from watchers.stories.sums import agree
from watchers.stories.terms import is_common, is_concept

Rarity = Callable[[str], float]
"""How rare a term is among the items kept: near 0 for one that stands in every item, 1 for one seen once."""

COPY_THRESHOLD = 0.5  # containment of word runs: catches cut, padded and half rewritten copies
SAME_STORY_THRESHOLD = 0.52
"""Share of the evidence in both titles that must be common; below it two pieces of news about one company look alike."""
EVIDENCE = 2.0
"""Weight that must be common at least: two rare names, or a name, a figure and a concept."""


_SOME = 0.3  # of the evidence must be common even for copies: sites put the same chrome around different articles
_FROM_TEXT = 0.6
_REWORDED = 0.8
"""Share from which two headlines of one day say the same in other order, though they name nobody: states are no names here, and
diplomatic news is told of states alone."""
_MUCH = 2.5  # weight in common for that
_WHO = 0.5  # weight of names and figures: without one in common, two headlines share a subject rather than an event
_WHAT = 0.35  # weight of anything else than names: two headlines that share a company alone are two pieces of news
_ONE_NAME = 1.0
"""Weight of a whole name: with less in common ("the North") each side's own words may be another event."""
_RARE_NAME = 0.65
_NO_SYLLABLE = 6  # letters
_SEVERAL = 4
_WELL_KNOWN = 3.5  # weight of about three names in common
_SAYS_LITTLE = frozenset({"=stock", "=price", "=company", "=new"})
_ONE_EDITION = timedelta(hours=18)
_SERIAL = 0.15  # one publisher's like headlines on different days are a series ("Stocks to watch") rather than one story


@dataclass(frozen=True, slots=True)
class Similarity:
    """`score` of 0 where something contradicts; `why` for people."""

    score: float
    why: tuple[str, ...]


_APART = Similarity(0.0, ())


def weight(term: str, rarity: Rarity, *, name: bool = False, syllable: bool = False) -> float:
    """How much a shared term says: figures most, then names, then rare words and concepts; words of every headline hardly anything.

    A Vietnamese word is mostly two `syllable` terms, so that each counts for half a word.
    """
    rare = rarity(term)
    if term[0] in "$%#":
        return 1.5 * (0.3 + 0.7 * rare)
    if is_concept(term):
        return 0.7 * (0.4 + 0.6 * rare)
    if is_common(term):
        return 0.2
    if term[0] == "@":  # a whole name, however many words it has
        return 1.6 * (0.15 + 0.85 * rare)
    full = 1.2 if not syllable else 0.8 if name else 0.5
    return full * (0.15 + 0.85 * rare)


def compare(a: Features, b: Features, rarity: Rarity) -> Similarity:
    """How surely two items tell the same news: 1 for a copy, `SAME_STORY_THRESHOLD` and more to join, 0 where something contradicts."""
    if contradiction(a, b) or not a.title or not b.title:
        return _APART
    if a.move and b.move and a.move.mover == b.move.mover:
        how = "rose" if a.move.up else "fell"
        return Similarity(0.95, (f"both tell that the price of {a.move.mover} {how} on {a.move.session.isoformat()}",))
    mine, yours = disjoint_names(a, b)
    if mine and yours:
        return _APART
    return _by_words(a, b, rarity, one_sided=bool(mine or yours))


def _by_words(a: Features, b: Features, rarity: Rarity, *, one_sided: bool) -> Similarity:
    serial = a.publisher == b.publisher and a.publisher != "" and abs(a.when - b.when) > _ONE_EDITION
    if a.title == b.title and not serial:
        return Similarity(1.0, ("the same headline",))
    score, evidence, who, what = _shared(a, b, rarity)
    copied = containment(a.shingles, b.shingles) if min(len(a.shingles), len(b.shingles)) >= LONG_ENOUGH else 0.0
    if copied >= COPY_THRESHOLD and score >= _SOME:
        return Similarity(max(score, 0.9), (f"the texts share {copied:.0%} of their wording",))
    weighty = sum(evidence.values())
    reworded = score >= _REWORDED and weighty >= _MUCH and abs(a.when - b.when) <= _ONE_EDITION and _says_no_more(a, b)
    if not reworded and (weighty < EVIDENCE or who < _WHO or what < _WHAT):
        return Similarity(min(score, SAME_STORY_THRESHOLD - 0.01), ())
    if who < _ONE_NAME and not _rare_name(a, b, evidence) and not _says_no_more(a, b):
        return Similarity(min(score, SAME_STORY_THRESHOLD - 0.01), ())
    doubts = _doubts(a, b, one_sided=one_sided, well_known=who >= _WELL_KNOWN)
    if reworded and doubts and (who < _WHO or what < _WHAT):
        return Similarity(min(score, SAME_STORY_THRESHOLD - 0.01), ())
    score -= doubts + (_SERIAL if serial else 0.0)
    return Similarity(score, _reasons(evidence))


def _says_no_more(a: Features, b: Features) -> bool:
    """True where one title has nothing of its own that the other item does not tell: a word on either side may be another event."""
    return not _own_words(a, b) or not _own_words(b, a)


def _rare_name(a: Features, b: Features, evidence: dict[str, float]) -> bool:
    """True where a name longer than a Vietnamese syllable is among what is common, and few others tell of it now."""
    long = (term for term, share in evidence.items() if share >= _RARE_NAME and len(term) >= _NO_SYLLABLE and term[0] not in "@=~$%#")
    return any(term in a.names or term in b.names for term in long)


def _own_words(a: Features, b: Features) -> bool:
    return any(not is_common(term) for term in set(a.title).difference(b.title, b.lead))


def _shared(a: Features, b: Features, rarity: Rarity) -> tuple[float, dict[str, float], float, float]:
    """How much of both titles the other item tells too (its title counts whole, its text less); the shared terms with their weights;
    the weight of those among them that say who or how much; and of those that say what."""
    mine, yours, in_a, in_b = set(a.title), set(b.title), set(a.lead), set(b.lead)
    names = a.names | a.perhaps | b.names | b.perhaps
    syllables = a.lang == b.lang == "vi"
    weights = {term: weight(term, rarity, name=term in names, syllable=syllables) for term in mine | yours}
    evidence = {term: weights[term] for term in mine & yours}
    from_a = {term: _FROM_TEXT * weights[term] for term in (mine - yours) & in_b}
    from_b = {term: _FROM_TEXT * weights[term] for term in (yours - mine) & in_a}
    base = sum(evidence.values())
    covers = (
        (base + sum(from_a.values())) / sum(weights[term] for term in mine),
        (base + sum(from_b.values())) / sum(weights[term] for term in yours),
    )
    evidence |= from_a | from_b
    for term in _misleading(a, b, evidence):
        del evidence[term]
    sure = a.names | b.names if _maybe_strangers(a, b) else names  # "X Inc. Earnings Call Highlights" of two companies share no name
    who = sum(share for term, share in evidence.items() if term in sure or term[0] in "$%#")
    what = sum(share for term, share in evidence.items() if term not in names and term not in _SAYS_LITTLE)
    several = sum(1 for term in evidence if term in names) >= _SEVERAL  # a deal of three names needs no verb in common
    return 0.55 * max(covers) + 0.45 * min(covers), evidence, who, what + (_WHAT if several else 0.0)


def _misleading(a: Features, b: Features, evidence: dict[str, float]) -> list[str]:
    """Shared terms that are not shared: two sums whose first two digits are alike, and one word of two names."""
    found = list(halves(a, b, evidence)) if a.wholes and b.wholes else []
    for term in evidence:
        if term[0] == "$":
            one, other = ((*side.title_figures.sums, *side.lead_figures.sums) for side in (a, b))
            if not any(agree(mine, yours) for mine in one if mine.term == term for yours in other if yours.term == term):
                found.append(term)
    return found


def _doubts(a: Features, b: Features, *, one_sided: bool, well_known: bool) -> float:
    """What speaks against two items without ruling out that they tell the same; less where they share several names."""
    doubts = 0.04 if one_sided else 0.0
    if _maybe_strangers(a, b) and not well_known:
        doubts += 0.08
    if _priced(a) != _priced(b):
        doubts += 0.08 if well_known else 0.16
    if a.happenings and b.happenings and not a.happenings & b.happenings:
        doubts += 0.08
    return doubts


def _maybe_strangers(a: Features, b: Features) -> bool:
    """True where each title has words that may be names and that the other item does not know."""
    mine = (a.names | a.perhaps).difference(b.title, b.lead, b.known)
    return bool(mine) and bool((b.names | b.perhaps).difference(a.title, a.lead, a.known))


def _priced(traits: Features) -> bool:
    """A headline on how a share trades, rather than on what the company did."""
    return "=stock" in traits.title and not {"=up", "=down", "=record", "=price"}.isdisjoint(traits.title)


def _reasons(evidence: dict[str, float]) -> tuple[str, ...]:
    """The weightiest shared terms, in words."""
    ranked = sorted(evidence, key=lambda term: (-evidence[term], term))[:5]
    return ("both tell of " + ", ".join(_spoken(term) for term in ranked),)


def _spoken(term: str) -> str:
    if term.startswith("="):
        return term[1:]
    kind, _, value = term.partition(":")
    if term[0] == "$":
        return f"{float(value):,.0f} {kind[1:]}"
    if term[0] == "%":
        return f"{value} %"
    return f"{float(value):,.0f}" if term[0] == "#" else term.lstrip("~@")
