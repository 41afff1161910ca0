"""Defines what the commands that read the database share: opening it, and what the words of `--since`, `--date` and `--entity` name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.context import CommandContext, exit_with_error

if TYPE_CHECKING:
    from bot.store import Store
    from seeds.load import Seeds

SinceOption = Annotated[
    str, typer.Option("--since", metavar="D", help='A date "2026-03-01", a time "2026-03-01T08:00", or how long ago: "7d", "12h".')
]


@contextmanager
def open_readonly_store(context: CommandContext) -> Iterator[Store]:
    """The database, for queries only. One that is not there, damaged or newer ends the command with exit 1 and one line."""
    from bot.store import Store, StoreError

    if not context.database.exists():
        exit_with_error(f"{context.database}: no database yet; `seedwatch poll` or `seedwatch run` makes one")
    try:
        store = Store.open(context.database, readonly=True)
    except StoreError as error:
        exit_with_error(str(error))
    try:
        yield store
    finally:
        store.close()


def parse_since(text: str, context: CommandContext, now: datetime) -> datetime | None:
    """The moment that `--since` names, aware; None for "". Dates are those of the digest's zone. A wrong one ends the command (exit 2)."""
    if not text:
        return None
    from bot.durations import parse_duration

    try:
        return now - parse_duration(text)
    except ValueError:
        pass
    try:
        moment = datetime.combine(date.fromisoformat(text), time()) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        exit_with_error(f'--since: expected a date like "2026-03-01", a time, or a duration like "7d", got {text!r}', 2)
    known_day(moment.date(), "--since")
    return moment if moment.tzinfo else moment.replace(tzinfo=context.config.digest.zone)


def entity_id_of(words: str, seeds: Seeds, label: str) -> str:
    """The id of the entity that these words name, as chats understand them; "" for "". An unknown one ends the command (exit 2)."""
    if not words:
        return ""
    from bot.commands.lookup import find_entity

    found = find_entity(seeds, words)
    if found.entity is None:
        near = f"; did you mean {', '.join(found.near)}?" if found.near else "; `seedwatch seeds list` shows the names"
        exit_with_error(f"{label} {words!r} is not known{near}", 2)
    return found.entity.id


def parse_day(text: str, today: date) -> date:
    """The date that `--date` names: ISO, "today" or "yesterday"; "" is today. A wrong one ends the command (exit 2)."""
    named = {"": today, "today": today, "yesterday": today - timedelta(days=1)}
    if text.lower() in named:
        return named[text.lower()]
    try:
        on = date.fromisoformat(text)
    except ValueError:
        exit_with_error(f'--date: expected a date like "2026-03-01", "today" or "yesterday", got {text!r}', 2)
    return known_day(on, "--date")


def known_day(on: date, option: str) -> date:
    """`on`; a date too far from ours ends the command (exit 2)."""
    from bot.local_time import check_day

    try:
        return check_day(on)
    except ValueError as error:
        exit_with_error(f"{option}: {error}", 2)


def utc_now() -> datetime:
    """The instant of this command."""
    from bot.clock import SystemClock

    return SystemClock().now().astimezone(UTC)
