"""The lock beside the database: one instance at a time, gone with its process, never left behind by a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.instance_lock import LockedError, held_by, hold

HOLDER = "import sys; from bot.instance_lock import hold\nwith hold(sys.argv[1]):\n    print('held', flush=True)\n    sys.stdin.read()"


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "a.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_refused_and_told_who_is_there(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(LockedError, match=f"process {holder.pid} "), hold(tmp_path / "a.db"):
        pass
    assert str(holder.pid) in (held_by(tmp_path / "a.db") or "")


def test_a_link_to_the_database_is_the_same_database(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    (tmp_path / "a.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "a.db")
    with pytest.raises(LockedError), hold(tmp_path / "link.db"):
        pass


def test_a_killed_process_leaves_no_lock_though_its_file_stays(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert held_by(tmp_path / "a.db") is None
    with hold(tmp_path / "a.db"):
        assert str(os.getpid()) in (held_by(tmp_path / "a.db") or "")


def test_one_process_cannot_hold_it_twice_and_asking_does_not_let_go(tmp_path: Path) -> None:
    with hold(tmp_path / "a.db"):
        assert held_by(tmp_path / "a.db")
        with pytest.raises(LockedError), hold(tmp_path / "a.db"):
            pass
        refused = subprocess.run(
            [sys.executable, "-c", HOLDER, str(tmp_path / "a.db")], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
        assert "LockedError" in refused.stderr
    assert held_by(tmp_path / "a.db") is None
