"""Defines rescue: what can be read of a damaged database, written into a new one.

    pages of the file ─► rows under the roots of our tables ─┐
                     └─► rows of pages that nothing leads to any more, by the look of their values ─┴─► new file ─► rules between tables

SQLite is not asked to read the damaged file. Indexes are left out and made anew; so is the search index, when the bot starts.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlite_utils import Database

from bot.store.integrity import problems
from bot.store.items import add_keys, item_of
from bot.store.migrations import MIGRATIONS
from bot.store.pages import DamagedFile, Page, Record, Value
from bot.store.search import fill
from bot.store.store import Store
from watchers.state.identity import identity_keys

_STEPS = "_sqlite_migrations"
_SEQUENCE = "sqlite_sequence"
_MASTER = ("table", "index", "view", "trigger")
_STEPS_OF_TODAY = tuple(step.name for step in MIGRATIONS._migrations)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


@dataclass
class Rescued:
    """What became of a rescue."""

    saved: Counter[str] = field(default_factory=Counter)
    """Rows in the new file, by table."""
    unreadable_rows: Counter[str] = field(default_factory=Counter)
    """Rows of readable pages that could not be read or taken, by table."""
    unreadable_pages: Counter[str] = field(default_factory=Counter)
    """Destroyed pages by table, "" where nobody knows whose they were."""
    repaired: list[str] = field(default_factory=list)
    """What was put in order between tables, for people."""
    problems: list[str] = field(default_factory=list)
    """What is wrong with the new file all the same."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of ours as the new file has it."""

    name: str
    columns: tuple[str, ...]
    """In the order in which a record holds them."""
    kinds: tuple[str, ...]
    required: tuple[bool, ...]
    has_rowid: bool
    alias: int | None
    """The place of the column that is the rowid; a record holds NULL there."""

    def fits(self, record: Record) -> bool:
        """Whether the record may be a row of this table."""
        if (record.rowid is not None) != self.has_rowid or len(record.values) > len(self.columns):
            return False
        return all(
            place == self.alias or _fits(name, kind, value, required=required)
            for place, (name, kind, required, value) in enumerate(zip(self.columns, self.kinds, self.required, record.values, strict=False))
        )


def _fits(name: str, kind: str, value: Value, *, required: bool) -> bool:
    if value is None:
        return not required
    if name.endswith("_at") or name == "until":
        return isinstance(value, str) and _TIME.match(value) is not None
    taken: dict[str, tuple[type, ...]] = {"INTEGER": (int,), "REAL": (int, float), "TEXT": (str,)}
    return isinstance(value, taken.get(kind, (object,)))


def rescue(damaged: Path, into: Path) -> Rescued:
    """Reads `damaged` and writes `into`, which must not exist. Raises OSError, and StoreError where the new file cannot be written."""
    file, done = DamagedFile(damaged), Rescued()
    roots, whole = _roots(file, done)
    tables = {table.name: table for table in _tables()}
    steps = [str(record.values[2]) for record in _records(file, roots.get(_STEPS, 0)) if len(record.values) > 2]
    sequence = {str(record.values[0]): record.values[1] for record in _records(file, roots.get(_SEQUENCE, 0)) if len(record.values) == 2}
    _begin(into, steps)
    _insert_all(into, tables, _rows(file, roots, tables, done, whole=whole), done)
    _finish(into, tables, {name: number for name, number in sequence.items() if isinstance(number, int)}, done)
    return done


def _records(file: DamagedFile, root: int) -> list[Record]:
    return [record for _, page in file.walk(root, set()) if page is not None for record in page.records]


def _rows(
    file: DamagedFile, roots: Mapping[str, int], tables: Mapping[str, _Table], done: Rescued, *, whole: bool
) -> Iterator[tuple[str, Record]]:
    """The rows of our tables, with the name of each one's table."""
    reached: set[int] = set()
    for name, root in roots.items():
        for _, page in file.walk(root, reached):
            if page is None:
                done.unreadable_pages[name if name in tables else "indexes"] += 1
            elif name in tables:
                done.unreadable_rows[name] += page.broken
                yield from ((name, record) for record in page.records)
    if done.unreadable_pages or not whole:
        yield from _orphans(file, reached, tables, done)


