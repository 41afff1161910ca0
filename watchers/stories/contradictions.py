"""Defines contradiction and strangers: what keeps two items apart however much they share.

Pure. Figures, days, directions of a price, places and names of which each item has its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from watchers.stories.features import Features
from watchers.stories.near_duplicates import is_correction
from watchers.stories.places import places_conflict, unknown
from watchers.stories.sums import any_agree

_ROUNDING = 0.06  # "58,000" and "60,000"; "5 %" and "4.8 %" are told of one move


def contradiction(a: Features, b: Features) -> str:
    """Why the two cannot be the same news, or "" where nothing speaks against it."""
    if _same_mover(a, b) and a.move and b.move:
        if a.move.session != b.move.session:
            return "another trading day"
        return "" if a.move.up == b.move.up else "the price went the other way"
    one, other = a.title_figures, b.title_figures
    # The most telling first, and none is worked out in vain: most candidates end here.
    if not (_close(one.percents, other.percents) or any_agree(one.sums, other.sums)):
        return "other percentages"
    if not (_same_sums(a, b) and _same_counts(a, b)) and not is_correction(a, b):
        return "other amounts"
    for mine, yours, against in ((one.days, other.days, "day"), (one.years, other.years, "year"), (a.quarters, b.quarters, "quarter")):
        if mine and yours and mine.isdisjoint(yours):
            return "another " + against
    return "another place" if _other_place(a, b) else ""


def _same_mover(a: Features, b: Features) -> bool:
    return a.move is not None and b.move is not None and a.move.mover == b.move.mover


def _other_place(a: Features, b: Features) -> bool:
    """True where each title names a place that is unknown to the other item, or each its own for one kind of event."""
    if _elsewhere(a, b) and _elsewhere(b, a):
        return True
    if not a.scenes or not b.scenes:
        return False
    return places_conflict(a.scenes, b.scenes, frozenset((*a.title, *a.lead, *a.known)), frozenset((*b.title, *b.lead, *b.known)))


def _elsewhere(a: Features, b: Features) -> bool:
    """True where a place in the first title is unknown to the second item."""
    return bool(a.places) and bool(unknown(a.places, b.places, (*b.title, *b.lead)))


def _close(one: frozenset[str], other: frozenset[str]) -> bool:
    """True where either side names none, or one value of each agrees but for rounding."""
    if not one or not other or one & other:
        return True
    left, right = ([float(term.rpartition(":")[2]) for term in side] for side in (one, other))
    return any(abs(x - y) <= _ROUNDING * max(x, y) for x in left for y in right)


def _same_sums(a: Features, b: Features) -> bool:
    """False where both titles name sums in one currency, and none of them can be a sum of the other item."""
    mine, yours = a.title_figures.sums, b.title_figures.sums
    if not mine or not yours:
        return True
    if any_agree(mine, yours):
        return True
    shared = {amount.currency for amount in mine} & {your.currency for your in yours}
    if not shared:
        return True
    one, other = ([sum_ for sum_ in side if sum_.currency in shared] for side in (mine, yours))
    return any_agree(one, b.lead_figures.sums) or any_agree(other, a.lead_figures.sums)


def _same_counts(a: Features, b: Features) -> bool:
    """The same for what is counted, which is told in round figures more often."""
    mine, yours = a.title_figures.counts, b.title_figures.counts
    if not mine or not yours:
        return True
    return bool(_close(mine, yours) or mine & b.lead_figures.counts or yours & a.lead_figures.counts)


def disjoint_names(a: Features, b: Features) -> tuple[frozenset[str], frozenset[str]]:
    """Names and places in the title of each that the other item does not know at all, or only as a word of another name."""
    mine, yours = a.names.difference(b.title, b.known), b.names.difference(a.title, a.known)
    if a.places:
        mine |= unknown(a.places, b.places, (*b.title, *b.lead))
    if b.places:
        yours |= unknown(b.places, a.places, (*a.title, *a.lead))
    shared = a.names & b.names if a.wholes and b.wholes else frozenset()
    if shared:
        split = frozenset(halves(a, b, shared))
        return mine | split, yours | split
    return mine, yours


def halves(a: Features, b: Features, shared: Iterable[str]) -> Iterator[str]:
    """Those of the shared terms that are a word of one name here and of another one there ("Can Tho", "My Tho").

    A name with a word that the other item knows is the same in another form: "Adler" and "Linh Adler", "Trần Linh" and "Linh".
    """
    for term in shared:
        if term[0] in "@=~$%#":
            continue
        mine = [set(name) for name in a.wholes if term in name]
        yours = [set(name) for name in b.wholes if term in name] if mine else []
        if mine and yours and not any(_one_name(one, other, a, b) for one in mine for other in yours):
            yield term


def _one_name(one: set[str], other: set[str], a: Features, b: Features) -> bool:
    mine, yours = one - other, other - one
    if not mine or not yours:
        return True
    return not mine.isdisjoint((*b.title, *b.lead, *b.known)) or not yours.isdisjoint((*a.title, *a.lead, *a.known))
