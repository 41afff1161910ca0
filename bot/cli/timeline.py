"""Defines `seedwatch timeline`: hits over time, as bars in the terminal or as a picture."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

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
from bot.cli.read_options import entity_id_of, open_readonly_store, utc_now


def timeline(
    entity: Annotated[str, typer.Argument(metavar="[ENTITY]", help="An entity, by name or id; default: all watched entities.")] = "",
    png: Annotated[Path | None, typer.Option("--png", metavar="FILE", help="Write a PNG picture instead.", show_default=False)] = None,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, max=366, help="Number of days.")] = 14,
    dark: Annotated[bool, typer.Option("--dark", help="Use dark colours in the picture.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Show how many items with a hit named an entity, day by day.

    \b
    Example:
      seedwatch timeline Nvidia --days 30 --png nvidia.png
    """
    context = open_context(config, db, verbose, quiet)
    seeds = context.seeds()
    wanted = [entity_id_of(entity, seeds, "entity")] if entity else [one for one, known in seeds.entities.items() if known.watched]
    from bot.local_time import local_date
    from bot.store.daily_counts import daily_counts

    now = utc_now()
    with open_readonly_store(context) as store:
        counts = daily_counts(store, wanted, now, days, context.config.digest.timezone)
    last = local_date(now, context.config.digest.timezone)
    dates = [last - timedelta(days=back) for back in range(days - 1, -1, -1)]
    named = {seeds.entities[one].name: row for one, row in counts.items()}
    if png is not None:
        from bot.render.chart import bar_chart_png
        from watchers.extras import install_hint

        try:
            png.write_bytes(bar_chart_png(named, dates, dark=dark, title=f"Hits of the last {days} days"))
        except ImportError:
            exit_with_error(f"the picture needs {install_hint('charts')}")
        except ValueError as error:
            exit_with_error(str(error))
        except OSError as error:
            exit_with_error(f"{png}: cannot be written: {error.strerror or error}")
        print_status(f"{png} written")
        return
    if as_json:
        for one, row in counts.items():
            print_json({"entity": one, "days": [{"date": on.isoformat(), "items": n} for on, n in zip(dates, row, strict=True)]})
        return
    from bot.render.chart import bar_chart_text

    for name, row in named.items():
        sys.stdout.write(f"{name}  {sum(row)}\n")
        for on, n, bar in zip(dates, row, bar_chart_text(row), strict=True):
            sys.stdout.write(f"  {on.isoformat()}  {bar}{' ' if bar else ''}{n}\n")
