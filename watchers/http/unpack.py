"""Defines unpack: decompresses bodies that still are gzip after the HTTP library has undone the content codings it knows.

Examples are a feed that is a .gz file, `Content-Encoding: x-gzip`, and a body compressed twice. The size of the result is limited.
"""

from __future__ import annotations

import zlib

from watchers.models.problem import Problem, ProblemError

GZIP = b"\x1f\x8b\x08"
LAYERS = 3
"""Maximum number of nested gzip layers; a malicious body can contain itself endlessly."""


class UnpackedTooLargeError(ProblemError, ValueError):
    """The decompressed body is larger than the limit."""


class CutBodyError(ProblemError, ValueError):
    """The compressed body is incomplete."""


def unpack(body: bytes, max_bytes: int, *, beginning: bool = False) -> bytes:
    """Decompresses a gzip body. A body in another format, or with broken compression, is returned unchanged.

    Raises UnpackedTooLargeError for more than `max_bytes` bytes, and CutBodyError for an incomplete body. With `beginning` neither is
    raised: the first `max_bytes` bytes are returned, or what could be decompressed.
    """
    for _ in range(LAYERS):
        if not body.startswith(GZIP):
            break
        try:
            body = _unpack_layer(body, max_bytes, beginning=beginning)
        except zlib.error:
            break
    return body


def _unpack_layer(body: bytes, max_bytes: int, *, beginning: bool) -> bytes:
    parts: list[bytes] = []
    size = 0
    while body.startswith(GZIP):  # some archivers write several members one after another
        member = zlib.decompressobj(wbits=31)
        try:
            parts.append(member.decompress(body, max_bytes + 1 - size))
        except zlib.error:
            if not parts:
                raise
            break
        size += len(parts[-1])
        if size > max_bytes:
            if beginning:
                return b"".join(parts)[:max_bytes]
            raise UnpackedTooLargeError(Problem("too_large.unpacked", {"bytes": f"{max_bytes:,}"}))
        if not member.eof and not beginning:
            raise CutBodyError(Problem("cut"))
        body = member.unused_data
    return b"".join(parts)
