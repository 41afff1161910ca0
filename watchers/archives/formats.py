"""Detects formats and reads archives: `sources_of` (paths → sources), `chunks_of` (a source → chunks, containers unpacked), `read_chunk`.

The content of a source decides its format, never its name. Containers (folders, tar, zip) return their members one after another; a
position inside them is a tuple of indexes, so that an interrupted run resumes in the same member.
"""

from __future__ import annotations

import glob
import io
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, BinaryIO, cast

from watchers.archives import databases, documents, json_elements, lines, tables, warc
from watchers.archives.address_hints import with_address_hints
from watchers.archives.chunk import Chunk, ChunkItems, Place, ReadOptions
from watchers.archives.source import (
    HEAD,
    ByteSource,
    UnreadableError,
    bytes_source,
    compression,
    file_source,
    read_up_to,
    transcoded,
    unpacked,
    wide_charset,
)
from watchers.extras import install_hint, missing_modules
from watchers.text.html_text import is_html

FORMATS: dict[str, tuple[Callable[[ByteSource, int], Iterator[Chunk]], Callable[[Chunk, ReadOptions], ChunkItems]]] = {
    "jsonl": (lambda source, start: lines.line_chunks(source, start, "jsonl"), lines.read_json_lines),
    "json": (json_elements.document_chunks, documents.read_json),
    "array": (json_elements.list_chunks, documents.read_json),
    "csv": (lambda source, start: tables.table_chunks(source, start, "csv"), tables.read_table),
    "tsv": (lambda source, start: tables.table_chunks(source, start, "tsv"), tables.read_table),
    "ssv": (lambda source, start: tables.table_chunks(source, start, "ssv"), tables.read_table),
    "psv": (lambda source, start: tables.table_chunks(source, start, "psv"), tables.read_table),
    "gkg": (tables.gkg_chunks, tables.read_gkg),
    "warc": (warc.plain_chunks, warc.read_warc),
    "warc.gz": (warc.packed_chunks, warc.read_warc),
    "arc": (warc.arc_chunks, warc.read_arc),
    "feed": (lambda source, start: documents.whole_chunk(source, start, "feed"), documents.read_feed),
    "sitemap": (lambda source, start: documents.whole_chunk(source, start, "sitemap"), documents.read_sitemap_file),
    "html": (lambda source, start: documents.whole_chunk(source, start, "html"), documents.read_page),
    "text": (lambda source, start: documents.whole_chunk(source, start, "text"), documents.read_text),
    "mbox": (documents.mbox_chunks, documents.read_mbox),
    "mail": (lambda source, start: documents.whole_chunk(source, start, "mail"), documents.read_mail),
    "sqlite": (databases.sqlite_chunks, databases.read_sqlite),
    "parquet": (databases.parquet_chunks, databases.read_parquet),
}
"""By name: the function that splits a source into chunks, and the function that reads a chunk."""
CHOICES = tuple(sorted(FORMATS.keys() - {"array", "ssv", "psv", "warc.gz"}))
"""The values of `--format`."""
_TESTS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("warc", warc.is_warc), ("arc", warc.is_arc), ("sqlite", databases.is_sqlite), ("parquet", databases.is_parquet),
    ("gkg", tables.is_gkg), ("sitemap", documents.is_sitemap), ("feed", documents.is_feed), ("html", is_html),
    ("mbox", documents.is_mbox),
)  # fmt: skip
_NEEDS = {
    "warc": ("fastwarc", "resiliparse"), "arc": ("fastwarc", "resiliparse"), "html": ("resiliparse",), "parquet": ("pyarrow",),
}  # fmt: skip
"""Modules of the extra "archives" without which a format is not read."""
_DELIMITED = {",": "csv", "\t": "tsv", ";": "ssv", "|": "psv"}
_NOT_ITEMS = re.compile(r"(?:^|/)(?:manifest|index)\.jsonl?$|(?:^|/)LICENSE|(?:^|/)README", re.IGNORECASE)


def form_of(head: bytes, own: tuple[str, ...] = ()) -> str:
    """What bytes without compression are: a key of FORMATS, "tar", "zip", "" for nothing known. `own`: columns that a person named. Raises
    UnreadableError for a table of which no column is known.
    """
    known = container_of(head) or next((form for form, test in _TESTS if test(head)), "")
    return known or _text_form(head, own)


def container_of(head: bytes) -> str:
    """ "zip", "tar", or "" for neither."""
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    return "tar" if head[257:262] == b"ustar" else ""


