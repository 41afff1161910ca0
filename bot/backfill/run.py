"""Defines Backfill: drives a run over archives and is its one writer.

    sources ─► chunks from where the last run stopped ─► crew (in order) ─► one transaction a chunk: items, hits, stories, place

Killed at any moment, the next run goes on with the first chunk whose transaction did not commit: no hit is lost or doubled.
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
    """The stories of the whole past: an archive's items may join any of them."""

    def _since(self, now: datetime) -> datetime | None:  # noqa: ARG002  (of no moment)
        return None


@dataclass(slots=True)
class BackfillCounts:
    """What a run came to."""

    read: int = 0
    candidates: int = 0
    """Records that were parsed and matched, because a watched name may stand in them."""
    matched: int = 0
    """Items with a hit."""
    new: int = 0
    """Of these, items that were not known yet."""
    hits: int = 0
    """Hits written."""
    size: int = 0
    """Bytes read (packed ones where they were read packed)."""
    sources: int = 0
    known: int = 0
    """Sources that an earlier run had read to the end with the same rules."""
    skipped: Counter[str] = field(default_factory=Counter)
    broken: list[BrokenRecord] = field(default_factory=list)
    broken_count: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Sources of which nothing, or not the rest, could be read, with the reason."""
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def nothing_read(self) -> bool:
        """True where no source gave a record, though there were sources."""
        return not self.read and not self.known and bool(self.refused or self.broken_count)

    @property
    def mostly_broken(self) -> bool:
        """True where more records were broken than could be read."""
        return self.broken_count > self.read - self.broken_count


@dataclass(frozen=True, slots=True)
class _Step:
    kind: Literal["chunk", "done", "refused"]
    source: ByteSource
    mark: str
    reason: str = ""


class Backfill:
    """One run. `store` None: nothing is written (a dry run)."""

    def __init__(
        self, job: MatchJob, crew: ChunkExecutor, store: Store | None, *, window: timedelta, origin: str = "backfill", form: str = ""
    ) -> None:
        self._job, self._crew, self._store, self._form, self._origin = job, crew, store, form, origin
        self._key = job.key()
        self._columns = tuple(column for _, column in job.columns)
        self._stories = PastStories(window)
        self._steps: deque[_Step] = deque()
        self.tally = BackfillCounts()

    def run(
        self,
        sources: Iterable[tuple[ByteSource, str]],
        *,
        now: Callable[[], datetime],
        on_found: Callable[[MatchedItem], None] = lambda _found: None,
        on_progress: Callable[[BackfillCounts], None] = lambda _tally: None,
    ) -> BackfillCounts:
        """Reads everything; gives what it came to. `on_found` hears of each item with a hit, in order."""
        for result in self._crew.results(self._chunks(sources)):
            self._settle(now)
            step = self._steps.popleft()
            self._take(step, result, now())
            for found in result.found:
                on_found(found)
            on_progress(self.tally)
        self._settle(now)
        return self.tally

    def _chunks(self, sources: Iterable[tuple[ByteSource, str]]) -> Iterator[Chunk]:
        for source, wrong in sources:
            self.tally.sources += 1
            if wrong:
                self._steps.append(_Step("refused", source, "", wrong))
                continue
            mark = source_fingerprint(source)
            before = read_progress(self._store, mark, self._key) if self._store and mark else SourceProgress((), done=False)
            if before.done:
                self.tally.known += 1
                continue
            try:
                for chunk in chunks_of(source, before.place, form=self._form, own=self._columns):
                    self._steps.append(_Step("chunk", source, mark))
                    yield chunk
            except (UnreadableError, OSError) as error:
                self._steps.append(_Step("refused", source, mark, str(error)))
            except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
                # A shape that no format expected must not end a run over thousands of files; it is told.
                self._steps.append(_Step("refused", source, mark, f"{type(error).__name__}: {error}"))
            else:
                self._steps.append(_Step("done", source, mark))

    def _settle(self, now: Callable[[], datetime]) -> None:
        """Notes the ends of sources that lie before the next result."""
        while self._steps and self._steps[0].kind != "chunk":
            step = self._steps.popleft()
            if step.kind == "refused":
                self.tally.refused.append((step.source.name, step.reason))
            elif self._store is not None:
                with self._store.atomic():
                    write_place(self._store, step.mark, self._key, place=(), done=True, counts={}, now=now())

    def _take(self, step: _Step, result: ChunkResult, now: datetime) -> None:
        tally = self.tally
        written_items = written_hits = 0
        if self._store is not None:
            counts = {"read": result.read, "matched": len(result.found), "broken": result.broken_count}
            with self._store.atomic():
                written = write_arrivals(
                    self._store, [IncomingItem(item, baseline=True) for item in result.found], feed=None, now=now, stories=self._stories,
                    plan_deliveries=None, origin=self._origin,
                )  # fmt: skip
                write_place(self._store, step.mark, self._key, place=result.next, done=False, counts=counts, now=now)
            self._stories.mark_committed()
            written_items, written_hits = len(written.items), len(written.hits)
        tally.read += result.read
        tally.candidates += result.candidates
        tally.matched += len(result.found)
        tally.new += written_items
        tally.hits += written_hits
        tally.size += result.size
        tally.skipped += result.skipped
        tally.missed += result.missed
        tally.broken_count += result.broken_count
        tally.broken += result.broken[: max(0, 1_000 - len(tally.broken))]
