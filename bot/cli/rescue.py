"""Defines `seedwatch rescue`: saves what can be saved of a damaged database into a new one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import ConfigOption, DbOption, JsonOption, QuietOption, VerboseOption, exit_with_error, open_context, print_json

if TYPE_CHECKING:
    from bot.store.rescue import Rescued


def rescue(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The damaged database; default: the configured one.", show_default=False)
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", metavar="NEW", help="The new database; default: FILE.rescued.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Save what can be saved of a damaged database into a new one. Stop the bot first. Exits with 1 if the new one is not sound.

    \b
    Example:
      seedwatch rescue seedwatch.db
    """
    from bot.instance_lock import held_by
    from bot.store import StoreError
    from bot.store.rescue import rescue as save

    context = open_context(config, db, verbose, quiet)
    file = file or context.database
    target = into or Path(f"{file}.rescued")
    if not file.is_file():
        exit_with_error(f"{file}: there is no such file", 2)
    if target.exists():
        exit_with_error(f"{target}: is there already; name another one with --into", 2)
    holder = held_by(file)
    if holder:
        exit_with_error(f"{file}: {holder} works on it; stop it before")
    try:
        done = save(file, target)
    except (StoreError, OSError) as error:
        exit_with_error(f"{target}: {error}")
    if as_json:
        print_json(record(done, target))
    else:
        show(done, target, quiet=quiet)
    if done.problems:
        raise typer.Exit(1)


def record(done: Rescued, target: Path) -> dict[str, object]:
    """The outcome as a line of JSON."""
    return {
        "into": str(target),
        "saved": dict(done.saved),
        "unreadable_rows": {table: count for table, count in done.unreadable_rows.items() if count},
        "unreadable_pages": {table: count for table, count in done.unreadable_pages.items() if count},
        "repaired": done.repaired,
        "problems": done.problems,
    }


def show(done: Rescued, target: Path, *, quiet: bool) -> None:
    """The outcome for people."""
    lines = []
    if not quiet:
        for table, count in done.saved.items():
            rows, pages = done.unreadable_rows[table], done.unreadable_pages[table]
            lost = " and ".join(f"{n:,} {what}" for n, what in ((rows, "rows"), (pages, "pages")) if n)
            lines.append(f"{table:<16} {count:>10,} rows saved" + (f"; {lost} could not be read" if lost else ""))
        elsewhere = {name: n for name, n in done.unreadable_pages.items() if name not in done.saved and n}
        lines += [f"{count:,} pages of {name} could not be read" for name, count in elsewhere.items()]
        lines += done.repaired
    lines += [f"BAD {problem}" for problem in done.problems]
    said = "not sound" if done.problems else "sound; put it in the place of the old one, which you keep, and start again"
    lines.append(f"{target}: {said}")
    sys.stdout.write("\n".join(lines) + "\n")
