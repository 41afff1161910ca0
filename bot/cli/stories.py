"""Defines `seedwatch stories`: stories by time with their items; or, with --read, how the items of a file group into stories."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
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
from bot.cli.read_options import SinceOption, open_readonly_store, parse_since, utc_now

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds


def stories(
    since: SinceOption = "",
    read: Annotated[
        str, typer.Option("--read", metavar="FILE|-", help="Group the JSON Lines items of a file in their order; stores nothing.")
    ] = "",
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Maximum number of results.", show_default=False)] = None,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """List the stories of the last days, the newest first and those without a date last, with their items; or group the items of a file.

    \b
    Example:
      seedwatch stories --since 3d
      seedwatch stories --read items.jsonl --json
    """
    context = open_context(config, db, verbose, quiet)
    if read:
        group(context, read)
        return
    now = utc_now()
    start = parse_since(since, context, now)
    with open_readonly_store(context) as store:
        for story in stories_since(store, context.seeds(), start or now - timedelta(days=7), undated=start is None, limit=limit):
            if as_json:
                print_json(story)
            else:
                show(story, context.config.digest.timezone)


def stories_since(store: Store, seeds: Seeds, since: datetime, *, undated: bool, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The stories that moved since then, the newest first, at most `limit`, each as the record that --json prints, its items by time; with
    `undated` also those without a time, last."""
    from dataclasses import replace

    from bot.export.records import story_record
    from bot.store.story_rows import list_stories
    from bot.stories.read import read_stories
    from bot.stories.view import by_time

    rows = list_stories(store, since=since, undated=undated, limit=limit)
    for story in read_stories(store, rows, seeds):
        yield story_record(replace(story, sources=tuple(sorted(story.sources, key=by_time))))


def show(story: dict[str, Any], tz: str) -> None:
    """One story for a person."""
    from bot.local_time import local
    from bot.sanitize import plain
    from bot.store import from_iso

    count = f"{story['sources']} source{'' if story['sources'] == 1 else 's'}"
    when = f"{local(from_iso(story['last_at']), tz):%Y-%m-%d %H:%M}" if story["last_at"] else "no date"
    sys.stdout.write(f"#{story['id']}  {when:<16}  {count}  {plain(story['title'])}\n")
    for item in story["items"]:
        paid = " (sponsored)" if item["sponsored"] else ""
        title = "" if item["title"] == story["title"] else f": {plain(item['title'])}"
        sys.stdout.write(f"      {plain(item['source'])}{paid}{title}  {plain(item['url'])}".rstrip() + "\n")


def group(context: CommandContext, file: str) -> None:
    """Prints `{"id", "story", "why"}` for each item of a JSON Lines file, as if the items had arrived in that order."""
    from pathlib import Path

    from watchers.models.json_record import read_lines
    from watchers.stories import StoryIndex

    matcher = context.matcher(context.seeds())
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        exit_with_error(f"{file}: cannot be read: {error.strerror or error}")
    index = StoryIndex(context.config.stories.window)
    number = unread = 0
    for line in read_lines(raw, "stdin" if file == "-" else file):
        if line.item is None:
            print_status(line.problem)
            unread += 1
            continue
        item = line.item
        match = matcher.match(item)
        seen = item.published or utc_now()
        placement = index.place(item, match, seen=seen)
        story = placement.story
        if story is None:
            number += 1
            story = number
        index.record(story, item, match, seen=seen)
        print_json({"id": line.identity, "story": story, "why": list(placement.why)})
    if unread:
        exit_with_error(f"{unread} line{'s' if unread > 1 else ''} could not be read (see above)")
