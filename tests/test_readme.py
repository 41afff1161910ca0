"""README stays true: the commands that it shows exist with their options, every command stands in it, and its pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.cli import COMMANDS, GROUPS, build

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def shown() -> list[str]:
    """Every command line `seedwatch …` in a code block or between backticks, up to a pipe, a redirection or a comment."""
    blocks = [block for language, block in FENCE.findall(README) if language in {"", "sh", "console"}]
    lines = [line for code in (*blocks, *inline()) for line in code.splitlines()]
    found = [match[1].strip() for line in lines if (match := re.search(r"(?:^|[|$] ?)seedwatch((?: [^|>#`…]+)?)", line.strip()))]
    return [line.rstrip("\\") for line in found if line and re.match(r"[a-z-]", line)]


def inline() -> list[str]:
    """What stands between single backticks."""
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", README))


def parameters(words: list[str]) -> set[str]:
    """The options of the command that these words name."""
    app = build()
    if words[0] in GROUPS:
        group = next(one for one in app.registered_groups if one.name == words[0])
        names = {one.name or one.callback.__name__.rstrip("_"): one for one in group.typer_instance.registered_commands}
        assert words[1] in names, words
        command = names[words[1]]
    else:
        command = next(one for one in app.registered_commands if one.name == words[0])
    import typer

    single = typer.Typer(add_completion=False)
    single.command()(command.callback)
    return {option for param in typer.main.get_command(single).params for option in (*param.opts, *param.secondary_opts)}


@pytest.mark.parametrize("line", sorted(set(shown())))
def test_a_command_that_readme_shows_exists_with_its_options(line: str) -> None:
    words = line.replace("\\|", "|").split()
    if words[0].startswith("-"):
        assert words[0] in {"--help", "--version", "--config", "--db"}
        return
    assert words[0] in COMMANDS or words[0] in GROUPS, line
    if words[0] in GROUPS and (len(words) == 1 or "|" in words[1]):
        return
    known = parameters(words)
    for word in words:
        if word.startswith("--"):
            assert word.split("=")[0].rstrip("`.,;") in known, f"{line}: {word}"


def test_every_command_stands_in_readme() -> None:
    for name in (*COMMANDS, *GROUPS):
        assert f"seedwatch {name}" in README, name


def test_every_picture_of_readme_is_there() -> None:
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture


def test_the_make_targets_of_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    shown_targets = re.findall(
        r"^(?:\$ )?make ([a-z-]+)", "\n".join([*inline(), *(block for _, block in FENCE.findall(README))]), re.MULTILINE
    )
    assert {"run", "test"} <= set(shown_targets) <= targets


def test_readme_names_no_place_of_a_machine_and_no_stray_section_of_the_configuration() -> None:
    assert not re.search(r"/(work|home|root|tmp)/", README)
    text = (ROOT / "config.toml").read_text("utf-8")
    for section in set(re.findall(r"`\[\[?([a-z.]+)\]\]?`", README)):
        assert f"[{section}]" in text or section in {"entities", "events"}, section
