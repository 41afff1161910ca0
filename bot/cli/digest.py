"""Defines `seedwatch digest`: shows the digest of a day, writes it as a page, or sends it."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
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
    print_status,
)
from bot.cli.read_options import open_readonly_store, parse_day, utc_now

if TYPE_CHECKING:
    from bot.digest.model import Digest
    from bot.store import Store
    from bot.store.chats import Chat, ChatSettings
    from seeds.load import Seeds


def digest(
    day: Annotated[str, typer.Option("--date", metavar="D", help='A date "2026-03-01", "today" (as it stands now) or "yesterday".')] = "",
    chat: Annotated[str, typer.Option("--chat", metavar="C", help="The digest of this chat (its id); default: the only chat.")] = "",
    send: Annotated[bool, typer.Option("--send", help="Send it to the chat, unless it already got the digest of that date.")] = False,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page for mail or an archive.")] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Show the digest of a day: stories by rule, held alerts, failing feeds.

    \b
    Example:
      seedwatch digest --date yesterday --html digest.html
    """
    context = open_context(config, db, verbose, quiet)
    seeds = context.seeds()
    from bot.local_time import local_date
    from bot.store.chats import default_settings

    now = utc_now()
    with open_readonly_store(context) as store:
        wanted = find_chat(store, chat, default_settings(context.config))
        today = local_date(now, wanted.settings.timezone)
        on = parse_day(day, today)
        if on > today:
            exit_with_error(f"--date: {on.isoformat()} is still to come in {wanted.settings.timezone}", 2)
        made = read(store, wanted, on, seeds, now)
        pictures = draw(store, made, seeds, now) if html is not None else (None, None)
    if html is not None:
        write_page(made, html, pictures)
    if send:
        raise typer.Exit(send_it(context, seeds, wanted, on))
    if html is None:
        show(made)


def find_chat(store: Store, wanted: str, defaults: ChatSettings) -> Chat:
    """The chat of that id; without one the only chat there is, else one as the terminal would be."""
    from bot.store.chats import Chat, read_chats

    chats = read_chats(store, defaults)
    if wanted:
        found = next((chat for chat in chats if wanted in {chat.id, chat.id.partition(":")[2]}), None)
        if found is None:
            known = ", ".join(chat.id for chat in chats) or "none yet"
            exit_with_error(f"--chat: {wanted!r} is not a chat; there is {known}", 2)
        return found
    return chats[0] if len(chats) == 1 else Chat("console", "console", "", "active", {}, defaults)


def read(store: Store, chat: Chat, on: date, seeds: Seeds, now: datetime) -> Digest:
    """The digest of that date, also of one that was never sent."""
    from bot.digest.schedule import period_of, read_digest

    return read_digest(store, chat, on, period_of(store, chat, on, now), seeds=seeds, now=now)


def show(made: Digest) -> None:
    """The digest as the terminal's chat shows it."""
    from bot.delivery.console import ConsoleChat
    from bot.digest.message import messages

    async def send() -> None:
        console = ConsoleChat(sys.stdout)
        for message in messages(made):
            await console.send(message)

    asyncio.run(send())


def draw(store: Store, made: Digest, seeds: Seeds, now: datetime) -> tuple[bytes | None, bytes | None]:
    """The picture of the 14 days up to the digest's, light and dark; none when there is nothing to draw or matplotlib is not installed."""
    from bot.digest.chart import CHART_DAYS, picture
    from bot.local_time import first_instant_at
    from bot.store.daily_counts import daily_counts

    watched = {one: entity.name_in(made.chat.settings.language) for one, entity in seeds.entities.items() if entity.watched}
    zone = made.chat.settings.timezone
    last = min(now, first_instant_at(made.on + timedelta(days=1), time(0), zone) - timedelta(seconds=1))
    counts = {watched[one]: row for one, row in daily_counts(store, list(watched), last, CHART_DAYS, zone).items()}
    days = [made.on - timedelta(days=back) for back in range(CHART_DAYS - 1, -1, -1)]
    language = made.chat.settings.language
    return picture(counts, days, language=language, dark=False), picture(counts, days, language=language, dark=True)


def write_page(made: Digest, file: Path, pictures: tuple[bytes | None, bytes | None]) -> None:
    """Writes the page; a file that cannot be written ends the command."""
    from bot.digest.html import page

    try:
        file.write_text(page(made, light=pictures[0], dark=pictures[1]), encoding="utf-8")
    except OSError as error:
        exit_with_error(f"{file}: cannot be written: {error.strerror or error}")
    print_status(f"{file} written")


def send_it(context: CommandContext, seeds: Seeds, chat: Chat, on: date) -> int:
    """Writes the digest into the outbox and empties it; a bot that runs on this database does the sending. Returns the exit status."""
    from bot.app import App, Overrides
    from bot.config import read_token
    from bot.digest.schedule import write_now
    from bot.instance_lock import held_by
    from bot.store import StoreThread

    async def through_running() -> int:
        thread = StoreThread(context.database)
        thread.start()
        try:
            return await thread.write(write_now, chat, on, seeds, utc_now())
        finally:
            thread.close()

    async def ourselves() -> int:
        given = Overrides(seeds=seeds, documents=tuple)  # they are news of a first start, not of a digest
        async with App(context.config, context.database, read_token(os.environ), given) as app:
            written = await app.store.write(write_now, chat, on, seeds, app.clock.now())
            await app.outbox.deliver_due()
            return written

    with errors_end_command(context.database):
        running = held_by(context.database)
        written = asyncio.run(through_running() if running else ourselves())
    if not written:
        print_status(f"{chat.id} had the digest of {on.isoformat()} before, or there is nothing in it: nothing sent")
    elif running:
        print_status(f"written; {running} sends it")
    return 0
