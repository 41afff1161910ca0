"""Defines ByteFilter: whether raw bytes can hold an item that any rule hits, before anything in them is decoded or parsed.

It may say yes in vain and must never say no wrongly. For each rule it looks for what the rule cannot do without: one of its entities'
names, each of `all`, two of `groups`, one of `words`. Between the words of a name may stand anything that is no word (spaces, line ends,
entities, tags with their attributes). Letters with accents match in any form: composed or not, as `&#7841;`, `&agrave;` or `\\u1ea1`, and
in bytes that are no UTF-8 as any byte of an old charset. Plain letters written as escapes, soft hyphens inside words, UTF-16 and other
charsets that are no ASCII inside: yes at once. What it does not see: a name with a tag in the middle of one of its words ("F<b>P</b>T"),
and a rule's word with an accent on a consonant other than đ.

UTF-8 has expressions of its own, because taking any high byte for a letter with an accent makes "một" and "mới" look like "Mỹ": with the
packaged rules 22,496 of 22,499 lines of a Vietnamese archive were candidates that way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from html.entities import html5
from typing import TYPE_CHECKING, Any

from seeds.entities import Entity
from seeds.folding import LIKE_D, without_accents
from seeds.rules import Rule
from watchers.text.added_accents import ACCENTED, names_without_accents
from watchers.text.fold import fold, spellings

if TYPE_CHECKING:
    from seeds.load import Seeds

_BEFORE = r"(?:^|[^0-9A-Za-z]|\\[nrtbf]|\\u[0-9A-Fa-f]{4})"
_AFTER = r"(?:[^0-9A-Za-z]|$)"
_AND = r"(?:&|\\u0026)"
"""An ampersand, also as JSON writers that fear HTML write it."""
_EDGE = r"[^0-9A-Za-z\x80-\xff]|\xc3[\x97\xb7]|"
_UTF8_BEFORE = (
    rf"(?:^|{_EDGE}[\xc2\xcc-\xdf][\x80-\xbf]|\xe1[\x80-\xb7\xbc-\xbf][\x80-\xbf]|[\xe0\xe2-\xef][\x80-\xbf]{{2}}|[\xf0-\xf4][\x80-\xbf]{{3}}|"
    r"\\[nrtbf]|\\u(?:00[0-9aAbB][0-9a-fA-F]|00[dDfF]7|02[5-9a-fA-F][0-9a-fA-F]|(?:0[3-9a-fA-F]|1[0-9a-dA-DfF])[0-9a-fA-F]{2}|"
    r"[2-9a-fA-F][0-9a-fA-F]{3}))"
)
_UTF8_AFTER = rf"(?:{_EDGE}[\xc2\xcc-\xdf]|\xe1[\x80-\xb7\xbc-\xbf]|[\xe0\xe2-\xf4]|$)"
"""Borders in UTF-8, where a Latin letter with an accent (\xc3 to \xcb, \xe1 \xb8 to \xbb) is a letter: "đại" is no "AI"."""
_GAP = rf"(?:[^0-9A-Za-z]|<[^<>]*>|\\u003[cC][^<>\\]*\\u003[eE]|{_AND}#?[0-9A-Za-z]{{2,10}};|\\[nrtbf]|\\u[0-9A-Fa-f]{{4}})+"
_MARKS = r"(?:\xcc[\x80-\xbf]|\xcd[\x80-\xaf]|\\u03[0-6][0-9A-Fa-f])"
"""A combining mark, in UTF-8 or as JSON escapes it."""
_MAY_BE_MARK = r"[\xcc\xcd]|\\u03[0-6]"
"""The beginning of one, or of a few Greek letters: over everything one byte costs hardly anything, and two a fifth of the scan."""
_SHORT = 6
"""Letters under which a name counts only between borders, as `watchers.match.names.scanner` has it."""
_HIDDEN = r"(?:\xc2\xad|\xe2\x80[\x8b-\x8d]|\xe2\x81\xa0|\xef\xbb\xbf|&(?:shy|zwnj|zwj|NoBreak|ZeroWidthSpace);|&#(?:173|820[3-5]|8288);|"
_HIDDEN += r"&#[xX](?:0*[aA][dD]|200[bcdBCD]|2060);|\\u(?:00[aA][dD]|200[bcdBCD]|2060|[fF][eE][fF][fF]))"
_ALWAYS = (
    _AND + r"#0*(?:4[89]|5[0-7]|6[5-9]|[789][0-9]|1[01][0-9]|12[0-2])(?:[^0-9]|$)",
    _AND + r"#[xX]0*(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])(?:[^0-9a-fA-F]|$)",
    r"\\u00(?:3[0-9]|[46][1-9a-fA-F]|[57][0-9aA])",
    rf"[0-9A-Za-z\x80-\xff]{_HIDDEN}{{1,4}}[0-9A-Za-z\x80-\xff&\\]",
    r"\xc4\xb0|\xe2\x84\xaa|\\u0130|\\u212[aA]",  # İ and the sign of the kelvin: their lower cases are plain letters
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
_ALSO = {"\u0111": "".join(LIKE_D)}
"""Other letters that folding takes for one."""
_CERTAIN, _LOOSE = 1, 2
"""The bits of the patterns that mean yes at once, and of `_UNEVEN`."""
_LETTERS = "|".join(sorted({name.rstrip(";") for name, value in html5.items() if value[0].isalpha() and "\xc0" <= value[0] < "\u0250"}))
_UNEVEN = (
    rf"{_MAY_BE_MARK}|{_AND}(?:#0*(?:19[2-9]|[2-9][0-9][0-9]|[1-9][0-9]{{3,}})|#[xX]0*(?:[cCdDeEfF][0-9a-fA-F]|[1-9a-fA-F][0-9a-fA-F]{{2,}})|"
    rf"(?:{_LETTERS}))"
)
"""Writings of letters with accents that are seldom: a combining mark, an entity. Where one stands, the slower expressions decide."""
_ANY_ODD = r"[\x80-\xff&\\]"
"""In place of a rule's words where accents stand in seldom writings or old charsets: something of the kind is there, so they may be."""


