"""Defines the forms in which typed words are compared: `plain_key` for any text, `name_key` for names. Pure."""

from __future__ import annotations

import unicodedata

from seeds.folding import plain_d

_APOSTROPHES = "'’ʼ‘`´"


def plain_key(text: str) -> str:
    """"Hòa Phát" and "hoa phat" alike: "hoa phat"; đ is d. Composed and decomposed letters, full and half width are alike too."""
    apart = plain_d(unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold()))
    return "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f" and unicodedata.category(sign) != "Cf")


def name_key(name: str) -> str:
    """A name as people compare it: as `plain_key`, and signs only part words: "Nvidia!", "#nvidia", "NVIDIA®" give "nvidia".

    "+" and "#" behind a letter stay, for they tell names apart ("C++", "C#", "Disney+"); apostrophes join ("McDonald's").
    """
    shown = "".join(" " if unicodedata.category(sign) == "So" else sign for sign in name)  # ™ would become the letters TM
    kept: list[str] = []
    for sign in plain_key("".join(sign for sign in shown if sign not in _APOSTROPHES)):
        follows = bool(kept) and kept[-1] != " "
        kept.append(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" or (sign in "+#" and follows) else " ")
    return " ".join("".join(kept).split())
