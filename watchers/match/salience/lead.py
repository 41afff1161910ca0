"""Defines where a story begins: `lead_of`, its first sentence behind what sites put in front, and `without_site`, a title without its site.

Values only.
"""

from __future__ import annotations

import re
from itertools import islice

from watchers.match.language.prefilter import PrefilteredRegex
from watchers.match.names.conditions import FieldContext

LEAD_REACH = 400
"""Characters of the first sentence that count as the lead, for texts in which no full stop is near."""
_FURNITURE = PrefilteredRegex.of((
    "tip: try", r"cookies?\b", "subscribe", "sign up", "javascript", "security service", "cloudflare", "are you ahead, or behind",
    "smartasset", "all rights reserved", "copyright", r"posted \w+ \d", "skip to", "make better investment decisions",
    "the best ai stocks today may lie", "access to this page", "tin mới", "đăng nhập", "quảng cáo", r"log in\b",
    "terms of (?:use|service)", "provided for information", "banned you", "please see https", "key points$", "read more", "click here",
))  # fmt: skip
"""Words of the sentences that are the site's and not the story's: tips, notices, refusals."""
_SITE = re.compile(r"(?:\s[-–—|]\s[^-–—|:]{2,40})+$")
_TITLE_END = 160


def lead_of(body: FieldContext) -> tuple[int, int]:
    """The first sentence of the story, as places in the text as given."""
    for first, last in islice(body.sentences(), 8):
        if last - first >= 25 and not _FURNITURE.search(body.text, first, min(last, first + LEAD_REACH)):
            return body.folded.back(first, min(last, first + LEAD_REACH))
    first, last = next(body.sentences())
    return body.folded.back(first, min(last, first + LEAD_REACH)) if last else (0, 0)


def without_site(title: str) -> str:
    """The title without the name of the site behind it (" - Yahoo Finance UK", " | Reuters")."""
    cut = max(0, len(title) - _TITLE_END)
    return title[:cut] + _SITE.sub("", title[cut:])
