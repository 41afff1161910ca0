"""Defines ByteSource, something with bytes: a file, a pipe, a member of a container; and how compressed bytes are opened as plain ones.

Streams are read forward only. What cannot be opened raises UnreadableError with the reason in one line.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from watchers.extras import install_hint

HEAD = 65_536
"""Bytes looked at to tell what something is."""


class UnreadableError(Exception):
    """This source, or the rest of it, cannot be read. The text is the reason for a person."""


@dataclass(frozen=True, slots=True)
class ByteSource:
    """Bytes by a name. `open` gives a new stream from the beginning each time, except for a pipe."""

    name: str
    open: Callable[[], BinaryIO]
    path: Path | None = None
    """The file itself, where the bytes are those of a file on disk, so that it can be read from any place."""
    url: str = ""

    def head(self) -> bytes:
        """The first bytes."""
        with self.open() as stream:
            return read_up_to(stream, HEAD)


def file_source(path: Path) -> ByteSource:
    """A file on disk."""
    return ByteSource(str(path), lambda: path.open("rb"), path)


def bytes_source(name: str, data: bytes) -> ByteSource:
    """Bytes in memory."""
    return ByteSource(name, lambda: io.BytesIO(data))


def pipe_source(name: str, stream: BinaryIO) -> ByteSource:
    """A stream that can be read once; its head is kept for those who look first."""
    kept = io.BufferedReader(cast("io.RawIOBase", stream), HEAD) if not isinstance(stream, io.BufferedReader) else stream
    head = read_up_to(kept, HEAD)
    given = [0]

    def opened() -> BinaryIO:
        given[0] += 1
        return cast("BinaryIO", io.BufferedReader(_PeekableStream(head, kept)))

    return ByteSource(name, opened)


class _PeekableStream(io.RawIOBase):
    """The head once more, then the rest of a stream."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        if self._head:
            data, self._head = self._head[: len(view)], self._head[len(view) :]
        else:
            data = self._rest.read(len(view)) or b""
        view[: len(data)] = data
        return len(data)


def read_up_to(stream: BinaryIO, size: int) -> bytes:
    """`size` bytes, or fewer at the end; pipes give less at once than is asked. Raises UnreadableError."""
    parts: list[bytes] = []
    missing = size
    while missing > 0:
        try:
            # One step of the stream at a time: what came before an error is kept.
            part = stream.read1(missing) if isinstance(stream, io.BufferedReader) else stream.read(missing)
        except (OSError, EOFError, ValueError, RuntimeError) as error:
            if parts:
                break
            raise UnreadableError(f"{type(error).__name__}: {error}") from error
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


GZIP_MARK = b"\x1f\x8b\x08"
MEMBER_SEEN = 2_048
"""Bytes by which a gzip member is told from its mark standing there by chance."""
_MAGIC = {
    b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst", b"\x04\x22\x4d\x18": "lz4",
}  # fmt: skip
_WIDE = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def compression(head: bytes) -> str:
    """ "gz", "bz2", "xz", "zst", "lz4", or "" for plain bytes."""
    return next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")


def unpacked(source: ByteSource, kind: str) -> ByteSource:
    """The same without its compression."""
    return ByteSource(source.name, lambda: _opened(source, kind), url=source.url)


def _opened(source: ByteSource, kind: str) -> BinaryIO:
    stream = source.open()
    try:
        reader = _unpacker(stream, kind)
    except BaseException:
        stream.close()
        raise
    return cast("BinaryIO", io.BufferedReader(_Unpacked(reader, stream), 1 << 20))


def _unpacker(stream: BinaryIO, kind: str) -> Any:
    """A reader of the plain bytes."""
    if kind == "gz":
        return _Gunzip(stream)
    if kind == "bz2":
        import bz2

        return bz2.BZ2File(stream)
    if kind == "xz":
        import lzma

        return lzma.LZMAFile(stream)
    try:
        if kind == "zst":
            import zstandard

            return zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        from fastwarc.stream_io import Lz4Reader

        return Lz4Reader(stream)
    except ImportError as error:
        raise UnreadableError(f"{kind} needs {install_hint('archives')}") from error


@cache
def inflater() -> tuple[Any, type[Exception]]:
    """What makes an unpacker like `zlib.decompressobj`, the quickest that is installed, and the error it raises."""
    quickest: Any = zlib
    with contextlib.suppress(ImportError):
        from isal import isal_zlib as quickest
    return quickest.decompressobj, quickest.error


