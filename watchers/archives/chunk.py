"""Defines the values that reading archives passes around: Chunk, ChunkItems, BrokenRecord, ReadOptions. Values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watchers.archives.byte_filter import ByteFilter
from watchers.models.item import Item

Place = tuple[int, ...]
"""Where to resume: the indexes of the nested members, then the format's offset or record number; () is the beginning."""

BROKEN_KEPT = 100
"""Maximum number of broken records listed for a chunk; more are only counted."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an archive that one worker reads. It contains either the bytes, or the path and range of a file on this machine."""

    format: str
    name: str
    """For messages: path, and the member inside ("news.tar.zst!2024/03.xml")."""
    start: int = 0
    """Offset or record number at which it begins, for messages."""
    next: Place = ()
    """Where to resume after this chunk."""
    data: bytes = b""
    path: str = ""
    """If `data` is empty: the file on disk, of which the chunk is `start` to `end`."""
    end: int = 0
    note: str = ""
    """Additional data of the format (a header line, a query)."""
    url: str = ""
    """The address of the file, if it was downloaded."""

    @property
    def size(self) -> int:
        """The approximate size in bytes, for progress."""
        return len(self.data) or max(0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """The location of a record that could not be read, and the reason."""

    name: str
    offset: int
    reason: str


@dataclass(slots=True)
class ChunkItems:
    """The result of reading a chunk."""

    items: list[Item] = field(default_factory=list)
    """Items that may contain a watched name."""
    read: int = 0
    """Number of records read, including those without a name."""
    size: int = 0
    """Bytes."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Records left out on purpose, by reason."""
    broken: list[BrokenRecord] = field(default_factory=list)
    broken_count: int = 0
    repaired: list[BrokenRecord] = field(default_factory=list)
    """Records that were read though something in them is wrong."""
    repaired_count: int = 0

    def repair(self, name: str, offset: int, reason: str) -> None:
        """Counts a repaired record; the first hundred are listed."""
        self.repaired_count += 1
        if len(self.repaired) < BROKEN_KEPT:
            self.repaired.append(BrokenRecord(name, offset, reason))

    def fail(self, name: str, offset: int, reason: str) -> None:
        """Counts a broken record; the first hundred are listed."""
        self.broken_count += 1
        if len(self.broken) < BROKEN_KEPT:
            self.broken.append(BrokenRecord(name, offset, " ".join(reason.split())[:200]))


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How records are read. Sent to the workers."""

    now: datetime
    prescan: ByteFilter | None = None
    """None: every record is parsed."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """The user's mapping from fields of an item to columns."""
    since: datetime | None = None
    until: datetime | None = None
    """Dates from `since` (inclusive) to `until` (exclusive); records without a date are kept."""
