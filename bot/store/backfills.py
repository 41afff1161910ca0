"""Defines the table `backfills`: how far each source was read and with which rules; written in one transaction with its items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from bot.store.store import Store, iso
from watchers.archives.chunk import Place
from watchers.archives.source import ByteSource


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """How far a source was read."""

    place: Place
    done: bool


def source_fingerprint(source: ByteSource) -> str:
    """Identifies a file by path, size and modification time; "" for a pipe, which cannot be resumed."""
    if source.path is None:
        return ""
    status = source.path.stat()
    return f"{Path(source.path).resolve()}\x1f{status.st_size}\x1f{status.st_mtime_ns}"


def read_progress(store: Store, mark: str, job: str) -> SourceProgress:
    """Returns the position from which to resume the source."""
    row = store.conn.execute("SELECT place, done FROM backfills WHERE mark = ? AND job = ?", (mark, job)).fetchone()
    return SourceProgress(tuple(msgspec.json.decode(row["place"])), bool(row["done"])) if row else SourceProgress((), False)


def write_place(store: Store, mark: str, job: str, *, place: Place, done: bool, counts: dict[str, int], now: datetime) -> None:
    """Records that everything before `place` is read; adds up `counts` (read, matched, broken …)."""
    if not mark:
        return
    row = store.conn.execute("SELECT counts FROM backfills WHERE mark = ? AND job = ?", (mark, job)).fetchone()
    before = msgspec.json.decode(row["counts"]) if row else {}
    total = {name: before.get(name, 0) + counts.get(name, 0) for name in {*before, *counts}}
    store.conn.execute(
        "INSERT INTO backfills (mark, job, place, done, counts, updated_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (mark, job) DO UPDATE SET place = excluded.place, done = excluded.done, counts = excluded.counts, "
        "updated_at = excluded.updated_at",
        (mark, job, msgspec.json.encode(list(place)).decode(), int(done), msgspec.json.encode(total).decode(), iso(now)),
    )
