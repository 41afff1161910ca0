"""Folders named like our packages, where Python is started: never taken for them, in no process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bot.cli.test_match import ITEM

ROOT = Path(__file__).resolve().parents[2]


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python as a person starts it in `folder`, which it looks through first."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration's folder whose `seeds` and `watchers` look like packages."""
    for name in ("seeds", "watchers"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the folder of the person was imported')\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["seeds.load", "watchers.models.item", "seeds", "watchers"])
def test_the_packages_beside_the_bot_are_imported(folder: Path, name: str) -> None:
    ended = python(folder, "-c", f"import sys, bot, {name}; print(sys.modules['{name}'].__spec__.origin)")
    assert (ended.returncode, ended.stdout.startswith(str(ROOT))) == (0, True), ended.stderr


def test_a_folder_that_was_imported_before_is_named(folder: Path) -> None:
    (folder / "seeds" / "__init__.py").write_text("", "utf-8")
    ended = python(folder, "-c", "import seeds, bot")
    assert ended.returncode == 1
    assert f"ImportError: {folder / 'seeds'} was imported as the package 'seeds'" in ended.stderr


def test_a_plain_folder_that_was_taken_for_a_package_is_forgotten(tmp_path: Path) -> None:
    for name in ("seeds", "watchers"):
        (tmp_path / name).mkdir()
    plain = "sys.modules.update({name: types.ModuleType(name) for name in ('seeds', 'watchers')})"
    ended = python(tmp_path, "-c", f"import sys, types; {plain}; import bot.app, seeds.load, watchers.models.item")
    assert ended.returncode == 0, ended.stderr


PARSE = """
import asyncio, datetime
import bot
from seeds.feeds import Feed
from watchers.models.polling import Limits
from watchers.parsing.sandbox import ParseWorkers

async def main():
    body = b"<rss version='2.0'><channel><item><title>Nvidia</title><guid>1</guid></item></channel></rss>"
    workers = ParseWorkers(Limits())
    now = datetime.datetime.now(datetime.UTC)
    try:
        parsed, *_ = await workers.parse(body, feed=Feed(url="https://a.example/"), content_type="", base="", now=now)
        print(len(parsed.items))
    finally:
        workers.close()

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_the_processes_that_parse_feeds_import_ours_too(folder: Path) -> None:
    (folder / "parse.py").write_text(PARSE, "utf-8")
    ended = python(folder, "parse.py")
    assert (ended.returncode, ended.stdout) == (0, "1\n"), ended.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_backfill_beside_such_folders_reads_everything(folder: Path, workers: str) -> None:
    (folder / "items.jsonl").write_text(f"{json.dumps(ITEM)}\n" * 3, "utf-8")
    ended = python(folder, "-m", "bot", "backfill", "items.jsonl", "--workers", workers, "--json", "--dry-run")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1])["summary"]["parsed"] == 3
