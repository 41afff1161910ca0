"""Defines compare: whether two items tell the same news, with the reasons for and against in words.

Pure. Wording that is nearly the same (copies), the same move of a price, or enough shared evidence of what happened (names, figures,
concepts weighed by how rare they are) speak for it; figures, names, days or directions that contradict each other rule it out.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from watchers.stories.traits import KEPT_SHINGLES, Traits
from watchers.stories.words import is_common, is_concept

Rarity = Callable[[str], float]
"""How rare a term is among the items kept: near 0 for one that stands in every item, 1 for one seen once."""

COPY = 0.5  # containment of word runs: catches cut, padded and half rewritten copies (measured for DESIGN.md, decision 6)
SAME = 0.52
"""Share of the evidence in both titles that must be common; below it two pieces of news about one company look alike."""
EVIDENCE = 2.0
"""Weight that must be common at least: two rare names, or a name, a figure and a concept."""


_ROUNDING = 0.06  # "$1.83 million" and "1.8 triệu USD"; "5 %" and "4.8 %" are told of one move
_LONG_ENOUGH = 8  # word runs; a shorter text shares half of them by chance
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
_EVERY = 2**32  # above every hash: the sample is the whole


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` of 0 where something contradicts; `why` for people."""

    score: float
    why: tuple[str, ...]


_APART = Likeness(0.0, ())


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


def containment(one: array[int], other: array[int]) -> float:
    """Share of the smaller text's word runs that the larger one has too, estimated from the lowest hashes of both."""
    if not one or not other:
        return 0.0
    top = min(one[-1] if len(one) >= KEPT_SHINGLES else _EVERY, other[-1] if len(other) >= KEPT_SHINGLES else _EVERY)
    left = {value for value in one if value <= top}
    right = {value for value in other if value <= top}
    return len(left & right) / (min(len(left), len(right)) or 1)


def contradiction(a: Traits, b: Traits) -> str:
    """Why the two cannot be the same news, or "" where nothing speaks against it."""
    if _same_mover(a, b) and a.move and b.move:
        if a.move.session != b.move.session:
            return "another trading day"
        return "" if a.move.up == b.move.up else "the price went the other way"
    one, other = a.title_figures, b.title_figures
    # The most telling first, and none is worked out in vain: most candidates end here.
    if not (_close(one.percents, other.percents) or one.amounts & other.amounts):
        return "other percentages"
    if not _agree(a, b):
        return "other amounts"
    for mine, yours, against in ((one.days, other.days, "day"), (one.years, other.years, "year"), (a.quarters, b.quarters, "quarter")):
        if mine and yours and mine.isdisjoint(yours):
            return "another " + against
    return "another place" if _elsewhere(a, b) and _elsewhere(b, a) else ""


def _same_mover(a: Traits, b: Traits) -> bool:
    return a.move is not None and b.move is not None and a.move.mover == b.move.mover


def _elsewhere(a: Traits, b: Traits) -> bool:
    """True where a place in the first title is unknown to the second item."""
    return bool(a.places) and bool(a.places.difference(b.title, b.lead))


def _close(one: frozenset[str], other: frozenset[str]) -> bool:
    """True where either side names none, or one value of each agrees but for rounding."""
    if not one or not other or one & other:
        return True
    left, right = ([float(term.rpartition(":")[2]) for term in side] for side in (one, other))
    return any(abs(x - y) <= _ROUNDING * max(x, y) for x in left for y in right)


def _agree(a: Traits, b: Traits) -> bool:
    """False where both titles name sums in one currency (or counts), and none of them stands in the other item."""
    for mine, yours, my_lead, your_lead in (
        (a.title_figures.amounts, b.title_figures.amounts, a.lead_figures.amounts, b.lead_figures.amounts),
        (a.title_figures.counts, b.title_figures.counts, a.lead_figures.counts, b.lead_figures.counts),
    ):
        if not mine or not yours:
            continue
        kinds = {term.partition(":")[0] for term in mine} & {term.partition(":")[0] for term in yours}
        one = frozenset(term for term in mine if term.partition(":")[0] in kinds)
        other = frozenset(term for term in yours if term.partition(":")[0] in kinds)
        if kinds and not (_close(one, other) or one & your_lead or other & my_lead):
            return False
    return True


def strangers(a: Traits, b: Traits) -> tuple[frozenset[str], frozenset[str]]:
    """Names and places in the title of each that the other item does not know at all."""
    mine = a.names.difference(b.title, b.known) | a.places.difference(b.title, b.lead)
    return mine, b.names.difference(a.title, a.known) | b.places.difference(a.title, a.lead)


