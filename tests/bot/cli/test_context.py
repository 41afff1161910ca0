"""An expected error ends a command with one line and an exit status; anything else is a traceback."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import typer

from bot.app import StartError
from bot.cli.context import errors_end_command
from bot.config import ConfigError
from bot.instance_lock import LockedError
from bot.store import StoreError


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (ConfigError("config.toml: chat.kind: expected …"), 2, "config.toml: chat.kind: expected …"),
        (sqlite3.OperationalError("database or disk is full"), 1, "a.db: "),
        (LockedError("a.db is in use"), 1, "a.db is in use"),
        (StartError("no token"), 1, "no token"),
        (StoreError("a.db: newer"), 1, "a.db: newer"),
        (OSError("cannot listen\nhere"), 1, "cannot listen here"),
    ],
)
def test_an_expected_error_is_one_line_and_a_status(
    error: Exception, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, errors_end_command(Path("a.db")):
        raise error
    said = capsys.readouterr().err
    assert ended.value.exit_code == status
    assert said.startswith(f"seedwatch: {line}")
    assert said.count("\n") == 1


def test_an_unexpected_error_passes_through() -> None:
    with pytest.raises(ZeroDivisionError), errors_end_command(Path("a.db")):
        raise ZeroDivisionError
