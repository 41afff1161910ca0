"""Defines `seedwatch export`: the hits, for other programs and for feed readers."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from bot.cli.context import ConfigOption, DbOption, QuietOption, VerboseOption, open_context
from bot.cli.read_options import SinceOption, open_readonly_store, parse_since, utc_now


class ExportFormat(StrEnum):
    """The forms in which hits leave."""

    csv = "csv"
    jsonl = "jsonl"
    rss = "rss"


def export(
    form: Annotated[ExportFormat, typer.Option("--format", help="csv, jsonl, or rss for any feed reader.")] = ExportFormat.jsonl,
    since: SinceOption = "",
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Write the hits to stdout.

    \b
    Example:
      seedwatch export --format rss --since 7d > hits.xml
    """
    context = open_context(config, db, verbose, quiet)
    seeds = context.seeds()
    from bot.export.hits import export as write

    now = utc_now()
    with open_readonly_store(context) as store:
        site = context.config.web.public_url
        for piece in write(store, form.value, seeds, since=parse_since(since, context, now), now=now, site=site):
            sys.stdout.buffer.write(piece.encode("utf-8", "replace"))
