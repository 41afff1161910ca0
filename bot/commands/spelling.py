"""Defines `plain_key`: the form in which words that people type meet names, accents and case left aside. Pure."""

from __future__ import annotations

import unicodedata


def plain_key(text: str) -> str:
    """"Hòa Phát" and "hoa phat" alike: "hoa phat"; đ is d."""
    apart = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(sign for sign in apart if not unicodedata.combining(sign))
