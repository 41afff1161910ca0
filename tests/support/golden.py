"""Defines `golden`: holds a text against a file that stands beside the tests, and with GOLDEN=write in the environment writes it."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "bot" / "golden"


def golden(name: str, text: str) -> None:
    """Fails when `text` is not what the golden file says; a person reads the file before it is committed."""
    path = FOLDER / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
