"""Defines the replay of a recorded feed: what it answered at each poll of the past, step by step.

A recording is a tar.zst with `manifest.jsonl` (a line a poll: time and file) and the files.
"""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """One poll of the past. `time` is aware UTC, `body` the bytes that were answered."""

    time: datetime
    body: bytes


def history(path: Path) -> list[Step]:
    """The steps of a recording, in the order in which they were polled."""
    import zstandard

    with path.open("rb") as packed:
        content = zstandard.ZstdDecompressor().stream_reader(packed).read()
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        files = {member.name: member for member in archive.getmembers() if member.isfile()}

        def read(name: str) -> bytes:
            file = archive.extractfile(files[name])
            assert file is not None, name
            return file.read()

        rows = [json.loads(line) for line in read("manifest.jsonl").splitlines() if line.strip()]
        bodies = {row["file"]: read(row["file"]) for row in rows}
    return sorted((Step(datetime.fromisoformat(row["time"]), bodies[row["file"]]) for row in rows), key=lambda step: step.time)
