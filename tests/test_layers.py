"""Imports go bot → watchers → seeds, never up; and the middle is pure: text and rules in, values out."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ABOVE = {"seeds": {"watchers", "bot", "tests"}, "watchers": {"bot", "tests"}, "bot": {"tests"}}
IMPURE = {"socket", "sqlite3", "aiohttp", "requests", "httpx", "subprocess", "telegram", "sqlite_utils", "asyncio", "time", "random"}


def imported(file: Path) -> set[str]:
    """The top-level names of everything that a module imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import hides the layer; write it out"
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("package", sorted(ABOVE))
def test_a_package_imports_nothing_from_above(package: str) -> None:
    wrong = {
        str(file.relative_to(ROOT)): sorted(found) for file in (ROOT / package).rglob("*.py") if (found := imported(file) & ABOVE[package])
    }
    assert not wrong


def pure_modules() -> list[Path]:
    stories = ROOT / "watchers" / "stories.py"
    return [
        *(ROOT / "watchers" / "match").rglob("*.py"),
        *((ROOT / "watchers" / "stories").rglob("*.py") if not stories.exists() else [stories]),
    ]


def test_matching_and_stories_touch_no_clock_network_or_file() -> None:
    files = pure_modules()
    assert len(files) > 3
    wrong = {}
    for file in files:
        text = file.read_text("utf-8")
        calls = [
            call for call in ("datetime.now(", "datetime.utcnow(", "date.today(", "open(", ".read_text(", ".write_text(") if call in text
        ]
        if found := sorted(imported(file) & IMPURE) + calls:
            wrong[str(file.relative_to(ROOT))] = found
    assert not wrong


def test_every_module_says_what_it_defines() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for package in ABOVE
        for file in (ROOT / package).rglob("*.py")
        if file.read_text("utf-8").strip() and ast.get_docstring(ast.parse(file.read_text("utf-8"))) is None
    ]
    assert not silent
