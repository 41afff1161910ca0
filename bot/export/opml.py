"""Defines OPML (http://opml.org/spec2.opml) in and out: lists of feeds, as other readers write and read them. Nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from seeds.feeds import Feed

_BARE_AMPERSAND = re.compile(rb"&(?!(?:[A-Za-z]{1,9}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});)")


class OpmlError(ValueError):
    """The file is no OPML that can be read; the text is one line for a person."""


@dataclass(frozen=True, slots=True)
class OpmlOutline:
    """A feed in an OPML file: its address, its title and the folder it stood in."""

    url: str
    title: str
    folder: str
    lang: str = ""


def read_opml(content: bytes) -> list[OpmlOutline]:
    """The feeds of `content` in their order, each address once. Raises OpmlError."""
    # Feed lists are often written by hand: a bare "&" in an address must not lose the other feeds.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False)
    try:
        root: Any = etree.fromstring(_BARE_AMPERSAND.sub(b"&amp;", content), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or root.tag != "opml":
        raise OpmlError("not an OPML file")
    found: dict[str, OpmlOutline] = {}
    for element in root.iter("outline"):
        url = (element.get("xmlUrl") or element.get("xmlurl") or "").strip()
        if url and url not in found:
            folder = element.getparent()
            name = folder.get("text") or folder.get("title") or "" if folder.tag == "outline" else ""
            title = " ".join((element.get("text") or element.get("title") or "").split())
            found[url] = OpmlOutline(url, title, " ".join(name.split()), (element.get("language") or "").strip())
    return list(found.values())


def write_opml(feeds: Iterable[Feed], title: str = "seedwatch") -> bytes:
    """An OPML 2.0 document, feeds grouped by their topic."""
    root: Any = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    folders: dict[str, Any] = {}
    for feed in feeds:
        if feed.topic and feed.topic not in folders:
            folders[feed.topic] = etree.SubElement(body, "outline", text=feed.topic)
        parent = folders[feed.topic] if feed.topic else body
        outline = etree.SubElement(parent, "outline", text=feed.title, type="rss", xmlUrl=feed.url)
        if feed.lang:
            outline.set("language", feed.lang)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True))
