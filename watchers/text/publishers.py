"""Defines host_of, by which a publisher without a name is known, and is_publisher: whether the words after a headline's last dash are how
its publisher calls itself.

Pure. Search feeds append the publisher to a headline ("… - Yahoo Finance"), and Vietnamese headlines join names by the same dash
("Lào - Campuchia"), so that only what resembles the source or its host counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_WORDS = re.compile(r"\w+")
_LONGEST = 60  # code points
_LABEL = 4  # letters of a host's name from which on its being inside the words, or they inside it, is no chance


def host_of(url: str) -> str:
    """The host of an address in lower case, without "www." and port; "" when the text is no address."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def is_publisher(tail: str, names: Iterable[str]) -> bool:
    """True where `tail` is a form of one of the names (publishers' names and hosts): "24/7 Wall St." of 247wallst.com, "The Motley Fool"
    of fool.com, "Yahoo Finance Singapore" of sg.finance.yahoo.com."""
    said = _letters(tail)
    words = [word for word in (_letters(word) for word in tail.split()) if word]
    if not said or len(tail) > _LONGEST:
        return False
    return any(_is(said, words, name) for name in names if name)


def _is(said: str, words: list[str], name: str) -> bool:
    folded = name.casefold().removeprefix("www.")
    parts = set(_WORDS.findall(folded))
    if said == _letters(folded) or parts.issuperset(words):
        return True
    if "." not in folded or " " in folded:
        return False
    if _letters(folded).startswith(said) or 3 * sum(word in parts for word in words) >= 2 * len(words):
        return True
    label = next((one for one in folded.split(".")[-2::-1] if len(one) >= _LABEL), "")
    within = label in said or said in label
    return bool(label) and (words[-1] == label or (within and 3 * min(len(label), len(said)) >= 2 * max(len(label), len(said))))


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
