"""Defines `seedwatch serve`: the web view, on 127.0.0.1, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import CommandContext, ConfigOption, DbOption, QuietOption, VerboseOption, exit_with_error, open_context
from bot.cli.read_options import open_readonly_store

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds


def serve(
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="N", min=0, max=65535, help="Port instead of the configured one; 0: any free port.", show_default=False
        ),
    ] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Show stories, entities, feeds and a search in the browser, on this machine only. Ctrl-C stops it.

    \b
    Example:
      seedwatch serve --port 8765
    """
    context = open_context(config, db, verbose, quiet)
    seeds = context.seeds()
    chosen = port_of(context) if port is None else port
    with open_readonly_store(context) as store:
        try:
            stopped_by = asyncio.run(serve_until_stopped(context, store, seeds, chosen))
        except OSError as error:
            exit_with_error(f"cannot listen at 127.0.0.1:{chosen} ({error.strerror or error}); --port N names another port")
    if stopped_by == signal.SIGINT:
        raise typer.Exit(130)


def port_of(context: CommandContext) -> int:
    """The configured port; the next one where the running bot listens at that itself, for hubs and Telegram."""
    port, config = context.config.web.port, context.config
    taken = bool(config.web.public_url or config.chat.telegram.webhook)
    return port + 1 if taken and 0 < port < 65535 else port


async def serve_until_stopped(context: CommandContext, store: Store, seeds: Seeds, port: int) -> signal.Signals:
    """Serves; gives the signal that ended it. Raises OSError when the port is taken."""
    from aiohttp import web

    from bot.clock import SystemClock
    from bot.web.server import HOST, WebApp

    stopped: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stopped.put_nowait, one)
    view = WebApp(store, seeds, SystemClock(), context.config.digest.timezone)
    runner = web.AppRunner(view.application(), access_log=None, shutdown_timeout=2)
    try:
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
        sys.stdout.write(f"http://{HOST}:{runner.addresses[0][1]}/\n")
        sys.stdout.flush()
        return await stopped.get()
    finally:
        await runner.cleanup()
        view.close()
