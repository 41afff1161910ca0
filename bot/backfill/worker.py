"""Defines the work of one chunk, done in any process: bytes → items that may hit → matches; what hits comes back.

Everything here pickles. A worker compiles the rules once for a job and keeps them.
"""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from threading import Lock
from typing import Any

from bot.i18n.reasons import english
from bot.store.items import MatchedItem
from seeds.load import Seeds
from watchers.archives.byte_filter import prescan_of
from watchers.archives.chunk import BrokenRecord, Chunk, Place, ReadOptions
from watchers.archives.formats import read_chunk
from watchers.match.matcher import Matcher
from watchers.match.result import Match
from watchers.models.item import Item
from watchers.state.identity import identities

_REMEMBERED = 5_000
"""Matches kept by a worker for items that come again."""


@dataclass(frozen=True, slots=True)
class MatchJob:
    """What holds for every chunk of a run. `key` tells jobs apart where workers live longer than one."""

    seeds: Seeds
    salience: float
    languages: tuple[str, ...]
    spacy_model: str
    now: datetime
    columns: tuple[tuple[str, str], ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    explain: bool = False
    """Count what the rules missed narrowly, for the report."""

    def key(self) -> str:
        """Changes with the rules and everything else that changes what comes out."""
        said = repr((
            sorted((id_, rule.model_dump_json()) for id_, rule in self.seeds.rules.items()),
            sorted((id_, entity.model_dump_json()) for id_, entity in self.seeds.entities.items()),
            sorted((id_, one.model_dump_json()) for id_, one in self.seeds.events.items()),
            self.salience, self.languages, self.spacy_model, self.columns, self.since, self.until,
        ))  # fmt: skip
        return blake2b(said.encode(), digest_size=12).hexdigest()


@dataclass(slots=True)
class ChunkResult:
    """What a chunk gave: the items with hits, and counts."""

    name: str
    next: Place
    found: list[MatchedItem] = field(default_factory=list)
    read: int = 0
    candidates: int = 0
    size: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    broken: list[BrokenRecord] = field(default_factory=list)
    broken_count: int = 0
    missed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(rule, what was missing): how many items missed it by this alone."""


class Worker:
    """The compiled rules of a job."""

    def __init__(self, job: MatchJob) -> None:
        self.job = job
        self._matcher = Matcher(job.seeds, salience=job.salience, languages=job.languages, spacy_model=job.spacy_model)
        self._matched: dict[bytes, Match] = {}
        self._reading = ReadOptions(job.now, prescan_of(job.seeds), dict(job.columns), job.since, job.until)
        # What was compiled stays as long as the worker: looking through it for garbage again and again took a sixth of matching.
        gc.collect()
        gc.freeze()

    def do(self, chunk: Chunk) -> ChunkResult:
        """Reads and matches a chunk."""
        haul = read_chunk(chunk, self._reading)
        result = ChunkResult(
            chunk.name, chunk.next, read=haul.read, candidates=len(haul.items), size=haul.size, skipped=haul.skipped, broken=haul.broken,
            broken_count=haul.broken_count,
        )  # fmt: skip
        keys = identities(haul.items)
        for item, some in zip(haul.items, keys, strict=True):
            try:
                match = self._match(item)
            except Exception as error:  # one text that nobody foresaw must not end a run over millions; it is told
                result.broken_count += 1
                said = f"{item.url or item.guid or item.title[:60]}: matching failed: {type(error).__name__}: {error}"
                result.broken.append(BrokenRecord(chunk.name, chunk.start, said))
                continue
            if match.hits:
                result.found.append(MatchedItem(item, some, match))
            for miss in match.misses:
                if len(miss.reasons) == 1 and match.mentions:
                    result.missed[miss.rule, english(miss.reasons)[0]] += 1
        return result

    def _match(self, item: Item) -> Match:
        """The match of an item; a feed saved at each poll lists the same items hundreds of times."""
        source = item.feed.partition("!")[0]
        told = "\x1f".join((source, item.lang, item.title, item.summary, item.text, str(item.published), str(item.sponsored)))
        mark = blake2b(told.encode("utf-8", "replace"), digest_size=16).digest()
        match = self._matched.get(mark)
        if match is None:
            match = self._matcher.match(item, explain=self.job.explain, all_events=False)
            if len(self._matched) >= _REMEMBERED:
                self._matched.clear()
            self._matched[mark] = match
        return match


_workers: dict[str, Worker] = {}
_one_at_a_time = Lock()
"""A cluster's worker may have several threads; neither the scanner's scratch space nor what is remembered is made for two at once."""


def start_worker(job: MatchJob) -> None:
    """Compiles the rules ahead, so that the first chunk does not wait."""
    worker_of(job.key(), job)


def worker_of(key: str, job: MatchJob) -> Worker:
    """The worker of this process for a job; one is kept."""
    if key not in _workers:
        _workers.clear()
        gc.unfreeze()
        _workers[key] = Worker(job)
    return _workers[key]


def process_chunk(key: str, chunk: Chunk, job: Any = None) -> ChunkResult:
    """The task of a process pool, whose processes were started with the job, or of a cluster, which hands it along."""
    with _one_at_a_time:
        worker = _workers.get(key)
        if worker is None:
            worker = worker_of(key, job)
        return worker.do(chunk)
