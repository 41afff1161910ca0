"""Defines Checkpointer: moves what was committed from the log into the database file, on a thread of its own.

SQLite does it inside the commit that made the log long, and waits for the disk twice: a first pass over feeds of 60 KB spent a third of
its time so, with every visit behind the one that waited. Here the writer only says how much it has written; it still moves the log itself
when that has grown to `LOG_PAGES`, which is also what lets the log begin anew. Nothing is read or written but through SQLite.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading

LOG_PAGES = 16_000
"""Pages of 4 KB (64 MB) from which a commit moves the log itself."""

ROWS = 4_000
"""Rows after which it is moved in the background: some megabytes."""


class Checkpointer:
    """One for a database file that this process writes. `start` and `close` from one thread, `wrote` from the writer's."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._moved = 0
        self._wanted = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="store-checkpointer", daemon=True)

    def start(self) -> None:
        """From now on `wrote` is heard."""
        self._thread.start()

    def wrote(self, rows: int) -> None:
        """So many rows the writer has changed since it was opened. Returns at once."""
        if rows - self._moved >= ROWS:
            self._moved = rows
            self._wanted.set()

    def close(self) -> None:
        """Ends the thread after what it is at; what is left in the log is moved when the last connection closes."""
        self._ended = True
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        # No waiting for others: a passive checkpoint moves what it can, and the next one the rest. A full disk or a damaged file meets
        # the writer too, which says so.
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(self._path, isolation_level=None)) as conn:
            conn.execute("PRAGMA synchronous = NORMAL")
            while self._wanted.wait() and not self._ended:
                self._wanted.clear()
                with contextlib.suppress(sqlite3.Error):
                    conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
