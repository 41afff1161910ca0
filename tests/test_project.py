"""The project's own promises: quick help with examples, exact constraints, and words that speak of the project alone."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def commands() -> list[list[str]]:
    """Every command and sub-command, as words after `seedwatch`."""
    from bot.cli import COMMANDS, GROUPS, build

    app = build()
    found = [[name] for name in COMMANDS]
    for group in app.registered_groups:
        assert group.name in GROUPS
        found += [
            [group.name, command.name or command.callback.__name__.rstrip("_")] for command in group.typer_instance.registered_commands
        ]
    return found


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "bot", *args], capture_output=True, text=True, cwd=ROOT, check=False)


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_help_of_every_command_has_an_example_and_the_common_options(command: list[str]) -> None:
    shown = run(*command, "--help")
    assert shown.returncode == 0
    assert re.search(r"Examples?:\s+(.*\| )?seedwatch " + " ".join(command), shown.stdout), shown.stdout
    for option in ("--config", "--db", "--verbose", "--quiet"):
        assert option in shown.stdout


def test_a_wrong_option_ends_with_two_and_says_what_there_is() -> None:
    ended = run("match", "--jsn")
    assert ended.returncode == 2
    assert "--json" in ended.stderr


def test_help_loads_nothing_heavy() -> None:
    """`seedwatch --help` answers within half a second because none of these is imported for it."""
    program = "import sys; from bot.cli import build; build(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True).stdout.split()
    heavy = {
        "spacy",
        "telegram",
        "aiohttp",
        "matplotlib",
        "sqlite_utils",
        "trafilatura",
        "apscheduler",
        "hyperscan",
        "dask",
        "numpy",
        "pydantic",
    }
    assert not heavy & set(loaded)


def test_constraints_are_exact_cover_the_dependencies_and_name_no_host() -> None:
    lines = (ROOT / "constraints.txt").read_text().split()
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+_-]+", line) for line in lines)
    pinned = {re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower() for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = [*project["project"]["optional-dependencies"].values(), *project["dependency-groups"].values()]
    for wanted in (*project["project"]["dependencies"], *(one for group in groups for one in group)):
        name = re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", wanted)[0]).lower()
        assert name == "seedwatch" or name in pinned, wanted


def test_every_declared_dependency_is_imported() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    imported = {
        name.split(".")[0].lower()
        for package in ("bot", "watchers", "seeds")
        for file in (ROOT / package).rglob("*.py")
        for name in re.findall(r"^\s*(?:from|import) ([\w.]+)", file.read_text("utf-8"), re.MULTILINE)
    }
    modules = {"python-telegram-bot": "telegram", "tzdata": "zoneinfo", "sqlite-utils": "sqlite_utils"}
    wanted = [*project["dependencies"], *(line for lines in project["optional-dependencies"].values() for line in lines)]
    names = {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in wanted} - {"seedwatch"}
    assert {name for name in names if modules.get(name, name.replace("-", "_")) not in imported} == set()


def test_the_product_names_no_document_that_it_does_not_hold() -> None:
    held = {path.name for path in ROOT.glob("*.md")} | {path.name for path in (ROOT / "docs").glob("*.md")}
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    files = [*(ROOT / "bot").rglob("*.py"), *(ROOT / "watchers").rglob("*.py"), *(ROOT / "seeds").rglob("*.*"), *documents]
    named = {
        (str(file.relative_to(ROOT)), name)
        for file in files
        if file.suffix in {".py", ".toml", ".md"}
        for name in re.findall(r"\b[A-Z][A-Z_-]+(?:\.md)\b", file.read_text("utf-8"))
    }
    assert {(file, name) for file, name in named if name not in held} == set()


def test_the_version_is_said() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert run("--version").stdout.strip() == f"seedwatch {project['project']['version']}"


def test_the_top_level_holds_what_was_agreed() -> None:
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in tracked.stdout.splitlines() if not line.startswith(".")}
    assert top <= {
        "pyproject.toml",
        "README.md",
        "bot",
        "watchers",
        "seeds",
        "tests",
        "config.toml",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
        "CONTRIBUTING.md",
        "docs",
        "constraints.txt",
    }
