"""Defines the values that reading archives passes around: Chunk, ChunkItems, BrokenRecord, ReadOptions. Values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from watchers.archives.byte_filter import ByteFilter
from watchers.models.item import Item

Place = tuple[int, ...]
"""Where to go on: numbers of the members on the way down, then the format's offset or record number; () is the beginning."""

BROKEN_KEPT = 100
"""Broken records listed for a chunk; more are only counted."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an archive that one task reads. Holds either the bytes themselves, or a span of a file on this machine."""

    format: str
    name: str
    """For people: path, and the member inside ("news.tar.zst!2024/03.xml")."""
    start: int = 0
    """Offset or record number at which it begins, for messages."""
    next: Place = ()
    """Where to go on once it is read."""
    data: bytes = b""
    path: str = ""
    """A file on disk, where `data` is empty; `start` to `end` of it."""
    end: int = 0
    note: str = ""
    """What the format needs to know beside (a header line, a table's name)."""
    url: str = ""
    """Where the whole file came from, if from the web."""

    @property
    def size(self) -> int:
        """Bytes, roughly: for progress."""
        return len(self.data) or max(0, self.end - self.start)


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that could not be read: where, and why."""

    name: str
    offset: int
    reason: str


@dataclass(slots=True)
class ChunkItems:
    """What a chunk gave."""

    items: list[Item] = field(default_factory=list)
    """Items in which a watched name may stand."""
    read: int = 0
    """Records looked at, those without a name included."""
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
    """How records are read. Travels to the workers."""

    now: datetime
    prescan: ByteFilter | None = None
    """None: every record is parsed."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """A person's own mapping, field of an item to column."""
    since: datetime | None = None
    until: datetime | None = None
    """From, and up to but not including; records without a date stay."""