def _tables() -> list[_Table]:
    """Our tables, as a new database has them."""
    store = Store.open(":memory:")
    try:
        rows = store.conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        return [_table(store, row["name"], row["sql"]) for row in rows if not row["name"].startswith(("search", "sqlite_", "_sqlite_"))]
    finally:
        store.close()


def _table(store: Store, name: str, sql: str) -> _Table:
    columns = store.conn.execute(f"PRAGMA table_info({name})").fetchall()
    has_rowid = "WITHOUT ROWID" not in sql.upper()
    if not has_rowid:  # the columns of the key come first
        columns.sort(key=lambda column: column["pk"] or len(columns) + 1)
    keys = [place for place, column in enumerate(columns) if column["pk"]]
    alias = keys[0] if has_rowid and len(keys) == 1 and columns[keys[0]]["type"] == "INTEGER" else None
    return _Table(
        name, tuple(column["name"] for column in columns), tuple(column["type"] for column in columns),
        tuple(bool(column["notnull"] or (column["pk"] and not has_rowid)) for column in columns), has_rowid, alias,
    )  # fmt: skip


def _roots(file: DamagedFile, done: Rescued) -> tuple[dict[str, int], bool]:
    """The first page of each table and index, by name; and whether all of them are known."""
    found: dict[str, int] = {}
    whole = True
    for _, page in file.walk(1, set()):
        if page is None:
            whole = False
            done.unreadable_pages["the list of tables"] += 1
        else:
            whole = whole and not page.broken
            found |= _named(page)
    if not whole:
        for number in range(1, file.pages + 1):
            page = file.page(number)
            found |= {name: root for name, root in _named(page).items() if name not in found} if page is not None else {}
    return found, whole


def _named(page: Page) -> dict[str, int]:
    """Of a page of the list of tables: name and first page of each."""
    named = {}
    for record in page.records:
        values = record.values
        if record.rowid is not None and len(values) == 5 and values[0] in _MASTER and isinstance(values[3], int) and values[3] > 1:
            named[str(values[1])] = values[3]
    return named


def _orphans(file: DamagedFile, reached: set[int], tables: Mapping[str, _Table], done: Rescued) -> Iterator[tuple[str, Record]]:
    """The rows of pages to which nothing leads any more."""
    free = file.free_pages()
    for number in range(2, file.pages + 1):
        page = None if number in reached or number in free else file.page(number)
        if page is None or not page.records or _named(page):
            continue
        fitting = [table for table in tables.values() if all(table.fits(record) for record in page.records)]
        if fitting:
            length = len(page.records[0].values)
            table = min(fitting, key=lambda one: (not done.unreadable_pages[one.name], len(one.columns) - length))
            done.unreadable_rows[table.name] += page.broken
            yield from ((table.name, record) for record in page.records)


def _begin(into: Path, steps: Sequence[str]) -> None:
    """Makes the new file with the tables as the version had them that has made these steps; all, where nobody knows."""
    last = max((_STEPS_OF_TODAY.index(step) for step in steps if step in _STEPS_OF_TODAY), default=len(_STEPS_OF_TODAY) - 1)
    conn = sqlite3.connect(into, isolation_level=None)
    conn.row_factory = sqlite3.Row
    try:
        conn.execute("BEGIN")
        MIGRATIONS.apply(Database(conn), stop_before=_STEPS_OF_TODAY[last + 1 :][:1])
        conn.execute("COMMIT")
    finally:
        conn.close()


def _insert_all(into: Path, tables: Mapping[str, _Table], rows: Iterable[tuple[str, Record]], done: Rescued) -> None:
    conn = sqlite3.connect(into, isolation_level=None)
    try:
        conn.execute("BEGIN")
        there = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for name, record in rows:
            if name in there and not _insert(conn, tables[name], record):
                done.unreadable_rows[name] += 1
        conn.execute("DELETE FROM facts WHERE key = 'search.indexed'")
        conn.execute("COMMIT")
    finally:
        conn.close()


