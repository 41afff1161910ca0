"""Defines `seedwatch run`: the bot itself, until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import (
    CommandContext,
    ConfigOption,
    DbOption,
    QuietOption,
    VerboseOption,
    errors_end_command,
    exit_with_error,
    open_context,
)

if TYPE_CHECKING:
    from bot.app import App

RESOLVERS = 32
"""Threads for looking names up: the default of some six would make forty feeds wait for each other when the network is gone."""


def run(
    duration: Annotated[str, typer.Option("--for", metavar="DURATION", help='Stop after this time, such as "90s" or "2h".')] = "",
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Run the bot: poll feeds when due, match, store, alert, send digests, answer chats. Stops cleanly on Ctrl-C and SIGTERM.

    \b
    Example:
      seedwatch run --config config.toml --for 8h
    """
    context = open_context(config, db, verbose, quiet)
    seconds = _seconds(duration) if duration else None
    with errors_end_command(context.database):
        stopped_by = asyncio.run(run_until_stopped(context, seconds))
    if stopped_by == signal.SIGINT:
        raise typer.Exit(130)


def _seconds(duration: str) -> float:
    from bot.durations import parse_duration

    try:
        return parse_duration(duration).total_seconds()
    except ValueError as error:
        exit_with_error(f"--for: {error}", 2)


async def run_until_stopped(context: CommandContext, seconds: float | None) -> signal.Signals | None:
    """Runs the bot; gives the signal that ended it, None when the time was over. A second signal ends it at once."""
    from bot.app import App, Overrides
    from bot.config import read_token

    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(RESOLVERS, "lookup"))
    stop = asyncio.Event()
    by: list[signal.Signals] = []

    def stop_by(number: signal.Signals) -> None:
        by.append(number)
        stop.set()
        for one in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(one)

    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop_by, one)
    async with App(context.config, context.database, read_token(os.environ), Overrides(seeds=context.seeds())) as app:
        await app.listen()
        await print_banner(app)
        if seconds is not None:
            loop.call_later(seconds, stop.set)
        await app.run(stop)
    return by[0] if by else None


async def print_banner(app: App) -> None:
    """What a person at the terminal sees first: how to get into Telegram, and at the first start what the bundled documents gave."""
    from bot.store.hits import read_hits

    if app.pairing_code:
        name = getattr(app.paired_service, "username", "")
        sys.stdout.write(f"To receive messages in Telegram, send /start {app.pairing_code} to {'@' + name if name else 'your bot'}.\n\n")
    hits = await app.store.read(read_hits, ids=app.first_hits) if app.first_hits else []
    titles = dict.fromkeys(hit.title for hit in hits)
    for title in titles:
        sys.stdout.write(f"seed document: {title}\n")
        for hit in hits:
            if hit.title == title:
                sys.stdout.write(f"  hit {hit.rule} ({hit.score:.2f}){': ' + hit.why[0] if hit.why else ''}\n")
    if titles:
        sys.stdout.write("\n")
    sys.stdout.flush()
