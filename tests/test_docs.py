"""README and docs/ stay true: commands, options, links, files and settings in them exist, and their TOML loads."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from bot.cli import COMMANDS, GROUPS, build
from bot.commands.registry import COMMANDS as CHAT_COMMANDS
from bot.config import AppriseSection, Config, load_config
from bot.store import Store
from seeds.entities import Entity, Name
from seeds.events import EventType, Trigger
from seeds.feeds import Feed
from seeds.load import load_seeds
from seeds.rules import Rule
from seeds.warnings import check_warnings
from tests.support.pages import CONTRIBUTING, DOCS, PAGES, README, ROOT, Page, name_of

SEED_FILE = re.compile(r"# (?:seeds|seedwatch\.seeds)/(\w+\.toml)\n")
NO_DEFAULT = {"required": ..., "none": None}
every_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def commands_in(page: Page) -> set[str]:
    """Every command line `seedwatch …` in a code block or between backticks, up to a pipe, a redirection or a comment."""
    lines = [line for code in (*page.blocks("", "sh", "console"), *page.inline) for line in code.splitlines()]
    found = [match[1].strip() for line in lines if (match := re.search(r"(?:^|[|$] ?)seedwatch((?: [^|>#`…]+)?)", line.strip()))]
    return {line for line in found if re.match(r"[a-z-]", line)}


def options(words: list[str]) -> set[str]:
    """The options of the command that these words name."""
    app = build()
    if words[0] in GROUPS:
        group = next(group for group in app.registered_groups if group.name == words[0])
        names = {command.name or command.callback.__name__.rstrip("_"): command for command in group.typer_instance.registered_commands}
        assert words[1] in names, words
        command = names[words[1]]
    else:
        command = next(command for command in app.registered_commands if command.name == words[0])
    single = typer.Typer(add_completion=False)
    single.command()(command.callback)
    return {option for parameter in typer.main.get_command(single).params for option in (*parameter.opts, *parameter.secondary_opts)}


@every_page
def test_commands_exist_with_their_options(page: Page) -> None:
    for line in commands_in(page):
        words = line.split()
        if words[0].startswith("-"):
            assert words[0] in {"--help", "--version", "--config", "--db"}
            continue
        assert words[0] in COMMANDS or words[0] in GROUPS, line
        if words[0] in GROUPS and len(words) == 1:
            continue
        shown = {word.strip("[]`.,;").split("=")[0] for word in words if word.strip("[").startswith("--")}
        assert not shown or shown <= options(words), line
        if words[0] in GROUPS:
            options(words)


@every_page
def test_options_alone_exist_in_some_command(page: Page) -> None:
    names = [[name] for name in COMMANDS]
    for group in build().registered_groups:
        names += [
            [group.name, command.name or command.callback.__name__.rstrip("_")] for command in group.typer_instance.registered_commands
        ]
    known = {option for words in names for option in options(words)} | {"--help", "--version"}
    shown = {option for code in page.inline if code.startswith("--") for option in re.findall(r"--[a-z-]+", code)}
    assert shown <= known


def test_the_options_of_backfill_are_described() -> None:
    table = {option for row in DOCS["backfill"].rows("Options") for option in re.findall(r"--[a-z-]+", row[0])}
    assert table == options(["backfill"]) - {"--json", "--config", "--db", "-v", "--verbose", "-q", "--quiet", "paths"}


def test_every_command_is_described() -> None:
    table = " ".join(row[0] for row in DOCS["operations"].rows("Commands"))
    for name in (*COMMANDS, *GROUPS):
        assert f"`seedwatch {name}" in table, name


def test_every_chat_command_is_described() -> None:
    described = set(re.findall(r"`/([a-z]+)", " ".join(row[0] for row in DOCS["telegram"].rows("Commands"))))
    assert set(CHAT_COMMANDS) - {"help"} <= described <= {*CHAT_COMMANDS, "cancel"}


def test_every_extra_is_described() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert {row[0].strip("`") for row in DOCS["operations"].rows("Installation and upgrade")} == set(project["optional-dependencies"])


@every_page
def test_links_lead_to_pages_headings_and_pictures(page: Page) -> None:
    pages = {other.path: other for other in PAGES}
    for link in page.links:
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        path = (page.path.parent / target).resolve() if target else page.path
        assert path.exists(), link
        assert not anchor or anchor in pages[path].anchors, link


def test_readme_links_every_page_and_is_short() -> None:
    linked = {link.partition("#")[0] for link in README.links}
    assert {f"docs/{name}.md" for name in DOCS} - {"docs/identity.md"} <= linked
    assert len(README.text.encode()) < 6_000


@every_page
def test_files_and_modules_exist(page: Page) -> None:
    for code in page.inline:
        if re.fullmatch(r"(?:bot|watchers|seeds|tests|docs)/[\w./-]*", code):
            assert (ROOT / code).exists(), code
    for module in re.findall(r"python -m ([\w.]+)", "\n".join((*page.inline, *page.blocks("", "sh", "console")))):
        assert importlib.util.find_spec(module), module


def test_every_folder_is_described() -> None:
    described = {row[0].strip("`") for row in CONTRIBUTING.rows("The folders")}
    inner = {f"{package}/{path.parent.name}/" for package in ("bot", "watchers") for path in (ROOT / package).glob("*/__init__.py")}
    assert described == inner | {"bot/", "watchers/", "seeds/", "tests/"}


@every_page
def test_make_targets_exist(page: Page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    shown = re.findall(r"^(?:\$ )?make ([a-z-]+)", "\n".join([*page.inline, *page.blocks("", "sh")]), re.MULTILINE)
    assert set(shown) <= targets
    assert page is not README or {"run", "test"} <= set(shown)


@every_page
def test_no_page_names_a_machine_or_an_unknown_section_of_the_configuration(page: Page) -> None:
    assert not re.search(r"/(work|home|root|tmp)/", page.text)
    text = (ROOT / "config.toml").read_text("utf-8")
    for section in set(re.findall(r"`\[\[?([a-z.]+)\]\]?`", page.text)):
        assert f"[{section}]" in text or section in {"entities", "events"}, section


def write_seeds(page: Page, folder: Path) -> list[str]:
    """Writes the TOML blocks of a page that name a seed file into `folder`; gives the other blocks."""
    others = []
    for block in page.blocks("toml"):
        if name := SEED_FILE.match(block):
            (folder / name[1]).write_text(block, "utf-8")
        else:
            others.append(block)
    return others


@every_page
def test_toml_loads(page: Page, tmp_path: Path) -> None:
    """Blocks that name a seed file form one folder of seeds; every other block is a configuration of its own, with that folder."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    others = write_seeds(page, folder)
    assert [str(warning) for warning in check_warnings(load_seeds(folder))] == []
    for block in others:
        file = tmp_path / "config.toml"
        file.write_text(block, "utf-8")
        load_config(file, env={}).load_seeds()


