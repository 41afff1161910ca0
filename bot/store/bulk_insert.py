"""Defines insert, which writes many rows of one table in few statements. It knows no table.

Each statement releases the GIL and must acquire it again from the parsing thread, and `executemany` runs one statement per row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

PORTION = 160
"""Rows in one statement at most. Feeds list what they always list, so that SQLite finds most statements prepared; 160 rows of 14 columns
stay far under its 32,766 values."""


def insert(conn: sqlite3.Connection, into: str, rows: Sequence[Sequence[Any]], behind: str = "") -> None:
    """Writes `rows` in order. `into` is "table (columns)", `behind` the clause after the values (ON CONFLICT …). Both must be constants."""
    for start in range(0, len(rows), PORTION):
        some = rows[start : start + PORTION]
        conn.execute(_statement(into, len(some[0]), len(some), behind), list(chain.from_iterable(some)))


@lru_cache(maxsize=256)
def _statement(into: str, columns: int, rows: int, behind: str) -> str:
    marks = "(" + ",".join("?" * columns) + ")"
    return f"INSERT INTO {into} VALUES {','.join([marks] * rows)} {behind}"  # noqa: S608  (names of ours)
