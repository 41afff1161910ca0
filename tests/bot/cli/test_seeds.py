"""`seedwatch seeds`: lists, checks and drafts, for people and for programs."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import build

ARTICLE = "Norbyx buys Quenlow\n\nNorbyx, a chipmaker, said on Monday it has acquired Quenlow Robotics, a startup owned by Ostrava Group.\n"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with a seeds folder of its own beside it."""
    monkeypatch.delenv("SEEDWATCH_CONFIG", raising=False)
    (tmp_path / "seeds").mkdir()
    file = tmp_path / "config.toml"
    file.write_text("")
    return file


def seedwatch(*words: str | Path) -> Result:
    """Runs the command line as a person does."""
    return CliRunner().invoke(build(), ["seeds", *map(str, words)])


def lines(result: Result) -> list[dict[str, Any]]:
    """The JSON Lines of stdout."""
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_check_is_content_with_the_packaged_seeds(config: Path) -> None:
    result = seedwatch("check", "--config", config)
    assert result.exit_code == 0
    assert "no mistakes" in result.stderr


def test_check_names_every_mistake_and_ends_with_2(config: Path) -> None:
    (config.parent / "seeds" / "rules.toml").write_text('[[rules]]\nid = "a"\nany = ["nvida"]\n\n[[rules]]\nid = "b"\nall = ["fptt"]\n')
    result = seedwatch("check", "--config", config)
    assert result.exit_code == 2
    assert 'rules.toml: a: any: unknown entity "nvida"; did you mean "nvidia"?' in result.stderr
    assert 'rules.toml: b: all: unknown entity "fptt"; did you mean "fpt"?' in result.stderr
    assert "2 mistakes in the seeds" in result.stderr
    assert "Traceback" not in result.stderr


def test_check_lists_what_is_doubtful_and_ends_with_0(config: Path) -> None:
    (config.parent / "seeds" / "rules.toml").write_text('[[rules]]\nid = "a"\nany = ["nvidia"]\nnone = ["nvidia"]\n')
    result = seedwatch("check", "--config", config)
    assert result.exit_code == 0
    assert 'warning: rules: a: any: can never hit: "nvidia" in none too' in result.stdout
    [doubt] = [line for line in lines(seedwatch("check", "--json", "--config", config)) if line["id"] == "a"]
    assert (doubt["level"], doubt["kind"], doubt["key"]) == ("warning", "rules", "any")


def test_list_shows_what_is_in_force(config: Path) -> None:
    (config.parent / "seeds" / "rules.toml").write_text('[[rules]]\nid = "mine"\nany = ["nvidia"]\n')
    result = seedwatch("list", "--config", config)
    assert result.exit_code == 0
    assert all(word in result.stdout for word in ("Entities (", "* nvidia", "Event types (", "Rules (", "mine", "Feeds ("))
    assert "NVIDIA Newsroom" in result.stdout
    records = lines(seedwatch("list", "--json", "--config", config))
    assert {record["entry"] for record in records} == {"entity", "event", "rule", "feed"}
    assert [record["any"] for record in records if record["entry"] == "rule" and record["id"] == "mine"] == [["nvidia"]]


def test_a_list_that_is_piped_has_one_row_a_line(config: Path) -> None:
    any_of = '", "'.join(("nvidia", "fpt", "amkor", "vingroup", "vietnam", "apple"))
    names = '", "'.join(f"a word that is rather long, number {number}" for number in range(6))
    (config.parent / "seeds" / "rules.toml").write_text(f'[[rules]]\nid = "mine"\nany = ["{any_of}"]\nwords = ["{names}"]\n')
    shown = seedwatch("list", "--config", config).stdout.splitlines()
    [line] = [one for one in shown if one.startswith("mine ")]
    assert "any nvidia" in line
    assert line.endswith("number 5")


def test_suggest_prints_toml_to_review(config: Path, tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(ARTICLE)
    result = seedwatch("suggest", article, "--config", config)
    assert result.exit_code == 0
    draft = tomllib.loads(result.stdout)
    assert {"norbyx", "quenlow-robotics", "ostrava-group"} <= {one["id"] for one in draft["entities"]}
    assert [one["part_of"] for one in draft["entities"] if one["id"] == "quenlow-robotics"] == ["ostrava-group"]
    assert draft["rules"]
    assert "read it before you use it" in result.stderr


def test_suggest_writes_a_folder_that_check_accepts_and_never_overwrites(config: Path, tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(ARTICLE)
    folder = config.parent / "seeds"
    assert seedwatch("suggest", article, "--into", folder, "--config", config).exit_code == 0
    assert seedwatch("check", "--config", config).exit_code == 0
    again = seedwatch("suggest", article, "--into", folder, "--config", config)
    assert again.exit_code == 2
    assert "entities.toml and rules.toml stand there already" in again.stderr


def test_suggest_gives_entities_events_and_rules_to_programs(config: Path, tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(ARTICLE)
    records = lines(seedwatch("suggest", article, "--json", "--config", config))
    assert {record["entry"] for record in records} == {"entity", "event", "rule"}
    assert ("acquisition", ["norbyx"]) in [(record["type"], record["actors"]) for record in records if record["entry"] == "event"]


def test_suggest_reads_saved_pages(config: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    title, _, text = ARTICLE.partition("\n\n")
    more = "The two companies did not say how much Norbyx pays. Quenlow Robotics makes arms for factories and employs 120 people in Brno."
    body = f"<nav><a href='/'>Home Sports Weather</a></nav><article><h1>{title}</h1><p>{text}</p><p>{more}</p></article>"
    page.write_text(f"<!DOCTYPE html><html lang='en'><head><title>{title}</title></head><body>{body}</body></html>")
    result = seedwatch("suggest", page, "--config", config)
    assert result.exit_code == 0, result.stderr
    assert {"norbyx", "quenlow-robotics"} <= {one["id"] for one in tomllib.loads(result.stdout)["entities"]}


def test_suggest_says_which_file_it_cannot_read(config: Path, tmp_path: Path) -> None:
    result = seedwatch("suggest", tmp_path / "nowhere.txt", "--config", config)
    assert result.exit_code == 1
    assert "nowhere.txt: cannot be read: No such file or directory" in result.stderr


@pytest.mark.parametrize("command", ["list", "check", "suggest"])
def test_each_command_has_an_example(command: str) -> None:
    assert f"seedwatch seeds {command}" in seedwatch(command, "--help").stdout
