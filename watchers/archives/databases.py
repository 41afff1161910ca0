"""Defines the formats with rows and types: SQLite databases (this bot's, lemon24 reader's, any with a table of items) and Parquet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from watchers.archives.columns import item_from_columns, mapping
from watchers.archives.haul import Chunk, Haul, Reading
from watchers.archives.source import Source, UnreadableError

ROWS = 5_000
"""Rows of a chunk."""
_READER = (
    "SELECT entries.id AS id, entries.link AS url, entries.title AS title, entries.summary AS summary, entries.content AS text, "
    "coalesce(entries.published, entries.updated, entries.first_updated) AS published, coalesce(feeds.user_title, feeds.title) AS source, "
    "entries.author AS author FROM entries LEFT JOIN feeds ON feeds.url = entries.feed"
)


def is_sqlite(head: bytes) -> bool:
    """An SQLite database."""
    return head.startswith(b"SQLite format 3\x00")


def is_parquet(head: bytes) -> bool:
    """A Parquet file."""
    return head.startswith(b"PAR1")


def sqlite_chunks(source: Source, start: int) -> Iterator[Chunk]:
    """Chunks of rows of the tables that hold items, numbered through. Raises UnreadableError where there is no such table."""
    if source.path is None:
        raise UnreadableError("a database inside another file: unpack it first")
    at = 0
    with closing(_open(source.path)) as conn:
        try:
            queries = list(_queries(conn))
        except sqlite3.Error as error:
            raise UnreadableError(f"damaged database: {error}") from error
        if not queries:
            raise UnreadableError("no table with a title or a text in this database")
        for query in queries:
            rows = conn.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]  # noqa: S608 - made of this database's own names, quoted
            for first in range(0, rows, ROWS):
                if at >= start:
                    yield Chunk("sqlite", source.name, first, (at + 1,), path=str(source.path), end=first + ROWS, note=query)
                at += 1


def _open(path: Path) -> sqlite3.Connection:
    try:
        conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise UnreadableError(f"cannot open the database: {error}") from error
    conn.row_factory = sqlite3.Row
    return conn


def _queries(conn: sqlite3.Connection) -> Iterator[str]:
    tables = {row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if {"entries", "feeds"} <= tables and {"id", "link", "content"} <= _columns(conn, "entries").keys():
        yield _READER + " ORDER BY entries.rowid"
        return
    for table in sorted(tables):
        columns = _columns(conn, table)
        known = dict(mapping(tuple(columns)))
        if {"title", "text"} <= known.keys() or ("title" in known and ("url" in known or "published" in known)):
            name = table.replace('"', '""')
            yield f'SELECT * FROM "{name}" ORDER BY 1'  # noqa: S608 - a name of this database, quoted


def _columns(conn: sqlite3.Connection, table: str) -> dict[str, str]:
    name = table.replace('"', '""')
    return {row[1]: row[2] for row in conn.execute(f'PRAGMA table_info("{name}")')}


def read_sqlite(chunk: Chunk, reading: Reading) -> Haul:
    """The rows of a chunk as items."""
    haul = Haul(size=0)
    with closing(_open(Path(chunk.path))) as conn:
        try:
            rows = conn.execute(f"{chunk.note} LIMIT {chunk.end - chunk.start} OFFSET {chunk.start}").fetchall()
        except sqlite3.Error as error:
            haul.fail(chunk.name, chunk.start, f"damaged database: {error}")
            return haul
    for number, row in enumerate(rows):
        _take({key: row[key] for key in row.keys()}, chunk, chunk.start + number, reading, haul)  # noqa: SIM118 - a Row is no mapping
    return haul


def _take(record: dict[str, Any], chunk: Chunk, number: int, reading: Reading, haul: Haul) -> None:
    haul.read += 1
    try:
        content = record.get("text")
        if isinstance(content, str) and content.startswith("[{") and "entries.content" in chunk.note:
            record["text"] = _reader_content(content)
        haul.items.append(item_from_columns(record, feed=chunk.name, own=tuple(reading.columns.items())))
    except ValueError as error:
        if str(error) == "no title and no text":
            haul.skipped[str(error)] += 1
        else:
            haul.fail(chunk.name, number, str(error))


def _reader_content(content: str) -> str:
    """reader keeps a list of contents as JSON."""
    import msgspec

    try:
        found = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return content
    return next((str(one["value"]) for one in found if isinstance(one, dict) and one.get("value")), "")


def parquet_chunks(source: Source, start: int) -> Iterator[Chunk]:
    """A chunk a row group."""
    if source.path is None:
        raise UnreadableError("a Parquet file inside another file: unpack it first")
    import pyarrow
    import pyarrow.parquet

    try:
        groups = pyarrow.parquet.ParquetFile(source.path).num_row_groups
    except (OSError, pyarrow.ArrowException) as error:
        raise UnreadableError(f"damaged Parquet file: {error}") from error
    for group in range(start, groups):
        yield Chunk("parquet", source.name, group, (group + 1,), path=str(source.path), end=group + 1)


def read_parquet(chunk: Chunk, reading: Reading) -> Haul:
    """The rows of a row group as items; only the columns that mean something are read."""
    import pyarrow
    import pyarrow.parquet

    haul = Haul(size=0)
    try:
        file = pyarrow.parquet.ParquetFile(chunk.path)
        own = tuple(reading.columns.items())
        wanted = sorted({column for _, columns in mapping(tuple(file.schema_arrow.names), own) for column in columns})
        number = 0
        for batch in file.iter_batches(batch_size=1_000, row_groups=[chunk.start], columns=wanted):
            for record in batch.to_pylist():
                _take(record, chunk, number, reading, haul)
                number += 1
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        haul.fail(chunk.name, chunk.start, f"row group {chunk.start}: {error}")
    return haul
