"""`seedwatch match` as a person and a program use it: through the real command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ITEM = {
    "id": "x1",
    "title": "Nvidia to open a design centre in Hanoi",
    "text": "Nvidia will open a design centre in Hanoi in June, the company said.",
    "published": "2025-03-01T08:00:00Z",
}


def seedwatch(*args: str, given: str = "", cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("SEEDWATCH", "TELEGRAM"))}
    root = str(Path(__file__).resolve().parents[3])
    return subprocess.run(
        [sys.executable, "-m", "bot", *args],
        input=given,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**env, "PYTHONPATH": root},
        check=False,
    )


def test_a_terminal_of_another_charset_gets_every_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    item = {"title": "Nvidia m\u1edf nh\u00e0 m\u00e1y \u1edf H\u00e0 N\u1ed9i", "text": ""}
    ended = seedwatch("match", "-", given=json.dumps(item), cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "Nvidia m\\u1edf nh\\xe0 m\\xe1y" in ended.stdout
    assert "HIT" in ended.stdout


def test_items_are_answered_in_order_with_offsets_into_the_text_as_given(tmp_path: Path) -> None:
    lines = [json.dumps(ITEM), json.dumps({"id": 7, "text": "Rain in Hue."}), json.dumps({**ITEM, "id": "x3"})]
    ended = seedwatch("match", "--json", "-", given="\n".join(lines) + "\n", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == ["x1", 7, "x3"]
    assert "misses" not in answers[0]
    for mention in answers[0]["mentions"]:
        assert ITEM[mention["field"]][mention["start"] : mention["end"]] == mention["text"]
    assert {"nvidia", "hanoi"} <= {mention["entity"] for mention in answers[0]["mentions"]}
    assert "facility" in {event["type"] for event in answers[0]["events"]}
    assert answers[0]["hits"]
    assert all(hit["why"] and 0 <= hit["score"] <= 1 for hit in answers[0]["hits"])
    assert answers[1]["hits"] == []


def test_an_answer_does_not_depend_on_where_a_reader_stops(tmp_path: Path) -> None:
    given = "\n".join(json.dumps({**ITEM, "id": number}) for number in range(2000))
    line = f"set -o pipefail; {sys.executable} -m bot match --json - | head -1"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    ended = subprocess.run(["bash", "-c", line], input=given, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    assert json.loads(ended.stdout)["id"] == 0
    assert "Traceback" not in ended.stderr


def test_what_did_not_hit_is_explained_when_asked(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[seeds]\nrules = false\n[[rules]]\nid = "only-amkor"\nany = ["amkor"]\nall = ["nvidia"]\n')
    ended = seedwatch("match", "--json", "--all", "-", given=json.dumps(ITEM), cwd=tmp_path)
    answer = json.loads(ended.stdout)
    assert answer["hits"] == []
    assert [miss["rule"] for miss in answer["misses"]] == ["only-amkor"]
    assert "Amkor" in " ".join(answer["misses"][0]["why"])


def test_a_person_reads_why(tmp_path: Path) -> None:
    (tmp_path / "news.txt").write_text(
        "Amkor opens a factory near Hanoi\n\nAmkor Technology opened its chip packaging factory near Hanoi on Monday.\n"
    )
    ended = seedwatch("match", "news.txt", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "HIT amkor" in ended.stdout
    assert "“Amkor" in ended.stdout


def test_a_date_written_as_feeds_write_it_is_read_too(tmp_path: Path) -> None:
    for published in ("Sat, 01 Mar 2025 08:00:00 GMT", "2025-03-01 08:00:00", "2025-03-01T15:00:00.123456+07:00"):
        ended = seedwatch("match", "--json", "-", given=json.dumps({**ITEM, "text": "", "published": published}), cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr


def test_a_page_is_read_as_its_article(tmp_path: Path) -> None:
    body = "<p>FPT said on Monday that it would build a data centre in Da Nang with partners from Japan.</p>" * 3
    article = f"<nav>Amkor</nav><article><h1>FPT builds</h1>{body}</article>"
    (tmp_path / "page.html").write_text(f"<!doctype html><html><head><title>FPT builds</title></head><body>{article}</body></html>")
    ended = seedwatch("match", "--json", "page.html", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    named = {mention["entity"] for mention in json.loads(ended.stdout)["mentions"]}
    assert "fpt" in named
    assert "amkor" not in named


def test_a_line_that_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    given = "\n".join(
        [
            '{"id": 1, "title": "Nvidia"}',
            '{"id": 2, "title": 5}',
            '{"id": 3',
            '{"id": 4}',
            '{"id": 5, "text": "x", "published": "soon"}',
            '{"id": 6, "title": "\\ud800"}',
        ]
    )
    ended = seedwatch("match", "--json", "-", given=given, cwd=tmp_path)
    assert [json.loads(line)["id"] for line in ended.stdout.splitlines()] == [1, 6]
    assert ended.returncode == 1
    for line, reason in ((2, "title: expected text, got int"), (3, "line 3"), (4, "neither"), (5, "ISO 8601")):
        assert any(f"line {line}" in said and reason in said for said in ended.stderr.splitlines()), ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[match]\nsalienze = 1\n", "match.salienze"),
        ('[digest]\ntimezone = "Mars/Base"\n', "digest.timezone"),
        ('[[rules]]\nid = "r"\nany = ["nobody"]\n', "nobody"),
        ('[match]\nspacy_model = "no_such_pipeline"\n', "match.spacy_model"),
    ],
)
def test_a_wrong_configuration_ends_with_two_and_one_line(tmp_path: Path, config: str, said: str) -> None:
    (tmp_path / "config.toml").write_text(config)
    for before_or_after in (["--config", "config.toml", "match", "-"], ["match", "-", "--config", "config.toml"]):
        ended = seedwatch(*before_or_after, given="x", cwd=tmp_path)
        assert ended.returncode == 2
        assert said in ended.stderr
        assert ended.stderr.count("\n") == 1
        assert ended.stdout == ""
