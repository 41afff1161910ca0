"""Defines page_item: the bytes of an HTML page as an Item: title, date, source, author, language, main text, canonical address.

Much faster than `watchers.sources.article.article_of`, as archives of millions of pages need it, but less exact: the text can contain
menus and teasers, and fewer dates are found.
The charset comes from the bytes if they are UTF-8, else from the response header, the page's own label, or a guess from the bytes.
"""

from __future__ import annotations

import codecs
import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from seeds.languages import LANGUAGES
from watchers.archives.field_mapping import date_of
from watchers.models.item import Item

_LABEL = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,30})""", re.IGNORECASE)
_TITLES = ("og:title", "twitter:title", "dc.title")
_DATES = (
    "article:published_time", "og:article:published_time", "datepublished", "date", "pubdate", "publishdate", "dc.date", "dc.date.issued",
    "dcterms.created", "sailthru.date", "parsely-pub-date", "og:updated_time", "article:modified_time",
)  # fmt: skip
_SITES = ("og:site_name", "application-name", "dc.publisher")
_AUTHORS = ("author", "article:author", "dc.creator", "parsely-author")
_SUMMARIES = ("og:description", "description", "twitter:description")
_WESTERN = "windows-1252"
_FEW = 5
"""Whole letters with accents for each broken byte at least."""
TEXT_LIMIT = 200_000
"""Characters of text kept."""


def decode(body: bytes, charset: str = "") -> str:
    """The page as text. `charset` is the header's; a page that is UTF-8 is read as that whatever its labels say."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if body.startswith(mark):
            return body.decode(name, "replace").lstrip("\ufeff")
    if mostly_utf8(body):
        return body.decode("utf-8", "replace")
    label = _LABEL.search(body[:4_096])
    for name in (charset, label[1].decode("ascii", "replace") if label else ""):
        if name and not name.lower().startswith("utf-8"):
            try:
                return body.decode(name, "replace")
            except (LookupError, ValueError):
                continue
    return body.decode(likely_charset(body), "replace")


def likely_charset(body: bytes) -> str:
    """The charset that bytes which are no UTF-8 look like; windows-1252 where nothing tells."""
    try:
        from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5
    except ImportError:  # of the extra "archives", without which lines and tables are read all the same
        return _WESTERN
    found = str(map_encoding_to_html5(detect_encoding(body) or _WESTERN))
    try:
        return _WESTERN if codecs.lookup(found).name == "utf-8" else found
    except LookupError:
        return _WESTERN


def mostly_utf8(body: bytes) -> bool:
    """Whether it is UTF-8, be it with a byte here and there that is broken: in an old charset hardly a letter with an accent is UTF-8."""
    if body.isascii():
        return True
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken == 0 or broken * _FEW <= len(text) - len(text.encode("ascii", "ignore")) - broken


def page_item(body: bytes, *, feed: str, url: str = "", charset: str = "") -> Item:
    """The page as an item, with the date that it names itself. Raises ValueError where it has nothing."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse(decode(body, charset))
    if tree.document is None or tree.head is None:
        raise ValueError("no HTML")
    meta = _meta(tree)
    data = _linked_data(tree)
    text = str(extract_plain_text(tree, main_content=True, alt_texts=False, noscript=False) or "").strip()[:TEXT_LIMIT]
    heading = tree.document.query_selector("h1")
    shown = " ".join((tree.title or "").split())
    title = _first(meta, _TITLES) or data.get("headline", "") or shown or (str(heading.text).strip() if heading else "")
    if not (title or text):
        raise ValueError("no title and no text")
    published = next((found for one in (data.get("datePublished"), *(meta.get(name) for name in _DATES)) if (found := date_of(one))), None)
    address = _canonical(tree, url, meta)
    root = tree.document.query_selector("html")
    lang = ((root.getattr("lang") if root else "") or meta.get("og:locale") or "").lower()
    return Item(
        feed=feed, url=address, title=" ".join(title.split())[:1_000], summary=_first(meta, _SUMMARIES)[:2_000], text=text,
        lang=lang[:2] if lang[:2] in LANGUAGES else "", published=published or _time(tree),
        source=_first(meta, _SITES) or data.get("publisher", "") or (urlsplit(address).hostname or "").removeprefix("www."),
        author=(_first(meta, _AUTHORS) or data.get("author", ""))[:200],
    )  # fmt: skip


def _meta(tree: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in tree.document.get_elements_by_tag_name("meta"):
        name = one.getattr("property") or one.getattr("name") or one.getattr("itemprop")
        content = one.getattr("content")
        if name and content:
            found.setdefault(str(name).strip().lower(), str(content).strip())
    return found


def _first(meta: dict[str, str], names: tuple[str, ...]) -> str:
    return next((meta[name] for name in names if meta.get(name)), "")


def _linked_data(tree: Any) -> dict[str, str]:
    """Headline, date, publisher and author that the page gives in JSON-LD."""
    found: dict[str, str] = {}
    for script in tree.document.query_selector_all('script[type="application/ld+json"]')[:10]:
        try:
            told = json.loads(script.text, strict=False)
        except (ValueError, RecursionError):
            continue
        for one in _objects(told):
            for key in ("headline", "datePublished"):
                if isinstance(one.get(key), str):
                    found.setdefault(key, one[key])
            for key in ("publisher", "author"):
                who = one.get(key)
                who = who[0] if isinstance(who, list) and who else who
                if isinstance(who, dict) and isinstance(who.get("name"), str) and "datePublished" in one:
                    found.setdefault(key, who["name"])
    return found


def _objects(told: Any) -> list[dict[str, Any]]:
    if isinstance(told, dict):
        graph = told.get("@graph")
        return [told, *(one for one in graph if isinstance(one, dict))] if isinstance(graph, list) else [told]
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _canonical(tree: Any, url: str, meta: dict[str, str]) -> str:
    link = tree.document.query_selector('link[rel="canonical"]')
    told = (link.getattr("href") if link else "") or meta.get("og:url") or ""
    joined = urljoin(url, told.strip()) if told else url
    # A canonical address that leads to the front page says nothing about this one.
    return joined if joined.startswith(("http://", "https://")) and (urlsplit(joined).path.strip("/") or not url) else url


def _time(tree: Any) -> datetime | None:
    one = tree.document.query_selector("time[datetime]")
    return date_of(one.getattr("datetime")) if one else None