def _finish(into: Path, tables: Mapping[str, _Table], sequence: Mapping[str, int], done: Rescued) -> None:
    """Brings the new file up to date: later steps, the rules between tables, the search index."""
    store = Store.open(into)
    try:
        with store.atomic():
            _keep_ids(store, sequence)
            _repair(store, done)
        while fill(store):
            pass
        done.saved.update({name: store.conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables})  # noqa: S608
        done.problems += problems(store)
    finally:
        store.close()


def _insert(conn: sqlite3.Connection, table: _Table, record: Record) -> bool:
    """Writes a row; False when the table does not take it. One that is there already stays."""
    columns, values = list(table.columns[: len(record.values)]), list(record.values)
    if table.alias is not None and table.alias < len(values):
        values[table.alias] = record.rowid
    elif table.has_rowid:
        columns.append("rowid")
        values.append(record.rowid)
    names = ", ".join(f'"{column}"' for column in columns)
    try:
        conn.execute(f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
    except sqlite3.IntegrityError as error:
        return "UNIQUE" in str(error)
    except sqlite3.Error:
        return False
    return True


def _keep_ids(store: Store, sequence: Mapping[str, int]) -> None:
    """An id is never given twice: the highest of each table is remembered, also where its row is gone."""
    highest = Counter(sequence)
    for table, column, of in (("seen", "item", "items"), ("hits", "item", "items"), ("hits", "story", "stories")):
        used = store.conn.execute(f"SELECT coalesce(max({column}), 0) FROM {table}").fetchone()[0]  # noqa: S608
        highest[of] = max(highest[of], used)
    for table, number in highest.items():
        changed = store.conn.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, table)).rowcount
        if not changed and number:
            store.conn.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, number))


def _repair(store: Store, done: Rescued) -> None:
    """Makes the tables agree: rows whose item or feed is lost go, stories, chats and keys that are lost are made anew."""
    conn = store.conn

    def told(count: int, what: str) -> None:
        if count > 0:
            done.repaired.append(f"{count:,} {what}")

    for table in ("mentions", "events", "hits", "labels"):
        dropped = conn.execute(f"DELETE FROM {table} WHERE item NOT IN (SELECT id FROM items)").rowcount  # noqa: S608  (names of ours)
        told(dropped, f"rows of {table} dropped, whose items are lost")
    dropped = conn.execute("DELETE FROM subscriptions WHERE feed NOT IN (SELECT id FROM feeds)").rowcount
    told(dropped, "subscriptions dropped, whose feeds are lost")
    told(
        conn.execute(
            "INSERT INTO stories (id, title, first_at, last_at, items, sources, lead_item) SELECT hits.story, min(items.title), "
            "min(items.first_seen_at), max(items.first_seen_at), count(DISTINCT items.id), count(DISTINCT items.feed), min(items.id) "
            "FROM hits JOIN items ON items.id = hits.item WHERE hits.story IS NOT NULL AND hits.story NOT IN (SELECT id FROM stories) "
            "GROUP BY hits.story"
        ).rowcount,
        "stories made anew of their items",
    )
    told(
        conn.execute(
            "INSERT INTO chats (id, kind, state) SELECT DISTINCT chat, substr(chat, 1, instr(chat || ':', ':') - 1), 'gone' "
            "FROM deliveries WHERE kind != 'reply' AND chat NOT IN (SELECT id FROM chats)"
        ).rowcount,
        "chats without their settings: pair them again",
    )
    bare = conn.execute("SELECT * FROM items WHERE id NOT IN (SELECT item FROM seen WHERE item IS NOT NULL)").fetchall()
    now = datetime.now(UTC)
    for row in bare:
        conn.execute("DELETE FROM seen WHERE key = ?", (f"rescued:{row['id']}",))
        add_keys(store, [*((key, row["id"]) for key in identity_keys(item_of(dict(row)))), (f"rescued:{row['id']}", row["id"])], None, now)
    told(len(bare), "items with keys made anew")
