"""Defines the web-archive formats: WARC (plain, or gzip with a member a record), and the older ARC.

The bytes of an answer are scanned for names before anything in them is parsed; only pages in which a rule may hit become items. A WARC on
disk is cut into spans, so that several workers share it: a plain one between records, a packed one anywhere, because members have marks.
fastwarc's iterator of records is not used: it stops at the first record whose coding the payload does not have, and it does not see what
a wrong length hides. For sound archives the iterator is the faster one; reading on behind damage costs that difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from watchers.archives.address_hints import date_in_address
from watchers.archives.chunk import Chunk, ChunkItems, ReadOptions
from watchers.archives.field_mapping import date_of
from watchers.archives.html_page import decode, page_item
from watchers.archives.http_response import HttpResponse, decode_payload, is_text, parse_headers, parse_response
from watchers.archives.source import GZIP_MARK, MEMBER_SEEN, ByteSource, begins_member, inflater, skip
from watchers.archives.warc_records import (
    ARC,
    CUT,
    WARC,
    WRONG_LENGTH,
    FileWindow,
    Layout,
    StreamWindow,
    Window,
    end_of_stream,
    find_record,
    piece_reader,
)
from watchers.models.item import Item
from watchers.text.dates import plausible_date
from watchers.text.html_text import begins_html, is_html, plain

BLOCK = 32 << 20
"""Bytes of a chunk that is read from its file."""
CARRIED = 8 << 20
"""Bytes of a chunk that carries them itself: several are held at once, and copied on their way to a worker."""
LARGEST = 16 << 20
"""A larger page is no article."""
_HELD = 2 * LARGEST
"""A larger record is not held in memory."""
_WANTED = frozenset({"response", "resource", "conversion"})
"""Types of records that hold a page."""
_NO_ASCII_INSIDE = ("utf-16", "utf-32", "utf-7", "iso-2022", "hz", "ibm", "cp037")
_MORE = "more"
"""The note of a chunk behind which the archive goes on: its last record is whole."""
_LARGE = "large"
"""The note of a chunk in place of a record that is too large."""
_ALONE = (_LARGE, CUT)
"""Notes of such chunks; the latter where the archive ends in it."""
_PACKED = "gz"
_BLOCK_OF_PACKED = 1 << 18
_UNPACKED_AT_ONCE = 1 << 14
"""Bytes: what of them belongs to the next member is copied."""
_EMPTY = "no title and no text"
_NO_TEXT = "not a page: of no type, and no text"
_ARC_LINE = re.compile(rb"(\S.*?) \S+ (\d{8,20}) (\S+) \S+\r?\n\Z")


def is_warc(head: bytes) -> bool:
    """A plain WARC."""
    return head.lstrip(b"\r\n").startswith(b"WARC/")


def is_arc(head: bytes) -> bool:
    """An ARC, version 1."""
    return head.startswith(b"filedesc:")


def has_small_members(path: Path) -> bool:
    """Whether a packed WARC is one of many gzip members, as the standard asks, or damaged where that would show. One packed as a whole is
    not.
    """
    with path.open("rb") as stream:
        member = _Member(_Packed(stream), 0)
        size = 0
        while size < CARRIED and (part := member.pull()):
            size += len(part)
        return member.ended or member.failed != ""


def packed_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """Chunks of a WARC of gzip members on disk, in bytes of the packed file."""
    assert source.path is not None
    size = source.path.stat().st_size
    step = BLOCK // 4  # pages shrink to a quarter
    while start < size:
        end = min(start + step, size)
        yield Chunk("warc", source.name, start, (end,), path=str(source.path), end=end, note=_PACKED)
        start = end


def plain_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """Chunks of a plain WARC, cut between records."""
    return _chunks(source, start, "warc", WARC)


def arc_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """Chunks of an ARC, cut between records."""
    return _chunks(source, start, "arc", ARC)


def _chunks(source: ByteSource, start: int, form: str, layout: Layout) -> Iterator[Chunk]:
    """Spans of a file, or the bytes themselves where it comes as a stream. Raises UnreadableError behind the last where it is damaged."""
    with source.open() as stream:
        if source.path is not None:
            for begin, end, note in _spans(FileWindow(stream), start, layout, BLOCK):
                yield Chunk(form, source.name, begin, (end,), path="" if note in _ALONE else str(source.path), end=end, note=note)
            return
        skip(stream, start)
        pull, failed = piece_reader(stream)
        window = StreamWindow(pull, start, held=2 * _HELD)
        for begin, end, note in _spans(window, start, layout, CARRIED):
            data = b"" if note in _ALONE else window.read(begin, end - begin)
            yield Chunk(form, source.name, begin, (end,), data=data, note=note)
            window.keep(end)
        if failed:
            raise failed[0]


def _spans(window: Window, begin: int, layout: Layout, size: int) -> Iterator[tuple[int, int, str]]:
    """Begin, end and note of chunks of `size` bytes or a little more."""
    at = begin
    while (record := find_record(window, at, layout, whole=False, held=_HELD)) is not None:
        if record.size > _HELD:
            if record.start > begin:
                yield begin, record.start, _MORE
            if record.broken or layout is ARC or parse_headers(record.header).get("warc-type", "").lower() in _WANTED:
                yield record.start, record.next, record.broken or _LARGE
            begin = at = record.next
            continue
        at = record.next
        if at - begin >= size:
            yield begin, at, "" if record.broken else _MORE
            begin = at
    if at > begin:
        yield begin, at, ""


def read_warc(chunk: Chunk, reading: ReadOptions) -> ChunkItems:
    """The pages of a chunk that may hit."""
    chunk_items = ChunkItems(size=chunk.size)
    pages = _Pages(chunk, reading, chunk_items)
    if chunk.note == _PACKED:
        with Path(chunk.path).open("rb") as stream:
            _read_members(_Packed(stream), chunk, pages)
    else:
        _read_span(chunk, WARC, pages, pages.take_warc)
    return chunk_items


def read_arc(chunk: Chunk, reading: ReadOptions) -> ChunkItems:
    """The pages of an ARC chunk that may hit."""
    chunk_items = ChunkItems(size=chunk.size)
    pages = _Pages(chunk, reading, chunk_items)
    _read_span(chunk, ARC, pages, pages.take_arc)
    return chunk_items


def _read_span(chunk: Chunk, layout: Layout, pages: _Pages, take: Callable[[bytes, bytes, int], None]) -> None:
    if chunk.note == _LARGE:
        pages.too_large()
        return
    if chunk.note == CUT:
        pages.broken(chunk.start, CUT)
        return
    if chunk.path:
        with Path(chunk.path).open("rb") as stream:
            _read_records(FileWindow(stream), chunk, layout, pages, take)
    else:
        _read_records(StreamWindow(end_of_stream, chunk.start, chunk.data), chunk, layout, pages, take)


def _read_records(window: Window, chunk: Chunk, layout: Layout, pages: _Pages, take: Callable[[bytes, bytes, int], None]) -> None:
    at, end = chunk.start, chunk.start + chunk.size
    while at < end and (record := find_record(window, at, layout, whole=chunk.note == _MORE, held=_HELD)) is not None:
        if record.start >= end:
            break
        at = record.next
        if record.broken:
            pages.broken(record.start, record.broken, partly=bool(record.header))
        if record.repaired:
            pages.repaired(record.start, record.repaired)
        if record.header:  # of what the end of the archive broke off, as much as there is
            take(record.header, window.read(record.body, record.size), record.start)


class _Packed:
    """A packed file, read a block at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._file, self._at, self._block = stream.fileno(), 0, b""

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes from a place on; fewer at the end."""
        start = at - self._at
        if start < 0 or start + size > len(self._block):
            self._block, self._at, start = os.pread(self._file, max(size, _BLOCK_OF_PACKED), at), at, 0
        return self._block[start : start + size]


class _Member:
    """A gzip member of a file, or several over which a record goes."""

    def __init__(self, file: _Packed, start: int) -> None:
        self.start, self.next = start, start
        """Where it begins, and where what was not yet unpacked does."""
        self.failed = ""
        """Why not all of it could be unpacked."""
        self.ended = False
        """Whether it was read to its end."""
        self._file = file
        self._new, self._error = inflater()
        self._inflater = self._new(31)

    def pull(self) -> bytes:
        """Some plain bytes; none at the end."""
        while not (self.ended or self.failed):
            packed = self._file.read(self.next, _UNPACKED_AT_ONCE)
            if not packed:
                self.failed = CUT
                break
            try:
                plain_bytes: bytes = self._inflater.decompress(packed)
            except self._error as error:
                self.failed = f"a damaged gzip member: {error}"
                break
            self.next += len(packed)
            if self._inflater.eof:
                self.next -= len(self._inflater.unused_data)
                self.ended = True
            if plain_bytes:
                return plain_bytes
        return b""

    def goes_on(self) -> bool:
        """Whether the next member holds no beginning of a record: then it is taken as a part of this one."""
        following = begins_member(self._file.read(self.next, MEMBER_SEEN)) if self.ended else b""
        if not following or following.lstrip(b"\r\n").startswith(b"WARC/"):
            return False
        self._inflater, self.ended = self._new(31), False
        return True


def _read_members(file: _Packed, chunk: Chunk, pages: _Pages) -> None:
    """The records of the gzip members that begin in a span."""
    at = chunk.start if chunk.start == 0 else _next_member(file, chunk.start, chunk.end)
    while at < chunk.end:
        packed = file.read(at, MEMBER_SEEN)
        if not packed:
            return
        blank = len(packed) - len(packed.lstrip(b"\0"))  # members may be padded, as on tapes
        if blank:
            at += blank
            continue
        if packed.startswith(GZIP_MARK):
            member = _Member(file, at)
            _read_member(member, pages)
            at = _next_member(file, at + 1, chunk.end) if member.failed else member.next
            continue
        after = _next_member(file, at + 1, max(chunk.end, at + 1))
        pages.broken(at, f"{after - at:,} bytes that are no gzip member")
        at = after


def _read_member(member: _Member, pages: _Pages) -> None:
    """Takes the records of a member."""
    window, at, told = StreamWindow(member.pull, held=2 * _HELD), 0, False
    while (record := find_record(window, at, WARC, whole=False, held=_HELD)) is not None:
        wrong = record.broken
        if wrong == CUT and member.goes_on():
            continue
        if wrong == CUT and record.header and member.ended:  # the member is whole: the length was wrong
            wrong = ""
            pages.repaired(member.start, WRONG_LENGTH)
        elif record.repaired:
            pages.repaired(member.start, record.repaired)
        at = record.next
        partly = bool(record.header) and member.failed == CUT
        if wrong:
            pages.broken(member.start, member.failed or wrong, partly=partly)
            told = True
        if wrong and not partly:
            continue
        if record.size > _HELD:
            pages.too_large()
        else:
            pages.take_warc(record.header, window.read(record.body, record.size), member.start)
        window.keep(at)
    if member.failed and not told:
        pages.broken(member.start, member.failed)


def _next_member(file: _Packed, at: int, end: int) -> int:
    """The first place from `at` on where a gzip member with a record begins; `end` where none does before it."""
    while at < end:
        data = file.read(at, _BLOCK_OF_PACKED)
        found = data.find(GZIP_MARK)
        while found >= 0:
            # The mark may stand in packed bytes by chance: a record must come out of it.
            if at + found >= end:
                return end
            if begins_member(file.read(at + found, MEMBER_SEEN)).lstrip(b"\r\n").startswith(b"WARC/"):
                return at + found
            found = data.find(GZIP_MARK, found + 1)
        if len(data) < len(GZIP_MARK):
            return end
        at += len(data) - len(GZIP_MARK) + 1
    return end


class _Pages:
    """Counts records, and makes items of the pages that may hit."""

    def __init__(self, chunk: Chunk, reading: ReadOptions, chunk_items: ChunkItems) -> None:
        self._name, self._reading, self._chunk_items = chunk.name, reading, chunk_items

    def take_warc(self, header: bytes, body: bytes, place: int) -> None:
        """A record of a WARC."""
        fields = parse_headers(header)
        if fields.get("warc-type", "").lower() not in _WANTED:
            return
        said = fields.get("content-type", "")
        said = "" if said.lower().startswith("application/http") else said
        url = fields.get("warc-target-uri", "").strip("<>").replace(" ", "%20")
        self._take(parse_response(body, said=said), url, fields.get("warc-date", ""), place)

    def take_arc(self, header: bytes, body: bytes, place: int) -> None:
        """A record of an ARC."""
        found = _ARC_LINE.match(header)
        url = (found[1] if found else header.partition(b" ")[0]).decode("utf-8", "replace").replace(" ", "%20")
        if url.startswith("filedesc:"):
            return
        said, fetched = (found[3].decode("ascii", "replace"), found[2][:14].decode()) if found else ("", "")
        self._take(parse_response(body, said=said), url, fetched, place)

    def too_large(self) -> None:
        """A record that is no article."""
        self._chunk_items.read += 1
        self._chunk_items.skipped[f"not a page: larger than {_HELD >> 20} MB"] += 1

    def broken(self, place: int, reason: str, *, partly: bool = False) -> None:
        """A record that is damaged, or what is none. `partly`: what there is of it is taken, and counted then."""
        self._chunk_items.read += not partly
        self._chunk_items.fail(self._name, place, reason)

    def repaired(self, place: int, reason: str) -> None:
        """A record that is read though something in it is wrong."""
        self._chunk_items.repair(self._name, place, reason)

    def _take(self, answer: HttpResponse, url: str, fetched: str, place: int) -> None:
        chunk_items, kind = self._chunk_items, answer.kind
        chunk_items.read += 1
        if answer.status not in {200, None}:
            chunk_items.skipped["not a page: status other than 200"] += 1
            return
        if kind and "html" not in kind and kind != "text/plain":
            chunk_items.skipped["not a page: " + kind[:40]] += 1
            return
        try:
            item = self._item(answer, url, fetched, place)
        except (OSError, ValueError, RuntimeError, EOFError) as error:
            if str(error) in {_EMPTY, _NO_TEXT}:
                chunk_items.skipped[str(error)] += 1
            else:
                chunk_items.fail(self._name, place, str(error))
            return
        if item is not None:
            chunk_items.items.append(item)

    def _item(self, answer: HttpResponse, url: str, fetched: str, place: int) -> Item | None:
        """The page as an item; None where it cannot hit. Nothing was published after it was fetched. Raises ValueError with the reason."""
        kind, scan = answer.kind, self._reading.prescan
        payload, missing = decode_payload(answer, LARGEST)
        if missing:
            self.repaired(place, f"a false coding: {missing}")
        if not kind and not is_text(payload):
            raise ValueError(_NO_TEXT)
        if scan is not None and not answer.charset.lower().startswith(_NO_ASCII_INSIDE) and not scan.may_hit(payload):
            return None
        if "html" in kind or (begins_html(payload) if kind else is_html(payload)):
            item = page_item(payload, feed=self._name, url=url, charset=answer.charset)
        else:
            item = _text_item(payload, self._name, url, answer.charset)
        seen = plausible_date(date_of(fetched), self._reading.now)
        if seen is None:
            return item
        return replace(item, published=plausible_date(item.published, seen) or date_in_address(item.url, seen) or seen)


def _text_item(body: bytes, feed: str, url: str, charset: str) -> Item:
    """A page whose text was extracted already (a WET file)."""
    title, _, text = decode(body, charset).strip().partition("\n")
    if not (title or text):
        raise ValueError(_EMPTY)
    return Item(feed=feed, url=url, title=plain(title.replace("<", "&lt;"))[:300], text=text.strip()[:200_000])
