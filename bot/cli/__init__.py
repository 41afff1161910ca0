"""Defines the command `seedwatch`: the table of its commands and how it starts. Each command is a file of this folder.

Importing this must stay cheap (`seedwatch --help` under half a second): commands import what is heavy where they use it.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Annotated

import typer

from bot.cli.context import ConfigOption, DbOption, GlobalOptions, QuietOption, VerboseOption, given_before, print_status

COMMANDS = {
    "run": "Run the bot.",
    "poll": "Poll the due feeds once.",
    "backfill": "Match archives with today's rules.",
    "match": "Explain what would hit in texts, and why.",
    "digest": "Show or send the digest of a day.",
    "search": "Search the stored items.",
    "stories": "Stories with their items, by time.",
    "timeline": "Hits over time, as bars or a picture.",
    "export": "Hits as CSV, JSON Lines or a feed.",
    "serve": "The web view, on 127.0.0.1.",
    "rescue": "Save what can be saved of a damaged database.",
    "doctor": "Check everything, and say what to do.",
}
"""Files of this folder with one function of the same name, and the line that `seedwatch --help` shows for it."""
GROUPS: dict[str, str] = {
    "feeds": "The feeds with their health: list, add, remove, check, import, export.",
    "seeds": "What is watched: list, check, draft from documents.",
}
"""Files of this folder with a typer application `app` of sub-commands."""


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="seedwatch",
        help="Turns seed documents into a news watch: polls feeds, finds matching news and sends it to a chat, once per story.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )

    @app.callback(invoke_without_command=True)
    def _top(
        config: ConfigOption = None,
        db: DbOption = None,
        verbose: VerboseOption = 0,
        quiet: QuietOption = False,
        version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    ) -> None:
        given_before.set(GlobalOptions(config, db, verbose, quiet))
        if version:
            from watchers.version import VERSION

            sys.stdout.write(f"seedwatch {VERSION}\n")
            raise typer.Exit

    for name, line in COMMANDS.items():
        module = importlib.import_module(f"bot.cli.{name}")
        app.command(name, short_help=line)(getattr(module, name))
    for name, line in GROUPS.items():
        app.add_typer(importlib.import_module(f"bot.cli.{name}").app, name=name, short_help=line, no_args_is_help=True)
    return app


def main() -> None:
    """Builds and runs the command line, and ends the process."""
    sys.exit(run(build()))


def run(app: typer.Typer) -> int:
    """Runs the command line; gives the exit status: 0 done, 1 it ran and failed, 2 wrong usage, 130 on Ctrl-C, 141 when whoever reads its
    output has closed it (as `head` does), which is what a shell says of other programs then.

    What no command expected is one line too; `-v` shows its traceback.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal of another charset than UTF-8 shows the rest of the line
    try:
        status = _called(app)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return CLOSED
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if any(option in sys.argv for option in ("-v", "-vv", "--verbose")):
            raise
        said = " ".join(f"{type(error).__name__}: {error}".split())
        print_status(f"seedwatch: failed unexpectedly: {said} (-v shows where)")
        return 1
    return status


CLOSED = 128 + 13
"""Exit status of a program that SIGPIPE ended."""


def _called(app: typer.Typer) -> int:
    try:
        app()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # typer and rich make exit status 1 of it, as of a command that failed
            raise ended.__context__ from None
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _drop_output() -> None:
    """What is still to be written goes nowhere: at the end Python would try once more, and say that it cannot."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
