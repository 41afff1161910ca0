"""Defines Lexicon and Country: general knowledge of English and Vietnamese, read from lexicon.toml and countries.toml in this folder."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from seeds.folding import without_accents
from seeds.languages import Language


@dataclass(frozen=True)
class Lexicon:
    """Words of one language; all in lower case except `acronyms` and `months`."""

    starters: frozenset[str]
    common: frozenset[str]
    acronyms: frozenset[str]
    months: frozenset[str]
    offices: frozenset[str]
    honorifics: frozenset[str]
    company_heads: frozenset[str]
    legal_forms: frozenset[str]
    company_nouns: frozenset[str]
    government_heads: frozenset[str]
    organization_heads: frozenset[str]
    place_heads: frozenset[str]
    place_prepositions: frozenset[str]
    product_nouns: frozenset[str]
    occasions: frozenset[str]
    acting: frozenset[str]
    people_acting: frozenset[str]
    company_objects: frozenset[str]
    sources: frozenset[str]
    surnames: frozenset[str]
    generic: frozenset[str]
    small_inside: frozenset[str] = frozenset()

    @property
    def heads(self) -> frozenset[str]:
        """All words that can head the name of an organisation or place."""
        return self.company_heads | self.government_heads | self.organization_heads | self.place_heads


@dataclass(frozen=True)
class Country:
    """A country (or union of countries) with its spellings."""

    name: str
    names: frozenset[str]
    """All names, including the Vietnamese ones."""
    vietnamese: frozenset[str]
    adjectives: tuple[str, ...]
    capitals: tuple[str, ...]


_UNDECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
"""Letters that Unicode does not decompose into a base letter and an accent."""


def fold(text: str) -> str:
    """Returns lower-case letters without accents, by which spellings of one name are compared."""
    return without_accents(text.casefold().translate(_UNDECOMPOSED))


def name_key(text: str) -> str:
    """Returns only the letters and digits of `fold(text)`, so that "Viet Nam", "Việt Nam" and "Vietnam" are one name."""
    return re.sub(r"[\W_]+", "", fold(text))


@cache
def lexicon(lang: Language) -> Lexicon:
    """Reads the words of a language."""
    data = tomllib.loads((files("watchers.suggest") / "lexicon.toml").read_text(encoding="utf-8"))[lang]
    as_written = {"acronyms", "months"}
    return Lexicon(**{
        field.name: frozenset(_words(data.get(field.name, ""), lower=field.name not in as_written)) for field in fields(Lexicon)
    })


@cache
def countries() -> tuple[Country, ...]:
    """Reads all countries of countries.toml."""
    rows = tomllib.loads((files("watchers.suggest") / "countries.toml").read_text(encoding="utf-8"))["countries"]
    result = []
    for row in rows:
        name, others, vietnamese, adjectives, capitals = (_words(part, lower=False) for part in row.split("|"))
        result.append(Country(name[0], frozenset((*name, *others, *vietnamese)), frozenset(vietnamese), tuple(adjectives), tuple(capitals)))
    return tuple(result)


@cache
def country_names() -> dict[str, Country]:
    """Returns each country by each of its names."""
    return {name: country for country in countries() for name in country.names}


@cache
def country_adjectives() -> dict[str, Country]:
    """Returns each country by its adjective and the name of its people: "Danish", "Danes"."""
    return {word: country for country in countries() for word in country.adjectives}


@cache
def capital_cities() -> dict[str, Country]:
    """Returns each country by the names of its capital."""
    return {city: country for country in countries() for city in country.capitals}


@cache
def longest_first(phrases: frozenset[str]) -> str:
    """Returns the phrases as alternatives of a regular expression, longer phrases before those they contain."""
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=lambda phrase: (-len(phrase), phrase)))


def _words(text: str, *, lower: bool) -> list[str]:
    parts = [" ".join(part.split()) for part in text.split(",")]
    return [part.lower() if lower else part for part in parts if part]