def compare(a: Traits, b: Traits, rarity: Rarity) -> Likeness:
    """How surely two items tell the same news: 1 for a copy, `SAME` and more to join, 0 where something contradicts."""
    if contradiction(a, b) or not a.title or not b.title:
        return _APART
    if a.move and b.move and a.move.mover == b.move.mover:
        how = "rose" if a.move.up else "fell"
        return Likeness(0.95, (f"both tell that the price of {a.move.mover} {how} on {a.move.session.isoformat()}",))
    mine, yours = strangers(a, b)
    if mine and yours:
        return _APART
    return _by_words(a, b, rarity, one_sided=bool(mine or yours))


def _by_words(a: Traits, b: Traits, rarity: Rarity, *, one_sided: bool) -> Likeness:
    serial = a.publisher == b.publisher and a.publisher != "" and abs(a.when - b.when) > _ONE_EDITION
    if a.title == b.title and not serial:
        return Likeness(1.0, ("the same headline",))
    score, evidence, who, what = _shared(a, b, rarity)
    copied = containment(a.shingles, b.shingles) if min(len(a.shingles), len(b.shingles)) >= _LONG_ENOUGH else 0.0
    if copied >= COPY and score >= _SOME:
        return Likeness(max(score, 0.9), (f"the texts share {copied:.0%} of their wording",))
    weighty = sum(evidence.values())
    reworded = score >= _REWORDED and weighty >= _MUCH and abs(a.when - b.when) <= _ONE_EDITION and _says_no_more(a, b)
    if not reworded and (weighty < EVIDENCE or who < _WHO or what < _WHAT):
        return Likeness(min(score, SAME - 0.01), ())
    if who < _ONE_NAME and not _rare_name(a, b, evidence) and not _says_no_more(a, b):
        return Likeness(min(score, SAME - 0.01), ())
    doubts = _doubts(a, b, one_sided=one_sided, well_known=who >= _WELL_KNOWN)
    if reworded and doubts and (who < _WHO or what < _WHAT):
        return Likeness(min(score, SAME - 0.01), ())
    score -= doubts + (_SERIAL if serial else 0.0)
    return Likeness(score, _reasons(evidence))


def _says_no_more(a: Traits, b: Traits) -> bool:
    """True where one title has nothing of its own that the other item does not tell: a word on either side may be another event."""
    return not _own_words(a, b) or not _own_words(b, a)


def _rare_name(a: Traits, b: Traits, evidence: dict[str, float]) -> bool:
    """True where a name longer than a Vietnamese syllable is among what is common, and few others tell of it now."""
    long = (term for term, share in evidence.items() if share >= _RARE_NAME and len(term) >= _NO_SYLLABLE and term[0] not in "@=~$%#")
    return any(term in a.names or term in b.names for term in long)


def _own_words(a: Traits, b: Traits) -> bool:
    return any(not is_common(term) for term in set(a.title).difference(b.title, b.lead))


def _shared(a: Traits, b: Traits, rarity: Rarity) -> tuple[float, dict[str, float], float, float]:
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
    sure = a.names | b.names if _maybe_strangers(a, b) else names  # "X Inc. Earnings Call Highlights" of two companies share no name
    who = sum(share for term, share in evidence.items() if term in sure or term[0] in "$%#")
    what = sum(share for term, share in evidence.items() if term not in names and term not in _SAYS_LITTLE)
    several = sum(1 for term in evidence if term in names) >= _SEVERAL  # a deal of three names needs no verb in common
    return 0.55 * max(covers) + 0.45 * min(covers), evidence, who, what + (_WHAT if several else 0.0)


def _doubts(a: Traits, b: Traits, *, one_sided: bool, well_known: bool) -> float:
    """What speaks against two items without ruling out that they tell the same; less where they share several names."""
    doubts = 0.04 if one_sided else 0.0
    if _maybe_strangers(a, b) and not well_known:
        doubts += 0.08
    if _priced(a) != _priced(b):
        doubts += 0.08 if well_known else 0.16
    if a.happenings and b.happenings and not a.happenings & b.happenings:
        doubts += 0.08
    return doubts


def _maybe_strangers(a: Traits, b: Traits) -> bool:
    """True where each title has words that may be names and that the other item does not know."""
    mine = (a.names | a.perhaps).difference(b.title, b.lead, b.known)
    return bool(mine) and bool((b.names | b.perhaps).difference(a.title, a.lead, a.known))


def _priced(traits: Traits) -> bool:
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
