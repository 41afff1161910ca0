"""Defines the web-archive formats: WARC (plain, or gzip with a member a record) with fastwarc, and the older ARC.

The bytes of an answer are scanned for names before anything in them is parsed; only pages in which a rule may hit become items. A WARC on
disk is cut at records, so that several workers share it: a plain one by its headers, a packed one at the members' marks.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from watchers.archives.columns import date_of
from watchers.archives.haul import Chunk, Haul, Reading
from watchers.archives.page import page_item
from watchers.archives.source import Source, UnreadableError, read_up_to, skip
from watchers.items import Item
from watchers.text import plain

BLOCK = 32 << 20
"""Bytes of a chunk that is read from its file."""
CARRIED = 8 << 20
"""Bytes of a chunk that carries them itself: several are held at once, and copied on their way to a worker."""
LARGEST = 16 << 20
"""A larger page is no article."""
_HELD = 2 * LARGEST
"""A larger record is not held in memory."""
_LENGTH = re.compile(rb"\r?\nContent-Length:\s*(\d+)", re.IGNORECASE)
_TYPE = re.compile(rb"\r?\nContent-Type:[^\r\n]*", re.IGNORECASE)
_NO_ASCII_INSIDE = ("utf-16", "utf-32", "utf-7", "iso-2022", "hz", "ibm", "cp037")
_MEMBER = b"\x1f\x8b\x08"
_LOOKED_AT = 10
"""Records at the beginning of a packed WARC by which one sees whether each has a gzip member of its own."""
_ARC_HEADER = re.compile(rb"^(\S.*?) (\S+) (\d{8,14}) (\S+) (\d+)\r?\n")


def is_warc(head: bytes) -> bool:
    """A plain WARC."""
    return head.lstrip(b"\r\n").startswith(b"WARC/")


def is_arc(head: bytes) -> bool:
    """An ARC, version 1."""
    return head.startswith(b"filedesc:")


def has_a_member_a_record(path: Path) -> bool:
    """Whether each of the first records of a packed WARC begins a gzip member, as the standard asks. One packed as a whole does not."""
    from fastwarc.warc import ArchiveIterator

    places: list[int] = []
    with path.open("rb") as stream:
        with contextlib.suppress(OSError, ValueError, RuntimeError, EOFError):  # who reads it says what is wrong
            for record in ArchiveIterator(stream, parse_http=False):
                places.append(record.stream_pos)
                if len(places) >= _LOOKED_AT:
                    break
        for place in places:
            stream.seek(place)
            if stream.read(len(_MEMBER)) != _MEMBER:
                return False
    return len(set(places)) == len(places)


def packed_chunks(source: Source, start: int) -> Iterator[Chunk]:
    """Chunks of a WARC of gzip members on disk, in bytes of the packed file."""
    assert source.path is not None
    size = source.path.stat().st_size
    step = BLOCK // 4  # pages shrink to a quarter
    while start < size:
        end = min(start + step, size)
        yield Chunk("warc", source.name, start, (end,), path=str(source.path), end=end, note="gz")
        start = end


def plain_chunks(source: Source, start: int) -> Iterator[Chunk]:
    """Chunks of a plain WARC: spans of a file, or the bytes themselves where it comes as a stream."""
    on_disk = source.path is not None
    with source.open() as stream:
        skip(stream, start)
        parts: list[bytes] = []
        begin, at = start, start
        while True:
            header, whole = _header(stream)
            if not header:
                break
            found = _LENGTH.search(header)
            # A header without a length ends what can be cut; the rest goes as one piece, and its reader says what is wrong.
            length = int(found[1]) if found and whole else 1 << 62
            if on_disk:
                got = _pass(stream, length)
            elif found and whole and length > _HELD:  # a film: its place stays, without its bytes
                header_alone = _LENGTH.sub(b"\r\nContent-Length: 0", header, count=1)
                parts += [_TYPE.sub(b"\r\nContent-Type: larger than %d MB" % (_HELD >> 20), header_alone, count=1), b"\r\n\r\n"]
                got = _read_past(stream, length)
            else:
                body = read_up_to(stream, min(length, _HELD))
                parts += [header, body]
                got = len(body)
            at += len(header) + got
            if at - begin >= (BLOCK if on_disk else CARRIED) or got < length:
                yield _span(source, begin, at, parts)
                begin, parts = at, []
            if got < length:
                break
        if at > begin:
            yield _span(source, begin, at, parts)


def _span(source: Source, begin: int, end: int, parts: list[bytes]) -> Chunk:
    if source.path is not None:
        return Chunk("warc", source.name, begin, (end,), path=str(source.path), end=end)
    return Chunk("warc", source.name, begin, (end,), data=b"".join(parts))


def _header(stream: BinaryIO) -> tuple[bytes, bool]:
    """The lines up to the empty one that ends a record's header, blank lines before it included; and whether it was whole."""
    lines: list[bytes] = []
    begun = False
    for _ in range(1_000):
        line = stream.readline(65_536)
        lines.append(line)
        if not line:
            return b"".join(lines), False
        if line.strip():
            begun = True
        elif begun:
            return b"".join(lines), True
    return b"".join(lines), False


