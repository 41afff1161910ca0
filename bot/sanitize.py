"""Defines `clean`, `plain` and `safe_url`: text and addresses from outside made harmless, for chats, terminals and pages.

The only text sanitizer of the program. Markup is escaped later, where a message or a page gets its form.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

JOINER = "\u2060"
"""Word joiner: invisible, and no part of a name or address, so a chat program links nothing across it."""

_ACTIVE = re.compile(
    r"(?P<at>@)(?=\w)"  # @name: would mention, and so call, a user
    r"|(?P<command>(?<![\w/:.])/)(?=[a-z]\w*)"  # /word: would be a command to tap
    r"|(?P<scheme>\btg)(?=\s*:)"  # tg:…: opens chats and users
    r"|(?P<host>\b(?:t|telegram))(?=\.(?:me|dog)\b)",  # t.me/…: the same by another door
    re.IGNORECASE,
)
_SCHEMES = frozenset({"http", "https"})
_CALLS = re.compile(r"(?:^|\.)(?:t\.me|telegram\.me|telegram\.dog)$")


def clean(text: str) -> str:
    """Words from outside as harmless plain text in one line for chats: `plain`, in which nothing acts.

    What a chat program would turn into a mention, a command or a link to a user is kept readable and made inert.
    """
    return _ACTIVE.sub(lambda found: found[0] + JOINER, plain(text))


def plain(text: str) -> str:
    """Words from outside in one line for terminals and pages: nothing is added, so that addresses and paths can be copied.

    Composed (NFC); without control, zero-width, direction-changing and private characters; runs of white space are one space.
    """
    kept = []
    for letter in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(letter)
        if kind in {"Cc", "Zl", "Zp", "Zs"}:
            kept.append(" ")
        elif kind not in {"Cf", "Cs", "Co", "Cn"} and not _blank(letter):
            kept.append(letter)
    return " ".join("".join(kept).split())


def _blank(letter: str) -> bool:
    """Letters that show nothing (Hangul fillers, Braille blank, variation selectors): made to hide or to imitate layout."""
    if letter in "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5":
        return True
    return "\ufe00" <= letter <= "\ufe0e" or "\U000e0100" <= letter <= "\U000e01ef"


def safe_url(url: str) -> str | None:
    """The address when a message may link to it: http(s), with a host, and not one that opens a user or chat. None otherwise."""
    cut = url.strip()
    if any(letter.isspace() or unicodedata.category(letter)[0] == "C" for letter in cut) or len(cut) > 2000:
        return None
    try:
        parts = urlsplit(cut)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES or not host or _CALLS.search(host.lower().rstrip(".")):
        return None
    return cut
