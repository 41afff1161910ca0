"""Defines insert: many rows of one table in few statements.

Each statement gives the interpreter away and has to win it back from the thread that parses, and `executemany` runs one statement a row: 36
items with their 144 keys, a feed of real size, are 180 of them, or six written this way. Knows no table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

PORTIONS = (64, 16, 4, 1)
"""Rows in one statement. Few sizes, so that SQLite finds each statement prepared; columns × rows stays far under its 32,766 values."""


def insert(conn: sqlite3.Connection, into: str, rows: Sequence[Sequence[Any]], behind: str = "") -> None:
    """Writes `rows` in order. `into` is "table (columns)", `behind` what stands after the values (ON CONFLICT …); neither from outside."""
    at = 0
    for portion in PORTIONS:
        while len(rows) - at >= portion:
            some = rows[at : at + portion]
            conn.execute(_statement(into, len(some[0]), portion, behind), list(chain.from_iterable(some)))
            at += portion


@lru_cache(maxsize=128)
def _statement(into: str, columns: int, rows: int, behind: str) -> str:
    marks = "(" + ",".join("?" * columns) + ")"
    return f"INSERT INTO {into} VALUES {','.join([marks] * rows)} {behind}"  # noqa: S608  (names of ours)
