"""An archive, read and looked back on with every command: its items have their own date, or none, and an outlet that people know."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bot.cli.test_match import seedwatch

DAY = (datetime.now(UTC) - timedelta(days=40)).date()
RECORDS = (
    {"title": "Nvidia to invest $20 million in a laboratory in Hue", "text": "Nvidia will build a laboratory in Hue, Vietnam, with FPT.",
     "published": f"{DAY.isoformat()}T09:00:00Z", "url": "https://www.dated.example/lab"},
    {"title": "Nvidia and FPT sign a contract about chips in Vinh",
     "text": "Nvidia signed a contract with FPT in Vinh, Vietnam, worth $7 million."},
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("looking-back")
    (folder / "old").mkdir()
    (folder / "old" / "part-3.jsonl").write_text("".join(json.dumps(one) + "\n" for one in RECORDS), "utf-8")
    ended = seedwatch("backfill", str(folder / "old" / "part-3.jsonl"), cwd=folder)
    assert "2 items match" in ended.stdout, ended.stderr
    return folder


def test_its_items_stand_in_the_timeline_on_their_day(folder: Path) -> None:
    lines = seedwatch("timeline", "nvidia", "--days", "60", "--json", cwd=folder).stdout.splitlines()
    days = {day["date"]: day["items"] for day in json.loads(lines[0])["days"]}
    assert {on: count for on, count in days.items() if count} == {DAY.isoformat(): 1}


def test_the_digest_of_their_day_has_them_and_that_of_today_has_none(folder: Path) -> None:
    assert "laboratory in Hue" in seedwatch("digest", "--date", DAY.isoformat(), cwd=folder).stdout
    today = seedwatch("digest", cwd=folder).stdout
    assert "Nvidia" not in today


def test_stories_and_search_show_undated_items_last_without_a_date_or_a_path(folder: Path) -> None:
    since = (DAY - timedelta(days=1)).isoformat()
    told = seedwatch("stories", cwd=folder).stdout
    assert "no date" in told
    assert "contract about chips" in told
    assert "laboratory" not in told
    assert "contract" not in seedwatch("stories", "--since", since, cwd=folder).stdout
    found = seedwatch("search", "nvidia", cwd=folder)
    assert found.stderr == "2 found\n"
    assert "no date           Nvidia and FPT sign" in found.stdout
    assert "\n                  part-3.jsonl\n" in f"{found.stdout}\n"
    assert "dated.example  https://www.dated.example/lab" in found.stdout
    everything = seedwatch("search", "", cwd=folder).stdout
    assert everything.index("laboratory") < everything.index("contract")
    assert str(folder) not in told + found.stdout + everything
    assert "\u2060" not in told + found.stdout
    assert seedwatch("search", "nvidia", "--limit", "1", cwd=folder).stderr.startswith("2 found, the first 1 shown")
    assert "contract" not in seedwatch("search", "nvidia", "--since", since, cwd=folder).stdout


def test_an_export_since_a_day_goes_by_publication(folder: Path) -> None:
    def titles(*since: str) -> list[str]:
        return [json.loads(line)["title"] for line in seedwatch("export", *since, cwd=folder).stdout.splitlines()]

    assert titles("--since", "7d") == []
    assert set(titles("--since", DAY.isoformat())) == {RECORDS[0]["title"]}
    assert set(titles()) == {one["title"] for one in RECORDS}


def test_a_digest_that_is_sent_tells_the_bundled_documents_to_nobody(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "seedwatch.db").write_bytes((folder / "seedwatch.db").read_bytes())
    (tmp_path / "config.toml").write_text("[digest]\nchart = false\n", "utf-8")
    sent = seedwatch("digest", "--send", "--date", DAY.isoformat(), "-q", cwd=tmp_path)
    assert sent.returncode == 0, sent.stderr
    assert "laboratory in Hue" in sent.stdout
    assert "ALERT" not in sent.stdout
    assert "documents" not in sent.stdout
    nothing = seedwatch("digest", "--send", "-q", cwd=tmp_path)
    assert (nothing.returncode, nothing.stdout) == (0, "")
