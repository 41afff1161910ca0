"""Defines `seedwatch poll`: one pass over the feeds, then the end."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import (
    CommandContext,
    ConfigOption,
    DbOption,
    JsonOption,
    QuietOption,
    VerboseOption,
    errors_end_command,
    open_context,
    print_json,
    print_status,
)
from bot.cli.progress import feed_progress

if TYPE_CHECKING:
    from bot.polling.visit_log import VisitReport
    from bot.store.hits import StoredHit


def poll(
    every: Annotated[bool, typer.Option("--all", help="All feeds, not only those that are due.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Poll the due feeds once, send due messages and print the new hits. Failing feeds are listed on stderr.

    \b
    Example:
      seedwatch poll --all --json
    """
    context = open_context(config, db, verbose, quiet)
    hits, failed = run_once(context, every=every, as_json=as_json)
    for report in failed:
        print_status(f"{report.feed.title} <{report.feed.url}>: {report.error}")
    if as_json:
        from bot.export.records import hit_record

        for hit in hits:
            print_json(hit_record(hit))
    elif hits:
        print_hits(hits)
    if not as_json and not quiet:
        print_status(counted(len(hits), "new hit") + (f", {counted(len(failed), 'feed')} failed" if failed else ""))


def print_hits(hits: Sequence[StoredHit]) -> None:
    """The hits as a table: rule, score, title, address."""
    from bot.cli.table import new_table, print_table
    from bot.sanitize import plain

    table = new_table()
    table.add_column("rule")
    table.add_column("score", justify="right")
    table.add_column("title", overflow="fold")
    table.add_column("address", overflow="fold")
    for hit in hits:
        table.add_row(hit.rule, f"{hit.score:.2f}", plain(hit.title) or "(no title)", plain(hit.url))
    print_table(table)


def counted(number: int, what: str) -> str:
    """ "1 feed", "2 feeds"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def run_once(context: CommandContext, *, every: bool, as_json: bool) -> tuple[list[StoredHit], list[VisitReport]]:
    """One pass; gives the new hits and the reports of the feeds that failed. What cannot start ends the command."""
    from bot.app import App, Overrides
    from bot.config import read_token
    from bot.store.hits import read_hits

    reports: list[VisitReport] = []

    async def once() -> list[StoredHit]:
        # With --json stdout belongs to the records; the console chat then speaks on stderr.
        given = Overrides(on_report=reports.append, out=sys.stderr if as_json else sys.stdout, seeds=context.seeds())
        async with App(context.config, context.database, read_token(os.environ), given) as app:
            with feed_progress(lambda: len(reports), lambda: len(app.poller)):
                await app.poll_once(include_not_due=every)
            numbers = [*app.first_hits, *(hit for report in reports for hit in report.hits)]
            return await app.store.read(read_hits, ids=numbers)

    with errors_end_command(context.database):
        hits = asyncio.run(once())
    return hits, [report for report in reports if report.error]
