"""Defines what every command shares: its options, the opened configuration, how it prints and how it fails.

A command is a file: parse, call, print, exit. Nothing here decides anything.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from bot.config import Config
    from seeds.load import Seeds
    from watchers.match.matcher import Matcher

ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="PATH", help="The configuration file.", show_default=False)]
DbOption = Annotated[
    Path | None, typer.Option("--db", metavar="PATH", help="The database, instead of the configured one.", show_default=False)
]
VerboseOption = Annotated[
    int, typer.Option("--verbose", "-v", count=True, help="Increase verbosity (-vv includes libraries).", show_default=False)
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Only report failures.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON Lines to stdout.")]


@dataclass(frozen=True)
class GlobalOptions:
    """The options that every command takes, as given before the command's name; the command's own win."""

    config: Path | None = None
    db: Path | None = None
    verbose: int = 0
    quiet: bool = False


given_before: ContextVar[GlobalOptions] = ContextVar("given_before")
"""What stood before the command's name; set anew by each run of the command line."""


@dataclass(frozen=True)
class CommandContext:
    """The resolved configuration of one command."""

    config: Config
    database: Path

    def seeds(self) -> Seeds:
        """The seeds; a mistake in them ends the command with exit 2 and one line."""
        from bot.config import ConfigError

        try:
            return self.config.load_seeds()
        except ConfigError as error:
            exit_with_error(str(error), 2)


    def matcher(self, seeds: Seeds) -> Matcher:
        """The matcher as configured; a spaCy pipeline that is not there ends the command with exit 2 and one line."""
        from bot.config import ConfigError
        from bot.wiring import open_matcher

        try:
            return open_matcher(self.config, seeds)
        except ConfigError as error:
            exit_with_error(str(error), 2)


def open_context(config: Path | None, db: Path | None, verbose: int = 0, quiet: bool = False) -> CommandContext:
    """Reads the configuration and sets logging up; a mistake ends the command with exit 2 and one line."""
    before = given_before.get(GlobalOptions())
    config, db = config or before.config, db or before.db
    verbose, quiet = verbose or before.verbose, quiet or before.quiet
    from bot import log
    from bot.config import ConfigError, load_config, read_token

    try:
        loaded = load_config(config, env=os.environ)
        token = read_token(os.environ)
    except ConfigError as error:
        exit_with_error(str(error), 2)
    if token is not None:
        log.keep_secret(token.get_secret_value())
    log.set_up(verbosity=-1 if quiet else verbose, form=loaded.log.format)
    return CommandContext(loaded, db if db is not None else loaded.database)


@contextmanager
def errors_end_command(database: Path) -> Iterator[None]:
    """Around the work of a bot: an expected error ends the command with one line. Exit 2 for a wrong configuration, else exit 1.

    Expected are: a configuration that cannot work, a database that is locked, newer, damaged or full, an address or file that is not there.
    """
    from bot.app import StartError
    from bot.config import ConfigError
    from bot.instance_lock import LockedError
    from bot.store import StoreError
    from bot.store.store import explain

    try:
        yield
    except ConfigError as error:
        exit_with_error(str(error), 2)
    except sqlite3.Error as error:  # in the middle of the work: a disk that has become full
        exit_with_error(f"{database}: {explain(error)}")
    except (LockedError, StartError, StoreError, OSError) as error:
        exit_with_error(str(error))


def print_json(value: Any) -> None:
    """One object as one line of UTF-8 on stdout."""
    import json

    text = json.dumps(value, ensure_ascii=False)
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # a lone surrogate from somebody's JSON has no UTF-8 form: escaped it stays what it was
        raw = json.dumps(value).encode()
    sys.stdout.buffer.write(raw + b"\n")


def print_status(text: str) -> None:
    """One line for a person, on stderr."""
    from bot.log import redact

    sys.stderr.write(redact(text) + "\n")


def exit_with_error(message: str, code: int = 1) -> NoReturn:
    """Ends the command: one line on stderr, no traceback. `code` 1: it ran and failed; 2: wrong usage or configuration."""
    print_status(f"seedwatch: {' '.join(message.split())}")
    raise typer.Exit(code)
