"""Defines host_of, the name of a publisher that has no other, and is_publisher: decides whether the words after a headline's last dash are
the name of its publisher.

Pure. Search feeds append the publisher to a headline ("… - Yahoo Finance"), and Vietnamese headlines join names by the same dash
("Lào - Campuchia"). Therefore only words that resemble the source's name or host are a publisher.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

_WORDS = re.compile(r"\w+")
_LONGEST = 60  # code points
_MIN_LABEL = 4  # letters; a shorter label of a host name can be part of the words by chance


def host_of(url: str) -> str:
    """Returns the host of an address in lower case, without "www." and port; "" for an invalid address."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def is_publisher(tail: str, names: Iterable[str]) -> bool:
    """Returns True if `tail` is a form of one of `names` (publishers' names and hosts): "24/7 Wall St." for 247wallst.com, "The Motley
    Fool" for fool.com, "Yahoo Finance Singapore" for sg.finance.yahoo.com."""
    letters = _alphanumeric(tail)
    words = [word for word in (_alphanumeric(word) for word in tail.split()) if word]
    if not letters or len(tail) > _LONGEST:
        return False
    return any(_resembles(letters, words, name) for name in names if name)


def _resembles(letters: str, words: list[str], name: str) -> bool:
    folded = name.casefold().removeprefix("www.")
    parts = set(_WORDS.findall(folded))
    if letters == _alphanumeric(folded) or parts.issuperset(words):
        return True
    if "." not in folded or " " in folded:
        return False
    # `name` is a host. Two thirds of the words, or of the letters, must agree with it.
    if _alphanumeric(folded).startswith(letters) or 3 * sum(word in parts for word in words) >= 2 * len(words):
        return True
    label = next((label for label in folded.split(".")[-2::-1] if len(label) >= _MIN_LABEL), "")
    within = label in letters or letters in label
    return bool(label) and (words[-1] == label or (within and 3 * min(len(label), len(letters)) >= 2 * max(len(label), len(letters))))


def _alphanumeric(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
