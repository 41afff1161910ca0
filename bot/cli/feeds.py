"""Defines `seedwatch feeds`: the feeds with their health; add one by its site, take one out, look at them now, lists in and out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.context import (
    CommandContext,
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
from seeds.languages import LANGUAGES

if TYPE_CHECKING:
    from seeds.feeds import Feed
    from watchers.models.polling import FeedState, PollResult
    from watchers.sources.discovery import DiscoveredFeed
    from watchers.state.websub import Subscription

app = typer.Typer(help="The feeds, with their health: list, add, remove, check, import, export.")


@app.command("list")
def list_(
    as_json: JsonOption = False,
    trouble: Annotated[bool, typer.Option("--trouble", help="Only feeds that something is wrong with.")] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """List the feeds: how they do, when they are looked at next, how soon their items are seen.

    \b
    Example:
      seedwatch feeds list --trouble
    """
    context = open_context(config, db, verbose, quiet)
    from bot.clock import SystemClock
    from bot.export.feed_rows import row_of

    feeds, (states, hubs), now = context.seeds().feeds, _states(context), SystemClock().now()
    rows = [row_of(feed, states.get(feed.url), now, hub=hubs.get(feed.url)) for feed in feeds]
    if trouble:
        rows = [row for row in rows if row["says"]]
    if as_json:
        for row in rows:
            print_json(row)
        return
    _print_feeds(rows)
    if not quiet:
        wrong = sum(bool(row["says"]) for row in rows)
        print_status(f"{len(feeds)} feeds, {wrong or 'none'} in trouble")


def _print_feeds(rows: Sequence[dict[str, Any]]) -> None:
    from bot.cli.table import new_table, print_table
    from bot.export.feed_rows import remarks

    table = new_table()
    for title in ("feed", "state"):
        table.add_column(title, overflow="fold")
    for title in ("every", "delay", "90 %"):
        table.add_column(title, justify="right")
    table.add_column("says", overflow="fold")
    for row in rows:
        spans = (_span(row[key]) for key in ("interval", "delay_median", "delay_90"))
        table.add_row(row["name"] or row["url"], row["condition"], *spans, remarks(row))
    print_table(table)


def _span(seconds: float | None) -> str:
    from watchers.state.feed_health import in_words

    return in_words(timedelta(seconds=seconds)) if seconds else "–"


@app.command()
def add(
    site: Annotated[str, typer.Argument(metavar="SITE", help="The address of a feed, or of the site it belongs to.")],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="Its name for people; else what it calls itself.")] = "",
    lang: Annotated[str, typer.Option("--lang", metavar="en|vi", help="Its language; else what its titles show.")] = "",
    zone: Annotated[str, typer.Option("--timezone", metavar="ZONE", help="For dates that name no zone.")] = "",
    topic: Annotated[str, typer.Option("--topic", metavar="TEXT", help="A word for people.")] = "",
    rule: Annotated[list[str] | None, typer.Option("--rule", metavar="ID", help="Only this rule (repeatable); else all.")] = None,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="feed, sitemap, gdelt or page.")] = "feed",
    select: Annotated[str, typer.Option("--select", metavar="CSS", help="For a page: which links are items.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Add every feed that the site names, not only the first.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Add a feed to your own seeds folder. Behind a site's address its feed is found; it is looked at before it is added.

    A feed that is there already stays as it is; only the options given here are changed in its entry.

    \b
    Examples:
      seedwatch feeds add vnexpress.net --timezone Asia/Ho_Chi_Minh
      seedwatch feeds add https://example.com/press --kind page --select "article h2 a"
    """
    context = open_context(config, db, verbose, quiet)
    from bot.user_seeds.feeds import FeedsError, add_feeds

    said: dict[str, Any] = {
        "name": name, "lang": lang, "timezone": zone, "topic": topic, "rules": tuple(rule or ()), "select": select,
        "kind": kind if kind != "feed" else "",
    }  # fmt: skip
    given, others = _said(said), []
    known = _known(context, site)
    if known is not None:
        drafts = [{"url": known.url}]
        if given.keys() & {"kind", "select"}:
            _look_first(context, known.model_dump(exclude_defaults=True) | {"url": known.url} | given)
    elif kind == "feed":
        found = asyncio.run(_find(context, site))
        chosen = found if every else found[:1]
        drafts = [_said({"url": feed.url, "name": feed.title, "lang": feed.lang}) | given for feed in chosen]
        others = [feed.url for feed in found if feed not in chosen]
    else:
        drafts = [{"url": site} | given]
        _look_first(context, drafts[0])
    try:
        added = add_feeds(context.config, drafts, given)
    except FeedsError as error:
        exit_with_error(str(error), 2 if error.usage else 1)
    for one in added:
        if as_json:
            print_json(one.feed.model_dump(mode="json", exclude_defaults=True) | {"url": one.feed.url})
        elif not quiet:
            did = "added" if one.new else "changed" if one.changed else "there already, left as it is:"
            what = f": {', '.join(one.changed)}" if one.changed else ""
            sys.stdout.write(f"{did} {one.feed.title} ({one.feed.url}){what}\n")
    for url in others:
        print_status(f"also there: {url} (--all adds them)")


