"""Converts publishers' text (HTML, entities, control characters) to plain text, in linear time.

It must not escape anything: the code that writes to a target escapes for that target.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from html.entities import html5
from unicodedata import normalize

TITLE_LIMIT = 1_000
TEXT_LIMIT = 200_000
"""Maximum characters kept of an item's text: about a book chapter. More would only cost memory."""

# A tag: a name directly after "<" (so that "5 < 6" is kept), attributes with quoted values that can contain ">". Possessive repeats,
# and every attempt ends at the next "<" outside quotes, so matching is linear on malicious text.
_TAG = re.compile(r"""<(/?[a-zA-Z][a-zA-Z0-9:-]*+)(?=[\s/>])[^<>"']*+(?:"[^"]*+"[^<>"']*+|'[^']*+'[^<>"']*+)*+>""")
_LOOSE_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:-]*+(?=[\s/>])[^<>]*+>")
_SILENT_OPEN = re.compile(r"<(script|style|template|noscript|head)(?=[\s/>])", re.IGNORECASE)
_HTML = re.compile(rb"<(?:html|body|article)[\s>]", re.IGNORECASE)
_DECLARATION = re.compile(r"<[!?][^<>]*+>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\u200b\u2060\u00ad\ud800-\udfff]")
_REFERENCE = re.compile(r"&(#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[^\t\n\f <&#;]{1,32}+;?)")
"""A character reference of HTML 5, as `html.unescape` finds it."""
_LONGEST_NUMBER = 100
_LONGEST_OPEN = max(len(name) for name in html5 if not name.endswith(";"))
"""Length of the longest reference name that HTML 5 allows without a semicolon."""
_PRINTABLE = bytes(range(0x20, 0x7F))
_UNSOUND = re.compile(f"{_CONTROL.pattern[:-1]}\x80-\x9f\u202a-\u202e\u2066-\u2069]")
_C1 = re.compile("[\x80-\x9f]")
_BLOCKS_WORDS = """
address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p
pre section table tbody td tfoot th thead tr ul
"""
_BLOCKS = frozenset(_BLOCKS_WORDS.split())
# Windows-1252 bytes that a publisher wrote as code points. Browsers map them to the intended characters, too.
_CP1252 = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}


def begins_html(head: bytes) -> bool:
    """True for the first bytes of a web page."""
    return head[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def is_html(head: bytes) -> bool:
    """True for the first bytes of a web page, also when other text or markup comes before its first tag."""
    return begins_html(head) or _HTML.search(head[:8_000]) is not None


def plain(markup: str, limit: int = TEXT_LIMIT) -> str:
    """Returns the text of `markup`: without tags, each block on its own line, entities decoded once, Unicode not normalized.

    Only the white space of text without markup changes. At most `limit` characters, cut at a space.
    """
    if "<" in markup:
        markup = _strip_tags(markup)
    if "&" in markup:
        markup = _REFERENCE.sub(_decode_reference, markup)
    return _clean_blanks(markup, limit)


def line(markup: str, limit: int = TITLE_LIMIT) -> str:
    """Returns the text of `markup` on one line: for titles, names and sources."""
    if markup.isprintable() and "  " not in markup and "<" not in markup and "&" not in markup and len(markup) <= limit:
        return markup.strip()  # the common case: nothing to remove
    text = plain(markup, limit)
    return text.replace("\n", " ") if "\n" in text else text


def sound(text: str, limit: int = TITLE_LIMIT) -> str:
    """Removes control characters, bidirectional marks and lone surrogates from an address, a guid or a server's message.

    SQLite rejects surrogates, and escape sequences change a terminal. Returns at most `limit` characters.
    """
    return (text if text.isprintable() else _UNSOUND.sub("", text))[:limit]


def folded(text: str) -> str:
    """Returns case-folded NFC with single spaces, by which titles are compared. Letters of every script are kept."""
    if text.isascii():  # nothing to compose, and case-folding equals lower case
        return " ".join(text.lower().split())
    return " ".join(normalize("NFC", text).casefold().split())


def _decode_reference(match: re.Match[str]) -> str:
    """Decodes one reference like `html.unescape`, but in bounded time: `html.unescape` raises for a number with thousands of digits and
    tries every prefix of an unknown name."""
    name = match[1]
    character = html5.get(name)
    if character is not None:
        return character
    if name[0] == "#":
        return _decode_number(match[0])
    for end in range(min(len(name) - 1, _LONGEST_OPEN), 1, -1):
        if name[:end] in html5:
            return html5[name[:end]] + name[end:]
    return match[0]


@lru_cache(maxsize=1_024)
def _decode_number(reference: str) -> str:
    return unescape(reference) if len(reference) < _LONGEST_NUMBER else "\ufffd"


def _strip_tags(markup: str) -> str:
    if "<!" in markup or "<?" in markup:
        markup = _drop_comments(markup)
    if _SILENT_OPEN.search(markup):
        markup = _drop_silent(markup)
    markup = _TAG.sub(_tag_replacement, markup)
    # The remaining tags have unbalanced quotes ("<a title="it's">" is removed above; "<a title='it's'>" is not).
    return _LOOSE_TAG.sub(" ", markup) if "<" in markup else markup


def _tag_replacement(match: re.Match[str]) -> str:
    name = match[1].lower()
    return "\n" if name.lstrip("/") in _BLOCKS else ""


def _drop_comments(markup: str) -> str:
    parts: list[str] = []
    offset = 0
    while (start := markup.find("<!--", offset)) >= 0:
        parts.append(markup[offset:start])
        end = markup.find("-->", start + 4)
        if end < 0:
            offset = len(markup)
            break
        offset = end + 3
    parts.append(markup[offset:])
    remaining = "".join(parts).replace("<![CDATA[", "").replace("]]>", "")
    return _DECLARATION.sub("", remaining)


def _drop_silent(markup: str) -> str:
    """Removes elements whose content is not shown, such as scripts."""
    parts: list[str] = []
    offset = 0
    lowered = markup.lower()
    if len(lowered) != len(markup):  # İ changes its length in lower case, and the offsets would differ
        lowered = markup
    while match := _SILENT_OPEN.search(markup, offset):
        parts.append(markup[offset : match.start()])
        end = lowered.find("</" + match[1].lower(), match.end())
        if end < 0:
            offset = len(markup)
            break
        close = markup.find(">", end)
        offset = close + 1 if close >= 0 else len(markup)
    parts.append(markup[offset:])
    return " ".join(parts)


def _clean_blanks(text: str, limit: int) -> str:
    # Printable text has only plain blanks and no control characters, so most texts need no more work.
    text = text.strip() if "  " not in text and _is_printable(text) else _single_blanks(text)
    if len(text) > limit:
        cut = text.rfind(" ", limit - 80, limit)
        text = text[: cut if cut > 0 else limit].rstrip()
    return text


def _is_printable(text: str) -> bool:
    """Same as `text.isprintable()`, but faster for ASCII."""
    return not text.encode().translate(None, _PRINTABLE) if text.isascii() else text.isprintable()


def _single_blanks(text: str) -> str:
    # str.split without arguments splits at every blank of Unicode and is much faster than a regular expression.
    if "\n" in text or "\r" in text:
        lines = (" ".join(part.split()) for part in text.replace("\r", "\n").split("\n"))
        text = "\n".join(part for part in lines if part)
        clean = text.replace("\n", " ").isprintable()
    else:
        text = " ".join(text.split())
        clean = text.isprintable()
    if clean:
        return text
    if _C1.search(text):
        text = text.translate(_CP1252)
    return _CONTROL.sub("", text).strip()
