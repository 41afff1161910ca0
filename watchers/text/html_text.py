"""Defines the way from what publishers write (HTML, entities, control characters) to plain text, one way and linear in time.

It must not escape anything: escaping belongs to the last step, for the target.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from html.entities import html5
from unicodedata import normalize

TITLE_LIMIT = 1_000
TEXT_LIMIT = 200_000
"""Characters of one item's text kept: a long book chapter; a 10 MB entry would only cost memory downstream."""

# A tag: a name directly behind "<" (so that "5 < 6" stays), attributes with quoted values that may hold ">". Possessive
# repeats, and every attempt stops at the next "<" outside quotes, so that the whole is linear on hostile text.
_TAG = re.compile(r"""<(/?[a-zA-Z][a-zA-Z0-9:-]*+)(?=[\s/>])[^<>"']*+(?:"[^"]*+"[^<>"']*+|'[^']*+'[^<>"']*+)*+>""")
_LOOSE_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:-]*+(?=[\s/>])[^<>]*+>")
_SILENT_OPEN = re.compile(r"<(script|style|template|noscript|head)(?=[\s/>])", re.IGNORECASE)
_HTML = re.compile(rb"<(?:html|body|article)[\s>]", re.IGNORECASE)
_DECLARATION = re.compile(r"<[!?][^<>]*+>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\u200b\u2060\u00ad\ud800-\udfff]")
_REFERENCE = re.compile(r"&(#[0-9]++;?|#[xX][0-9a-fA-F]++;?|[^\t\n\f <&#;]{1,32}+;?)")
"""Of a letter, as HTML 5 has them and `html.unescape` finds them."""
_LONGEST_NUMBER = 100
_LONGEST_OPEN = max(len(name) for name in html5 if not name.endswith(";"))
"""Letters of a name that may stand without its semicolon."""
_PRINTABLE = bytes(range(0x20, 0x7F))
_UNSOUND = re.compile(f"{_CONTROL.pattern[:-1]}\x80-\x9f\u202a-\u202e\u2066-\u2069]")
_C1 = re.compile("[\x80-\x9f]")
_BLOCKS_WORDS = """
address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p
pre section table tbody td tfoot th thead tr ul
"""
_BLOCKS = frozenset(_BLOCKS_WORDS.split())
# Windows-1252 bytes that were passed on as code points: every reader of the wild web maps them to what was meant.
_CP1252 = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}


def begins_html(head: bytes) -> bool:
    """True for the first bytes of a web page."""
    return head[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


def is_html(head: bytes) -> bool:
    """True for the first bytes of a web page, also when other text or markup comes before its first tag."""
    return begins_html(head) or _HTML.search(head[:8_000]) is not None


def plain(markup: str, limit: int = TEXT_LIMIT) -> str:
    """Gives the text of `markup`: tags stripped, blocks on lines of their own, entities decoded once, NFC untouched.

    Text without markup comes back as it is, save for its white space. At most `limit` characters, cut at a space.
    """
    if "<" in markup:
        markup = _strip(markup)
    if "&" in markup:
        markup = _REFERENCE.sub(_letter, markup)
    return _tidy(markup, limit)


def line(markup: str, limit: int = TITLE_LIMIT) -> str:
    """The same on one line: for titles, names and sources."""
    if markup.isprintable() and "  " not in markup and "<" not in markup and "&" not in markup and len(markup) <= limit:
        return markup.strip()  # as most titles are: nothing to take off
    text = plain(markup, limit)
    return text.replace("\n", " ") if "\n" in text else text


def sound(text: str, limit: int = TITLE_LIMIT) -> str:
    """What is no text for people (an address, a guid, a server's phrase) without control characters and lone surrogates.

    No database takes a surrogate, no terminal bears an escape sequence, no reader a line turned around; at most `limit` characters.
    """
    return (text if text.isprintable() else _UNSOUND.sub("", text))[:limit]


def folded(text: str) -> str:
    """Case-folded NFC with single spaces: what titles are compared by. Letters of every script stay letters."""
    if text.isascii():  # nothing to compose, and lower case is what case-folding gives
        return " ".join(text.lower().split())
    return " ".join(normalize("NFC", text).casefold().split())


def _letter(match: re.Match[str]) -> str:
    """What `html.unescape` gives for one reference, in bounded time. It raises for a number of thousands of digits, and looks at every
    beginning of a name that stands for nothing."""
    name = match[1]
    whole = html5.get(name)
    if whole is not None:
        return whole
    if name[0] == "#":
        return _numbered(match[0])
    for end in range(min(len(name) - 1, _LONGEST_OPEN), 1, -1):
        if name[:end] in html5:
            return html5[name[:end]] + name[end:]
    return match[0]


@lru_cache(maxsize=1_024)
def _numbered(reference: str) -> str:
    return unescape(reference) if len(reference) < _LONGEST_NUMBER else "\ufffd"


def _strip(markup: str) -> str:
    if "<!" in markup or "<?" in markup:
        markup = _drop_comments(markup)
    if _SILENT_OPEN.search(markup):
        markup = _drop_silent(markup)
    markup = _TAG.sub(_gap, markup)
    # What remains has unbalanced quotes ("<a title="it's">" is fine above; "<a title='it's'>" is not).
    return _LOOSE_TAG.sub(" ", markup) if "<" in markup else markup


def _gap(match: re.Match[str]) -> str:
    name = match[1].lower()
    return "\n" if name.lstrip("/") in _BLOCKS else ""


def _drop_comments(markup: str) -> str:
    parts: list[str] = []
    at = 0
    while (start := markup.find("<!--", at)) >= 0:
        parts.append(markup[at:start])
        end = markup.find("-->", start + 4)
        if end < 0:
            at = len(markup)
            break
        at = end + 3
    parts.append(markup[at:])
    whole = "".join(parts).replace("<![CDATA[", "").replace("]]>", "")
    return _DECLARATION.sub("", whole)


def _drop_silent(markup: str) -> str:
    parts: list[str] = []
    at = 0
    lowered = markup.lower()
    if len(lowered) != len(markup):  # İ and the like change length; their places would not fit
        lowered = markup
    while match := _SILENT_OPEN.search(markup, at):
        parts.append(markup[at : match.start()])
        end = lowered.find("</" + match[1].lower(), match.end())
        if end < 0:
            at = len(markup)
            break
        closed = markup.find(">", end)
        at = closed + 1 if closed >= 0 else len(markup)
    parts.append(markup[at:])
    return " ".join(parts)


def _tidy(text: str, limit: int) -> str:
    # Printable text has no blank but the plain one, and no control character: most texts end here.
    text = text.strip() if "  " not in text and _printable(text) else _without_blanks(text)
    if len(text) > limit:
        cut = text.rfind(" ", limit - 80, limit)
        text = text[: cut if cut > 0 else limit].rstrip()
    return text


def _printable(text: str) -> bool:
    """`text.isprintable()`, which asks a table for each letter: for a third of the time where all are ASCII."""
    return not text.encode().translate(None, _PRINTABLE) if text.isascii() else text.isprintable()


def _without_blanks(text: str) -> str:
    # str.split without arguments knows every blank of Unicode and runs in C; a regular expression takes ten times longer.
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
