"""Word tables hold words: pasted code or a broken literal in one of them would change results silently."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

import seeds
import watchers

WORD = r"[^\W_](?:[ .,'’&+/%*$-]*[^\W_])*[.$]?"
ENTRY = re.compile(rf"[=.'’&]?{WORD}|[^\w\s]{{1,2}}|[A-Za-z]{{0,2}}\$|\{{\w+\}}|\s|[a-z]+\.[a-z_]+")
"""Words and names with the signs inside them; single signs such as those of currencies; "=" before a term, a {kind} of name, a code.key."""


def modules() -> list[ModuleType]:
    names = [
        found.name for package in (watchers, seeds) for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return [importlib.import_module(name) for name in names]


def entries(value: object) -> Iterator[str]:
    """Every text in nested sets, mappings and tuples; a text of its own is no table."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from [key] if isinstance(key, str) else entries(key)
            yield from [inner] if isinstance(inner, str) else entries(inner)
    elif isinstance(value, (frozenset, set, tuple, list)) and type(value) in (frozenset, set, tuple, list):
        for inner in value:
            yield from [inner] if isinstance(inner, str) else entries(inner)


def tables() -> list[tuple[str, str, object]]:
    """Module-level tables of words. Patterns, templates and field names have other notations, and tests of their own."""
    found = []
    for module in modules():
        for name, value in vars(module).items():
            if name.startswith("__") or not isinstance(value, (Mapping, frozenset, set, tuple, list)):
                continue
            words = list(entries(value))
            if len(words) >= 20 and sum(ENTRY.fullmatch(word) is not None for word in words) >= 0.9 * len(words):
                found.append((module.__name__, name, value))
    return found


TABLES = tables()


def test_there_are_tables() -> None:
    assert len(TABLES) > 20


@pytest.mark.parametrize(("module", "name", "value"), TABLES, ids=[f"{module}.{name}" for module, name, _ in TABLES])
def test_every_entry_of_a_word_table_is_made_of_words(module: str, name: str, value: object) -> None:
    odd = sorted({entry for entry in entries(value) if entry and not ENTRY.fullmatch(entry)})
    assert not odd