Pattern = tuple[str, bool, int]
"""An expression over bytes, whether case counts, and the bits of what it stands for."""
Letters = Callable[[str], str]
"""Gives the expression of a letter that is not ASCII."""
Need = tuple[tuple[int, ...], tuple[int, ...]]
"""What a rule cannot do without: bits of which each must be met, and groups of which two must be."""


@dataclass(frozen=True, slots=True)
class BytePatterns:
    """What is looked for in bytes of one kind: `triggers`, few and cheap, over everything; `all`, what rules need, where one stands."""

    triggers: tuple[Pattern, ...]
    all: tuple[Pattern, ...]


class _Scanner:
    """Patterns compiled, each kind at its first use: lines need the first, pages the second, and many archives never the third."""

    def __init__(self, patterns: BytePatterns) -> None:
        self._patterns = patterns
        self._bits = [bits for _, _, bits in patterns.all]

    @cached_property
    def triggers(self) -> Any:
        """Tells every place."""
        return _compile(self._patterns.triggers, once=False)

    @cached_property
    def _any(self) -> Any:
        return _compile(self._patterns.triggers, once=True)

    @cached_property
    def _all(self) -> Any:
        return _compile(self._patterns.all, once=True)

    def triggered(self, raw: bytes) -> bool:
        """Whether a trigger stands there."""
        from hyperscan import ScanTerminated

        try:
            self._any.scan(raw, match_event_handler=_stop)
        except ScanTerminated:
            return True
        return False

    def bits(self, raw: bytes) -> int:
        """The bits of all that stands there."""
        mask = 0
        bits = self._bits

        def at(number: int, _start: int, _end: int, _flags: int, _context: Any) -> None:
            nonlocal mask
            mask |= bits[number]

        self._all.scan(raw, match_event_handler=at)
        return mask


class ByteFilter:
    """Compiled from the seeds. Pickles as the patterns and is compiled again where it arrives."""

    def __init__(self, composed: BytePatterns, uneven: BytePatterns, other: BytePatterns, needs: tuple[Need, ...]) -> None:
        """`composed`: for UTF-8 with accents as they usually stand; `uneven`: where `_UNEVEN` stands in it; `other`: for other bytes."""
        self._made_of = (composed, uneven, other, needs)
        self._composed, self._full, self._other, self._needs = _Scanner(composed), _Scanner(uneven), _Scanner(other), needs
        self._verdicts: dict[int, bool] = {}

    def __reduce__(self) -> tuple[object, ...]:
        return ByteFilter, self._made_of

    def may_hit(self, raw: bytes) -> bool:
        """Whether these bytes, one record, may hit."""
        if is_utf8(raw):
            return self._composed.triggered(raw) and self._enough(raw)
        return self._other.triggered(raw) and self._meets(self._other.bits(raw))

    def lines(self, block: bytes) -> list[tuple[int, int]]:
        """The lines (start, end without the line end) of a block of UTF-8 that may hit, in order."""
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

        self._composed.triggers.scan(block, match_event_handler=at)
        # Places come in the order of their ends; a long name may end later than a short one that begins after it.
        return [(start, end) for start, end in sorted(set(found)) if self._enough(block[start:end])]

    def _enough(self, raw: bytes) -> bool:
        mask = self._composed.bits(raw)
        return self._meets(self._full.bits(raw) if mask & _LOOSE else mask)

    def _meets(self, mask: int) -> bool:
        """Whether what these bits stand for is enough for a rule."""
        known = self._verdicts.get(mask)
        if known is None:
            known = bool(mask & _CERTAIN) or any(
                all(mask & one for one in every) and (not groups or sum(1 for group in groups if mask & group) >= _GROUPS)
                for every, groups in self._needs
            )
            self._verdicts[mask] = known
        return known


