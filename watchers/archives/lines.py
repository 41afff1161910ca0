"""Defines the formats that are read line by line: JSON Lines, and GDELT's GKG and other tables without quotes come after the same cutting.

A file on disk is cut into spans without reading it; a stream is cut at line ends. Only lines that may hit are parsed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from watchers.archives.byte_filter import is_utf8
from watchers.archives.chunk import Chunk, ChunkItems, ReadOptions
from watchers.archives.field_mapping import item_from_columns
from watchers.archives.html_page import decode
from watchers.archives.source import HEAD, ByteSource, UnreadableError, read_up_to, skip

BLOCK = 2 << 20
"""Minimum bytes of a chunk. A killed run repeats at most one chunk per worker, so chunks stay small."""
SPAN = 8 << 20
"""Bytes of a chunk of a large file. A worker matches all candidate lines of a chunk together, which is faster than a few at a time."""
SPANS = 32
"""Minimum number of chunks of a file, unless they would be smaller than a block, so that all workers are busy to the end."""
PIECE = 1 << 18
"""Bytes that are checked, counted and scanned together, so that they stay in the processor's cache."""
LONGEST = 64 << 20
"""A longer line is no record."""
LISTS = ("articles", "items", "entries", "data", "results", "records", "docs", "documents", "rows", "news", "hits", "feed", "posts")
"""Under what names an object holds records."""
_END, _RETURN, _OPENS, _CLOSES = b"\n\r{}"
_STRING = rb'"(?:[^"\\]|\\.)*"'
_HOLDS = re.compile(
    rb'\s*\{\s*(?:"(?!title|headline)[^"\\]*"\s*:\s*(?:%b|[\w.+-]+|\{[^{}]*\})\s*,\s*)*"(?:%b)"\s*:\s*\[\s*\{'
    % (_STRING, "|".join(LISTS).encode())
)
"""The beginning of an object that is no record itself: before its list stand only short things, and no title."""
_decode = msgspec.json.Decoder().decode


