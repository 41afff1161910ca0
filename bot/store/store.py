"""Defines Store: one open SQLite database with its tables brought up to date, and the transaction everything is written in.

It knows no table; `feeds.py`, `items.py`, `hits.py` … beside it do. Errors that a person must act on are `StoreError`:

    StoreError                 the file cannot be opened, is damaged, or is no database
    └── NewerDatabaseError     a later version of seedwatch has written it
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from bot.store.migrations import MIGRATIONS
from bot.store.outlets import outlet

_TWO = tuple(f"{number:02}" for number in range(60))
BUSY_TIMEOUT = 10.0
"""Seconds to wait for another program that holds the database; the writer tries again after that (see writer.py)."""
_STEPS_BETWEEN_CHECKS = 20_000
"""Steps of SQLite's virtual machine, some milliseconds, between two looks at a time limit."""


class StoreError(Exception):
    """The database cannot be used. The message is one line for a person and names the file."""


class NewerDatabaseError(StoreError):
    """A later version of seedwatch has changed the tables; this one would damage them."""


def iso(moment: datetime) -> str:
    """An aware moment as the database writes it: ISO 8601, UTC, whole seconds (cut, not rounded), "Z". Sorts as text."""
    # Written for every feed at every visit and for every item: half of isoformat's time, and most moments are UTC already.
    at = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return f"{at.year:04}-{_TWO[at.month]}-{_TWO[at.day]}T{_TWO[at.hour]}:{_TWO[at.minute]}:{_TWO[at.second]}Z"


def from_iso(text: str) -> datetime:
    """The aware UTC moment that `iso` wrote; any other ISO 8601 text that names its zone is read too."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


class Store:
    """An open database. Use it from one thread at a time; only one Store of a process should write."""

    def __init__(self, conn: sqlite3.Connection, path: str) -> None:
        self.path = path
        self.conn = conn
        self.db = Database(conn)

    @classmethod
    def open(cls, path: Path | str, *, readonly: bool = False, busy_timeout: float = BUSY_TIMEOUT) -> Store:
        """Opens `path` (":memory:" for one that lives as long as it is open) and applies the migrations that are missing.

        `readonly` opens an existing database for queries only and changes nothing. `busy_timeout` is in seconds.
        Raises StoreError.
        """
        name = str(path)
        try:
            store = cls(_connect(name, readonly, busy_timeout), name)
            try:
                store._prepare(readonly)
            except BaseException:
                store.close()
                raise
        except sqlite3.Error as error:
            raise StoreError(f"{name}: {explain(error)}") from error
        return store

    def _prepare(self, readonly: bool) -> None:
        self.conn.execute("PRAGMA foreign_keys = ON")
        self._refuse_newer()
        if readonly:
            if MIGRATIONS.pending(self.db):
                raise StoreError(f"{self.path}: not a seedwatch database, or one that an older version wrote; run `seedwatch poll` once")
            self.conn.execute("PRAGMA query_only = ON")
            return
        self.conn.execute("PRAGMA journal_mode = WAL")
        # A power cut may lose the last commits, never the database; kill -9 loses nothing: the log is in the kernel by then.
        self.conn.execute("PRAGMA synchronous = NORMAL")
        self.conn.execute("PRAGMA temp_store = MEMORY")
        self.conn.execute("PRAGMA cache_size = -16000")
        self._migrate()

    def _refuse_newer(self) -> None:
        known = {migration.name for migration in MIGRATIONS._migrations}
        newer = [one.name for one in MIGRATIONS.applied(self.db) if one.name not in known]
        if newer:
            raise NewerDatabaseError(
                f"{self.path}: written by a newer seedwatch (with the step {newer[-1]}); upgrade, or name another database with --db"
            )

    def _migrate(self) -> None:
        """Each missing step in a transaction of its own; two programs that open an old database at once take turns."""
        while MIGRATIONS.pending(self.db):
            with self.atomic():
                pending = [migration.name for migration in MIGRATIONS.pending(self.db)]
                if pending:
                    MIGRATIONS.apply(self.db, stop_before=pending[1:])

    @contextmanager
    def atomic(self) -> Iterator[Store]:
        """A transaction, or a savepoint inside one. The outermost takes the write lock at once: a transaction that read first and
        wrote later would fail without waiting when another program wrote in between (SQLITE_BUSY_SNAPSHOT)."""
        if self.conn.in_transaction:
            with self.db.atomic():
                yield self
            return
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            yield self
            self.conn.execute("COMMIT")
        except BaseException:
            self.db.rollback()
            raise

    @contextmanager
    def time_limit(self, seconds: float) -> Iterator[None]:
        """Interrupts queries inside the block that run longer: sqlite3.OperationalError "interrupted"."""
        end = time.monotonic() + seconds
        self.conn.set_progress_handler(lambda: time.monotonic() > end, _STEPS_BETWEEN_CHECKS)
        try:
            yield
        finally:
            self.conn.set_progress_handler(None, 0)

    def fact(self, key: str) -> str | None:
        """What was written under `key` in the table of single facts, or None."""
        row = self.conn.execute("SELECT value FROM facts WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, key: str, value: str | None) -> None:
        """Writes a single fact; None removes it."""
        if value is None:
            self.conn.execute("DELETE FROM facts WHERE key = ?", (key,))
        else:
            self.conn.execute("INSERT OR REPLACE INTO facts(key, value) VALUES (?, ?)", (key, value))

    def close(self) -> None:
        """Closes the connection. An open transaction is rolled back."""
        self.conn.close()


def _connect(name: str, readonly: bool, busy_timeout: float) -> sqlite3.Connection:
    target, uri = name, False
    if readonly and name != ":memory:":
        target, uri = f"{Path(name).absolute().as_uri()}?mode=ro", True
    # check_same_thread: the writer is opened in one thread and used in another; one at a time, which StoreThread sees to.
    conn = sqlite3.connect(target, timeout=busy_timeout, isolation_level=None, check_same_thread=False, cached_statements=256, uri=uri)
    conn.row_factory = sqlite3.Row
    conn.create_function("outlet", 4, outlet, deterministic=True)
    return conn


_EXPLAINED = {
    "unable to open": "cannot be opened; does its folder exist, and may this user write there?",
    "not a database": "is not an SQLite database",
    "malformed": "is damaged; restore a backup, or save what can be read with `seedwatch rescue` (docs/operations.md, Backup)",
    "readonly": "cannot be written: the file or its folder is read-only",
    "locked": "is locked by another program",
    "full": "the disk is full",
    "disk I/O": "the disk is full or failing; make room, or look at it, and start again",
}
"""What SQLite says, by a word in it, and what a person can do about it."""


def is_damage(error: sqlite3.Error) -> bool:
    """True when SQLite found that what stands in the file cannot be right."""
    return getattr(error, "sqlite_errorcode", None) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or "malformed" in str(error)


_PASSING = frozenset(
    {
        sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
    }
)  # fmt: skip


def is_passing(error: BaseException) -> bool:
    """True for trouble of the database and not of what was to be written: a full disk, a lock, damage. The same may work later."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(error, StoreError) or (code is not None and code & 0xFF in _PASSING)  # the low byte: extended codes name the cause


def explain(error: sqlite3.Error) -> str:
    """What SQLite said, for a person: one line, and what can be done about it."""
    said = str(error)
    return next((meaning for word, meaning in _EXPLAINED.items() if word in said), said)