def is_utf8(raw: bytes) -> bool:
    """Whether these bytes are UTF-8; plain ASCII is told without making a text of it."""
    if raw.isascii():
        return True
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _stop(*_place: Any) -> bool:
    """One is enough."""
    return True


def prescan_of(seeds: Seeds) -> ByteFilter | None:
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
            atoms.setdefault(atom, 4 << len(atoms))
    masks = tuple((tuple(atoms[one] for one in every), tuple(atoms[group] for group in groups)) for every, groups in needs)
    rarest = {_rarest(every, groups, seeds.entities) for every, groups in needs}
    composed, uneven, other = (_patterns(atoms, rarest, seeds.entities, letters) for letters in (_composed, _in_utf8, _in_bytes))
    return ByteFilter(composed, uneven, other, masks)


def _patterns(
    atoms: Mapping[frozenset[str], int], rarest: Iterable[frozenset[str]], entities: Mapping[str, Entity], letters: Letters
) -> BytePatterns:
    """What to look for: each atom with its bit, and as triggers the longest words of the rarest."""
    found: dict[tuple[str, bool], int] = {(expression, True): _CERTAIN for expression in _ALWAYS}
    triggers = {(expression, True) for expression in _ALWAYS}
    if letters is _composed:
        found[_UNEVEN, True] = _LOOSE
        triggers.add((_UNEVEN, True))
    for atom, bit in atoms.items():
        for expression in _of(atom, entities, letters, whole=True):
            found[expression] = found.get(expression, 0) | bit
    for atom in rarest:
        triggers |= _of(atom, entities, letters, whole=False)
    return BytePatterns(
        tuple((expression, exact, 0) for expression, exact in sorted(triggers)),
        tuple((expression, exact, bits) for (expression, exact), bits in sorted(found.items())),
    )


def _need(rule: Rule, entities: Mapping[str, Entity]) -> tuple[list[frozenset[str]], list[frozenset[str]]] | None:
    """What an item must have for the rule: "e:<entity>" and "w:<word>" names; None when it needs none."""
    if rule.everything:
        return None

    def named(wanted: Iterable[str]) -> frozenset[str]:
        return frozenset("e:" + part for part in _with_parts(wanted, entities))

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


def _of(atom: frozenset[str], entities: Mapping[str, Entity], letters: Letters, *, whole: bool) -> set[tuple[str, bool]]:
    """The expressions of names and words, each with whether case counts. Not `whole`: of their longest word alone."""
    found: set[tuple[str, bool]] = set()
    for one in atom:
        kind, _, what = one.partition(":")
        if kind == "w":  # in a rule's words accents do not count, on neither side
            found.add((_word(without_accents(fold(what))) if letters is _composed else _ANY_ODD, False))
            continue
        for name in entities[what].all_names():
            capitals = name.exact_case and name.text.isupper() and name.text.isascii()
            for spelling in spellings(name.text):
                found.add((_expression(spelling.upper() if capitals else spelling, letters, whole=whole), capitals))
        for name in names_without_accents(entities[what]):
            found.add((_expression(fold(name.text), letters, whole=whole, accents_added=True), False))
    return found


