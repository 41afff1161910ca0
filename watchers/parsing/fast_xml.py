"""Defines the fast path: RSS 2.0, RSS 1.0 and Atom 1.0 that are well-formed and plain, read with lxml.

The result must equal the result of feedparser. If this module is not certain (a DOCTYPE, another root, markup instead of text, a repeated
element, xml:base, foreign elements that feedparser interprets), it returns None, and feedparser reads the feed. A differential test over
real feeds compares the two.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from watchers.parsing.normalize import Entry, ParsedDocument

_ATOM = "{http://www.w3.org/2005/Atom}"
_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_RSS1 = "{http://purl.org/rss/1.0/}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_SY = "{http://purl.org/rss/1.0/modules/syndication/}"
_XHTML = "{http://www.w3.org/1999/xhtml}"
_XML = "{http://www.w3.org/XML/1998/namespace}"

_FIELDS = {
    "title": "title", "link": "link", "guid": "guid", "description": "summary", "pubDate": "published", "author": "author",
    _CONTENT: "content", _DC + "creator": "author", _DC + "date": "updated",
    _RSS1 + "title": "title", _RSS1 + "link": "link", _RSS1 + "description": "summary",
}  # fmt: skip
_ATOM_FIELDS = {
    _ATOM + "title": "title", _ATOM + "id": "guid", _ATOM + "summary": "summary", _ATOM + "content": "content",
    _ATOM + "published": "published", _ATOM + "updated": "updated",
}  # fmt: skip
# Elements of an entry that neither parser uses.
_IGNORED = frozenset({"comments", "enclosure", _ATOM + "rights", "thumb", "image"})
_IGNORED_SPACES = (
    "{http://purl.org/rss/1.0/modules/slash/}",
    "{http://wellformedweb.org/CommentAPI/}",
    "{http://purl.org/syndication/thread/1.0}",
    "{http://rssnamespace.org/feedburner/ext/1.0}",
    "{http://www.georss.org/georss}",
    "{com-wordpress:feed-additions:1}",
)
_MEDIA = "{http://search.yahoo.com/mrss/}"
_IGNORED_MEDIA = frozenset({_MEDIA + "thumbnail", _MEDIA + "content", _MEDIA + "credit", _MEDIA + "keywords"})


_NAMESPACES = 50
"""Maximum number of namespaces declared above an XHTML element; real feeds have up to 13. Every serialized XHTML text repeats all of them,
which takes quadratic time."""


_BASE = re.compile(rb"base\s*=")
_HAS_BASE = etree.XPath(
    "boolean((//@xml:base | //@base)[not(ancestor::a:content | ancestor::a:summary | ancestor::a:title)])",
    namespaces={"a": "http://www.w3.org/2005/Atom"},
)
"""feedparser resolves addresses against xml:base and base on any element. Those on text elements (WordPress writes them) have no effect."""


class _NotPlainError(Exception):
    """feedparser has to read this document."""


def read(body: bytes, max_entries: int | None = None) -> ParsedDocument | None:
    """Parses `body`. Returns None if feedparser has to read it, or if it has more than `max_entries` entries."""
    if body[:1] != b"<":
        body = body.removeprefix(b"\xef\xbb\xbf").lstrip()  # blanks before the declaration are the max_entries common error
    if not body.startswith(b"<") or b"<!DOCTYPE" in body[:4_000] or b"<!ENTITY" in body[:4_000]:
        return None
    # The fast path reads UTF-8 only, whatever the document declares. libxml2 checks that the bytes are UTF-8.
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root: Any = etree.fromstring(body, parser)
        if root.getroottree().docinfo.doctype or (_BASE.search(body) and _HAS_BASE(root)):
            return None
        return _document(root, max_entries)
    except (etree.XMLSyntaxError, _NotPlainError, ValueError):
        return None


def _document(root: Any, max_entries: int | None) -> ParsedDocument | None:
    if len(root.nsmap) > _NAMESPACES:
        return None
    if root.tag == "rss":
        channels = root.findall("channel")
        if len(channels) != 1 or len(root) != 1:
            return None
        return _rss(channels[0], channels[0], "", max_entries)
    if root.tag == _RDF + "RDF":
        channel = root.find(_RSS1 + "channel")
        return None if channel is None else _rss(root, channel, _RSS1, max_entries)
    if root.tag == _ATOM + "feed":
        return _atom(root, max_entries)
    return None


def _check_complete(root: Any, name: str, channel: ParsedDocument) -> None:
    """Raises _NotPlainError if the document has elements `name` that were not read: at another depth or in another namespace."""
    if sum(1 for _ in root.iter("{*}" + name)) != len(channel.entries):
        raise _NotPlainError


def _rss(holder: Any, head: Any, space: str, max_entries: int | None) -> ParsedDocument:
    channel = ParsedDocument(parser="fast")
    item_tag = space + "item"
    for element in head:
        tag = element.tag
        if tag == item_tag:
            continue
        if tag in {space + "title", _DC + "title"}:
            channel.title = channel.title or _text(element)
        elif tag == space + "link":
            channel.link = channel.link or (element.text or "").strip()
        elif tag == space + "language" or tag == _DC + "language":
            channel.lang = (element.text or "").strip()
        elif tag == space + "ttl":
            channel.ttl = element.text or ""
        elif tag == space + "skipHours":
            channel.skip_hours = [hour.text or "" for hour in element.iter("{*}hour")]
        elif tag == space + "skipDays":
            channel.skip_days = [day.text or "" for day in element.iter("{*}day")]
        else:
            _common_head(channel, element, tag)
    # Items of RSS 1.0 follow the channel, but some publishers put them inside it.
    for element in holder.iter(item_tag):
        if len(channel.entries) == max_entries:
            raise _NotPlainError
        channel.entries.append(_rss_entry(element, space))
    _check_complete(holder, "item", channel)
    return channel


def _common_head(channel: ParsedDocument, element: Any, tag: str) -> None:
    if tag == _ATOM + "link":
        _head_link(channel, element)
    elif tag == _SY + "updatePeriod":
        channel.update_period = element.text or ""
    elif tag == _SY + "updateFrequency":
        channel.update_frequency = element.text or ""


def _head_link(channel: ParsedDocument, element: Any) -> None:
    rel = element.get("rel", "alternate")
    if rel == "hub":
        channel.hub = channel.hub or element.get("href", "")
    elif rel == "self":
        channel.topic = channel.topic or element.get("href", "")
    elif rel == "alternate":
        channel.link = channel.link or element.get("href", "")


def _rss_entry(item: Any, space: str) -> Entry:
    entry = Entry()
    if item.attrib:
        about = item.get(_RDF + "about")
        if not space or about is None or len(item.attrib) > 1:
            raise _NotPlainError
        entry.guid = about
    permalink = True
    seen = set()
    for element in item:
        tag = element.tag
        name = _FIELDS.get(tag)
        if name is None:
            _rss_extra(entry, element, tag)
            continue
        if name in seen and name != "author":
            raise _NotPlainError
        seen.add(name)
        if name == "guid":
            permalink = _is_permalink(element, space)
        elif element.attrib and not _plain_attributes(element):
            raise _NotPlainError
        setattr(entry, name, _text(element))
    if not entry.link and (space or entry.guid):
        # feedparser uses a permalink as link. How it resolves other guids is not repeated here.
        if space or not permalink or not entry.guid.strip().startswith(("http://", "https://")):
            raise _NotPlainError
        entry.link = entry.guid
    if not entry.summary:
        entry.summary = entry.content
    return entry


def _rss_extra(entry: Entry, element: Any, tag: str) -> None:
    if tag in {"category", _DC + "subject"}:
        if "term" in element.attrib:
            raise _NotPlainError
        entry.categories.append(_text(element))
    elif tag == "source":
        entry.source = _text(element)
    elif tag == _ATOM + "link" and element.get("rel", "alternate") != "alternate":
        return
    else:
        _ignore(element, tag)


def _ignore(element: Any, tag: str) -> None:
    if (tag in _IGNORED or tag.startswith(_IGNORED_SPACES)) and not len(element):
        return
    if tag in _IGNORED_MEDIA and all(child.tag in _IGNORED_MEDIA for child in element):
        return
    raise _NotPlainError  # media:content can contain its own title or description


def _is_permalink(guid: Any, space: str) -> bool:
    if space or (guid.attrib and "isPermaLink" not in guid.attrib):
        raise _NotPlainError
    value = guid.get("isPermaLink", "true")
    if value not in {"true", "false"}:
        raise _NotPlainError
    return bool(value == "true")


def _plain_attributes(element: Any) -> bool:
    if len(element.attrib) > 1:  # lxml takes seconds to list ten thousands of attributes
        return False
    return all(name == "type" and value in {"html", "text", "text/html", "text/plain"} for name, value in element.attrib.items())


def _atom(root: Any, max_entries: int | None) -> ParsedDocument:
    channel = ParsedDocument(parser="fast", lang=root.get(_XML + "lang", ""))
    entries = []
    for element in root:
        tag = element.tag
        if tag == _ATOM + "entry":
            entries.append(element)
        elif tag == _ATOM + "title":
            channel.title = _atom_text(element)
        elif tag == _ATOM + "link":
            _head_link(channel, element)
        elif tag == _ATOM + "language":
            raise _NotPlainError
        else:
            _common_head(channel, element, tag)
    if max_entries is not None and len(entries) > max_entries:
        raise _NotPlainError
    for element in entries:
        channel.entries.append(_atom_entry(element))
    _check_complete(root, "entry", channel)
    return channel


def _atom_entry(item: Any) -> Entry:
    entry = Entry()
    if item.attrib:
        raise _NotPlainError
    seen = set()
    for element in item:
        tag = element.tag
        name = _ATOM_FIELDS.get(tag)
        if name is None:
            _atom_extra(entry, element, tag)
            continue
        if name in seen:
            raise _NotPlainError
        seen.add(name)
        setattr(entry, name, _atom_text(element))
    if not entry.link or (entry.guid and ":" not in entry.guid):
        raise _NotPlainError  # feedparser resolves a relative id against the feed's own address
    if not entry.summary:
        entry.summary = entry.content
    return entry


def _atom_extra(entry: Entry, element: Any, tag: str) -> None:
    if tag == _ATOM + "link":
        if element.get("rel", "alternate") == "alternate":
            if entry.link:
                raise _NotPlainError
            entry.link = element.get("href", "")
    elif tag == _ATOM + "author":
        name = element.findtext(_ATOM + "name")
        if entry.author or not name:
            raise _NotPlainError
        mail = element.findtext(_ATOM + "email")
        entry.author = f"{name} ({mail})" if mail else name
    elif tag == _ATOM + "category":
        if "term" not in element.attrib:
            raise _NotPlainError
        entry.categories.append(element.get("term"))
    elif tag != _ATOM + "contributor":
        _ignore(element, tag)


def _atom_text(element: Any) -> str:
    kind = element.get("type", "text")
    if "src" in element.attrib or "mode" in element.attrib:
        raise _NotPlainError
    if kind == "xhtml":
        return _xhtml(element)
    if kind not in {"text", "html", "text/html", "text/plain"}:
        raise _NotPlainError
    return _text(element)


def _xhtml(element: Any) -> str:
    if len(element) != 1 or element[0].tag != _XHTML + "div" or element[0].prefix or (element.text or "").strip():
        raise _NotPlainError
    if len(element[0].nsmap) > _NAMESPACES:
        raise _NotPlainError
    return repair_encoding(str(etree.tostring(element[0], encoding="unicode", with_tail=False)))


def _text(element: Any) -> str:
    if len(element):
        raise _NotPlainError
    return repair_encoding(element.text or "")


def repair_encoding(text: str) -> str:
    """Repairs UTF-8 that was decoded as Latin-1 and encoded again ("HÃ ná»™i"), as feedparser does."""
    if text.isascii():
        return text
    try:
        return text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text
