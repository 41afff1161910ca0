"""Defines `seedwatch match`: explains what would hit and why, and stores nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
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

if TYPE_CHECKING:
    from watchers.models.item import Item


@dataclass(frozen=True)
class InputItem:
    """One item of the input with the id that its answer carries, or the reason why it could not be read."""

    identity: object
    item: Item | None = None
    problem: str = ""


def match(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE…|-]", help="Texts, HTML pages or JSON Lines of items; - or none: stdin.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Also show what did not hit, and why.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Explain what would hit in texts, pages or JSON Lines of items, and why. Stores nothing.

    \b
    Example:
      echo "Nvidia signs an agreement with Vietnam" | seedwatch match --all -
    """
    context = open_context(config, db, verbose, quiet)
    seeds = context.seeds()
    from bot.export.records import explain, match_record

    matcher = context.matcher(seeds)
    unread = 0
    for given in read_inputs(files or ["-"]):
        if given.item is None:
            print_status(given.problem)
            unread += 1
            continue
        found = matcher.match(given.item, explain=every)
        if as_json:
            print_json(match_record(given.item, found, identity=given.identity, misses=every))
        else:
            sys.stdout.write("\n".join(explain(given.item, found, seeds.entities, misses=every)) + "\n\n")
    if unread:
        exit_with_error(f"{unread} input{'s' if unread > 1 else ''} could not be read (see above)")


def read_inputs(files: list[str]) -> Iterator[InputItem]:
    """The items of files, in order. What cannot be read is one Given with its problem, and the rest goes on."""
    from watchers.models.json_record import read_lines

    for file in files:
        try:
            raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            yield InputItem(file, problem=f"{file}: cannot be read: {error.strerror or error}")
            continue
        name = "stdin" if file == "-" else file
        if raw.lstrip()[:1] == b"{":
            yield from (InputItem(line.identity, line.item, line.problem) for line in read_lines(raw, name))
        else:
            yield _document(raw, name)


def _document(raw: bytes, name: str) -> InputItem:
    from watchers.models.item import Item
    from watchers.text.html_text import is_html

    if is_html(raw):
        from watchers.sources.article import article_of

        page = article_of(raw, url="")
        if page is None:
            return InputItem(name, problem=f"{name}: no article text found in this page")
        return InputItem(name, Item(feed=name, title=page.title, text=page.text, guid=name, published=page.published))
    text = raw.decode("utf-8-sig", "replace")
    first, blank, rest = text.strip().partition("\n\n")
    if not text.strip():
        return InputItem(name, problem=f"{name}: empty")
    if blank and "\n" not in first and len(first) < 200:  # a headline above its article
        return InputItem(name, Item(feed=name, title=first, text=rest, guid=name))
    return InputItem(name, Item(feed=name, text=text, guid=name))
