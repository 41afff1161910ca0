"""Defines EntityRelations and `relations_of`: find owners, offices of people, and tickers of companies.

The names in a sentence are replaced by numbers, so that patterns match only the words between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from watchers.suggest.candidates import NameCandidate
from watchers.suggest.lexicon import lexicon, longest_first
from watchers.suggest.sentences import DocumentSentence, WordToken, joined

_NAME = r"⟦(\d+)⟧"
_EN_OFFICES = longest_first(lexicon("en").offices)
_VI_OFFICES = longest_first(lexicon("vi").offices)
_OFFICE = rf"((?:(?:former|ex-|acting|outgoing|new|incoming|then) ?)?(?:{_EN_OFFICES})(?:,? and (?:{_EN_OFFICES}))?)"
_VI_OFFICE = rf"({_VI_OFFICES})"
_VI_COMPANY = r"(?:(?:tập đoàn|công ty|tổng công ty|hãng|ngân hàng) )?"
_BETWEEN = r"[^⟦.;:]{0,90}?"

_PART = "unit|subsidiary|arm|division|affiliate|brand"
_OWNED = "owned by|part of|belonging to|belongs to|(?:that|which) belonged to|held by|controlled by"

_PARENTS = {
    "en": (
        re.compile(rf"{_NAME} ?, {_BETWEEN}\b(?:{_OWNED}|(?:{_PART}) of) (?:the )?{_NAME}"),
        re.compile(rf"{_NAME} (?:is|was) (?:an? )?(?:\w+ ){{0,3}}(?:{_OWNED}|(?:{_PART}) of) (?:the )?{_NAME}"),
    ),
    "vi": (re.compile(rf"{_NAME} ?[,(–-]? ?{_BETWEEN}\b(?:thuộc|công ty con của|thành viên của|trực thuộc) {_VI_COMPANY}{_NAME}"),),
}
_CHILDREN = {
    "en": (
        re.compile(rf"{_NAME} ?['’]s (?:[\w-]+ ){{0,4}}(?:{_PART}) ,? ?{_NAME}"),
        re.compile(rf"{_NAME}-owned (?:[\w-]+ ){{0,4}}{_NAME}"),
        re.compile(rf"{_NAME} (?:unit|subsidiary|arm|affiliate) {_NAME}"),
        re.compile(rf"{_NAME} ?(?:, which )?(?:also )?(?:owns|owned|controls) (?:the )?{_NAME}"),
    ),
    "vi": (re.compile(rf"{_NAME} (?:có|với|sở hữu) công ty con (?:là )?{_NAME}"),),
}
_OFFICES_FIRST = {  # organisation, office, person
    "en": (
        re.compile(rf"{_NAME}°? ?(?:['’]s )?(?:\w+ )??{_OFFICE} {_NAME}"),
        re.compile(rf"{_NAME}°? ?['’]s {_OFFICE} ?, {_NAME}"),
    ),
    "vi": (re.compile(rf"{_NAME} {_VI_OFFICE} {_NAME}"),),
}
_OFFICE_ORG_PERSON = {  # office, organisation, person
    "en": (re.compile(rf"\b{_OFFICE} (?:of|at|for) (?:the )?{_NAME} ?,? {_NAME}"),),
    "vi": (re.compile(rf"{_VI_OFFICE} (?:của )?{_VI_COMPANY}{_NAME} (?:là )?(?:ông |bà )?{_NAME}"),),
}
_PERSON_OFFICE_ORG = {  # person, office, organisation
    "en": (re.compile(rf"{_NAME} ?, (?:the |an? |its |who is )?{_OFFICE} (?:of|at|for) (?:the )?{_NAME}"),),
    "vi": (re.compile(rf"{_NAME} ?[,(–-] ?{_VI_OFFICE} (?:của )?{_VI_COMPANY}{_NAME}"),),
}
_PERSON_ORG_OFFICE = {"en": (re.compile(rf"{_NAME} ?, (?:the )?{_NAME}°? ?(?:['’]s )?{_OFFICE}"),), "vi": ()}
_PERSON_OFFICE = {"en": (re.compile(rf"\b{_OFFICE} {_NAME}"), re.compile(rf"{_NAME} ?, (?:the |an? |its )?{_OFFICE}\b")), "vi": (
    re.compile(rf"\b{_VI_OFFICE} (?:ông |bà )?{_NAME}(?! ?⟦)"),)}
_TICKER = re.compile(
    r"⟦(\d+)⟧(?: ?['’]s)? ?\((?:(?:[Tt]icker|[Mm]ã|[Mm]ã CK|[Mm]ã chứng khoán|[Mm]ã cổ phiếu) ?:? ?)?(?:(?P<exchange>[A-Za-z]{2,9}) ?: ?)?"
    r"(?P<symbol>[A-Z0-9]{1,6}(?:-[A-Z])?)(?:\.(?P<suffix>[A-Z]{1,3}))?\)"
)
_EXCHANGES = {  # Reuters' suffixes, https://en.wikipedia.org/wiki/Refinitiv_Identification_Code
    "O": "NASDAQ", "OQ": "NASDAQ", "N": "NYSE", "L": "LSE", "DE": "XETRA", "PA": "EURONEXT", "CO": "CPH", "OL": "OSE", "ST": "STO",
    "HE": "HEL", "T": "TSE", "HK": "HKEX", "SS": "SSE", "SZ": "SZSE", "KS": "KRX", "TW": "TWSE", "HM": "HOSE", "HN": "HNX", "AX": "ASX",
    "TO": "TSX", "S": "SIX",
}
UNKNOWN_EXCHANGE = "?"


@dataclass
class EntityRelations:
    """Relations of candidates, by their index in the list: parent, office with its organisation (or None), tickers."""

    parents: dict[int, int] = field(default_factory=dict)
    offices: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    tickers: dict[int, set[str]] = field(default_factory=dict)
    symbols: set[str] = field(default_factory=set)
    """The symbols and exchanges in tickers; these are no names."""


def relations_of(candidates: list[NameCandidate], sentences: list[DocumentSentence]) -> EntityRelations:
    """Finds the relations in the sentences. The first statement wins; a known organisation of a person is kept."""
    relations = EntityRelations()
    numbered = _numbered(candidates)
    for sentence in sentences:
        marks = numbered.get(sentence.order, [])
        if marks:
            as_written = _with_numbers(sentence, marks)
            lang = "vi" if sentence.lang == "vi" else "en"
            _read_parents(as_written.lower(), lang, relations)
            _read_offices(as_written.lower(), lang, relations)
            _read_tickers(as_written, candidates, relations)
    return relations


def _numbered(candidates: list[NameCandidate]) -> dict[int, list[tuple[int, int, str]]]:
    """Returns for each sentence the (start, end, mark) of its names; the mark replaces the name."""
    marks: dict[int, list[tuple[int, int, str]]] = {}
    for number, candidate in enumerate(candidates):
        for occurrence in candidate.occurrences:
            marks.setdefault(occurrence.sentence.order, []).append(
                (occurrence.start, occurrence.end, f"⟦{number}⟧{'°' if occurrence.adjective else ''}")
            )
    return marks


def _with_numbers(sentence: DocumentSentence, marks: list[tuple[int, int, str]]) -> str:
    tokens: list[WordToken] = []
    position = 0
    for start, end, mark in sorted(marks):
        tokens += [*sentence.tokens[position:start], WordToken(mark, sentence.tokens[start].glued)]
        position = end
    return joined((*tokens, *sentence.tokens[position:]))


def _read_parents(text: str, lang: str, relations: EntityRelations) -> None:
    for child, parent in _pairs(_PARENTS[lang], text):
        if child != parent:
            relations.parents.setdefault(child, parent)
    for parent, child in _pairs(_CHILDREN[lang], text):
        if child != parent:
            relations.parents.setdefault(child, parent)


def _pairs(patterns: tuple[re.Pattern[str], ...], text: str) -> Iterator[tuple[int, int]]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield int(match[1]), int(match[2])


def _read_offices(text: str, lang: str, relations: EntityRelations) -> None:
    for patterns, (person, office, organization) in (
        (_OFFICES_FIRST, (3, 2, 1)), (_OFFICE_ORG_PERSON, (3, 1, 2)), (_PERSON_OFFICE_ORG, (1, 2, 3)), (_PERSON_ORG_OFFICE, (1, 3, 2)),
    ):
        for pattern in patterns[lang]:
            for match in pattern.finditer(text):
                person_index, organization_index = int(match[person]), int(match[organization])
                if person_index != organization_index and relations.offices.get(person_index, ("", None))[1] is None:
                    relations.offices[person_index] = (match[office].strip(), organization_index)
    for pattern in _PERSON_OFFICE[lang]:
        for match in pattern.finditer(text):
            title, number = (match[1], match[2]) if match[2].isdigit() else (match[2], match[1])
            relations.offices.setdefault(int(number), (title.strip(), None))


def _read_tickers(text: str, candidates: list[NameCandidate], relations: EntityRelations) -> None:
    for match in _TICKER.finditer(_restore_names_in_brackets(text, candidates)):
        number, symbol = int(match[1]), match["symbol"]
        short_form = symbol in candidates[number].spellings and not match["exchange"] and not match["suffix"]
        if short_form or candidates[number].country or symbol.isdigit():
            continue
        exchange = (match["exchange"] or _EXCHANGES.get(match["suffix"] or "", UNKNOWN_EXCHANGE)).upper()
        relations.tickers.setdefault(number, set()).add(f"{exchange}:{symbol}")
        relations.symbols.update({symbol, match["exchange"] or symbol})


def _restore_names_in_brackets(text: str, candidates: list[NameCandidate]) -> str:
    """Replaces numbers in brackets by their names again: in "⟦1⟧ (⟦2⟧)" the second can be the ticker of the first."""
    return re.sub(r"(?<=[(: ])⟦(\d+)⟧(?=[:).])", lambda match: candidates[int(match[1])].display, text)
