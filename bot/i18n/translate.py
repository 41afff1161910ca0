"""Defines `t` and `t_plain`: a sentence in the language of a chat, as HTML or as plain text. Each language is one TOML file in this folder.

The file's name is the language's code (CLDR: "en", "vi"). A key within a table is written with a dot: `button.open`. A table of plural
forms (`one`, `few`, `other` …) is one sentence; the slot {n} chooses the form by Babel's rules. Every language has the keys and the slots
of English: loading anything else raises ValueError, so a missing sentence is an error at import and not in a chat.

    en.toml, vi.toml ── load ──► Catalog ── t ──────► Markup: slots cleaned and escaped
                                         └─ t_plain ► str: slots cleaned
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from string import Formatter
from typing import Any

from babel import Locale, UnknownLocaleError

from bot.sanitize import clean
from watchers.models.problem import SENTENCES as PROBLEMS

DEFAULT = "en"
"""The language of a chat that chose none, and of a language that has no file."""
_PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})


class Markup(str):
    """Text that is HTML already: `t` inserts it as it is."""

    __slots__ = ()


@dataclass(frozen=True)
class Catalog:
    """The sentences of a language. `plurals` holds those with plural forms, by the form's name."""

    code: str
    sentences: Mapping[str, str]
    plurals: Mapping[str, Mapping[str, str]]

    @cached_property
    def locale(self) -> Locale:
        """The conventions of the language: plural forms, dates, numbers."""
        return Locale.parse(self.code)

    def template(self, key: str, args: Mapping[str, object]) -> str:
        """The sentence with its slots open. Raises KeyError for an unknown key and TypeError for a plural without a whole number `n`."""
        forms = self.plurals.get(key)
        if forms is None:
            return self.sentences[key]
        number = args.get("n")
        if not isinstance(number, int):
            raise TypeError(f"{key!r} needs a whole number n")
        return forms[self.locale.plural_form(number)]


def load(*folders: Path) -> dict[str, Catalog]:
    """The catalogs of all TOML files in these folders, by code. Raises ValueError for a file that lacks a key, a slot or a plural form."""
    catalogs = {path.stem: _catalog(path) for folder in folders for path in sorted(folder.glob("*.toml"))}
    problems = [problem for catalog in catalogs.values() for problem in _problems(catalog, catalogs[DEFAULT])]
    if problems:
        raise ValueError("; ".join(problems))
    return dict(sorted(catalogs.items()))


def _catalog(path: Path) -> Catalog:
    sentences: dict[str, str] = {}
    plurals: dict[str, Mapping[str, str]] = {}
    for key, value in _leaves(tomllib.loads(path.read_text("utf-8"))):
        if isinstance(value, str):
            sentences[key] = value
        else:
            plurals[key] = value
    if path.stem == DEFAULT:
        sentences |= {f"problem.{code}": sentence for code, sentence in PROBLEMS.items()}
    return Catalog(path.stem, sentences, plurals)


def _leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | Mapping[str, str]]]:
    """The sentences of a table and of the tables in it, with their keys."""
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and not ("other" in value and _PLURALS.issuperset(value)):
            yield from _leaves(value, f"{key}.")
        else:
            yield key, value


def _problems(catalog: Catalog, model: Catalog) -> Iterator[str]:
    """What the catalog lacks, or has too much, compared with `model`."""
    try:
        forms = catalog.locale.plural_form.tags | {"other"}
    except (UnknownLocaleError, ValueError):
        yield f"{catalog.code}.toml: {catalog.code!r} is not the code of a language"
        return
    for kind, wanted, present in (("key", model.sentences, catalog.sentences), ("plural", model.plurals, catalog.plurals)):
        for key in sorted(wanted.keys() ^ present.keys()):
            yield f"{catalog.code}.toml: {kind} {key!r} is {'missing' if key in wanted else 'unknown'}"
    for key in sorted(catalog.sentences.keys() & model.sentences.keys()):
        if _slots(catalog.sentences[key]) != _slots(model.sentences[key]):
            yield f"{catalog.code}.toml: the slots of {key!r} are not {sorted(_slots(model.sentences[key]))}"
    for key in sorted(catalog.plurals.keys() & model.plurals.keys()):
        if catalog.plurals[key].keys() != forms:
            yield f"{catalog.code}.toml: the forms of {key!r} are not {sorted(forms)}"
        elif _slots(catalog.plurals[key]["other"]) != _slots(model.plurals[key]["other"]):
            yield f"{catalog.code}.toml: the slots of {key!r} are not {sorted(_slots(model.plurals[key]['other']))}"


def _slots(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


FOLDER = Path(__file__).parent
CATALOGS: dict[str, Catalog] = load(FOLDER)
"""By code; loaded once."""


def languages() -> tuple[str, ...]:
    """The codes of all languages, the default first."""
    return (DEFAULT, *(code for code in CATALOGS if code != DEFAULT))


def catalog(lang: str) -> Catalog:
    """The catalog of that language, of the default one where there is none."""
    return CATALOGS.get(lang) or CATALOGS[DEFAULT]


def t(lang: str, key: str, /, **args: object) -> Markup:
    """The sentence as HTML. Slots are cleaned and escaped, except Markup and whole numbers. Raises KeyError for an unknown key."""
    slots = {name: value if isinstance(value, (Markup, int)) else escape(clean(str(value)), quote=False) for name, value in args.items()}
    return Markup(catalog(lang).template(key, args).format(**slots))


def t_plain(lang: str, key: str, /, **args: object) -> str:
    """The sentence as plain text, for buttons, short notes and lines that get their markup later. Slots are cleaned, not escaped."""
    slots = {name: value if isinstance(value, int) else clean(str(value)) for name, value in args.items()}
    return catalog(lang).template(key, args).format(**slots)
