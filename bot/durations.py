"""Defines how durations are written in config.toml and in chats: "90s", "15m", "2h", "1d"."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FORM = re.compile(r"\s*(\d+)\s*([smhdw])\s*")
LONGEST = timedelta(days=36_500)
"""A hundred years: any moment so far from now still is a date."""
EXPECTED = 'expected a duration like "90s", "15m", "2h" or "1d"'


def parse_duration(text: object) -> timedelta:
    """ "15m" as a timedelta. Raises ValueError that says what was expected."""
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{EXPECTED}, got {text!r}")
    seconds = int(found[1]) * _UNITS[found[2]] if len(found[1]) < 20 else LONGEST.total_seconds() + 1
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{EXPECTED}, a hundred years at most, got {text!r}")
    return timedelta(seconds=seconds)