def _expression(spelling: str, letters: Letters, *, whole: bool, accents_added: bool = False) -> str:
    """A folded spelling as an expression over raw bytes. `accents_added`: its letters may carry accents in the text."""

    def expression_of(letter: str) -> str:
        if accents_added and letter in ACCENTED:
            return _with_vietnamese_accents(letter, letters)
        return re.escape(letter) if letter.isascii() else letters(letter)

    words = re.findall(r"[^\W_]+", spelling) or [spelling]
    if not whole or (letters is _in_bytes and (accents_added or not spelling.isascii())):
        # A word with accents in any charset is many alternatives; two of them with a gap between cost more than what they save.
        words = [max(words, key=lambda word: (len(word), word))]
    body = _GAP.join("".join(map(expression_of, word)) for word in words)
    before, after = (_BEFORE, _AFTER) if letters is _in_bytes else (_UTF8_BEFORE, _UTF8_AFTER)
    return before + body + after if sum(map(len, words)) < _SHORT else body


def _word(phrase: str) -> str:
    """The longest word of a phrase without accents, each of whose letters may carry some in the text."""
    word = max(re.findall(r"[^\W_]+", phrase) or [phrase], key=lambda match: (len(match), match))
    body = "".join(_with_accents(letter) if letter in ACCENTED else "".join(map(_byte, letter.encode())) for letter in word)
    return _UTF8_BEFORE + body + _UTF8_AFTER if len(word) < _SHORT else body


def _byte(byte: int) -> str:
    return f"\\x{byte:02x}"


@cache
def _with_accents(letter: str) -> str:
    """A plain letter with any accent or none, in UTF-8 or as JSON escapes it."""
    letters = map(chr, (*range(0xC0, 0x260), *range(0x1E00, 0x1F00)))
    return _one_of(letter, [form for form in letters if form.isalpha() and without_accents(fold(form)) == letter])


def _one_of(letter: str, forms: Sequence[str]) -> str:
    heads: dict[bytes, str] = {}
    escapes: dict[str, str] = {}
    for form in forms:
        data, number = form.encode(), f"{ord(form):04x}"
        heads[data[:-1]] = heads.get(data[:-1], "") + _byte(data[-1])
        escapes[number[:3]] = escapes.get(number[:3], "") + number[3]
    ways = [letter, *("".join(map(_byte, head)) + f"[{last}]" for head, last in sorted(heads.items()))]
    ways += [f"\\\\u{head}[{last}]" for head, last in sorted(escapes.items())]
    return "(?:" + "|".join(ways) + ")"


def _with_vietnamese_accents(letter: str, letters: Letters) -> str:
    """A plain letter with any accents of Vietnamese or none, in the writings that `letters` knows."""
    if letters is _in_bytes:
        return _in_bytes(letter)
    small = ACCENTED[letter] + _ALSO.get("đ" if letter == "d" else "", "")
    composed = _one_of(letter, sorted({*small, *small.upper()}))
    if letters is _composed:
        return composed
    return rf"(?:{composed}{_MARKS}*|[{_bases(letter)}]?(?:{_AND}#?[0-9A-Za-z]+;?)+)"


def _in_bytes(letter: str) -> str:
    """A letter with accents in any writing: its base letter, bytes above ASCII, or an escape; one or several of them."""
    return rf"(?:[{_bases(letter)}\x80-\xff]|{_AND}#?[0-9A-Za-z]+;?|\\u[0-9A-Fa-f]{{4}})+"


def _composed(letter: str) -> str:
    """A letter with accents as it stands in UTF-8, or as JSON escapes it."""
    forms = sorted({letter, letter.upper(), *_ALSO.get(letter, "")})
    ways = ["".join(f"\\x{byte:02x}" for byte in form.encode()) for form in forms]
    ways += ["".join(f"\\\\u{unit:04x}" for unit in _units(form)) for form in forms]
    return "(?:" + "|".join(ways) + ")"


def _in_utf8(letter: str) -> str:
    """A letter with accents in UTF-8 as `_composed` has it, or decomposed, or as an entity, whatever its accents are then."""
    decomposed = unicodedata.normalize("NFD", letter)
    if any(not "\u0300" <= mark <= "\u036f" for mark in decomposed[1:]):
        return _in_bytes(letter)
    bases = _bases(letter)
    base = f"[{bases}]" if bases else "[a-zA-Z]"
    marked = rf"(?:{base}|[\xc3-\xc6\xe1][\x80-\xbf]{{1,2}}|\\u[0-9A-Fa-f]{{4}}){_MARKS}+"
    return rf"(?:{_composed(letter)}|{marked}|{base}?(?:{_AND}#?[0-9A-Za-z]+;?)+)"


def _units(text: str) -> list[int]:
    data = text.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def _bases(letter: str) -> str:
    base = without_accents(letter)[:1]
    return f"{base.lower()}{base.upper()}" if base.isascii() and base.isalpha() else ""


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
