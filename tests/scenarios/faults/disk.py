"""Defines small_disk: a real file system that can be filled and emptied, for tests of the full and the read-only disk.

A tmpfs of its own where the user may mount one (root, mostly in containers and CI); elsewhere the tests that need it are skipped.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE = 16 * 1024 * 1024
"""Bytes. Forty lives that are all killed leave a write-ahead log of 5 MB, and it must not be that which fills the disk."""


class NoDiskError(Exception):
    """This user may not mount a file system."""


@dataclass(frozen=True)
class Disk:
    """A mounted folder."""

    folder: Path

    @contextmanager
    def filled(self, *, leave: int = 0) -> Iterator[None]:
        """Inside, the disk has `leave` bytes free."""
        filler = self.folder / "filler"
        try:
            self._fill(filler, leave)
            yield
        finally:
            filler.unlink(missing_ok=True)

    @contextmanager
    def read_only(self) -> Iterator[None]:
        """Inside, nothing can be written. No file of it may be open when it begins."""
        _mount("-o", "remount,ro", str(self.folder))
        try:
            yield
        finally:
            _mount("-o", "remount,rw", str(self.folder))

    @staticmethod
    def _fill(filler: Path, leave: int) -> None:
        block = bytes(4096)
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(block) == len(block):
                    pass
            except OSError:  # full
                pass
            file.truncate(max(0, file.tell() - leave))


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A disk of SIZE bytes at `folder`. Raises NoDiskError where one may not be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder))
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def _mount(*arguments: str) -> None:
    try:
        subprocess.run(["mount", *arguments], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoDiskError(str(error)) from error