def match_examples() -> list[tuple[str, str, str]]:
    """The examples of `match` in all pages: the name of the page, the text that is piped in with the options, and the output."""
    example = re.compile(r'^\$ echo "(.*)" \| seedwatch match (.*)\n((?:(?!\$ ).*\n)*)', re.MULTILINE)
    return [(name_of(page), f"{text}|{words}", output) for page in PAGES for text, words, output in example.findall(page.text)]


@pytest.mark.parametrize(("name", "example", "output"), match_examples())
def test_match_prints_what_the_page_shows(name: str, example: str, output: str, tmp_path: Path) -> None:
    """With the seeds of the same page. A line "…" leaves lines out."""
    page = next(page for page in PAGES if name_of(page) == name)
    write_seeds(page, tmp_path)
    (tmp_path / "config.toml").write_text(f'[seeds]\npath = "{tmp_path}"\n', "utf-8")
    text, _, words = example.partition("|")
    command = [sys.executable, "-m", "bot", "match", *words.split(), "--config", str(tmp_path / "config.toml")]
    ended = subprocess.run(command, input=text, capture_output=True, text=True, cwd=ROOT, check=True)
    printed = iter(ended.stdout.splitlines())
    for line in output.split("```", maxsplit=1)[0].splitlines():
        assert line.strip() == "…" or line in printed, (line, ended.stdout)


