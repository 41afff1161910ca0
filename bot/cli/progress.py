"""Defines the progress bars of long commands: on a terminal they stand under the last line of stderr, on a pipe there are none."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn

    from bot.backfill.run import BackfillCounts

REFRESH = 0.2
"""Seconds between two pictures of a bar."""


@contextmanager
def feed_progress(polled: Callable[[], int], waiting: Callable[[], int]) -> Iterator[None]:
    """Shows how many feeds were polled, and of how many, while an event loop runs inside."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn

    with _progress(None, TextColumn("feeds"), BarColumn(), MofNCompleteColumn()) as bar:
        task = bar.add_task("feeds", total=None)

        async def refresh() -> None:
            while True:
                bar.update(task, completed=polled(), total=polled() + waiting(), refresh=True)
                await asyncio.sleep(REFRESH)

        refreshing = asyncio.get_running_loop().create_task(refresh())
        try:
            yield
        finally:
            refreshing.cancel()


@contextmanager
def archive_progress(
    size: int | None, *, quiet: bool = False, console: Console | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[[BackfillCounts], None]]:
    """Gives the function that shows the counts of a backfill: records, hits, megabytes and their rate.

    `size`: bytes that will be read, None when it is not known; with it the share and the time left are shown too. `console`: where the bar
    stands, stderr by default.
    """
    if quiet or (console is None and not sys.stderr.isatty()):
        yield lambda _counts: None
        return
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns: list[ProgressColumn] = [TextColumn("{task.fields[counts]}")]
    if size is not None:
        columns += [BarColumn(20), TaskProgressColumn(), TimeRemainingColumn(), TextColumn("left")]
    with _progress(console, *columns, clock=clock) as bar:
        task = bar.add_task("archives", total=size, counts="")
        started = shown = clock()

        def show(counts: BackfillCounts) -> None:
            nonlocal shown
            if clock() - shown < REFRESH:
                return
            shown = clock()
            megabytes = counts.size / 1e6
            rate = megabytes / max(shown - started, 0.001)
            text = f"{counts.read:,} records, {counts.matched:,} with hits, {megabytes:,.0f} MB, {rate:,.0f} MB/s"
            bar.update(task, completed=counts.size, counts=text)
            if size is not None and counts.size > size:  # an earlier run read a part: how much is left is not known
                bar.tasks[0].total = None
            bar.refresh()

        yield show


def _progress(console: Console | None, *columns: ProgressColumn, clock: Callable[[], float] = time.monotonic) -> Progress:
    """A bar that is drawn when it is asked, without a thread of its own."""
    from rich.console import Console
    from rich.progress import Progress

    console = console or Console(stderr=True, highlight=False, markup=False)
    return Progress(*columns, console=console, transient=True, redirect_stdout=False, auto_refresh=False, get_time=clock)
