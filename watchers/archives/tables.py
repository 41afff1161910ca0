"""Defines the table formats: CSV and TSV with a header line, and GDELT's GKG, whose columns have no names."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from watchers.archives.chunk import Chunk, ChunkItems, ReadOptions
from watchers.archives.field_mapping import date_of, item_from_columns, mapping
from watchers.archives.html_page import decode
from watchers.archives.lines import BLOCK, LONGEST, line_chunks, read_lines
from watchers.archives.source import HEAD, ByteSource, UnreadableError, read_up_to, skip
from watchers.models.item import Item
from watchers.sources.sitemap import title_of
from watchers.text.html_text import line as one_line

csv.field_size_limit(LONGEST)
_GKG = re.compile(rb"(?:\d{14}-T?\d+\t\d{14}\t|GKGRECORDID\t)")
_DELIMITERS = ("\t", ",", ";", "|")
_TABLE = 3
"""Rows and columns at least of what is called a table though no column of it is known."""
_PAGE_TITLE = re.compile(r"<PAGE_TITLE>(.*?)</PAGE_TITLE>", re.DOTALL)


def is_gkg(head: bytes) -> bool:
    """A GKG 2 table: 27 columns by tabs, the first a record number, the second a time."""
    return _GKG.match(head) is not None and head.split(b"\n", 1)[0].count(b"\t") >= 15


def delimiter_of(head: bytes, own: tuple[str, ...] = ()) -> str:
    """The delimiter of a table with a header in which a title or a text is known, or all of a person's `own` columns are; "" for no such
    table. Raises UnreadableError for a table whose columns say nothing.
    """
    text = decode(head)
    first = text.split("\n", 1)[0].strip("\r")
    unknown: tuple[str, ...] = ()
    for delimiter in _DELIMITERS:
        columns = tuple(next(csv.reader([first], delimiter=delimiter), ()))
        named = bool(own) and set(own) <= set(columns)
        if len(columns) > 1 and (named or {"title", "text", "summary"} & dict(mapping(columns)).keys()):
            return delimiter
        if not unknown and _is_regular(text, delimiter, len(columns), whole=len(head) < HEAD):
            unknown = columns
    if unknown:
        known = ", ".join(unknown[:20])
        raise UnreadableError(f"a table of which no column is known: say which is which by --map title=COLUMN; there are {known}")
    return ""


def _is_regular(text: str, delimiter: str, columns: int, *, whole: bool) -> bool:
    """Whether the first rows all have so many columns, as no prose with commas in it has."""
    if columns < _TABLE:
        return False
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]
    except csv.Error:
        return False
    rows = rows if whole else rows[:-1]
    return len(rows) >= _TABLE and all(len(row) == columns for row in rows[:50])


def table_chunks(source: ByteSource, start: int, form: str) -> Iterator[Chunk]:
    """Chunks of whole rows: a line end outside quotes ends one. The header goes along in `note`."""
    with source.open() as stream:
        header = stream.readline(LONGEST)
        begin = max(start, len(header))
        skip(stream, begin) if stream.seekable() and start else skip_more(stream, begin - len(header))
        note = decode(header).rstrip("\r\n")
        left = b""
        while True:
            failure: UnreadableError | None = None
            try:
                data = read_up_to(stream, BLOCK)
            except UnreadableError as error:
                data, failure = b"", error
            block = left + data
            cut = _row_end(block) if data else len(block)
            if not cut and len(block) < LONGEST and data:
                left = block
                continue
            cut = cut or len(block)
            if cut:
                yield Chunk(form, source.name, begin, (begin + cut,), data=block[:cut], note=note)
                begin += cut
            left = block[cut:]
            if failure:
                raise failure
            if not data:
                return


def skip_more(stream: io.BufferedIOBase | object, size: int) -> None:
    """Goes on by so many bytes from where the stream is."""
    while size > 0:
        part = read_up_to(stream, min(size, 1 << 20))  # type: ignore[arg-type]
        if not part:
            return
        size -= len(part)


def _row_end(block: bytes) -> int:
    """Just after the last line end that lies outside quotes; 0 for none. A quote inside quotes is doubled, so their number tells."""
    end = block.rfind(b"\n") + 1
    odd = block.count(b'"', 0, end) % 2
    while end:
        if not odd:
            return end
        before = block.rfind(b"\n", 0, end - 1) + 1
        odd = (odd + block.count(b'"', before, end)) % 2
        end = before
    return 0


def read_table(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """The rows of a table as items."""
    chunk_items = ChunkItems(size=chunk.size)
    delimiter = {"csv": ",", "tsv": "\t", "ssv": ";", "psv": "|"}[chunk.format]
    columns = next(csv.reader([chunk.note], delimiter=delimiter), [])
    own = tuple(options.columns.items())
    if options.prescan is not None and not options.prescan.may_hit(chunk.data):
        chunk_items.read = chunk.data.count(b"\n")
        return chunk_items
    rows = csv.reader(io.StringIO(decode(chunk.data), newline=""), delimiter=delimiter)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return chunk_items
        except csv.Error as error:
            chunk_items.fail(chunk.name, chunk.start, f"row {rows.line_num} of the chunk: {error}")
            continue
        if not row:
            continue
        chunk_items.read += 1
        if len(row) > len(columns):
            reason = f"row {rows.line_num} of the chunk: {len(row)} columns where the header has {len(columns)}"
            chunk_items.fail(chunk.name, chunk.start, reason)
            continue
        try:
            chunk_items.items.append(item_from_columns(dict(zip(columns, row, strict=False)), feed=chunk.name, own=own))
        except ValueError as error:
            chunk_items.skipped[str(error)] += 1


def gkg_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """Chunks of whole lines."""
    return line_chunks(source, start, "gkg")


def read_gkg(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """Records of GDELT's knowledge graph: address, source, time, page title; names and themes serve as the text."""

    def parse(raw: bytes) -> Item:
        cells = raw.decode("utf-8", "replace").split("\t")
        if cells[0] == "GKGRECORDID":
            raise ValueError("no title and no text")
        if len(cells) < 16:
            raise ValueError(f"expected 27 columns, found {len(cells)}")
        url = cells[4]
        found = _PAGE_TITLE.search(cells[26]) if len(cells) > 26 else None
        title = one_line(found[1]) if found else title_of(url)
        names = ", ".join(part.split(",")[0] for part in (cells[23] if len(cells) > 23 else "").split(";") if part)
        if not (title or names):
            raise ValueError("no title and no text")
        host = cells[3] or urlsplit(url).hostname or ""
        return Item(feed=chunk.name, url=url, guid=cells[0], title=title, summary=names, published=date_of(cells[1]), source=host)

    return read_lines(chunk, options, parse)
