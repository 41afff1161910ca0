"""Defines parse_response and decode_payload: read an HTTP response in an archive: status, type, charset and decoded payload.

Archives contain the headers of the server, but payloads that the crawler may have decoded already. Therefore a coding is undone only if
the payload really has it. A payload that cannot be decoded and is not text raises ValueError.
"""

from __future__ import annotations

import contextlib
import io
import re
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from watchers.archives.source import gzip_header

_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LARGEST_HEADER = 1 << 18
_STATUS = re.compile(rb"HTTP/[\d.]{1,5}[ \t]+(\d{3})")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CHUNK = re.compile(rb"(?:\r?\n)?[ \t]*([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
_INFLATED_AT_ONCE = 4_096
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"


class HttpResponse(NamedTuple):
    """What a server sent."""

    status: int | None
    """None where none is said."""
    kind: str
    """The MIME type in small letters without parameters; "" where none is said."""
    charset: str
    payload: bytes
    codings: tuple[str, ...] = ()
    """Names of the codings said, the last applied first; `decode_payload` takes them off."""


def parse_response(body: bytes, *, said: str = "") -> HttpResponse:
    """The answer in the body of a record. `said`: the type of one that is no HTTP answer but the page itself."""
    status = _STATUS.match(body)
    if status is None:
        return HttpResponse(None, media_type(said), charset_of(said), body)
    at = body.find(b"\r\n\r\n", 0, _LARGEST_HEADER)
    end = (at, at + 4) if at >= 0 else _other_end(body)
    fields = parse_headers(body[: end[0]])
    payload, kind = body[end[1] :], fields.get("content-type", "")
    codings: tuple[str, ...] = ()
    if "content-encoding" in fields or "transfer-encoding" in fields:
        named = f"{fields.get('content-encoding', '')},{fields.get('transfer-encoding', '')}".lower().split(",")
        codings = tuple(coding for one in reversed(named) if (coding := one.strip()))
    return HttpResponse(int(status[1]), media_type(kind), charset_of(kind), payload, codings)


def _other_end(body: bytes) -> tuple[int, int]:
    """Where a header ends that has line ends of another kind, and where the payload begins."""
    found = _HEADER_END.search(body, 0, _LARGEST_HEADER)
    return found.span() if found else (len(body), len(body))


def parse_headers(head: bytes) -> dict[str, str]:
    """The fields of a header by their names in small letters; those of one name are joined by commas."""
    fields: dict[str, str] = {}
    last = ""
    for line in head.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.partition(":")
        if line[:1] in {" ", "\t"} and last:  # a long field goes on
            fields[last] += " " + line.strip()
        elif colon:
            last = name.strip().lower()
            fields[last] = f"{fields[last]},{value.strip()}" if fields.get(last) else value.strip()
    return fields


def media_type(said: str) -> str:
    """The MIME type of a Content-Type, in small letters."""
    return said.partition(";")[0].partition(",")[0].strip().lower()


def charset_of(said: str) -> str:
    """The charset of a Content-Type."""
    found = _CHARSET.search(said)
    return found[1] if found else ""


def decode_payload(answer: HttpResponse, limit: int) -> tuple[bytes, str]:
    """The payload without its codings, `limit` bytes of it at most, and the coding that it does not have though its header says so, or "".

    Raises ValueError where the payload is no text then.
    """
    payload, failed = answer.payload, ""
    for coding in answer.codings:
        if coding == "chunked":
            payload = _without_chunks(payload)
            continue
        undo = _UNDO.get(coding.removeprefix("x-"))
        found = undo(payload, limit) if undo is not None else None
        if found is None:
            failed = coding
        else:
            payload = found
    if payload.startswith(_GZIP):  # nobody said so
        payload = _gunzip(payload, limit) or payload
    if failed and not is_text(payload):
        raise ValueError(f"the page is not {failed}, as its header says, and no text")
    return payload[:limit], failed


def is_text(payload: bytes) -> bool:
    """Whether the bytes may be text: their beginning has none of the control characters that text never has."""
    head = payload[:1_024]
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or not any(byte < 9 or 13 < byte < 27 for byte in head)


def _without_chunks(payload: bytes) -> bytes:
    """The payload of chunks; what follows a chunk of a wrong length stays as it is."""
    parts, at = [], 0
    while found := _CHUNK.match(payload, at):
        size = int(found[1], 16)
        at = found.end()
        parts.append(payload[at : at + size])
        at += size
        if not size:
            return b"".join(parts)
    return b"".join(parts) + payload[at:]


def _gunzip(payload: bytes, limit: int) -> bytes | None:
    start = gzip_header(payload)
    return _inflated(payload, start, limit, -15) if start else None


def _deflate(payload: bytes, limit: int) -> bytes | None:
    """Deflate with the frame that the standard asks for, or without, as many servers send it."""
    if payload[:1] == b"<":  # it would begin a block without a frame too, of a kind that is never found
        return None
    return _inflated(payload, 0, limit, 15) or _inflated(payload, 0, limit, -15)


def _inflated(payload: bytes, start: int, limit: int, bits: int) -> bytes | None:
    """What can be unpacked before something is wrong; None for nothing. Small steps: what a step gave is lost when it fails."""
    opened = zlib.decompressobj(bits)
    view, parts, have = memoryview(payload), [], 0
    with contextlib.suppress(zlib.error):
        while start < len(payload) and have < limit and not opened.eof:
            part = opened.decompress(view[start : start + _INFLATED_AT_ONCE], limit - have)
            start += _INFLATED_AT_ONCE
            parts.append(part)
            have += len(part)
    return b"".join(parts) or None


def _brotli(payload: bytes, limit: int) -> bytes | None:
    from fastwarc.stream_io import BrotliReader

    return _read_limited(BrotliReader(io.BytesIO(payload)), limit)


def _zstd(payload: bytes, limit: int) -> bytes | None:
    import zstandard

    if not payload.startswith(_ZSTD):
        return None
    return _read_limited(zstandard.ZstdDecompressor().stream_reader(payload, read_across_frames=True), limit)


def _read_limited(reader: Any, limit: int) -> bytes | None:
    parts, have = [], 0
    try:
        while have < limit and (part := cast("bytes", reader.read(min(limit - have, 1 << 16)))):
            parts.append(part)
            have += len(part)
    except (OSError, ValueError, RuntimeError, EOFError):
        pass
    except Exception as error:
        if type(error).__name__ != "ZstdError":
            raise
    return b"".join(parts) or None


_UNDO: dict[str, Callable[[bytes, int], bytes | None]] = {"gzip": _gunzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
