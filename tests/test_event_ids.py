"""No code knows a packaged type of event by its id: what sets a type apart stands in events.toml, where a person's own types say it too."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from seeds.load import load_seeds

ROOT = Path(__file__).resolve().parents[1]
KINDS_OF_ENTITIES = {"product"}
"""Ids that are also kinds of entities, and stand in code as these."""
OTHER_MEANINGS = {
    ("watchers/match/names/mentions.py", "market"): "a condition of names: only in a market context",
    ("watchers/stories/concepts.py", "order"): "a concept with its words in both languages",
    ("watchers/stories/concepts.py", "earnings"): "a concept with its words in both languages",
    ("watchers/stories/concepts.py", "visit"): "a concept with its words in both languages",
}
"""Literals that are spelt like an id and mean something else, by file."""


def ids_in(source: str, ids: set[str]) -> set[str]:
    """The ids that stand in string literals: as the whole literal, as a list of words, or quoted in a query."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = set(re.split(r"[\s,|]+", node.value.strip()))
            found |= words if words <= ids else ids.intersection(re.findall(r"\btype\s*(?:=|!=|<>)\s*'(\w+)'", node.value))
    return found


@pytest.mark.parametrize("source", [
    'x = one.type == "market"', 'x = {"visit": 1}', 'x = frozenset("visit market".split())', 'match x:\n    case "visit":\n        pass',
    "x = \"SELECT 1 FROM events WHERE type = 'visit'\"",
])
def test_an_id_in_a_literal_is_found(source: str) -> None:
    assert ids_in(source, {"visit", "market"})


def test_no_module_names_a_packaged_type_of_event() -> None:
    ids = set(load_seeds().events) - KINDS_OF_ENTITIES
    found = {
        (file.relative_to(ROOT).as_posix(), name)
        for package in ("bot", "watchers", "seeds")
        for file in (ROOT / package).rglob("*.py")
        for name in ids_in(file.read_text("utf-8"), ids)
    }
    assert found == set(OTHER_MEANINGS)
