"""Defines `seedwatch search`: full-text search over stored items; accents are optional."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import (
    ConfigOption,
    DbOption,
    JsonOption,
    QuietOption,
    VerboseOption,
    exit_with_error,
    open_context,
    print_json,
    print_status,
)
from bot.cli.read_options import SinceOption, entity_id_of, open_readonly_store, parse_since, utc_now

if TYPE_CHECKING:
    from bot.store.search import SearchResult


def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help='Words, "a phrase" in quotes, or a prefix as word*.')],
    since: SinceOption = "",
    entity: Annotated[str, typer.Option("--entity", metavar="E", help="Only items that name this entity (a name or an id).")] = "",
    event: Annotated[str, typer.Option("--event", metavar="T", help="Only items with an event of this type.")] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Maximum number of results.")] = 50,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Search the stored items. Accents are optional, also for đ.

    \b
    Example:
      seedwatch search "nha may ban dan" --since 30d --entity Amkor
    """
    context = open_context(config, db, verbose, quiet)
    seeds = context.seeds()
    entity = entity_id_of(entity, seeds, "--entity:")
    if event and event not in seeds.events:
        exit_with_error(f"--event: {event!r} is not known; expected one of {', '.join(sorted(seeds.events))}", 2)
    from bot.export.records import search_record
    from bot.store.search import count_found
    from bot.store.search import search as find

    moment = parse_since(since, context, utc_now())
    with open_readonly_store(context) as store:
        found = find(store, query, since=moment, entity=entity, event=event, limit=limit)
        total = count_found(store, query, since=moment, entity=entity, event=event)
    if as_json:
        for result in found:
            print_json(search_record(result))
    else:
        show(found, context.config.digest.timezone)
    if not found:
        print_status("nothing found")
    elif not quiet:
        print_status(f"{total:,} found" + (f", the first {len(found):,} shown (--limit N shows more)" if len(found) < total else ""))


def show(found: list[SearchResult], tz: str) -> None:
    """The results for a person: when, who, what, where, and which rules it hit."""
    from bot.local_time import local
    from bot.render.markup import shorten
    from bot.sanitize import plain
    from bot.store import from_iso

    for one in found:
        when = f"{local(from_iso(one.at), tz):%Y-%m-%d %H:%M}" if one.at else "no date"
        title = plain(one.title) or shorten(plain(one.text), 100) or "(no title)"
        rules = f"  [{', '.join(one.rules)}]" if one.rules else ""
        sys.stdout.write(f"{when:<16}  {title}{rules}\n")
        sys.stdout.write(f"                  {plain(one.outlet)}  {plain(one.url)}".rstrip() + "\n")
