"""Defines Backfill, which drives a run over archives and is its only writer.

    sources ─► chunks from the stored position on ─► executor (in order) ─► one transaction per chunk: items, hits, stories, position

If a run is killed, the next one resumes with the first chunk whose transaction was not committed: no hit is lost or doubled.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.backfill.executors import ChunkExecutor
from bot.backfill.worker import ChunkResult, MatchJob
from bot.polling.ingest import IncomingItem, write_arrivals
from bot.polling.live_stories import LiveStories
from bot.store import Store
from bot.store.backfills import SourceProgress, read_progress, source_fingerprint, write_place
from bot.store.items import MatchedItem
from watchers.archives.chunk import BrokenRecord, Chunk
from watchers.archives.formats import chunks_of
from watchers.archives.source import ByteSource, UnreadableError


class PastStories(LiveStories):
    """All stored stories: an archive's items may join any of them."""

    def _since(self, now: datetime) -> datetime | None:  # noqa: ARG002  (all stories, at any time)
        return None


@dataclass(slots=True)
class BackfillCounts:
    """The counts of a run."""

    read: int = 0
    candidates: int = 0
    """Records that were parsed and matched because they may contain a watched name."""
    matched: int = 0
    """Items with a hit."""
    new: int = 0
    """Matched items that were not stored before."""
    hits: int = 0
    """Hits written."""
    size: int = 0
    """Bytes read (compressed bytes for sources that are read compressed)."""
    sources: int = 0
    known: int = 0
    """Sources that an earlier run read to the end with the same rules."""
    skipped: Counter[str] = field(default_factory=Counter)
    broken: list[BrokenRecord] = field(default_factory=list)
    broken_count: int = 0
    repaired: list[BrokenRecord] = field(default_factory=list)
    repaired_count: int = 0
    """Records that were read though something in them is wrong."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Sources that could not be read at all or to the end, with the reason."""
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def nothing_read(self) -> bool:
        """Whether there were sources, but none gave a record."""
        return not self.read and not self.known and bool(self.refused or self.broken_count)

    @property
    def mostly_broken(self) -> bool:
        """Whether more records were broken than could be read."""
        return self.broken_count > self.read - self.broken_count


@dataclass(frozen=True, slots=True)
class _RunStep:
    kind: Literal["chunk", "done", "refused"]
    source: ByteSource
    fingerprint: str
    reason: str = ""


class Backfill:
    """One run. If `store` is None, nothing is written (a dry run). Afterwards `counts` has the counts."""

    def __init__(
        self,
        job: MatchJob,
        executor: ChunkExecutor,
        store: Store | None,
        *,
        window: timedelta,
        origin: str = "backfill",
        archive_format: str = "",
    ) -> None:
        self._job, self._executor, self._store, self._archive_format, self._origin = job, executor, store, archive_format, origin
        self._key = job.key()
        self._columns = tuple(column for _, column in job.columns)
        self._stories = PastStories(window)
        self._steps: deque[_RunStep] = deque()
        self.counts = BackfillCounts()

    def run(
        self,
        sources: Iterable[tuple[ByteSource, str]],
        *,
        now: Callable[[], datetime],
        on_match: Callable[[MatchedItem], None] = lambda _item: None,
        on_progress: Callable[[BackfillCounts], None] = lambda _tally: None,
    ) -> BackfillCounts:
        """Reads all sources; returns the counts. `on_match` is called with each item that has a hit, in order."""
        for result in self._executor.results(self._chunks(sources)):
            self._finish_sources(now)
            step = self._steps.popleft()
            self._write_result(step, result, now())
            for matched_item in result.matched:
                on_match(matched_item)
            on_progress(self.counts)
        self._finish_sources(now)
        return self.counts

    def _chunks(self, sources: Iterable[tuple[ByteSource, str]]) -> Iterator[Chunk]:
        for source, problem in sources:
            self.counts.sources += 1
            if problem:
                self._steps.append(_RunStep("refused", source, "", problem))
                continue
            fingerprint = source_fingerprint(source)
            progress = read_progress(self._store, fingerprint, self._key) if self._store and fingerprint else SourceProgress((), done=False)
            if progress.done:
                self.counts.known += 1
                continue
            try:
                for chunk in chunks_of(source, progress.place, form=self._archive_format, own=self._columns):
                    self._steps.append(_RunStep("chunk", source, fingerprint))
                    yield chunk
            except (UnreadableError, OSError) as error:
                self._steps.append(_RunStep("refused", source, fingerprint, str(error)))
            except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
                # An unexpected error in one file must not end a run over thousands of files; it is reported.
                self._steps.append(_RunStep("refused", source, fingerprint, f"{type(error).__name__}: {error}"))
            else:
                self._steps.append(_RunStep("done", source, fingerprint))

    def _finish_sources(self, now: Callable[[], datetime]) -> None:
        """Records the sources that ended before the next result."""
        while self._steps and self._steps[0].kind != "chunk":
            step = self._steps.popleft()
            if step.kind == "refused":
                self.counts.refused.append((step.source.name, step.reason))
            elif self._store is not None:
                with self._store.atomic():
                    write_place(self._store, step.fingerprint, self._key, place=(), done=True, counts={}, now=now())

    def _write_result(self, step: _RunStep, result: ChunkResult, now: datetime) -> None:
        counts = self.counts
        written_items = written_hits = 0
        if self._store is not None:
            chunk_counts = {"read": result.read, "matched": len(result.matched), "broken": result.broken_count}
            with self._store.atomic():
                result_ids = write_arrivals(
                    self._store, [IncomingItem(item, baseline=True) for item in result.matched], feed=None, now=now, stories=self._stories,
                    plan_deliveries=None, origin=self._origin,
                )  # fmt: skip
                write_place(self._store, step.fingerprint, self._key, place=result.next, done=False, counts=chunk_counts, now=now)
            self._stories.mark_committed()
            written_items, written_hits = len(result_ids.items), len(result_ids.hits)
        counts.read += result.read
        counts.candidates += result.candidates
        counts.matched += len(result.matched)
        counts.new += written_items
        counts.hits += written_hits
        counts.size += result.size
        counts.skipped += result.skipped
        counts.missed += result.missed
        counts.broken_count += result.broken_count
        counts.repaired_count += result.repaired_count
        counts.repaired += result.repaired[: max(0, 1_000 - len(counts.repaired))]
        counts.broken += result.broken[: max(0, 1_000 - len(counts.broken))]
