"""Defines Prescan: whether raw bytes can hold an item that any rule hits, before anything in them is decoded or parsed.

It may say yes in vain and must never say no wrongly. For each rule it looks for what the rule cannot do without: one of its entities'
names, each of `all`, two of `groups`, one of `words`. Between the words of a name may stand anything that is no word (spaces, line ends,
entities, tags with their attributes). Letters with accents match in any form: composed or not, in one byte of an old charset, as `&#7841;`,
`&agrave;` or `\\u1ea1`. Plain letters written as escapes, soft hyphens inside words, UTF-16 and other charsets that are no ASCII inside:
yes at once. What it does not see: a name with a tag in the middle of one of its words ("F<b>P</b>T").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from seeds.entities import Entity
from seeds.rules import Rule
from watchers.match.fold import fold, plain, spellings

if TYPE_CHECKING:
    from seeds.load import Seeds

_BEFORE = r"(?:^|[^0-9A-Za-z]|\\[nrtbf]|\\u[0-9A-Fa-f]{4})"
_AFTER = r"(?:[^0-9A-Za-z]|$)"
_GAP = r"(?:[^0-9A-Za-z]|<[^<>]*>|&#?[0-9A-Za-z]{2,10};|\\[nrtbf]|\\u[0-9A-Fa-f]{4})+"
_SHORT = 6
"""Letters under which a name counts only between borders, as `watchers.match.scan` has it."""
_HIDDEN = r"(?:\xc2\xad|\xe2\x80[\x8b-\x8d]|\xe2\x81\xa0|\xef\xbb\xbf|&(?:shy|zwnj|zwj|NoBreak|ZeroWidthSpace);|&#(?:173|820[3-5]|8288);|"
_HIDDEN += r"&#[xX](?:0*[aA][dD]|200[bcdBCD]|2060);|\\u(?:00[aA][dD]|200[bcdBCD]|2060|[fF][eE][fF][fF]))"
_ALWAYS = (
    r"&#0*(?:4[89]|5[0-7]|6[5-9]|[789][0-9]|1[01][0-9]|12[0-2])(?:[^0-9]|$)",
    r"&#[xX]0*(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])(?:[^0-9a-fA-F]|$)",
    r"\\u00(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])",
    rf"[0-9A-Za-z\x80-\xff]{_HIDDEN}{{1,4}}[0-9A-Za-z\x80-\xff&\\]",
    r"[0-9A-Za-z]\x00[0-9A-Za-z]\x00|\x00[0-9A-Za-z]\x00[0-9A-Za-z]",
    (
        r"[cC][hH][aA][rR][sS][eE][tT]\s{0,3}=\s{0,3}[\"']?"
        r"(?:utf-?(?:7|16|32)|UTF-?(?:7|16|32)|iso-2022|ISO-2022|hz-|HZ-|cp037|ibm|IBM|EBCDIC)"
    ),
)
_GROUPS = 2
_SEEN = {"place": 30.0, "government": 30.0, "topic": 30.0, "person": 3.0}
"""How often names of a kind stand in items of every sort, against those of a company."""
_FREQUENT = 30.0
_CERTAIN = 1
"""The bit of the patterns that mean yes at once."""


Pattern = tuple[str, bool, int]
"""An expression over bytes, whether case counts, and the bits of what it stands for."""
Need = tuple[tuple[int, ...], tuple[int, ...]]
"""What a rule cannot do without: bits of which each must be met, and groups of which two must be."""


class Prescan:
    """Compiled from the seeds. Pickles as the patterns and is compiled again where it arrives.

    Two steps: `triggers`, few and cheap, go over everything; `patterns`, all that rules need, over the records that a trigger stands in.
    """

    def __init__(self, triggers: tuple[Pattern, ...], patterns: tuple[Pattern, ...], needs: tuple[Need, ...]) -> None:
        self._made_of = (triggers, patterns, needs)
        self._needs = needs
        self._bits = [bits for _, _, bits in patterns]
        self._verdicts: dict[int, bool] = {}

    # Compiled at first use: lines need the first, pages the second, and where nothing is met nobody looks closer.
    @cached_property
    def _first(self) -> Any:
        return _compile(self._made_of[0], once=False)

    @cached_property
    def _any(self) -> Any:
        return _compile(self._made_of[0], once=True)

    @cached_property
    def _all(self) -> Any:
        return _compile(self._made_of[1], once=True)

    def __reduce__(self) -> tuple[object, ...]:
        return Prescan, self._made_of

    def may_hit(self, raw: bytes) -> bool:
        """Whether these bytes, one record, may hit."""
        return self._triggered(raw) and self._enough(raw)

    def lines(self, block: bytes) -> list[tuple[int, int]]:
        """The lines (start, end without the line end) of a block that may hit, in order."""
        found: list[tuple[int, int]] = []
        stop = -1

        def at(_number: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            nonlocal stop
            end -= 1  # a border after the name may be the line's own end
            if end > stop:
                start = block.rfind(b"\n", 0, max(0, end)) + 1
                stop = block.find(b"\n", max(start, end))
                stop = len(block) if stop < 0 else stop
                found.append((start, stop))

        self._first.scan(block, match_event_handler=at)
        # Places come in the order of their ends; a long name may end later than a short one that begins after it.
        places = sorted(set(found))
        if len(places) * 2 > block.count(b"\n"):
            return places  # where most lines have a name, parsing them costs less than looking closer first
        return [(start, end) for start, end in places if self._enough(block[start:end])]

    def _triggered(self, raw: bytes) -> bool:
        from hyperscan import ScanTerminated

        try:
            self._any.scan(raw, match_event_handler=_stop)
        except ScanTerminated:
            return True
        return False

    def _enough(self, raw: bytes) -> bool:
        mask = 0
        bits = self._bits

        def at(number: int, _start: int, _end: int, _flags: int, _context: Any) -> None:
            nonlocal mask
            mask |= bits[number]

        self._all.scan(raw, match_event_handler=at)
        known = self._verdicts.get(mask)
        if known is None:
            known = bool(mask & _CERTAIN) or any(
                all(mask & one for one in every) and (not groups or sum(1 for one in groups if mask & one) >= _GROUPS)
                for every, groups in self._needs
            )
            self._verdicts[mask] = known
        return known


def _stop(*_place: Any) -> bool:
    """One is enough."""
    return True


def prescan_of(seeds: Seeds) -> Prescan | None:
    """The look-ahead for these rules; None where a rule can hit without any name or word, so that everything must be parsed."""
    needs: list[tuple[list[frozenset[str]], list[frozenset[str]]]] = []
    for rule in seeds.rules.values():
        need = _need(rule, seeds.entities)
        if need is None:
            return None
        needs.append(need)
    atoms: dict[frozenset[str], int] = {}
    for every, groups in needs:
        for atom in (*every, *groups):
            atoms.setdefault(atom, 2 << len(atoms))
    masks = tuple((tuple(atoms[one] for one in every), tuple(atoms[one] for one in groups)) for every, groups in needs)
    patterns: dict[tuple[str, bool], int] = {(expression, True): _CERTAIN for expression in _ALWAYS}
    for atom, bit in atoms.items():
        for expression in _of(atom, seeds.entities, whole=True):
            patterns[expression] = patterns.get(expression, 0) | bit
    triggers = {(expression, True) for expression in _ALWAYS}
    for every, groups in needs:
        triggers |= _of(_rarest(every, groups, seeds.entities), seeds.entities, whole=False)
    return Prescan(
        tuple((expression, exact, 0) for expression, exact in sorted(triggers)),
        tuple((expression, exact, bits) for (expression, exact), bits in sorted(patterns.items())),
        masks,
    )


def _need(rule: Rule, entities: Mapping[str, Entity]) -> tuple[list[frozenset[str]], list[frozenset[str]]] | None:
    """What an item must have for the rule: "e:<entity>" and "w:<word>" names; None when it needs none."""
    if rule.everything:
        return None

    def named(wanted: Iterable[str]) -> frozenset[str]:
        return frozenset("e:" + one for one in _with_parts(wanted, entities))

    every = [named(rule.any)] if rule.any else []
    every += [named((one,)) for one in rule.all]
    if rule.words:
        every.append(frozenset("w:" + word for word in rule.words))
    groups = [named(group) for group in rule.groups]
    return (every, groups) if every or groups else None


def _with_parts(wanted: Iterable[str], entities: Mapping[str, Entity]) -> set[str]:
    found = {one for one in wanted if one in entities}
    while True:
        more = {entity.id for entity in entities.values() if entity.part_of in found} - found
        if not more:
            return found
        found |= more


def _rarest(every: Sequence[frozenset[str]], groups: Sequence[frozenset[str]], entities: Mapping[str, Entity]) -> frozenset[str]:
    """The names and words of which an item must have one, chosen so that few items have one by chance."""

    def common(atom: frozenset[str]) -> float:
        return sum(_FREQUENT if one[0] == "w" else _SEEN.get(entities[one[2:]].kind, 1.0) for one in atom)

    choices = list(every)
    if groups:
        most = max(groups, key=common)  # two groups must be met, so one of the others at least
        choices.append(frozenset().union(*(group for group in groups if group is not most)))
    return min(choices, key=common)


def _of(atom: frozenset[str], entities: Mapping[str, Entity], *, whole: bool) -> set[tuple[str, bool]]:
    """The expressions of names and words, each with whether case counts. Not `whole`: of their longest word alone."""
    found: set[tuple[str, bool]] = set()
    for one in atom:
        kind, _, what = one.partition(":")
        if kind == "w":
            found |= {(_expression(spelling, whole=whole), False) for spelling in (fold(what), fold(plain(what)))}
            continue
        for name in entities[what].all_names():
            capitals = name.exact_case and name.text.isupper() and name.text.isascii()
            for spelling in spellings(name.text):
                found.add((_expression(spelling.upper() if capitals else spelling, whole=whole), capitals))
    return found


def _expression(spelling: str, *, whole: bool) -> str:
    """A folded spelling as an expression over raw bytes."""
    words = re.findall(r"[^\W_]+", spelling) or [spelling]
    if not whole or not spelling.isascii():
        # A word with accents is many alternatives; two of them with a gap between cost more than what they save.
        words = [max(words, key=lambda one: (len(one), one))]
    body = _GAP.join("".join(re.escape(letter) if letter.isascii() else _accented(letter) for letter in word) for word in words)
    return _BEFORE + body + _AFTER if sum(map(len, words)) < _SHORT else body


def _accented(letter: str) -> str:
    """A letter with accents in any writing: its base letter, bytes above ASCII, or an escape; one or several of them."""
    base = plain(letter)[:1]
    bases = f"{base.lower()}{base.upper()}" if base.isascii() and base.isalpha() else ""
    return rf"(?:[{bases}\x80-\xff]|&#?[0-9A-Za-z]+;|\\u[0-9A-Fa-f]{{4}})+"


def _compile(patterns: tuple[Pattern, ...], *, once: bool) -> Any:
    import hyperscan

    flags = [
        hyperscan.HS_FLAG_DOTALL | (0 if exact else hyperscan.HS_FLAG_CASELESS) | (hyperscan.HS_FLAG_SINGLEMATCH if once else 0)
        for _, exact, _ in patterns
    ]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions = [expression.encode("latin-1") for expression, _, _ in patterns]
    database.compile(expressions=expressions, ids=list(range(len(patterns))), flags=flags)
    return database
