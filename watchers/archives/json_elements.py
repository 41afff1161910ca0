"""Defines how JSON is cut into elements: those of a list, or objects that stand one after the other. Reading what is in them is elsewhere.

An element that is no sound JSON is mended or lost alone: the next one is known by the key with which the one before began.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator

from watchers.archives.chunk import Chunk
from watchers.archives.html_page import likely_charset, mostly_utf8
from watchers.archives.lines import LISTS
from watchers.archives.source import ByteSource, UnreadableError, read_up_to
from watchers.parsing.json_rows import parse_broken

LARGEST = 256 << 20
"""A larger document or element is refused: it is held in memory whole."""
STREAM = "stream"
"""The note of a chunk whose elements did not stand in a list: each may be a document of its own."""
BROKEN = "broken"
"""The format of a chunk in place of an element that cannot be read; its note says why."""
_CHUNK = 4 << 20
_AT_ONCE = 1 << 20
_NEAR_END = 16
"""Characters: an error so near to the end of what was read may be gone when more is read."""
_BEFORE = 200
"""Characters before an object in which its place is told."""
_FIRST_KEY = re.compile(r'\{\s*("(?:[^"\\]|\\.){0,200}")\s*:')
_RECORDS = re.compile(rf'"(?:{"|".join(LISTS)})"\s*:\s*\[')
"""Where the list in a frame around records begins."""
_NEXT_OBJECT = re.compile(r"\}\s*,?\s*(?=\{)")
_decoder = json.JSONDecoder(strict=False)


class _Text:
    """The text of a stream as far as it was read; what was used of it is cut off."""

    def __init__(self, source: ByteSource) -> None:
        self._stream = source.open()
        data = read_up_to(self._stream, _AT_ONCE)
        self._decode = _decode_pieces(data)
        self.failed: UnreadableError | None = None
        """What broke the stream off."""
        self.left, self.more = self._decode(data).lstrip("\ufeff \t\r\n"), True

    def close(self) -> None:
        """Closes the stream."""
        self._stream.close()

    def read(self) -> bool:
        """Reads on, as much again as there is; False at the end or where there is too much."""
        if not self.more or len(self.left) >= LARGEST:
            return False
        try:
            data = read_up_to(self._stream, max(_AT_ONCE, len(self.left)))
        except UnreadableError as error:
            data, self.failed = b"", error
        self.more = bool(data)
        self.left += self._decode(data)
        return True


def list_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """A JSON list, cut between its elements; `start` counts them."""
    text = _Text(source)
    try:
        text.left = text.left.removeprefix("[")
        yield from _chunks(source, text, start, note="")
    finally:
        text.close()


def document_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """A JSON document, as one chunk; or objects one after the other, cut between them. Raises UnreadableError where it is too large."""
    text = _Text(source)
    try:
        end = _end_of_first(text)
        if not end and _begins_stream(text):
            yield from _chunks(source, text, start, note=STREAM)
            return
        while end and not text.left[end:].strip(" \t\r\n,") and text.read():
            pass
        if end and text.left[end:].strip(" \t\r\n,"):
            yield from _chunks(source, text, start, note=STREAM)
            return
        while text.read():
            pass
        if text.more:
            raise UnreadableError(f"larger than {LARGEST >> 20} MB and of a kind that is read whole (json)")
        if not start:
            yield Chunk("json", source.name, 0, (1,), data=text.left.encode("utf-8", "replace"), url=source.url)
        if text.failed:
            raise text.failed
    finally:
        text.close()


def _end_of_first(text: _Text) -> int:
    """Where the first element ends; 0 where it is no sound JSON."""
    while True:
        try:
            _, end = _decoder.raw_decode(text.left)
        except (ValueError, RecursionError) as error:
            if not _may_be_cut(error, text.left) or not text.read():
                return 0
        else:
            # Of a number at the end more may come, of an object or list not.
            if end < len(text.left) or text.left[end - 1] in "]}" or not text.read():
                return end


def _begins_stream(text: _Text) -> bool:
    """Whether an object that is no sound JSON is the first of several: another one begins like it, and it is no frame around records."""
    key = _key_of(text.left)
    end = _next_element(text, key) if key else -1
    return end > 0 and _RECORDS.search(text.left, 0, end) is None


def _may_be_cut(error: Exception, text: str) -> bool:
    return isinstance(error, json.JSONDecodeError) and (error.msg.startswith("Unterminated") or error.pos >= len(text) - _NEAR_END)


def _chunks(source: ByteSource, text: _Text, start: int, *, note: str) -> Iterator[Chunk]:
    held: list[str] = []
    number = size = 0
    key = ""

    def gathered() -> Iterator[Chunk]:
        nonlocal held, size
        if held:
            data = ("[" + ",".join(held) + "]").encode("utf-8", "replace")
            yield Chunk("json", source.name, number - len(held), (number,), data=data, note=note)
        held, size = [], 0

    while True:
        text.left = text.left.lstrip(" \t\r\n,")
        if not text.left and text.read():
            continue
        if not text.left or (text.left.startswith("]") and note != STREAM):
            break
        end = _end_of_first(text)
        if end:
            element, text.left = text.left[:end], text.left[end:]
            key = key or _key_of(element)
            if number >= start:
                held.append(element)
                size += end
        else:
            element = _broken_element(text, key or _key_of(text.left))
            mended = _repaired(element)
            if number < start or (text.failed and not text.left):
                pass  # who reads on is told of the cut
            elif mended:
                held.append(mended)
            else:
                yield from gathered()
                reason = f"record {number}: no JSON: {element[:60]}"
                yield Chunk(BROKEN, source.name, number, (number + 1,), note=reason)
        number += 1
        if size >= _CHUNK:
            yield from gathered()
    yield from gathered()
    if text.failed:
        raise text.failed


def _repaired(element: str) -> str:
    """The element as sound JSON; "" where it cannot be mended to one record."""
    found = parse_broken(f'{{"rows":[{element}', "rows")
    if found is None or found.lost or len(found.rows) != 1 or not isinstance(found.rows[0], dict):
        return ""
    return json.dumps(found.rows[0], ensure_ascii=False)


def _key_of(element: str) -> str:
    found = _FIRST_KEY.match(element)
    return found[1] if found else ""


def _broken_element(text: _Text, key: str) -> str:
    """Takes an element that is no JSON off the text: what stands before the next one, or before the end."""
    end = _next_element(text, key)
    end = len(text.left) if end < 0 else end
    element, text.left = text.left[:end], text.left[end:]
    return element.rstrip(" \t\r\n,")


def _next_element(text: _Text, key: str) -> int:
    """Where the element behind the first one begins; -1 where none does. `key`: the one that elements begin with, or ""."""
    mark = re.compile(r"\{\s*" + re.escape(key) + r"\s*:") if key else _NEXT_OBJECT
    while True:
        for found in mark.finditer(text.left, 1):
            if not key:
                return found.end()
            before = text.left[max(0, found.start() - _BEFORE) : found.start()].rstrip(" \t\r\n,")
            if not before.endswith((":", "[")):  # else a value inside the element
                return found.start()
        if not text.read():
            return -1


def _decode_pieces(first: bytes) -> Callable[[bytes], str]:
    """Decodes piece by piece, wherever the pieces are cut: as UTF-8, or as what the first of them looks like."""
    charset = "utf-8" if mostly_utf8(first) else likely_charset(first)
    decoder = codecs.getincrementaldecoder(charset)("replace")
    return lambda data: decoder.decode(data, final=not data)
