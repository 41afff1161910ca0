"""Defines `seedwatch doctor`: examines everything the bot needs, and says what to do about what it finds."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import CommandContext, ConfigOption, DbOption, JsonOption, QuietOption, VerboseOption, open_context, print_json

if TYPE_CHECKING:
    from bot.doctor import CheckResult

LEVEL_SYMBOLS = {"ok": "ok  ", "note": "note", "bad": "BAD "}


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not contact feeds or Telegram.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Check configuration, seeds, database, token, chats, each feed and the clock, and say what to do. Exits with 1 if something is bad.

    \b
    Example:
      seedwatch doctor --offline
    """
    context = open_context(config, db, verbose, quiet)
    findings = asyncio.run(_examine(context, offline=offline))
    for finding in findings:
        if as_json:
            print_json(asdict(finding))
        elif finding.level == "bad" or not quiet:
            typer.echo(
                f"{LEVEL_SYMBOLS[finding.level]} {finding.what}: {finding.said}" + (f"\n       → {finding.todo}" if finding.todo else "")
            )
    if any(finding.level == "bad" for finding in findings):
        raise typer.Exit(1)


async def _examine(context: CommandContext, *, offline: bool) -> list[CheckResult]:
    from bot import doctor as examine
    from bot.clock import SystemClock
    from bot.config import read_token
    from bot.instance_lock import held_by
    from bot.store import Store, StoreError
    from bot.store.store import explain
    from bot.wiring import open_telegram, open_watchers
    from seeds.warnings import check_warnings

    config, now = context.config, SystemClock().now()
    seeds = context.seeds()
    findings = [*examine.examine_configuration(config), *examine.examine_seeds(seeds, map(str, check_warnings(seeds)))]
    store: Store | None = None
    if context.database.exists():
        try:
            store = Store.open(context.database, readonly=True)
        except StoreError as error:
            findings.append(examine.CheckResult("bad", "database", str(error)))
            return findings
    findings += examine.examine_database(context.database, store, held_by(context.database))
    token = read_token(os.environ)
    telegram = config.chat.kind == "telegram" or (config.chat.kind == "auto" and token is not None)
    if token is None:
        findings += await examine.examine_token(None)
    elif not offline:
        findings += await examine.examine_token(open_telegram(config, token))
    findings += examine.examine_other_chats(config, os.environ)
    if store is not None:
        try:
            findings += [
                *examine.examine_chats(store, config, telegram=telegram),
                *examine.examine_health(store, now),
                *examine.examine_hubs(store, config.web.public_url, now),
                *examine.examine_rules(store, seeds, now),
                *examine.examine_clock(store, now),
            ]
        except sqlite3.DatabaseError as error:
            if all(finding.level != "bad" or finding.what != "database" for finding in findings):
                findings.append(examine.CheckResult("bad", "database", f"{context.database}: {explain(error)}"))
        store.close()
    if not offline:
        async with open_watchers(config) as watchers:
            findings += await examine.examine_feeds(seeds, watchers, now)
    return findings
