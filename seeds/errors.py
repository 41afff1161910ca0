"""Defines SeedError, the only error that reading the seeds raises. It names file, id and key of the problem."""

from __future__ import annotations

from pathlib import Path


class SeedError(ValueError):
    """Something in a seeds file is wrong.

    `file` is the file's path or name, `where` the id of the entry ("" for the file itself), `key` the key inside it
    ("" for the entry itself), `problem` a one-line description with the expected value.
    """

    def __init__(self, file: str | Path, where: str, key: str, problem: str) -> None:
        self.file, self.where, self.key, self.problem = str(file), where, key, problem
        location = ": ".join(part for part in (self.file, where, key) if part)
        super().__init__(f"{location}: {problem}")