def _pass(stream: BinaryIO, length: int) -> int:
    here = stream.tell()
    end = stream.seek(0, io.SEEK_END)
    stream.seek(min(here + length, end))
    return min(length, end - here)


def _read_past(stream: BinaryIO, length: int) -> int:
    done = 0
    while part := read_up_to(stream, min(length - done, 1 << 20)):
        done += len(part)
    return done


def read_warc(chunk: Chunk, reading: Reading) -> Haul:
    """The pages of a chunk that may hit."""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    haul = Haul(size=chunk.size)
    with _stream(chunk) as stream:
        start = _to_member(stream, chunk) if chunk.note == "gz" else chunk.start
        if start is None:
            return haul
        before = -1
        wanted = WarcRecordType.response | WarcRecordType.resource | WarcRecordType.conversion
        try:
            for record in ArchiveIterator(stream, record_types=wanted, parse_http=True, auto_decode="all"):
                offset = record.stream_pos if chunk.path else chunk.start + record.stream_pos
                if chunk.path and offset >= chunk.end:
                    break
                haul.read += 1
                if offset == before and chunk.note == "gz":
                    # Where in it a record lies is not told, so that those at the edge of a span may be nobody's.
                    haul.fail(chunk.name, offset, "records share a gzip member: some may be missed; unpack the file")
                before = offset
                try:
                    _take(record, chunk, reading, haul)
                except (OSError, ValueError, RuntimeError, EOFError) as error:
                    haul.fail(chunk.name, offset, str(error))
        except (OSError, ValueError, RuntimeError, EOFError) as error:
            haul.fail(chunk.name, chunk.start, f"the archive ends in the middle of a record or is damaged: {error}")
    return haul


def _stream(chunk: Chunk) -> BinaryIO:
    if not chunk.path:
        return io.BytesIO(chunk.data)
    stream = Path(chunk.path).open("rb")  # noqa: SIM115 - the caller closes it
    stream.seek(chunk.start)
    return stream


def _to_member(stream: BinaryIO, chunk: Chunk) -> int | None:
    """Goes to the first gzip member that begins at or after the span's start; None where there is none in it."""
    if chunk.start == 0:
        return 0
    import zlib

    window, base = b"", chunk.start
    while base < chunk.end:
        data = stream.read(1 << 20)
        if not data:
            return None
        window = window[-2:] + data
        at = window.find(_MEMBER)
        while at >= 0:
            place = base - (len(window) - len(data)) + at
            if place >= chunk.end:
                return None
            # The mark may stand in packed bytes by chance: a record must come out of it.
            back = stream.tell()
            stream.seek(place)
            try:
                opened = zlib.decompressobj(31).decompress(stream.read(4_096), 16)
            except zlib.error:
                opened = b""
            if opened.lstrip(b"\r\n").startswith(b"WARC/"):
                stream.seek(place)
                return place
            stream.seek(back)
            at = window.find(_MEMBER, at + 1)
        base += len(data)
    return None


