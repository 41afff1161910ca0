"""Defines unpack, gzip bodies as they are: of a feed that is a .gz file, of `Content-Encoding: x-gzip`, of a body packed twice.

The HTTP library undoes the content codings that it knows; what still begins as gzip is undone here, within a limit on the size.
"""

from __future__ import annotations

import zlib

GZIP = b"\x1f\x8b\x08"
LAYERS = 3
"""Packed into one another at most; a body may be made to hold itself for ever."""


class UnpackedTooLargeError(ValueError):
    """The body is larger than the limit once it is unpacked."""


class CutBodyError(ValueError):
    """The body ends in the middle."""


def unpack(body: bytes, most: int, *, beginning: bool = False) -> bytes:
    """Unpacks a body that begins as gzip; gives others, and what is broken, as they are.

    Raises UnpackedTooLargeError for more than `most` bytes, and CutBodyError. With `beginning` it gives the first `most` bytes instead, and
    what there is of a cut body.
    """
    for _ in range(LAYERS):
        if not body.startswith(GZIP):
            break
        try:
            body = _unpack_layer(body, most, beginning=beginning)
        except zlib.error:
            break
    return body


def _unpack_layer(body: bytes, most: int, *, beginning: bool) -> bytes:
    parts: list[bytes] = []
    size = 0
    while body.startswith(GZIP):  # one member after another, as some archivers write
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(body, most + 1 - size))
        except zlib.error:
            if not parts:
                raise
            break
        size += len(parts[-1])
        if size > most:
            if beginning:
                return b"".join(parts)[:most]
            raise UnpackedTooLargeError(f"more than {most:,} bytes after decompression")
        if not member.eof and not beginning:
            raise CutBodyError("the packed body ends in the middle")
        body = member.unused_data
    return b"".join(parts)
