"""How commands end when they are broken off: a closed pipe, Ctrl-C while everything is still imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = [["match", "--json", "items.jsonl"], ["seeds", "list"], ["feeds", "list"], ["feeds", "export"]]
ENV = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("buffered", [True, False])
def test_a_closed_pipe_ends_a_command_without_a_word(tmp_path: Path, command: list[str], buffered: bool) -> None:
    line = json.dumps({"title": "Nvidia to buy FPT for $2 billion", "text": "Nvidia will buy FPT, it said on Monday. " * 20})
    (tmp_path / "items.jsonl").write_text(f"{line}\n" * 40, "utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    env = ENV if buffered else {**ENV, "PYTHONUNBUFFERED": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "bot", *command], cwd=tmp_path, env=env, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False
    )
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (141, b"")


INTERRUPTED = """
import os, signal, sys

class Interrupts:
    def find_spec(self, name, *rest):
        if name == "{module}":
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
sys.argv = ["seedwatch", "seeds", "check"]
from bot.__main__ import main
main()
"""


@pytest.mark.parametrize("module", ["bot.cli", "typer", "bot.cli.run", "bot.config", "pydantic", "seeds.load"])
def test_ctrl_c_at_any_import_shows_no_traceback(tmp_path: Path, module: str) -> None:
    program = INTERRUPTED.format(module=module)
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=ENV, capture_output=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")