@app.command()
def remove(
    feed: Annotated[str, typer.Argument(metavar="FEED", help="The feed's address or name.")],
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Take a feed out. What is known of it stays, so that adding it again repeats nothing.

    \b
    Example:
      seedwatch feeds remove https://example.com/feed.xml
    """
    context = open_context(config, db, verbose, quiet)
    from bot.user_seeds.feeds import plan_removal
    from bot.user_seeds.toml_files import OwnSeedsError, change_entries, lock_seeds

    one = _chosen(context, [feed])[0]
    if any(own.url == one.url for own in context.config.feeds):
        exit_with_error(f"{one.url} stands in {context.config.file}: take it out there", 2)
    folder = context.config.seeds_folder
    try:
        with lock_seeds(folder):
            change_entries(folder, plan_removal(context.config, one.url))
    except OwnSeedsError as error:
        exit_with_error(str(error))
    if not quiet:
        sys.stdout.write(f"removed {one.title} ({one.url})\n")


@app.command()
def check(
    feeds: Annotated[list[str] | None, typer.Argument(metavar="[FEED…]", help="Addresses or names; all without any.")] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Look at feeds now, store nothing, say what each of them gives. Exit 1 when one fails.

    \b
    Example:
      seedwatch feeds check "VnExpress"
    """
    context = open_context(config, db, verbose, quiet)
    from bot.export.feed_rows import checked, checked_line

    chosen = _chosen(context, feeds or [])
    failures = 0
    for feed, look in asyncio.run(_look_all(context, chosen)):
        failures += look.outcome == "failed"
        if as_json:
            print_json(checked(feed, look))
        elif not (quiet and look.outcome != "failed"):
            sys.stdout.write(checked_line(feed, look) + "\n")
    if not quiet:
        print_status(f"{len(chosen)} feeds looked at, {failures or 'none'} failed")
    if failures:
        raise typer.Exit(1)


@app.command("import")
def import_(
    opml: Annotated[Path, typer.Argument(metavar="OPML", help="A feed list, as other readers export it.")],
    zone: Annotated[str, typer.Option("--timezone", metavar="ZONE", help="For dates that name no zone.")] = "",
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Add the feeds of an OPML file to your own seeds folder; those that are there already stay as they are.

    \b
    Example:
      seedwatch feeds import feeds.opml
    """
    context = open_context(config, db, verbose, quiet)
    from bot.export.opml import OpmlError, read_opml
    from bot.user_seeds.feeds import FeedsError, add_feeds
    from seeds.feeds import address_identity
    from watchers.http.address_rules import AddressRefusedError, check_url

    try:
        outlines = read_opml(opml.read_bytes())
    except OSError as error:
        exit_with_error(f"{opml}: {(error.strerror or 'cannot be read').lower()}")
    except OpmlError as error:
        exit_with_error(f"{opml}: {error}")
    have = {address_identity(feed.url) for feed in context.seeds().feeds}
    drafts, refused = [], 0
    for outline in outlines:
        try:
            check_url(outline.url, allow_private=context.config.poll.allow_private_addresses)
        except AddressRefusedError as error:
            refused += 1
            print_status(f"{outline.url}: left out: {error}")
            continue
        if address_identity(outline.url) in have:
            continue
        have.add(address_identity(outline.url))
        lang = outline.lang[:2].lower() if outline.lang[:2].lower() in LANGUAGES else ""
        drafts.append({"url": outline.url, **_said({"name": outline.title, "lang": lang, "timezone": zone, "topic": outline.folder})})
    try:
        added = sum(one.new for one in add_feeds(context.config, drafts))
    except FeedsError as error:
        exit_with_error(str(error), 2 if error.usage else 1)
    if not quiet:
        sys.stdout.write(
            f"{len(outlines)} feeds in the file: {added} added, {len(outlines) - added - refused} there already, {refused} left out\n"
        )


@app.command()
def export(
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Where to; else stdout.", show_default=False)] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Write the feeds as OPML, which any reader takes.

    \b
    Example:
      seedwatch feeds export --to feeds.opml
    """
    context = open_context(config, db, verbose, quiet)
    from bot.export.opml import write_opml

    document = write_opml(feed for feed in context.seeds().feeds if feed.kind == "feed")
    if to is None:
        sys.stdout.buffer.write(document)
        return
    try:
        to.write_bytes(document)
    except OSError as error:
        exit_with_error(f"{to}: {(error.strerror or 'cannot be written').lower()}")


async def _find(context: CommandContext, site: str) -> Sequence[DiscoveredFeed]:
    from bot.clock import SystemClock
    from bot.wiring import open_web
    from watchers.sources.discovery import DiscoveryError

    async with open_web(context.config) as web:
        assert web.finder is not None
        try:
            found: Sequence[DiscoveredFeed] = await web.finder.find(site, SystemClock().now())
        except DiscoveryError as error:
            exit_with_error(str(error))
    return found


async def _look_all(context: CommandContext, feeds: Sequence[Feed]) -> list[tuple[Feed, PollResult]]:
    from bot.clock import SystemClock
    from bot.wiring import open_web
    from watchers.models.polling import FeedState

    now = SystemClock().now()
    async with open_web(context.config) as web:
        looks = await asyncio.gather(*(web.watchers[feed.kind].poll(feed, FeedState(), now) for feed in feeds))
    return list(zip(feeds, looks, strict=True))


def _look_first(context: CommandContext, draft: dict[str, Any]) -> None:
    """A source that cannot be read is not added."""
    from bot.user_seeds.feeds import FeedsError, feed_of

    try:
        feed = feed_of(draft)
    except FeedsError as error:
        exit_with_error(str(error), 2)
    look = asyncio.run(_look_all(context, [feed]))[0][1]
    if look.error:
        exit_with_error(f"{feed.url}: {look.error.problem}")


def _said(given: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if value}


def _known(context: CommandContext, site: str) -> Feed | None:
    """The feed that has this very address already."""
    from seeds.feeds import address_identity

    try:
        wanted = address_identity(site if "://" in site else f"https://{site}")
    except ValueError:
        return None
    return next((feed for feed in context.seeds().feeds if address_identity(feed.url) == wanted), None)


def _chosen(context: CommandContext, wanted: Sequence[str]) -> list[Feed]:
    from bot.user_seeds.feeds import FeedsError, select_feeds

    try:
        return select_feeds(context.seeds().feeds, wanted)
    except FeedsError as error:
        exit_with_error(str(error), 2)


def _states(context: CommandContext) -> tuple[dict[str, FeedState], dict[str, Subscription]]:
    """What is remembered of each feed, and what was asked of its hub; empty before the first run."""
    if not context.database.exists():
        return {}, {}
    from bot.store import Store, StoreError
    from bot.store.feeds import known_feeds
    from bot.store.websub_subscriptions import subscribed

    try:
        store = Store.open(context.database, readonly=True)
    except StoreError as error:
        exit_with_error(str(error))
    try:
        return {known.url: known.state for known in known_feeds(store)}, subscribed(store)
    finally:
        store.close()
