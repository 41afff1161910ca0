"""Reads the formats that are not split into records: saved feeds, sitemaps, HTML pages, texts, JSON documents, mail and mailboxes."""

from __future__ import annotations

import email
import email.policy
import email.utils
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Any

from msgspec.structs import replace

from seeds.feeds import Feed
from watchers.archives.chunk import Chunk, ChunkItems, ReadOptions
from watchers.archives.field_mapping import date_of, item_from_columns
from watchers.archives.html_page import decode, page_item
from watchers.archives.json_elements import LARGEST, STREAM
from watchers.archives.lines import LISTS
from watchers.archives.source import ByteSource, UnreadableError, read_up_to, skip
from watchers.models.item import Item
from watchers.parsing.json_rows import parse_broken
from watchers.parsing.parse import NotAFeedError, parse_feed
from watchers.sources.gdelt import tidy
from watchers.sources.sitemap import read_sitemap
from watchers.text.html_text import plain

_FROM = re.compile(rb"(?:^|\n)From [^\n]*\d{4}[^\n]*\n")
_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}")
_MAIL = re.compile(rb"^(?:Subject|From|Message-ID|MIME-Version|Received):", re.MULTILINE | re.IGNORECASE)
_NOWHERE = Feed(url="https://archive.invalid/")
"""In place of the feed's address, which a saved one does not tell."""
_DAY = re.compile(r"((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])")


def whole_chunk(source: ByteSource, start: int, form: str) -> Iterator[Chunk]:
    """The whole document as one chunk. Raises UnreadableError where it is too large, and behind the chunk where the file is cut."""
    if start:
        return
    with source.open() as stream:
        data = read_up_to(stream, LARGEST + 1)
        if len(data) > LARGEST:
            raise UnreadableError(f"larger than {LARGEST >> 20} MB and of a kind that is read whole ({form})")
        yield Chunk(form, source.name, 0, (1,), data=data, url=source.url)
        read_up_to(stream, 1)  # says what broke the document off


def is_feed(head: bytes) -> bool:
    """RSS, Atom, RDF."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:4_000].lower()
    return start.startswith((b"<", b"<?xml")) and re.search(rb"<(?:rss|feed|rdf:rdf|channel)[\s>]", start) is not None


def is_sitemap(head: bytes) -> bool:
    """A sitemap or an index of sitemaps."""
    return re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)[\s>]", head[:4_000]) is not None


def is_mbox(head: bytes) -> bool:
    """A box of mail: a "From " line, then headers."""
    found = _FROM.match(head)
    return found is not None and _HEADER.match(head, found.end()) is not None


def is_mail(head: bytes) -> bool:
    """One message."""
    found = _HEADER.match(head.replace(b"\r\n", b"\n"))
    return found is not None and _MAIL.search(found.group()) is not None


def read_feed(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """A saved feed. It is parsed whenever it may hit; its items are those that polling it would have given."""
    chunk_items = ChunkItems(size=chunk.size)
    if options.prescan is not None and not options.prescan.may_hit(chunk.data):
        chunk_items.read = len(re.findall(rb"<(?:item|entry)[\s>]", chunk.data)) or 1
        return chunk_items
    try:
        parsed = parse_feed(chunk.data, feed=_NOWHERE, content_type="", now=options.now, base=chunk.url)
    except NotAFeedError as error:
        chunk_items.read = 1
        chunk_items.fail(chunk.name, 0, str(error))
        return chunk_items
    chunk_items.items = [replace(item, feed=chunk.url or chunk.name) for item in parsed.items]
    chunk_items.read = len(chunk_items.items)
    return chunk_items


def read_sitemap_file(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """A sitemap; of an index only the names of others are known, which is said."""
    chunk_items = ChunkItems(size=chunk.size)
    try:
        found = read_sitemap(chunk.data, _NOWHERE, options.now, 1_000_000)
    except NotAFeedError as error:
        chunk_items.read = 1
        chunk_items.fail(chunk.name, 0, str(error))
        return chunk_items
    chunk_items.read = len(found)
    for one in found:
        if not isinstance(one, Item):
            chunk_items.skipped["index of sitemaps: the files it names are not here"] += 1
        elif one.title:
            chunk_items.items.append(replace(one, feed=chunk.url or chunk.name))
        else:
            chunk_items.skipped["no title and no text"] += 1
    return chunk_items


def read_page(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """A saved web page."""
    chunk_items = ChunkItems(size=chunk.size, read=1)
    if options.prescan is not None and not options.prescan.may_hit(chunk.data):
        return chunk_items
    try:
        item = page_item(chunk.data, feed=chunk.name, url=chunk.url)
        chunk_items.items.append(item if item.published else replace(item, published=_day_of(chunk.name)))
    except ValueError as error:
        chunk_items.skipped[str(error)] += 1
    return chunk_items


def read_text(chunk: Chunk, _options: ReadOptions) -> ChunkItems:
    """A text: its first line is the title; a date in the file's name is its date."""
    chunk_items = ChunkItems(size=chunk.size, read=1)
    title, _, text = decode(chunk.data).strip().partition("\n")
    if not title:
        chunk_items.skipped["no title and no text"] += 1
    elif len(title) > 300:  # a paragraph rather than a headline
        chunk_items.items.append(Item(feed=chunk.name, text=f"{title}\n{text}".strip(), published=_day_of(chunk.name)))
    else:
        chunk_items.items.append(Item(feed=chunk.name, title=title.strip().lstrip("# "), text=text.strip(), published=_day_of(chunk.name)))
    return chunk_items