def begins_list(head: bytes) -> bool:
    """A JSON list."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")


def is_json_lines(head: bytes) -> bool:
    """Objects, one a line (the last may be cut); not a single one that holds a list of records."""
    lines = head.lstrip(b"\xef\xbb\xbf").strip().split(b"\n")[:3]
    if not lines[0].lstrip().startswith(b"{"):
        return False
    if len(lines) == 1:
        return not _HOLDS.match(lines[0]) and (_is_object(lines[0]) or (len(head) >= HEAD and not _ends_inside(lines[0])))
    whole = lines[:-1] if len(head) >= HEAD else lines
    return any(_is_object(line) for line in whole)


def _ends_inside(line: bytes) -> bool:
    """Whether an object ends before the line does: another one follows in it."""
    try:
        json.JSONDecoder(strict=False).raw_decode(decode(line))
    except (ValueError, RecursionError):
        return False
    return True


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(_record(line), dict)
    except ValueError:
        return False


def line_chunks(source: ByteSource, start: int, form: str, *, note: str = "", first: int = 0) -> Iterator[Chunk]:
    """Chunks of whole lines from byte `start` (0 or where a chunk ended); `first`: bytes of a header to leave out."""
    start = max(start, first)
    if source.path is not None:
        size = source.path.stat().st_size
        span = min(SPAN, max(BLOCK, size // SPANS))
        while start < size:
            end = min(start + span, size)
            yield Chunk(form, source.name, start, (end,), path=str(source.path), end=end, note=note or str(first))
            start = end
        return
    with source.open() as stream:
        skip(stream, start)
        yield from _blocks(source, stream, start, form, note)


def _blocks(source: ByteSource, stream: Any, start: int, form: str, note: str) -> Iterator[Chunk]:
    left = b""
    while True:
        failure: UnreadableError | None = None
        try:
            data = read_up_to(stream, BLOCK)
        except UnreadableError as error:
            data, failure = b"", error
        cut = data.rfind(b"\n") + 1
        if not cut and data and len(left) < LONGEST:
            left += data
            continue
        block, left = left + (data[:cut] if cut else data), data[cut:] if cut else b""
        if block:
            yield Chunk(form, source.name, start, (start + len(block),), data=block, note=note)
            start += len(block)
        if failure:
            raise failure
        if not data:
            return


def pieces_of(chunk: Chunk) -> Iterator[tuple[bytes, int]]:
    """The whole lines that begin inside a chunk, piece by piece, each with the offset of its first; a span is read from its file."""
    if not chunk.path:
        yield from _cut(chunk.data, chunk.start)
        return
    first = int(chunk.note or 0) if chunk.note.isdigit() else 0
    with Path(chunk.path).open("rb") as stream:
        # A span begins and ends anywhere: the line that is cut there belongs to the one before.
        start = _line_end(stream, chunk.start) if chunk.start > first else chunk.start
        while start < chunk.end:
            end = _line_end(stream, min(start + PIECE, chunk.end))
            stream.seek(start)
            data = stream.read(end - start)
            if not data:
                return
            yield data, start
            start += len(data)


def _line_end(stream: BinaryIO, place: int) -> int:
    """Where the line ends that holds the byte before `place`; known before a piece is read, none has to be copied to be made whole."""
    stream.seek(place - 1)
    return place - 1 + len(stream.readline(LONGEST))


def _cut(data: bytes, offset: int) -> Iterator[tuple[bytes, int]]:
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + PIECE) + 1 or len(data)
        yield data[start:end], offset + start
        start = end


def read_lines(chunk: Chunk, options: ReadOptions, parse: Callable[[bytes], Any], *, objects: bool = False) -> ChunkItems:
    """Parses the lines that may hit; `parse` gives an item, or raises ValueError with the reason.

    Of `objects`, lines that do not begin and end as one are parsed too, whatever they hold: they are broken as a rule, and that is told.
    """
    chunk_items = ChunkItems(size=chunk.size)
    for block, offset in pieces_of(chunk):
        count, odd = _counted(block, objects=objects)
        chunk_items.read += count
        places = options.prescan.lines(block) if options.prescan is not None and is_utf8(block) else _all_lines(block)
        for start, end in sorted({*places, *odd}) if odd else places:
            line = block[start:end].strip().removeprefix(b"\xef\xbb\xbf")
            if not line:
                chunk_items.read -= 1
                continue
            try:
                chunk_items.items.append(parse(line))
            except ValueError as error:
                if str(error) == "no title and no text":
                    chunk_items.skipped[str(error)] += 1
                else:
                    chunk_items.fail(chunk.name, offset + start, str(error))
    return chunk_items


def _counted(block: bytes, *, objects: bool) -> tuple[int, list[tuple[int, int]]]:
    """Returns the number of lines, and with `objects` the spans of lines that are not one object. NumPy, because `bytes.count` is slow."""
    import numpy as np

    letters = np.frombuffer(block, np.uint8)
    if not objects:
        return int(np.count_nonzero(letters == _END)) + (not block.endswith(b"\n")), []
    ends = np.flatnonzero(letters == _END)
    starts = np.concatenate(([0], ends + 1))
    ends = np.append(ends, len(block))
    if block.endswith(b"\n"):
        starts, ends = starts[:-1], ends[:-1]
    last = letters[ends - 1]
    if (last == _RETURN).any():
        last = np.where(last == _RETURN, letters[ends - 2], last)
    odd = np.flatnonzero((letters[starts] != _OPENS) | (last != _CLOSES))
    return len(starts), [(int(starts[at]), int(ends[at])) for at in odd]


def _all_lines(block: bytes) -> list[tuple[int, int]]:
    places, start = [], 0
    while start < len(block):
        end = block.find(b"\n", start)
        end = len(block) if end < 0 else end
        places.append((start, end))
        start = end + 1
    return places


def _record(line: bytes) -> Any:
    """The value of a line. What the fast decoder refuses though people write it is read too: NaN, lone surrogates, other charsets."""
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        try:
            found = json.loads(decode(line), strict=False)
            return json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise ValueError(f"no JSON: {error}") from error


def read_json_lines(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """JSON Lines of items, with columns of any usual name."""
    own = tuple(options.columns.items())

    def parse(line: bytes) -> Any:
        record = _record(line)
        if not isinstance(record, dict):
            raise ValueError(f"expected an object, got {type(record).__name__}")
        return item_from_columns(record, feed=chunk.name, own=own)

    return read_lines(chunk, options, parse, objects=True)
