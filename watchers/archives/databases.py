"""Defines the formats with rows and types: SQLite databases (this bot's, lemon24 reader's, any with a table of items) and Parquet.

Both are read from any place, so one that lies inside another file is spooled to a temporary file, and its rows travel as JSON: the
temporary file is gone before a worker, perhaps on another machine, gets to them.
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from watchers.archives.chunk import Chunk, ChunkItems, ReadOptions
from watchers.archives.field_mapping import item_from_columns, mapping
from watchers.archives.source import ByteSource, UnreadableError, read_up_to

ROWS = 5_000
"""Rows of a chunk."""
SPOOLED = 4 << 30
"""Bytes of the largest database inside another file that is unpacked to a temporary one."""
_READER = (
    "SELECT entries.id AS id, entries.link AS url, entries.title AS title, entries.summary AS summary, entries.content AS text, "
    "coalesce(entries.published, entries.updated, entries.first_updated) AS published, coalesce(feeds.user_title, feeds.title) AS source, "
    "entries.author AS author FROM entries LEFT JOIN feeds ON feeds.url = entries.feed"
)


_OWN = (
    "SELECT guid AS id, url, title, summary, text, lang, published_at AS published, source, author, sponsored FROM items ORDER BY items.id"
)
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\s+TABLE", re.IGNORECASE)


def is_sqlite(head: bytes) -> bool:
    """An SQLite database."""
    return head.startswith(b"SQLite format 3\x00")


def is_parquet(head: bytes) -> bool:
    """A Parquet file."""
    return head.startswith(b"PAR1")


def sqlite_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """Chunks of rows of the tables that hold items, numbered through. Raises UnreadableError where there is no such table."""
    at = 0
    with _on_disk(source) as path, closing(_open(path, alone=source.path is None)) as conn:
        try:
            queries = list(_queries(conn))
        except sqlite3.Error as error:
            raise UnreadableError(f"damaged database: {error}") from error
        if not queries:
            raise UnreadableError("no table with a title or a text in this database")
        for query in queries:
            rows = conn.execute(f"SELECT count(*) FROM ({query})").fetchone()[0]  # noqa: S608 - made of this database's own names, quoted
            for first in range(0, rows, ROWS):
                if at >= start and source.path is None:
                    yield _carried(source, first, at + 1, _rows(conn, query, first, first + ROWS))
                elif at >= start:
                    yield Chunk("sqlite", source.name, first, (at + 1,), path=str(path), end=first + ROWS, note=query)
                at += 1


@contextmanager
def _on_disk(source: ByteSource) -> Iterator[Path]:
    """The file itself, or a temporary copy of it. Raises UnreadableError where that would be too large."""
    if source.path is not None:
        yield source.path
        return
    with tempfile.NamedTemporaryFile(prefix="seedwatch-") as held:
        size = 0
        with source.open() as stream:
            while part := read_up_to(stream, 1 << 20):
                size += len(part)
                if size > SPOOLED:
                    raise UnreadableError(f"larger than {SPOOLED / (1 << 30):g} GB inside another file: unpack it first")
                held.write(part)
        held.flush()
        yield Path(held.name)


def _carried(source: ByteSource, first: int, after: int, rows: Iterable[dict[str, Any]]) -> Chunk:
    """A chunk that holds its rows itself; bytes in them are nobody's text and stay out."""
    import msgspec

    records = [{key: value for key, value in row.items() if not isinstance(value, bytes)} for row in rows]
    return Chunk("json", source.name, first, (after,), data=msgspec.json.encode(records, enc_hook=str))


def _open(path: Path, *, alone: bool = False) -> sqlite3.Connection:
    """`alone`: nobody else can write it, so that it needs no files beside it."""
    try:
        conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}", uri=True)
    except sqlite3.Error as error:
        raise UnreadableError(f"cannot open the database: {error}") from error
    conn.row_factory = sqlite3.Row
    return conn


def _rows(conn: sqlite3.Connection, query: str, first: int, last: int) -> list[dict[str, Any]]:
    found = conn.execute(f"{query} LIMIT {last - first} OFFSET {first}").fetchall()
    records = [{key: row[key] for key in row.keys()} for row in found]  # noqa: SIM118 - a Row is no mapping
    if "entries.content" in query:
        for record in records:
            record["text"] = _reader_content(record["text"])
    return records


def _queries(conn: sqlite3.Connection) -> Iterator[str]:
    made = dict(tuple(row) for row in conn.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    indexes = tuple(f"{name}_" for name, sql in made.items() if _VIRTUAL.match(sql or ""))
    tables = {name for name in made if not name.startswith(indexes)}  # what an index keeps for itself is no table of items
    if {"items", "mentions", "hits", "deliveries"} <= tables:
        yield _OWN
        return
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


def read_sqlite(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """The rows of a chunk as items."""
    chunk_items = ChunkItems(size=0)
    with closing(_open(Path(chunk.path))) as conn:
        try:
            rows = _rows(conn, chunk.note, chunk.start, chunk.end)
        except sqlite3.Error as error:
            chunk_items.fail(chunk.name, chunk.start, f"damaged database: {error}")
            return chunk_items
    for number, row in enumerate(rows):
        _take(row, chunk, chunk.start + number, options, chunk_items)
    return chunk_items


def _take(record: dict[str, Any], chunk: Chunk, number: int, options: ReadOptions, chunk_items: ChunkItems) -> None:
    chunk_items.read += 1
    try:
        chunk_items.items.append(item_from_columns(record, feed=chunk.name, own=tuple(options.columns.items())))
    except ValueError as error:
        if str(error) == "no title and no text":
            chunk_items.skipped[str(error)] += 1
        else:
            chunk_items.fail(chunk.name, number, str(error))


def _reader_content(content: str | None) -> str:
    """reader keeps a list of contents as JSON."""
    import msgspec

    if not content or not content.startswith("[{"):
        return content or ""
    try:
        found = msgspec.json.decode(content)
    except msgspec.DecodeError:
        return content
    return next((str(one["value"]) for one in found if isinstance(one, dict) and one.get("value")), "")


def parquet_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """A chunk a row group."""
    import pyarrow
    import pyarrow.parquet

    with _on_disk(source) as path:
        try:
            groups = pyarrow.parquet.ParquetFile(path).num_row_groups
            for group in range(start, groups):
                if source.path is None:
                    yield _carried(source, group, group + 1, _group(path, group, None))
                else:
                    yield Chunk("parquet", source.name, group, (group + 1,), path=str(path), end=group + 1)
        except (OSError, pyarrow.ArrowException) as error:
            raise UnreadableError(f"damaged Parquet file: {error}") from error


def _group(path: Path | str, group: int, wanted: list[str] | None) -> Iterator[dict[str, Any]]:
    """The rows of a row group with the columns wanted; None for all."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    for batch in file.iter_batches(batch_size=1_000, row_groups=[group], columns=wanted):
        yield from batch.to_pylist()


def read_parquet(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """The rows of a row group as items; only the columns that mean something are read."""
    import pyarrow
    import pyarrow.parquet

    chunk_items = ChunkItems(size=0)
    try:
        names = pyarrow.parquet.ParquetFile(chunk.path).schema_arrow.names
        wanted = {column for _, columns in mapping(tuple(names), tuple(options.columns.items())) for column in columns}
        for number, record in enumerate(_group(chunk.path, chunk.start, sorted(wanted))):
            _take(record, chunk, number, options, chunk_items)
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        chunk_items.fail(chunk.name, chunk.start, f"row group {chunk.start}: {error}")
    return chunk_items