def _text_form(head: bytes, own: tuple[str, ...]) -> str:
    """What text without marks of its own is."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if lines.begins_list(start):
        return "array"
    if start.startswith(b"{"):
        return "jsonl" if lines.is_json_lines(head) else "json"
    if b"\x00" in head[:4_096] or not start:
        return ""
    delimiter = tables.delimiter_of(head, own)
    if delimiter:
        return _DELIMITED[delimiter]
    return "mail" if documents.is_mail(head) else "text"


def chunks_of(source: ByteSource, start: Place = (), *, form: str = "", own: tuple[str, ...] = ()) -> Iterator[Chunk]:
    """The chunks of a source from a place on. `form`: a person's word for what it is, `own`: the columns they named. Raises UnreadableError
    with the reason.
    """
    head = source.head()
    if not head:
        raise UnreadableError("empty")
    kind = compression(head)
    if kind:
        inner = unpacked(source, kind)
        inside = _head_inside(inner, kind, head)
        is_warc = form == "warc" or (not form and warc.is_warc(inside))
        if kind == "gz" and source.path is not None and is_warc and warc.has_small_members(source.path):
            _need_extra("warc")
            yield from FORMATS["warc.gz"][0](source, start[0] if start else 0)
            return
        yield from chunks_of(inner, start, form=form, own=own)
        return
    charset = wide_charset(head)
    if charset:
        source = transcoded(source, charset)
        head = source.head()
    found = container_of(head) or form or form_of(head, own)
    if found in {"tar", "zip"}:
        members = _tar(source) if found == "tar" else _zip(source)
        yield from _inside(members, start, form, own)
        return
    found = "array" if found == "json" and lines.begins_list(head) else found
    if found not in FORMATS:
        raise UnreadableError("of no kind that is known; name it with --format, or leave it out")
    _need_extra(found)
    try:
        yield from FORMATS[found][0](source, start[0] if start else 0)
    except (OSError, EOFError, ValueError, RuntimeError) as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from error


def _need_extra(form: str) -> None:
    """Raises UnreadableError where the packages are missing that a format needs."""
    if missing_modules(_NEEDS.get(form, ())):
        raise UnreadableError(f"{form} needs {install_hint('archives')}")


def _head_inside(inner: ByteSource, kind: str, head: bytes) -> bytes:
    """The first plain bytes; of a gzip that is cut or damaged soon, as far as they go."""
    try:
        return inner.head()
    except UnreadableError:
        if kind != "gz":
            raise
        import zlib

        try:
            return zlib.decompressobj(31).decompress(head, HEAD)
        except zlib.error:
            return b""


def _inside(members: Iterable[ByteSource], start: Place, form: str, own: tuple[str, ...]) -> Iterator[Chunk]:
    """The chunks of each member; the places carry its number in front."""
    first, rest = (start[0], start[1:]) if start else (0, ())
    for number, member in enumerate(members):
        if number < first:
            continue
        try:
            for chunk in chunks_of(member, rest if number == first else (), form=form, own=own):
                yield replace(chunk, next=(number, *chunk.next))
        except UnreadableError as error:
            yield Chunk("refused", member.name, note=str(error), next=(number + 1,))


def _tar(source: ByteSource) -> Iterator[ByteSource]:
    with source.open() as stream:
        try:
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                for entry in archive:
                    if entry.isfile() and not _NOT_ITEMS.search(entry.name):
                        opened = archive.extractfile(entry)
                        if opened is not None:
                            yield _member(f"{source.name}!{entry.name}", opened, entry.size)
        except (tarfile.TarError, OSError, EOFError) as error:
            raise UnreadableError(f"damaged tar: {error}") from error


def _zip(source: ByteSource) -> Iterator[ByteSource]:
    with source.open() as stream:
        seekable = stream if stream.seekable() else cast("BinaryIO", io.BytesIO(stream.read()))
        try:
            with zipfile.ZipFile(seekable) as archive:
                for entry in archive.infolist():
                    if not entry.is_dir() and not _NOT_ITEMS.search(entry.filename):
                        with archive.open(entry) as opened:
                            yield _member(f"{source.name}!{entry.filename}", cast("BinaryIO", opened), entry.file_size)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise UnreadableError(f"damaged zip: {error}") from error


def _member(name: str, stream: IO[bytes], size: int) -> ByteSource:
    """A member: held in memory where it is small, else on disk for as long as it is read, because it is opened more than once."""
    if size <= json_elements.LARGEST // 8:
        return bytes_source(name, stream.read())
    import tempfile

    held = tempfile.NamedTemporaryFile(prefix="seedwatch-", delete=True)  # noqa: SIM115 - lives as long as the Source that holds it
    while part := stream.read(1 << 20):
        held.write(part)
    held.flush()
    return ByteSource(name, lambda: open(held.name, "rb"), None)  # noqa: PTH123


def read_chunk(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """Reads the items of a chunk that may match and are in the range of dates. Raises nothing: failures are counted."""
    if chunk.format == "refused":
        chunk_items = ChunkItems()
        chunk_items.fail(chunk.name, 0, chunk.note)
        return chunk_items
    if chunk.format == json_elements.BROKEN:
        chunk_items = ChunkItems(read=1)
        chunk_items.fail(chunk.name, chunk.start, chunk.note)
        return chunk_items
    reader = FORMATS[chunk.format][1]
    try:
        chunk_items = reader(chunk, options)
    except Exception as error:  # an unexpected record must not end the run; it is reported as broken
        chunk_items = ChunkItems(size=chunk.size)
        chunk_items.fail(chunk.name, chunk.start, f"{type(error).__name__}: {error}")
    chunk_items.items = [with_address_hints(item, options.now) for item in chunk_items.items]
    if options.since or options.until:
        kept = []
        for item in chunk_items.items:
            when = item.published
            if when is not None and ((options.since and when < options.since) or (options.until and when >= options.until)):
                chunk_items.skipped["outside the dates"] += 1
            else:
                kept.append(item)
        chunk_items.items = kept
    return chunk_items


def sources_of(paths: Sequence[str]) -> Iterator[tuple[ByteSource, str]]:
    """Yields the sources of each path (file, folder or glob) in a fixed order, each with its problem ("" for none)."""
    for path in paths:
        given = Path(path)
        if given.is_dir():
            found = sorted(one for one in given.rglob("*") if one.is_file() and not _NOT_ITEMS.search(one.as_posix()))
            if not found:
                yield ByteSource(path, io.BytesIO), "an empty folder"
            yield from ((file_source(one), "") for one in found)
        elif given.exists():
            yield file_source(given), ""
        else:
            matched = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else []  # noqa: PTH207 - absolute patterns too
            if not matched:
                yield ByteSource(path, io.BytesIO), "no such file or folder"
            yield from sources_of(matched)


__all__ = ["CHOICES", "FORMATS", "HEAD", "chunks_of", "container_of", "form_of", "read_chunk", "read_up_to", "sources_of"]