def _day_of(name: str) -> Any:
    found = _DAY.search(PurePath(name).name)
    return date_of(f"{found[1]}-{found[2]}-{found[3]}") if found else None


def read_json(chunk: Chunk, options: ReadOptions) -> ChunkItems:
    """A JSON document: a record, a list of them, or an object that holds a list ("articles", "items" …); GDELT's answers and JSON Feed."""
    chunk_items = ChunkItems(size=chunk.size)
    text = decode(chunk.data.removeprefix(b"\xef\xbb\xbf"))
    lost = 0
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        mended = next((found for name in LISTS if (found := parse_broken(text, name)) is not None), None)
        if mended is None:
            chunk_items.read = 1
            chunk_items.fail(chunk.name, getattr(error, "pos", 0), f"no JSON: {error}")
            return chunk_items
        document, lost = mended.rows, mended.lost
    if isinstance(document, dict) and str(document.get("version", "")).startswith("https://jsonfeed.org/"):
        return read_feed(chunk, options)
    records = document if isinstance(document, list) else _records_of(document)
    if chunk.note == STREAM:
        records = [record for one in records for record in (_records_of(one) if isinstance(one, dict) and _is_frame(one) else [one])]
    for _ in range(lost):
        chunk_items.read += 1
        chunk_items.fail(chunk.name, 0, "a record that is no JSON")
    own = tuple(options.columns.items())
    for number, record in enumerate(records):
        chunk_items.read += 1
        if not isinstance(record, dict):
            chunk_items.fail(chunk.name, number, f"record {number}: expected an object, got {type(record).__name__}")
            continue
        try:
            item = item_from_columns(record, feed=chunk.name, own=own)
        except ValueError as error:
            chunk_items.skipped[str(error)] += 1
            continue
        chunk_items.items.append(_gdelt(item) if "seendate" in record else item)
    return chunk_items


def _records_of(document: Any) -> list[Any]:
    """The records that a document holds, or the document as the only one."""
    return next((document[key] for key in LISTS if isinstance(document, dict) and isinstance(document.get(key), list)), [document])


def _is_frame(element: dict[str, Any]) -> bool:
    """Whether an object among others holds records, and is none itself."""
    return not element.keys() & {"title", "headline"}


def _gdelt(item: Item) -> Item:
    return replace(item, title=tidy(item.title))


def mbox_chunks(source: ByteSource, start: int) -> Iterator[Chunk]:
    """A box of mail, cut at its "From " lines."""
    with source.open() as stream:
        skip(stream, start)
        left, begin = b"", start
        while True:
            data = read_up_to(stream, 8 << 20)
            block = left + data
            cut = block.rfind(b"\n\nFrom ") + 2 if data else len(block)
            if cut < 2 and data and len(block) < LARGEST:
                left = block
                continue
            if cut:
                yield Chunk("mbox", source.name, begin, (begin + cut,), data=block[:cut])
                begin += cut
            left = block[cut:]
            if not data:
                return


def read_mbox(chunk: Chunk, _options: ReadOptions) -> ChunkItems:
    """The messages of a piece of a box."""
    chunk_items = ChunkItems(size=chunk.size)
    places = [found.end() for found in re.finditer(rb"(?:^|\n\n)From [^\n]*\n", chunk.data)]
    for start, end in zip(places, [*places[1:], len(chunk.data) + 1], strict=True):
        chunk_items.read += 1
        _message(chunk.data[start : end - 1], chunk, chunk.start + start, chunk_items)
    return chunk_items


def read_mail(chunk: Chunk, _options: ReadOptions) -> ChunkItems:
    """One message."""
    chunk_items = ChunkItems(size=chunk.size, read=1)
    _message(chunk.data, chunk, 0, chunk_items)
    return chunk_items


def _message(raw: bytes, chunk: Chunk, offset: int, chunk_items: ChunkItems) -> None:
    # Parts are packed (base64, quoted-printable), so that raw bytes say nothing about names.
    try:
        message = email.message_from_bytes(raw, policy=email.policy.default)
        part = message.get_body(("html", "plain"))
        content = part.get_content() if part is not None else ""
        markup = part is not None and part.get_content_type() == "text/html"
        text = plain(content if markup else str(content).replace("&", "&amp;").replace("<", "&lt;"))
        title = " ".join(str(message.get("Subject", "")).split())
        when = _sent(next((" ".join(str(value).split()) for name, value in message.raw_items() if name.lower() == "date"), ""))
    except (LookupError, ValueError, TypeError, AttributeError, KeyError) as error:
        chunk_items.fail(chunk.name, offset, f"no readable message: {error}")
        return
    if not (title or text):
        chunk_items.skipped["no title and no text"] += 1
        return
    sender = email.utils.parseaddr(str(message.get("From", "")))
    guid = str(message.get("Message-ID", "")).strip()
    source = sender[0] or sender[1].partition("@")[2]
    chunk_items.items.append(Item(feed=chunk.name, guid=guid, title=title, text=text, published=when, source=source))


def _sent(said: str) -> datetime | None:
    """The date of a mail. Python reads more of the odd ones, but takes AM and PM for zones."""
    found = date_of(said)
    if found is None and said:
        try:
            found = date_of(email.utils.parsedate_to_datetime(said))
        except (ValueError, TypeError, OverflowError):
            return None
    return found
