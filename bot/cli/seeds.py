"""Defines `seedwatch seeds`: lists what is watched, checks it, and drafts a watch from documents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from pydantic import BaseModel
    from rich.table import Table

    from seeds.load import Seeds
    from watchers.suggest.draft import Draft

app = typer.Typer(help="The watched entities and rules: list, check, or draft them from documents.")


@app.command("list")
def list_(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """List entities, event types, rules and feeds as they are in force.

    \b
    Example:
      seedwatch seeds list
    """
    seeds = open_context(config, db, verbose, quiet).seeds()
    if as_json:
        for kind, entries in (("entity", seeds.entities), ("event", seeds.events), ("rule", seeds.rules)):
            for entry in entries.values():
                print_json(_record(kind, entry))
        for feed in seeds.feeds:
            print_json(_record("feed", feed))
        return
    _print_tables(seeds)


@app.command()
def check(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Check the seeds: every mistake (exit 2), and what is doubtful: unreachable or equal rules, names that mean too much.

    \b
    Example:
      seedwatch seeds check
    """
    context = open_context(config, db, verbose, quiet)
    from bot.config import ConfigError

    try:
        seeds, errors = context.config.try_seeds()
    except ConfigError as error:
        exit_with_error(str(error), 2)
    for mistake in errors:
        if as_json:
            print_json({"level": "error", "file": mistake.file, "id": mistake.where, "key": mistake.key, "problem": mistake.problem})
        else:
            print_status(f"error: {mistake}")
    if errors:
        exit_with_error(f"{len(errors)} mistake{'s' if len(errors) > 1 else ''} in the seeds", 2)
    from seeds.warnings import check_warnings

    doubts = check_warnings(seeds)
    for doubt in doubts:
        if as_json:
            print_json({"level": "warning", "kind": doubt.kind, "id": doubt.where, "key": doubt.key, "problem": doubt.problem})
        else:
            sys.stdout.write(f"warning: {doubt}\n")
    if not quiet:
        counts = f"{len(seeds.entities)} entities, {len(seeds.events)} event types, {len(seeds.rules)} rules, {len(seeds.feeds)} feeds"
        print_status(f"{counts}: no mistakes, {len(doubts) or 'no'} warning{'' if len(doubts) == 1 else 's'}")


@app.command()
def suggest(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Texts, Markdown, HTML pages or JSON Lines of one story.")],
    into: Annotated[
        Path | None, typer.Option("--into", metavar="FOLDER", help="Write entities.toml and rules.toml there.", show_default=False)
    ] = None,
    new: Annotated[bool, typer.Option("--new", help="Leave out the entities that the seeds have already.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Draft entities, the events between them and rules from any documents, as TOML to review.

    \b
    Example:
      seedwatch seeds suggest article.txt report.md --into seeds
    """
    seeds = open_context(config, db, verbose, quiet).seeds()
    from bot.user_seeds.suggest import DocumentError, suggest
    from watchers.suggest.toml_writer import entities_toml, rules_toml

    try:
        draft = suggest(files, seeds)
    except DocumentError as error:
        exit_with_error(str(error))
    if as_json:
        _print_draft(draft, new=new)
    elif into is not None:
        _write(into, {"entities.toml": entities_toml(draft, new=new), "rules.toml": rules_toml(draft)})
    else:
        sys.stdout.write(entities_toml(draft, new=new) + "\n# ---- rules.toml: what follows goes there ----\n" + rules_toml(draft))
    if not quiet:
        print_status(
            f"{len(draft.entities)} entities, {len(draft.events)} events, {len(draft.rules)} rules: a draft, read it before you use it"
        )


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Writes the files; one that stands there already is never touched."""
    there = [name for name in texts if (folder / name).exists()]
    if there:
        exit_with_error(f"{folder}: {' and '.join(there)} stand there already; name another folder", 2)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
            print_status(f"written: {folder / name}")
    except OSError as error:
        exit_with_error(f"{folder}: cannot be written: {error.strerror or error}")


def _print_draft(draft: Draft, *, new: bool) -> None:
    for entity in draft.entities:
        if not (new and entity.known):
            print_json(_record("entity", entity.entity, known=entity.known, mentions=entity.mentions, source=entity.source))
    for event in draft.events:
        print_json({"entry": "event", "type": event.type, "actors": event.actors, "targets": event.targets, "sentence": event.sentence})
    for rule in draft.rules:
        print_json(_record("rule", rule))


def _record(kind: str, value: BaseModel, **more: object) -> dict[str, Any]:
    # `entry` and not `kind`: entities and feeds have a field of that name.
    return {"entry": kind, **value.model_dump(mode="json", exclude_defaults=True), **more}


def _print_tables(seeds: Seeds) -> None:
    from bot.cli.table import new_table, print_table

    def table(title: str, *columns: str) -> Table:
        made = new_table(title)
        for column in columns:
            made.add_column(column)
        return made

    entities = table(f"Entities ({len(seeds.entities)})", "id", "name", "kind", "part of", "names")
    for entity in seeds.entities.values():
        mark = "* " if entity.watched else ""
        entities.add_row(f"{mark}{entity.id}", entity.name, entity.kind, entity.part_of or "", str(len(entity.all_names())))
    events = table(f"Event types ({len(seeds.events)})", "id", "name")
    for event in seeds.events.values():
        events.add_row(event.id, event.title())
    rules = table(f"Rules ({len(seeds.rules)})", "id", "severity", "looks for")
    for rule in seeds.rules.values():
        rules.add_row(rule.id, rule.severity, _looks_for(rule.model_dump(exclude_defaults=True)))
    feeds = table(f"Feeds ({len(seeds.feeds)})", "name", "lang", "topic", "address")
    for feed in seeds.feeds:
        feeds.add_row(feed.title, feed.lang, feed.topic, feed.url)
    for made in (entities, events, rules, feeds):
        print_table(made)
        sys.stdout.write("\n")


def _looks_for(fields: dict[str, Any]) -> str:
    said = []
    for key in ("any", "all", "none", "groups", "events", "words", "not_words", "feeds", "languages"):
        if key in fields:
            parts = ["|".join(one) if isinstance(one, tuple) else one for one in fields[key]]
            said.append(f"{key.replace('_', ' ')} {', '.join(parts[:6])}{' …' if len(parts) > 6 else ''}")
    return "; ".join(said) or "everything of its feeds"
