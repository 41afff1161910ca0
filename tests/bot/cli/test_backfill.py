"""`seedwatch backfill` as a person and a program use it: what it says, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.cli.test_match import seedwatch

QUIET = "A quiet day at the market: rain, tea and nothing that anybody would write home about."


def archive(path: Path, good: int, broken: int = 0) -> Path:
    """JSON Lines of so many records that name nobody, and so many that are no JSON."""
    lines = [json.dumps({"title": f"{QUIET} {number}"}) for number in range(good)] + ['{"title": "broken"'] * broken
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_run_in_which_more_is_broken_than_read_failed(tmp_path: Path) -> None:
    archive(tmp_path / "x.jsonl", good=2, broken=3)
    ended = seedwatch("backfill", "x.jsonl", "--dry-run", cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("seedwatch: 3 of 5 records are broken")
    assert "5 records read" in ended.stdout


def test_a_run_that_read_most_of_it_is_done(tmp_path: Path) -> None:
    archive(tmp_path / "x.jsonl", good=3, broken=2)
    assert seedwatch("backfill", "x.jsonl", "--dry-run", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("option", [[], ["--json"], ["--quiet"]])
def test_a_missing_file_is_told_once(tmp_path: Path, option: list[str]) -> None:
    ended = seedwatch("backfill", "none.jsonl", "--dry-run", *option, cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.count("none.jsonl") == 1


def test_repaired_records_are_counted_and_with_v_their_places_are_shown(tmp_path: Path) -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type:text/html\r\nContent-Encoding: br\r\n\r\n<html><title>Nvidia</title><p>Nvidia grows</p></html>"
    header = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/1\r\nContent-Length: %d\r\n\r\n" % len(page)
    (tmp_path / "x.warc").write_bytes((header + page + b"\r\n\r\n") * 2)
    ended = seedwatch("backfill", "x.warc", "--dry-run", cwd=tmp_path)
    assert "\n2 repaired\n" in ended.stdout
    assert "a false coding" not in ended.stderr
    ended = seedwatch("backfill", "x.warc", "--dry-run", "-v", cwd=tmp_path)
    assert ended.stderr.count("x.warc: at ") == 2
    assert "at 0: repaired: a false coding: br" in ended.stderr
    ended = seedwatch("backfill", "x.warc", "--dry-run", "--json", cwd=tmp_path)
    assert json.loads(ended.stdout.splitlines()[-1])["summary"]["repaired"] == 2


def test_one_record_is_one_record(tmp_path: Path) -> None:
    archive(tmp_path / "x.jsonl", good=1)
    assert seedwatch("backfill", "x.jsonl", "--dry-run", cwd=tmp_path).stdout.startswith("1 record read in ")


def test_dates_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    archive(tmp_path / "x.jsonl", good=1)
    ended = seedwatch("backfill", "x.jsonl", "--since", "2025-02-01", "--until", "2025-01-31", cwd=tmp_path)
    assert ended.returncode == 2
    assert "--since" in ended.stderr
    assert "--until" in ended.stderr
    assert seedwatch("backfill", "x.jsonl", "--dry-run", "--since", "2025-02-01", "--until", "2025-02-01", cwd=tmp_path).returncode == 0