def gzip_header(data: bytes) -> int:
    """The size of the header with which a gzip member begins; 0 where none does (RFC 1952)."""
    if not data.startswith(GZIP_MARK) or len(data) < 10 or data[3] & 0xE0:
        return 0
    flags, size = data[3], 10
    if flags & 4:
        size += 2 + int.from_bytes(data[size : size + 2], "little")
    for flag in (8, 16):  # a name and a comment, each ended by a zero
        if flags & flag:
            size = data.find(b"\0", size) + 1
            if not size:
                return 0
    size += 2 if flags & 2 else 0
    return size if size < len(data) else 0


def begins_member(data: bytes) -> bytes:
    """The first plain bytes of a gzip member; b"" where the data begins none."""
    start = gzip_header(data)
    if not start:
        return b""
    try:
        return zlib.decompressobj(-15).decompress(data[start:], 512)
    except zlib.error:
        return b""


class _Gunzip:
    """A gzip stream of any number of members. Behind a damaged one it goes on with the next, and says so at the end. igzip's own reader is
    as fast, but loses what stands before a cut.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._new, self._error = inflater()
        self._stream, self._member = stream, self._new(31)
        self._packed, self._begun, self._damage = b"", False, ""

    def read1(self, size: int) -> bytes:
        """Some plain bytes, at most `size`; none at the end. Raises EOFError where the file is cut, OSError at the end of a damaged one."""
        while True:
            packed = self._packed or self._stream.read(1 << 16)
            ended = not packed
            if ended and not self._begun:
                if self._damage:
                    raise OSError(self._damage)
                return b""
            if not self._begun:
                packed = packed.lstrip(b"\0")  # members may be padded, as on tapes
                self._begun = bool(packed)
            try:
                plain: bytes = self._member.decompress(packed, size)
            except self._error as error:
                self._damage = self._damage or f"not gzip, or damaged: {error}"
                self._packed, self._member, self._begun = self._to_member(packed), self._new(31), False
                continue
            self._packed = self._member.unconsumed_tail
            if self._member.eof:
                self._packed, self._member, self._begun = self._member.unused_data, self._new(31), False
            if plain:
                return plain
            if ended and self._begun:  # nothing waits in the unpacker either
                raise EOFError(f"the gzip file is cut: it ends in the middle{f'; {self._damage}' if self._damage else ''}")

    def _to_member(self, packed: bytes) -> bytes:
        """Packed bytes from the next member on; none where none follows."""
        at = packed.find(GZIP_MARK, 1)
        while True:
            if at < 0:
                more = self._stream.read(1 << 16)
                if not more:
                    return b""
                packed = packed[-2:] + more  # the mark may lie across
                at = packed.find(GZIP_MARK)
                continue
            packed = packed[at:]
            if len(packed) < MEMBER_SEEN:
                packed += self._stream.read(1 << 16)
            if begins_member(packed[:MEMBER_SEEN]):
                return packed
            at = packed.find(GZIP_MARK, 1)


class _Unpacked(io.RawIOBase):
    """A reader of plain bytes as a raw stream that closes the packed one too."""

    def __init__(self, reader: Any, packed: BinaryIO) -> None:
        self._packed = packed
        # Before it says that a file is cut, read1 gives all that came before the cut.
        self._read = getattr(reader, "read1", None) or reader.read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        data = self._read(min(len(view), 1 << 18)) or b""
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        super().close()
        self._packed.close()


def wide_charset(head: bytes) -> str:
    """ "utf-16" or "utf-32" where the bytes say so by their mark, else ""."""
    return next((charset for mark, charset in _WIDE if head.startswith(mark)), "")


def transcoded(source: ByteSource, charset: str) -> ByteSource:
    """UTF-16 or UTF-32 text as UTF-8, undecodable pieces as replacement characters."""
    return ByteSource(source.name, lambda: cast("BinaryIO", io.BufferedReader(_Utf8(source.open(), charset))), url=source.url)


class _Utf8(io.RawIOBase):
    def __init__(self, stream: BinaryIO, charset: str) -> None:
        self._stream, self._decoder, self._left = stream, codecs.getincrementaldecoder(charset)("replace"), b""

    def close(self) -> None:
        super().close()
        self._stream.close()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))
        while not self._left:
            data = self._stream.read(HEAD)
            self._left = self._decoder.decode(data, final=not data).encode("utf-8", "replace")
            if not data:
                break
        size = min(len(view), len(self._left))
        view[:size], self._left = self._left[:size], self._left[size:]
        return size


def skip(stream: BinaryIO, size: int) -> None:
    """Goes forward, by reading where the stream cannot jump. Raises UnreadableError."""
    if size and stream.seekable() and not isinstance(stream, io.BytesIO):
        try:
            stream.seek(size)
        except (OSError, ValueError, EOFError) as error:
            raise UnreadableError(f"cannot go on at byte {size}: {error}") from error
        return
    while size > 0:
        part = read_up_to(stream, min(size, 1 << 20))
        if not part:
            return
        size -= len(part)
