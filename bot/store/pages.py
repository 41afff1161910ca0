"""Defines DamagedFile: reads the rows of an SQLite file page by page, where SQLite itself refuses.

It knows the file format (https://www.sqlite.org/fileformat2.html) as far as tables go: b-tree pages, records, overflow pages, the
write-ahead log. Whatever cannot be right makes a row or a page unreadable, never an exception. Nothing is written.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Value = int | float | str | bytes | None
USUAL_SIZE = 4096
"""Of a page, where the first page does not say it."""
_TABLE, _TABLE_INSIDE, _INDEX, _INDEX_INSIDE = 13, 5, 10, 2
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
"""Bytes of an integer by its serial type."""

_ZEROS = bytes(16)
"""No text of ours holds so many: here a part of the file was wiped out."""


class _UnreadableError(Exception):
    """What stands here is no part of a table."""


@dataclass(frozen=True, slots=True)
class Record:
    """A row: its values in the order of the record. `rowid` is None in tables WITHOUT ROWID."""

    rowid: int | None
    values: tuple[Value, ...]


@dataclass(slots=True)
class Page:
    """A page of a b-tree: its records, the pages below it, and how many of its rows could not be read."""

    records: list[Record] = field(default_factory=list)
    below: list[int] = field(default_factory=list)
    broken: int = 0
    in_index: bool = False
    """True for indexes and for tables WITHOUT ROWID, which are stored alike."""


class DamagedFile:
    """The file with the committed part of its write-ahead log."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        with path.open("rb") as opened:
            self._raw = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if path.stat().st_size else b""
        size = int.from_bytes(self._raw[16:18], "big")
        sound = self._raw[:16] == b"SQLite format 3\0" and (size == 1 or (size >= 512 and size & (size - 1) == 0))
        self.page_size = (65_536 if size == 1 else size) if sound else USUAL_SIZE
        self._usable = self.page_size - (self._raw[20] if sound else 0)
        log = Path(f"{path}-wal")
        self._log = _read_log(log.read_bytes(), self.page_size) if log.exists() else {}
        self.pages = max([-(-len(self._raw) // self.page_size), *self._log])

    def raw(self, number: int) -> bytes:
        """The bytes of a page; none of one that is not whole."""
        found = self._log.get(number) or self._raw[(number - 1) * self.page_size : number * self.page_size]
        return found if len(found) == self.page_size and number > 0 else b""

    def free_pages(self) -> set[int]:
        """Pages that hold only what was deleted."""
        head, found = self.raw(1), set[int]()
        trunk = int.from_bytes(head[32:36], "big") if head[:16] == b"SQLite format 3\0" else 0
        while trunk and trunk not in found and (page := self.raw(trunk)):
            found.add(trunk)
            count = min(int.from_bytes(page[4:8], "big"), self._usable // 4 - 2)
            found.update(struct.unpack(f">{count}I", page[8 : 8 + 4 * count]))
            trunk = int.from_bytes(page[:4], "big")
        return found

    def page(self, number: int) -> Page | None:
        """A page of a b-tree; None where it is none, or destroyed."""
        raw, start = self.raw(number), 100 if number == 1 else 0
        if not raw or raw[start] not in {_TABLE, _TABLE_INSIDE, _INDEX, _INDEX_INSIDE}:
            return None
        kind, count = raw[start], int.from_bytes(raw[start + 3 : start + 5], "big")
        inside = kind in {_TABLE_INSIDE, _INDEX_INSIDE}
        cells = start + (12 if inside else 8)
        if cells + 2 * count > self._usable or (inside and not count and number != 1):
            return None
        page = Page(in_index=kind in {_INDEX, _INDEX_INSIDE})
        for at in struct.unpack(f">{count}H", raw[cells : cells + 2 * count]):
            try:
                if not cells + 2 * count <= at < self._usable:
                    raise _UnreadableError
                if inside:
                    page.below.append(int.from_bytes(raw[at : at + 4], "big"))
                if kind != _TABLE_INSIDE:
                    page.records.append(self._cell(raw, at + 4 * inside, kind))
            except (_UnreadableError, IndexError, struct.error, UnicodeDecodeError):
                page.broken += 1
        if inside:
            page.below.append(int.from_bytes(raw[start + 8 : start + 12], "big"))
        return page if page.records or inside or not count else None

    def _cell(self, raw: bytes, at: int, kind: int) -> Record:
        size, at = _varint(raw, at)
        rowid = None
        if kind == _TABLE:
            rowid, at = _varint(raw, at)
            rowid -= (rowid >> 63) << 64
        return Record(rowid, _values(self._payload(raw, at, size, kind)))

    def _payload(self, raw: bytes, at: int, size: int, kind: int) -> bytes:
        """The bytes of a record, those on overflow pages too."""
        usable = self._usable
        most = usable - 35 if kind == _TABLE else (usable - 12) * 64 // 255 - 23
        if size <= most:
            here = size
        else:
            least = (usable - 12) * 32 // 255 - 23
            here = least + (size - least) % (usable - 4)
            here = here if here <= most else least
        if not 0 < size <= self.pages * self.page_size or at + here > usable:
            raise _UnreadableError
        parts, left = [raw[at : at + here]], size - here
        number = int.from_bytes(raw[at + here : at + here + 4], "big") if left else 0
        while left:
            page = self.raw(number)
            if not page:
                raise _UnreadableError
            parts.append(page[4 : 4 + min(left, usable - 4)])
            left -= len(parts[-1])
            number = int.from_bytes(page[:4], "big")
        return b"".join(parts)

    def walk(self, root: int, reached: set[int]) -> Iterator[tuple[int, Page | None]]:
        """The pages of the b-tree under `root`, None for those that cannot be read. Each once; `reached` holds all that were met."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if number in reached or number <= 0:
                continue
            reached.add(number)
            page = self.page(number)
            yield number, page
            if page is not None:
                waiting += reversed(page.below)


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = raw[at + place]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    return value << 8 | raw[at + 8], at + 9


def _values(payload: bytes) -> tuple[Value, ...]:
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    if at != end or not kinds:
        raise _UnreadableError
    values = []
    for kind in kinds:
        value, at = _value(payload, at, kind)
        values.append(value)
    if at != len(payload):
        raise _UnreadableError
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind in {0, 8, 9}:
        return {0: None, 8: 0, 9: 1}[kind], at
    if kind == 7:
        return struct.unpack(">d", payload[at : at + 8])[0], at + 8
    if kind in _INTEGERS:
        size = _INTEGERS[kind]
        return int.from_bytes(payload[at : at + size], "big", signed=True), at + size
    size = (kind - 12) // 2
    if kind < 12 or at + size > len(payload):
        raise _UnreadableError
    found = payload[at : at + size]
    if kind % 2 and _ZEROS in found:
        raise _UnreadableError
    return (found.decode("utf-8") if kind % 2 else found), at + size


def _read_log(raw: bytes, page_size: int) -> dict[int, bytes]:
    """The pages of the committed transactions in a write-ahead log, the latest of each."""
    if len(raw) < 32 or raw[:4] not in {b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"} or int.from_bytes(raw[8:12], "big") != page_size:
        return {}
    order = ">" if raw[3] & 1 else "<"
    total = _checksum(raw[:24], order, (0, 0))
    committed: dict[int, bytes] = {}
    open_: dict[int, bytes] = {}
    for at in range(32, len(raw) - page_size - 23, 24 + page_size):
        head, page = raw[at : at + 24], raw[at + 24 : at + 24 + page_size]
        total = _checksum(page, order, _checksum(head[:8], order, total))
        if head[8:16] != raw[16:24] or struct.unpack(">2I", head[16:24]) != total:
            break
        open_[int.from_bytes(head[:4], "big")] = page
        if int.from_bytes(head[4:8], "big"):
            committed |= open_
            open_ = {}
    return committed


def _checksum(raw: bytes, order: str, before: Sequence[int]) -> tuple[int, int]:
    one, two = before
    for first, second in struct.iter_unpack(f"{order}2I", raw):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two
