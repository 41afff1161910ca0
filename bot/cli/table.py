"""Defines how commands print tables: to the width of a terminal, and for programs one row a line, however long."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

_UNBROKEN = 1_000_000
"""Columns of a line that nothing has to break."""


def new_table(title: str = "") -> Table:
    """An empty table without lines around it."""
    from rich.table import Table

    return Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")


def print_table(table: Table) -> None:
    """The table on standard output; words in it are no markup."""
    from rich.console import Console

    if sys.stdout.isatty():
        Console(highlight=False, markup=False).print(table)
        return
    text = io.StringIO()
    Console(file=text, width=_UNBROKEN, highlight=False, markup=False).print(table)
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in text.getvalue().rstrip("\n").split("\n"))