def _take(record: Any, chunk: Chunk, reading: Reading, haul: Haul) -> None:
    kind = (record.http_content_type if record.is_http else record.headers.get("Content-Type", "")) or ""
    if record.is_http and record.http_headers is not None and record.http_headers.status_code not in {200, None}:
        haul.skipped["not a page: status other than 200"] += 1
        return
    if not ("html" in kind or "text/plain" in kind or not kind):
        haul.skipped["not a page: " + kind.partition(";")[0].strip()[:40]] += 1
        return
    body = record.reader.read(LARGEST)
    charset = (record.http_charset if record.is_http else "") or ""
    scannable = not charset.lower().startswith(_NO_ASCII_INSIDE)
    if reading.prescan is not None and scannable and not reading.prescan.may_hit(body):
        return
    url = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if "html" not in kind:
        haul.items.append(_text_item(body, chunk.name, url, record.record_date))
        return
    haul.items.append(page_item(body, feed=chunk.name, url=url, charset=charset, seen=record.record_date))


def _text_item(body: bytes, feed: str, url: str, seen: Any) -> Item:
    """A page whose text was extracted already (a WET file)."""
    title, _, text = body.decode("utf-8", "replace").strip().partition("\n")
    if not (title or text):
        raise ValueError("no title and no text")
    return Item(feed=feed, url=url, title=plain(title.replace("<", "&lt;"))[:300], text=text.strip()[:200_000], published=seen)


def arc_chunks(source: Source, start: int) -> Iterator[Chunk]:
    """An ARC a record a chunk-part; records are gathered up to the size of a chunk."""
    with source.open() as stream:
        skip(stream, start)
        parts: list[bytes] = []
        begin = at = start
        while True:
            line = stream.readline(65_536)
            if not line:
                break
            found = _ARC_HEADER.match(line)
            if found is None:
                at += len(line)
                if line.strip():
                    parts.append(line)  # its reader counts it as broken
                continue
            body = read_up_to(stream, min(int(found[5]), LARGEST * 4))
            parts += [line, body]
            at += len(line) + len(body)
            if at - begin >= CARRIED:
                yield Chunk("arc", source.name, begin, (at,), data=b"".join(parts))
                begin, parts = at, []
        if parts:
            yield Chunk("arc", source.name, begin, (at,), data=b"".join(parts))


def read_arc(chunk: Chunk, reading: Reading) -> Haul:
    """The pages of an ARC chunk that may hit."""
    haul = Haul(size=chunk.size)
    stream = io.BytesIO(chunk.data)
    while True:
        place = stream.tell()
        line = stream.readline()
        if not line:
            return haul
        found = _ARC_HEADER.match(line)
        if found is None:
            haul.fail(chunk.name, chunk.start + place, f"expected an ARC record's header, found {line[:60]!r}")
            continue
        body = stream.read(int(found[5]))
        url, kind = found[1].decode("utf-8", "replace"), found[4].decode("ascii", "replace")
        if url.startswith("filedesc:"):
            continue
        haul.read += 1
        if len(body) < int(found[5]):
            haul.fail(chunk.name, chunk.start + place, "the archive ends in the middle of a record")
        header, _, page = body.partition(b"\r\n\r\n") if body.startswith(b"HTTP/") else (b"", b"", body)
        if "html" not in kind:
            haul.skipped["not a page: " + kind[:40]] += 1
        elif reading.prescan is None or reading.prescan.may_hit(page):
            label = re.search(rb"charset=([\w-]+)", header)
            try:
                seen = date_of(found[3].decode())
                charset = label[1].decode() if label else ""
                haul.items.append(page_item(page, feed=chunk.name, url=url.replace(" ", "%20"), charset=charset, seen=seen))
            except ValueError as error:
                haul.fail(chunk.name, chunk.start + place, str(error))


__all__ = ["UnreadableError", "arc_chunks", "is_arc", "is_warc", "packed_chunks", "plain_chunks", "read_arc", "read_warc"]
