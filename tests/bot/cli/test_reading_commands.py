"""The commands that read the database, as a person and a program use them: each in a process of its own."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest

from bot.store import Store
from bot.store.chats import add_chat
from bot.store.search import fill
from tests.bot.cli.test_match import ITEM, seedwatch
from tests.support.news import publish
from watchers.match.result import Hit, Reason
from watchers.models.item import Item

COMMANDS = ["digest", "search", "stories", "timeline", "export"]
HITS = (Hit("deals", 0.8, "alert", (Reason("title.subject", {"text": "Nvidia"}),)),)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which two stories were told a little while ago."""
    folder = tmp_path_factory.mktemp("watch")
    now = datetime.now(UTC).replace(microsecond=0)
    store = Store.open(folder / "seedwatch.db")
    add_chat(store, "console")
    first = Item(
        "f", "https://a.example/1", title="Nvidia mở nhà máy ở Hà Nội", text="Nvidia mở nhà máy đầu tiên.", source="Báo A", published=now
    )
    story = publish(store, first, now - timedelta(minutes=5), hits=HITS)
    again = Item(
        "f", "https://b.example/1", title="Nvidia opens plant in Hanoi", text="Nvidia opens a plant.", source="Paper B", published=now
    )
    publish(store, again, now - timedelta(minutes=4), hits=HITS, story=story)
    other = Item("f", "https://c.example/1", title="FPT signs", text="FPT signs.", source="Paper C", published=now, sponsored=True)
    publish(store, other, now - timedelta(minutes=3), hits=(Hit("fpt", 0.6, "digest", ()),))
    fill(store)
    store.close()
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    ended = seedwatch(command, "--help", cwd=tmp_path)
    assert ended.returncode == 0
    assert f"Example:\n    seedwatch {command}" in ended.stdout


@pytest.mark.parametrize("command", [["digest"], ["search", "x"], ["stories"], ["timeline"], ["export"]], ids=COMMANDS)
def test_without_a_database_one_line_says_what_to_do(command: list[str], tmp_path: Path) -> None:
    ended = seedwatch(*command, cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "no database yet; `seedwatch poll`" in ended.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["search", "x", "--since", "soon"], "--since: expected a date"),
        (["search", "x", "--entity", "acme"], "--entity: 'acme' is not known"),
        (["stories", "--since", "2026-13-01"], "--since: expected a date"),
        (["digest", "--date", "1st"], "--date: expected a date"),
        (["digest", "--date", "2199-01-01"], "still to come"),
        (["digest", "--date", "0001-01-01"], "--date: expected a date from 1900 to 2199, got 0001-01-01"),
        (["digest", "--date", "9999-12-31"], "--date: expected a date from 1900 to 2199"),
        (["search", "x", "--since", "0001-01-01"], "--since: expected a date from 1900 to 2199"),
        (["stories", "--since", "9999-12-31T23:59:59-14:00"], "--since: expected a date from 1900 to 2199"),
        (["export", "--since", "0001-01-01T00:00+14:00"], "--since: expected a date from 1900 to 2199"),
        (["backfill", "x.jsonl", "--since", "0001-01-01T00:00+14:00"], "--since: expected a date from 1900 to 2199"),
        (["backfill", "x.jsonl", "--until", "9999-12-31"], "--until: expected a date from 1900 to 2199"),
        (["digest", "--chat", "telegram:5"], "--chat: 'telegram:5' is not a chat; there is console"),
        (["timeline", "acme"], "entity 'acme' is not known"),
        (["timeline", "nvidai"], "did you mean Nvidia?"),
        (["export", "--format", "xls"], "--format"),
    ],
    ids=str,
)
def test_wrong_usage_ends_with_2_and_says_what_was_expected(command: list[str], said: str, folder: Path) -> None:
    ended = seedwatch(*command, cwd=folder)
    assert ended.returncode == 2, ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture(scope="module")
