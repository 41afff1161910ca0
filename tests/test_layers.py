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


def folders(package: str) -> dict[str, set[str]]:
    """By folder of the package (a module directly in it counts as one), the folders that it imports."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / package).rglob("*.py"):
        own = file.relative_to(ROOT / package).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module == package:
                names = [f"{package}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found.setdefault(own, set()).update(name.split(".")[1] for name in names if name.startswith(f"{package}."))
    return {own: imported - {own} for own, imported in found.items()}


LAYERS = {
    "bot": (
        {"__main__"},
        {"cli"},
        {"app", "web", "doctor"},
        {"wiring", "scheduler"},
        {"commands", "polling", "backfill"},
        {"digest", "delivery"},
        {"alerts", "export"},
        {"render", "user_seeds"},
        {"stories"},
        {"store"},
        {"i18n"},
        {"http_server", "instance_lock", "message", "config", "log", "clock", "local_time", "durations", "sanitize"},
    ),
    "watchers": (
        {"sources", "archives", "suggest"},
        {"parsing", "match", "stories"},
        {"http", "state"},
        {"models"},
        {"text"},
        {"extras", "own_packages", "version"},
    ),
    "seeds": (
        {"warnings"},
        {"load"},
        {"references", "documents"},
        {"ambiguity", "display_names"},
        {"entities", "events", "rules", "feeds"},
        {"toml_tables"},
        {"pattern_syntax", "folding", "languages", "errors", "error_messages"},
    ),
}
"""From top to bottom. A folder imports folders below its own line, and none beside or above it but those of its own line."""


@pytest.mark.parametrize("package", sorted(LAYERS))
def test_folders_import_downwards(package: str) -> None:
    level = {name: at for at, names in enumerate(LAYERS[package]) for name in names}
    imports = folders(package)
    assert set(imports) - set(level) - {"__init__"} == set()
    upwards = {
        own: sorted(name for name in imported if name in level and level[name] < level[own])
        for own, imported in imports.items()
        if own in level
    }
    assert {own: names for own, names in upwards.items() if names} == {}


@pytest.mark.parametrize("package", sorted(LAYERS))
def test_no_folders_import_each_other_in_a_circle(package: str) -> None:
    imports = folders(package)

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for name in imports.get(waiting.pop(), set()):
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return seen

    assert [name for name in imports if name in reached(name)] == []


def pure_modules() -> list[Path]:
    return [*(ROOT / "watchers" / "match").rglob("*.py"), *(ROOT / "watchers" / "stories").rglob("*.py")]


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


QUERIES = {"execute", "executemany", "executescript", "conn"}


def queries(file: Path) -> list[str]:
    """The places of a module that touch a connection or the methods of one."""
    attributes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Attribute)]
    return [
        f"{file.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for node in attributes
        if node.attr in QUERIES or ast.unparse(node).endswith("store.db")
    ]


def test_only_the_store_queries_the_database() -> None:
    store = ROOT / "bot" / "store"
    files = [file for file in sorted((ROOT / "bot").rglob("*.py")) if store not in file.parents]
    assert [place for file in files for place in queries(file)] == []
    assert queries(store / "hits.py")


@pytest.mark.parametrize("name", ["view", "build", "event_ranking", "party_names"])
def test_stories_are_built_without_the_database(name: str) -> None:
    tree = ast.parse((ROOT / "bot" / "stories" / f"{name}.py").read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert "Store" not in names