def test_match_prints_the_json_that_the_page_shows() -> None:
    """The page leaves out some mentions, hits and reasons."""
    item, output = DOCS["operations"].blocks("json")
    command = [sys.executable, "-m", "bot", "match", "--json", "-"]
    ended = subprocess.run(command, input=item, capture_output=True, text=True, cwd=ROOT, check=True)
    shown, printed = json.loads(output), json.loads(ended.stdout)
    assert set(shown) == set(printed)
    assert shown["events"] == printed["events"]
    assert all(mention in printed["mentions"] for mention in shown["mentions"])
    for hit in shown["hits"]:
        other = next(other for other in printed["hits"] if other["rule"] == hit["rule"])
        assert set(hit) == set(other)
        assert set(hit["why"]) <= set(other["why"])


def test_the_first_start_prints_what_readme_shows(tmp_path: Path) -> None:
    """Without feeds, so that nothing is polled. A line that ends with "…" is cut."""
    shown = next(block for block in README.blocks("") if block.startswith("$ make run\n")).splitlines()[1:]
    (tmp_path / "config.toml").write_text("[seeds]\nfeeds = false\n", "utf-8")
    env = {key: value for key, value in os.environ.items() if not key.startswith("TELEGRAM_")}
    command = [sys.executable, "-m", "bot", "run", "--for", "3s", "--config", str(tmp_path / "config.toml")]
    printed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, check=True).stdout.splitlines()
    lines = iter(printed)
    for line in shown:
        assert line.strip() == "…" or any(other == line or (line.endswith("…") and other.startswith(line[:-1])) for other in lines), line


def test_the_public_tables_have_the_columns_that_are_promised() -> None:
    store = Store.open(":memory:")
    for table, columns in DOCS["guarantees"].rows("The public database"):
        names = {row[1] for row in store.conn.execute(f"PRAGMA table_info({table.strip('`')})")}
        assert set(columns.partition(";")[0].split(", ")) <= names, table
    store.close()


def test_every_error_in_the_overview_is_a_class_of_ours() -> None:
    source = "".join(path.read_text("utf-8") for package in ("bot", "watchers", "seeds") for path in (ROOT / package).rglob("*.py"))
    for name in set(re.findall(r"\b[A-Z]\w+Error\b", DOCS["how-it-works"].text)):
        assert f"class {name}" in source, name


def defaults(page: Page, heading: str) -> dict[str, object]:
    """The keys of the table under a heading with their defaults, read as TOML; `...` where a key is required."""
    values: dict[str, object] = {}
    for key, default, meaning in page.rows(heading):
        assert meaning
        text = default.strip("`")
        values[key.strip("`")] = NO_DEFAULT[text] if text in NO_DEFAULT else tomllib.loads(f"value = {text}")["value"]
    return values


def sections(model: type[BaseModel], path: str = "") -> dict[str, type[BaseModel]]:
    """The sections of the configuration by their names."""
    found: dict[str, type[BaseModel]] = {}
    for key, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            found[f"{path}{key}"] = type(field.default)
            found |= sections(type(field.default), f"{path}{key}.")
    return found


def test_every_key_of_the_configuration_is_described_with_its_default() -> None:
    values: dict[str, object] = {}
    for name, model in sections(Config).items():
        table = defaults(DOCS["configuration"], f"`[{name}]`")
        assert set(table) == {key for key in model.model_fields if f"{name}.{key}" not in (*sections(Config), "chat.also")}, name
        *outer, inner = name.split(".")
        place = values
        for key in outer:
            place = place[key]  # type: ignore[assignment]
        place[inner] = table
    assert Config.model_validate(values) == Config()


@pytest.mark.parametrize(
    ("page", "heading", "model"),
    [
        ("configuration", "`[[chat.also]]`", AppriseSection),
        ("seeds", "Keys of `[[rules]]`", Rule),
        ("seeds", "Keys of `[[entities]]`", Entity),
        ("seeds", "Keys of a name with conditions", Name),
        ("seeds", "Keys of `[[events]]`", EventType),
        ("seeds", "Keys of a trigger", Trigger),
        ("seeds", "Keys of `[[feeds]]`", Feed),
    ],
)
def test_every_key_of_an_entry_is_described_with_its_default(page: str, heading: str, model: type[BaseModel]) -> None:
    table = defaults(DOCS[page], heading)
    assert set(table) == set(model.model_fields)
    for key, field in model.model_fields.items():
        default = ... if field.is_required() else field.get_default(call_default_factory=True)
        plain = list(default) if isinstance(default, tuple) else dict(default) if isinstance(default, Mapping) else default
        assert table[key] == plain, key
