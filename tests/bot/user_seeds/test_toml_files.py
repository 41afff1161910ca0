"""The files of a person's own seeds: one change at a time, whole files whatever stops, and nothing taken back that another wrote."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from bot.user_seeds import toml_files
from bot.user_seeds.toml_files import OwnSeedsError, RemoveEntry, SaveEntry, change_entries, content_of, hold_seeds, lock_seeds, own_entries


def rule(name: str, **keys: object) -> SaveEntry:
    return SaveEntry("rules", {"id": name, "any": ["nvidia"], **keys})


def test_a_change_of_many_entries_writes_each_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    replace = toml_files._replace

    def counted(path: Path, content: bytes) -> None:
        written.append(path.name)
        replace(path, content)

    monkeypatch.setattr(toml_files, "_replace", counted)
    changes = [SaveEntry("feeds", {"url": f"https://site-{number}.example/rss"}) for number in range(200)]
    change_entries(tmp_path, [*changes, rule("a"), rule("b")])
    assert written == ["feeds.toml", "rules.toml"]
    assert len(own_entries(tmp_path, "feeds")) == 200
    change_entries(tmp_path, [RemoveEntry("rules", "none-such")])
    assert written == ["feeds.toml", "rules.toml"], "nothing changes, nothing is written"


def test_a_change_is_undone_to_the_letter_when_nobody_wrote_since(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('# notes of my own\n[[rules]]\nid = "a"  # the first\nany = ["fpt"]\n')
    before = path.read_bytes()
    written = change_entries(tmp_path, [rule("a"), rule("b"), SaveEntry("feeds", {"url": "https://x.example/"})])
    assert len(own_entries(tmp_path, "rules")) == 2
    written.undo()
    assert path.read_bytes() == before
    assert content_of(tmp_path, "feeds") is None


def test_undoing_leaves_what_somebody_else_wrote_since(tmp_path: Path) -> None:
    change_entries(tmp_path, [rule("old", words=["before"]), rule("gone")])
    written = change_entries(tmp_path, [rule("old", words=["after"]), rule("new"), RemoveEntry("rules", "gone")])
    path = tmp_path / "rules.toml"
    path.write_text(path.read_text() + '\n# by hand\n[[rules]]\nid = "hand"\nany = ["fpt"]\n')
    written.undo()
    entries = own_entries(tmp_path, "rules")
    assert set(entries) == {"old", "gone", "hand"}
    assert entries["old"]["words"] == ["before"]
    assert "# by hand" in path.read_text()


def test_a_file_that_cannot_be_written_takes_the_others_of_its_change_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = toml_files._replace

    def full(path: Path, content: bytes) -> None:
        if path.name == "rules.toml":
            raise OwnSeedsError("the disk is full")
        replace(path, content)

    monkeypatch.setattr(toml_files, "_replace", full)
    with pytest.raises(OwnSeedsError, match="full"):
        change_entries(tmp_path, [SaveEntry("entities", {"id": "x", "name": "X"}), rule("x")])
    assert own_entries(tmp_path, "entities") == {}


def test_of_two_files_none_is_written_when_one_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("not = [toml")
    with pytest.raises(OwnSeedsError, match="rules"):
        change_entries(tmp_path, [SaveEntry("entities", {"id": "x", "name": "X"}), rule("x")])
    assert content_of(tmp_path, "entities") is None


def test_addresses_of_one_feed_are_one_entry(tmp_path: Path) -> None:
    same = {"url": "http://X.example/rss/", "name": "X"}
    change_entries(tmp_path, [SaveEntry("feeds", {"url": "https://x.example/rss"}), SaveEntry("feeds", same)])
    assert list(own_entries(tmp_path, "feeds").values()) == [{"url": "http://X.example/rss/", "name": "X"}]
    assert change_entries(tmp_path, [RemoveEntry("feeds", "https://x.example/rss")]).files
    assert own_entries(tmp_path, "feeds") == {}


KILLED = """
import sys
from pathlib import Path
from bot.user_seeds.toml_files import SaveEntry, change_entries, lock_seeds
folder = Path(sys.argv[1])
for number in range(100_000):
    with lock_seeds(folder):
        print(number, flush=True)
        entry = {"id": f"name-{number % 40}", "name": "Name " * (number % 7 + 1), "kind": "company"}
        change_entries(folder, [SaveEntry("entities", entry), SaveEntry("rules", {"id": f"r-{number % 40}", "any": [entry["id"]]})])
"""


def test_a_process_killed_in_the_middle_leaves_whole_files_and_no_lock(tmp_path: Path) -> None:
    for round_ in range(4):
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(5 + 7 * round_):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        tables = {table: tomllib.loads((tmp_path / f"{table}.toml").read_text("utf-8"))[table] for table in ("entities", "rules")}
        assert {one for rule in tables["rules"] for one in rule["any"]} <= {entity["id"] for entity in tables["entities"]}
        with lock_seeds(tmp_path):
            change_entries(tmp_path, [SaveEntry("entities", {"id": "after", "name": "After", "kind": "company"})])


def test_threads_that_count_up_one_entry_lose_no_step(tmp_path: Path) -> None:
    def count_up() -> None:
        for _ in range(10):
            with lock_seeds(tmp_path):
                known = own_entries(tmp_path, "rules").get("count", {"priority": 0})
                change_entries(tmp_path, [SaveEntry("rules", {"id": "count", "priority": known["priority"] + 1})])

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert own_entries(tmp_path, "rules")["count"]["priority"] == 40


async def test_a_task_that_is_stopped_while_it_waits_or_works_leaves_no_lock(tmp_path: Path) -> None:
    async def work() -> None:
        async with hold_seeds(tmp_path):
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(work()) for _ in range(2)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    with lock_seeds(tmp_path):
        pass


def test_who_waits_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toml_files, "LOCK_TIMEOUT", 0.0)
    with lock_seeds(tmp_path), pytest.raises(OwnSeedsError, match="somebody else is changing it"), lock_seeds(tmp_path):
        pass


def test_a_change_leaves_nothing_beside_its_files_and_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text("# kept elsewhere\n")
    folder = tmp_path / "seeds"
    folder.mkdir()
    (folder / "rules.toml").symlink_to(tmp_path / "elsewhere.toml")
    (folder / ".entities.toml.new").write_text("half of a fi")
    change_entries(folder, [SaveEntry("entities", {"id": "x", "name": "X"}), rule("x")])
    assert sorted(path.name for path in folder.iterdir()) == ["entities.toml", "rules.toml"]
    assert (folder / "rules.toml").is_symlink()
    assert "# kept elsewhere\n" in (tmp_path / "elsewhere.toml").read_text()
    assert (folder / "entities.toml").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    folder = tmp_path / "seeds"
    folder.mkdir(mode=0o500)
    with pytest.raises(OwnSeedsError, match="cannot be written"), lock_seeds(folder):
        pass