def odd(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of an older version: one story of the year 1, one of the year 9999, and one of today."""
    odd = tmp_path_factory.mktemp("odd")
    (odd / "seedwatch.db").write_bytes((folder / "seedwatch.db").read_bytes())
    store = Store.open(odd / "seedwatch.db")
    for table, column in (("items", "published_at"), ("stories", "first_at"), ("stories", "last_at")):
        store.conn.execute(f"UPDATE {table} SET {column} = '9999-12-31T23:59:59Z' WHERE id = 1")
        store.conn.execute(f"UPDATE {table} SET {column} = '0001-01-01T00:00:00Z' WHERE id = 2")
    store.close()
    return odd


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
@pytest.mark.parametrize(
    "command",
    [
        *[["digest"], ["digest", "--html", "d.html"], ["search", "Nvidia"], ["search", "Nvidia", "--json"]],
        *[["stories"], ["stories", "--json"]],
        *[["timeline"], ["timeline", "nvidia", "--json"], ["export"], ["export", "--format", "jsonl"], ["export", "--format", "rss"]],
    ],
    ids=" ".join,
)
def test_odd_dates_in_an_old_database_stop_no_command(command: list[str], zone: str, odd: Path) -> None:
    (odd / "config.toml").write_text(f'[digest]\ntimezone = "{zone}"\n', "utf-8")
    ended = seedwatch(*command, cwd=odd)
    said = [line for line in ended.stderr.splitlines() if line != "d.html written" and not line.endswith(" found")]
    assert (ended.returncode, said) == (0, [])
    assert ended.stdout or "--html" in command


def test_search_finds_vietnamese_without_accents(folder: Path) -> None:
    ended = seedwatch("search", "nha may", "--json", "--since", "1d", "--entity", "nvidia", cwd=folder)
    assert [json.loads(line)["title"] for line in ended.stdout.splitlines()] == ["Nvidia mở nhà máy ở Hà Nội"]
    shown = seedwatch("search", "nhà máy", cwd=folder)
    assert "Nvidia mở nhà máy ở Hà Nội  [deals]" in shown.stdout
    nothing = seedwatch("search", "zeppelin", cwd=folder)
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "nothing found\n")


@pytest.mark.parametrize("name", ["nvidia", "Nvidia", "NVIDIA!", "ＮＶＩＤＩＡ", "Nvidia Corp"])
def test_entities_are_named_as_chats_name_them(folder: Path, name: str) -> None:
    ended = seedwatch("search", "nha may", "--json", "--entity", name, cwd=folder)
    assert len(ended.stdout.splitlines()) == 1, ended.stderr
    row = json.loads(seedwatch("timeline", name, "--json", cwd=folder).stdout)
    assert (row["entity"], sum(day["items"] for day in row["days"]) > 0) == ("nvidia", True)


def test_stories_stand_with_their_items_and_sources(folder: Path) -> None:
    ended = seedwatch("stories", "--json", cwd=folder)
    told = {one["title"]: one for one in map(json.loads, ended.stdout.splitlines())}
    assert told["Nvidia mở nhà máy ở Hà Nội"]["sources"] == 2
    assert [item["source"] for item in told["Nvidia mở nhà máy ở Hà Nội"]["items"]] == ["Báo A", "Paper B"]
    shown = seedwatch("stories", cwd=folder).stdout
    assert "2 sources  Nvidia mở nhà máy ở Hà Nội" in shown
    assert "      Paper C (sponsored)  https://c.example/1" in shown
    assert "      Paper B: Nvidia opens plant in Hanoi  https://b.example/1" in shown
    assert shown.count("FPT signs") == 1
    assert seedwatch("stories", "--limit", "1", cwd=folder).stdout.count("#") == 1


def test_the_items_of_a_file_group_in_their_order_and_nothing_is_stored(tmp_path: Path) -> None:
    copy = {**ITEM, "id": 2, "title": ITEM["title"] + " - Paper"}
    lines = [json.dumps(one) for one in (ITEM, copy, {"id": "z", "title": "Rain in Hue", "published": "2025-03-01"})]
    ended = seedwatch("stories", "--read", "-", "--json", given="\n".join([*lines, "{broken", ""]), cwd=tmp_path)
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [list(answer) for answer in answers] == [["id", "story", "why"]] * 3
    assert [answer["id"] for answer in answers] == ["x1", 2, "z"]
    assert [answer["story"] for answer in answers] == [1, 1, 2]
    assert answers[1]["why"]
    assert (ended.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "stdin, line 4:" in ended.stderr


def test_the_digest_of_today_and_its_page(folder: Path) -> None:
    shown = seedwatch("digest", cwd=folder)
    assert shown.returncode == 0, shown.stderr
    assert "2 stories from 3 sources" in shown.stdout
    assert seedwatch("digest", "--html", "d.html", "--chat", "console", cwd=folder).returncode == 0
    page = (folder / "d.html").read_text("utf-8")
    assert '<a href="https://a.example/1" rel="noreferrer noopener">Nvidia mở nhà máy ở Hà Nội</a>' in page
    assert page.count("data:image/png;base64,") == 2
    assert "<script" not in page
    assert "Nothing matched" in seedwatch("digest", "--date", "2020-01-01", cwd=folder).stdout


def test_a_digest_is_sent_once_for_a_date(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "seedwatch.db").write_bytes((folder / "seedwatch.db").read_bytes())
    (tmp_path / "config.toml").write_text("[seeds]\nfeeds = false\n[digest]\nchart = false\n", "utf-8")
    first = seedwatch("digest", "--send", "-q", cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "2 stories from 3 sources" in first.stdout or "stories from" in first.stdout
    second = seedwatch("digest", "--send", "-q", cwd=tmp_path)
    assert "had the digest of" in second.stderr
    assert "stories from" not in second.stdout


def test_a_timeline_in_bars_numbers_and_as_a_picture(folder: Path) -> None:
    shown = seedwatch("timeline", "nvidia", "--days", "3", cwd=folder).stdout
    assert shown.startswith("Nvidia  2\n")
    assert shown.splitlines()[-1].endswith("█ 2")
    answer = json.loads(seedwatch("timeline", "fpt", "--json", cwd=folder).stdout)
    assert (answer["entity"], len(answer["days"]), answer["days"][-1]["items"]) == ("fpt", 14, 1)
    assert seedwatch("timeline", "--png", "t.png", cwd=folder).returncode == 0
    assert (folder / "t.png").read_bytes().startswith(b"\x89PNG")
    nothing = seedwatch("timeline", "amkor", "--png", "no.png", cwd=folder)
    assert (nothing.returncode, nothing.stderr) == (1, "seedwatch: nothing was found in these days\n")


def test_export_in_three_forms(folder: Path) -> None:
    records = [json.loads(line) for line in seedwatch("export", cwd=folder).stdout.splitlines()]
    assert [record["rule"] for record in records] == ["deals", "deals", "fpt"]
    rows = list(csv.DictReader(io.StringIO(seedwatch("export", "--format", "csv", cwd=folder).stdout)))
    assert [row["title"] for row in rows] == [record["title"] for record in records]
    feed = feedparser.parse(seedwatch("export", "--format", "rss", "--since", "1h", cwd=folder).stdout)
    assert [entry.link for entry in feed.entries] == ["https://c.example/1", "https://b.example/1", "https://a.example/1"]
