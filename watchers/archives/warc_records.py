"""Defines find_record, which finds the start and end of a WARC or ARC record even if its header is wrong, and Window, the bytes it reads.

The length in the header is used if another record or the end of the archive follows. Otherwise the record ends at the next header. Bytes
between records are reported as broken. This module does not decide which records are pages: `warc` does.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import BinaryIO, NamedTuple, Protocol

from watchers.archives.source import UnreadableError, read_up_to

_HEAD = 4_096
"""Bytes in which most headers end."""
_LARGEST_HEADER = 1 << 20
"""A longer header is none."""
_STEP = 1 << 20
"""Bytes that are searched at once."""
_MARK_SIZE = 8_192
"""A header's first line is shorter: pieces that are searched overlap by so much."""
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
CUT = "the archive is cut: it ends in the middle of a record"
WRONG_LENGTH = "a wrong length"
_LENGTH = re.compile(rb"\n(?i:Content-Length)[ \t]*:[ \t]*(\d+)")


class Window(Protocol):
    """The bytes of an archive, by place."""

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes from a place on; fewer at the end."""
        ...

    def find(self, mark: re.Pattern[bytes], at: int) -> int:
        """The first place from `at` on where the mark stands; -1 for none. What lies before may not be asked for again."""
        ...

    def end(self) -> int:
        """Where the bytes end, once a mark was not found in them."""
        ...


class FileWindow:
    """A file on disk, of which nothing is held but what was read last: behind a record the next one is looked at again."""

    def __init__(self, stream: BinaryIO) -> None:
        self._file = stream.fileno()
        self._last, self._head = -1, b""

    def read(self, at: int, size: int) -> bytes:
        """See Window."""
        if size != _HEAD:
            return os.pread(self._file, size, at)
        if self._last != at:
            self._last, self._head = at, os.pread(self._file, size, at)
        return self._head

    def find(self, mark: re.Pattern[bytes], at: int) -> int:
        """See Window."""
        while piece := self.read(at, _STEP + _MARK_SIZE):
            found = mark.search(piece)
            if found:
                return at + found.start()
            at += _STEP
        return -1

    def end(self) -> int:
        """See Window."""
        return os.fstat(self._file).st_size


class StreamWindow:
    """Bytes that come one after the other, `data` first, at place `at`. Those from `keep` on are held; of what is searched without success
    only the last, once it is more than `held` bytes.
    """

    def __init__(self, pull: Callable[[], bytes], at: int = 0, data: bytes = b"", *, held: int = 64 << 20) -> None:
        self._pull, self._at, self._held, self._data = pull, at, held, data
        self._first, self._before = at, b""
        """What stands before a search, and where."""

    def keep(self, at: int) -> None:
        """What lies before is not needed any more."""
        self._before = b""
        if at >= self._at + len(self._data) // 2:  # not each time: it copies the rest
            self._data, self._at = self._data[at - self._at :], at

    def read(self, at: int, size: int) -> bytes:
        """See Window."""
        if at < self._at:
            return self._before[at - self._first : at - self._first + size]
        start = at - self._at
        missing = start + size - len(self._data)
        if missing > 0:
            parts = [self._data] if self._data else []  # one piece alone is not copied
            while missing > 0 and (piece := self._pull()):
                parts.append(piece)
                missing -= len(piece)
            self._data = b"".join(parts)
        return self._data[start : start + size]

    def find(self, mark: re.Pattern[bytes], at: int) -> int:
        """See Window."""
        begin = at
        while True:
            have = self._at + len(self._data)
            found = mark.search(self._data, max(0, at - self._at))
            if found:
                return self._at + found.start()
            at = max(at, have - _MARK_SIZE)
            if at - max(begin, self._at) > self._held:
                if begin > self._at:
                    self._first, self._before = self._at, self._data[: begin - self._at]
                self._data, self._at = self._data[at - self._at :], at
            self.read(have, _STEP)
            if self._at + len(self._data) == have:
                return -1

    def end(self) -> int:
        """See Window."""
        return self._at + len(self._data)


class Layout(NamedTuple):
    """How records of a kind are told."""

    mark: re.Pattern[bytes]
    """What begins a record, at its place, and nothing else if possible."""
    end: re.Pattern[bytes]
    """What ends its header."""
    length: re.Pattern[bytes]
    """Group 1 is the length of the body."""
    tail: bytes
    """What always stands behind a body; "" where it is too short to tell."""


WARC = Layout(re.compile(rb"WARC/[012]\.\d{1,2}\r?\n(?=[A-Za-z][\w-]{2,40}:)"), _EMPTY_LINE, _LENGTH, b"\r\n\r\n")
ARC = Layout(
    re.compile(rb"(?:(?<=\n)|\A)[a-z][a-z0-9+.-]{1,20}:[^\r\n]{1,8000} \d{8,20} \S{1,200} -?\w+\r?\n"),
    re.compile(rb"\n"), re.compile(rb" (\d+)\r?\n\Z"), b"",
)  # fmt: skip


class Record(NamedTuple):
    """A record, or a piece between records. `header` is "" for the latter."""

    start: int
    header: bytes
    body: int
    """Where its body begins, and `end` where it ends."""
    end: int
    next: int
    """Where to go on."""
    broken: str = ""
    """Why it cannot be read."""
    repaired: str = ""
    """What is wrong with it, where it was read in spite of that."""

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return self.end - self.body


def find_record(window: Window, at: int, layout: Layout, *, whole: bool, held: int) -> Record | None:  # noqa: PLR0911 - a way to end each
    """The record at a place or behind the blanks there; None at the end. `whole`: where the window ends, a record ends; a longer one has a
    wrong length, where else the archive would be cut. A body larger than `held` is passed over without being held.
    """
    while True:
        head = window.read(at, _HEAD)
        if not head:
            return None
        blanks = _blanks(head)
        if not blanks:
            break
        head = head[blanks:]
        at += blanks
        if len(head) > _HEAD // 2:
            break
    if not layout.mark.match(head):
        end, _ = _next(window, at, layout)
        return Record(at, b"", at, end, end, f"{end - at:,} bytes that are no record")
    header = _header(window, at, head, layout)
    if not header:
        end, more = _next(window, at + 1, layout)
        return Record(at, b"", at, end, end, "a header without end" if more else CUT)
    body = at + len(header)
    inside = layout.mark.search(header, 1)
    if inside:
        return Record(at, b"", at, at + inside.start(), at + inside.start(), "a header that breaks off")
    found = layout.length.search(header)
    length = int(found[1]) if found else None
    if length is not None and not (length > held and isinstance(window, StreamWindow)):
        end = body + length
        behind = window.read(end, _HEAD)
        rest = behind[_blanks(behind) :]
        if layout.mark.match(rest) or (not rest and (behind or not length or window.read(end - 1, 1))):
            return Record(at, header, body, end, end)
        if rest and layout.tail and behind.startswith(layout.tail):
            return Record(at, header, body, end, end + len(layout.tail))
    end, more = _next(window, body, layout)
    cut = length is not None and body + length > end and not (more or whole)
    tail = window.read(max(body, end - 4), min(4, end - body)) if more else b""
    last = end - len(tail) + len(tail.rstrip(b"\r\n"))
    wrong_length = not cut and body + (-1 if length is None else length) != last
    return Record(at, header, body, last, end, CUT if cut else "", WRONG_LENGTH if wrong_length else "")


def _blanks(data: bytes) -> int:
    """How many empty lines, blanks and zeros it begins with, in bytes."""
    return len(data) - len(data.lstrip(b"\r\n\t \0"))


def _next(window: Window, at: int, layout: Layout) -> tuple[int, bool]:
    """Where the next record begins, and True; or where the bytes end."""
    place = window.find(layout.mark, at)
    return (place, True) if place >= 0 else (window.end(), False)


def _header(window: Window, at: int, head: bytes, layout: Layout) -> bytes:
    """The header with the line that ends it; "" where it has no end."""
    if layout is WARC and (usual := head.find(b"\r\n\r\n")) >= 0:
        return head[: usual + 4]
    found = layout.end.search(head)
    if found is None and len(head) >= _HEAD // 2:
        head = window.read(at, _LARGEST_HEADER)
        found = layout.end.search(head)
    return head[: found.end()] if found else b""


def piece_reader(stream: BinaryIO) -> tuple[Callable[[], bytes], list[UnreadableError]]:
    """What gives a stream piece by piece, and a list to which the reason goes where it cannot be read to its end."""
    failed: list[UnreadableError] = []

    def pull() -> bytes:
        try:
            return b"" if failed else read_up_to(stream, _STEP)
        except UnreadableError as error:
            failed.append(error)
            return b""

    return pull, failed


def end_of_stream() -> bytes:
    """The end, for a window whose bytes are all there."""
    return b""
